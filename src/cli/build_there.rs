//! What is built by a service while this process shows it.

use super::error::Error;
use super::printer::{Printer, Show};
use super::run::cancel_on_signal;
use super::run_there::{apart, show_one};
use crate::client::{self, Client, News};
use crate::domain::ids::TaskName;
use crate::image::ImageError;
use crate::service;
use crate::service::work::{Aim, Work, WorkState};
use tokio_util::sync::CancellationToken;

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
    let stops = tokio::spawn(stop_when_asked(client.clone(), task.clone(), cancel));
    let done = apart(attend(client.clone(), begun, show)).await;
    signals.abort();
    stops.abort();
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

async fn attend(client: Client, begun: Work, show: Show) -> Result<Work, Error> {
    let mut printer = Printer::new(show);
    let mut follow = client.follow_work(&begun.task);
    // Nobody may read our output any more; what is built is wanted yet.
    let mut seen = true;
    while let Some(news) = follow.next().await? {
        if let News::Built(work) = news {
            if work.started_at == begun.started_at {
                return Ok(*work);
            }
            break;
        }
        seen = seen && show_one(&mut printer, &news).is_ok();
    }
    let text = format!(
        "what was built for {} is not known: something else was begun for it meanwhile",
        begun.task
    );
    Err(service::Error::Conflict(text).into())
}

/// Hands the wish of who typed Ctrl-C on.
async fn stop_when_asked(client: Client, task: TaskName, wish: CancellationToken) {
    wish.cancelled().await;
    if let Err(error) = client.stop_work(&task).await {
        // It is over or the service is gone; who follows it is told.
        tracing::info!(error = crate::domain::report(&error), "not stopped");
    }
}
