//! Events: what others may want to hear of. They are written in the same
//! transaction as the change they tell of.

use super::ids::RunId;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One event of the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Its place in the order of all events.
    pub seq: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened: `run.queued`, `run.started`, `run.finished`.
    pub kind: String,
    /// The run it is about.
    pub run: Option<RunId>,
    /// Its facts.
    pub payload: serde_json::Value,
}
