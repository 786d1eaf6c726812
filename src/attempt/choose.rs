//! What an attempt starts from: which image, on which network.

use super::{Driver, Job};
use crate::catalogue::{CatalogueError, Tree};
use crate::domain::ids::ImageId;
use crate::domain::image::{RunImage, Version};
use crate::domain::task::Task;
use crate::engine::NetworkMode;
use crate::image::{BuildContext, ImageError, TaskImage};
use crate::store::StoreError;
use chrono::Utc;
use futures::FutureExt;
use std::time::{Duration, Instant};

/// The image of an attempt.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) image: ImageId,
    /// What to note of it; none for an image that the run was pinned to.
    note: Option<(Version, RunImage)>,
}

impl Chosen {
    fn of(task: &Task, tree: &Tree, image: TaskImage) -> Self {
        let version = Version {
            digest: tree.digest.clone(),
            task: task.name.clone(),
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
        Self {
            image: image.id,
            note: Some((version, from)),
        }
    }
}

/// What a run of a task would start from, looked up while the run itself is
/// being saved: nearly always everything is there, and the one waits for the
/// disk while the other waits for the engine.
#[derive(Debug, Clone)]
pub struct Ahead {
    pub(super) task: Task,
    pub(super) network: NetworkMode,
    pub(super) chosen: Chosen,
    /// How long the files were read and the image was looked for, milliseconds.
    pub(super) took_ms: f64,
}

impl Driver {
    /// Looks up what a run of this task would start from. Nothing is built, and
    /// none is no error: who drives the run finds out what is missing, or wrong.
    pub async fn look_ahead(&self, seen: Seen) -> Option<Ahead> {
        let Seen { task, tree, took } = seen;
        let network = self.config.limits.with(&task.manifest).network;
        let begun = Instant::now();
        let image = async {
            let image = self.images.ready(&task, &tree).await?;
            let chosen = image.map(|image| Chosen::of(&task, &tree, image));
            Ok::<_, ImageError>(chosen)
        };
        let (network, image) = tokio::join!(self.egress(network), image);
        let chosen = image.ok()??;
        Some(Ahead {
            task,
            network: network.ok()?,
            chosen,
            took_ms: (took + begun.elapsed()).as_secs_f64() * 1e3,
        })
    }

    /// The image to start from, and the network, which the job is told.
    pub(super) async fn choose(&self, job: &mut Job<'_>) -> Result<Chosen, ImageError> {
        if let Some(ahead) = job.ahead.take() {
            job.network = ahead.network;
            job.measured.build_ms = Some(ahead.took_ms);
            return Ok(ahead.chosen);
        }
        // Not `try_join!`: a build that is dropped leaves its container behind.
        let network = job.run.limits.network;
        let (network, image) = tokio::join!(self.egress(network), self.image(job).boxed());
        job.network = network?;
        image
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
    pub(super) async fn image(&self, job: &mut Job<'_>) -> Result<Chosen, ImageError> {
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
        job.measured.build_ms = Some(begun.elapsed().as_secs_f64() * 1e3);
        Ok(Chosen::of(&job.task, &tree, image))
    }

    /// Writes down what the run runs from.
    pub(super) async fn note_image(
        &self,
        job: &Job<'_>,
        chosen: &Chosen,
    ) -> Result<(), StoreError> {
        if let Some((version, from)) = &chosen.note {
            tokio::try_join!(
                self.store.record_version(version),
                self.store.set_image(job.run.id, from)
            )?;
        }
        Ok(())
    }
}

/// A task and its files as they are now. No engine is needed to see them.
#[derive(Debug)]
pub struct Seen {
    task: Task,
    tree: Tree,
    took: Duration,
}

impl Seen {
    /// Reads the folder of a task. Blocks.
    ///
    /// # Errors
    /// When an image cannot be made of it.
    pub fn read(task: Task) -> Result<Self, CatalogueError> {
        let begun = Instant::now();
        let tree = crate::catalogue::snapshot(&task)?;
        let took = begun.elapsed();
        Ok(Self { task, tree, took })
    }
}
