//! What is built while nobody waits for it: images of tasks, and newer locks.
//! One thing at a time for each task; its output is the build log of the task.
//! What was done is remembered while the process lives, and the images for
//! longer than that.

use super::environments::{self, Proposal};
use super::inspect::LockSummary;
use super::{App, Error, Field, Kind, builds, changes::PackageDiff};
use crate::domain::environment::LockedPackage;
use crate::domain::ids::{Digest, TaskName};
use crate::image::{BuildContext, ImageError};
use crate::logs::SharedLog;
use crate::threads::off_thread;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What is done for a task.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// Its image is built; with `anew` its environment, too, on the base of
    /// today.
    Image(Making),
    /// Its requirements are resolved anew, and nothing is installed.
    Proposal,
    /// A proposed lock becomes the one in use.
    Adoption(Adopting),
}

/// How an image is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Making {
    /// Whether the environment is built although it is there.
    pub anew: bool,
}

/// Which lock is taken into use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Adopting {
    /// The lock.
    pub lock: Digest,
}

/// How work on a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// It goes on.
    Building,
    /// It is done.
    Succeeded,
    /// It failed; `problem` says why.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

/// A newer lock of a task, not in use.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Proposed {
    /// The lock in use; none before the first build.
    pub before: Option<LockSummary>,
    /// The lock of today.
    pub lock: LockSummary,
    /// What would change.
    pub packages: PackageDiff,
    /// Whether anything would change.
    pub changed: bool,
    /// All that is in the lock of today.
    pub locked: Vec<LockedPackage>,
}

impl From<&Proposal> for Proposed {
    fn from(found: &Proposal) -> Self {
        Self {
            before: found.before.as_ref().map(LockSummary::from),
            lock: LockSummary::from(&found.lock),
            packages: found.packages.clone(),
            changed: !found.changes_nothing(),
            locked: found.lock.packages(),
        }
    }
}

/// The last work on a task.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Work {
    /// The task.
    pub task: TaskName,
    /// What is done.
    pub aim: Aim,
    /// How it stands.
    pub state: WorkState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub problem: Option<String>,
    /// What kind of failure that is.
    pub failure: Option<Kind>,
    /// The image, when one was built.
    pub built: Option<builds::Built>,
    /// The lock that was found, when one was asked for.
    pub proposal: Option<Proposed>,
}

/// The work of this process, by task.
#[derive(Debug, Default)]
pub struct Works {
    all: Mutex<HashMap<TaskName, Kept>>,
}

#[derive(Debug)]
struct Kept {
    work: Work,
    log: Arc<SharedLog>,
    cancel: CancellationToken,
    proposal: Option<Arc<Proposal>>,
}

/// What work came to.
enum Found {
    Built(builds::Built),
    Proposed(Arc<Proposal>),
    Adopted,
}

impl Works {
    fn all(&self) -> MutexGuard<'_, HashMap<TaskName, Kept>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open build log of a task that is worked on here.
    #[must_use]
    pub fn log(&self, task: &TaskName) -> Option<Arc<SharedLog>> {
        let all = self.all();
        let kept = all.get(task)?;
        (kept.work.state == WorkState::Building).then(|| kept.log.clone())
    }

    /// Stops everything, since the process ends.
    pub fn cancel_all(&self) {
        for kept in self.all().values() {
            kept.cancel.cancel();
        }
    }
}

/// Begins work on a task. When the same goes on already, that is what is
/// answered.
///
/// # Errors
/// When there is no such task or something is wrong with it, something else is
/// done for it just now, or the lock to adopt was never proposed.
pub async fn start(app: &App, task: &TaskName, aim: Aim) -> Result<Work, Error> {
    let (catalogue, name) = (app.catalogue.clone(), task.clone());
    off_thread(move || catalogue.load(&name)).await?;
    let mut all = app.works.all();
    let present = all.get(task);
    if let Some(kept) = present.filter(|kept| kept.work.state == WorkState::Building) {
        if kept.work.aim == aim {
            return Ok(kept.work.clone());
        }
        return Err(Error::Conflict(format!(
            "something else is built for {task} just now: wait for it, or cancel it"
        )));
    }
    let proposal = present.and_then(|kept| kept.proposal.clone());
    if let Aim::Adoption(Adopting { lock }) = &aim
        && proposal
            .as_ref()
            .is_none_or(|known| known.lock.digest != *lock)
    {
        let message = format!("is not proposed for {task}: ask for a proposal first");
        return Err(Error::Fields(vec![Field::body("/lock", message)]));
    }
    let log = builds::open_log(app, task)?;
    let cancel = CancellationToken::new();
    let work = Work {
        task: task.clone(),
        aim,
        state: WorkState::Building,
        started_at: Utc::now(),
        finished_at: None,
        problem: None,
        failure: None,
        built: None,
        proposal: None,
    };
    let context = BuildContext {
        log: log.clone(),
        cancel: cancel.clone(),
        fresh: true,
        anew: work.aim == Aim::Image(Making { anew: true }),
    };
    let kept = Kept {
        work: work.clone(),
        log,
        cancel,
        proposal: proposal.clone(),
    };
    all.insert(task.clone(), kept);
    tokio::spawn(see_through(app.clone(), work.clone(), proposal, context));
    Ok(work)
}

async fn see_through(
    app: App,
    mut work: Work,
    proposal: Option<Arc<Proposal>>,
    context: BuildContext,
) {
    let log = context.log.clone();
    tell(&app, "build.started", &work).await;
    let result = do_it(&app, &work, proposal.clone(), &context).await;
    log.finish();
    work.finished_at = Some(Utc::now());
    work.state = WorkState::Succeeded;
    let mut kept_proposal = proposal;
    match result {
        Ok(Found::Built(built)) => work.built = Some(built),
        Ok(Found::Adopted) => kept_proposal = None,
        Ok(Found::Proposed(found)) => {
            work.proposal = Some(Proposed::from(&*found));
            kept_proposal = Some(found);
        }
        Err(Error::Image(ImageError::Cancelled)) => work.state = WorkState::Cancelled,
        Err(error) => {
            work.state = WorkState::Failed;
            work.problem = Some(crate::domain::report(&error));
            work.failure = Some(error.kind());
        }
    }
    if let Some(kept) = app.works.all().get_mut(&work.task) {
        kept.proposal = kept_proposal;
        kept.work = work.clone();
    }
    tell(&app, "build.finished", &work).await;
}

/// Tells those who listen how work stands. It goes on without them.
async fn tell(app: &App, kind: &'static str, work: &Work) {
    let payload = serde_json::json!({
        "task": work.task,
        "aim": work.aim,
        "state": work.state,
        "problem": work.problem,
    });
    if let Err(error) = app.store.tell(kind, payload).await {
        let error = crate::domain::report(&error);
        tracing::warn!(error, kind, "an event could not be told");
    }
}

async fn do_it(
    app: &App,
    work: &Work,
    proposal: Option<Arc<Proposal>>,
    context: &BuildContext,
) -> Result<Found, Error> {
    let task = app.catalogue.load(&work.task)?;
    match (&work.aim, proposal) {
        (Aim::Image(_), _) => builds::build(app, &task, context).await.map(Found::Built),
        (Aim::Adoption(_), Some(proposal)) => {
            environments::adopt(app, &proposal, context).await?;
            Ok(Found::Adopted)
        }
        (Aim::Proposal | Aim::Adoption(_), _) => {
            let found = environments::propose(app, &task, context).await?;
            Ok(Found::Proposed(Arc::new(found)))
        }
    }
}

/// The last work on a task.
///
/// # Errors
/// When nothing was done for it since the service started.
pub fn show(app: &App, task: &TaskName) -> Result<Work, Error> {
    let all = app.works.all();
    let kept = all.get(task).map(|kept| kept.work.clone());
    kept.ok_or_else(|| {
        Error::NotFound(format!(
            "nothing was built for {task} since the service started"
        ))
    })
}

/// How long the end of work may take to be noted behind the end of its log.
const NOTED: Duration = Duration::from_secs(60);

/// The last work on a task as soon as it is over.
///
/// # Errors
/// As [`show`].
pub async fn ended(app: &App, task: &TaskName) -> Result<Work, Error> {
    let give_up = tokio::time::Instant::now() + NOTED;
    loop {
        let work = show(app, task)?;
        if work.state != WorkState::Building || tokio::time::Instant::now() >= give_up {
            return Ok(work);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Stops the work on a task, if some goes on.
///
/// # Errors
/// As [`show`].
pub fn cancel(app: &App, task: &TaskName) -> Result<Work, Error> {
    if let Some(kept) = app.works.all().get(task) {
        kept.cancel.cancel();
    }
    show(app, task)
}
