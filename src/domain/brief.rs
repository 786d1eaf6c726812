//! A run in a few words, for lists that show many at once.

use super::ids::{RunId, TaskName};
use super::run::{Outcome, RunState};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

/// As much of a run as its status and length need.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Brief {
    /// Its id.
    pub id: RunId,
    /// The task.
    pub task: TaskName,
    /// Where it stands.
    pub state: RunState,
    /// How it ended; set exactly when finished.
    pub outcome: Option<Outcome>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When its container was started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub finished_at: Option<DateTime<Utc>>,
    /// While it is queued: not before this moment.
    pub not_before: Option<DateTime<Utc>>,
    /// When somebody asked to stop it.
    pub cancel_requested_at: Option<DateTime<Utc>>,
}
