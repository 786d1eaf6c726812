//! Starting, finding, repeating and cancelling runs.

use super::runlock::RunLock;
use super::{App, Error, space};
use crate::attempt::Order;
use crate::domain::ids::{AttemptId, RunId, TaskName};
use crate::domain::limits::Limits;
use crate::domain::measure::Measurements;
use crate::domain::params::Params;
use crate::domain::run::{Ended, OnDisconnect, Run, RunState, Trigger};
use crate::domain::secret::{Secret, Secrets};
use crate::domain::task::Task;
use crate::logs::{Bounds, SharedLog, path_of};
use chrono::Utc;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A request to run a task, as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// The task.
    pub task: TaskName,
    /// Parameter values, unchecked.
    pub params: BTreeMap<String, Value>,
    /// Arguments after those of the manifest.
    pub args: Vec<String>,
    /// What happens when the command that started it is killed.
    pub on_disconnect: OnDisconnect,
}

/// Checks a request and makes it a queued run, durably, with the right to drive
/// it.
///
/// # Errors
/// When there is no such task, it is disabled, a parameter is not valid, or the
/// disk is nearly full.
pub async fn request(app: &App, request: &Request) -> Result<(Run, RunLock), Error> {
    let task = load(app, &request.task)?;
    let params = crate::catalogue::check_params(&task.manifest.params, &request.params)
        .map_err(|problems| Error::params(&task.name, &problems))?;
    let run = Run {
        args: request.args.clone(),
        on_disconnect: request.on_disconnect,
        ..blank(app, &task, params)
    };
    insert(app, run).await
}

/// Makes a new run with the parameters of an earlier one; with `same_image`
/// also from the very image it ran from.
///
/// # Errors
/// When the task is gone or disabled, the earlier run never had an image, or the
/// disk is nearly full.
pub async fn rerun(
    app: &App,
    of: RunId,
    same_image: bool,
    on_disconnect: OnDisconnect,
) -> Result<(Run, RunLock), Error> {
    let earlier = app.store.run(of).await?;
    let task = load(app, &earlier.task)?;
    let given = earlier.params.clone();
    let params = crate::catalogue::check_params(&task.manifest.params, &given)
        .map_err(|problems| Error::params(&task.name, &problems))?;
    let mut run = Run {
        args: earlier.args,
        on_disconnect,
        trigger: Trigger::Rerun,
        rerun_of: Some(of),
        ..blank(app, &task, params)
    };
    if same_image {
        let Some(image) = earlier.image else {
            return Err(Error::Conflict(format!(
                "run {} never had an image; leave out --same-image",
                of.short()
            )));
        };
        run.version = earlier.version;
        run.environment = earlier.environment;
        run.lock = earlier.lock;
        run.image = Some(image.clone());
        run.pinned_image = Some(image);
    }
    insert(app, run).await
}

/// Saves a new run. Locked first: a run that is there and whose lock is free is
/// taken for one whose driver died.
async fn insert(app: &App, run: Run) -> Result<(Run, RunLock), Error> {
    space::check(app)?;
    let data = &app.config.data_dir;
    let Some(lock) = RunLock::try_take(data, run.id)? else {
        return Err(Error::Conflict(format!(
            "another process drives run {}",
            run.id.short()
        )));
    };
    if let Err(error) = app.store.insert_run(&run).await {
        lock.dispose(data, run.id);
        return Err(error.into());
    }
    Ok((run, lock))
}

/// The task, if new runs of it are allowed.
fn load(app: &App, name: &TaskName) -> Result<Task, Error> {
    let task = app.catalogue.load(name)?;
    if task.manifest.enabled == Some(false) {
        return Err(Error::Conflict(format!(
            "{name} is disabled: its task.toml says enabled = false"
        )));
    }
    Ok(task)
}

fn blank(app: &App, task: &Task, params: Params) -> Run {
    let limits: Limits = app.config.limits.with(&task.manifest);
    Run {
        id: RunId::new(),
        task: task.name.clone(),
        trigger: Trigger::Manual,
        rerun_of: None,
        state: RunState::Queued,
        outcome: None,
        exit_code: None,
        reason: None,
        params,
        args: Vec::new(),
        limits,
        pinned_image: None,
        version: None,
        environment: None,
        lock: None,
        image: None,
        result: None,
        created_at: Utc::now(),
        started_at: None,
        finished_at: None,
        cancel_requested_at: None,
        on_disconnect: OnDisconnect::Cancel,
    }
}

/// The secrets a task needs, from `lookup`.
///
/// # Errors
/// Names every missing one.
pub fn secrets(task: &Task, lookup: impl Fn(&str) -> Option<String>) -> Result<Secrets, Error> {
    let mut found = Secrets::new();
    let mut missing = Vec::new();
    for name in &task.manifest.secrets {
        match lookup(name) {
            Some(value) => {
                found.insert(name.clone(), Secret::new(value));
            }
            None => missing.push(name.as_str()),
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    Err(Error::Invalid(format!(
        "{} needs the secret{} {}: give each as --secret NAME (taken from the environment variable of that name) or --secret NAME=@file",
        task.name,
        if missing.len() == 1 { "" } else { "s" },
        missing.join(", ")
    )))
}

/// The log of a run's attempt, open for writing.
///
/// # Errors
/// When it cannot be made.
pub fn open_log(app: &App, run: &Run) -> Result<Arc<SharedLog>, Error> {
    let id = AttemptId {
        run: run.id,
        number: 1,
    };
    let bounds = Bounds {
        cap: run.limits.log,
        spare: app.config.spare(),
    };
    Ok(SharedLog::open(&path_of(&app.config.data_dir, id), bounds)?)
}

/// Drives a run to its end in this process, which has its lock.
///
/// # Errors
/// When no engine answers, or the end could not be recorded.
pub async fn drive(app: &App, order: Order, lock: RunLock) -> Result<Run, Error> {
    let ended = app.driver().await?.drive(&order).await?;
    lock.dispose(&app.config.data_dir, order.run);
    Ok(ended)
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

/// Everything [`drive`] wants for a run that this process just made.
#[must_use]
pub fn order(run: &Run, secrets: Secrets, log: Arc<SharedLog>) -> Order {
    Order {
        run: run.id,
        secrets,
        cancel: CancellationToken::new(),
        log,
        fresh: false,
    }
}

/// Asks for the end of a run. Its driver notices within a moment.
///
/// # Errors
/// When the run is already over.
pub async fn cancel(app: &App, run: RunId) -> Result<(), Error> {
    if app.store.request_cancel(run, Utc::now()).await? {
        return Ok(());
    }
    let run = app.store.run(run).await?;
    match run.outcome {
        Some(outcome) => Err(Error::Conflict(format!(
            "run {} is already over: {outcome}",
            run.id.short()
        ))),
        // Asked before; asking again is no error.
        None => Ok(()),
    }
}

/// The run that a person means: an id or the beginning or end of one, `last`,
/// or the name of a task for its last run.
///
/// # Errors
/// When none or several fit.
pub async fn find(app: &App, text: &str) -> Result<Run, Error> {
    if text == "last" {
        return app.store.last_run(None).await?.ok_or_else(|| {
            Error::NotFound("there is no run yet; `runbay run <task>` makes one".to_owned())
        });
    }
    let hex = text.len() >= 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if hex {
        let found = app.store.find_runs(text).await?;
        match found.as_slice() {
            [one] => return Ok(app.store.run(*one).await?),
            [] => {}
            many => {
                let ids: Vec<String> = many.iter().map(|id| id.short()).collect();
                return Err(Error::Conflict(format!(
                    "“{text}” fits several runs: {}",
                    ids.join(", ")
                )));
            }
        }
    }
    if let Ok(name) = text.parse::<TaskName>()
        && let Some(run) = app.store.last_run(Some(&name)).await?
    {
        return Ok(run);
    }
    Err(Error::NotFound(format!(
        "no run fits “{}”: give an id from `runbay ps --all`, a task that has run, or “last”",
        text.escape_debug()
    )))
}
