//! What schedules remember: when they are due next, and whether they rest.

use super::row::{Json, Time};
use super::slots::{Dropped, LINE, drop_slots, entry};
use super::{Store, StoreError, events};
use crate::domain::ids::{Digest, TaskName};
use crate::domain::schedule::{LedgerEntry, Schedule, ScheduleId, ScheduleRow};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;
use std::collections::HashMap;

const COLUMNS: &str = "id, task, \"key\", spec, timezone, plan, next_slot, next_at, last_slot, \
    paused_at, problem, removed_at";

/// A slot and the instant at which it is due.
pub(super) type Next = Option<(DateTime<Utc>, DateTime<Utc>)>;

/// How a schedule differs from what the store remembers of it.
#[derive(Debug, Clone, PartialEq)]
pub enum ScheduleChange {
    /// It is new, was changed, or has returned.
    Put {
        /// The task.
        task: TaskName,
        /// Its key.
        key: String,
        /// What it says.
        spec: Box<Schedule>,
        /// The zone it is in.
        timezone: String,
        /// The digest of all that decides its slots.
        plan: Digest,
        /// The next slot and when that is due; `None` leaves it as it is.
        next: Option<Next>,
        /// Why it cannot be used.
        problem: Option<String>,
        /// Slots of what it was before, that nobody will look at any more.
        dropped: Option<Dropped>,
    },
    /// Its manifest does not name it any more.
    Remove {
        /// Which.
        id: ScheduleId,
        /// Slots that were due and that nobody will look at any more.
        dropped: Option<Dropped>,
    },
}

impl Store {
    /// The schedules that manifests name, by task and key.
    pub async fn schedules(&self) -> Result<Vec<ScheduleRow>, StoreError> {
        self.read(|db| {
            list(
                db,
                "SELECT {} FROM schedules WHERE removed_at IS NULL ORDER BY task, \"key\"",
                [],
            )
        })
        .await
    }

    /// One schedule, also one that was removed.
    pub async fn schedule(&self, task: &TaskName, key: &str) -> Result<ScheduleRow, StoreError> {
        let (task, key) = (task.clone(), key.to_owned());
        self.read(move |db| {
            let find = "SELECT {} FROM schedules WHERE task = ?1 AND \"key\" = ?2";
            let found = list(db, find, params![task, key])?.pop();
            found.ok_or_else(|| StoreError::not_found("schedule", &format!("{key} of {task}")))
        })
        .await
    }

    /// Schedules that are due, the longest due first, `limit` at most.
    pub async fn due_schedules(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ScheduleRow>, StoreError> {
        self.read(move |db| {
            let find = "SELECT {} FROM schedules WHERE next_at <= ?1 ORDER BY next_at, id LIMIT ?2";
            list(db, find, params![Time(now), limit])
        })
        .await
    }

    /// When the next schedule is due.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(|db| {
            let find = "SELECT min(next_at) FROM schedules WHERE next_at IS NOT NULL";
            let found: Option<Time> = db.prepare_cached(find)?.query_row([], |row| row.get(0))?;
            Ok(found.map(|at| at.0))
        })
        .await
    }

    /// Remembers what has changed, all or nothing.
    pub async fn change_schedules(
        &self,
        changes: Vec<ScheduleChange>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(move |db| changes.iter().try_for_each(|change| apply(db, change, at)))
            .await
    }

    /// Pauses a schedule, or lets it go on. The first pause's time stays. `false`
    /// when it was so already.
    ///
    /// # Errors
    /// `NotFound`, also for one that was removed.
    pub async fn pause_schedule(
        &self,
        id: ScheduleId,
        paused_at: Option<DateTime<Utc>>,
    ) -> Result<bool, StoreError> {
        self.write(move |db| {
            let find = "SELECT task, \"key\", paused_at IS NOT NULL FROM schedules \
                WHERE id = ?1 AND removed_at IS NULL";
            let found: Option<(TaskName, String, bool)> = db
                .prepare_cached(find)?
                .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            let (task, key, was) = found.ok_or_else(|| StoreError::not_found("schedule", &id.0))?;
            if was == paused_at.is_some() {
                return Ok(false);
            }
            db.prepare_cached("UPDATE schedules SET paused_at = ?2 WHERE id = ?1")?
                .execute(params![id.0, paused_at.map(Time)])?;
            let kind = match paused_at {
                Some(_) => "schedule.paused",
                None => "schedule.resumed",
            };
            let payload = json!({ "task": task, "schedule": key });
            events::tell_of(db, Utc::now(), kind, payload)?;
            Ok(true)
        })
        .await
    }

    /// Pauses all schedules, whatever each of them says, or ends that. `false`
    /// when it was so already.
    pub async fn pause_all(&self, paused_at: Option<DateTime<Utc>>) -> Result<bool, StoreError> {
        self.write(move |db| {
            let changed = match paused_at {
                Some(at) => db
                    .prepare_cached("INSERT INTO pause (only_row, paused_at) VALUES (1, ?1) ON CONFLICT DO NOTHING")?
                    .execute([Time(at)])?,
                None => db.execute("DELETE FROM pause", [])?,
            };
            if changed > 0 {
                let kind = match paused_at {
                    Some(_) => "schedule.all_paused",
                    None => "schedule.all_resumed",
                };
                events::tell_of(db, Utc::now(), kind, json!({}))?;
            }
            Ok(changed > 0)
        })
        .await
    }

    /// Since when all schedules are paused.
    pub async fn all_paused(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(|db| {
            let found = db
                .prepare_cached("SELECT paused_at FROM pause")?
                .query_row([], |row| row.get::<_, Time>(0))
                .optional()?;
            Ok(found.map(|at| at.0))
        })
        .await
    }

    /// The schedules whose last decided slot lies after an instant: what the
    /// clock was put back over.
    pub async fn schedules_ahead(&self, of: DateTime<Utc>) -> Result<Vec<ScheduleRow>, StoreError> {
        self.read(move |db| {
            let find = "SELECT {} FROM schedules WHERE last_slot > ?1 AND removed_at IS NULL";
            list(db, find, [Time(of)])
        })
        .await
    }

    /// The newest line of the ledger of each schedule that has one; of those of
    /// one task, if asked.
    pub async fn last_lines(
        &self,
        task: Option<&TaskName>,
    ) -> Result<HashMap<ScheduleId, LedgerEntry>, StoreError> {
        let task = task.cloned();
        self.read(move |db| {
            let find = format!(
                "SELECT {LINE}, schedules.id FROM schedules JOIN slots ON slots.schedule = schedules.id \
                 AND slots.slot = (SELECT max(slot) FROM slots WHERE schedule = schedules.id) \
                 LEFT JOIN attempts ON attempts.run = slots.run AND attempts.number = 1 \
                 WHERE schedules.removed_at IS NULL AND (?1 IS NULL OR schedules.task = ?1)"
            );
            let mut find = db.prepare_cached(&find)?;
            let found = find.query_map([task], |row| Ok((ScheduleId(row.get(12)?), entry(row)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn list(
    db: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<ScheduleRow>, StoreError> {
    let mut find = db.prepare_cached(&sql.replace("{}", COLUMNS))?;
    let found = find.query_map(values, schedule)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn schedule(row: &Row<'_>) -> rusqlite::Result<ScheduleRow> {
    let time = |name| Ok::<_, rusqlite::Error>(row.get::<_, Option<Time>>(name)?.map(|at| at.0));
    Ok(ScheduleRow {
        id: ScheduleId(row.get("id")?),
        task: row.get("task")?,
        key: row.get("key")?,
        spec: row.get::<_, Json<_>>("spec")?.0,
        timezone: row.get("timezone")?,
        plan: row.get("plan")?,
        next_slot: time("next_slot")?,
        next_at: time("next_at")?,
        last_slot: time("last_slot")?,
        paused_at: time("paused_at")?,
        problem: row.get("problem")?,
        removed_at: time("removed_at")?,
    })
}

fn apply(db: &Connection, change: &ScheduleChange, at: DateTime<Utc>) -> Result<(), StoreError> {
    match change {
        ScheduleChange::Remove { id, dropped } => {
            drop_slots(db, *id, dropped.as_slice(), at)?;
            db.prepare_cached(
                "UPDATE schedules SET removed_at = ?2, next_slot = NULL, next_at = NULL, paused_at = NULL \
                 WHERE id = ?1 AND removed_at IS NULL",
            )?
            .execute(params![id.0, Time(at)])?;
        }
        ScheduleChange::Put {
            task,
            key,
            spec,
            timezone,
            plan,
            next,
            problem,
            dropped,
        } => {
            db.prepare_cached(
                "INSERT INTO schedules (task, \"key\", spec, timezone, plan, problem, created_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (task, \"key\") DO UPDATE SET \
                 spec = ?3, timezone = ?4, plan = ?5, problem = ?6, removed_at = NULL",
            )?
            .execute(params![
                task,
                key,
                Json(spec),
                timezone,
                plan,
                problem,
                Time(at)
            ])?;
            let find = "SELECT id FROM schedules WHERE task = ?1 AND \"key\" = ?2";
            let id = db
                .prepare_cached(find)?
                .query_row(params![task, key], |row| row.get(0))?;
            drop_slots(db, ScheduleId(id), dropped.as_slice(), at)?;
            if let Some(next) = next {
                set_next(db, ScheduleId(id), *next)?;
            }
        }
    }
    Ok(())
}

/// Notes the next slot.
pub(super) fn set_next(db: &Connection, id: ScheduleId, next: Next) -> Result<(), StoreError> {
    let (slot, due) = next.unzip();
    db.prepare_cached("UPDATE schedules SET next_slot = ?2, next_at = ?3 WHERE id = ?1")?
        .execute(params![id.0, slot.map(Time), due.map(Time)])?;
    Ok(())
}
