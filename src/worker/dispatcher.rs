//! Takes runs out of the queue, in order, as far as there is room, and drives
//! them.

use crate::domain::ids::RunId;
use crate::domain::measure::Measurements;
use crate::domain::run::{Ended, Outcome, Run, RunState};
use crate::service::runlock::RunLock;
use crate::service::{App, Error, drive, secrets, space, system};
use crate::store::{Claim, Room};
use chrono::Utc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span, info_span};

/// How long the queue is left alone when nothing wakes the dispatcher.
const LOOK: Duration = Duration::from_secs(5);
/// The pauses between tries to reach an engine that does not answer.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));
/// How long a service that stops waits for runs that are nearly over.
const LAST_STEPS: Duration = Duration::from_secs(4);

/// The loop, and the runs it drives.
#[derive(Debug, Clone)]
pub struct Dispatcher {
    app: App,
    drives: TaskTracker,
    /// Ends the loop and abandons what it drives; containers run on.
    stop: CancellationToken,
}

impl Dispatcher {
    /// A dispatcher that ends with `stop`.
    #[must_use]
    pub fn new(app: App, stop: CancellationToken) -> Self {
        Self {
            app,
            drives: TaskTracker::new(),
            stop,
        }
    }

    /// Looks at the queue until told to stop.
    pub async fn run(self) {
        let mut pause = PATIENCE.0;
        loop {
            let wait = match self.pass().await {
                Ok(wait) => {
                    pause = PATIENCE.0;
                    wait
                }
                Err(error) => {
                    tracing::warn!(
                        error = crate::domain::report(&error),
                        "the queue stands still"
                    );
                    pause = (pause * 2).min(PATIENCE.1);
                    pause
                }
            };
            tokio::select! {
                () = self.app.live.woken() => {}
                () = tokio::time::sleep(wait) => {}
                () = self.stop.cancelled() => break,
            }
        }
        self.drives.close();
        self.drives.wait().await;
    }

    /// Begins what may begin; tells when to look again.
    async fn pass(&self) -> Result<Duration, Error> {
        self.app.live.beat("dispatcher");
        space::check(&self.app)?;
        let room = system::room(&self.app).await?;
        while self.begin_heads(room).await? {}
        let now = Utc::now();
        let next = self.app.store.queue_wakes(now).await?;
        let next = next.and_then(|at| (at - now).to_std().ok());
        Ok(next.map_or(LOOK, |next| next.min(LOOK)))
    }

    /// Begins the first run of each task, as far as there is room; whether any
    /// began.
    async fn begin_heads(&self, room: Room) -> Result<bool, Error> {
        let (store, data) = (&self.app.store, &self.app.config.data_dir);
        let mut begun = false;
        for id in store.queue_heads(Utc::now()).await? {
            // A process that drives its own run waits for its turn itself.
            let Some(lock) = RunLock::try_take(data, id)? else {
                continue;
            };
            match store.claim(id, Some(room), Utc::now()).await? {
                Claim::Taken => {
                    begun = true;
                    self.drive(id, lock);
                }
                Claim::TaskBusy | Claim::Gone => lock.dispose(data, id),
                Claim::NoRoom => {
                    lock.dispose(data, id);
                    return Ok(false);
                }
            }
        }
        Ok(begun)
    }

    /// Drives an attempt of a run beside the loop. The caller has claimed it,
    /// or found it without a driver.
    pub fn drive(&self, id: RunId, lock: RunLock) {
        let (app, stop) = (self.app.clone(), self.stop.clone());
        // Whatever is logged on the way tells which run it is about.
        let span = span_of(id);
        let driven = async move {
            let mut attempt = Box::pin(attempt(&app, id));
            let result = tokio::select! {
                result = &mut attempt => result,
                () = stop.cancelled() => {
                    if !is_ending(&app, id).await {
                        return;
                    }
                    match tokio::time::timeout(LAST_STEPS, attempt).await {
                        Ok(result) => result,
                        Err(_) => return,
                    }
                }
            };
            match result {
                Ok(run) => {
                    tell_span(&run);
                    lock.dispose(&app.config.data_dir, id);
                }
                // The row stands as it is; the reconciler comes back to it.
                Err(error) => {
                    let error = crate::domain::report(&error);
                    tracing::error!(error, "a run could not be driven on");
                }
            }
            app.live.wake();
        };
        self.drives.spawn(driven.instrument(span));
    }
}

/// What is done for one attempt of a run, with what is known of it by its end.
/// Names with dots are those that OpenTelemetry gives a meaning to.
fn span_of(run: RunId) -> Span {
    info_span!(
        "run",
        id = %run,
        task = Empty,
        attempt = Empty,
        outcome = Empty,
        exit_code = Empty,
        otel.status_code = Empty,
        otel.status_description = Empty,
    )
}

fn tell_span(run: &Run) {
    let span = Span::current();
    // One that is tried again has no outcome yet: this attempt did not succeed.
    let outcome = run
        .outcome
        .map_or_else(|| "retried".to_owned(), |o| o.to_string());
    if run.outcome != Some(Outcome::Succeeded) {
        span.record("otel.status_code", "error");
        span.record("otel.status_description", &outcome);
    }
    span.record("outcome", outcome);
    if let Some(code) = run.exit_code {
        span.record("exit_code", code);
    }
}

/// Whether all that is left to do for a run is to collect and to clean up.
async fn is_ending(app: &App, id: RunId) -> bool {
    let ending = [RunState::Stopping, RunState::Finished];
    matches!(app.store.run(id).await, Ok(run) if ending.contains(&run.state))
}

/// One attempt, from wherever its rows say it is.
async fn attempt(app: &App, id: RunId) -> Result<Run, Error> {
    let run = app.store.run(id).await?;
    let secrets = match secrets::give(app, &run).await? {
        Ok(secrets) => secrets,
        Err(why) => {
            let ended = Ended::because(Outcome::Failed, why);
            drive::finish_unstarted(app, id, &ended, &Measurements::default()).await?;
            return Ok(app.store.run(id).await?);
        }
    };
    let order = drive::order(app, run, secrets).await?;
    let span = Span::current();
    span.record("task", display(&order.run.task));
    span.record("attempt", order.attempt.number);
    let _presence = app.live.enter(&order);
    Ok(Box::pin(app.driver().await?.drive(&order)).await?)
}
