//! Plain values that runs are given as environment variables: of the service, of
//! all tasks with a tag, or of one task. They are no secrets, and are shown.

use super::ids::TaskName;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The most bytes of a value.
pub const MOST_BYTES: usize = 32 * 1024;

/// The name of a variable that people may set.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[A-Za-z_][A-Za-z0-9_]{0,127}$"))]
pub struct VariableName(String);

/// Why a text is not the name of a variable that people may set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadVariableName {
    /// It has other letters, or too many.
    #[error(
        "“{}” is not the name of a variable: use 1 to 128 letters, digits and “_”, not beginning with a digit", .0.escape_debug()
    )]
    Letters(String),
    /// It steers the interpreter, the installer, a proxy or Runbay.
    #[error("{0} is reserved for Runbay and Python: choose another name")]
    Reserved(String),
}

impl VariableName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for VariableName {
    type Error = BadVariableName;

    fn try_from(text: String) -> Result<Self, BadVariableName> {
        let word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && text.len() <= 128;
        if !word {
            return Err(BadVariableName::Letters(text));
        }
        if is_reserved(&text) {
            return Err(BadVariableName::Reserved(text));
        }
        Ok(Self(text))
    }
}

impl FromStr for VariableName {
    type Err = BadVariableName;

    fn from_str(text: &str) -> Result<Self, BadVariableName> {
        Self::try_from(text.to_owned())
    }
}

impl From<VariableName> for String {
    fn from(name: VariableName) -> Self {
        name.0
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Variables that steer the interpreter, the installer, the proxy or Runbay
/// itself are not a task's to set.
fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    matches!(name.as_str(), "PATH" | "HOME")
        || name.ends_with("_PROXY")
        || ["LD_", "PYTHON", "UV_", "PIP_", "RUNBAY_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

/// Whose variable it is. Each wins over those before it; between the last two
/// stands `env` of the task's own manifest.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(tag = "level", content = "of", rename_all = "snake_case")]
pub enum Level {
    /// Of every task.
    Global,
    /// Of the tasks with this tag.
    Tag(String),
    /// Of this task.
    Task(TaskName),
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.pad("global"),
            Self::Tag(tag) => f.pad(&format!("tag {tag}")),
            Self::Task(task) => f.pad(&format!("task {task}")),
        }
    }
}

/// A variable as it was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Variable {
    /// The name.
    pub name: VariableName,
    /// Whose it is.
    #[serde(flatten)]
    pub level: Level,
    /// The value.
    pub value: String,
    /// When it was set.
    pub set_at: DateTime<Utc>,
    /// By whom.
    pub set_by: String,
}

/// Where a value is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "level", content = "of", rename_all = "snake_case")]
pub enum Origin {
    /// A variable of every task.
    Global,
    /// A variable of the tasks with this tag.
    Tag(String),
    /// `env` of the task's manifest.
    Manifest,
    /// A variable of the task.
    Task(TaskName),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.pad("global"),
            Self::Tag(tag) => f.pad(&format!("tag {tag}")),
            Self::Manifest => f.pad("task.toml"),
            Self::Task(task) => f.pad(&format!("task {task}")),
        }
    }
}

impl From<Level> for Origin {
    fn from(level: Level) -> Self {
        match level {
            Level::Global => Self::Global,
            Level::Tag(tag) => Self::Tag(tag),
            Level::Task(task) => Self::Task(task),
        }
    }
}

/// A value and where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sourced {
    /// The value.
    pub value: String,
    /// Where it is from.
    #[serde(flatten)]
    pub origin: Origin,
}

/// What a run of a task gets for one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resolved {
    /// The name.
    pub name: String,
    /// The value that won.
    #[serde(flatten)]
    pub won: Sourced,
    /// The values that it won over, the nearest first.
    pub hidden: Vec<Sourced>,
}

/// What runs of a task get: variables of the service, then of its tags (of two
/// tags the one its manifest names first wins), then `env` of its manifest, then
/// its own, each over those before.
#[must_use]
pub fn resolve(
    task: (&TaskName, &[String]),
    env: &BTreeMap<String, String>,
    set: &[Variable],
) -> Vec<Resolved> {
    let (task, tags) = task;
    let mut layers: Vec<(Origin, BTreeMap<&str, &str>)> = Vec::new();
    let mut of = |level: &Level| {
        let found = set.iter().filter(|v| v.level == *level);
        let found = found.map(|v| (v.name.as_str(), v.value.as_str())).collect();
        layers.push((level.clone().into(), found));
    };
    of(&Level::Global);
    for tag in tags.iter().rev() {
        of(&Level::Tag(tag.clone()));
    }
    of(&Level::Task(task.clone()));
    let own = env
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    layers.insert(layers.len() - 1, (Origin::Manifest, own.collect()));
    let mut values: BTreeMap<&str, Vec<Sourced>> = BTreeMap::new();
    for (origin, layer) in layers.iter().rev() {
        for (name, value) in layer {
            values.entry(name).or_default().push(Sourced {
                value: (*value).to_owned(),
                origin: origin.clone(),
            });
        }
    }
    let resolved = values.into_iter().filter_map(|(name, mut all)| {
        let hidden = all.split_off(1);
        Some(Resolved {
            name: name.to_owned(),
            won: all.pop()?,
            hidden,
        })
    });
    resolved.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(level: Level, name: &str, value: &str) -> Variable {
        Variable {
            name: name.parse().unwrap(),
            level,
            value: value.to_owned(),
            set_at: DateTime::UNIX_EPOCH,
            set_by: "local".to_owned(),
        }
    }

    #[test]
    fn the_nearer_level_wins_and_the_others_are_told() {
        let task: TaskName = "etl".parse().unwrap();
        let tags = ["nightly".to_owned(), "sales".to_owned()];
        let all = [
            set(Level::Global, "REGION", "eu"),
            set(Level::Tag("sales".into()), "REGION", "us"),
            set(Level::Tag("nightly".into()), "REGION", "asia"),
            set(Level::Tag("other".into()), "REGION", "no"),
            set(Level::Task("other".parse().unwrap()), "REGION", "no"),
            set(Level::Global, "ONLY", "here"),
            set(Level::Task(task.clone()), "MODE", "fast"),
        ];
        let env = BTreeMap::from([("MODE".to_owned(), "slow".to_owned())]);
        let found = resolve((&task, &tags), &env, &all);
        let shown: Vec<String> = found
            .iter()
            .map(|v| {
                let hidden: Vec<_> = v.hidden.iter().map(|h| h.origin.to_string()).collect();
                format!(
                    "{}={} {} > {}",
                    v.name,
                    v.won.value,
                    v.won.origin,
                    hidden.join(", ")
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "MODE=fast task etl > task.toml",
                "ONLY=here global > ",
                "REGION=asia tag nightly > tag sales, global",
            ]
        );
    }

    #[test]
    fn names_that_steer_python_are_refused() {
        for name in [
            "PATH",
            "PYTHONPATH",
            "http_proxy",
            "RUNBAY_RUN_ID",
            "1A",
            "",
            "A-B",
        ] {
            assert!(name.parse::<VariableName>().is_err(), "{name}");
        }
    }
}
