//! What is built by a service while this process shows it.

use super::error::Error;
use super::printer::{Printer, Show};
use super::run::cancel_on_signal;
use crate::client::{self, Client};
use crate::domain::ids::TaskName;
use crate::image::ImageError;
use crate::service;
use crate::service::work::{Aim, Work, WorkState};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the service is asked how far it is.
const LOOK: Duration = Duration::from_millis(200);

/// Lets a service work on a task, shows the output, and stops it at a signal.
pub(super) async fn watched(
    client: &Client,
    task: &TaskName,
    aim: &Aim,
    show: Show,
) -> Result<Work, Error> {
    let begun = client.begin(task, aim).await?;
    let cancel = CancellationToken::new();
    let signals = tokio::spawn(cancel_on_signal(cancel.clone()));
    let mut printer = Printer::new(show);
    let done = attend(client, &begun, &mut printer, &cancel).await;
    signals.abort();
    printer.done();
    let work = done?;
    match work.state {
        WorkState::Succeeded | WorkState::Building => Ok(work),
        WorkState::Cancelled => Err(service::Error::from(ImageError::Cancelled).into()),
        WorkState::Failed => {
            let why = work.problem.unwrap_or_default();
            Err(client::Error::failed(work.failure, why).into())
        }
    }
}

async fn attend(
    client: &Client,
    begun: &Work,
    printer: &mut Printer,
    cancel: &CancellationToken,
) -> Result<Work, Error> {
    let mut log = client.work_log(&begun.task);
    let mut asked = false;
    let mut seen = true;
    loop {
        // Asked before the log is read, so that nothing at its end is missed.
        let work = client.work(&begun.task).await?;
        if work.started_at != begun.started_at {
            let text = format!(
                "what was built for {} is not known: something else was begun for it meanwhile",
                begun.task
            );
            return Err(service::Error::Conflict(text).into());
        }
        while seen {
            let lines = log.next().await?;
            // Nobody may read our output any more; what is built is wanted yet.
            seen = printer.lines(&lines).is_ok();
            if !log.has_more() {
                break;
            }
        }
        if work.state != WorkState::Building {
            return Ok(work);
        }
        if cancel.is_cancelled() && !asked {
            asked = true;
            client.stop_work(&begun.task).await?;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = cancel.cancelled(), if !asked => {}
        }
    }
}
