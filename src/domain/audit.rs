//! The audit log: what was done, by whom, and whether it was allowed.
//!
//! Each entry holds the digest of the one before it, so that a changed, removed
//! or inserted entry breaks the chain from there on. Who owns the machine can
//! rewrite the whole of it; against them only a copy elsewhere helps, for which
//! the newest digest is enough.

use super::access::{Principal, Via};
use super::ids::Digest;
use super::run::words;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

words! {
    /// What became of an act.
    #[derive(schemars::JsonSchema)]
    Verdict {
        /// It was done.
        Done = "done",
        /// It was not allowed.
        Refused = "refused",
        /// It was allowed and did not succeed.
        Failed = "failed",
    }
}

/// Who did something, from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name: of a user, or `local` for the owner of the data folder. Of a
    /// failed sign-in, the name that was given.
    pub name: String,
    /// How they proved it; none of a failed sign-in.
    pub via: Option<Via>,
    /// Where they were, if not here.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// Somebody who proved who they are.
    #[must_use]
    pub fn of(principal: &Principal, address: Option<IpAddr>) -> Self {
        Self {
            name: principal.who.to_string(),
            via: Some(principal.via()),
            address,
        }
    }

    /// The service, by itself. No user can have this name.
    #[must_use]
    pub fn service() -> Self {
        Self {
            name: "the service".to_owned(),
            via: None,
            address: None,
        }
    }

    /// The owner of the data folder, at this machine.
    #[must_use]
    pub fn local() -> Self {
        Self::of(&Principal::local(), None)
    }
}

/// What is to be noted. Nothing in it may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Who.
    pub actor: Actor,
    /// What: `user.create`, `session.begin`, …
    pub action: &'static str,
    /// To what: a user's name, a token's id, a task.
    pub object: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// A few words for people.
    pub detail: Option<String>,
    /// The digest of the object before.
    pub before: Option<Digest>,
    /// The digest of the object after.
    pub after: Option<Digest>,
}

impl Note {
    /// Something that was done.
    #[must_use]
    pub fn done(actor: Actor, action: &'static str) -> Self {
        Self {
            actor,
            action,
            object: None,
            verdict: Verdict::Done,
            detail: None,
            before: None,
            after: None,
        }
    }

    /// To this object.
    #[must_use]
    pub fn on(mut self, object: impl fmt::Display) -> Self {
        self.object = Some(object.to_string());
        self
    }

    /// With this to say about it.
    #[must_use]
    pub fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// But this became of it.
    #[must_use]
    pub fn but(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict;
        self
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
pub struct Entry {
    /// Its place, from 1 without gaps.
    pub seq: i64,
    /// When it was noted, to the microsecond.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// How they proved it.
    pub via: Option<Via>,
    /// From where.
    pub address: Option<String>,
    /// What.
    pub action: String,
    /// To what.
    pub object: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// A few words for people.
    pub detail: Option<String>,
    /// The digest of the object before.
    pub before: Option<Digest>,
    /// The digest of the object after.
    pub after: Option<Digest>,
    /// The digest of the entry before; of the first, that of nothing.
    pub previous: Digest,
    /// The digest of all of the above.
    pub hash: Digest,
}

impl Entry {
    /// A note in its place after another entry, if there is one.
    #[must_use]
    pub fn after(last: Option<(i64, Digest)>, note: Note, at: DateTime<Utc>) -> Self {
        let (seq, previous) = last.unwrap_or_else(|| (0, Digest::of(b"")));
        let mut entry = Self {
            seq: seq + 1,
            at,
            actor: note.actor.name,
            via: note.actor.via,
            address: note.actor.address.map(|address| address.to_string()),
            action: note.action.to_owned(),
            object: note.object,
            verdict: note.verdict,
            detail: note.detail,
            before: note.before,
            after: note.after,
            previous,
            hash: Digest(String::new()),
        };
        entry.hash = entry.digest();
        entry
    }

    /// What is wrong with this entry in its place, if anything is.
    #[must_use]
    pub fn fault(&self, last: Option<&(i64, Digest)>) -> Option<String> {
        let (seq, previous) = match last {
            Some((seq, hash)) => (seq + 1, hash.clone()),
            None => (1, Digest::of(b"")),
        };
        if self.seq != seq {
            return Some(match self.seq - seq {
                1 => format!("entry {seq} is missing"),
                _ => format!("entries {seq} to {} are missing", self.seq - 1),
            });
        }
        if self.hash != self.digest() {
            return Some(format!("entry {seq} was changed"));
        }
        if self.previous != previous {
            return Some(format!(
                "entry {seq} does not follow from the one before it"
            ));
        }
        None
    }

    /// The digest of all but `hash`. A JSON array of texts has one spelling, so
    /// no two entries have the same.
    fn digest(&self) -> Digest {
        let digest = |digest: &Option<Digest>| digest.as_ref().map(|digest| digest.0.clone());
        let fields = [
            Some(self.seq.to_string()),
            Some(self.at.timestamp_micros().to_string()),
            Some(self.actor.clone()),
            self.via.map(|via| via.to_string()),
            self.address.clone(),
            Some(self.action.clone()),
            self.object.clone(),
            Some(self.verdict.to_string()),
            self.detail.clone(),
            digest(&self.before),
            digest(&self.after),
            Some(self.previous.0.clone()),
        ];
        Digest::of(serde_json::json!(fields).to_string().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chain(length: usize) -> Vec<Entry> {
        let mut chain: Vec<Entry> = Vec::new();
        for n in 0..length {
            let last = chain.last().map(|entry| (entry.seq, entry.hash.clone()));
            let note = Note::done(Actor::local(), "user.create")
                .on(format!("user{n}"))
                .saying("role viewer");
            let at = DateTime::from_timestamp(1_780_000_000 + n as i64, 0).unwrap();
            chain.push(Entry::after(last, note, at));
        }
        chain
    }

    fn first_fault(chain: &[Entry]) -> Option<(i64, String)> {
        let mut last = None;
        for entry in chain {
            if let Some(fault) = entry.fault(last.as_ref()) {
                return Some((entry.seq, fault));
            }
            last = Some((entry.seq, entry.hash.clone()));
        }
        None
    }

    /// Every way to change one field.
    const CHANGES: &[fn(&mut Entry)] = &[
        |e| e.at += chrono::TimeDelta::microseconds(1),
        |e| e.actor.push('x'),
        |e| e.via = None,
        |e| e.address = Some("10.0.0.1".into()),
        |e| e.action.push('x'),
        |e| e.object = None,
        |e| e.verdict = Verdict::Refused,
        |e| e.detail = Some("role admin".into()),
        |e| e.before = Some(Digest::of(b"x")),
        |e| e.after = Some(Digest::of(b"x")),
        |e| e.previous = Digest::of(b"x"),
        |e| e.hash = Digest::of(b"x"),
        // Moved from one field to another, with nothing lost.
        |e| {
            e.object = e.detail.take();
        },
    ];

    proptest! {
        #[test]
        fn a_change_is_found_where_it_is(at in 0usize..8, change in prop::sample::select(CHANGES)) {
            let mut chain = chain(8);
            prop_assert_eq!(first_fault(&chain), None);
            change(&mut chain[at]);
            prop_assert_eq!(first_fault(&chain).unwrap().0, chain[at].seq);
        }

        #[test]
        fn a_change_that_is_sealed_again_is_found_at_the_next(at in 0usize..7, change in prop::sample::select(&CHANGES[..10])) {
            let mut chain = chain(8);
            change(&mut chain[at]);
            chain[at].hash = chain[at].digest();
            prop_assert_eq!(first_fault(&chain).unwrap().0, chain[at + 1].seq);
        }

        #[test]
        fn what_is_taken_out_or_swapped_is_found(at in 0usize..7) {
            let mut chain = chain(8);
            let gone = chain.remove(at);
            let (seq, fault) = first_fault(&chain).unwrap();
            prop_assert_eq!(seq, gone.seq + 1);
            prop_assert!(fault.contains("missing"));
            chain.insert((at + 1).min(7), gone);
            prop_assert!(first_fault(&chain).is_some());
        }
    }
}
