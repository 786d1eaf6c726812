//! Hooks as rows, and the one transaction that makes deliveries of events.

use super::audit::note;
use super::events;
use super::row::{Count, Json, Time};
use super::{Store, StoreError};
use crate::domain::audit::Note;
use crate::domain::hook::{Hook, HookEvent, HookName, HookSpec, Streak};
use crate::domain::ids::{RunId, TaskName};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};

const COLUMNS: &str = "id, name, spec, created_at, heard, failures, resting_until, reported_at, \
    (SELECT count(*) FROM deliveries WHERE hook = hooks.id AND delivery = 'waiting') AS waiting, \
    (SELECT count(*) FROM deliveries WHERE hook = hooks.id AND delivery = 'dead') AS dead";

/// A delivery to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelivery {
    /// What will tell it from others.
    pub id: String,
    /// The hook.
    pub hook: i64,
    /// What is told.
    pub event: HookEvent,
    /// When that happened.
    pub at: DateTime<Utc>,
    /// The task it is about.
    pub task: Option<TaskName>,
    /// The run it is about.
    pub run: Option<RunId>,
    /// The facts.
    pub data: Value,
}

/// What some events lead to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    /// How far each hook has heard: its number, from after which event, up to
    /// which.
    pub hooks: Vec<(i64, i64, i64)>,
    /// What is to be sent.
    pub deliveries: Vec<NewDelivery>,
    /// Rows of failures, as they are now.
    pub streaks: Vec<(i64, TaskName, Streak)>,
}

fn hook(row: &Row<'_>) -> rusqlite::Result<Hook> {
    let time = |name| Ok::<_, rusqlite::Error>(row.get::<_, Option<Time>>(name)?.map(|at| at.0));
    Ok(Hook {
        id: row.get("id")?,
        name: row.get("name")?,
        spec: row.get::<_, Json<HookSpec>>("spec")?.0,
        created_at: row.get::<_, Time>("created_at")?.0,
        heard: row.get("heard")?,
        failures: row.get("failures")?,
        resting_until: time("resting_until")?,
        reported_at: time("reported_at")?,
        waiting: row.get::<_, Count>("waiting")?.0,
        dead: row.get::<_, Count>("dead")?.0,
    })
}

impl Store {
    /// Every hook, by name.
    pub async fn hooks(&self) -> Result<Vec<Hook>, StoreError> {
        self.read(|db| {
            let find = format!("SELECT {COLUMNS} FROM hooks ORDER BY name");
            let mut find = db.prepare_cached(&find)?;
            let found = find.query_map([], hook)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Saves a hook; one that is new hears of what happens from now on. `true`
    /// when it is new. What rested because of what it was before rests no longer.
    pub async fn put_hook(
        &self,
        name: &HookName,
        spec: HookSpec,
        (what, at): (Note, DateTime<Utc>),
    ) -> Result<bool, StoreError> {
        let name = name.clone();
        self.write(move |db| {
            let find = "SELECT 1 FROM hooks WHERE name = ?1";
            let known = db.prepare_cached(find)?.exists([&name])?;
            db.prepare_cached(
                "INSERT INTO hooks (name, spec, created_at, heard) \
                 VALUES (?1, ?2, ?3, (SELECT coalesce(max(seq), 0) FROM events)) \
                 ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, failures = 0, resting_until = NULL",
            )?
            .execute(params![name, Json(&spec), Time(at)])?;
            note(db, what, at)?;
            let kind = match known {
                true => "hook.changed",
                false => "hook.created",
            };
            events::tell_of(db, at, kind, json!({ "hook": name }))?;
            Ok(!known)
        })
        .await
    }

    /// Removes a hook with its deliveries; `false` when there is none.
    pub async fn remove_hook(
        &self,
        name: &HookName,
        (what, at): (Note, DateTime<Utc>),
    ) -> Result<bool, StoreError> {
        let name = name.clone();
        self.write(move |db| {
            let remove = "DELETE FROM hooks WHERE name = ?1";
            let removed = db.prepare_cached(remove)?.execute([&name])? > 0;
            if removed {
                note(db, what, at)?;
                events::tell_of(db, at, "hook.deleted", json!({ "hook": name }))?;
            }
            Ok(removed)
        })
        .await
    }

    /// The row of failures of a task, as a hook was told of them.
    pub async fn streak(&self, hook: i64, task: &TaskName) -> Result<Streak, StoreError> {
        let task = task.clone();
        self.read(move |db| {
            let find = "SELECT streak FROM hook_streaks WHERE hook = ?1 AND task = ?2";
            let mut find = db.prepare_cached(find)?;
            let found = find.query_row(params![hook, task], |row| row.get::<_, Json<_>>(0));
            Ok(found.optional()?.map(|streak| streak.0).unwrap_or_default())
        })
        .await
    }

    /// Saves what events lead to, all at once. What a hook has heard already, by
    /// another process perhaps, leads to nothing a second time.
    pub async fn hear(&self, heard: Heard) -> Result<(), StoreError> {
        self.write(move |db| {
            let set = "UPDATE hooks SET heard = ?3 WHERE id = ?1 AND heard <= ?2";
            let mut late = Vec::new();
            for (hook, after, upto) in &heard.hooks {
                if db.prepare_cached(set)?.execute([hook, after, upto])? == 0 {
                    late.push(*hook);
                }
            }
            for new in heard
                .deliveries
                .iter()
                .filter(|new| !late.contains(&new.hook))
            {
                insert(db, new)?;
            }
            for (hook, task, streak) in &heard.streaks {
                if !late.contains(hook) {
                    let put = "INSERT INTO hook_streaks (hook, task, streak) VALUES (?1, ?2, ?3) \
                               ON CONFLICT DO UPDATE SET streak = excluded.streak";
                    db.prepare_cached(put)?
                        .execute(params![hook, task, Json(streak)])?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Saves the report of a time that ends at `until`, unless there is one.
    pub async fn put_report(
        &self,
        new: NewDelivery,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.write(move |db| {
            let set = "UPDATE hooks SET reported_at = ?2 WHERE id = ?1 \
                       AND coalesce(reported_at, 0) < ?2";
            let first = db
                .prepare_cached(set)?
                .execute(params![new.hook, Time(until)])?
                > 0;
            if first {
                insert(db, &new)?;
            }
            Ok(first)
        })
        .await
    }

    /// Leaves a receiver alone until then.
    pub async fn rest_hook(&self, hook: i64, until: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |db| {
            db.prepare_cached("UPDATE hooks SET resting_until = ?2 WHERE id = ?1")?
                .execute(params![hook, Time(until)])?;
            tell(db, hook, "hook.resting", None)
        })
        .await
    }

    /// Leaves a receiver alone no longer.
    pub async fn wake_hook(&self, hook: i64) -> Result<(), StoreError> {
        self.write(move |db| {
            db.prepare_cached("UPDATE hooks SET failures = 0, resting_until = NULL WHERE id = ?1")?
                .execute([hook])?;
            wake(db, hook)?;
            tell(db, hook, "hook.awake", None)
        })
        .await
    }
}

/// Tells of a hook, or of what became of a delivery of it. Of one that was removed
/// meanwhile nothing is told.
pub(super) fn tell(
    db: &Connection,
    hook: i64,
    kind: &str,
    delivery: Option<&str>,
) -> Result<(), StoreError> {
    let find = "SELECT name FROM hooks WHERE id = ?1";
    let name: Option<HookName> = db
        .prepare_cached(find)?
        .query_row([hook], |row| row.get(0))
        .optional()?;
    let Some(name) = name else { return Ok(()) };
    let mut payload = json!({ "hook": name });
    if let Some(id) = delivery {
        payload["delivery"] = id.into();
    }
    events::tell_of(db, Utc::now(), kind, payload)
}

/// Notes how a receiver was at a try: how many failed in a row because of it.
pub(super) fn health(db: &Connection, hook: i64, unwell: bool) -> Result<u32, StoreError> {
    let find = "SELECT failures FROM hooks WHERE id = ?1";
    let before: Option<u32> = db
        .prepare_cached(find)?
        .query_row([hook], |row| row.get(0))
        .optional()?;
    // One that was removed meanwhile is not asked again.
    let Some(before) = before else { return Ok(0) };
    let now = match unwell {
        true => before.saturating_add(1),
        false => 0,
    };
    if now != before {
        let set = "UPDATE hooks SET failures = ?2, resting_until = NULL WHERE id = ?1";
        db.prepare_cached(set)?.execute(params![hook, now])?;
        if now == 0 {
            wake(db, hook)?;
        }
    }
    Ok(now)
}

/// Whatever waits and was not refused may be sent at once.
fn wake(db: &Connection, hook: i64) -> Result<(), StoreError> {
    let wake = "UPDATE deliveries SET next_at = at WHERE hook = ?1 \
                AND delivery = 'waiting' AND next_at > at AND refusals = 0";
    db.prepare_cached(wake)?.execute([hook])?;
    Ok(())
}

fn insert(db: &Connection, new: &NewDelivery) -> Result<(), StoreError> {
    let lane = new.task.as_ref().map_or("", |task| task.as_str());
    // A hook that was removed meanwhile is told nothing.
    db.prepare_cached(
        "INSERT INTO deliveries (id, hook, lane, event, at, since, run, data, delivery, next_at) \
         SELECT ?1, id, ?3, ?4, ?5, ?5, ?6, ?7, 'waiting', ?5 FROM hooks WHERE id = ?2",
    )?
    .execute(params![
        new.id,
        new.hook,
        lane,
        new.event,
        Time(new.at),
        new.run,
        Json(&new.data)
    ])?;
    tell(db, new.hook, "hook.waiting", Some(&new.id))
}
