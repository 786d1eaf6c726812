//! How late scheduled runs are.

use super::sample::{Limit, Pair, Row, quiet};
use super::start::SPEAK;
use super::world::{World, time};
use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use runbay::domain::ids::TaskName;
use runbay::domain::run::{Outcome, RunState, Trigger};
use runbay::service::door::Door;
use runbay::store::{LedgerFilter, RunFilter};
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Runs of each kind.
const RUNS: usize = 100;
/// How long it takes, at most, until a service has seen the task.
const AHEAD: TimeDelta = TimeDelta::seconds(15);
/// How much later a scheduled run may be than one that is asked for.
const ALLOWED_MS: f64 = 50.0;
/// How long the last runs may take to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service, ended with its value.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // One that is gone needs no telling.
            kill_process(pid, Signal::TERM).ok();
        }
        drop(self.0.wait());
    }
}

/// From the instant at which a run is due to the first line of its script, as
/// the slowest but one of a hundred, against the same from a request, and what
/// is allowed beyond it. One run begins each second, of either kind in turn.
pub(crate) fn of_scheduled_runs(world: &World) -> anyhow::Result<Vec<Row>> {
    world.write("noop/main.py", SPEAK)?;
    world.prepare("noop")?;
    let first = (Utc::now() + AHEAD).timestamp() / 2 * 2;
    let start = DateTime::from_timestamp(first, 0).context("a time that is none")?;
    world.write("due/main.py", SPEAK)?;
    let manifest = format!(
        "[[schedules]]\nwhen = \"@every 2s\"\noverlap = \"allow\"\nstart = \"{}\"\n",
        start.to_rfc3339_opts(SecondsFormat::Secs, true)
    );
    world.write("due/task.toml", &manifest)?;
    world.prepare("due")?;
    let service = serve(world)?;
    quiet();
    ask(world, start + TimeDelta::seconds(1))?;
    world.write("due/task.toml", "")?;
    let (asked, due) = (asked(world)?, due(world)?);
    drop(service);
    let row = |part: f64, name: &str| Row {
        measure: format!("lateness: {name} at 1 run/s, vs asked for + 50 ms"),
        unit: "ms",
        limit: Limit::AtMost(1.0),
        pairs: vec![Pair {
            ours: quantile(&due, part),
            reference: quantile(&asked, part) + ALLOWED_MS,
        }],
    };
    Ok(vec![row(0.5, "median"), row(0.99, "p99")])
}

fn serve(world: &World) -> anyhow::Result<Service> {
    let mut command = world.runbay(&["serve", "--bind", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let service = Service(command.stderr(Stdio::null()).spawn()?);
    let begun = Instant::now();
    while Door::find(&world.home().join("data")).is_none_or(|door| door.pid != service.0.id()) {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "the service does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(service)
}

/// Asks for a run every two seconds, the first at `at`.
fn ask(world: &World, mut at: DateTime<Utc>) -> anyhow::Result<()> {
    for _ in 0..RUNS {
        std::thread::sleep((at - Utc::now()).to_std().unwrap_or_default());
        time(world.runbay(&["run", "--detach", "noop"]))?;
        at += TimeDelta::seconds(2);
    }
    Ok(())
}

/// Milliseconds from a request to the first line.
fn asked(world: &World) -> anyhow::Result<Vec<f64>> {
    let filter = RunFilter {
        task: Some("noop".parse::<TaskName>()?),
        limit: Some(RUNS as u32),
        ..RunFilter::default()
    };
    settled(world, &filter)?;
    world.with_store(async |store| {
        let mut spans = Vec::new();
        for run in store.runs(&filter).await? {
            let attempts = store.attempts(run.id).await?;
            let measured = attempts.first().and_then(|a| a.measurements.first_line_ms);
            spans.push(measured.context("a run that printed nothing")?);
        }
        Ok(spans)
    })?
}

/// Milliseconds from the instants of slots to the first lines of their runs.
fn due(world: &World) -> anyhow::Result<Vec<f64>> {
    let task: TaskName = "due".parse()?;
    let filter = RunFilter {
        task: Some(task.clone()),
        triggers: vec![Trigger::Schedule],
        limit: Some(u32::MAX),
        ..RunFilter::default()
    };
    settled(world, &filter)?;
    let filter = LedgerFilter {
        task: Some(task),
        limit: Some(u32::MAX),
        ..LedgerFilter::default()
    };
    let lines = world.with_store(async |store| store.ledger(&filter).await)??;
    let ran: Vec<_> = lines.iter().filter(|line| line.run.is_some()).collect();
    let late: Vec<f64> = ran.iter().filter_map(|line| line.output_late_ms).collect();
    anyhow::ensure!(
        late.len() == ran.len() && ran.len() + 3 >= RUNS,
        "{} slots had a run and {} of those a line",
        ran.len(),
        late.len()
    );
    Ok(late)
}

/// Waits until all of these runs have succeeded.
fn settled(world: &World, filter: &RunFilter) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let runs = world.with_store(async |store| store.runs(filter).await)??;
        if runs.iter().all(|run| run.state == RunState::Finished) {
            let good = |outcome| outcome == Some(Outcome::Succeeded);
            let bad = runs.iter().find(|run| !good(run.outcome));
            anyhow::ensure!(bad.is_none(), "a run did not succeed: {bad:?}");
            return Ok(());
        }
        anyhow::ensure!(begun.elapsed() < PATIENCE, "runs do not end");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn quantile(spans: &[f64], part: f64) -> f64 {
    let mut spans = spans.to_vec();
    spans.sort_by(f64::total_cmp);
    let at = (spans.len() as f64 * part).ceil() as usize;
    spans.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
