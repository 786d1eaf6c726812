//! What an attempt cost.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Times of the phases in milliseconds, and peaks. A field is unset when the
/// phase did not happen or could not be observed; it is never guessed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Measurements {
    /// From the request to the claim.
    pub queue_ms: Option<f64>,
    /// Making or looking up the image.
    pub build_ms: Option<f64>,
    /// Creating and attaching the container.
    pub create_ms: Option<f64>,
    /// The engine's start call.
    pub start_ms: Option<f64>,
    /// From the request to the first line of output.
    pub first_line_ms: Option<f64>,
    /// From ready to the end of user code; of an attempt that was taken over, as long
    /// as its container ran.
    pub run_ms: Option<f64>,
    /// Collecting what remains.
    pub teardown_ms: Option<f64>,
    /// Processor time, milliseconds, as last seen by the engine.
    pub cpu_ms: Option<f64>,
    /// The greatest memory use seen, bytes.
    pub peak_memory_bytes: Option<u64>,
    /// Received from the network, bytes.
    pub network_rx_bytes: Option<u64>,
    /// Sent to the network, bytes.
    pub network_tx_bytes: Option<u64>,
    /// Output produced by the script, bytes, kept or not.
    pub output_bytes: Option<u64>,
}

/// What an attempt used at one moment. Processor and network are counters: they
/// count from its beginning, so a rate is the difference of two samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// When it was looked at.
    pub at: DateTime<Utc>,
    /// Memory in use, bytes, without file cache that could be dropped; the most
    /// seen since the sample before.
    pub memory_bytes: u64,
    /// Processor time until then, milliseconds.
    pub cpu_ms: u64,
    /// Received from the network until then, bytes.
    pub network_rx_bytes: u64,
    /// Sent to the network until then, bytes.
    pub network_tx_bytes: u64,
}
