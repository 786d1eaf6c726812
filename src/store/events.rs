//! The outbox: what happened, in the order it was committed.

use super::row::{Json, Time};
use super::{Store, StoreError};
use crate::domain::event::Event;
use crate::domain::ids::RunId;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use serde_json::Value;
use tokio::sync::watch;

/// Tells of something that a run did or that was done to it, in the transaction
/// that makes it so.
pub(super) fn tell(
    db: &Connection,
    at: DateTime<Utc>,
    kind: &str,
    run: RunId,
    payload: Value,
) -> Result<(), StoreError> {
    insert(db, at, kind, (Some(run), payload))
}

fn insert(
    db: &Connection,
    at: DateTime<Utc>,
    kind: &str,
    (run, payload): (Option<RunId>, Value),
) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO events (at, kind, run, payload) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![Time(at), kind, run, Json(payload)])?;
    Ok(())
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        seq: row.get("seq")?,
        at: row.get::<_, Time>("at")?.0,
        kind: row.get("kind")?,
        run: row.get("run")?,
        payload: row.get::<_, Json<Value>>("payload")?.0,
    })
}

impl Store {
    /// Tells of something that is no change of a run, such as `task.changed`.
    pub async fn tell(&self, kind: &'static str, payload: Value) -> Result<(), StoreError> {
        self.write(move |db| insert(db, Utc::now(), kind, (None, payload)))
            .await
    }

    /// The number of the newest event; 0 when there was none.
    pub async fn last_event(&self) -> Result<i64, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached("SELECT coalesce(max(seq), 0) FROM events")?;
            Ok(find.query_row([], |row| row.get(0))?)
        })
        .await
    }

    /// A count that grows with each commit of this process: what was asked
    /// before may have another answer now. Other processes are not seen.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.0.writer.commits()
    }

    /// Events after the one numbered `after` (0 for all), oldest first, at most
    /// `limit`. Numbers only grow, and an event never appears behind one that
    /// was read already.
    pub async fn events(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.read(move |db| {
            let mut find = db.prepare_cached(
                "SELECT seq, at, kind, run, payload FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            )?;
            let found = find.query_map(params![after, limit], event)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}
