//! Drives one attempt from whatever state it is in to its end: image →
//! container → output → outcome → removal.
//!
//! Every step that the outside could notice is preceded by a row that says it
//! is about to happen, so the same function that drives a new run also takes
//! over one whose driver died: `recover` looks at the rows and at the engine
//! and says where to go on.
//!
//! User code starts at most once per attempt: it starts only after the gate has
//! read a whole frame, the frame is sent only after the engine answered that
//! the container runs, and a container whose gate may have opened is never
//! started or replaced again.

mod collect;
mod frame;
mod kept;
mod recover;
mod sandbox;
mod session;
mod start;
mod watch;

pub use kept::{KeptError, task_to_begin};
pub use sandbox::network_name;

use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::domain::ids::{AttemptId, ImageId, RunId};
use crate::domain::image::{RunImage, Version};
use crate::domain::measure::Measurements;
use crate::domain::run::{Artifact, Attempt, Ended, Outcome, Run, RunState};
use crate::domain::secret::Secrets;
use crate::domain::size::Span;
use crate::domain::task::Task;
use crate::engine::{Engine, EngineError, NetworkMode};
use crate::image::{BuildContext, ImageError, Images};
use crate::logs::{LogError, SharedLog};
use crate::store::{Store, StoreError};
use crate::versions::VersionError;
use chrono::Utc;
use futures::FutureExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
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
    /// The run, and which attempt at it.
    pub attempt: AttemptId,
    /// Values of the secrets its task needs.
    pub secrets: Secrets,
    /// Stops it.
    pub cancel: CancellationToken,
    /// Its log.
    pub log: Arc<SharedLog>,
    /// Builds although the same build failed a moment ago.
    pub fresh: bool,
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
    /// It was given secrets, or may have been, and nobody here knows them.
    unmaskable: bool,
}

/// The image of an attempt.
struct Chosen {
    image: ImageId,
    /// What to note of it; none for an image that the run was pinned to.
    note: Option<(Version, RunImage)>,
}

/// How often a driver looks whether somebody else asked to cancel its run.
const CANCEL_POLL: Duration = Duration::from_millis(250);

impl Driver {
    /// Drives an attempt to its end and returns its run: over, or queued again
    /// for another attempt. The caller holds the run's lock and has claimed it.
    ///
    /// # Errors
    /// Only when the end could not be recorded; an engine that fails is an
    /// outcome.
    pub async fn drive(&self, order: &Order) -> Result<Run, DriveError> {
        let run = self.store.run(order.attempt.run).await?;
        if run.state == RunState::Finished {
            return Ok(run);
        }
        if run.cancel_requested_at.is_some() {
            order.cancel.cancel();
        }
        let poll = tokio::spawn(poll_cancel(self.store.clone(), order.clone()));
        let result = self.to_the_end(&run, order).await;
        poll.abort();
        order.log.finish();
        result?;
        Ok(self.store.run(order.attempt.run).await?)
    }

    async fn to_the_end(&self, run: &Run, order: &Order) -> Result<(), DriveError> {
        let known = self.store.attempts(run.id).await?;
        let known = known.into_iter().find(|known| known.id == order.attempt);
        let task = match self.task_of(run, known.as_ref()).await {
            Ok(found) => found,
            Err(error) => {
                let ended = Ended::because(Outcome::BuildFailed, crate::domain::report(&error));
                return self
                    .finish(order, &ended, Measurements::default(), &[])
                    .await;
            }
        };
        let unmaskable = task
            .as_ref()
            .is_none_or(|task| !task.manifest.secrets.is_empty())
            && order.secrets.is_empty();
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
            unmaskable,
        };
        let (ended, container) = self.attempt(&mut job).boxed().await?;
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

    /// The image of an earlier run: the one on the engine, or the same anew.
    async fn pinned(
        &self,
        job: &Job<'_>,
        pinned: &ImageId,
        build: &BuildContext,
    ) -> Result<ImageId, ImageError> {
        if let Some(image) = self.engine.image(&pinned.0).await? {
            return Ok(image.id);
        }
        let (Some(version), Some(environment)) = (&job.run.version, &job.run.environment) else {
            return Err(ImageError::Build(format!(
                "nothing is known of image {}",
                pinned.short()
            )));
        };
        let of = RunImage {
            version: version.clone(),
            environment: environment.clone(),
            lock: job.run.lock.clone(),
            image: pinned.clone(),
        };
        self.images.forget_missing().await?;
        let image = self.images.rebuild(&job.task, &of, build).await?;
        Ok(image.id)
    }

    /// The image to start from: the pinned one, or the task's present one.
    async fn image(&self, job: &mut Job<'_>) -> Result<Chosen, ImageError> {
        let build = BuildContext {
            log: job.order.log.clone(),
            cancel: job.order.cancel.clone(),
            fresh: job.order.fresh,
            anew: false,
        };
        if let Some(pinned) = &job.run.pinned_image {
            let image = self.pinned(job, pinned, &build).await?;
            return Ok(Chosen { image, note: None });
        }
        let begun = Instant::now();
        let (tree, _laid_out) = self.code(job.run, &job.task).await?;
        let image = self.images.ensure(&job.task, &tree, &build).await?;
        let version = Version {
            digest: tree.digest.clone(),
            task: job.task.name.clone(),
            files: tree.files.len() as u64,
            bytes: tree.bytes,
            created_at: Utc::now(),
        };
        let from = RunImage {
            version: image.version,
            environment: image.environment,
            lock: Some(image.lock),
            image: image.id.clone(),
        };
        job.measured.build_ms = Some(begun.elapsed().as_secs_f64() * 1e3);
        Ok(Chosen {
            image: image.id,
            note: Some((version, from)),
        })
    }

    /// Writes down what the run runs from.
    async fn note_image(&self, job: &Job<'_>, chosen: &Chosen) -> Result<(), StoreError> {
        if let Some((version, from)) = &chosen.note {
            tokio::try_join!(
                self.store.record_version(version),
                self.store.set_image(job.run.id, from)
            )?;
        }
        Ok(())
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
async fn poll_cancel(store: Store, order: Order) {
    loop {
        tokio::time::sleep(CANCEL_POLL).await;
        if matches!(store.cancel_requested(order.attempt.run).await, Ok(true)) {
            order.cancel.cancel();
            return;
        }
    }
}

/// Reads files away from the threads that serve everybody.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
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
