//! Decides about slots that are due, each once.
//!
//! Usually that is one slot, a moment late. After a time without the service, or
//! when the clock was put ahead, it is many; then the schedule's catch-up rule
//! says which of them get a run, and all the others are counted, not walked
//! over, and go into the ledger as missed.

use super::super::runs;
use super::{App, Error, plan_of};
use crate::domain::ids::RunId;
use crate::domain::retry::Overlap;
use crate::domain::run::{OnDisconnect, Run, Trigger};
use crate::domain::schedule::{CatchUp, Cause, Decision, ScheduleRow};
use crate::store::{Admission, Dropped, ForSlot, Rules, Settlement};
use crate::time::Plan;
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;

/// A slot so little late is on time, whatever the catch-up rule says.
const ON_TIME: TimeDelta = TimeDelta::minutes(1);
/// A clock that goes back by no more than this is left to come to where it was;
/// one that goes back further was wrong before (cronie draws the same line).
const WRONG: TimeDelta = TimeDelta::hours(3);
/// How many schedules are decided about in one go.
const BATCH: u32 = 1000;
/// How many of them at a time.
const AT_ONCE: usize = 64;
/// The longest text that the ledger keeps about a cause.
const DETAIL: usize = 500;

/// Decides about all slots that are due at `now`; the runs that were queued.
/// One schedule that cannot be decided about keeps no other from it.
///
/// # Errors
/// The last of the database's errors; what could be decided is.
pub async fn claim(app: &App, now: DateTime<Utc>) -> Result<Vec<RunId>, Error> {
    let all_paused = app.store.all_paused().await?.is_some();
    let mut made = Vec::new();
    let mut result = Ok(());
    // Many at a time, so that they share the database's commits.
    let due = futures::stream::iter(app.store.due_schedules(now, BATCH).await?);
    let mut decided = std::pin::pin!(
        due.map(|row| async move {
            let paused = all_paused || row.paused_at.is_some();
            (Box::pin(decide(app, &row, now, paused)).await, row)
        })
        .buffer_unordered(AT_ONCE)
    );
    while let Some((decision, row)) = decided.next().await {
        match decision {
            Ok(runs) => made.extend(runs),
            Err(error) => {
                let text = crate::domain::report(&error);
                tracing::error!(task = %row.task, schedule = row.key, error = text, "a slot could not be decided about");
                result = Err(error);
            }
        }
    }
    result.map(|()| made)
}

/// After the clock was put back: schedules that are decided far beyond `now` are
/// due again from `now` on, and what was said to be missed beyond it is
/// forgotten. Slots that had a run have none again.
///
/// # Errors
/// When the database fails.
pub async fn rewind(app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
    let ahead = app.store.schedules_ahead(now + WRONG).await?;
    for row in &ahead {
        // What cannot be understood comes back with the next change of its file.
        let plan = plan_of(app, row)
            .ok()
            .filter(|_| row.spec.enabled != Some(false));
        let next = plan.and_then(|plan| Some((plan.next(now)?, plan)));
        let next = next.map(|(slot, plan)| (slot, plan.due(slot)));
        app.store.rewind_schedule(row.id, now, next).await?;
        tracing::warn!(task = %row.task, schedule = row.key, "the clock was put back: due again from now on");
    }
    Ok(ahead.len())
}

async fn decide(
    app: &App,
    row: &ScheduleRow,
    now: DateTime<Utc>,
    paused: bool,
) -> Result<Vec<RunId>, Error> {
    let mut made = Vec::new();
    let Some(first) = row.next_slot else {
        return Ok(made);
    };
    let settlement = |expected, next| Settlement {
        schedule: row.id,
        expected,
        paused,
        dropped: Vec::new(),
        slot: None,
        late_ms: 0,
        next,
        at: now,
    };
    let plan = match plan_of(app, row) {
        Ok(plan) => plan,
        Err(fault) => {
            let refused = unfit(first, &fault);
            let given_up = Settlement {
                dropped: vec![refused],
                ..settlement(first, None)
            };
            app.store.settle(&given_up).await?;
            return Ok(made);
        }
    };
    let after = |slot| plan.next(slot).map(|next| (next, plan.due(next)));
    let backlog = Backlog::of(&plan, first, now);
    let kept = if paused {
        Vec::new()
    } else {
        backlog.kept(row)
    };
    let mut from = first;
    for (at, slot) in kept.iter().enumerate() {
        let due = Settlement {
            dropped: backlog.missed(row, from, Some(*slot)),
            slot: Some(*slot),
            late_ms: (now - plan.due(*slot)).num_milliseconds().max(0),
            ..settlement(from, after(*slot))
        };
        let next = due.next;
        made.extend(fire(app, row, due, at > 0).await?);
        let Some((next, _)) = next else {
            return Ok(made);
        };
        from = next;
    }
    if from <= backlog.last {
        let dropped = backlog.left(row, from, paused);
        let rest = Settlement {
            dropped,
            ..settlement(from, after(backlog.last))
        };
        app.store.settle(&rest).await?;
    }
    Ok(made)
}

/// The slots of a schedule that are due.
struct Backlog<'a> {
    plan: &'a Plan,
    /// Just before the first.
    before: DateTime<Utc>,
    last: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl<'a> Backlog<'a> {
    fn of(plan: &'a Plan, first: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let before = first - TimeDelta::seconds(1);
        // Only the newest can wait for its jitter: it is shorter than the time
        // between two slots.
        let newest = plan.newest(before, now, 2);
        let last = newest.into_iter().rev().find(|slot| plan.due(*slot) <= now);
        Self {
            plan,
            before,
            last: last.unwrap_or(first),
            now,
        }
    }

    /// Whether a slot is later than its schedule makes up for.
    fn too_late(&self, row: &ScheduleRow, slot: DateTime<Utc>) -> bool {
        let window = TimeDelta::from_std(row.spec.window()).unwrap_or(TimeDelta::MAX);
        self.now - self.plan.due(slot) > window.max(ON_TIME)
    }

    /// The slots that get a run, oldest first.
    fn kept(&self, row: &ScheduleRow) -> Vec<DateTime<Utc>> {
        let newest = self
            .plan
            .newest(self.before, self.last, row.spec.most().max(1) as usize);
        let on_time = |slot: &DateTime<Utc>| self.now - self.plan.due(*slot) <= ON_TIME;
        let fits = |slot: &DateTime<Utc>| match row.spec.catch_up.unwrap_or_default() {
            CatchUp::None => on_time(slot),
            CatchUp::Latest | CatchUp::All => !self.too_late(row, *slot),
        };
        newest.into_iter().filter(fits).collect()
    }

    /// All slots from `from` on, none of which gets a run.
    fn left(&self, row: &ScheduleRow, from: DateTime<Utc>, paused: bool) -> Vec<Dropped> {
        if paused {
            let why = (Decision::Skipped, Cause::Paused);
            return self.range(from, None, why).into_iter().collect();
        }
        self.missed(row, from, None)
    }

    /// The slots from `from` on, and before `to`, that nobody looked at in time.
    fn missed(
        &self,
        row: &ScheduleRow,
        from: DateTime<Utc>,
        to: Option<DateTime<Utc>>,
    ) -> Vec<Dropped> {
        if row.spec.catch_up == Some(CatchUp::None) {
            let cause = if to.is_some() {
                Cause::Superseded
            } else {
                Cause::NoCatchUp
            };
            return self
                .range(from, to, (Decision::Missed, cause))
                .into_iter()
                .collect();
        }
        let window = TimeDelta::from_std(row.spec.window()).unwrap_or(TimeDelta::MAX);
        // Where being too late begins; never, for an endless window.
        let edge = self.now.checked_sub_signed(window.max(ON_TIME));
        let edge = edge
            .and_then(|edge| self.plan.next(edge - TimeDelta::nanoseconds(1)))
            .filter(|edge| *edge > from);
        let Some(edge) = edge else {
            return self
                .range(from, to, (Decision::Missed, Cause::Superseded))
                .into_iter()
                .collect();
        };
        let end = to.map_or(edge, |to| to.min(edge));
        let late = if edge > self.last && to.is_none() {
            self.range(from, None, (Decision::Missed, Cause::TooLate))
        } else {
            self.range(from, Some(end), (Decision::Missed, Cause::TooLate))
        };
        let rest = (edge <= self.last && to.is_none_or(|to| edge < to))
            .then(|| self.range(edge, to, (Decision::Missed, Cause::Superseded)))
            .flatten();
        late.into_iter().chain(rest).collect()
    }

    /// The slots from `from` on, and before `to`.
    fn range(
        &self,
        from: DateTime<Utc>,
        to: Option<DateTime<Utc>>,
        (decision, cause): (Decision, Cause),
    ) -> Option<Dropped> {
        let second = TimeDelta::seconds(1);
        let (before, until) = (from - second, to.map_or(self.last, |to| to - second));
        let count = self.plan.count(before, until);
        let last = self.plan.newest(before, until, 1).pop()?;
        Some(Dropped {
            first: self.plan.next(before)?,
            last,
            count,
            decision,
            cause,
            detail: None,
        })
    }
}

/// Makes the run of a slot, or notes why there is none. Runs that make up for
/// missed ones wait for each other (`behind`) where they would be skipped.
async fn fire(
    app: &App,
    row: &ScheduleRow,
    due: Settlement,
    behind: bool,
) -> Result<Option<RunId>, Error> {
    let (slot, late_ms) = (due.slot, due.late_ms);
    let (run, rules) = match order(app, row, due.at, behind) {
        Ok((run, rules)) => (run, rules),
        Err(
            error @ (Error::Catalogue(_)
            | Error::Invalid(_)
            | Error::Fields(_)
            | Error::Conflict(_)
            | Error::NotFound(_)),
        ) => {
            let refused = slot.map(|slot| unfit(slot, &error));
            let mut due = due;
            due.slot = None;
            due.dropped.extend(refused);
            app.store.settle(&due).await?;
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let run = Run {
        scheduled_at: slot,
        created_at: due.at,
        ..run
    };
    let rules = Rules {
        slot: Some(ForSlot::Due(due)),
        ..rules
    };
    let admission = app.store.admit(&run, &rules).await?;
    if admission == Admission::Queued {
        tracing::debug!(run = %run.id, task = %run.task, schedule = row.key, late_ms, "a slot was due");
        app.live.wake();
        return Ok(Some(run.id));
    }
    Ok(None)
}

/// The run a schedule asks for, and the rules it must meet.
pub(super) fn order(
    app: &App,
    row: &ScheduleRow,
    now: DateTime<Utc>,
    behind: bool,
) -> Result<(Run, Rules), Error> {
    let task = runs::load(&app.catalogue, &row.task)?;
    let overlap = row
        .spec
        .overlap
        .or(task.manifest.overlap)
        .unwrap_or(Overlap::Skip);
    let overlap = match overlap {
        Overlap::Skip if behind => Overlap::Queue,
        overlap => overlap,
    };
    let mut request = runs::Request::new(row.task.clone());
    request.params.clone_from(&row.spec.params);
    request.trigger = Trigger::Schedule;
    request.on_disconnect = OnDisconnect::Continue;
    request.by = Some(format!("schedule:{}", row.key));
    request.overlap = Some(overlap);
    let (mut run, rules) = runs::prepare_of(app, &task, &request)?;
    run.schedule = Some(row.key.clone());
    run.created_at = now;
    Ok((run, rules))
}

/// A slot that could have no run, and why.
fn unfit(slot: DateTime<Utc>, error: &dyn std::error::Error) -> Dropped {
    let text = crate::domain::report(error);
    let end = text
        .char_indices()
        .nth(DETAIL)
        .map_or(text.len(), |(at, _)| at);
    Dropped {
        first: slot,
        last: slot,
        count: 1,
        decision: Decision::Skipped,
        cause: Cause::Unfit,
        detail: Some(text[..end].to_owned()),
    }
}
