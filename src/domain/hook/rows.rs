//! Hooks and deliveries as they stand.

use super::{DeliveryState, HookEvent, HookName, HookSpec};
use crate::domain::ids::{RunId, TaskName};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A hook and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hook {
    /// Its number; never given twice.
    #[serde(skip)]
    pub id: i64,
    /// Its name.
    pub name: HookName,
    /// What it is told of, and where and how.
    pub spec: HookSpec,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The last event that was looked at for it.
    #[serde(skip)]
    pub heard: i64,
    /// How many tries failed one after another because nobody answered as they
    /// should.
    pub failures: u32,
    /// Nothing is sent before, because too many failed or the receiver asked for
    /// it.
    pub resting_until: Option<DateTime<Utc>>,
    /// The end of the time that the last report was about.
    pub reported_at: Option<DateTime<Utc>>,
    /// Deliveries that wait.
    pub waiting: u64,
    /// Deliveries that are not tried any more.
    pub dead: u64,
}

/// One try of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Try {
    /// When.
    pub at: DateTime<Utc>,
    /// How long it took, milliseconds.
    pub took_ms: u64,
    /// The status the receiver answered with, if it answered.
    pub status: Option<u16>,
    /// Why it was not taken; none when it was.
    pub problem: Option<String>,
    /// How the receiver's answer began, secrets masked; none when it was empty.
    pub answer: Option<String>,
}

/// A delivery, and how it was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryTries {
    /// The delivery.
    pub delivery: Delivery,
    /// Its tries, newest first; of very many the last 50.
    pub history: Vec<Try>,
}

/// One event sent to a hook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// Its place in the order of all.
    pub seq: i64,
    /// What tells it from others, the same at every try (`webhook-id`).
    pub id: String,
    /// What is told.
    pub event: HookEvent,
    /// When that happened.
    pub at: DateTime<Utc>,
    /// Since when it waits, or waited.
    pub since: DateTime<Utc>,
    /// The task it is about.
    pub task: Option<TaskName>,
    /// The run it is about.
    pub run: Option<RunId>,
    /// The facts.
    pub data: serde_json::Value,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was sent.
    pub tries: u32,
    /// Of these, how often the receiver was there and did not take it.
    pub refusals: u32,
    /// Not before this moment.
    pub next_at: DateTime<Utc>,
    /// When it was last tried.
    pub tried_at: Option<DateTime<Utc>>,
    /// The status the receiver last answered with.
    pub status: Option<u16>,
    /// Why it was not taken, at the last try.
    pub problem: Option<String>,
}
