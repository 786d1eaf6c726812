//! Runs: asked for, moved on, found and listed. How they end is in
//! [`super::attempts`], because that is one transaction with the attempt.

use super::filter::{RunFilter, list};
use super::row::{Json, Time};
use super::{Store, StoreError, events};
use crate::domain::ids::{Digest, RunId, TaskName};
use crate::domain::image::RunImage;
use crate::domain::run::{Run, RunState};
use chrono::{DateTime, Utc};
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const COLUMNS: &str = "id, task, \"trigger\", rerun_of, state, outcome, exit_code, reason, params, \
    args, limits, pinned_image, version, environment, lock, image, result, created_at, started_at, \
    finished_at, cancel_requested_at, on_disconnect, \"by\", priority, concurrency, retries, not_before, \
    schedule, scheduled_at, trial, pinned";

/// Runs by either end of their id. “g” sorts after every hex digit, so each range
/// is all that begins with the text.
pub(super) const FIND: &str = "\
    SELECT id FROM (SELECT id FROM runs WHERE id >= :text AND id < :text || 'g' ORDER BY id DESC LIMIT 10)
    UNION SELECT id FROM runs WHERE substr(id, 25) >= :text AND substr(id, 25) < :text || 'g'
    UNION SELECT id FROM runs WHERE tail >= :tail AND tail < :tail || 'g' AND substr(id, -length(:text)) = :text
    ORDER BY id DESC LIMIT 10";

impl Store {
    /// The run with this id.
    pub async fn run(&self, id: RunId) -> Result<Run, StoreError> {
        self.read(move |db| get(db, id)).await
    }

    /// Runs that a person may mean by `text`: their id begins or ends with it, or
    /// its last 8 digits begin with it. Newest first, at most 10; none for less
    /// than 4 hex digits. Capitals and hyphens do not matter.
    pub async fn find_runs(&self, text: &str) -> Result<Vec<RunId>, StoreError> {
        let text = text.trim().replace('-', "").to_ascii_lowercase();
        if !(4..=32).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(Vec::new());
        }
        let tail: String = text.chars().rev().take(8).collect();
        self.read(move |db| {
            let mut find = db.prepare_cached(FIND)?;
            let found = find.query_map(named_params! {":text": text, ":tail": tail}, |row| {
                row.get(0)
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Runs that pass the filter, newest first.
    pub async fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>, StoreError> {
        let Some((sql, values)) = list(filter) else {
            return Ok(Vec::new());
        };
        self.read(move |db| {
            let values: Vec<&dyn ToSql> = values.iter().map(|value| &**value as _).collect();
            let mut find = db.prepare_cached(&sql)?;
            let found = find.query_map(&*values, run)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Every run that is not finished, newest first.
    pub async fn active_runs(&self) -> Result<Vec<Run>, StoreError> {
        let live = |state: &RunState| *state != RunState::Finished;
        self.runs(&RunFilter {
            states: RunState::ALL.iter().copied().filter(live).collect(),
            limit: Some(u32::MAX),
            ..RunFilter::default()
        })
        .await
    }

    /// The newest run, of one task or of all.
    pub async fn last_run(&self, task: Option<&TaskName>) -> Result<Option<Run>, StoreError> {
        let filter = RunFilter {
            task: task.cloned(),
            limit: Some(1),
            ..RunFilter::default()
        };
        Ok(self.runs(&filter).await?.pop())
    }

    /// The newest run of each of these tasks, of those that ran; trials count as
    /// well if `trials`.
    pub async fn last_runs(
        &self,
        tasks: Vec<TaskName>,
        trials: bool,
    ) -> Result<BTreeMap<TaskName, Run>, StoreError> {
        self.read(move |db| {
            let mut find = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM runs WHERE task = ?1 AND trial <= ?2 ORDER BY id DESC LIMIT 1"
            ))?;
            let mut last = BTreeMap::new();
            for task in tasks {
                let newest = find.query_row(params![task, trials], run).optional()?;
                last.extend(newest.map(|run| (task, run)));
            }
            Ok(last)
        })
        .await
    }

    /// When a run last used each environment, by the lock it had then. Reads
    /// every run; for housekeeping.
    pub async fn last_uses(
        &self,
    ) -> Result<Vec<(Digest, Option<Digest>, DateTime<Utc>)>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached(
                "SELECT environment, lock, max(created_at) FROM runs \
                 WHERE environment IS NOT NULL GROUP BY environment, lock",
            )?;
            let found = find.query_map([], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<_, Time>(2)?.0))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Moves a run on, if it may go there from where it is now
    /// ([`RunState::may_become`]). `false` when it may not: somebody else moved
    /// it, so read it again.
    ///
    /// # Errors
    /// `Conflict` for `finished` and `queued`, which take an outcome: see
    /// [`Store::finish`] and [`Store::retry`].
    pub async fn advance(&self, id: RunId, to: RunState) -> Result<bool, StoreError> {
        self.write(move |db| {
            if matches!(to, RunState::Finished | RunState::Queued) {
                let what = format!("run {id} cannot become {to} without an outcome");
                return Err(StoreError::Conflict(what));
            }
            step(db, id, to)
        })
        .await
    }

    /// Notes what a run runs from.
    pub async fn set_image(&self, id: RunId, from: &RunImage) -> Result<(), StoreError> {
        let from = from.clone();
        self.write(move |db| {
            let changed = db
                .prepare_cached(
                    "UPDATE runs SET version = ?2, environment = ?3, lock = ?4, image = ?5 WHERE id = ?1",
                )?
                .execute(params![id, from.version, from.environment, from.lock, from.image])?;
            known(changed, id)
        })
        .await
    }

    /// Keeps a run whatever housekeeping thinks, or no longer. `false` when that was
    /// so already.
    pub async fn pin_run(&self, id: RunId, pinned: bool) -> Result<bool, StoreError> {
        self.write(move |db| {
            let before: bool = db
                .prepare_cached("SELECT pinned FROM runs WHERE id = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()?
                .ok_or_else(|| StoreError::not_found("run", &id))?;
            db.prepare_cached("UPDATE runs SET pinned = ?2 WHERE id = ?1")?
                .execute(params![id, pinned])?;
            Ok(before != pinned)
        })
        .await
    }

    /// Notes that a run shall stop; whoever drives it sees to that. One that
    /// nobody has begun is over at once. The first request's time stays. `false`
    /// when the run was finished already.
    pub async fn request_cancel(&self, id: RunId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.write(move |db| super::queue::cancel(db, id, at)).await
    }

    /// Whether somebody asked the run to stop.
    pub async fn cancel_requested(&self, id: RunId) -> Result<bool, StoreError> {
        self.read(move |db| {
            let find = "SELECT cancel_requested_at IS NOT NULL FROM runs WHERE id = ?1";
            let found = db.prepare_cached(find)?.query_row([id], |row| row.get(0));
            found
                .optional()?
                .ok_or_else(|| StoreError::not_found("run", &id))
        })
        .await
    }
}

pub(super) fn insert(db: &Connection, run: &Run) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO runs (id, task, \"trigger\", rerun_of, state, outcome, exit_code, reason, params, args, limits,
            pinned_image, version, environment, lock, image, result, created_at, started_at, finished_at,
            cancel_requested_at, on_disconnect, \"by\", priority, concurrency, retries, not_before, schedule,
            scheduled_at, trial, pinned)
         VALUES (:id, :task, :trigger, :rerun_of, :state, :outcome, :exit_code, :reason, :params, :args, :limits,
            :pinned_image, :version, :environment, :lock, :image, :result, :created_at, :started_at, :finished_at,
            :cancel_requested_at, :on_disconnect, :by, :priority, :concurrency, :retries, :not_before, :schedule,
            :scheduled_at, :trial, :pinned)",
    )?
    .execute(named_params! {
        ":id": run.id,
        ":task": run.task,
        ":trigger": run.trigger,
        ":rerun_of": run.rerun_of,
        ":state": run.state,
        ":outcome": run.outcome,
        ":exit_code": run.exit_code,
        ":reason": run.reason,
        ":params": Json(&run.params),
        ":args": Json(&run.args),
        ":limits": Json(run.limits),
        ":pinned_image": run.pinned_image,
        ":version": run.version,
        ":environment": run.environment,
        ":lock": run.lock,
        ":image": run.image,
        ":result": run.result.as_ref().map(Json),
        ":created_at": Time(run.created_at),
        ":started_at": run.started_at.map(Time),
        ":finished_at": run.finished_at.map(Time),
        ":cancel_requested_at": run.cancel_requested_at.map(Time),
        ":on_disconnect": run.on_disconnect,
        ":by": run.by,
        ":priority": run.priority,
        ":concurrency": run.concurrency,
        ":retries": Json(&run.retries),
        ":not_before": run.not_before.map(Time),
        ":schedule": run.schedule,
        ":scheduled_at": run.scheduled_at.map(Time),
        ":trial": run.trial,
        ":pinned": run.pinned,
    })?;
    Ok(())
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    let time = |name| Ok::<_, rusqlite::Error>(row.get::<_, Option<Time>>(name)?.map(|at| at.0));
    Ok(Run {
        id: row.get("id")?,
        task: row.get("task")?,
        trigger: row.get("trigger")?,
        rerun_of: row.get("rerun_of")?,
        trial: row.get("trial")?,
        pinned: row.get("pinned")?,
        state: row.get("state")?,
        outcome: row.get("outcome")?,
        exit_code: row.get("exit_code")?,
        reason: row.get("reason")?,
        params: row.get::<_, Json<_>>("params")?.0,
        args: row.get::<_, Json<_>>("args")?.0,
        limits: row.get::<_, Json<_>>("limits")?.0,
        pinned_image: row.get("pinned_image")?,
        version: row.get("version")?,
        environment: row.get("environment")?,
        lock: row.get("lock")?,
        image: row.get("image")?,
        result: row.get::<_, Option<Json<_>>>("result")?.map(|json| json.0),
        created_at: row.get::<_, Time>("created_at")?.0,
        started_at: time("started_at")?,
        finished_at: time("finished_at")?,
        cancel_requested_at: time("cancel_requested_at")?,
        on_disconnect: row.get("on_disconnect")?,
        by: row.get("by")?,
        priority: row.get("priority")?,
        concurrency: row.get("concurrency")?,
        retries: row.get::<_, Json<_>>("retries")?.0,
        not_before: time("not_before")?,
        schedule: row.get("schedule")?,
        scheduled_at: time("scheduled_at")?,
    })
}

pub(super) fn get(db: &Connection, id: RunId) -> Result<Run, StoreError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM runs WHERE id = ?1"))?
        .query_row([id], run)
        .optional()?
        .ok_or_else(|| StoreError::not_found("run", &id))
}

pub(super) fn state(db: &Connection, id: RunId) -> Result<RunState, StoreError> {
    db.prepare_cached("SELECT state FROM runs WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?
        .ok_or_else(|| StoreError::not_found("run", &id))
}

/// The guarded move, and its event; `to` is not `finished`. That it runs is told
/// with its attempt.
pub(super) fn step(db: &Connection, id: RunId, to: RunState) -> Result<bool, StoreError> {
    let (from, task): (RunState, TaskName) = db
        .prepare_cached("SELECT state, task FROM runs WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(|| StoreError::not_found("run", &id))?;
    if !from.may_become(to) {
        return Ok(false);
    }
    if matches!(
        to,
        RunState::Building | RunState::Starting | RunState::Stopping
    ) {
        let payload = json!({ "task": task });
        events::tell(db, Utc::now(), &format!("run.{to}"), id, payload)?;
    }
    db.prepare_cached("UPDATE runs SET state = ?2 WHERE id = ?1")?
        .execute(params![id, to])?;
    Ok(true)
}

fn known(changed: usize, id: RunId) -> Result<(), StoreError> {
    if changed == 0 {
        return Err(StoreError::not_found("run", &id));
    }
    Ok(())
}
