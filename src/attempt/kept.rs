//! The task as a run knows it. One whose container was made runs what was in the
//! folder then, so what becomes of the folder later does not concern it: which
//! secrets to mask and which files to keep, the kept version says.

use super::{Driver, off_thread};
use crate::catalogue::{Catalogue, CatalogueError};
use crate::config::Config;
use crate::domain::ids::{Digest, TaskName};
use crate::domain::manifest::Manifest;
use crate::domain::run::{Attempt, Run};
use crate::domain::task::{Entry, RequirementSet, Task};
use crate::versions::{VersionError, Versions};
use std::path::PathBuf;

/// A folder of ours, until dropped.
struct Kept(PathBuf);

impl Drop for Kept {
    fn drop(&mut self) {
        // What stays behind is in nobody's way.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[derive(Debug, thiserror::Error)]
enum KeptError {
    #[error(transparent)]
    Version(#[from] VersionError),
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    #[error("its files could not be laid out")]
    Io(#[from] std::io::Error),
}

impl Driver {
    /// The task of a run, from its folder; of a run whose container was made,
    /// from what was kept. Nothing when neither is there any more: what runs
    /// needs neither.
    ///
    /// # Errors
    /// What is wrong with the folder, for a run that has to begin.
    pub(super) async fn task_of(
        &self,
        run: &Run,
        known: Option<&Attempt>,
    ) -> Result<Option<Task>, CatalogueError> {
        let made = known.is_some_and(|attempt| attempt.container_id.is_some());
        let Some(version) = run.version.clone().filter(|_| made) else {
            let task = self.load(run).await;
            return match task {
                Err(_) if made => Ok(None),
                task => task.map(Some),
            };
        };
        let (config, name) = (self.config.clone(), run.task.clone());
        match off_thread(move || read(&config, &name, &version)).await {
            Ok(task) => Ok(Some(task)),
            Err(error) => {
                let error = crate::domain::report(&error);
                tracing::warn!(run = %run.id, error, "what the run was begun with is not kept");
                Ok(self.load(run).await.ok())
            }
        }
    }
}

/// Lays a kept version out as the folder or file that it was, and reads it.
fn read(config: &Config, name: &TaskName, version: &Digest) -> Result<Task, KeptError> {
    let place = uuid::Uuid::new_v4().simple().to_string();
    let kept = Kept(config.data_dir.join("spool").join(place));
    let folder = kept.0.join(name.as_str());
    let tree = Versions::new(&config.data_dir).restore(version, &folder)?;
    let file = format!("{name}.py");
    if tree.files.len() == 1 && tree.files[0].path == file {
        std::fs::rename(folder.join(&file), kept.0.join(&file))?;
        std::fs::remove_dir(&folder)?;
    }
    let (shared, images) = (config.global_envs_dir.clone(), config.images_dir.clone());
    Ok(Catalogue::new(kept.0.clone(), shared, images).load(name)?)
}

/// Stands for a task of which nothing is kept.
pub(super) fn unknown_task(run: &Run) -> Task {
    Task {
        name: run.task.clone(),
        path: PathBuf::new(),
        single_file: false,
        manifest: Manifest::default(),
        entry: Entry::Command(Vec::new()),
        requirements: RequirementSet::default(),
    }
}
