//! Removes what is no longer needed, now and then, and at once when the disk of
//! the data folder is nearly full. What that is, `service::prune` says; `runbay
//! prune` does the same by hand.

use crate::domain::audit::Actor;
use crate::domain::size::Bytes;
use crate::service::prune::{self, Options};
use crate::service::{App, Error};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How often the disk is looked at.
const LOOK: Duration = Duration::from_secs(10);
/// How long a full disk waits for the next try: what is there still is needed.
const AGAIN: Duration = Duration::from_secs(300);
/// A service that just began has better things to do.
const FIRST: Duration = Duration::from_secs(60);

/// Removes until told to stop.
pub async fn run(app: App, stop: CancellationToken) {
    let mut looked = Instant::now();
    let mut first = true;
    let mut tried: Option<Instant> = None;
    while !stop.is_cancelled() {
        // It may be changed meanwhile.
        let keep = &app.settings().keep;
        let every = keep.every.0;
        let wait = if first { every.min(FIRST) } else { every };
        let full = prune::is_low(&app) && tried.is_none_or(|at| at.elapsed() >= AGAIN);
        if keep.automatic && (full || looked.elapsed() >= wait) {
            tried = full.then(Instant::now).or(tried);
            tokio::select! {
                swept = pass(&app) => tell(swept),
                () = stop.cancelled() => return,
            }
            (looked, first) = (Instant::now(), false);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK.min(every)) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn pass(app: &App) -> Result<prune::Swept, Error> {
    let plan = prune::plan(app, Options::default()).await?;
    prune::carry_out(app, &plan, &Actor::service()).await
}

fn tell(swept: Result<prune::Swept, Error>) {
    match swept {
        Ok(swept) if swept.removed > 0 => tracing::info!(
            removed = swept.removed,
            freed = %Bytes(swept.bytes),
            "removed what is no longer needed"
        ),
        Ok(_) => {}
        // An engine that is away has nothing that could be removed.
        Err(Error::Engine(error)) if error.is_transient() => {
            tracing::debug!(%error, "nothing is removed while the engine is away");
        }
        Err(error) => {
            let error = crate::domain::report(&error);
            tracing::warn!(error, "what is no longer needed could not be removed");
        }
    }
}
