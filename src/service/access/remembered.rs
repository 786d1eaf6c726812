//! Passwords that were right a short while ago, for scripts that send theirs
//! with every request and would have it hashed every time.
//!
//! Kept in memory only, as digests with a key that dies with the process. The
//! hash in the database is part of them, so a new password forgets the old one;
//! whether the user is still let in is asked every time all the same.

use crate::domain::ids::Digest;
use crate::domain::secret::Secret;
use crate::domain::token::same;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::Digest as _;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long one is remembered.
const LIFE: TimeDelta = TimeDelta::minutes(5);
/// How many are.
const ROOM: usize = 64;

type Recent = VecDeque<(DateTime<Utc>, Digest)>;

/// The memory.
pub(super) struct Remembered {
    key: [u8; 32],
    recent: Mutex<Recent>,
}

impl Remembered {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self {
            key,
            recent: Mutex::default(),
        }
    }

    /// Whether this password was right for this hash a short while ago.
    pub(super) fn holds(&self, password: &Secret, hash: &str, now: DateTime<Utc>) -> bool {
        let digest = self.digest(password, hash);
        let recent = self.recent(now);
        // All are compared, so that the time tells nothing.
        let found = recent.iter().filter(|(_, known)| same(known, &digest));
        found.count() > 0
    }

    /// This password was right for this hash.
    pub(super) fn add(&self, password: &Secret, hash: &str, now: DateTime<Utc>) {
        let digest = self.digest(password, hash);
        let mut recent = self.recent(now);
        if recent.len() == ROOM {
            recent.pop_front();
        }
        recent.push_back((now, digest));
    }

    fn recent(&self, now: DateTime<Utc>) -> MutexGuard<'_, Recent> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|(since, _)| now - *since < LIFE);
        recent
    }

    fn digest(&self, password: &Secret, hash: &str) -> Digest {
        let mut digest = sha2::Sha256::new();
        digest.update(self.key);
        // A hash of argon2 holds no such byte, so there is one way to split it.
        digest.update(hash.as_bytes());
        digest.update([0]);
        digest.update(password.reveal().as_bytes());
        Digest::from_hash(&digest.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_right_is_known_for_a_while() {
        let at = |minutes: i64| DateTime::from_timestamp(1_780_000_000 + minutes * 60, 0).unwrap();
        let memory = Remembered::new([7; 32]);
        let password = Secret::new("a password".into());
        assert!(!memory.holds(&password, "hash", at(0)));
        memory.add(&password, "hash", at(0));
        assert!(memory.holds(&password, "hash", at(4)));
        assert!(!memory.holds(&password, "other hash", at(4)));
        assert!(!memory.holds(&Secret::new("another".into()), "hash", at(4)));
        assert!(!memory.holds(&password, "hash", at(5)));
        for n in 0..200 {
            memory.add(&password, &n.to_string(), at(5));
        }
        assert_eq!(memory.recent(at(5)).len(), ROOM);
    }
}
