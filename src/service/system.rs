//! The service as a whole: its version, its engine, what it keeps.

use super::{App, Error};
use crate::domain::ids::InstanceId;
use crate::store::Room;
use crate::threads::off_thread;
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

/// What runs may use together: the settings, or else a share of what the engine
/// has.
///
/// # Errors
/// When no engine answers and the settings do not say.
pub async fn room(app: &App) -> Result<Room, Error> {
    let queue = &app.settings().queue;
    if let (Some(slots), Some(memory)) = (queue.slots, queue.memory) {
        return Ok(Room {
            slots,
            memory: memory.0,
        });
    }
    let (cores, memory) = app.capacity().await?;
    Ok(Room {
        slots: queue.slots.unwrap_or(cores.saturating_mul(2).max(2)),
        memory: queue.memory.map_or(memory / 5 * 4, |memory| memory.0),
    })
}

async fn engine(app: &App) -> Result<String, Error> {
    let facts = app.driver().await?.engine.facts().await?;
    Ok(format!("Docker Engine {}", facts.version))
}

/// What the data folder holds.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Storage {
    /// Each part of it.
    pub parts: Vec<Part>,
    /// All of them together, bytes.
    pub bytes: u64,
}

/// A file or folder of the data folder.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// How many files are in it.
    pub files: u64,
    /// Their sizes together, bytes.
    pub bytes: u64,
}

/// Adds up what the data folder holds. Looks at every file of it.
///
/// # Errors
/// When it cannot be listed.
pub async fn storage(app: &App) -> Result<Storage, Error> {
    let data = app.config.data_dir.clone();
    off_thread(move || {
        let failed = || Error::io(format!("cannot list {}", data.display()));
        let mut parts = Vec::new();
        for entry in std::fs::read_dir(&data).map_err(failed())? {
            let path = entry.map_err(failed())?.path();
            let mut part = Part {
                name: path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
                files: 0,
                bytes: 0,
            };
            add_up(&path, &mut part);
            parts.push(part);
        }
        parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
        let bytes = parts.iter().map(|part| part.bytes).sum();
        Ok(Storage { parts, bytes })
    })
    .await
}

/// What goes away meanwhile counts for nothing.
fn add_up(path: &std::path::Path, part: &mut Part) {
    let Ok(found) = path.symlink_metadata() else {
        return;
    };
    if !found.is_dir() {
        part.files += 1;
        part.bytes += found.len();
        return;
    }
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        add_up(&entry.path(), part);
    }
}

/// Looks at the machine, the engine and the settings.
pub async fn doctor(app: &App) -> super::doctor::Report {
    super::doctor::examine(Ok((*app.config).clone())).await
}
