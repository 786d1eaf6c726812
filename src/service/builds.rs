//! Building images without running them.

use super::{App, Error, space};
use crate::catalogue::snapshot;
use crate::domain::ids::{Digest, ImageId, TaskName};
use crate::domain::image::Version;
use crate::domain::task::Task;
use crate::image::{BuildContext, TaskImage, key_of, spec};
use crate::logs::{Bounds, LogError, SharedLog};
use crate::threads::off_thread;
use chrono::Utc;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// An image of a task, and what it took to have it.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Built {
    /// The task.
    pub task: TaskName,
    /// The image.
    pub image: ImageId,
    /// Its size with all its layers, bytes.
    pub image_bytes: u64,
    /// The code in it.
    pub version: Digest,
    /// The environment it stands on.
    pub environment: Digest,
    /// The lock of that environment.
    pub lock: Digest,
    /// Whether it was there already.
    pub cached: bool,
    /// How long it took, seconds.
    pub seconds: f64,
}

/// The key of the environment that a task needs.
///
/// # Errors
/// When it cannot be decided: see [`spec`].
pub fn environment_key(app: &App, task: &Task) -> Result<Digest, Error> {
    let spec = spec(&app.config, &app.catalogue, task)?;
    Ok(key_of(&app.config, &app.catalogue, &spec)?)
}

/// Makes the image that a run of the task would start from now.
///
/// # Errors
/// When the task is not valid, the build fails or is cancelled, or no engine
/// answers.
pub async fn build(app: &App, task: &Task, context: &BuildContext) -> Result<Built, Error> {
    let begun = Instant::now();
    let tree = {
        let task = task.clone();
        off_thread(move || snapshot(&task)).await?
    };
    let driver = app.driver().await?;
    let known = app.store.images().await?;
    let mut image = driver.images.ensure(task, &tree, context).await?;
    let mut found = driver.engine.image(&image.id.0).await?;
    if found.is_none() {
        // Somebody removed it behind our back.
        driver.images.forget_missing().await?;
        image = driver.images.ensure(task, &tree, context).await?;
        found = driver.engine.image(&image.id.0).await?;
    }
    let TaskImage {
        id,
        version,
        environment,
        lock,
    } = image;
    app.store
        .record_version(&Version {
            digest: version.clone(),
            task: task.name.clone(),
            files: tree.files.len() as u64,
            bytes: tree.bytes,
            created_at: Utc::now(),
        })
        .await?;
    Ok(Built {
        task: task.name.clone(),
        cached: known.iter().any(|row| row.id == id),
        image: id,
        image_bytes: found.map_or(0, |image| image.bytes),
        version,
        environment,
        lock,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// Where the log of the last build of a task is.
#[must_use]
pub fn log_path(app: &App, task: &TaskName) -> PathBuf {
    let folder = app.config.data_dir.join("logs");
    folder.join(format!("build-{task}.log"))
}

/// An empty log for a build of a task, instead of the last one: what every build
/// begins with.
///
/// # Errors
/// When it cannot be made, or the disk is nearly full.
pub fn open_log(app: &App, task: &TaskName) -> Result<Arc<SharedLog>, Error> {
    space::check(app)?;
    let path = log_path(app, task);
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Log(LogError {
            path,
            doing: "replaced",
            source,
        })),
        _ => {
            let bounds = Bounds {
                cap: app.settings().limits.log,
                spare: app.config.spare(),
            };
            Ok(SharedLog::open(&path, bounds, None)?)
        }
    }
}
