//! Triggers: addresses at which other services start runs of a task, and how
//! they prove that they may.

use super::ids::TaskName;
use super::run::words;
use super::secret::SecretName;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

words! {
    /// How a caller proves that it may.
    #[derive(JsonSchema)]
    TriggerAuth {
        /// With the token of the trigger.
        Token = "token",
        /// With a signature as GitHub makes it (`X-Hub-Signature-256`).
        Github = "github",
        /// With a signature as Standard Webhooks has it, not older than 5 minutes.
        Standard = "standard",
    }
}

/// The name of a trigger: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[a-z0-9][a-z0-9_-]{0,62}$"))]
pub struct TriggerName(String);

/// Why a text is not the name of a trigger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{}” is not the name of a trigger: use 1 to 63 of a-z, 0-9, “_” and “-”, beginning with a letter or digit", .0.escape_debug())]
pub struct BadTriggerName(pub String);

impl TriggerName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TriggerName {
    type Error = BadTriggerName;

    fn try_from(text: String) -> Result<Self, BadTriggerName> {
        match text.parse::<TaskName>() {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(BadTriggerName(text)),
        }
    }
}

impl FromStr for TriggerName {
    type Err = BadTriggerName;

    fn from_str(text: &str) -> Result<Self, BadTriggerName> {
        Self::try_from(text.to_owned())
    }
}

impl From<TriggerName> for String {
    fn from(name: TriggerName) -> Self {
        name.0
    }
}

impl fmt::Display for TriggerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a trigger starts, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TriggerSpec {
    /// The task.
    pub task: TaskName,
    /// How a caller proves that it may.
    #[serde(default = "token")]
    pub auth: TriggerAuth,
    /// The secret that signatures are made with; none with a token.
    #[serde(default)]
    pub secret: Option<SecretName>,
    /// Values of declared parameters: for each the place in the payload, as a JSON
    /// pointer (RFC 6901). What is not there is not given.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// How many runs it may start in a minute.
    #[serde(default = "per_minute")]
    #[schemars(range(min = 1, max = 6000))]
    pub per_minute: u32,
    /// Whether it starts anything.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn token() -> TriggerAuth {
    TriggerAuth::Token
}

fn per_minute() -> u32 {
    60
}

fn yes() -> bool {
    true
}

impl TriggerSpec {
    /// A trigger of a task that takes a token.
    #[must_use]
    pub fn new(task: TaskName) -> Self {
        Self {
            task,
            auth: token(),
            secret: None,
            params: BTreeMap::new(),
            per_minute: per_minute(),
            enabled: yes(),
        }
    }

    /// What is wrong with it by itself: fields, and a sentence for each.
    #[must_use]
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let mut wrong = |field: &str, why: &str| faults.push((field.to_owned(), why.to_owned()));
        match (self.auth, &self.secret) {
            (TriggerAuth::Token, Some(_)) => {
                wrong(
                    "/secret",
                    "a token is no secret of yours: it is made and shown once",
                );
            }
            (TriggerAuth::Github | TriggerAuth::Standard, None) => {
                wrong("/secret", "which secret are signatures made with?");
            }
            _ => {}
        }
        for (name, pointer) in &self.params {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                let name = name.replace('~', "~0").replace('/', "~1");
                wrong(
                    &format!("/params/{name}"),
                    "a place in JSON begins with “/”: /ref, /commits/0/id",
                );
            }
        }
        if !(1..=6000).contains(&self.per_minute) {
            wrong("/per_minute", "from 1 to 6000");
        }
        faults
    }

    /// The parameters in a payload. They are values and nothing else: who declares
    /// them says what they must be.
    #[must_use]
    pub fn values(&self, payload: &Value) -> BTreeMap<String, Value> {
        let found = self.params.iter().filter_map(|(name, pointer)| {
            let value = payload.pointer(pointer).filter(|value| !value.is_null())?;
            Some((name.clone(), value.clone()))
        });
        found.collect()
    }
}

/// A trigger, without its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trigger {
    /// Its name.
    pub name: TriggerName,
    /// What it starts, and for whom.
    pub spec: TriggerSpec,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last started a run.
    pub used_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_come_from_their_places_and_stay_what_they_are() {
        let mut spec = TriggerSpec::new("a".parse().unwrap());
        for (name, place) in [
            ("ref", "/ref"),
            ("id", "/commits/0/id"),
            ("none", "/none"),
            ("nil", "/nil"),
        ] {
            spec.params.insert(name.into(), place.into());
        }
        let payload = json!({ "ref": "$(id); ../x", "commits": [{ "id": 7 }], "nil": null });
        let values = spec.values(&payload);
        assert_eq!(json!(values), json!({ "ref": "$(id); ../x", "id": 7 }));
        assert!(spec.faults().is_empty());
        spec.params.insert("bad".into(), "ref".into());
        spec.auth = TriggerAuth::Github;
        spec.per_minute = 0;
        let fields: Vec<_> = spec.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["/secret", "/params/bad", "/per_minute"]);
    }
}
