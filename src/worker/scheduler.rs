//! Keeps schedules: notices what people change about them, and has every slot
//! decided when it is due.
//!
//! Two hands turn the same wheel: tokio-cron-scheduler asks twice a second (see
//! `ticker`), and a sleep until the very next slot makes that precise. Whoever
//! comes first decides; [`schedules::claim`] does nothing twice.

use super::ticker;
use crate::domain::ids::RunId;
use crate::service::live::Live;
use crate::service::schedules::{self, Looked, Seen};
use crate::service::{App, Error};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How long the sleep lasts at most, so that a clock that was set is noticed.
const NAP: Duration = Duration::from_secs(30);
/// The pause after something that did not work.
const PAUSE: Duration = Duration::from_secs(1);

/// Says what time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The keeper of schedules.
#[derive(Clone)]
pub struct Scheduler {
    app: App,
    clock: Clock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// When it last looked for slots, by the clock.
    last: Option<DateTime<Utc>>,
    /// When it last looked at the files.
    looked: Option<Instant>,
    seen: Seen,
    /// Why it stands still, as the log was told.
    still: Option<String>,
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler")
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

impl Scheduler {
    /// A scheduler by the clock of this machine.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self::with_clock(app, Arc::new(Utc::now))
    }

    /// A scheduler by another clock.
    #[must_use]
    pub fn with_clock(app: App, clock: Clock) -> Self {
        Self {
            app,
            clock,
            state: Arc::default(),
        }
    }

    /// Keeps schedules until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        self.tick().await;
        let ticker = match ticker::start(self.clone()).await {
            Ok(ticker) => Some(ticker),
            // The sleep alone does the same, so this is no reason to give up.
            Err(error) => {
                tracing::error!(%error, "the ticker could not be started");
                None
            }
        };
        while !stop.is_cancelled() {
            let wait = self.wait().await;
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.app.live.replanned() => continue,
                () = stop.cancelled() => break,
            }
            self.tick().await;
        }
        if let Some(mut ticker) = ticker
            && let Err(error) = ticker.shutdown().await
        {
            tracing::debug!(%error, "the ticker did not stop");
        }
    }

    /// How long nothing is due.
    async fn wait(&self) -> Duration {
        match self.app.store.next_due().await {
            Ok(Some(due)) => {
                let wait = (due - (self.clock)()).max(TimeDelta::milliseconds(1));
                wait.to_std().unwrap_or(NAP).min(NAP)
            }
            Ok(None) => NAP,
            Err(_) => PAUSE,
        }
    }

    /// Looks at the files and at what is due; the runs that were queued. What
    /// fails is logged and tried again at the next tick.
    pub async fn tick(&self) -> Vec<RunId> {
        let mut state = self.state.lock().await;
        let now = (self.clock)();
        match self.turn(&mut state, now).await {
            Ok(runs) => {
                self.app.live.beat("scheduler");
                if state.still.take().is_some() {
                    tracing::info!("schedules go on");
                }
                runs
            }
            Err(error) => {
                let why = crate::domain::report(&error);
                // Once, not at each of the tries.
                if state.still.as_ref() != Some(&why) {
                    tracing::warn!(error = why, "schedules stand still");
                    state.still = Some(why);
                }
                tokio::time::sleep(PAUSE).await;
                Vec::new()
            }
        }
    }

    async fn turn(&self, state: &mut State, now: DateTime<Utc>) -> Result<Vec<RunId>, Error> {
        if state.last.is_none_or(|last| now < last) {
            schedules::rewind(&self.app, now).await?;
        }
        state.last = Some(now);
        if state.looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
            self.look(state, now).await?;
            state.looked = Some(Instant::now());
        }
        schedules::claim(&self.app, now).await
    }

    /// Brings what has changed in the files into the database.
    async fn look(&self, state: &mut State, now: DateTime<Utc>) -> Result<(), Error> {
        let (app, mut seen) = (self.app.clone(), std::mem::take(&mut state.seen));
        let work = tokio::task::spawn_blocking(move || (seen.look(&app), seen));
        // Without an answer the next look begins afresh, with everything.
        let Ok((looked, seen)) = work.await else {
            return Ok(());
        };
        let changed = match looked {
            Looked::All => schedules::sync(&self.app, now).await?,
            Looked::Tasks(tasks) => {
                let mut changed = 0;
                for task in tasks {
                    changed += schedules::sync_task(&self.app, &task, now).await?;
                }
                changed
            }
        };
        // Only now: what could not be brought over is looked at again.
        state.seen = seen;
        if changed > 0 {
            tracing::info!(changed, "schedules have changed");
        }
        Ok(())
    }

    /// What the process knows of its runs.
    pub(super) fn live(&self) -> Arc<Live> {
        self.app.live.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Overrides};
    use crate::domain::schedule::{Decision, LedgerEntry};
    use crate::service::schedules::LedgerFilter;
    use std::sync::atomic::{AtomicI64, Ordering};
    use tempfile::TempDir;

    fn place(manifest: &str) -> (TempDir, App) {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("tasks/job");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("main.py"), "").unwrap();
        std::fs::write(folder.join("task.toml"), manifest).unwrap();
        let flags = Overrides {
            home: Some(home.path().to_owned()),
            ..Overrides::default()
        };
        let app = App::open(Config::load(&flags).unwrap()).unwrap();
        (home, app)
    }

    async fn ledger(app: &App) -> Vec<LedgerEntry> {
        schedules::ledger(app, &LedgerFilter::default())
            .await
            .unwrap()
    }

    /// Waits until the ledger is as wanted, for a minute at most.
    async fn until(app: &App, wanted: impl Fn(&[LedgerEntry]) -> bool) -> Vec<LedgerEntry> {
        let begun = Instant::now();
        loop {
            let lines = ledger(app).await;
            if wanted(&lines) {
                return lines;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{lines:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A clock that shows what it is set to.
    fn clock(shows: &Arc<AtomicI64>) -> Clock {
        let shows = shows.clone();
        Arc::new(move || DateTime::from_timestamp(shows.load(Ordering::SeqCst), 0).unwrap())
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn each_second_has_its_run_once() {
        let (_home, app) = place("[[schedules]]\nwhen = '@every 1s'\noverlap = 'allow'\n");
        let stop = CancellationToken::new();
        let kept = tokio::spawn(Scheduler::new(app.clone()).run(stop.clone()));
        let ran = |lines: &[LedgerEntry]| lines.iter().filter(|l| l.run.is_some()).count() >= 3;
        until(&app, ran).await;
        stop.cancel();
        kept.await.unwrap();
        let lines = ledger(&app).await;
        let runs = app.store.active_runs().await.unwrap();
        assert_eq!(
            runs.len(),
            lines.iter().filter(|line| line.run.is_some()).count()
        );
        // However busy this machine is, no second is without its line.
        let count: u64 = lines.iter().map(|line| line.count).sum();
        let (first, last) = (lines[lines.len() - 1].slot, lines[0].last);
        assert_eq!(count as i64, (last - first).num_seconds() + 1);
        assert!(app.live.beats().contains_key("scheduler"));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_ticker_alone_finds_what_is_due_and_wakes_the_dispatcher() {
        let (_home, app) = place("[[schedules]]\nwhen = '06:00'\n");
        let shows = Arc::new(AtomicI64::new(1_780_000_000));
        let scheduler = Scheduler::with_clock(app.clone(), clock(&shows));
        scheduler.tick().await;
        let mut ticker = ticker::start(scheduler).await.unwrap();
        let slot = app.store.next_due().await.unwrap().unwrap();
        shows.store(slot.timestamp(), Ordering::SeqCst);
        let lines = until(&app, |lines| lines.len() == 1).await;
        assert_eq!((lines[0].slot, lines[0].decision), (slot, Decision::Ran));
        tokio::time::timeout(Duration::from_secs(60), app.live.woken())
            .await
            .unwrap();
        shows.fetch_add(86_400, Ordering::SeqCst);
        until(&app, |lines| lines.len() == 2).await;
        ticker.shutdown().await.unwrap();
    }

    #[tokio::test]
    async fn whatever_the_clock_does_no_slot_fires_twice_and_the_next_one_does() {
        let (_home, app) = place("[[schedules]]\nwhen = '*/5 * * * *'\noverlap = 'allow'\n");
        let start = 1_780_000_200;
        let shows = Arc::new(AtomicI64::new(start));
        let scheduler = Scheduler::with_clock(app.clone(), clock(&shows));
        assert_eq!(scheduler.tick().await, []);
        // Seconds after the start, and whether a slot has its run there.
        for (seconds, runs) in [
            (300, true),
            // Ahead by ten minutes, and back by five.
            (900, true),
            (600, false),
            (900, false),
            // Ahead by four hours, and back.
            (15_300, true),
            (1200, false),
            (1500, true),
            // As a machine without a clock begins.
            (-start, false),
            (1800, true),
            (2100, true),
            // Where it had been before.
            (15_300, false),
            (15_600, true),
        ] {
            shows.store(start + seconds, Ordering::SeqCst);
            let made = scheduler.tick().await;
            assert_eq!(made.len(), usize::from(runs), "{seconds} s after the start");
        }
        let lines = ledger(&app).await;
        let ran = lines.iter().filter(|line| line.run.is_some());
        let mut ran: Vec<i64> = ran.map(|line| line.slot.timestamp() - start).collect();
        ran.sort_unstable();
        assert_eq!(ran, [300, 900, 1500, 1800, 2100, 15_300, 15_600]);
        assert_eq!(app.store.active_runs().await.unwrap().len(), ran.len());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_change_of_the_files_is_noticed_while_it_runs() {
        let (home, app) = place("");
        let shows = Arc::new(AtomicI64::new(1_780_000_000));
        let scheduler = Scheduler::with_clock(app.clone(), clock(&shows));
        let stop = CancellationToken::new();
        let kept = tokio::spawn(scheduler.run(stop.clone()));
        let file = home.path().join("tasks/job/task.toml");
        std::fs::write(file, "[[schedules]]\nwhen = '@every 1h'\n").unwrap();
        let begun = Instant::now();
        while app.store.schedules().await.unwrap().is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(60));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        shows.fetch_add(3600, Ordering::SeqCst);
        let lines = until(&app, |lines| !lines.is_empty()).await;
        assert_eq!(lines[0].decision, Decision::Ran);
        stop.cancel();
        kept.await.unwrap();
    }
}
