//! The service as a whole: its version, its engine, what it keeps.

use super::{App, Error};
use crate::domain::ids::InstanceId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The service as a whole.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct System {
    /// The version of Runbay.
    pub version: String,
    /// The identity of the data folder on its engine.
    pub instance: InstanceId,
    /// The engine.
    pub engine: EngineState,
    /// The folder of tasks.
    pub tasks_dir: PathBuf,
    /// The data folder.
    pub data_dir: PathBuf,
    /// The disk that holds the data folder.
    pub disk: Disk,
    /// Runs that are queued or going on.
    pub active_runs: usize,
}

/// Whether the engine answers.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct EngineState {
    /// Whether it answers.
    pub ready: bool,
    /// What it says of itself, or why it does not answer.
    pub about: String,
}

/// The room on a disk.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Disk {
    /// All of it, bytes.
    pub bytes: u64,
    /// What is left of it for us, bytes.
    pub free_bytes: u64,
}

/// Looks at the service.
///
/// # Errors
/// When the database or the disk fails.
pub async fn show(app: &App) -> Result<System, Error> {
    let engine = match engine(app).await {
        Ok(about) => EngineState { ready: true, about },
        Err(error) => EngineState {
            ready: false,
            about: crate::domain::report(&error),
        },
    };
    let data = &app.config.data_dir;
    let disk = rustix::fs::statvfs(data)
        .map_err(|error| Error::io(format!("cannot measure {}", data.display()))(error.into()))?;
    Ok(System {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        instance: app.store.instance(),
        engine,
        tasks_dir: app.config.tasks_dir.clone(),
        data_dir: data.clone(),
        disk: Disk {
            bytes: disk.f_blocks.saturating_mul(disk.f_frsize),
            free_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
        },
        active_runs: app.store.active_runs().await?.len(),
    })
}

async fn engine(app: &App) -> Result<String, Error> {
    let facts = app.driver().await?.engine.facts().await?;
    Ok(format!("Docker Engine {}", facts.version))
}
