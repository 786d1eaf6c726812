//! The JSON Schema of a manifest, generated from its types: for editors, and
//! as the list of keys that exist.

use crate::domain::manifest::Manifest;
use crate::domain::params::Param;
use crate::domain::schedule::Schedule;
use schemars::schema_for;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The JSON Schema (2020-12) of `task.toml`, for editors.
#[must_use]
pub fn manifest_schema() -> Value {
    let mut schema = schema_for!(Manifest).to_value();
    schema["title"] = json!("Runbay task manifest");
    schema["description"] = json!(
        "What a task says of itself: task.toml in its folder, or [tool.runbay] in the PEP 723 block of a single-file task. All keys are optional."
    );
    for (key, pattern) in [
        ("env", "^[A-Za-z_][A-Za-z0-9_]*$"),
        ("params", "^[A-Za-z_][A-Za-z0-9_]*$"),
    ] {
        schema["properties"][key]["propertyNames"] = json!({ "pattern": pattern });
    }
    schema["$defs"]["Schedule"]["required"] = json!(["when"]);
    schema["properties"]["secrets"]["items"]["pattern"] = json!("^[A-Z][A-Z0-9_]{0,63}$");
    schema
}

/// The keys of a manifest.
pub(super) fn manifest_keys() -> &'static [String] {
    static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| keys(&schema_for!(Manifest).to_value()));
    &KEYS
}

/// The keys of a parameter.
pub(super) fn param_keys() -> &'static [String] {
    static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| keys(&schema_for!(Param).to_value()));
    &KEYS
}

/// The keys of a schedule.
pub(super) fn schedule_keys() -> &'static [String] {
    static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| keys(&schema_for!(Schedule).to_value()));
    &KEYS
}

/// The keys of the type that a schema describes.
pub(super) fn keys(schema: &Value) -> Vec<String> {
    match &schema["properties"] {
        Value::Object(properties) => properties.keys().cloned().collect(),
        _ => Vec::new(),
    }
}
