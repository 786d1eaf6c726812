//! What is forgotten because it is old: events and lines of the ledger.

use super::row::Time;
use super::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::params;

/// How many rows are forgotten in one transaction: others wait for it.
const AT_ONCE: u32 = 2000;

/// For each schedule its newest line, and the one that is one too many: looks into
/// the primary key, however long the ledger is.
const FORGET: &str = "\
    DELETE FROM slots WHERE (schedule, slot) IN (
        SELECT line.schedule, line.slot
        FROM (
            SELECT id,
                (SELECT max(slot) FROM slots WHERE schedule = id) AS newest,
                (SELECT slot FROM slots WHERE schedule = id ORDER BY slot DESC LIMIT 1 OFFSET ?2) AS surplus
            FROM schedules
        ) AS bound JOIN slots AS line ON line.schedule = bound.id
            AND line.slot < min(bound.newest, max(coalesce(bound.surplus + 1, ?1), ?1))
        WHERE line.last < ?1 OR line.slot <= bound.surplus
        LIMIT ?3
    )";

impl Store {
    /// Forgets events from before an instant, some thousands at most; `true`
    /// when there may be more. The newest stays, for its number.
    pub async fn forget_events(&self, before: DateTime<Utc>) -> Result<bool, StoreError> {
        self.write(move |db| {
            let gone = db
                .prepare_cached(
                    "DELETE FROM events WHERE seq IN (SELECT seq FROM events ORDER BY seq LIMIT ?1) \
                     AND at < ?2 AND seq < (SELECT max(seq) FROM events) \
                     AND seq <= coalesce((SELECT min(heard) FROM hooks), seq)",
                )?
                .execute(params![AT_ONCE, Time(before)])?;
            Ok(gone >= AT_ONCE as usize)
        })
        .await
    }

    /// Forgets lines of the ledger: those whose slots all lie before an instant,
    /// and of each schedule those beyond its newest `most`; some thousands at
    /// most, and `true` when there may be more. The newest line of each stays.
    pub async fn forget_slots(&self, before: DateTime<Utc>, most: u32) -> Result<bool, StoreError> {
        self.write(move |db| {
            let gone = db
                .prepare_cached(FORGET)?
                .execute(params![Time(before), most, AT_ONCE])?;
            Ok(gone >= AT_ONCE as usize)
        })
        .await
    }
}
