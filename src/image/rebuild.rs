//! The image of an earlier run, made again from what was kept: its code, and the
//! lock of its environment.

use super::environment::{Resolved, Wanted};
use super::{BuildContext, ImageError, Images, TaskImage, keylock};
use crate::catalogue::{CatalogueError, parse_requirements};
use crate::domain::environment::{Environment, EnvironmentSpec, Lock};
use crate::domain::image::{ImageKind, RunImage};
use crate::domain::task::Task;
use crate::threads::off_thread;
use crate::versions::Scratch;
use std::path::Path;

impl Images {
    /// The very image of an earlier run, from its kept code and lock, when the
    /// engine no longer has it.
    ///
    /// # Errors
    /// When the code or the lock is not kept, or see [`ImageError`].
    pub async fn rebuild(
        &self,
        task: &Task,
        of: &RunImage,
        build: &BuildContext,
    ) -> Result<TaskImage, ImageError> {
        let gone = |what: &str| {
            ImageError::Build(format!(
                "the image {} of the earlier run is gone, and {what} is not kept; leave out --same-image to run the present code",
                of.image.short()
            ))
        };
        let known = self.store.environment(&of.environment).await?;
        let known = known.ok_or_else(|| gone("its environment"))?;
        let locks = self.store.locks(&of.environment).await?;
        let lock = locks
            .into_iter()
            .find(|lock| Some(&lock.digest) == of.lock.as_ref());
        let lock = lock.ok_or_else(|| gone("its lock"))?;
        let environment = self.environment_of(&known, lock, build).await?;
        let scratch = Scratch::new(&self.config.data_dir);
        let (versions, version) = (self.versions(), of.version.clone());
        let into = scratch.path().to_owned();
        let result = match off_thread(move || versions.restore(&version, &into)).await {
            Ok(tree) => self.code_image(task, &tree, &environment, build).await,
            Err(error) => Err(error.into()),
        };
        Ok(TaskImage {
            id: result?,
            version: of.version.clone(),
            environment: environment.key,
            lock: environment.lock.digest,
        })
    }

    /// The image of a known environment at one of its locks, built if need be.
    async fn environment_of(
        &self,
        known: &Environment,
        lock: Lock,
        build: &BuildContext,
    ) -> Result<Resolved, ImageError> {
        let lines = known.requirements.join("\n");
        let requirements = parse_requirements(lines.as_bytes(), Path::new("the kept environment"))
            .map_err(|problems| CatalogueError::Invalid { problems })?;
        let spec = EnvironmentSpec {
            python: known.python,
            template: known.template.clone(),
            requirements,
            policy: known.policy,
        };
        let _lock = keylock::acquire(&self.config.data_dir, &known.key, build).await?;
        let image_key = self.image_key(&known.key, &lock);
        if let Some(row) = self
            .store
            .image_by_key(ImageKind::Environment, &image_key)
            .await?
            && self.engine.image(&row.id.0).await?.is_some()
        {
            return Ok(Resolved {
                key: known.key.clone(),
                lock,
                image_key,
                image: row.id,
            });
        }
        let ground = self.ground(&spec, build).await?;
        self.install(
            &Wanted {
                spec: &spec,
                key: &known.key,
                ground,
            },
            lock,
            build,
        )
        .await
    }
}
