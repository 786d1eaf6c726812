//! `[queue]`, `[log]`, `[metrics]`, `[backup]` and `[secrets]`: how the service
//! works, what it tells, what it copies, and what it keeps apart.

use crate::domain::size::Bytes;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How many runs the service drives at once, and how many may wait.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Queue {
    /// Runs at once; none is twice the engine's processor cores.
    pub slots: Option<u32>,
    /// Memory of all runs at once; none is four fifths of the engine's.
    pub memory: Option<Bytes>,
    /// Runs that may wait; more are refused.
    pub limit: u32,
    /// Of these, runs of any one task; more are refused.
    pub per_task: u32,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            slots: None,
            memory: None,
            limit: 10_000,
            per_task: 1_000,
        }
    }
}

/// The service's own log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// How its lines look.
    pub format: LogFormat,
}

/// How the lines of the service's own log look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Whether names of tasks are labels.
    pub tasks: bool,
}

/// The backups that the service makes by itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// How many nights' backups are kept; with 0 none is made.
    pub nightly: u32,
    /// Where they are; none is `backups` in the data folder.
    pub folder: Option<PathBuf>,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            nightly: 7,
            folder: None,
        }
    }
}

/// `[secrets]`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SecretsTable {
    pub(super) key_file: PathBuf,
}

impl Default for SecretsTable {
    fn default() -> Self {
        Self {
            key_file: "keys/runbay.key".into(),
        }
    }
}
