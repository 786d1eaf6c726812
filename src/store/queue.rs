//! The queue: which runs are let in, which may begin, and which are tried again.
//!
//! A decision about a run and what it rests on (how many others are active,
//! whether the same request came before, how long the queue is) are one
//! transaction, so two who ask at once get two different answers.

use super::attempts::{close_attempts, insert as insert_attempt};
use super::row::{Json, Time};
use super::slots::{self, MakeUp, Settlement};
use super::{Given, Store, StoreError, again, events, given, runs};
use crate::domain::ids::{Digest, RunId, TaskName};
use crate::domain::limits::Limits;
use crate::domain::retry::Overlap;
use crate::domain::run::{Attempt, Ended, Outcome, Run, RunState};
use crate::domain::schedule::Cause;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::json;

/// The active states, word for word as the index `runs_active` has them.
const ACTIVE: &str = "state IN ('building', 'starting', 'running', 'stopping')";

/// For each task the first of its queued runs that may begin by the clock. The
/// walk from task to task reads one row of the index each, however long the
/// queue is. Of equal priority, tasks with fewer active runs come first.
pub(super) const HEADS: &str = "\
    WITH RECURSIVE waiting (task) AS (
        SELECT min(task) FROM runs WHERE state = 'queued'
        UNION ALL
        SELECT (SELECT min(task) FROM runs WHERE state = 'queued' AND task > waiting.task)
        FROM waiting WHERE waiting.task IS NOT NULL
    )
    SELECT head.id FROM waiting JOIN runs AS head ON head.id = (
        SELECT id FROM runs WHERE state = 'queued' AND task = waiting.task
            AND (not_before IS NULL OR not_before <= ?1)
        ORDER BY priority DESC, id LIMIT 1
    )
    ORDER BY head.priority DESC, (
        SELECT count(*) FROM runs WHERE task = head.task
            AND state IN ('building', 'starting', 'running', 'stopping')
    ), head.id";

/// What a new run must meet to be let in.
#[derive(Debug, Clone)]
pub struct Rules {
    /// What it does while others of its task are not over.
    pub overlap: Overlap,
    /// The key of the request that wants it.
    pub key: Option<RequestKey>,
    /// The most runs that may wait.
    pub queue_limit: u32,
    /// The most runs of one task that may wait.
    pub task_limit: u32,
    /// What a schedule makes it for.
    pub slot: Option<ForSlot>,
    /// It is [claimed](Store::claim) with the same commit, if its task's
    /// concurrency lets it: for a process that drives it itself.
    pub claim: bool,
    /// Secrets that came with the request, sealed.
    pub given: Vec<Given>,
    /// What it was sent by whoever started it.
    pub payload: Option<Vec<u8>>,
}

/// The slot of a schedule that a run is made for.
#[derive(Debug, Clone, PartialEq)]
pub enum ForSlot {
    /// One that is due.
    Due(Settlement),
    /// One that was missed.
    Missed(MakeUp),
}

/// What tells one request from another (the header `Idempotency-Key`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The key, made by whoever asks; unique per task for a day.
    pub key: String,
    /// What the request asks for: another request must not use the same key.
    pub request: Digest,
}

/// Whether a run was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It is queued.
    Queued,
    /// It is queued and claimed, as was asked.
    Claimed,
    /// The same request came before, and made this run.
    Replayed(RunId),
    /// Another request came with the same key, and made this run.
    KeyTaken(RunId),
    /// Its overlap policy is `skip`, and this run of its task is not over.
    Skipped(RunId),
    /// So many runs wait already that no more may.
    Full(u32),
    /// So many runs of its task wait already that no more of it may.
    TaskFull(u32),
    /// Its slot is decided already, or the schedule has changed since.
    Settled,
}

/// What there is for runs to begin with.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Runs that may be active at once.
    pub slots: u32,
    /// Memory of all active runs together, bytes.
    pub memory: u64,
}

/// Whether a queued run may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is `building` now; the caller, who has its lock, drives it.
    Taken,
    /// As many of its task are active as may be.
    TaskBusy,
    /// All slots or all memory are in use.
    NoRoom,
    /// It is not queued any more, or its time has not come.
    Gone,
}

impl Store {
    /// Lets a new run in or says why not, and tells of it (`run.queued`).
    ///
    /// # Errors
    /// `Conflict` when the run is there already, or is not `queued`.
    pub async fn admit(&self, run: &Run, rules: &Rules) -> Result<Admission, StoreError> {
        let (run, rules) = (run.clone(), rules.clone());
        self.write(move |db| admit(db, &run, &rules)).await
    }

    /// The queued runs to try next, in order: one of each task at most.
    pub async fn queue_heads(&self, now: DateTime<Utc>) -> Result<Vec<RunId>, StoreError> {
        self.read(move |db| {
            let mut find = db.prepare_cached(HEADS)?;
            let found = find.query_map([Time(now)], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// When the next queued run that waits for a moment may begin.
    pub async fn queue_wakes(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(move |db| {
            let find =
                "SELECT min(not_before) FROM runs WHERE state = 'queued' AND not_before > ?1";
            let found: Option<Time> = db
                .prepare_cached(find)?
                .query_row([Time(now)], |row| row.get(0))?;
            Ok(found.map(|at| at.0))
        })
        .await
    }

    /// Lets a queued run begin if there is room; without `room` only its own
    /// task's concurrency counts.
    pub async fn claim(
        &self,
        id: RunId,
        room: Option<Room>,
        now: DateTime<Utc>,
    ) -> Result<Claim, StoreError> {
        self.write(move |db| claim(db, id, room, now)).await
    }

    /// Ends an attempt but not its run, which is queued again until
    /// `not_before`; tells of it (`run.retrying`). `false`, and nothing changed,
    /// when the run is over or somebody asked to stop it. An attempt that never
    /// came to have a row gets one.
    pub async fn retry(
        &self,
        attempt: &Attempt,
        ended: &Ended,
        not_before: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (attempt, ended) = (attempt.clone(), ended.clone());
        self.write(move |db| {
            let run = runs::get(db, attempt.id.run)?;
            if run.cancel_requested_at.is_some() || !run.state.may_become(RunState::Queued) {
                return Ok(false);
            }
            let known = "SELECT 1 FROM attempts WHERE run = ?1 AND number = ?2";
            let mut known = db.prepare_cached(known)?;
            if !known.exists(params![attempt.id.run, attempt.id.number])? {
                insert_attempt(db, &attempt)?;
            }
            let (number, at) = (attempt.id.number, Utc::now());
            close_attempts(
                db,
                run.id,
                Some(number),
                (&ended, &attempt.measurements, at),
            )?;
            db.prepare_cached("UPDATE runs SET state = 'queued', not_before = ?2 WHERE id = ?1")?
                .execute(params![run.id, Time(not_before)])?;
            let payload = json!({
                "task": run.task,
                "attempt": number,
                "outcome": ended.outcome,
                "exit_code": ended.exit_code,
                "reason": ended.reason,
                "not_before": not_before,
            });
            events::tell(db, at, "run.retrying", run.id, payload)?;
            Ok(true)
        })
        .await
    }
}

/// [`Store::admit`] inside a transaction. Whether a run is made for a slot, and
/// why not, goes into the ledger with it.
pub(super) fn admit(db: &Connection, run: &Run, rules: &Rules) -> Result<Admission, StoreError> {
    let due = match &rules.slot {
        None => return let_in(db, run, rules),
        Some(ForSlot::Missed(missed)) => return make_up(db, run, (rules, missed)),
        Some(ForSlot::Due(due)) => due,
    };
    if !slots::is_open(db, due)? {
        return Ok(Admission::Settled);
    }
    if slots::is_decided(db, due)? {
        slots::settle(db, due, None)?;
        return Ok(Admission::Settled);
    }
    let answer = let_in(db, run, rules)?;
    let outcome = match &answer {
        Admission::Queued | Admission::Claimed => Ok(run.id),
        Admission::Skipped(other) => {
            let detail = format!("run {} is not over", other.short());
            Err((Cause::Overlap, detail))
        }
        Admission::Full(waiting) => Err((Cause::QueueFull, format!("{waiting} runs wait"))),
        Admission::TaskFull(waiting) => {
            Err((Cause::QueueFull, format!("{waiting} runs of the task wait")))
        }
        // Runs of schedules have no key, and a slot is settled further down.
        Admission::Replayed(_) | Admission::KeyTaken(_) | Admission::Settled => return Ok(answer),
    };
    slots::settle(db, due, Some(outcome))?;
    Ok(answer)
}

/// Makes a run for a slot that was missed.
fn make_up(
    db: &Connection,
    run: &Run,
    (rules, missed): (&Rules, &MakeUp),
) -> Result<Admission, StoreError> {
    if !slots::take_missed(db, missed)? {
        return Ok(Admission::Settled);
    }
    let answer = let_in(db, run, rules)?;
    if matches!(answer, Admission::Queued | Admission::Claimed) {
        let made = (run.id, missed.late_ms, run.created_at);
        slots::ran(db, missed.schedule, missed.line.last, made)?;
        return Ok(answer);
    }
    // Nothing was made, so nothing is taken: the savepoint goes.
    Err(StoreError::Conflict(match answer {
        Admission::Full(waiting) => format!("{waiting} runs wait already: try again later"),
        Admission::TaskFull(waiting) => {
            format!("{waiting} runs of the task wait already: try again later")
        }
        _ => "other runs of the task are not over".to_owned(),
    }))
}

fn let_in(db: &Connection, run: &Run, rules: &Rules) -> Result<Admission, StoreError> {
    if run.state != RunState::Queued {
        return Err(StoreError::Conflict(format!(
            "run {} cannot begin as {}: a new run is queued",
            run.id, run.state
        )));
    }
    if let Some(key) = &rules.key
        && let Some(answer) = again::answer(db, &run.task, key, run.created_at)?
    {
        return Ok(answer);
    }
    let waiting: u32 = db
        .prepare_cached("SELECT count(*) FROM runs WHERE state = 'queued'")?
        .query_row([], |row| row.get(0))?;
    if waiting >= rules.queue_limit {
        return Ok(Admission::Full(waiting));
    }
    let waiting: u32 = db
        .prepare_cached("SELECT count(*) FROM runs WHERE state = 'queued' AND task = ?1")?
        .query_row([&run.task], |row| row.get(0))?;
    if waiting >= rules.task_limit {
        return Ok(Admission::TaskFull(waiting));
    }
    let at_once = run.concurrency.unwrap_or(1) as usize;
    if matches!(rules.overlap, Overlap::Skip | Overlap::Replace) {
        let live = live(db, &run.task)?;
        let surplus = (live.len() + 1).saturating_sub(at_once);
        for id in &live[..surplus.min(live.len())] {
            if rules.overlap == Overlap::Skip {
                return Ok(Admission::Skipped(*id));
            }
            cancel(db, *id, run.created_at)?;
        }
    }
    runs::insert(db, run)?;
    given::keep(db, run.id, &rules.given, run.created_at)?;
    if let Some(payload) = &rules.payload {
        super::triggers::keep(db, run.id, payload)?;
    }
    if let Some(key) = &rules.key {
        again::remember(db, run, key)?;
    }
    let payload = json!({ "task": run.task, "trigger": run.trigger });
    events::tell(db, run.created_at, "run.queued", run.id, payload)?;
    if rules.claim && claim(db, run.id, None, run.created_at)? == Claim::Taken {
        return Ok(Admission::Claimed);
    }
    Ok(Admission::Queued)
}

/// Runs of a task that are not over, oldest first.
fn live(db: &Connection, task: &TaskName) -> Result<Vec<RunId>, StoreError> {
    let find = format!(
        "SELECT id FROM runs WHERE task = ?1 AND state = 'queued' \
         UNION ALL SELECT id FROM runs WHERE task = ?1 AND {ACTIVE} ORDER BY 1"
    );
    let mut find = db.prepare_cached(&find)?;
    let found = find.query_map([task], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Notes that a run shall stop. One that waits, and that nobody has begun, is
/// over at once. `false` when it was over before.
pub(super) fn cancel(db: &Connection, id: RunId, at: DateTime<Utc>) -> Result<bool, StoreError> {
    let state = runs::state(db, id)?;
    if state == RunState::Finished {
        return Ok(false);
    }
    let set =
        "UPDATE runs SET cancel_requested_at = coalesce(cancel_requested_at, ?2) WHERE id = ?1";
    db.prepare_cached(set)?.execute(params![id, Time(at)])?;
    let open = "SELECT 1 FROM attempts WHERE run = ?1 AND outcome IS NULL";
    if state == RunState::Queued && !db.prepare_cached(open)?.exists([id])? {
        let ended = Ended::because(Outcome::Cancelled, "cancelled before it started");
        super::attempts::close_run(db, id, &ended, at)?;
    }
    Ok(true)
}

fn claim(
    db: &Connection,
    id: RunId,
    room: Option<Room>,
    now: DateTime<Utc>,
) -> Result<Claim, StoreError> {
    let run = runs::get(db, id)?;
    if run.state != RunState::Queued || run.not_before.is_some_and(|at| at > now) {
        return Ok(Claim::Gone);
    }
    if let Some(most) = run.concurrency {
        let count = format!("SELECT count(*) FROM runs WHERE task = ?1 AND {ACTIVE}");
        let active: u32 = db
            .prepare_cached(&count)?
            .query_row([&run.task], |row| row.get(0))?;
        if active >= most {
            return Ok(Claim::TaskBusy);
        }
    }
    if let Some(room) = room
        && !fits(db, &run.limits, room)?
    {
        return Ok(Claim::NoRoom);
    }
    runs::step(db, id, RunState::Building)?;
    Ok(Claim::Taken)
}

/// Whether a run fits beside the active ones. One that is greater than all the
/// memory there is runs alone.
fn fits(db: &Connection, limits: &Limits, room: Room) -> Result<bool, StoreError> {
    let mut find = db.prepare_cached(&format!("SELECT limits FROM runs WHERE {ACTIVE}"))?;
    let active = find.query_map([], |row| Ok(row.get::<_, Json<Limits>>(0)?.0.memory.0))?;
    let (mut count, mut memory) = (0, limits.memory.0);
    for used in active {
        count += 1;
        memory = memory.saturating_add(used?);
    }
    Ok(count < room.slots && (count == 0 || memory <= room.memory))
}
