//! Images the store remembers, and the code they hold.

use super::ids::{Digest, ImageId, TaskName};
use super::run::words;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

words! {
    /// What an image is made of, from the bottom up.
    #[derive(JsonSchema)]
    ImageKind {
        /// Python and our own files; no packages.
        Base = "base",
        /// A base image and the packages of one lock.
        Environment = "environment",
        /// An environment image and the code of one task.
        Task = "task",
    }
}

/// One image and the key it was made for. An image may have several rows, one
/// for each key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRow {
    /// The engine's id.
    pub id: ImageId,
    /// What it is made of.
    pub kind: ImageKind,
    /// The digest of everything it was made from.
    pub key: Digest,
    /// The task, of a task image.
    pub task: Option<TaskName>,
    /// The environment, of an environment or task image.
    pub environment: Option<Digest>,
    /// The lock its packages come from.
    pub lock: Option<Digest>,
    /// The code, of a task image.
    pub version: Option<Digest>,
    /// Its size on the engine, bytes, with the layers it shares with others.
    pub bytes: u64,
    /// When it was made or first found.
    pub created_at: DateTime<Utc>,
    /// Kept whatever housekeeping thinks.
    pub pinned: bool,
}

impl ImageRow {
    /// An image made just now, that belongs to nothing in particular.
    #[must_use]
    pub fn new(id: ImageId, kind: ImageKind, key: Digest, bytes: u64) -> Self {
        Self {
            id,
            kind,
            key,
            task: None,
            environment: None,
            lock: None,
            version: None,
            bytes,
            created_at: Utc::now(),
            pinned: false,
        }
    }
}

/// What a run runs from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunImage {
    /// The code.
    pub version: Digest,
    /// The environment.
    pub environment: Digest,
    /// The lock of the environment; none when it needs no package.
    pub lock: Option<Digest>,
    /// The image.
    pub image: ImageId,
}

/// One content of a task's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The digest of its files.
    pub digest: Digest,
    /// The task.
    pub task: TaskName,
    /// How many files.
    pub files: u64,
    /// Their sizes together, bytes.
    pub bytes: u64,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
}
