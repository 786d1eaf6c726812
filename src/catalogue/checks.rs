//! What the keys of a manifest may mean: ranges, names, and which keys may
//! stand together. Everything that can be told without looking at a file.

use super::document::Document;
use super::problem::{Issue, Problem};
use super::schedules;
use super::text::relative;
use super::validate::{Declaration, validate_declarations};
use crate::domain::manifest::{EnvironmentRef, Manifest, Requirements};
use crate::domain::run::Outcome;
use crate::domain::secret::{BadSecretName, SecretName};
use crate::domain::size::{Bytes, MIB};
use crate::domain::variable::{BadVariableName, VariableName};
use std::collections::BTreeSet;

/// Less cannot hold a Python interpreter.
const LEAST_MEMORY: Bytes = Bytes(16 * MIB);
/// Less cannot hold a script's own files.
const LEAST_SCRATCH: Bytes = Bytes(MIB);
/// What the engine can divide a core into, and more than any machine has.
const CPUS: std::ops::RangeInclusive<f64> = 0.01..=1024.0;
/// Python with a few threads, and the most a kernel counts by default.
const PIDS: std::ops::RangeInclusive<u32> = 8..=32768;
/// Runs of one task at once.
const CONCURRENCY: std::ops::RangeInclusive<u32> = 1..=1000;
/// A range that people can keep in their heads.
const PRIORITY: std::ops::RangeInclusive<i32> = -100..=100;
/// With the longest pause between them, four days.
const MOST_RETRIES: u32 = 100;

/// All that is wrong with the meaning of a manifest, which is the table at
/// `path` of the document.
pub(super) fn check(document: &Document<'_>, path: &[&str], manifest: &Manifest) -> Vec<Problem> {
    let mut checks = Checks {
        document,
        path,
        problems: Vec::new(),
    };
    checks.execution(manifest);
    checks.limits(manifest);
    checks.queueing(manifest);
    checks.environment(manifest);
    checks.secrets(manifest);
    checks.params(manifest);
    checks.artifacts(manifest);
    checks.schedules(manifest);
    checks.problems
}

struct Checks<'a, 't> {
    document: &'a Document<'t>,
    path: &'a [&'a str],
    problems: Vec<Problem>,
}

impl Checks<'_, '_> {
    fn fault(&mut self, key: &[&str], issue: Issue) {
        let path = [self.path, key].concat();
        self.problems.push(self.document.problem(&path, issue));
    }

    fn execution(&mut self, manifest: &Manifest) {
        if let Some(command) = &manifest.command {
            if command.first().is_none_or(String::is_empty) {
                let issue = Issue::new("`command` must begin with the program to run");
                self.fault(&["command"], issue);
            }
            if manifest.entry.is_some() {
                let issue = Issue::hinted(
                    "`command` and `entry` cannot both say what to run",
                    "remove one of them",
                );
                self.fault(&["command"], issue);
            }
        }
        if let Some(Err(issue)) = manifest.entry.as_deref().map(relative) {
            self.fault(&["entry"], issue);
        }
        let command = manifest.command.as_deref().unwrap_or_default();
        for (key, words) in [("args", &manifest.args[..]), ("command", command)] {
            for (at, word) in words.iter().enumerate() {
                if word.contains('\0') {
                    let issue = Issue::new("an argument cannot hold a NUL character");
                    self.fault(&[key, &at.to_string()], issue);
                }
            }
        }
    }

    fn limits(&mut self, manifest: &Manifest) {
        for (key, given, least) in [
            ("memory", manifest.memory, LEAST_MEMORY),
            ("scratch", manifest.scratch, LEAST_SCRATCH),
        ] {
            if let Some(bytes) = given.filter(|bytes| *bytes < least) {
                let issue = Issue::new(format!("`{key}` is {bytes}: give at least {least}"));
                self.fault(&[key], issue);
            }
        }
        if manifest.cpus.is_some_and(|cpus| !CPUS.contains(&cpus)) {
            let issue = Issue::new("`cpus` must be from 0.01 to 1024");
            self.fault(&["cpus"], issue);
        }
        if manifest.pids.is_some_and(|pids| !PIDS.contains(&pids)) {
            let issue = Issue::new("`pids` must be from 8 to 32768");
            self.fault(&["pids"], issue);
        }
        if manifest.timeout.is_some_and(|span| span.0.is_zero()) {
            let issue = Issue::hinted(
                "`timeout` must be more than 0",
                "leave it out for the service's default",
            );
            self.fault(&["timeout"], issue);
        }
    }

    fn queueing(&mut self, manifest: &Manifest) {
        if manifest
            .concurrency
            .is_some_and(|most| !CONCURRENCY.contains(&most))
        {
            let issue = Issue::new("`concurrency` must be from 1 to 1000");
            self.fault(&["concurrency"], issue);
        }
        if manifest.priority.is_some_and(|p| !PRIORITY.contains(&p)) {
            let issue = Issue::new("`priority` must be from -100 to 100");
            self.fault(&["priority"], issue);
        }
        let Some(retries) = &manifest.retries else {
            return;
        };
        if retries.max > MOST_RETRIES {
            let issue = Issue::new(format!("`max` must be from 0 to {MOST_RETRIES}"));
            self.fault(&["retries", "max"], issue);
        }
        for (at, outcome) in retries.on.iter().enumerate() {
            if matches!(outcome, Outcome::Succeeded | Outcome::Cancelled) {
                let issue = Issue::new(format!(
                    "a run that ended as “{outcome}” is never tried again"
                ));
                self.fault(&["retries", "on", &at.to_string()], issue);
            }
        }
        if !retries.exit_codes.is_empty() && !retries.on.contains(&Outcome::Failed) {
            let issue = Issue::hinted(
                "`exit_codes` chooses among failures, and `on` does not name “failed”",
                "add “failed” to `on`, or remove `exit_codes`",
            );
            self.fault(&["retries", "exit_codes"], issue);
        }
    }

    fn environment(&mut self, manifest: &Manifest) {
        for (name, value) in &manifest.env {
            if let Err(issue) = env_name(name) {
                self.fault(&["env", name], issue);
            }
            if value.contains('\0') {
                let issue = Issue::new(format!("env {name} cannot hold a NUL character"));
                self.fault(&["env", name], issue);
            }
        }
        if let Some(Requirements::File(file)) = &manifest.requirements
            && let Err(issue) = relative(file)
        {
            self.fault(&["requirements"], issue);
        }
        let shared = matches!(manifest.environment, Some(EnvironmentRef::Shared(_)));
        if shared && manifest.requirements.is_some() {
            let issue = Issue::hinted(
                "a shared environment and `requirements` cannot both say which packages to install",
                "remove one of them",
            );
            self.fault(&["environment"], issue);
        }
    }

    fn secrets(&mut self, manifest: &Manifest) {
        let mut seen = BTreeSet::new();
        for (at, used) in manifest.secrets.iter().enumerate() {
            let (place, name) = (["secrets", &at.to_string()], &used.name);
            if let Err(issue) = secret_name(name) {
                self.fault(&place, issue);
                continue;
            }
            if !seen.insert(name) {
                let issue = Issue::new(format!("secret {} is named twice", name.escape_debug()));
                self.fault(&place, issue);
            }
            let file = format!("{name}_FILE");
            for variable in used.env.iter().chain([&file]) {
                if let Err(issue) = env_name(variable) {
                    self.fault(&place, issue);
                } else if manifest.env.contains_key(variable) {
                    let issue = Issue::hinted(
                        format!("{variable} is both a secret and a variable of `env`"),
                        "rename one of them",
                    );
                    self.fault(&place, issue);
                }
            }
        }
    }

    fn params(&mut self, manifest: &Manifest) {
        for name in manifest.params.keys() {
            if !is_word(name) || name.len() > 64 {
                let issue = Issue::hinted(
                    format!("“{}” is not a parameter name", name.escape_debug()),
                    "use 1 to 64 of letters, digits and “_”, not beginning with a digit",
                );
                self.fault(&["params", name], issue);
            }
        }
        for Declaration { name, key, message } in validate_declarations(&manifest.params) {
            let issue = Issue::new(format!("parameter {name}: {message}"));
            self.fault(&["params", &name, key], issue);
        }
    }

    fn schedules(&mut self, manifest: &Manifest) {
        for (path, issue) in schedules::check(manifest) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            self.fault(&path, issue);
        }
    }

    fn artifacts(&mut self, manifest: &Manifest) {
        for (at, glob) in manifest.artifacts.iter().enumerate() {
            let place = ["artifacts", &at.to_string()];
            if let Err(issue) = relative(glob) {
                self.fault(&place, issue);
            } else if let Err(fault) = globset::Glob::new(glob) {
                let issue = Issue::new(format!("not a glob pattern: {}", fault.kind()));
                self.fault(&place, issue);
            }
        }
    }
}

/// Refuses what is not the name of a variable a task may set.
pub(super) fn env_name(name: &str) -> Result<(), Issue> {
    match name.parse::<VariableName>() {
        Ok(_) => Ok(()),
        Err(BadVariableName::Letters(_)) => Err(Issue::hinted(
            format!("“{}” is not the name of a variable", name.escape_debug()),
            "use letters, digits and “_”, not beginning with a digit",
        )),
        Err(BadVariableName::Reserved(_)) => Err(Issue::hinted(
            format!("{name} is reserved for Runbay and Python"),
            "choose another name",
        )),
    }
}

fn secret_name(name: &str) -> Result<(), Issue> {
    match name.parse::<SecretName>() {
        Ok(_) => Ok(()),
        Err(BadSecretName::Reserved(_)) => env_name(name),
        Err(BadSecretName::Letters(_)) => Err(Issue::hinted(
            format!("“{}” is not the name of a secret", name.escape_debug()),
            "use 1 to 64 of A-Z, 0-9 and “_”, beginning with a letter",
        )),
    }
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
