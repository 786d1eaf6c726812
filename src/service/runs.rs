//! Starting, finding, repeating and cancelling runs.

pub use super::lookup::{find, unknown};

use super::runlock::RunLock;
use super::tasks::{NewFile, lay_over};
use super::{App, Error, secrets, space};
use crate::catalogue::Catalogue;
use crate::domain::filepath::FilePath;
use crate::domain::ids::{Digest, RunId, TaskName};
use crate::domain::params::Params;
use crate::domain::retry::Overlap;
use crate::domain::run::{OnDisconnect, Run, RunState, Trigger};
use crate::domain::secret::Secrets;
use crate::domain::task::Task;
use crate::store::{Admission, RequestKey, Rules};
use chrono::Utc;
use serde_json::Value;
use std::collections::BTreeMap;

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
    /// Why.
    pub trigger: Trigger,
    /// Who; none for a command that drives the run itself.
    pub by: Option<String>,
    /// Instead of the task's own priority.
    pub priority: Option<i32>,
    /// Instead of the task's own overlap policy.
    pub overlap: Option<Overlap>,
    /// The key that tells this request from others (`Idempotency-Key`).
    pub key: Option<String>,
    /// Values of secrets that the task names, instead of those that are kept.
    /// They are kept, sealed, until the run is over.
    pub secrets: Secrets,
    /// What whoever asks sent beside: the script finds it as a file.
    pub payload: Option<Vec<u8>>,
    /// Files to lay over the task's own for this run alone, which makes it a
    /// trial. Only [`submit`] does.
    pub files: BTreeMap<FilePath, NewFile>,
}

impl Request {
    /// A request by hand, with nothing said.
    #[must_use]
    pub fn new(task: TaskName) -> Self {
        Self {
            task,
            params: BTreeMap::new(),
            args: Vec::new(),
            on_disconnect: OnDisconnect::Cancel,
            trigger: Trigger::Manual,
            by: None,
            priority: None,
            overlap: None,
            key: None,
            secrets: Secrets::new(),
            payload: None,
            files: BTreeMap::new(),
        }
    }

    /// What two requests with the same key must have in common.
    fn digest(&self) -> Digest {
        let asked = serde_json::json!([
            self.params,
            self.args,
            self.priority,
            self.overlap,
            self.files,
            self.payload.as_deref().map(Digest::of),
        ]);
        Digest::of(asked.to_string().as_bytes())
    }
}

/// How a request to run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Submitted {
    /// A new run waits.
    Queued(Run),
    /// The same request came before; this is the run it made.
    Replayed(Run),
}

/// Checks a request and makes it a queued run, durably. Whoever drives the
/// queue takes it from there.
///
/// # Errors
/// When there is no such task, it is disabled, a parameter is not valid, the
/// task's overlap policy, the length of the queue or the disk forbids it, its key
/// was used for another request, or the files to try are not valid.
pub async fn submit(app: &App, request: &Request) -> Result<Submitted, Error> {
    let (run, mut rules) = match request.files.is_empty() {
        true => {
            let task = load(&app.catalogue, &request.task)?;
            let (run, rules) = prepare_of(app, &task, request)?;
            secrets::check_given(app, &task, &run, &request.secrets).await?;
            (run, rules)
        }
        false => trial(app, request).await?,
    };
    rules.given = secrets::sealed(app, run.id, &request.secrets).await?;
    admit(app, run, &rules).await
}

/// A request to try files, as a run of the task as it would be with them.
async fn trial(app: &App, request: &Request) -> Result<(Run, Rules), Error> {
    let (task, version) = lay_over(app, &request.task, &request.files).await?;
    let task = enabled(task)?;
    let (mut run, rules) = prepare_of(app, &task, request)?;
    run.trial = true;
    run.version = Some(version);
    secrets::check_given(app, &task, &run, &request.secrets).await?;
    Ok((run, rules))
}

/// [`submit`] for a process that drives the run itself: it gets the right to.
///
/// # Errors
/// As [`submit`].
pub async fn request(app: &App, task: &Task, request: &Request) -> Result<(Run, RunLock), Error> {
    let (run, mut rules) = prepare_of(app, task, request)?;
    secrets::check_given(app, task, &run, &request.secrets).await?;
    rules.given = secrets::sealed(app, run.id, &request.secrets).await?;
    admit_locked(app, run, rules).await
}

/// A request as a run, and the rules it must meet.
pub(super) fn prepare_of(app: &App, task: &Task, request: &Request) -> Result<(Run, Rules), Error> {
    let params = crate::catalogue::check_params(&task.manifest.params, &request.params)
        .map_err(|problems| Error::params(&task.name, &problems))?;
    let mut run = Run {
        args: request.args.clone(),
        on_disconnect: request.on_disconnect,
        trigger: request.trigger,
        by: request.by.clone(),
        ..blank(app, task, params)
    };
    run.priority = request.priority.unwrap_or(run.priority);
    let mut rules = rules(app, task, &mut run, request.overlap);
    rules.payload = request.payload.clone();
    rules.key = request.key.clone().map(|key| RequestKey {
        key,
        request: request.digest(),
    });
    Ok((run, rules))
}

/// The rules for a new run of a task. To wait for others or to take their
/// place, a run must begin only when few enough are active.
fn rules(app: &App, task: &Task, run: &mut Run, overlap: Option<Overlap>) -> Rules {
    let overlap = overlap.or(task.manifest.overlap).unwrap_or(Overlap::Allow);
    if overlap != Overlap::Allow {
        run.concurrency = Some(run.concurrency.unwrap_or(1));
    }
    Rules {
        overlap,
        key: None,
        queue_limit: app.settings().queue.limit,
        task_limit: app.settings().queue.per_task,
        slot: None,
        claim: false,
        given: Vec::new(),
        payload: None,
    }
}

/// Makes a new run with the parameters of an earlier one; with `same_image`
/// also from the very image it ran from.
///
/// # Errors
/// When the task is gone or disabled, the earlier run never had an image, or
/// as [`submit`].
pub async fn resubmit(app: &App, again: &Again) -> Result<Run, Error> {
    let (run, rules) = repeat(app, again).await?;
    match admit(app, run, &rules).await? {
        Submitted::Queued(run) | Submitted::Replayed(run) => Ok(run),
    }
}

/// [`resubmit`] for a process that drives the run itself.
///
/// # Errors
/// As [`resubmit`].
pub async fn rerun(app: &App, again: &Again) -> Result<(Run, RunLock), Error> {
    let (run, rules) = repeat(app, again).await?;
    admit_locked(app, run, rules).await
}

/// A wish to run again what an earlier run did.
#[derive(Debug, Clone)]
pub struct Again {
    /// The earlier run.
    pub of: RunId,
    /// Also from its very image.
    pub same_image: bool,
    /// What happens when the command that started it is killed.
    pub on_disconnect: OnDisconnect,
    /// Who; none for a command that drives the run itself.
    pub by: Option<String>,
    /// As in [`Request`].
    pub secrets: Secrets,
}

async fn repeat(app: &App, again: &Again) -> Result<(Run, Rules), Error> {
    let earlier = app.store.run(again.of).await?;
    let task = load(&app.catalogue, &earlier.task)?;
    let given = earlier.params.clone();
    let params = crate::catalogue::check_params(&task.manifest.params, &given)
        .map_err(|problems| Error::params(&task.name, &problems))?;
    let mut run = Run {
        args: earlier.args,
        on_disconnect: again.on_disconnect,
        trigger: Trigger::Rerun,
        rerun_of: Some(again.of),
        by: again.by.clone(),
        ..blank(app, &task, params)
    };
    if again.same_image {
        let Some(image) = earlier.image else {
            return Err(Error::Conflict(format!(
                "run {} never had an image; leave out --same-image",
                again.of.short()
            )));
        };
        run.version = earlier.version;
        run.environment = earlier.environment;
        run.lock = earlier.lock;
        run.image = Some(image.clone());
        run.pinned_image = Some(image);
    }
    let mut rules = rules(app, &task, &mut run, None);
    rules.payload = app.store.payload(again.of).await?;
    secrets::check_given(app, &task, &run, &again.secrets).await?;
    rules.given = secrets::sealed(app, run.id, &again.secrets).await?;
    Ok((run, rules))
}

/// Saves a new run of which this process has the lock. Locked first: a run that
/// is there and whose lock is free is taken for one whose driver died.
async fn admit_locked(app: &App, run: Run, rules: Rules) -> Result<(Run, RunLock), Error> {
    let (data, id) = (&app.config.data_dir, run.id);
    let Some(lock) = RunLock::try_take(data, id)? else {
        return Err(Error::Conflict(format!(
            "another process drives run {}",
            id.short()
        )));
    };
    let rules = Rules {
        claim: true,
        ..rules
    };
    match admit(app, run, &rules).await {
        Ok(Submitted::Queued(run)) => Ok((run, lock)),
        Ok(Submitted::Replayed(run)) => {
            lock.dispose(data, id);
            Err(Error::Conflict(format!(
                "the same request made run {} before",
                run.id.short()
            )))
        }
        Err(error) => {
            lock.dispose(data, id);
            Err(error)
        }
    }
}

pub(super) async fn admit(app: &App, mut run: Run, rules: &Rules) -> Result<Submitted, Error> {
    space::check(app)?;
    match app.store.admit(&run, rules).await? {
        Admission::Queued => {
            app.live.wake();
            Ok(Submitted::Queued(run))
        }
        Admission::Claimed => {
            run.state = RunState::Building;
            Ok(Submitted::Queued(run))
        }
        Admission::Replayed(earlier) => Ok(Submitted::Replayed(app.store.run(earlier).await?)),
        Admission::KeyTaken(earlier) => Err(Error::Conflict(format!(
            "another request used this idempotency key and made run {}; use a new key",
            earlier.short()
        ))),
        Admission::Skipped(other) => Err(Error::Conflict(format!(
            "{} is not run: run {} of it is not over, and its overlap policy is “skip”",
            run.task,
            other.short()
        ))),
        Admission::Full(waiting) => Err(Error::Full(format!(
            "{waiting} runs wait already, and no more than {} may (queue.limit in runbay.toml); try again later, or cancel some",
            rules.queue_limit
        ))),
        Admission::TaskFull(waiting) => Err(Error::Full(format!(
            "{waiting} runs of {} wait already, and no more than {} of one task may (queue.per_task in runbay.toml); try again later, or cancel some",
            run.task, rules.task_limit
        ))),
        Admission::Settled => Err(Error::Conflict(
            "somebody else has decided about this slot".to_owned(),
        )),
    }
}

/// The task, if new runs of it are allowed.
///
/// # Errors
/// When there is none, it cannot be read, or it is disabled.
pub fn load(catalogue: &Catalogue, name: &TaskName) -> Result<Task, Error> {
    enabled(catalogue.load(name)?)
}

fn enabled(task: Task) -> Result<Task, Error> {
    if task.manifest.enabled == Some(false) {
        return Err(Error::Conflict(format!(
            "{} is disabled: its task.toml says enabled = false",
            task.name
        )));
    }
    Ok(task)
}

fn blank(app: &App, task: &Task, params: Params) -> Run {
    let limits = app.settings().limits.with(&task.manifest);
    Run {
        priority: task.manifest.priority.unwrap_or(0),
        concurrency: task.manifest.concurrency,
        retries: task.manifest.retries.clone().unwrap_or_default(),
        ..Run::new(task.name.clone(), params, limits, Utc::now())
    }
}

/// Asks for the end of a run. Its driver notices within a moment.
///
/// # Errors
/// When the run is already over.
pub async fn cancel(app: &App, run: RunId) -> Result<(), Error> {
    if app.store.request_cancel(run, Utc::now()).await? {
        app.live.cancel(run);
        app.live.wake();
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

/// Asks for the end of all runs that are not over, or only of those that wait,
/// of one task or of all that `sees` lets through; how many.
///
/// # Errors
/// When the database fails.
pub async fn cancel_all(
    app: &App,
    task: Option<&TaskName>,
    queued: bool,
    sees: impl Fn(&TaskName) -> bool,
) -> Result<usize, Error> {
    let mut asked = 0;
    for run in app.store.active_runs().await? {
        let meant = task.is_none_or(|task| *task == run.task)
            && sees(&run.task)
            && (!queued || run.state == RunState::Queued);
        if meant && app.store.request_cancel(run.id, Utc::now()).await? {
            app.live.cancel(run.id);
            asked += 1;
        }
    }
    app.live.wake();
    Ok(asked)
}
