//! Makes the backup of each night. What is in one, `service::backup` says.

use crate::service::backup;
use crate::service::{App, Error};
use chrono::Utc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the clock is looked at; and how long a service that just began has
/// better things to do.
const LOOK: Duration = Duration::from_secs(60);
/// The pause after one that failed.
const AGAIN: Duration = Duration::from_secs(3600);

/// Makes backups until told to stop.
pub async fn run(app: App, stop: CancellationToken) {
    let mut pause = LOOK;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
        let made = tokio::select! {
            made = pass(&app) => made,
            () = stop.cancelled() => return,
        };
        pause = match made {
            Ok(()) => LOOK,
            Err(error) => {
                let error = crate::domain::report(&error);
                tracing::warn!(error, "this night's backup could not be made");
                AGAIN
            }
        };
    }
}

async fn pass(app: &App) -> Result<(), Error> {
    if backup::is_due(&app.settings(), Utc::now())? {
        let made = backup::make(app).await?;
        let path = made.file.unwrap_or_default();
        tracing::info!(path = %path.display(), bytes = made.bytes, "made this night's backup");
    }
    Ok(())
}
