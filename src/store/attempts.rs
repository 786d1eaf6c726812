//! Attempts, and the one transaction that ends a run.

use super::row::{Count, Json, Time};
use super::{Store, StoreError, events, given, runs};
use crate::domain::ids::{AttemptId, ContainerId, RunId};
use crate::domain::measure::Measurements;
use crate::domain::run::{Artifact, Attempt, Ended, Outcome, RunState};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use serde_json::json;

const COLUMNS: &str = "run, number, container_name, container_id, nonce, deadline, intent, outcome, \
    exit_code, reason, measurements, created_at, started_at, finished_at";

/// What [`Store::finish`] ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A run, with whatever attempt of it is open; it may have none.
    Run(RunId),
    /// A run, by the attempt that decided it.
    Attempt(AttemptId),
}

impl From<RunId> for Ending {
    fn from(id: RunId) -> Self {
        Self::Run(id)
    }
}

impl From<AttemptId> for Ending {
    fn from(id: AttemptId) -> Self {
        Self::Attempt(id)
    }
}

impl Store {
    /// Saves a new attempt.
    ///
    /// # Errors
    /// `Conflict` when the number or the container's name is taken, or the run
    /// is not there.
    pub async fn insert_attempt(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let attempt = attempt.clone();
        self.write(move |db| insert(db, &attempt)).await
    }

    /// The attempts of a run, first to last.
    pub async fn attempts(&self, run: RunId) -> Result<Vec<Attempt>, StoreError> {
        self.read(move |db| {
            let find = format!("SELECT {COLUMNS} FROM attempts WHERE run = ?1 ORDER BY number");
            let mut find = db.prepare_cached(&find)?;
            Ok(find.query_map([run], attempt)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The attempt with this id.
    pub async fn attempt(&self, id: AttemptId) -> Result<Attempt, StoreError> {
        self.read(move |db| get(db, id)).await
    }

    /// Notes the container of an attempt. Until this is saved, its gate must not
    /// be sent a frame.
    pub async fn set_container(
        &self,
        id: AttemptId,
        container: &ContainerId,
    ) -> Result<(), StoreError> {
        let container = container.clone();
        self.write(move |db| {
            let set = "UPDATE attempts SET container_id = ?3 WHERE run = ?1 AND number = ?2";
            let changed = db
                .prepare_cached(set)?
                .execute(params![id.run, id.number, container])?;
            if changed == 0 {
                return Err(StoreError::not_found("attempt", &id));
            }
            Ok(())
        })
        .await
    }

    /// Forgets the container of an attempt in which user code did not begin, so
    /// that its absence is no riddle: another is going to take its place.
    pub async fn forget_container(&self, id: AttemptId) -> Result<(), StoreError> {
        self.write(move |db| {
            let set = "UPDATE attempts SET container_id = NULL WHERE run = ?1 AND number = ?2 \
                       AND started_at IS NULL";
            db.prepare_cached(set)?
                .execute(params![id.run, id.number])?;
            Ok(())
        })
        .await
    }

    /// Notes that user code may be running: the attempt and its run have started,
    /// the run is `running`, and `run.started` is told. What was measured until
    /// then is kept for whoever takes it over. `false`, and nothing changed, when
    /// the run may not become `running` from where it is.
    pub async fn set_attempt_started(
        &self,
        id: AttemptId,
        at: DateTime<Utc>,
        measured: &Measurements,
    ) -> Result<bool, StoreError> {
        let measured = *measured;
        self.write(move |db| {
            let open = get(db, id)?.outcome.is_none();
            if !open || !runs::step(db, id.run, RunState::Running)? {
                return Ok(false);
            }
            db.prepare_cached(
                "UPDATE attempts SET started_at = ?3, measurements = ?4 \
                 WHERE run = ?1 AND number = ?2",
            )?
            .execute(params![id.run, id.number, Time(at), Json(measured)])?;
            db.prepare_cached(
                "UPDATE runs SET started_at = coalesce(started_at, ?2) WHERE id = ?1",
            )?
            .execute(params![id.run, Time(at)])?;
            let task = runs::get(db, id.run)?.task;
            let payload = json!({ "task": task, "attempt": id.number });
            events::tell(db, at, "run.started", id.run, payload)?;
            Ok(true)
        })
        .await
    }

    /// Notes how an attempt shall end, before its container is told. The first
    /// intent wins; `true` when `intent` is the one that stands. `false` also
    /// when the attempt is over.
    pub async fn set_intent(&self, id: AttemptId, intent: Outcome) -> Result<bool, StoreError> {
        self.write(move |db| {
            let attempt = get(db, id)?;
            if attempt.outcome.is_some() || attempt.intent.is_some() {
                return Ok(attempt.outcome.is_none() && attempt.intent == Some(intent));
            }
            db.prepare_cached("UPDATE attempts SET intent = ?3 WHERE run = ?1 AND number = ?2")?
                .execute(params![id.run, id.number, intent])?;
            Ok(true)
        })
        .await
    }

    /// Ends a run, once: the run, its open attempts, its artifacts and the event
    /// `run.finished` are one transaction. `false`, and nothing changed, when the
    /// run or the attempt is over already. Measurements go to the attempt; a
    /// run that never had one keeps none.
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the parts of one end, and each has its own type"
    )]
    pub async fn finish(
        &self,
        which: impl Into<Ending>,
        ended: &Ended,
        measurements: &Measurements,
        artifacts: &[Artifact],
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (which, ended, measurements) = (which.into(), ended.clone(), *measurements);
        let artifacts = artifacts.to_vec();
        self.write(move |db| {
            let (run, number) = match which {
                Ending::Run(run) => (run, newest_open(db, run)?),
                Ending::Attempt(id) if get(db, id)?.outcome.is_some() => return Ok(false),
                Ending::Attempt(id) => (id.run, Some(id.number)),
            };
            if !runs::state(db, run)?.may_become(RunState::Finished) {
                return Ok(false);
            }
            close_attempts(db, run, number, (&ended, &measurements, at))?;
            for artifact in &artifacts {
                keep(db, run, artifact)?;
            }
            close_run(db, run, &ended, at)?;
            Ok(true)
        })
        .await
    }

    /// The files kept from a run, by path.
    pub async fn artifacts(&self, run: RunId) -> Result<Vec<Artifact>, StoreError> {
        self.read(move |db| {
            let find = "SELECT path, bytes, digest FROM artifacts WHERE run = ?1 ORDER BY path";
            let mut find = db.prepare_cached(find)?;
            let found = find.query_map([run], |row| {
                Ok(Artifact {
                    path: row.get("path")?,
                    bytes: row.get::<_, Count>("bytes")?.0,
                    digest: row.get("digest")?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}

pub(super) fn insert(db: &Connection, attempt: &Attempt) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO attempts (run, number, container_name, container_id, nonce, deadline, intent, outcome,
            exit_code, reason, measurements, created_at, started_at, finished_at)
         VALUES (:run, :number, :container_name, :container_id, :nonce, :deadline, :intent, :outcome,
            :exit_code, :reason, :measurements, :created_at, :started_at, :finished_at)",
    )?
    .execute(named_params! {
        ":run": attempt.id.run,
        ":number": attempt.id.number,
        ":container_name": attempt.container_name,
        ":container_id": attempt.container_id,
        ":nonce": attempt.nonce,
        ":deadline": attempt.deadline.map(Time),
        ":intent": attempt.intent,
        ":outcome": attempt.outcome,
        ":exit_code": attempt.exit_code,
        ":reason": attempt.reason,
        ":measurements": Json(attempt.measurements),
        ":created_at": Time(attempt.created_at),
        ":started_at": attempt.started_at.map(Time),
        ":finished_at": attempt.finished_at.map(Time),
    })?;
    Ok(())
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    let time = |name| Ok::<_, rusqlite::Error>(row.get::<_, Option<Time>>(name)?.map(|at| at.0));
    Ok(Attempt {
        id: AttemptId {
            run: row.get("run")?,
            number: row.get("number")?,
        },
        container_name: row.get("container_name")?,
        container_id: row.get("container_id")?,
        nonce: row.get("nonce")?,
        deadline: time("deadline")?,
        intent: row.get("intent")?,
        outcome: row.get("outcome")?,
        exit_code: row.get("exit_code")?,
        reason: row.get("reason")?,
        measurements: row.get::<_, Json<_>>("measurements")?.0,
        created_at: row.get::<_, Time>("created_at")?.0,
        started_at: time("started_at")?,
        finished_at: time("finished_at")?,
    })
}

fn get(db: &Connection, id: AttemptId) -> Result<Attempt, StoreError> {
    let find = format!("SELECT {COLUMNS} FROM attempts WHERE run = ?1 AND number = ?2");
    db.prepare_cached(&find)?
        .query_row(params![id.run, id.number], attempt)
        .optional()?
        .ok_or_else(|| StoreError::not_found("attempt", &id))
}

fn newest_open(db: &Connection, run: RunId) -> Result<Option<u32>, StoreError> {
    let find = "SELECT max(number) FROM attempts WHERE run = ?1 AND outcome IS NULL";
    Ok(db
        .prepare_cached(find)?
        .query_row([run], |row| row.get(0))?)
}

/// Ends every open attempt, so that no finished run has one; the measurements
/// are those of one.
pub(super) fn close_attempts(
    db: &Connection,
    run: RunId,
    measured: Option<u32>,
    (ended, measurements, at): (&Ended, &Measurements, DateTime<Utc>),
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE attempts SET measurements = ?3 WHERE run = ?1 AND number = ?2")?
        .execute(params![run, measured, Json(measurements)])?;
    db.prepare_cached(
        "UPDATE attempts SET outcome = ?2, exit_code = ?3, reason = ?4, finished_at = ?5 \
         WHERE run = ?1 AND outcome IS NULL",
    )?
    .execute(params![
        run,
        ended.outcome,
        ended.exit_code,
        ended.reason,
        Time(at)
    ])?;
    Ok(())
}

/// Ends a run whose attempts are closed, and tells of it.
pub(super) fn close_run(
    db: &Connection,
    run: RunId,
    ended: &Ended,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE runs SET state = 'finished', outcome = ?2, exit_code = ?3, reason = ?4, result = ?5, \
         finished_at = ?6, not_before = NULL WHERE id = ?1",
    )?
    .execute(params![
        run,
        ended.outcome,
        ended.exit_code,
        ended.reason,
        ended.result.as_ref().map(Json),
        Time(at)
    ])?;
    given::let_go(db, run)?;
    let over = runs::get(db, run)?;
    let payload = json!({
        "task": over.task,
        "trigger": over.trigger,
        "outcome": ended.outcome,
        "exit_code": ended.exit_code,
        "reason": ended.reason,
    });
    events::tell(db, at, "run.finished", run, payload)
}

/// A path named twice is one file: the last description of it stands.
fn keep(db: &Connection, run: RunId, artifact: &Artifact) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO artifacts (run, path, bytes, digest) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (run, path) DO UPDATE SET bytes = excluded.bytes, digest = excluded.digest",
    )?
    .execute(params![
        run,
        artifact.path,
        Count(artifact.bytes),
        artifact.digest
    ])?;
    Ok(())
}
