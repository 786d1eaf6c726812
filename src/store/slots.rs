//! The ledger of slots: each is decided once, in the transaction that makes its
//! run or says why there is none.

use super::row::{Count, Time};
use super::schedules::{Next, set_next};
use super::{Store, StoreError, events};
use crate::domain::ids::{RunId, TaskName};
use crate::domain::run::Run;
use crate::domain::schedule::{Cause, Decision, LedgerEntry, ScheduleId};
use chrono::{DateTime, Utc};
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

/// Slots that follow each other and get no run for the same cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The first.
    pub first: DateTime<Utc>,
    /// The last.
    pub last: DateTime<Utc>,
    /// How many.
    pub count: u64,
    /// Skipped or missed.
    pub decision: Decision,
    /// Why.
    pub cause: Cause,
    /// More about that, for people.
    pub detail: Option<String>,
}

/// What is decided about the slots of a schedule up to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The schedule.
    pub schedule: ScheduleId,
    /// Its next slot as it was when this was decided: somebody else has decided
    /// if it is another one now.
    pub expected: DateTime<Utc>,
    /// Whether it was paused when this was decided.
    pub paused: bool,
    /// Slots without a run, before `slot`.
    pub dropped: Vec<Dropped>,
    /// The slot that is to have a run.
    pub slot: Option<DateTime<Utc>>,
    /// How long after it was due, milliseconds.
    pub late_ms: i64,
    /// The slot after all of these, and when it is due.
    pub next: Next,
    /// When this is decided.
    pub at: DateTime<Utc>,
}

/// Which lines of the ledger to list.
#[derive(Debug, Clone, Default)]
pub struct LedgerFilter {
    /// Of this task.
    pub task: Option<TaskName>,
    /// Of the schedule with this key.
    pub schedule: Option<String>,
    /// With one of these ends; all if empty.
    pub decisions: Vec<Decision>,
    /// Slots before this instant: the last of the page before.
    pub before: Option<DateTime<Utc>>,
    /// Slots from this instant on.
    pub since: Option<DateTime<Utc>>,
    /// How many at most; none is 100.
    pub limit: Option<u32>,
}

impl Store {
    /// Decides slots that get no run. `false`, and nothing changed, when somebody
    /// else decided first.
    pub async fn settle(&self, settlement: &Settlement) -> Result<bool, StoreError> {
        let settlement = settlement.clone();
        self.write(move |db| {
            let open = is_open(db, &settlement)?;
            if open {
                settle(db, &settlement, None)?;
            }
            Ok(open)
        })
        .await
    }

    /// Lines of the ledger, newest slot first.
    pub async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<LedgerEntry>, StoreError> {
        let (sql, values) = query(filter);
        self.read(move |db| {
            let values: Vec<&dyn ToSql> = values.iter().map(|value| &**value as _).collect();
            let mut find = db.prepare_cached(&sql)?;
            let found = find.query_map(&*values, entry)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How long after its slot was due a run was queued, milliseconds; none when
    /// no schedule made it, or when that is forgotten.
    pub async fn late_ms(&self, run: &Run) -> Result<Option<i64>, StoreError> {
        let (Some(key), Some(slot)) = (run.schedule.clone(), run.scheduled_at) else {
            return Ok(None);
        };
        let task = run.task.clone();
        self.read(move |db| {
            let find = "SELECT late_ms FROM slots WHERE slot = ?3 AND schedule = \
                (SELECT id FROM schedules WHERE task = ?1 AND \"key\" = ?2)";
            let found = db
                .prepare_cached(find)?
                .query_row(params![task, key, Time(slot)], |row| row.get(0));
            Ok(found.optional()?.flatten())
        })
        .await
    }

    /// Forgets that slots after `now` were skipped or missed, and makes `next`
    /// the next one: the clock was ahead, and what has not come yet is not
    /// missed. Slots that have a run keep it, so none fires twice.
    pub async fn rewind_schedule(
        &self,
        id: ScheduleId,
        now: DateTime<Utc>,
        next: Next,
    ) -> Result<(), StoreError> {
        self.write(move |db| {
            let now = Time(now);
            db.prepare_cached("DELETE FROM slots WHERE schedule = ?1 AND slot > ?2 AND decision <> 'ran'")?
                .execute(params![id.0, now])?;
            // How many of these had come nobody needs to know to the last one.
            db.prepare_cached(
                "UPDATE slots SET last = ?2, count = max(1, CAST(count * (1.0 * (?2 - slot) / (last - slot)) AS INTEGER)) \
                 WHERE schedule = ?1 AND slot <= ?2 AND last > ?2",
            )?
            .execute(params![id.0, now])?;
            db.prepare_cached("UPDATE schedules SET last_slot = ?2 WHERE id = ?1")?
                .execute(params![id.0, now])?;
            set_next(db, id, next)
        })
        .await
    }
}

/// A slot that was missed and gets its run after all, as somebody asked.
#[derive(Debug, Clone, PartialEq)]
pub struct MakeUp {
    /// The schedule.
    pub schedule: ScheduleId,
    /// The line of the ledger that says so; the slot is the last of it.
    pub line: LedgerEntry,
    /// How long after the slot this is, milliseconds.
    pub late_ms: i64,
    /// The last slot before it in its line, and how many there are.
    pub before: Option<(DateTime<Utc>, u64)>,
}

/// Takes the last slot out of its line. `false` when the line is not there any
/// more.
pub(super) fn take_missed(db: &Connection, of: &MakeUp) -> Result<bool, StoreError> {
    let (id, first, last) = (of.schedule.0, Time(of.line.slot), Time(of.line.last));
    let changed = match of.before {
        None => db
            .prepare_cached(
                "DELETE FROM slots WHERE schedule = ?1 AND slot = ?2 AND last = ?3 AND decision = 'missed'",
            )?
            .execute(params![id, first, last])?,
        Some((before, count)) => db
            .prepare_cached(
                "UPDATE slots SET last = ?4, count = ?5 \
                 WHERE schedule = ?1 AND slot = ?2 AND last = ?3 AND decision = 'missed'",
            )?
            .execute(params![id, first, last, Time(before), Count(count)])?,
    };
    Ok(changed == 1)
}

/// Whether a settlement may still be made: nobody decided first, and a pause has
/// neither begun nor ended since.
pub(super) fn is_open(db: &Connection, of: &Settlement) -> Result<bool, StoreError> {
    let find = "SELECT next_slot = ?2 AND ((paused_at IS NOT NULL OR EXISTS (SELECT 1 FROM pause)) = ?3) \
        FROM schedules WHERE id = ?1 AND next_slot IS NOT NULL";
    let found: Option<bool> = db
        .prepare_cached(find)?
        .query_row(
            params![of.schedule.0, Time(of.expected), of.paused],
            |row| row.get(0),
        )
        .optional()?;
    Ok(found == Some(true))
}

/// Whether the slot of a settlement has its line in the ledger already, as it
/// may after the clock was put back.
pub(super) fn is_decided(db: &Connection, of: &Settlement) -> Result<bool, StoreError> {
    let Some(slot) = of.slot else {
        return Ok(false);
    };
    let find = "SELECT 1 FROM slots WHERE schedule = ?1 AND slot = ?2";
    Ok(db
        .prepare_cached(find)?
        .exists(params![of.schedule.0, Time(slot)])?)
}

/// Writes a settlement that [`is_open`] down. `outcome` is what became of its
/// slot: a run, or why there is none; `None` when there is no slot, or when it
/// was decided before.
pub(super) fn settle(
    db: &Connection,
    of: &Settlement,
    outcome: Option<Result<RunId, (Cause, String)>>,
) -> Result<(), StoreError> {
    drop_slots(db, of.schedule, &of.dropped, of.at)?;
    match (of.slot, outcome) {
        (Some(slot), Some(Ok(run))) => ran(db, of.schedule, slot, (run, of.late_ms, of.at))?,
        (Some(slot), Some(Err((cause, detail)))) => {
            let dropped = Dropped {
                first: slot,
                last: slot,
                count: 1,
                decision: Decision::Skipped,
                cause,
                detail: Some(detail),
            };
            drop_slots(db, of.schedule, &[dropped], of.at)?;
        }
        _ => {}
    }
    set_next(db, of.schedule, of.next)
}

pub(super) fn ran(
    db: &Connection,
    id: ScheduleId,
    slot: DateTime<Utc>,
    (run, late_ms, at): (RunId, i64, DateTime<Utc>),
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO slots (schedule, slot, last, count, decision, run, late_ms, at) \
         VALUES (?1, ?2, ?2, 1, 'ran', ?3, ?4, ?5)",
    )?
    .execute(params![id.0, Time(slot), run, late_ms, Time(at)])?;
    reach(db, id, slot)
}

/// Adds slots without a run: to the newest line, where that says the same, or as
/// a line of their own.
pub(super) fn drop_slots(
    db: &Connection,
    id: ScheduleId,
    dropped: &[Dropped],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    for one in dropped {
        let folded = db
            .prepare_cached(
                "UPDATE slots SET last = ?5, count = count + ?6, at = ?7 \
                 WHERE schedule = ?1 AND slot = (SELECT max(slot) FROM slots WHERE schedule = ?1) \
                 AND last < ?8 AND decision = ?2 AND cause = ?3 AND detail IS ?4",
            )?
            .execute(params![
                id.0,
                one.decision,
                one.cause,
                one.detail,
                Time(one.last),
                Count(one.count),
                Time(at),
                Time(one.first)
            ])?;
        let mut news = folded > 0;
        if folded == 0 {
            // A line that is there already (the clock was put back) stays.
            let added = db
                .prepare_cached(
                    "INSERT INTO slots (schedule, slot, last, count, decision, cause, detail, at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    id.0,
                    Time(one.first),
                    Time(one.last),
                    Count(one.count),
                    one.decision,
                    one.cause,
                    one.detail,
                    Time(at)
                ])?;
            news = added > 0;
        }
        // A pause is told once, not with every slot that falls into it.
        if news && !(folded > 0 && one.cause == Cause::Paused) {
            tell(db, id, one, at)?;
        }
        reach(db, id, one.last)?;
    }
    Ok(())
}

/// Tells of slots that get no run.
fn tell(
    db: &Connection,
    id: ScheduleId,
    of: &Dropped,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let find = "SELECT task, \"key\" FROM schedules WHERE id = ?1";
    let (task, key): (TaskName, String) = db
        .prepare_cached(find)?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let payload = json!({
        "task": task,
        "schedule": key,
        "slot": of.first,
        "last": of.last,
        "count": of.count,
        "cause": of.cause,
        "detail": of.detail,
    });
    events::tell_of(db, at, &format!("slot.{}", of.decision), payload)
}

/// Notes how far the slots of a schedule are decided.
fn reach(db: &Connection, id: ScheduleId, slot: DateTime<Utc>) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE schedules SET last_slot = max(coalesce(last_slot, ?2), ?2) WHERE id = ?1",
    )?
    .execute(params![id.0, Time(slot)])?;
    Ok(())
}

type Values = Vec<Box<dyn ToSql + Send>>;

/// The query of a list.
pub(super) fn query(filter: &LedgerFilter) -> (String, Values) {
    let mut values: Values = vec![Box::new(filter.limit.unwrap_or(100))];
    let mut wanted = String::new();
    let mut add = |clause: &str, value: Box<dyn ToSql + Send>| {
        values.push(value);
        wanted.push_str(&format!(" AND {clause} ?{}", values.len()));
    };
    if let Some(task) = &filter.task {
        add("schedules.task =", Box::new(task.clone()));
    }
    if let Some(key) = &filter.schedule {
        add("schedules.\"key\" =", Box::new(key.clone()));
    }
    if let Some(before) = filter.before {
        add("slots.slot <", Box::new(Time(before)));
    }
    if let Some(since) = filter.since {
        add("slots.last >=", Box::new(Time(since)));
    }
    if !filter.decisions.is_empty() {
        // Words of ours, so they may stand in the text.
        let words: Vec<String> = filter
            .decisions
            .iter()
            .map(|word| format!("'{word}'"))
            .collect();
        wanted.push_str(&format!(" AND slots.decision IN ({})", words.join(", ")));
    }
    let sql = format!(
        "SELECT {LINE} FROM slots JOIN schedules ON schedules.id = slots.schedule \
         LEFT JOIN attempts ON attempts.run = slots.run AND attempts.number = 1 \
         WHERE true{wanted} ORDER BY slots.slot DESC, slots.schedule LIMIT ?1"
    );
    (sql, values)
}

/// What [`entry`] reads; `attempts` is the first of the line's run.
pub(super) const LINE: &str = "\
    schedules.task, schedules.\"key\", slots.slot, slots.last, slots.count, slots.decision, \
    slots.cause, slots.detail, slots.run, slots.late_ms, slots.at, \
    slots.late_ms + json_extract(attempts.measurements, '$.first_line_ms')";

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    Ok(LedgerEntry {
        task: row.get(0)?,
        schedule: row.get(1)?,
        slot: row.get::<_, Time>(2)?.0,
        last: row.get::<_, Time>(3)?.0,
        count: row.get::<_, Count>(4)?.0,
        decision: row.get(5)?,
        cause: row.get(6)?,
        detail: row.get(7)?,
        run: row.get(8)?,
        late_ms: row.get(9)?,
        at: row.get::<_, Time>(10)?.0,
        output_late_ms: row.get(11)?,
    })
}
