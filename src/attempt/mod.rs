//! Drives one attempt from whatever state it is in to its end: image →
//! container → output → outcome → removal.
//!
//! Every step that the outside could notice is preceded by a row that says it
//! is about to happen (a container whose gate has no frame is no such step, for it
//! does nothing and bears the name of its attempt), so the same function that
//! drives a new run also takes over one whose driver died: `recover` looks at the
//! rows and at the engine and says where to go on.
//!
//! User code starts at most once per attempt: it starts only after the gate has
//! read a whole frame, the frame is sent only after the engine answered that
//! the container runs and its id is in the attempt's row, and a container whose
//! gate may have opened is never started or replaced again.

mod choose;
mod collect;
mod frame;
mod judge;
mod kept;
mod network;
mod recover;
mod sandbox;
mod session;
mod start;
mod watch;

pub use choose::{Ahead, Seen};
pub use kept::{KeptError, task_to_begin};
pub use network::network_name;
pub use sandbox::container_name;

use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::domain::ids::{AttemptId, RunId};
use crate::domain::measure::Measurements;
use crate::domain::run::{Artifact, Attempt, Ended, Outcome, Run, RunState};
use crate::domain::secret::Secrets;
use crate::domain::size::Span;
use crate::domain::task::Task;
use crate::engine::{Engine, EngineError, NetworkMode};
use crate::image::{ImageError, Images};
use crate::logs::{LogError, SharedLog};
use crate::store::{Store, StoreError};
use crate::versions::VersionError;
use chrono::Utc;
use futures::FutureExt;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Why an attempt could not even be brought to an end. Its row stays as it is,
/// and whoever drives it next goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The database failed.
    #[error("the state of the run could not be kept")]
    Store(#[from] StoreError),
    /// The log could not be read.
    #[error("the log of the run could not be read")]
    Log(#[from] LogError),
    /// Images cannot be made at all.
    #[error("images cannot be made")]
    Image(#[from] ImageError),
    /// The engine answers, but does not tell what is asked. Its container may
    /// be anything, so nothing is decided.
    #[error(
        "the engine does not tell how the run stands; it is left as it is, and asked about again later"
    )]
    Engine(#[from] EngineError),
}

/// Everything an attempt is driven with.
#[derive(Debug, Clone)]
pub struct Driver {
    /// The settings.
    pub config: Arc<Config>,
    /// The tasks on disk.
    pub catalogue: Arc<Catalogue>,
    /// The database.
    pub store: Store,
    /// The engine.
    pub engine: Engine,
    /// The image maker.
    pub images: Images,
}

/// What comes with a request to drive, and lives no longer than it.
#[derive(Debug, Clone)]
pub struct Order {
    /// The run, as it was claimed, or read with its lock in hand.
    pub run: Run,
    /// Which attempt at it.
    pub attempt: AttemptId,
    /// The row of that attempt, if it was begun before.
    pub known: Option<Attempt>,
    /// The secrets it was given: all are masked, and the script gets those that
    /// its task names.
    pub secrets: Secrets,
    /// Stops it.
    pub cancel: CancellationToken,
    /// Its log.
    pub log: Arc<SharedLog>,
    /// Builds although the same build failed a moment ago.
    pub fresh: bool,
    /// What was looked up for it already.
    pub ahead: Option<Ahead>,
}

/// One attempt on its way.
struct Job<'a> {
    run: &'a Run,
    task: Task,
    id: AttemptId,
    nonce: String,
    order: &'a Order,
    measured: Measurements,
    artifacts: Vec<Artifact>,
    network: NetworkMode,
    /// Its row, if it was begun before.
    known: Option<Attempt>,
    /// What its order brought.
    ahead: Option<Ahead>,
    /// It was given secrets, or may have been, and nobody here knows them.
    unmaskable: bool,
}

/// How often a driver looks whether somebody else asked to cancel its run.
const CANCEL_POLL: Duration = Duration::from_millis(500);

impl Driver {
    /// Drives an attempt to its end and returns its run: over, or queued again
    /// for another attempt. The caller holds the run's lock and has claimed it.
    ///
    /// # Errors
    /// Only when the end could not be recorded; an engine that fails is an
    /// outcome.
    pub async fn drive(&self, order: &Order) -> Result<Run, DriveError> {
        if order.run.state == RunState::Finished {
            return Ok(order.run.clone());
        }
        if order.run.cancel_requested_at.is_some() {
            order.cancel.cancel();
        }
        let (id, cancel) = (order.run.id, order.cancel.clone());
        let poll = tokio::spawn(poll_cancel(self.store.clone(), id, cancel));
        let result = self.to_the_end(order).await;
        poll.abort();
        order.log.finish();
        result?;
        Ok(self.store.run(id).await?)
    }

    async fn to_the_end(&self, order: &Order) -> Result<(), DriveError> {
        let (run, known) = (&order.run, order.known.clone());
        let ahead = order.ahead.clone().filter(|_| known.is_none());
        let task = match &ahead {
            Some(ahead) => Ok(Some(ahead.task.clone())),
            None => self.task_of(run, known.as_ref()).await,
        };
        let task = match task {
            Ok(found) => found,
            Err(error) => {
                let ended = Ended::because(Outcome::BuildFailed, crate::domain::report(&error));
                return self
                    .finish(order, &ended, Measurements::default(), &[])
                    .await;
            }
        };
        let held = |name: &String| order.secrets.contains_key(name);
        let unmaskable = match &task {
            Some(task) => task.manifest.secrets.iter().any(|used| !held(&used.name)),
            None => order.secrets.is_empty(),
        };
        let mut job = Job {
            run,
            task: task.unwrap_or_else(|| kept::unknown_task(run)),
            id: order.attempt,
            nonce: uuid::Uuid::new_v4().simple().to_string(),
            order,
            measured: Measurements {
                queue_ms: Some(millis(Utc::now() - run.created_at)),
                ..Measurements::default()
            },
            artifacts: Vec::new(),
            network: NetworkMode::None,
            known,
            ahead,
            unmaskable,
        };
        let (ended, container) = self.attempt(&mut job).boxed().await?;
        let ended = masked(&order.log, ended);
        if !self.again_later(&job, &ended).await? {
            self.finish(order, &ended, job.measured, &job.artifacts)
                .await?;
        }
        if let Some(container) = container {
            self.remove(&container).await;
        }
        Ok(())
    }

    /// Puts a run whose attempt failed back into the queue, if it shall be tried
    /// again.
    async fn again_later(&self, job: &Job<'_>, ended: &Ended) -> Result<bool, DriveError> {
        let (number, retries) = (job.id.number, &job.run.retries);
        let Some(pause) = retries.pause(number, ended.outcome, ended.exit_code) else {
            return Ok(false);
        };
        let words = ended
            .reason
            .clone()
            .unwrap_or_else(|| ended.outcome.to_string());
        let plan = format!(
            "{words}; attempt {} of {} begins in {}",
            number + 1,
            retries.max.saturating_add(1),
            Span(pause)
        );
        let pause = chrono::TimeDelta::from_std(pause).unwrap_or(chrono::TimeDelta::MAX);
        let attempt = Attempt {
            measurements: job.measured,
            ..self.new_attempt(job)
        };
        let retried = self
            .store
            .retry(&attempt, ended, Utc::now() + pause)
            .await?;
        if retried {
            job.order.log.note(&plan);
        }
        Ok(retried)
    }

    /// Records the end: run, attempt, artifacts and event in one transaction.
    /// The log gets its last line first, for viewers stop reading at the end.
    async fn finish(
        &self,
        order: &Order,
        ended: &Ended,
        measured: Measurements,
        artifacts: &[Artifact],
    ) -> Result<(), DriveError> {
        if let Some(reason) = &ended.reason {
            order.log.note(reason);
        }
        order.log.finish();
        self.store
            .finish(order.attempt.run, ended, &measured, artifacts, Utc::now())
            .await?;
        Ok(())
    }

    /// Removes a container with its volumes; what stays behind is found by its
    /// labels later.
    async fn remove(&self, container: &crate::domain::ids::ContainerId) {
        if let Err(error) = self.engine.remove(container).await {
            tracing::warn!(%container, %error, "a container stays behind");
        }
    }
}

/// An end whose words show no secret: both what went wrong and what the script
/// left as its result are kept, and sent on.
fn masked(log: &SharedLog, ended: Ended) -> Ended {
    Ended {
        reason: ended.reason.map(|reason| log.masked(&reason).into_owned()),
        result: ended.result.map(|result| masked_value(log, result)),
        ..ended
    }
}

fn masked_value(log: &SharedLog, value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(log.masked(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(|v| masked_value(log, v)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (log.masked(&name).into_owned(), masked_value(log, value)))
            .collect(),
        other => other,
    }
}

/// The end that an image error means for a run.
fn image_end(error: &ImageError) -> Ended {
    let outcome = match error {
        // Our own disk, and not the code.
        ImageError::Version(VersionError::Io { .. }) => Outcome::InfraError,
        ImageError::Build(_)
        | ImageError::TimedOut(_)
        | ImageError::Catalogue(_)
        | ImageError::Version(_) => Outcome::BuildFailed,
        ImageError::Cancelled => Outcome::Cancelled,
        ImageError::Index(_)
        | ImageError::NoBase(_)
        | ImageError::Engine(_)
        | ImageError::Store(_)
        | ImageError::Io { .. } => Outcome::InfraError,
    };
    Ended::because(outcome, crate::domain::report(error))
}

/// The end that an engine error means for a run whose user code cannot have
/// begun.
fn engine_end(error: &EngineError) -> Ended {
    Ended::because(Outcome::InfraError, crate::domain::report(error))
}

/// Turns a request in the database, made by another process, into a signal.
async fn poll_cancel(store: Store, run: RunId, cancel: CancellationToken) {
    loop {
        tokio::time::sleep(CANCEL_POLL).await;
        if matches!(store.cancel_requested(run).await, Ok(true)) {
            cancel.cancel();
            return;
        }
    }
}

fn millis(span: chrono::TimeDelta) -> f64 {
    span.num_microseconds().unwrap_or(0).max(0) as f64 / 1e3
}

/// Where the artifacts of a run are.
#[must_use]
pub fn artifact_dir(config: &Config, run: RunId) -> PathBuf {
    config.data_dir.join("artifacts").join(run.to_string())
}
