//! Tells hooks what happened: turns events into deliveries, sends what is due,
//! and announces reports. Runs never wait for any of it.

use crate::service::hooks::{self, Hearing, Sending};
use crate::service::{App, Error, report};
use chrono::{TimeDelta, Utc};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often is looked for what other processes tell, and for what is due.
const LOOK: Duration = Duration::from_secs(1);
/// How long deliveries are kept after they arrived or were given up.
const KEPT: TimeDelta = TimeDelta::days(30);
/// How often is looked for older ones.
const FORGET: Duration = Duration::from_secs(3600);

/// Listens to events until told to stop.
pub async fn listen(app: App, stop: CancellationToken) {
    let mut commits = app.store.commits();
    let mut hearing = Hearing::default();
    while !stop.is_cancelled() {
        match hooks::listen_once(&app, &mut hearing).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => warn(&error, "what happened cannot be told to hooks"),
        }
        tokio::select! {
            // Fails only when the database is closed; then time has to do.
            Ok(()) = commits.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Sends deliveries until told to stop. What is on its way then may arrive and be
/// sent again by the next service, under the same id.
pub async fn send(app: App, stop: CancellationToken) {
    let mut forgot: Option<std::time::Instant> = None;
    let mut sending = Sending::default();
    while !stop.is_cancelled() {
        if let Err(error) = begin(&app, &mut sending).await {
            warn(&error, "hooks cannot be told");
        }
        if forgot.is_none_or(|at| at.elapsed() >= FORGET) {
            forgot = Some(std::time::Instant::now());
            if let Err(error) = forget(&app).await {
                warn(&error, "old deliveries could not be forgotten");
            }
        }
        let failed = tokio::select! {
            Some(tried) = sending.ended() => tried.err(),
            () = app.live.hooks_woken() => None,
            () = tokio::time::sleep(LOOK) => None,
            () = stop.cancelled() => None,
        };
        if let Some(error) = failed {
            warn(&error, "what became of a delivery cannot be noted");
            // It is still due, and must not be sent again and again meanwhile.
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

async fn begin(app: &App, sending: &mut Sending) -> Result<(), Error> {
    report::announce(app, Utc::now()).await?;
    sending.begin(app, Utc::now()).await
}

async fn forget(app: &App) -> Result<(), Error> {
    while app.store.forget_deliveries(Utc::now() - KEPT).await? {}
    Ok(())
}

fn warn(error: &Error, what: &'static str) {
    let error = crate::domain::report(error);
    tracing::warn!(error, "{what}");
}
