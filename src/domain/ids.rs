//! Identifiers, each its own type, so that a run cannot be passed where an
//! image is meant.

mod accounts;

pub use accounts::{BadUserName, SessionId, TokenId, UserId, UserName};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// One request to execute a task. A UUID version 7 (RFC 9562), so ids sort by
/// time of creation; written as 32 hex digits, shown short as the last 8.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct RunId(
    #[serde(with = "uuid::serde::simple")]
    #[schemars(with = "String", extend("pattern" = "^[0-9a-f]{32}$"))]
    Uuid,
);

impl RunId {
    /// A new id for the present moment.
    #[must_use]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id stored as this UUID.
    #[must_use]
    pub fn from_uuid(id: Uuid) -> Self {
        Self(id)
    }

    /// The UUID behind the id.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.0
    }

    /// The last 8 hex digits: the random part, which people type and read.
    #[must_use]
    pub fn short(self) -> String {
        let full = self.to_string();
        full[full.len() - 8..].to_owned()
    }
}

impl Default for RunId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.simple())
    }
}

impl FromStr for RunId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self)
    }
}

/// One container launch for a run; `number` counts from 1.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct AttemptId {
    /// The run it belongs to.
    pub run: RunId,
    /// 1 for the first launch.
    pub number: u32,
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.run, self.number)
    }
}

/// The name of a task: `[a-z0-9][a-z0-9_-]{0,62}`.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[a-z0-9][a-z0-9_-]{0,62}$"))]
pub struct TaskName(String);

/// Why a text is not a task name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{}” is not a task name: use 1 to 63 of a-z, 0-9, “_” and “-”, beginning with a letter or digit", .0.escape_debug())]
pub struct BadTaskName(pub String);

impl TaskName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TaskName {
    type Error = BadTaskName;

    fn try_from(text: String) -> Result<Self, BadTaskName> {
        let tail = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_' || c == b'-';
        let bytes = text.as_bytes();
        let head_ok = bytes
            .first()
            .is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if head_ok && bytes.len() <= 63 && bytes.iter().all(|c| tail(*c)) {
            Ok(Self(text))
        } else {
            Err(BadTaskName(text))
        }
    }
}

impl FromStr for TaskName {
    type Err = BadTaskName;

    fn from_str(text: &str) -> Result<Self, BadTaskName> {
        Self::try_from(text.to_owned())
    }
}

impl From<TaskName> for String {
    fn from(name: TaskName) -> Self {
        name.0
    }
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A SHA-256 in lower-case hex: the key of a version, environment or image.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Digest(pub String);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self::from_hash(&sha2::Sha256::digest(bytes))
    }

    /// The digest whose 32 bytes are given.
    #[must_use]
    pub fn from_hash(hash: &[u8]) -> Self {
        Self(hash.iter().map(|b| format!("{b:02x}")).collect())
    }

    /// The first 12 digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..self.0.len().min(12)]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The engine's id of an image, `sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ImageId(pub String);

impl ImageId {
    /// 12 hex digits, as the engine's own tools show it.
    #[must_use]
    pub fn short(&self) -> &str {
        let hex = self.0.strip_prefix("sha256:").unwrap_or(&self.0);
        &hex[..hex.len().min(12)]
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The engine's id of a container.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ContainerId(pub String);

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One data folder and everything it owns on an engine. Objects on the engine
/// carry it as the label `runbay.instance`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct InstanceId(pub String);

impl InstanceId {
    /// The 8 digits used in names on the engine.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..self.0.len().min(8)]
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_task_name_is_safe_in_every_place_it_is_used(text in "\\PC{0,80}") {
            if let Ok(name) = text.parse::<TaskName>() {
                let name = name.as_str();
                prop_assert!(!name.is_empty() && name.len() <= 63);
                prop_assert!(!name.starts_with('-') && !name.contains(['/', '.', ' ', '\\']));
            }
        }
    }

    #[test]
    fn run_ids_sort_by_time_and_read_back() {
        let (a, b) = (RunId::new(), RunId::new());
        assert!(a <= b);
        assert_eq!(a.to_string().parse::<RunId>().unwrap(), a);
        assert_eq!(a.short().len(), 8);
    }
}
