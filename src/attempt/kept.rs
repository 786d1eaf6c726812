//! The task as a run knows it. One whose container was made runs what was in the
//! folder then, so what becomes of the folder later does not concern it: which
//! secrets to mask and which files to keep, the kept version says.

use super::Driver;
use crate::catalogue::{Catalogue, CatalogueError, Tree, snapshot};
use crate::config::Config;
use crate::domain::ids::{Digest, TaskName};
use crate::domain::manifest::Manifest;
use crate::domain::run::{Attempt, Run};
use crate::domain::task::{Entry, RequirementSet, Task};
use crate::image::ImageError;
use crate::threads::off_thread;
use crate::versions::{Scratch, VersionError, Versions};
use std::path::PathBuf;

/// Why the task of a run is not known.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// What was kept cannot be brought back.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// Something is wrong with it.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The disk refused.
    #[error("its files could not be laid out")]
    Io(#[from] std::io::Error),
}

/// The task of a run that has to begin: what its folder says now or, of a trial,
/// what was kept when it was asked for.
///
/// # Errors
/// When that cannot be read, or something is wrong with it.
pub fn task_to_begin(config: &Config, catalogue: &Catalogue, run: &Run) -> Result<Task, KeptError> {
    match trial_of(run) {
        Some(version) => read(config, &run.task, &version),
        None => Ok(catalogue.load(&run.task)?),
    }
}

/// The code that a trial was asked for with.
fn trial_of(run: &Run) -> Option<Digest> {
    run.version.clone().filter(|_| run.trial)
}

impl Driver {
    /// [`task_to_begin`], away from the threads that serve everybody.
    pub(super) async fn load(&self, run: &Run) -> Result<Task, KeptError> {
        let (config, catalogue) = (self.config.clone(), self.catalogue.clone());
        let run = run.clone();
        off_thread(move || task_to_begin(&config, &catalogue, &run)).await
    }

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
    ) -> Result<Option<Task>, KeptError> {
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

    /// The code to run, as long as what comes with it is there: what the folder
    /// holds now, or what a trial was asked for with.
    pub(super) async fn code(
        &self,
        run: &Run,
        task: &Task,
    ) -> Result<(Tree, Option<Scratch>), ImageError> {
        let (trial, task, config) = (trial_of(run), task.clone(), self.config.clone());
        off_thread(move || match trial {
            Some(version) => {
                let scratch = Scratch::new(&config.data_dir);
                let versions = Versions::new(&config.data_dir);
                let tree = versions.restore(&version, scratch.path())?;
                Ok((tree, Some(scratch)))
            }
            None => Ok((snapshot(&task)?, None)),
        })
        .await
    }
}

/// Lays a kept version out as the folder or file that it was, and reads it.
fn read(config: &Config, name: &TaskName, version: &Digest) -> Result<Task, KeptError> {
    let scratch = Scratch::new(&config.data_dir);
    let folder = scratch.path().join(name.as_str());
    let tree = Versions::new(&config.data_dir).restore(version, &folder)?;
    let file = format!("{name}.py");
    if tree.files.len() == 1 && tree.files[0].path == file {
        std::fs::rename(folder.join(&file), scratch.path().join(&file))?;
        std::fs::remove_dir(&folder)?;
    }
    let (shared, images) = (config.global_envs_dir.clone(), config.images_dir.clone());
    Ok(Catalogue::new(scratch.path().to_owned(), shared, images).load(name)?)
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
