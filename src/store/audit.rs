//! The audit log: only ever added to.

use super::row::Time;
use super::{Store, StoreError};
use crate::domain::audit::{Entry, Note};
use crate::domain::ids::Digest;
use chrono::{DateTime, SubsecRound as _, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

/// Which entries of the log to list.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only those before this one.
    pub before: Option<i64>,
    /// Only acts of this name.
    pub actor: Option<String>,
    /// At most so many; none is 100.
    pub limit: Option<u32>,
}

/// What became of reading the whole log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// How many entries are sound, from the first.
    pub sound: i64,
    /// The digest of the last sound entry.
    pub head: Option<Digest>,
    /// The first that is not, and what is wrong with it.
    pub broken: Option<(i64, String)>,
}

/// Adds to the log, in the transaction that does what is noted.
pub(super) fn note(db: &Connection, note: Note, at: DateTime<Utc>) -> Result<(), StoreError> {
    let last = db
        .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let entry = Entry::after(last, note, at.trunc_subsecs(6));
    db.prepare_cached(
        "INSERT INTO audit (seq, at, actor, via, address, action, object, verdict, detail, before, after, previous, hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        entry.seq,
        Time(entry.at),
        entry.actor,
        entry.via,
        entry.address,
        entry.action,
        entry.object,
        entry.verdict,
        entry.detail,
        entry.before,
        entry.after,
        entry.previous,
        entry.hash,
    ])?;
    // A copy elsewhere is what a chain is worth against who owns this machine.
    tracing::info!(
        target: "audit",
        seq = entry.seq,
        actor = entry.actor,
        action = entry.action,
        object = entry.object,
        verdict = entry.verdict.as_str(),
        hash = %entry.hash,
    );
    Ok(())
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        seq: row.get("seq")?,
        at: row.get::<_, Time>("at")?.0,
        actor: row.get("actor")?,
        via: row.get("via")?,
        address: row.get("address")?,
        action: row.get("action")?,
        object: row.get("object")?,
        verdict: row.get("verdict")?,
        detail: row.get("detail")?,
        before: row.get("before")?,
        after: row.get("after")?,
        previous: row.get("previous")?,
        hash: row.get("hash")?,
    })
}

impl Store {
    /// Notes something that changes nothing in the database by itself.
    pub async fn audit(&self, what: Note, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |db| note(db, what, at)).await
    }

    /// Entries of the log, newest first.
    pub async fn audit_entries(&self, filter: &AuditFilter) -> Result<Vec<Entry>, StoreError> {
        let filter = filter.clone();
        self.read(move |db| {
            let actor = filter.actor.as_ref().map_or("", |_| "actor = :actor AND");
            let mut find = db.prepare_cached(&format!(
                "SELECT * FROM audit WHERE {actor} seq < :before ORDER BY seq DESC LIMIT :limit"
            ))?;
            let before = filter.before.unwrap_or(i64::MAX);
            let limit = filter.limit.unwrap_or(100);
            let found = match &filter.actor {
                Some(actor) => find.query_map(
                    named_params! {":actor": actor, ":before": before, ":limit": limit},
                    entry,
                )?,
                None => {
                    find.query_map(named_params! {":before": before, ":limit": limit}, entry)?
                }
            };
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Reads the whole log and holds every entry against the one before it.
    /// About a second for 200,000 entries.
    pub async fn verify_audit(&self) -> Result<Audited, StoreError> {
        self.read(|db| {
            let mut all = db.prepare("SELECT * FROM audit ORDER BY seq")?;
            let mut rows = all.query([])?;
            let mut last = None;
            let mut broken = None;
            while let Some(row) = rows.next()? {
                let seq = row.get("seq")?;
                // A row that cannot even be read was not written by us.
                let fault = match entry(row) {
                    Ok(entry) => match entry.fault(last.as_ref()) {
                        Some(fault) => fault,
                        None => {
                            last = Some((entry.seq, entry.hash));
                            continue;
                        }
                    },
                    Err(error) => format!("entry {seq} was changed: {error}"),
                };
                broken = Some((seq, fault));
                break;
            }
            Ok(Audited {
                sound: last.as_ref().map_or(0, |(seq, _)| *seq),
                head: last.map(|(_, hash)| hash),
                broken,
            })
        })
        .await
    }

    /// The digest of one entry of the log, if it is there.
    pub async fn audit_hash(&self, seq: i64) -> Result<Option<Digest>, StoreError> {
        self.read(move |db| {
            let mut find = db.prepare_cached("SELECT hash FROM audit WHERE seq = ?1")?;
            Ok(find.query_row([seq], |row| row.get(0)).optional()?)
        })
        .await
    }
}
