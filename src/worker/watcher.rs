//! Notices what nobody asked for: tasks that change, an engine that goes away,
//! a disk that fills, a clock that is set. And forgets what is old.

use crate::service::vigil::Vigil;
use crate::service::watch::Watch;
use crate::service::{App, Error};
use chrono::{TimeDelta, Utc};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the files of tasks are looked at.
const TASKS: Duration = Duration::from_secs(1);
/// How often the service looks at what it stands on.
const GROUND: Duration = Duration::from_secs(5);
/// How often what is old is forgotten.
const FORGET: Duration = Duration::from_secs(3600);

/// How long events are kept, for listeners that were away.
const EVENTS: TimeDelta = TimeDelta::days(7);
/// How long lines of the ledger are kept, and how many of each schedule. A
/// schedule of every minute has ten thousand in a week.
const LEDGER: (TimeDelta, u32) = (TimeDelta::days(400), 10_000);

/// The first look at the files of tasks: what is there already is no news.
pub async fn first_look(app: &App) -> Watch {
    let mut watch = Watch::default();
    look_at_tasks(app, &mut watch).await;
    watch
}

/// Watches the files of tasks until told to stop.
pub async fn tasks(app: App, mut watch: Watch, stop: CancellationToken) {
    while !stop.is_cancelled() {
        app.live.beat("watcher");
        look_at_tasks(&app, &mut watch).await;
        tokio::select! {
            () = tokio::time::sleep(TASKS) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn look_at_tasks(app: &App, watch: &mut Watch) {
    if let Err(error) = watch.look(app).await {
        warn(&error, "changes of tasks cannot be told");
    }
}

/// Watches what the service stands on until told to stop.
pub async fn ground(app: App, stop: CancellationToken) {
    let mut vigil = None;
    while !stop.is_cancelled() {
        if let Err(error) = look(&app, &mut vigil).await {
            warn(&error, "how the service is cannot be told");
        }
        tokio::select! {
            () = tokio::time::sleep(GROUND) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn look(app: &App, vigil: &mut Option<Vigil>) -> Result<(), Error> {
    let vigil = match vigil {
        Some(vigil) => vigil,
        None => vigil.insert(Vigil::begin(app).await?),
    };
    vigil.look(app).await
}

/// Forgets old events and lines of the ledger until told to stop.
pub async fn forget(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = forget_once(&app).await {
            warn(&error, "what is old could not be forgotten");
        }
        tokio::select! {
            () = tokio::time::sleep(FORGET) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// In small steps, so that nobody waits for long.
async fn forget_once(app: &App) -> Result<(), Error> {
    let now = Utc::now();
    while app.store.forget_events(now - EVENTS).await? {}
    while app.store.forget_slots(now - LEDGER.0, LEDGER.1).await? {}
    Ok(())
}

fn warn(error: &Error, what: &'static str) {
    let error = crate::domain::report(error);
    tracing::warn!(error, "{what}");
}
