//! Backups: all that people made and all that is remembered, in one file.
//!
//! A backup is a tar archive, compressed by zstd with a checksum. It begins with
//! `backup.json`, which says what it is, and holds `runbay.db`, a copy of the
//! database as it was at one moment; `runbay.toml`; what people wrote (`tasks/`,
//! `global_envs/`, `images/`, `calendars/`); `versions/`, the code that ran; and, if
//! asked for, `logs/` and `artifacts/`. The service goes on meanwhile.
//!
//! The master key is never in it: whoever had both could read every secret. Images
//! are not in it either, for they are built again from locks and code.

mod nightly;
mod put_back;
mod settle;
mod unpack;
mod write;

pub use nightly::{is_due, list, make};
pub use put_back::{Back, Which, check, put_back};
pub use unpack::Input;
pub use write::{Made, Output, write};

use crate::domain::ids::InstanceId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What this version writes.
const FORMAT: u32 = 1;
/// The first entry of a backup.
const ABOUT: &str = "backup.json";
/// The copy of the database.
const DATABASE: &str = "runbay.db";

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct About {
    /// How it is made.
    pub format: u32,
    /// The version of Runbay that made it.
    pub version: String,
    /// The schema of its database.
    pub schema: i64,
    /// Whose it is.
    pub instance: InstanceId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// How many runs it knows.
    pub runs: u64,
    /// Whether it holds secrets, which only the master key opens.
    pub sealed: bool,
    /// Whether it holds logs and artifacts.
    pub logs: bool,
}
