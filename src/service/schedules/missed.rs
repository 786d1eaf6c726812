//! “Run the missed ones”: slots that were missed get their run after all,
//! because somebody asks.

use super::{App, Error, claim, find, plan_of};
use crate::domain::ids::TaskName;
use crate::domain::run::Run;
use crate::domain::schedule::{Decision, LedgerEntry, ScheduleRow};
use crate::service::runs::{self, Submitted};
use crate::store::{ForSlot, LedgerFilter, MakeUp, Rules};
use chrono::{DateTime, TimeDelta, Utc};

/// How many missed slots are made up for in one go at most.
const MOST: u32 = 100;

/// Queues a run for each of the newest `n` missed slots of a schedule, newest
/// first; they wait for each other. `by` is who asks. Fewer runs when fewer were
/// missed.
///
/// # Errors
/// No such schedule; a task that cannot run; a full queue, after which the runs
/// that were made stay.
pub async fn make_up(
    app: &App,
    (task, key): (&TaskName, &str),
    n: u32,
    by: &str,
) -> Result<Vec<Run>, Error> {
    let now = Utc::now();
    let row = find(app, task, key).await?;
    let mut made = Vec::new();
    while made.len() < n.min(MOST) as usize {
        let filter = LedgerFilter {
            task: Some(task.clone()),
            schedule: Some(key.to_owned()),
            decisions: vec![Decision::Missed],
            limit: Some(1),
            ..LedgerFilter::default()
        };
        let Some(line) = app.store.ledger(&filter).await?.pop() else {
            break;
        };
        let (mut run, rules) = claim::order(app, &row, now, true)?;
        run.scheduled_at = Some(line.last);
        run.by = Some(by.to_owned());
        let missed = of_line(app, &row, line, now);
        let rules = Rules {
            slot: Some(ForSlot::Missed(missed)),
            ..rules
        };
        match runs::admit(app, run, &rules).await? {
            Submitted::Queued(run) | Submitted::Replayed(run) => made.push(run),
        }
    }
    Ok(made)
}

/// The last slot of a line, and what remains of the line without it.
fn of_line(app: &App, row: &ScheduleRow, line: LedgerEntry, now: DateTime<Utc>) -> MakeUp {
    let second = TimeDelta::seconds(1);
    let before = (line.count > 1).then(|| {
        let known = plan_of(app, row).ok();
        let newest = known.map(|plan| plan.newest(line.slot - second, line.last - second, 1));
        // The rule may be another one by now; then the first is what is known.
        let before = newest
            .and_then(|mut newest| newest.pop())
            .unwrap_or(line.slot);
        (before, line.count - 1)
    });
    MakeUp {
        schedule: row.id,
        late_ms: (now - line.last).num_milliseconds().max(0),
        before,
        line,
    }
}
