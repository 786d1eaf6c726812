//! Task images: the code as one thin layer on an environment image.

use super::environment::Resolved;
use super::{BuildContext, ImageError, Images, builder, keylock};
use crate::catalogue::{self, Tree};
use crate::domain::ids::{ContainerId, Digest, ImageId};
use crate::domain::image::{ImageKind, ImageRow};
use crate::domain::task::Task;
use crate::engine::{EngineError, Role};

/// The user of runs.
const UID: u64 = 10001;

/// What decides a task image: the environment image below, and the code.
pub(super) fn key(environment: &ImageId, code: &Digest) -> Digest {
    Digest::of(format!("task\0{environment}\0{code}").as_bytes())
}

impl Images {
    /// The image of `tree` on `environment`, made if need be.
    pub(super) async fn code_image(
        &self,
        task: &Task,
        tree: &Tree,
        environment: &Resolved,
        build: &BuildContext,
    ) -> Result<ImageId, ImageError> {
        let key = key(&environment.image, &tree.digest);
        if let Some(row) = self.store.image_by_key(ImageKind::Task, &key).await? {
            return Ok(row.id);
        }
        let _lock = keylock::acquire(&self.config.data_dir, &key, build).await?;
        if let Some(row) = self.store.image_by_key(ImageKind::Task, &key).await? {
            return Ok(row.id);
        }
        let id = self.add_code(task, tree, &key, environment).await?;
        let row = ImageRow {
            task: Some(task.name.clone()),
            environment: Some(environment.key.clone()),
            lock: Some(environment.lock.digest.clone()),
            version: Some(tree.digest.clone()),
            ..ImageRow::new(id.clone(), ImageKind::Task, key, tree.bytes)
        };
        self.store.record_image(&row).await?;
        Ok(id)
    }

    async fn add_code(
        &self,
        task: &Task,
        tree: &Tree,
        key: &Digest,
        environment: &Resolved,
    ) -> Result<ImageId, ImageError> {
        // The container is never started: it only carries the files into the
        // commit. Packing goes on while the engine creates it.
        let spec = self.build_container(
            &environment.image,
            Role::Build,
            vec!["true".to_owned()],
            key,
        );
        let name = self.container_name("code", key);
        let pack = {
            let (tree, versions) = (tree.clone(), self.versions());
            tokio::task::spawn_blocking(move || -> Result<Vec<u8>, ImageError> {
                let mut tar = Vec::new();
                catalogue::write_tar(&tree, "task", UID, UID, &mut tar)?;
                versions.keep(&tree)?;
                Ok(tar)
            })
        };
        let container = builder::create(&self.engine, &name, &spec).await?;
        let made = self.commit_code(task, tree, &container, pack).await;
        builder::discard(&self.engine, &container).await;
        made
    }

    async fn commit_code(
        &self,
        task: &Task,
        tree: &Tree,
        container: &ContainerId,
        pack: tokio::task::JoinHandle<Result<Vec<u8>, ImageError>>,
    ) -> Result<ImageId, ImageError> {
        let tar = pack.await.map_err(|error| ImageError::Io {
            what: "the code could not be packed".to_owned(),
            source: std::io::Error::other(error),
        })??;
        self.engine.write_tar(container, "/", tar.into()).await?;
        let config = self.image_config(
            "task",
            &[
                ("runbay.task", task.name.as_str()),
                ("runbay.version", &tree.digest.0),
            ],
        );
        Ok(self.engine.commit(container, &config).await?)
    }

    /// Whether an engine error means that an image vanished underneath us.
    #[must_use]
    pub fn is_image_gone(error: &EngineError) -> bool {
        matches!(error, EngineError::ImageGone { .. })
    }
}
