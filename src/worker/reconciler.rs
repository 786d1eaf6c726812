//! Takes over what nobody drives, and removes what nobody answers for: at the
//! start of the service, and every now and then.
//!
//! A run that is not over, does not wait in the queue and whose lock is free
//! has lost its driver; the same code that drives any run goes on with it from
//! where its rows and its container say it is.

use super::dispatcher::Dispatcher;
use crate::domain::run::{OnDisconnect, RunState};
use crate::service::{App, Error, recover};
use chrono::Utc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the rows are held against the engine.
const PERIOD: Duration = Duration::from_secs(15);

/// Looks until told to stop.
pub async fn run(app: App, dispatcher: Dispatcher, stop: CancellationToken) {
    loop {
        app.live.beat("reconciler");
        if let Err(error) = pass(&app, &dispatcher).await {
            let error = crate::domain::report(&error);
            tracing::warn!(error, "what was left behind could not be looked at");
        }
        tokio::select! {
            () = tokio::time::sleep(PERIOD) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// One look.
///
/// # Errors
/// When the database or the engine fails.
pub async fn pass(app: &App, dispatcher: &Dispatcher) -> Result<(), Error> {
    for (id, lock) in recover::abandoned(app).await? {
        let run = app.store.run(id).await?;
        // The command that made it is gone, and its guard too.
        if run.by.is_none() && run.on_disconnect == OnDisconnect::Cancel {
            app.store.request_cancel(id, Utc::now()).await?;
        }
        if run.state == RunState::Queued {
            lock.dispose(&app.config.data_dir, id);
        } else {
            tracing::info!(run = %id, state = %run.state, "taking over a run that nobody drives");
            dispatcher.drive(id, lock);
        }
    }
    recover::sweep(app).await
}
