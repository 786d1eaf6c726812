//! The names by which our objects on an engine are known.

use std::collections::HashMap;

/// The data folder that owns the object: an `InstanceId`.
pub const INSTANCE: &str = "runbay.instance";
/// What the object is for: `run`, `build`, `env`, `task`, `base`, …
pub const KIND: &str = "runbay.kind";
/// The task's name.
pub const TASK: &str = "runbay.task";
/// The key of the environment.
pub const ENV: &str = "runbay.env";
/// The digest of the task's version.
pub const VERSION: &str = "runbay.version";
/// The run's id.
pub const RUN: &str = "runbay.run";
/// The attempt's number.
pub const ATTEMPT: &str = "runbay.attempt";

/// Tags of ours begin with this; any other tag was given by somebody else, who
/// then wants the image kept.
pub const TAG_PREFIX: &str = "runbay/";

/// The engine's filter for objects that carry all of these labels.
pub(super) fn filter(labels: &[(String, String)]) -> HashMap<String, Vec<String>> {
    let pairs = labels.iter().map(|(key, value)| format!("{key}={value}"));
    HashMap::from([("label".to_owned(), pairs.collect())])
}

/// Labels as the engine takes them.
pub(super) fn map(labels: &[(String, String)]) -> HashMap<String, String> {
    labels.iter().cloned().collect()
}
