//! What a task says of itself: `task.toml`, or `[tool.runbay]` in the PEP 723
//! block of a single file. All keys are optional; unknown keys are errors.

use super::params::Param;
use super::retry::{Overlap, Retries};
use super::schedule::Schedule;
use super::secret::SecretUse;
use super::size::{Bytes, Span, text_schema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The manifest of a task as written. [`super::limits::Limits`] is what it
/// amounts to once the service's defaults are applied.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Manifest {
    /// One line for people: what the task is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Words to group and filter tasks by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// `false` refuses new runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The script to run, relative to the task's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Arguments given to the script, before those of the run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// A program and its arguments to run instead of a Python entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// The Python version, such as `"3.11"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python: Option<PythonVersion>,
    /// Packages: the name of a requirements file in the folder, or a list of
    /// requirements (PEP 508).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirements: Option<Requirements>,
    /// An environment template (a folder of `images/`), or `shared:<name>` for
    /// the requirements in `global_envs/<name>/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentRef>,
    /// How long a run may take before it is stopped, such as `"30m"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// Whether a run that failed is tried again; not unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<Retries>,
    /// What a new run does while others of the task are active: `allow`
    /// (default), `queue`, `skip` or `replace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
    /// How many runs of the task may be active at once; more wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub concurrency: Option<u32>,
    /// Runs of tasks with a greater one begin first; 0 is usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -100, max = 100))]
    pub priority: Option<i32>,
    /// Parameters a run may be given.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Param>,
    /// Environment variables of the script. Not for secrets.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Secrets the script needs. Each is given as a file, `/run/secrets/<NAME>`,
    /// whose path is in the variable `<NAME>_FILE`; written as
    /// `{ name = "…", env = "…" }` its value is in that variable too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretUse>,
    /// What a run may reach: `egress` (default) or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// Memory a run may use, such as `"512M"`; more ends it as out of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Bytes>,
    /// Processor cores a run may use, such as `1.5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.01, max = 1024.0))]
    pub cpus: Option<f64>,
    /// Processes and threads a run may have at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 8, max = 32768))]
    pub pids: Option<u32>,
    /// Disk a run may fill in its working folder and artifacts together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scratch: Option<Bytes>,
    /// When the task runs by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<Schedule>,
    /// Files of the working folder to keep after a run, as glob patterns. All
    /// files in `$RUNBAY_ARTIFACTS` are kept without being named here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<String>,
}

/// Where a manifest says the requirements are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a file name, or a list of requirements")]
pub enum Requirements {
    /// A requirements file in the task's folder.
    File(String),
    /// The requirements themselves, one PEP 508 text each.
    List(Vec<String>),
}

/// What a run may reach over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// Nothing but itself.
    None,
    /// Out of the machine, on a bridge of its own where runs do not see each
    /// other.
    #[default]
    Egress,
}

impl Network {
    /// The word used in manifests and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Egress => "egress",
        }
    }
}

/// A named environment that several tasks may use.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum EnvironmentRef {
    /// `images/<name>/`: packages of the system and of Python, by an admin.
    Template(String),
    /// `global_envs/<name>/`: a set of requirements.
    Shared(String),
}

impl TryFrom<String> for EnvironmentRef {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (make, name): (fn(String) -> Self, &str) = match text.strip_prefix("shared:") {
            Some(name) => (Self::Shared, name),
            None => (Self::Template, &text),
        };
        match name.parse::<super::ids::TaskName>() {
            Ok(name) => Ok(make(name.into())),
            Err(_) => Err(format!(
                "“{}” does not name an environment: write the name of a folder in images/, or shared:<name> for one in global_envs/",
                text.escape_debug()
            )),
        }
    }
}

impl From<EnvironmentRef> for String {
    fn from(of: EnvironmentRef) -> Self {
        of.to_string()
    }
}

impl fmt::Display for EnvironmentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(name) => write!(f, "{name}"),
            Self::Shared(name) => write!(f, "shared:{name}"),
        }
    }
}

/// A Python feature release, `3.13`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PythonVersion {
    /// Always 3.
    pub major: u8,
    /// The feature release.
    pub minor: u8,
}

text_schema!(
    PythonVersion,
    "string",
    "string",
    r"^3\.[0-9]{1,2}$",
    "3.13"
);

impl FromStr for PythonVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || {
            format!(
                "“{}” is not a Python version: write it as \"3.13\"",
                text.escape_debug()
            )
        };
        let minor = text.strip_prefix("3.").ok_or_else(bad)?;
        if minor.is_empty() || minor.len() > 2 || !minor.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        Ok(Self {
            major: 3,
            minor: minor.parse().map_err(|_| bad())?,
        })
    }
}

impl TryFrom<String> for PythonVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PythonVersion> for String {
    fn from(version: PythonVersion) -> Self {
        version.to_string()
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
