//! The code of a task as it is now, kept before Runbay itself changes a file of
//! it. The files are the truth; what they said before is in the version store,
//! beside the code of every run.

use super::{App, Error};
use crate::catalogue::{CatalogueError, Tree, snapshot_of};
use crate::domain::ids::{Digest, TaskName};
use crate::domain::image::Version;
use crate::domain::task::Task;
use crate::image::ImageError;
use crate::threads::off_thread;
use crate::versions::Versions;
use chrono::Utc;
use std::path::Path;

/// Keeps the task's present version. Costs a look when a run had it already.
///
/// # Errors
/// When the code cannot be read or kept; then it should not be changed.
pub(super) async fn present(app: &App, task: &Task) -> Result<Version, Error> {
    match keep(app, &task.name, &task.path).await? {
        Ok(version) => Ok(version),
        Err(error) => Err(error.into()),
    }
}

/// Keeps what is at a path as a version of a task, which need not be valid: its
/// digest. None for what no image could hold, and which therefore never ran.
///
/// # Errors
/// When it cannot be kept; then it should not be changed.
pub(super) async fn at(app: &App, task: &TaskName, path: &Path) -> Result<Option<Digest>, Error> {
    match keep(app, task, path).await? {
        Ok(version) => Ok((version.files > 0).then_some(version.digest)),
        Err(error) => {
            tracing::debug!(%task, %error, "its present code is not kept");
            Ok(None)
        }
    }
}

/// [`at`], of code that is about to be replaced whole.
///
/// # Errors
/// Also when no version can hold it, which then would be lost.
pub(super) async fn exactly(app: &App, task: &TaskName, path: &Path) -> Result<Version, Error> {
    match keep(app, task, path).await? {
        Ok(version) => Ok(version),
        Err(error) => Err(error.into()),
    }
}

async fn keep(
    app: &App,
    task: &TaskName,
    path: &Path,
) -> Result<Result<Version, CatalogueError>, Error> {
    app.live.touch(task);
    let versions = Versions::new(&app.config.data_dir);
    let (path, name) = (path.to_owned(), task.clone());
    let tree = off_thread(move || match snapshot_of(&path, name.as_str()) {
        Ok(tree) => match versions.keep(&tree) {
            Ok(()) => Ok(Ok(tree)),
            Err(error) => Err(Error::from(ImageError::from(error))),
        },
        Err(error) => Ok(Err(error)),
    });
    let tree: Tree = match tree.await? {
        Ok(tree) => tree,
        Err(error) => return Ok(Err(error)),
    };
    let version = Version {
        digest: tree.digest,
        task: task.clone(),
        files: tree.files.len() as u64,
        bytes: tree.bytes,
        created_at: Utc::now(),
    };
    if version.files > 0 {
        app.store.record_version(&version).await?;
    }
    Ok(Ok(version))
}
