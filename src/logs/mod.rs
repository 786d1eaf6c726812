//! The output of attempts: bytes → lines → masking → caps → a file.
//!
//! The file is the truth. Whoever watches reads it by line number at their own
//! pace ([`Reader`]) and is woken by [`Progress`]; the pump that drains the
//! engine never waits for a viewer, because a stream nobody reads blocks the
//! script itself.

mod lines;
mod mask;
mod plain;
mod pump;
mod reader;
mod search;
mod writer;

#[cfg(test)]
mod tests;

pub use mask::Masker;
pub use plain::Plain;
pub use pump::{BUILD_STEPS, Counts, Progress, Pump, ReadyLine, Resume, SharedLog};
pub use reader::{Extent, Kept, Reader, kept};
pub use search::{Budget, Found, Hit, Pattern, Stopped};
pub use writer::{Bounds, Writer};

use crate::domain::ids::AttemptId;
use std::path::{Path, PathBuf};

/// The most bytes one line keeps; the rest is counted.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// Why a log could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("the log {} could not be {doing}", path.display())]
pub struct LogError {
    /// The file.
    pub path: PathBuf,
    /// Written, read, made.
    pub doing: &'static str,
    /// What the operating system says.
    #[source]
    pub source: std::io::Error,
}

impl LogError {
    fn new(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self {
            path,
            doing,
            source,
        }
    }
}

/// Where the log of an attempt is, below the data folder.
#[must_use]
pub fn path_of(data_dir: &Path, attempt: AttemptId) -> PathBuf {
    data_dir.join("logs").join(format!("{attempt}.log"))
}

/// The sparse index beside a log: the byte offset of every 256th line.
fn index_path(log: &Path) -> PathBuf {
    log.with_extension("idx")
}

/// The letter of a line of ours that says where output is missing. It is shown
/// as [`Stream::System`](crate::domain::log::Stream::System); whoever takes a
/// log over finds the place by it.
const GAP: char = 'g';

/// How many lines one entry of the index spans.
const INDEX_STRIDE: u64 = 256;
