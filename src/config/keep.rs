//! `[keep]`: how long what runs leave behind is kept.

use super::file::{Fault, fault, least};
use crate::domain::size::{Bytes, Span};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// How long what runs leave behind is kept. `service::prune` says what follows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keep {
    /// Whether the service removes by itself what is no longer needed.
    pub automatic: bool,
    /// How often it looks.
    pub every: Span,
    /// How many of the newest runs of each task keep their image.
    pub images: u32,
    /// How long environments and images of no task are kept after their last
    /// use.
    pub unused: Span,
    /// How many of the newest runs of each task are kept.
    pub runs: u32,
    /// How old runs may become.
    pub age: Span,
    /// How old their logs may become; none is as old as the runs.
    pub logs: Option<Span>,
    /// How old the files kept from them may become; none is as old as the runs.
    pub artifacts: Option<Span>,
    /// How many of the newest versions of each task's code are kept, besides
    /// those that kept runs ran.
    pub versions: u32,
    /// How old the downloads for builds may become, all of which go at once.
    pub cache: Span,
    /// With less than this free on the disk, more goes, the oldest first; none
    /// is twice `free_space`.
    pub low_space: Option<Bytes>,
    /// Until so much is free; none is four times `free_space`.
    pub enough_space: Option<Bytes>,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            automatic: true,
            every: Span(Duration::from_secs(3600)),
            images: 5,
            unused: Span(30 * DAY),
            runs: 1000,
            age: Span(90 * DAY),
            logs: None,
            artifacts: None,
            versions: 20,
            cache: Span(30 * DAY),
            low_space: None,
            enough_space: None,
        }
    }
}

/// Checks what the types do not.
pub(super) fn check(keep: &Keep, free_space: Bytes) -> Result<(), Fault> {
    least(&["keep", "every"], keep.every, Span(Duration::from_secs(1)))?;
    least(&["keep", "runs"], keep.runs, 1)?;
    least(&["keep", "versions"], keep.versions, 1)?;
    let (low, enough) = keep.watermarks(free_space);
    if enough < low {
        let message = format!("{enough} is less than low_space, {low}: nothing would be enough");
        return Err(fault(&["keep", "enough_space"], message));
    }
    Ok(())
}

impl Keep {
    /// Below the first more goes, until the second is free.
    #[must_use]
    pub fn watermarks(&self, free_space: Bytes) -> (Bytes, Bytes) {
        let times = |n: u64| Bytes(free_space.0.saturating_mul(n));
        let low = self.low_space.unwrap_or_else(|| times(2));
        (low, self.enough_space.unwrap_or_else(|| times(4).max(low)))
    }
}
