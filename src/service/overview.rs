//! What a dashboard shows: how everything was lately, and what comes next.

use super::{App, Error, schedules};
use crate::domain::access::Principal;
use crate::domain::brief::Brief;
use crate::domain::ids::TaskName;
use crate::domain::run::{Outcome, RunState};
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Runs of one task that are told.
const LATELY: u32 = 30;
/// Days that are told.
const DAYS: i64 = 30;
/// Slots to come that are told.
const UPCOMING: usize = 8;

/// How everything was lately, and what comes next.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Overview {
    /// Every task that ever ran or has a schedule, by name.
    pub tasks: Vec<Lately>,
    /// The last 30 days, oldest first, also those without runs.
    pub days: Vec<Day>,
    /// The last 7 times 24 hours.
    pub week: Summary,
    /// The 7 times 24 hours before.
    pub week_before: Summary,
    /// Runs that wait.
    pub queued: u32,
    /// Runs that go on.
    pub running: u32,
    /// What comes next, soonest first; at most 8.
    pub upcoming: Vec<Upcoming>,
}

/// A task lately.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Lately {
    /// The task.
    pub task: TaskName,
    /// Its newest 30 runs, oldest first.
    pub runs: Vec<Brief>,
    /// When a schedule of it is due next.
    pub next: Option<DateTime<Utc>>,
}

/// Runs that were asked for in some time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "RunsSummary")]
pub struct Summary {
    /// All of them.
    pub runs: u32,
    /// Those that succeeded.
    pub succeeded: u32,
    /// Those that failed by themselves: by their code, their build or a limit.
    pub failed: u32,
    /// Half of those that succeeded took no longer, milliseconds.
    pub median_ms: Option<u64>,
    /// Of 20 that succeeded, 19 took no longer, milliseconds.
    pub p95_ms: Option<u64>,
}

/// A day of whoever asks.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Day {
    /// The day.
    pub day: NaiveDate,
    /// Its runs.
    #[serde(flatten)]
    pub summary: Summary,
}

/// A slot to come.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Upcoming {
    /// The task.
    pub task: TaskName,
    /// The schedule.
    pub schedule: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Looks at everything that somebody may see, with the days of their clock.
///
/// # Errors
/// When the database fails.
pub async fn show(
    app: &App,
    principal: &Principal,
    clock: FixedOffset,
    now: DateTime<Utc>,
) -> Result<Overview, Error> {
    let mut newest = app.store.newest_of_each(LATELY).await?;
    newest.retain(|run| principal.sees(&run.task));
    let mut since = app.store.briefs_since(now - TimeDelta::days(DAYS)).await?;
    since.retain(|run| principal.sees(&run.task));
    let mut active = app.store.active_runs().await?;
    active.retain(|run| principal.sees(&run.task));
    let queued = active.iter().filter(|run| run.state == RunState::Queued);
    let queued = u32::try_from(queued.count()).unwrap_or(u32::MAX);
    let upcoming = upcoming(app, principal).await?;
    let (week, before) = (TimeDelta::days(7), TimeDelta::days(14));
    let between = |from: DateTime<Utc>, to: DateTime<Utc>| {
        summary(
            since
                .iter()
                .filter(|run| run.created_at >= from && run.created_at < to),
        )
    };
    Ok(Overview {
        tasks: lately(newest, &upcoming),
        days: days(&since, clock, now),
        week: between(now - week, now),
        week_before: between(now - before, now - week),
        queued,
        running: u32::try_from(active.len()).unwrap_or(u32::MAX) - queued,
        upcoming: upcoming.into_iter().take(UPCOMING).collect(),
    })
}

async fn upcoming(app: &App, principal: &Principal) -> Result<Vec<Upcoming>, Error> {
    let all = schedules::list(app, None).await?.into_iter();
    let mut upcoming: Vec<_> = all
        .filter(|view| view.paused_at.is_none() && principal.sees(&view.task))
        .filter_map(|view| {
            Some(Upcoming {
                at: view.next?.at,
                task: view.task,
                schedule: view.key,
            })
        })
        .collect();
    upcoming.sort_by_key(|slot| slot.at);
    Ok(upcoming)
}

fn lately(newest: Vec<Brief>, upcoming: &[Upcoming]) -> Vec<Lately> {
    let mut tasks: BTreeMap<TaskName, Vec<Brief>> = BTreeMap::new();
    for slot in upcoming {
        tasks.entry(slot.task.clone()).or_default();
    }
    for run in newest {
        tasks.entry(run.task.clone()).or_default().push(run);
    }
    let all = tasks.into_iter();
    all.map(|(task, mut runs)| {
        runs.reverse();
        let next = upcoming.iter().find(|slot| slot.task == task);
        Lately {
            next: next.map(|slot| slot.at),
            task,
            runs,
        }
    })
    .collect()
}

fn days(since: &[Brief], clock: FixedOffset, now: DateTime<Utc>) -> Vec<Day> {
    let mut by_day: BTreeMap<NaiveDate, Vec<&Brief>> = BTreeMap::new();
    for run in since {
        let day = run.created_at.with_timezone(&clock).date_naive();
        by_day.entry(day).or_default().push(run);
    }
    let today = now.with_timezone(&clock).date_naive();
    let all = (0..DAYS).rev().map(|back| today - TimeDelta::days(back));
    all.map(|day| Day {
        summary: summary(by_day.remove(&day).unwrap_or_default().into_iter()),
        day,
    })
    .collect()
}

pub(super) fn summary<'a>(runs: impl Iterator<Item = &'a Brief>) -> Summary {
    let mut summary = Summary::default();
    let mut took = Vec::new();
    for run in runs {
        summary.runs += 1;
        match run.outcome {
            Some(Outcome::Succeeded) => {
                summary.succeeded += 1;
                if let (Some(from), Some(to)) = (run.started_at, run.finished_at) {
                    took.push(u64::try_from((to - from).num_milliseconds()).unwrap_or(0));
                }
            }
            Some(
                Outcome::Failed
                | Outcome::BuildFailed
                | Outcome::TimedOut
                | Outcome::OutOfMemory
                | Outcome::OutOfDisk,
            ) => summary.failed += 1,
            Some(Outcome::Cancelled | Outcome::Lost | Outcome::InfraError) | None => {}
        }
    }
    took.sort_unstable();
    // The least of them that so many hundredths are not longer than.
    let share = |hundredths: usize| {
        let rank = (took.len() * hundredths).div_ceil(100);
        took.get(rank.checked_sub(1)?).copied()
    };
    summary.median_ms = share(50);
    summary.p95_ms = share(95);
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RunId;

    fn run(at: &str, outcome: Option<Outcome>, took: i64) -> Brief {
        let at: DateTime<Utc> = at.parse().unwrap();
        Brief {
            id: RunId::new(),
            task: "a".parse().unwrap(),
            state: RunState::Finished,
            outcome,
            created_at: at,
            started_at: Some(at),
            finished_at: Some(at + TimeDelta::milliseconds(took)),
            not_before: None,
            cancel_requested_at: None,
        }
    }

    #[test]
    fn durations_are_of_what_succeeded() {
        let at = "2026-11-21T12:00:00Z";
        let runs: Vec<_> = (1..=20)
            .map(|n| run(at, Some(Outcome::Succeeded), n * 100))
            .chain([
                run(at, Some(Outcome::TimedOut), 900_000),
                run(at, Some(Outcome::Cancelled), 1),
            ])
            .collect();
        let found = summary(runs.iter());
        assert_eq!((found.runs, found.succeeded, found.failed), (22, 20, 1));
        assert_eq!((found.median_ms, found.p95_ms), (Some(1000), Some(1900)));
        assert_eq!(summary([].iter()), Summary::default());
    }

    #[test]
    fn days_are_those_of_who_asks() {
        let runs = [run("2026-11-20T23:30:00Z", Some(Outcome::Succeeded), 5)];
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let on = |hours: i32| {
            let clock = FixedOffset::east_opt(hours * 3600).unwrap();
            let days = days(&runs, clock, now);
            assert_eq!(days.len(), 30);
            let day = days.iter().find(|day| day.summary.runs == 1).unwrap();
            day.day.to_string()
        };
        assert_eq!(on(0), "2026-11-20");
        assert_eq!(on(1), "2026-11-21");
    }
}
