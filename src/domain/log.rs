//! Lines of output.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a line came from. Viewers style by this alone: a script cannot forge
/// a `System` line by printing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// The script's standard output.
    Stdout,
    /// The script's standard error.
    Stderr,
    /// The image build.
    Build,
    /// Runbay itself.
    System,
}

impl Stream {
    /// The letter used in log files.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Stdout => 'o',
            Self::Stderr => 'e',
            Self::Build => 'b',
            Self::System => 's',
        }
    }

    /// The stream with this letter.
    #[must_use]
    pub fn from_letter(letter: char) -> Option<Self> {
        [Self::Stdout, Self::Stderr, Self::Build, Self::System]
            .into_iter()
            .find(|s| s.letter() == letter)
    }
}

/// One line of an attempt's log. Lines are numbered from 1 across all streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Its number.
    pub number: u64,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// Where it came from.
    pub stream: Stream,
    /// Its text, without the newline.
    pub text: String,
}
