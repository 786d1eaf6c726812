//! The closed description of a sandbox. No other road leads to the engine's
//! options, so what cannot be said here cannot be asked for.

use super::manifest::{Manifest, Network};
use super::size::{Bytes, GIB, MIB, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What one run may use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Memory; swap is off.
    pub memory: Bytes,
    /// Processor cores.
    pub cpus: f64,
    /// Processes and threads.
    pub pids: u32,
    /// Disk in the working folder and the artifacts together.
    pub scratch: Bytes,
    /// Wall time.
    pub timeout: Span,
    /// Network.
    pub network: Network,
    /// Kept output; more is counted and left out in the middle.
    pub log: Bytes,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: Bytes(512 * MIB),
            cpus: 1.0,
            pids: 256,
            scratch: Bytes(GIB),
            timeout: Span(Duration::from_secs(3600)),
            network: Network::Egress,
            log: Bytes(50 * MIB),
        }
    }
}

impl Limits {
    /// These limits with what a manifest says instead.
    #[must_use]
    pub fn with(self, manifest: &Manifest) -> Self {
        Self {
            memory: manifest.memory.unwrap_or(self.memory),
            cpus: manifest.cpus.unwrap_or(self.cpus),
            pids: manifest.pids.unwrap_or(self.pids),
            scratch: manifest.scratch.unwrap_or(self.scratch),
            timeout: manifest.timeout.unwrap_or(self.timeout),
            network: manifest.network.unwrap_or(self.network),
            log: self.log,
        }
    }

    /// The size of the in-memory `/tmp`. Its pages count as the run's memory,
    /// so it is an eighth of it, 64 MiB at most.
    #[must_use]
    pub fn tmp(&self) -> Bytes {
        Bytes((self.memory.0 / 8).min(64 * MIB))
    }

    /// The size of `/dev/shm`, which counts as the run's memory too.
    #[must_use]
    pub fn shm(&self) -> Bytes {
        Bytes((self.memory.0 / 4).min(256 * MIB))
    }
}
