//! Images: base → environment → task, each built once per key.
//!
//! A key is a digest of everything that decides the content, so an image that
//! exists under its key is the right one and is used without asking the engine.
//! One builder works on a key at a time, across processes; others wait for it.
//!
//! | image | key over | built by |
//! |---|---|---|
//! | base | the image with Python, the recipe (ours) | a root container, once per Python release |
//! | environment | recipe, environment key, lock | the sandboxed builder, from the lock |
//! | task | environment image, code | adding the code as one layer; nothing runs |
//!
//! The environment *key* ([`environment_key`]) is the request (Python,
//! requirements, policy); its *lock* is the answer, resolved once and kept until
//! somebody asks for another. The base is not part of either: an environment
//! stays on the base it was built on until it is built anew.

mod base;
mod builder;
mod code;
mod diagnose;
mod environment;
mod hashes;
mod keylock;
mod known;
mod parent;
mod policy;
mod rebuild;
mod recipe;
mod spec;
mod step;
mod system;

pub use environment::Resolved;
pub use keylock::is_free;
pub use known::Known;
pub use policy::{Refused, check_lock, refused};
pub use recipe::Recipe;
pub use spec::{key as environment_key, key_of, python, pythons, spec};
pub use step::BUILDS;

use crate::catalogue::{Catalogue, CatalogueError, Tree};
use crate::config::Config;
use crate::domain::environment::EnvironmentSpec;
use crate::domain::ids::{Digest, ImageId};
use crate::domain::task::Task;
use crate::engine::{Engine, EngineError};
use crate::logs::SharedLog;
use crate::store::{Store, StoreError};
use crate::versions::{VersionError, Versions};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// What the task asks for cannot be built. The text says why, and the
    /// remedy where there is one.
    #[error("{0}")]
    Build(String),
    /// The build took longer than it may.
    #[error("{0}")]
    TimedOut(String),
    /// Somebody asked to stop.
    #[error("the build was cancelled")]
    Cancelled,
    /// The package index did not answer. Not the task's fault; a later try may
    /// succeed.
    #[error("the package index could not be reached: {0}")]
    Index(String),
    /// There is no base image for this Python release.
    #[error("{0}")]
    NoBase(String),
    /// The engine failed.
    #[error("the engine failed while the image was made")]
    Engine(#[from] EngineError),
    /// The database failed.
    #[error("the database failed while the image was made")]
    Store(#[from] StoreError),
    /// The code could not be read.
    #[error("the task's code could not be read")]
    Catalogue(#[from] CatalogueError),
    /// The code could not be kept or brought back.
    #[error("the task's code could not be kept")]
    Version(#[from] VersionError),
    /// A file of ours could not be used.
    #[error("{what}")]
    Io {
        /// What was attempted.
        what: String,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
}

/// An image that a run of a task can start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskImage {
    /// The engine's id.
    pub id: ImageId,
    /// The code in it.
    pub version: Digest,
    /// The environment it stands on.
    pub environment: Digest,
    /// The lock of that environment.
    pub lock: Digest,
}

/// What a build needs from whoever asks for it.
#[derive(Debug, Clone)]
pub struct BuildContext {
    /// Where its output goes.
    pub log: Arc<SharedLog>,
    /// Stops it.
    pub cancel: CancellationToken,
    /// Builds although the same build failed a moment ago.
    pub fresh: bool,
    /// Builds the environment although it is there: from its kept lock, on the
    /// base of today, and on no other environment.
    pub anew: bool,
}

impl BuildContext {
    /// Begins a step of [`crate::logs::BUILD_STEPS`].
    fn step(&self, step: u64, text: &str) {
        self.log.build_step(step, text);
    }

    fn say(&self, text: &str) {
        self.log.say(text);
    }
}

/// Makes images. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Images {
    config: Arc<Config>,
    catalogue: Arc<Catalogue>,
    store: Store,
    engine: Engine,
    recipe: Arc<Recipe>,
}

/// How often a build is begun while what it needs is removed under it, as by
/// `docker system prune -af`.
const TRIES: u32 = 3;

impl Images {
    /// An image maker for one data folder.
    #[must_use]
    pub fn new(
        config: Arc<Config>,
        catalogue: Arc<Catalogue>,
        store: Store,
        engine: Engine,
        recipe: Recipe,
    ) -> Self {
        Self {
            config,
            catalogue,
            store,
            engine,
            recipe: Arc::new(recipe),
        }
    }

    /// What the environment of a task has to hold: its own requirements, its
    /// template's, and the service's defaults.
    ///
    /// # Errors
    /// When the Python releases asked for do not agree, or the policy refuses a
    /// requirement.
    pub fn spec(&self, task: &Task) -> Result<EnvironmentSpec, ImageError> {
        spec::allowed(&self.config, &self.catalogue, task)
    }

    /// The image of a task at this version of its code, built if need be. An
    /// image that somebody deleted from the engine is built once more, and a build
    /// whose container or network somebody removed is tried again.
    ///
    /// # Errors
    /// See [`ImageError`]; only [`ImageError::Build`] and
    /// [`ImageError::TimedOut`] are the task's own fault.
    pub async fn ensure(
        &self,
        task: &Task,
        tree: &Tree,
        build: &BuildContext,
    ) -> Result<TaskImage, ImageError> {
        for _ in 1..TRIES {
            match self.try_ensure(task, tree, build).await {
                Err(ImageError::Engine(
                    EngineError::ImageGone { .. } | EngineError::NotFound { .. },
                )) => {
                    self.forget_missing().await?;
                }
                other => return other,
            }
        }
        self.try_ensure(task, tree, build).await
    }

    async fn try_ensure(
        &self,
        task: &Task,
        tree: &Tree,
        build: &BuildContext,
    ) -> Result<TaskImage, ImageError> {
        let spec = self.spec(task)?;
        let environment = self.environment(&spec, build).await?;
        let id = self.code_image(task, tree, &environment, build).await?;
        Ok(TaskImage {
            id,
            version: tree.digest.clone(),
            environment: environment.key,
            lock: environment.lock.digest,
        })
    }

    fn versions(&self) -> Versions {
        Versions::new(&self.config.data_dir)
    }

    /// Forgets images of a run whose image vanished from the engine, so that
    /// the next [`Images::ensure`] builds what is missing from the kept lock.
    ///
    /// # Errors
    /// When the engine or the database fails.
    pub async fn forget_missing(&self) -> Result<(), ImageError> {
        for row in self.store.images().await? {
            if self.engine.image(&row.id.0).await?.is_none() {
                self.store.forget_image(&row.id).await?;
            }
        }
        Ok(())
    }
}
