//! Parameters: what a task declares, and the check every value passes,
//! whichever door it comes through.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One declared parameter of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// What values it takes.
    #[serde(rename = "type", default)]
    pub kind: ParamKind,
    /// The value when a run gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// A run must give a value. Not together with `default`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// The least value (`int`, `float`, `date`) or least length (`text`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// The greatest value (`int`, `float`, `date`) or greatest length (`text`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// A regular expression that the whole of a `text` value matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The values of a `choice`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// A sentence for whoever fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ParamKind {
    /// Any text.
    #[default]
    Text,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// `true` or `false`.
    Bool,
    /// One of `choices`.
    Choice,
    /// A day, `2026-01-31` (ISO 8601).
    Date,
    /// A file given to the run, readable at the path the script receives.
    File,
}

/// The values of one run, checked; every declared parameter with a value or a
/// default is present. A `file` holds the path on the caller's machine until
/// the run starts.
pub type Params = BTreeMap<String, Value>;

/// Why a value was refused. The message names the parameter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("parameter {name}: {message}")]
pub struct ParamError {
    /// The parameter.
    pub name: String,
    /// What is wrong and what would be right.
    pub message: String,
}
