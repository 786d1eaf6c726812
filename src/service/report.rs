//! The report of a day: what ran, what failed and why, what did not run, and how
//! much room is left.

use super::hooks::origin;
use super::mail::last_lines;
use super::overview::{Summary, summary};
use super::{App, Error, system};
use crate::deliver::body::Message;
use crate::deliver::mail::{self, Letter};
use crate::disk::Room;
use crate::domain::brief::Brief;
use crate::domain::hook::{Daily, Hook, HookEvent, HookSpec};
use crate::domain::ids::TaskName;
use crate::domain::run::Outcome;
use crate::domain::schedule::Decision;
use crate::store::{LedgerFilter, NewDelivery};
use crate::threads::off_thread;
use crate::time::{Wall, Zone};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Days whose bars are shown.
const TREND: i64 = 14;
/// The tallest bar, pixels.
const TALLEST: u64 = 60;
/// Of each list so many are shown.
const SHOWN: usize = 15;
/// In so many of its last lines a failed run has said what was wrong.
const LAST_WORDS: usize = 5;
/// A report that is late by more than this is not sent: the next one comes.
const LATE: TimeDelta = TimeDelta::hours(12);

/// A report as it is mailed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct ReportPreview {
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// Its HTML.
    pub html: String,
}

/// The zone of a report.
pub(super) fn zone(app: &App, daily: &Daily) -> Result<Zone, String> {
    match &daily.timezone {
        None => Ok(app.config.timezone),
        Some(name) => name
            .parse()
            .map_err(|fault: crate::time::Fault| fault.to_string()),
    }
}

/// The last instant, not after `now`, at which a report was due. A time that a
/// day does not have is when the clock was put forward; of two, it is the first.
fn due(daily: &Daily, zone: Zone, now: DateTime<Utc>) -> DateTime<Utc> {
    let today = zone.local(now).date_naive();
    let at = |day: NaiveDate| match zone.wall(day.and_time(daily.at)) {
        Wall::Once(at) | Wall::Twice(at, _) | Wall::Never(at, _) => at,
    };
    match at(today) {
        due if due <= now => due,
        _ => at(today - TimeDelta::days(1)),
    }
}

/// Puts the reports that are due among the deliveries, each once.
///
/// # Errors
/// When the database fails.
pub async fn announce(app: &App, now: DateTime<Utc>) -> Result<(), Error> {
    for hook in app.store.hooks().await? {
        let Some(until) = wanted(app, &hook, now) else {
            continue;
        };
        let new = NewDelivery {
            id: super::hooks::new_id(),
            hook: hook.id,
            event: HookEvent::Report,
            at: now,
            task: None,
            run: None,
            data: json!({ "until": until, "url": origin(app) }),
        };
        app.store.put_report(new, until).await?;
    }
    Ok(())
}

fn wanted(app: &App, hook: &Hook, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let daily = hook.spec.daily.as_ref().filter(|_| hook.spec.enabled)?;
    let until = due(daily, zone(app, daily).ok()?, now);
    let known = hook.reported_at.is_some_and(|at| at >= until);
    (!known && until > hook.created_at && now - until < LATE).then_some(until)
}

/// The report of the 24 hours until now, about every task.
///
/// # Errors
/// When the database fails.
pub async fn preview(app: &App, now: DateTime<Utc>) -> Result<ReportPreview, Error> {
    let names = gather(app, None, (now, app.config.timezone)).await?;
    let letter = write(&names)?;
    Ok(ReportPreview {
        subject: letter.subject,
        text: letter.text,
        html: letter.html,
    })
}

/// The letter that a delivery stands for.
pub(super) async fn letter(app: &App, spec: &HookSpec, message: &Message) -> Result<Letter, Error> {
    let until = message.data["until"]
        .as_str()
        .and_then(|at| at.parse().ok());
    let zone = spec.daily.as_ref().and_then(|daily| zone(app, daily).ok());
    let when = (
        until.unwrap_or(message.at),
        zone.unwrap_or(app.config.timezone),
    );
    let names = gather(app, Some(spec), when).await?;
    Ok(Letter {
        id: message.id.clone(),
        ..write(&names)?
    })
}

/// All that a report says, by the names of its template.
async fn gather(
    app: &App,
    spec: Option<&HookSpec>,
    (until, zone): (DateTime<Utc>, Zone),
) -> Result<Value, Error> {
    let from = until - TimeDelta::days(1);
    let mut all = app
        .store
        .briefs_since(until - TimeDelta::days(TREND))
        .await?;
    let mut about = About::new(app, spec);
    let mut kept = Vec::new();
    for run in all.drain(..).filter(|run| run.created_at < until) {
        if about.holds(&run.task).await {
            kept.push(run);
        }
    }
    let day: Vec<&Brief> = kept.iter().filter(|run| run.created_at >= from).collect();
    let today = summary(day.iter().copied());
    let slots = slots(app, &mut about, (from, until)).await?;
    let storage = system::storage(app).await?;
    let data = app.config.data_dir.clone();
    let room = off_thread(move || Room::of(&data)).await;
    let room = room.map_err(Error::io("the disk of the data folder cannot be looked at"))?;
    let local = |at: DateTime<Utc>| zone.local(at).format("%Y-%m-%d %H:%M").to_string();
    let gib = |bytes: u64| format!("{:.1} GiB", bytes as f64 / (1u64 << 30) as f64);
    let over = today.succeeded + today.failed;
    Ok(json!({
        "title": format!("Runbay: {}", headline(&today)),
        "from": local(from), "until": local(until), "zone": zone.name(),
        "runs": today.runs, "succeeded": today.succeeded, "failed": today.failed,
        "rate": (over > 0).then(|| format!("{:.0} %", f64::from(today.succeeded) / f64::from(over) * 100.0)),
        "median": today.median_ms.map(took), "p95": today.p95_ms.map(took),
        "failures": failures(app, &day).await?,
        "more_failures": day.iter().filter(|run| is_failure(run)).count().saturating_sub(SHOWN),
        "slowest": slowest(app, &day),
        "slots": slots,
        "trend": trend(&kept, until),
        "used": gib(storage.bytes), "free": gib(room.free), "disk": gib(room.total),
        "link": origin(app),
    }))
}

fn headline(day: &Summary) -> String {
    match (day.runs, day.failed) {
        (0, _) => "nothing ran".to_owned(),
        (runs, 0) => format!("{runs} runs, none failed"),
        (runs, failed) => format!("{runs} runs, {failed} failed"),
    }
}

fn is_failure(run: &Brief) -> bool {
    let fine = [None, Some(Outcome::Succeeded), Some(Outcome::Cancelled)];
    !fine.contains(&run.outcome)
}

async fn failures(app: &App, day: &[&Brief]) -> Result<Vec<Value>, Error> {
    let mut failures = Vec::new();
    for run in day.iter().rev().filter(|run| is_failure(run)).take(SHOWN) {
        let reason = why(app, run).await?;
        failures.push(json!({
            "task": run.task,
            "outcome": run.outcome.map_or("", Outcome::as_str).replace('_', " "),
            "reason": reason.chars().take(300).collect::<String>(),
            "link": format!("{}/runs/{}", origin(app), run.id),
        }));
    }
    Ok(failures)
}

/// Why a run failed: in our words, or else in the last of its own.
async fn why(app: &App, run: &Brief) -> Result<String, Error> {
    // It may have been removed a moment ago.
    let Ok(run) = app.store.run(run.id).await else {
        return Ok(String::new());
    };
    if let Some(reason) = run.reason {
        return Ok(reason);
    }
    let code = run.exit_code.map(|code| format!("exit code {code}"));
    let lines = last_lines(app, run.id, LAST_WORDS).await?;
    let words = lines.into_iter().rev().find(|line| !line.trim().is_empty());
    let all: Vec<_> = code.into_iter().chain(words).collect();
    Ok(all.join(": "))
}

fn slowest(app: &App, day: &[&Brief]) -> Vec<Value> {
    let mut over: Vec<(u64, &Brief)> = day
        .iter()
        .filter_map(|run| {
            let took = run.finished_at? - run.started_at?;
            Some((u64::try_from(took.num_milliseconds()).unwrap_or(0), *run))
        })
        .collect();
    over.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
    let shown = over.iter().take(5).map(|(ms, run)| {
        json!({
            "task": run.task,
            "took": took(*ms),
            "link": format!("{}/runs/{}", origin(app), run.id),
        })
    });
    shown.collect()
}

fn took(ms: u64) -> String {
    match ms / 1000 {
        0..=9 => format!("{:.1} s", ms as f64 / 1000.0),
        s @ 10..=119 => format!("{s} s"),
        s @ 120..=7199 => format!("{} min", s / 60),
        s => format!("{} h {} min", s / 3600, s / 60 % 60),
    }
}

async fn slots(
    app: &App,
    about: &mut About<'_>,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Value>, Error> {
    let filter = LedgerFilter {
        decisions: vec![Decision::Missed, Decision::Skipped],
        since: Some(from),
        before: Some(until),
        ..LedgerFilter::default()
    };
    let mut slots = Vec::new();
    for line in app.store.ledger(&filter).await? {
        if slots.len() < SHOWN && about.holds(&line.task).await {
            let cause = line.cause.map(|cause| cause.to_string().replace('_', " "));
            slots.push(json!({
                "task": line.task, "schedule": line.schedule, "count": line.count,
                "decision": line.decision, "why": line.detail.or(cause).unwrap_or_default(),
            }));
        }
    }
    Ok(slots)
}

/// The heights of bars: of what succeeded and of what failed, by times of 24
/// hours.
fn trend(runs: &[Brief], until: DateTime<Utc>) -> Vec<Value> {
    let days: Vec<(DateTime<Utc>, Summary)> = (0..TREND)
        .rev()
        .map(|back| {
            let end = until - TimeDelta::days(back);
            let from = end - TimeDelta::days(1);
            let of_day = runs
                .iter()
                .filter(|run| run.created_at >= from && run.created_at < end);
            (end, summary(of_day))
        })
        .collect();
    let most = days.iter().map(|(_, day)| day.succeeded + day.failed).max();
    let most = u64::from(most.unwrap_or(0)).max(1);
    // Whatever happened at all is seen.
    let height = |count: u32| (u64::from(count) * TALLEST).div_ceil(most);
    let bars = days.iter().map(|(end, day)| {
        json!({
            "day": end.format("%-d").to_string(),
            "good": height(day.succeeded), "bad": height(day.failed),
            "succeeded": day.succeeded, "failed": day.failed,
        })
    });
    bars.collect()
}

/// Which tasks a report is about.
struct About<'a> {
    app: &'a App,
    spec: Option<&'a HookSpec>,
    known: HashMap<TaskName, bool>,
}

impl<'a> About<'a> {
    fn new(app: &'a App, spec: Option<&'a HookSpec>) -> Self {
        Self {
            app,
            spec,
            known: HashMap::new(),
        }
    }

    async fn holds(&mut self, task: &TaskName) -> bool {
        let Some(spec) = self.spec else { return true };
        if let Some(known) = self.known.get(task) {
            return *known;
        }
        let tags = super::hooks::tags(self.app, task).await.unwrap_or_default();
        let holds = spec.is_about(Some(task), &tags);
        self.known.insert(task.clone(), holds);
        holds
    }
}

fn write(names: &Value) -> Result<Letter, Error> {
    Ok(Letter {
        to: Vec::new(),
        subject: names["title"].as_str().unwrap_or_default().to_owned(),
        id: String::new(),
        text: mail::daily_text(names).map_err(Error::Invalid)?,
        html: mail::daily(names).map_err(Error::Invalid)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_due_by_the_clock_of_their_zone() {
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let daily = |at: &str| Daily {
            at: crate::domain::hook::time_of_day(at).unwrap(),
            timezone: None,
        };
        let due = |at: &str, now: &str| due(&daily(at), zone, now.parse().unwrap()).to_rfc3339();
        assert_eq!(
            due("07:00", "2026-01-31T05:59:59Z"),
            "2026-01-30T06:00:00+00:00"
        );
        assert_eq!(
            due("07:00", "2026-01-31T06:00:00Z"),
            "2026-01-31T06:00:00+00:00"
        );
        // Summer time: 2026-03-29 has no 02:30, and 2026-10-25 has two.
        assert_eq!(
            due("02:30", "2026-03-29T05:00:00Z"),
            "2026-03-29T01:00:00+00:00"
        );
        assert_eq!(
            due("02:30", "2026-10-25T05:00:00Z"),
            "2026-10-25T00:30:00+00:00"
        );
    }

    #[test]
    fn durations_are_short() {
        for (ms, text) in [
            (0, "0.0 s"),
            (9_960, "10.0 s"),
            (90_000, "90 s"),
            (600_000, "10 min"),
            (7_500_000, "2 h 5 min"),
        ] {
            assert_eq!(took(ms), text);
        }
    }
}
