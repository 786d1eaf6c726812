//! The code of a task as it is now, kept before Runbay itself changes a file of
//! it. The files are the truth; what they said before is in the version store,
//! beside the code of every run.

use super::{App, Error};
use crate::catalogue::snapshot;
use crate::domain::image::Version;
use crate::domain::task::Task;
use crate::image::ImageError;
use crate::versions::Versions;
use chrono::Utc;

/// Keeps the task's present version. Costs a look when a run had it already.
///
/// # Errors
/// When the code cannot be read or kept; then it should not be changed.
pub(super) async fn present(app: &App, task: &Task) -> Result<Version, Error> {
    let (task, versions) = (task.clone(), Versions::new(&app.config.data_dir));
    let keep = move || -> Result<Version, Error> {
        let tree = snapshot(&task)?;
        versions.keep(&tree).map_err(ImageError::from)?;
        Ok(Version {
            digest: tree.digest,
            task: task.name,
            files: tree.files.len() as u64,
            bytes: tree.bytes,
            created_at: Utc::now(),
        })
    };
    let version = match tokio::task::spawn_blocking(keep).await {
        Ok(version) => version?,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };
    app.store.record_version(&version).await?;
    Ok(version)
}
