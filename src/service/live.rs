//! What a process knows of the runs it drives, beside what the database says:
//! their open logs, and how to stop them at once. All of it dies with the
//! process; nothing here is needed to go on after a crash.

use super::events::Events;
use super::follow::Feeds;
use super::metrics::Metrics;
use super::notices::Notices;
use super::streams::Streams;
use super::triggers::Rates;
use crate::attempt::Order;
use crate::deliver::Poster;
use crate::domain::ids::{AttemptId, RunId, TaskName};
use crate::logs::SharedLog;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How long a change of files may take after it was announced.
const TOUCHED: Duration = Duration::from_secs(5);

/// The runs of this process.
#[derive(Debug, Default)]
pub struct Live {
    /// The way of events to who listens.
    pub events: Events,
    /// The logs that are followed.
    pub feeds: Feeds,
    /// Who watches.
    pub streams: Arc<Streams>,
    /// What is counted.
    pub metrics: Metrics,
    /// Where in `tasks/` something happened.
    pub notices: Notices,
    state: Mutex<State>,
    /// How often triggers were called.
    pub rates: Rates,
    /// What sends to hooks.
    pub poster: Poster,
    queue: Notify,
    plans: Notify,
    hooks: Notify,
}

#[derive(Debug, Default)]
struct State {
    driven: HashMap<RunId, Driven>,
    beats: BTreeMap<&'static str, Instant>,
    touched: HashMap<TaskName, Instant>,
}

#[derive(Debug)]
struct Driven {
    attempt: AttemptId,
    log: Arc<SharedLog>,
    cancel: CancellationToken,
}

/// A run is among those that are driven, until dropped.
#[derive(Debug)]
pub struct Presence {
    live: Arc<Live>,
    run: RunId,
}

impl Live {
    /// Notes that an attempt is driven here.
    #[must_use]
    pub fn enter(self: &Arc<Self>, order: &Order) -> Presence {
        self.attend(order.attempt, order.log.clone(), order.cancel.clone())
    }

    /// [`Live::enter`] by the parts of an order.
    #[must_use]
    pub fn attend(
        self: &Arc<Self>,
        attempt: AttemptId,
        log: Arc<SharedLog>,
        cancel: CancellationToken,
    ) -> Presence {
        let driven = Driven {
            attempt,
            log,
            cancel,
        };
        let run = attempt.run;
        self.state().driven.insert(run, driven);
        Presence {
            live: self.clone(),
            run,
        }
    }

    /// The attempt of a run that is driven here, and its open log.
    #[must_use]
    pub fn log(&self, run: RunId) -> Option<(AttemptId, Arc<SharedLog>)> {
        let state = self.state();
        let driven = state.driven.get(&run)?;
        Some((driven.attempt, driven.log.clone()))
    }

    /// How many runs are driven here.
    #[must_use]
    pub fn count(&self) -> usize {
        self.state().driven.len()
    }

    /// Stops a run that is driven here, without waiting until its driver looks
    /// into the database.
    pub fn cancel(&self, run: RunId) {
        if let Some(driven) = self.state().driven.get(&run) {
            driven.cancel.cancel();
        }
    }

    /// Says that the queue has changed.
    pub fn wake(&self) {
        self.queue.notify_one();
    }

    /// Waits until the queue has changed since it was last waited for.
    pub async fn woken(&self) {
        self.queue.notified().await;
    }

    /// Says that there is something to tell hooks.
    pub fn wake_hooks(&self) {
        self.hooks.notify_one();
    }

    /// Waits until there is something to tell hooks.
    pub async fn hooks_woken(&self) {
        self.hooks.notified().await;
    }

    /// Notes that a loop of the service goes round.
    pub fn beat(&self, worker: &'static str) {
        self.state().beats.insert(worker, Instant::now());
    }

    /// The loops of the service, and how long ago each last went round.
    #[must_use]
    pub fn beats(&self) -> BTreeMap<&'static str, Duration> {
        let state = self.state();
        let ages = state.beats.iter().map(|(name, at)| (*name, at.elapsed()));
        ages.collect()
    }

    /// Says that schedules are due at other times than before.
    pub fn replan(&self) {
        self.plans.notify_one();
    }

    /// Waits until schedules are due at other times than when it was last waited
    /// for.
    pub async fn replanned(&self) {
        self.plans.notified().await;
    }

    /// Notes that files of a task are being changed here.
    pub fn touch(&self, task: &TaskName) {
        self.state().touched.insert(task.clone(), Instant::now());
    }

    /// The tasks whose files were changed here in the last seconds.
    #[must_use]
    pub fn touched(&self) -> BTreeSet<TaskName> {
        let mut state = self.state();
        state.touched.retain(|_, at| at.elapsed() < TOUCHED);
        state.touched.keys().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.live.state().driven.remove(&self.run);
    }
}
