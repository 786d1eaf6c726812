//! Driving runs: what an attempt is driven with, and the whole way of a run in
//! a process that has no service.

use super::runlock::RunLock;
use super::{App, Error, secrets};
use crate::attempt::Order;
use crate::domain::ids::{AttemptId, RunId};
use crate::domain::measure::Measurements;
use crate::domain::run::{Attempt, Ended, Outcome, Run, RunState};
use crate::domain::secret::{Secret, Secrets};
use crate::logs::{Bounds, Masker, SharedLog, path_of};
use crate::store::Claim;
use chrono::Utc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Everything an attempt of a run is driven with: the one that was begun, or
/// else the next. The run must have been read by the holder of its lock: who had
/// that before may have ended it since.
///
/// # Errors
/// When the log cannot be made.
pub async fn order(app: &App, run: Run, secrets: Secrets) -> Result<Order, Error> {
    let last = app.store.attempts(run.id).await?.pop();
    let number = match &last {
        Some(last) if last.outcome.is_none() => last.id.number,
        Some(last) => last.id.number + 1,
        None => 1,
    };
    let known = last.filter(|last| last.outcome.is_none());
    order_of(app, run, (number, known), secrets)
}

/// [`order`] for a run that was just made.
///
/// # Errors
/// When the log cannot be opened.
pub fn first_order(app: &App, run: Run, secrets: Secrets) -> Result<Order, Error> {
    order_of(app, run, (1, None), secrets)
}

fn order_of(
    app: &App,
    run: Run,
    (number, known): (u32, Option<Attempt>),
    secrets: Secrets,
) -> Result<Order, Error> {
    let attempt = AttemptId {
        run: run.id,
        number,
    };
    let path = path_of(&app.config.data_dir, attempt);
    let bounds = Bounds {
        cap: run.limits.log,
        spare: app.config.spare(),
    };
    let masker = Masker::new(secrets.values().map(Secret::reveal));
    let log = SharedLog::open(&path, bounds, masker)?;
    Ok(Order {
        run,
        attempt,
        known,
        secrets,
        cancel: CancellationToken::new(),
        log,
        fresh: false,
        ahead: None,
    })
}

/// How often a process that drives its own run looks whether it may begin.
const TURN_POLL: Duration = Duration::from_millis(250);

/// Drives a run to its end in this process, which has its lock: waits for its
/// turn, and tries again as often as it shall. `begins` is told of each further
/// attempt.
///
/// # Errors
/// When no engine answers, or the end could not be recorded.
pub async fn drive(
    app: &App,
    mut order: Order,
    lock: RunLock,
    mut begins: impl FnMut(&Order),
) -> Result<Run, Error> {
    let id = order.attempt.run;
    loop {
        if order.run.state == RunState::Queued {
            order.run = turn(app, &order).await?;
            // What was there when it was asked for may be out of date.
            order.ahead = None;
        }
        let run = Box::pin(app.driver().await?.drive(&order)).await?;
        if run.state != RunState::Finished {
            // Its task may name others by now; those it holds stay as they are.
            let given = match secrets::give(app, &run).await? {
                Ok(given) => given,
                Err(why) => {
                    let ended = Ended::because(Outcome::Failed, why);
                    finish_unstarted(app, id, &ended, &Measurements::default()).await?;
                    lock.dispose(&app.config.data_dir, id);
                    return Ok(app.store.run(id).await?);
                }
            };
            order = Order {
                cancel: order.cancel.clone(),
                ..self::order(app, run, given).await?
            };
            begins(&order);
            continue;
        }
        order.log.finish();
        lock.dispose(&app.config.data_dir, id);
        return Ok(run);
    }
}

/// Waits until a queued run may begin. One that is not queued was begun before.
async fn turn(app: &App, order: &Order) -> Result<Run, Error> {
    let id = order.attempt.run;
    let mut told = false;
    loop {
        if order.cancel.is_cancelled() {
            app.store.request_cancel(id, Utc::now()).await?;
        }
        let run = app.store.run(id).await?;
        if run.state != RunState::Queued {
            return Ok(run);
        }
        let claim = app.store.claim(id, None, Utc::now()).await?;
        if claim == Claim::Taken {
            continue;
        }
        if claim == Claim::TaskBusy && !told {
            let why = "as many runs of this task are active as may be; waiting";
            order.log.note(why);
            told = true;
        }
        tokio::select! {
            () = tokio::time::sleep(TURN_POLL) => {}
            () = order.cancel.cancelled() => {}
        }
    }
}

/// Records the end of a run that could not even begin.
///
/// # Errors
/// When the database fails.
pub async fn finish_unstarted(
    app: &App,
    run: RunId,
    ended: &Ended,
    measured: &Measurements,
) -> Result<(), Error> {
    app.store
        .finish(run, ended, measured, &[], Utc::now())
        .await?;
    Ok(())
}

/// How often somebody who waits for the end of a run looks.
const END_POLL: Duration = Duration::from_millis(50);

/// A run once it is over, or after `patience` as it stands then.
///
/// # Errors
/// When there is no such run, or the database fails.
pub async fn finished(app: &App, run: RunId, patience: Duration) -> Result<Run, Error> {
    let give_up = tokio::time::Instant::now() + patience;
    loop {
        let run = app.store.run(run).await?;
        if run.state == RunState::Finished || tokio::time::Instant::now() >= give_up {
            return Ok(run);
        }
        tokio::time::sleep(END_POLL).await;
    }
}
