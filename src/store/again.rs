//! Requests that carry a key of their own, so that asking twice is asking once.

use super::StoreError;
use super::queue::{Admission, RequestKey};
use super::row::Time;
use crate::domain::ids::{Digest, RunId, TaskName};
use crate::domain::run::Run;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};

/// How long a request is remembered by its key.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// Remembers the run that a request made.
pub(super) fn remember(db: &Connection, run: &Run, key: &RequestKey) -> Result<(), StoreError> {
    let new = "INSERT INTO idempotency_keys (task, \"key\", request, run, at) VALUES (?1, ?2, ?3, ?4, ?5)";
    db.prepare_cached(new)?.execute(params![
        run.task,
        key.key,
        key.request,
        run.id,
        Time(run.created_at)
    ])?;
    Ok(())
}

/// The answer to a request whose key is known.
pub(super) fn answer(
    db: &Connection,
    task: &TaskName,
    key: &RequestKey,
    now: DateTime<Utc>,
) -> Result<Option<Admission>, StoreError> {
    db.prepare_cached("DELETE FROM idempotency_keys WHERE at < ?1")?
        .execute([Time(now - REMEMBERED)])?;
    let found: Option<(RunId, Digest)> = db
        .prepare_cached(
            "SELECT run, request FROM idempotency_keys WHERE task = ?1 AND \"key\" = ?2",
        )?
        .query_row(params![task, key.key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.map(|(run, request)| {
        if request == key.request {
            Admission::Replayed(run)
        } else {
            Admission::KeyTaken(run)
        }
    }))
}
