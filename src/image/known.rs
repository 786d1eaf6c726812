//! What exists already of the images a task needs. Nothing is built, pulled or
//! waited for here: housekeeping asks, to know what must stay.

use super::{ImageError, Images, TaskImage, code, spec, system};
use crate::catalogue::Tree;
use crate::domain::environment::Lock;
use crate::domain::ids::ImageId;
use crate::domain::image::ImageKind;
use crate::domain::manifest::PythonVersion;
use crate::domain::task::Task;

/// The images that the next run of a task would start from, as far as they
/// have been made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// What its environment stands on: the base image, and that image with the
    /// system packages of its template.
    pub grounds: Vec<ImageId>,
    /// The image of its environment, from the lock in use.
    pub environment: Option<ImageId>,
    /// The image of its present code.
    pub task: Option<ImageId>,
}

impl Images {
    /// The images that exist for a task at this version of its code.
    ///
    /// # Errors
    /// Those of [`Images::spec`], or when the engine or the database fails.
    pub async fn known(&self, task: &Task, tree: &Tree) -> Result<Known, ImageError> {
        let spec = self.spec(task)?;
        let mut known = Known::default();
        if let Some(base) = self.known_base(spec.python).await? {
            let packages = spec::packages(&self.catalogue, &spec)?;
            let key = system::key(&base, &packages);
            let with_packages = self.store.image_by_key(ImageKind::Base, &key).await?;
            known.grounds.push(base);
            known.grounds.extend(with_packages.map(|row| row.id));
        }
        if let Some(environment) = self.built(&self.key_of(&spec)?).await? {
            let key = code::key(&environment.image, &tree.digest);
            let row = self.store.image_by_key(ImageKind::Task, &key).await?;
            known.task = row.map(|row| row.id);
            known.environment = Some(environment.image);
        }
        Ok(known)
    }

    /// The image that a run of a task at this version of its code would start
    /// from; none if anything is still to be built.
    ///
    /// # Errors
    /// Those of [`Images::spec`], or when the database fails.
    pub async fn ready(&self, task: &Task, tree: &Tree) -> Result<Option<TaskImage>, ImageError> {
        let environment = self.key_of(&self.spec(task)?)?;
        let (images, key, code) = (self.clone(), environment.clone(), tree.digest.clone());
        let below = move |lock: &Lock| images.image_key(&key, lock);
        let above = move |below: &ImageId| code::key(below, &code);
        let found = self.store.ready_image(&environment, below, above).await?;
        Ok(found.map(|(lock, row)| TaskImage {
            id: row.id,
            version: tree.digest.clone(),
            environment,
            lock: lock.digest,
        }))
    }

    /// The base image that an environment of this Python release would be
    /// built on now; none if it would have to be made first.
    ///
    /// # Errors
    /// When the engine or the database fails.
    pub async fn known_base(&self, python: PythonVersion) -> Result<Option<ImageId>, ImageError> {
        for reference in self.config.base_references(python) {
            if let Some(raw) = self.engine.image(&reference).await? {
                let key = self.base_key(&raw.id, python);
                let row = self.store.image_by_key(ImageKind::Base, &key).await?;
                return Ok(row.map(|row| row.id));
            }
        }
        Ok(None)
    }
}
