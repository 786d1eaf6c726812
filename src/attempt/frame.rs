//! The one message a container is given: see `images/base/runbay_gate.py`,
//! which reads it.

use super::sandbox;
use crate::domain::ids::AttemptId;
use crate::domain::limits::Limits;
use crate::domain::params::{ParamKind, Params};
use crate::domain::secret::{Secret, SecretUse, Secrets};
use crate::domain::task::{Entry, Task};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Everything that decides what one attempt does beyond its image.
pub(super) struct Frame<'a> {
    pub(super) task: &'a Task,
    pub(super) attempt: AttemptId,
    pub(super) nonce: &'a str,
    pub(super) params: &'a Params,
    pub(super) args: &'a [String],
    pub(super) limits: &'a Limits,
    /// `env` of the manifest, and what is set for the task besides.
    pub(super) variables: &'a [(String, String)],
    pub(super) secrets: &'a Secrets,
    pub(super) scheduled_at: Option<DateTime<Utc>>,
}

impl Frame<'_> {
    /// The bytes to write: a length, a newline, fields separated by NUL.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut fields = vec![format!("N{}", self.nonce)];
        self.environment(&mut fields);
        self.files(&mut fields);
        self.arguments(&mut fields);
        // NUL cannot be part of an argument or a variable on any Unix; a value
        // that has one ends there instead of forging a field.
        let fields: Vec<&str> = fields
            .iter()
            .map(|f| f.split('\0').next().unwrap_or_default())
            .collect();
        let body = fields.join("\0");
        format!("{}\n{body}", body.len()).into_bytes()
    }

    fn environment(&self, fields: &mut Vec<String>) {
        let threads = self.limits.cpus.ceil().max(1.0);
        let mut set = |name: &str, value: &str| fields.push(format!("E{name}={value}"));
        // Libraries size their pools by the machine's cores, which a container
        // sees in full whatever its limit.
        for name in [
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "NUMEXPR_MAX_THREADS",
            "PYTHON_CPU_COUNT",
        ] {
            set(name, &threads.to_string());
        }
        for (name, value) in self.variables {
            set(name, value);
        }
        set("RUNBAY_TASK", self.task.name.as_str());
        set("RUNBAY_RUN_ID", &self.attempt.run.to_string());
        set("RUNBAY_ATTEMPT", &self.attempt.number.to_string());
        if let Some(at) = self.scheduled_at {
            set("RUNBAY_SCHEDULED_AT", &at.to_rfc3339());
        }
        set("RUNBAY_ARTIFACTS", sandbox::ARTIFACTS);
        set("RUNBAY_RESULT", sandbox::RESULT);
        set("RUNBAY_PARAMS", sandbox::PARAMS);
        for (name, value) in self.params {
            let value = self.as_seen(name, value);
            set(&format!("PARAM_{}", name.to_uppercase()), &text(&value));
        }
        for (used, secret) in self.given() {
            let name = &used.name;
            set(
                &format!("{name}_FILE"),
                &format!("{}/{name}", sandbox::SECRETS),
            );
            if let Some(env) = &used.env {
                set(env, secret.reveal());
            }
        }
    }

    /// The secrets that the task names, of those the run holds.
    fn given(&self) -> impl Iterator<Item = (&SecretUse, &Secret)> {
        let uses = self.task.manifest.secrets.iter();
        uses.filter_map(|used| Some((used, self.secrets.get(&used.name)?)))
    }

    fn files(&self, fields: &mut Vec<String>) {
        let params: serde_json::Map<String, Value> = self
            .params
            .iter()
            .map(|(name, value)| (name.clone(), self.as_seen(name, value)))
            .collect();
        fields.push(format!("F{}={}", sandbox::PARAMS, Value::Object(params)));
        for (used, secret) in self.given() {
            let path = format!("{}/{}", sandbox::SECRETS, used.name);
            fields.push(format!("F{path}={}", secret.reveal()));
        }
    }

    fn arguments(&self, fields: &mut Vec<String>) {
        let letter = match &self.task.entry {
            Entry::Command(argv) => {
                fields.extend(argv.iter().map(|a| format!("X{a}")));
                'X'
            }
            Entry::Package(_) => {
                fields.push("P/".to_owned());
                'A'
            }
            Entry::Script(_) => 'A',
        };
        let args = self.task.manifest.args.iter().chain(self.args);
        fields.extend(args.map(|a| format!("{letter}{a}")));
    }

    /// A file parameter is a path on the caller's side and another inside.
    fn as_seen(&self, name: &str, value: &Value) -> Value {
        let is_file = self
            .task
            .manifest
            .params
            .get(name)
            .is_some_and(|p| p.kind == ParamKind::File);
        match value {
            Value::String(path) if is_file => Value::String(sandbox::input_path(name, path)),
            other => other.clone(),
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
