//! Parts of hooks that are texts.

use crate::domain::ids::TaskName;
use chrono::NaiveTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The name of a hook: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[a-z0-9][a-z0-9_-]{0,62}$"))]
pub struct HookName(String);

/// Why a text is not the name of a hook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{}” is not the name of a hook: use 1 to 63 of a-z, 0-9, “_” and “-”, beginning with a letter or digit", .0.escape_debug())]
pub struct BadHookName(pub String);

impl HookName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HookName {
    type Error = BadHookName;

    fn try_from(text: String) -> Result<Self, BadHookName> {
        match text.parse::<TaskName>() {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(BadHookName(text)),
        }
    }
}

impl FromStr for HookName {
    type Err = BadHookName;

    fn from_str(text: &str) -> Result<Self, BadHookName> {
        Self::try_from(text.to_owned())
    }
}

impl From<HookName> for String {
    fn from(name: HookName) -> Self {
        name.0
    }
}

impl fmt::Display for HookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// When a report of the last 24 hours is mailed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Daily {
    /// The time of day, `07:00`.
    #[schemars(with = "String", extend("pattern" = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    #[serde(with = "clock")]
    pub at: NaiveTime,
    /// The zone, such as `Europe/Berlin`; that of the service if none is named.
    #[serde(default)]
    pub timezone: Option<String>,
}

mod clock {
    use chrono::NaiveTime;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(at: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&at.format("%H:%M"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        super::time_of_day(&text).map_err(D::Error::custom)
    }
}

/// Reads a time of day.
///
/// # Errors
/// A sentence, when it is none.
pub fn time_of_day(text: &str) -> Result<NaiveTime, String> {
    let read = NaiveTime::parse_from_str(text, "%H:%M").ok();
    let read = read.filter(|_| text.len() == 5);
    read.ok_or_else(|| format!("“{}” is no time of day: write 07:00", text.escape_debug()))
}
