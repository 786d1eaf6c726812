//! Triggers as rows, and what runs were sent.

use super::audit::note;
use super::row::{Json, Time};
use super::{Store, StoreError};
use crate::domain::audit::Note;
use crate::domain::ids::{Digest, RunId};
use crate::domain::trigger::{Trigger, TriggerName, TriggerSpec};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A trigger, and the digest of its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerRow {
    /// The trigger.
    pub trigger: Trigger,
    /// The digest; none where callers sign.
    pub token: Option<Digest>,
}

fn row(row: &Row<'_>) -> rusqlite::Result<TriggerRow> {
    Ok(TriggerRow {
        trigger: Trigger {
            name: row.get("name")?,
            spec: row.get::<_, Json<TriggerSpec>>("spec")?.0,
            created_at: row.get::<_, Time>("created_at")?.0,
            used_at: row.get::<_, Option<Time>>("used_at")?.map(|at| at.0),
        },
        token: row.get("token")?,
    })
}

/// Keeps what a new run was sent.
pub(super) fn keep(db: &Connection, run: RunId, payload: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO run_payloads (run, payload) VALUES (?1, ?2)")?
        .execute(params![run, payload])?;
    Ok(())
}

impl Store {
    /// What a run was sent by whoever started it.
    pub async fn payload(&self, run: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(move |db| {
            let mut find = db.prepare_cached("SELECT payload FROM run_payloads WHERE run = ?1")?;
            Ok(find.query_row([run], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// Every trigger, by name.
    pub async fn triggers(&self) -> Result<Vec<TriggerRow>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached("SELECT * FROM triggers ORDER BY name")?;
            let found = find.query_map([], row)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// One trigger.
    pub async fn trigger(&self, name: &TriggerName) -> Result<Option<TriggerRow>, StoreError> {
        let name = name.clone();
        self.read(move |db| {
            let mut find = db.prepare_cached("SELECT * FROM triggers WHERE name = ?1")?;
            Ok(find.query_row([name], row).optional()?)
        })
        .await
    }

    /// Saves a trigger with the digest of its token; the time it was made stays.
    pub async fn put_trigger(
        &self,
        name: &TriggerName,
        (spec, token): (TriggerSpec, Option<Digest>),
        (what, at): (Note, DateTime<Utc>),
    ) -> Result<(), StoreError> {
        let name = name.clone();
        self.write(move |db| {
            db.prepare_cached(
                "INSERT INTO triggers (name, spec, token, created_at) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT DO UPDATE SET spec = excluded.spec, token = excluded.token",
            )?
            .execute(params![name, Json(&spec), token, Time(at)])?;
            note(db, what, at)
        })
        .await
    }

    /// Removes a trigger; `false` when there is none.
    pub async fn remove_trigger(
        &self,
        name: &TriggerName,
        (what, at): (Note, DateTime<Utc>),
    ) -> Result<bool, StoreError> {
        let name = name.clone();
        self.write(move |db| {
            let remove = "DELETE FROM triggers WHERE name = ?1";
            let removed = db.prepare_cached(remove)?.execute([name])? > 0;
            if removed {
                note(db, what, at)?;
            }
            Ok(removed)
        })
        .await
    }

    /// Notes that a trigger started a run.
    pub async fn use_trigger(
        &self,
        name: &TriggerName,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let name = name.clone();
        self.write(move |db| {
            db.prepare_cached("UPDATE triggers SET used_at = ?2 WHERE name = ?1")?
                .execute(params![name, Time(at)])?;
            Ok(())
        })
        .await
    }
}
