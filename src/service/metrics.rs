//! What is counted and measured, for Prometheus.
//!
//! Labels are closed sets: words of ours, routes, status codes. Names of tasks
//! are a label only where a setting says so (`metrics.tasks`), because somebody
//! has thousands of them. Counters begin at 0 with the process; how things stand
//! right now is looked up when it is asked for.

mod families;
mod now;

pub use families::{Metrics, Request};

use super::events::{self, Listener};
use super::{App, Error};
use crate::domain::event::Event;
use crate::domain::run::Trigger;
use tokio_util::sync::CancellationToken;

/// Counts what happens to runs until told to stop.
pub async fn run(app: App, stop: CancellationToken) {
    let counting = async {
        let mut pause = tokio::time::interval(std::time::Duration::from_secs(1));
        let mut last = None;
        loop {
            pause.tick().await;
            let result = match events::listen(&app, last).await {
                Ok(mut listener) => {
                    let result = count(&app, &mut listener).await;
                    last = Some(listener.last());
                    result
                }
                Err(error) => Err(error),
            };
            if let Err(error) = result {
                let error = crate::domain::report(&error);
                tracing::warn!(error, "runs cannot be counted");
            }
        }
    };
    tokio::select! {
        () = counting => {}
        () = stop.cancelled() => {}
    }
}

async fn count(app: &App, listener: &mut Listener) -> Result<(), Error> {
    while let Some(event) = listener.next().await? {
        if let Err(error) = observe(app, &event).await {
            // A run may have been removed meanwhile; the others count.
            let error = crate::domain::report(&error);
            tracing::debug!(error, "an event could not be counted");
        }
    }
    Ok(())
}

async fn observe(app: &App, event: &Event) -> Result<(), Error> {
    let Some(id) = event.run else { return Ok(()) };
    let metrics = &app.live.metrics;
    match event.kind.as_str() {
        "run.queued" => metrics.queued(app.store.run(id).await?.trigger),
        "run.started" => {
            let run = app.store.run(id).await?;
            if run.trigger == Trigger::Schedule
                && let (Some(due), Some(started)) = (run.scheduled_at, run.started_at)
            {
                metrics.started_late(started - due);
            }
        }
        "run.retrying" | "run.finished" => {
            let run = app.store.run(id).await?;
            let attempts = app.store.attempts(id).await?;
            // Told with the event, so that each attempt is measured once.
            let number = event.payload.get("attempt").and_then(|n| n.as_u64());
            let ended = match number {
                Some(number) => attempts.iter().find(|a| u64::from(a.id.number) == number),
                None => attempts.last(),
            };
            if let Some(attempt) = ended {
                metrics.measured(&attempt.measurements);
            }
            if event.kind == "run.finished" {
                metrics.finished(&run, app.config.metrics.tasks);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Everything in the OpenMetrics text format.
///
/// # Errors
/// When the database cannot be read.
pub async fn render(app: &App) -> Result<String, Error> {
    now::look(app).await?;
    Ok(app.live.metrics.encode())
}
