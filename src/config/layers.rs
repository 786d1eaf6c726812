//! The sources of settings, one over the other, and which of them to blame.

use super::error::{ConfigError, friendly};
use super::file::{Fault, File};
use super::variables::{Kind, SETTINGS};
use super::{FILE, Overrides, Setting};
use crate::domain::suggest::nearest;
use serde::Deserialize as _;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

/// Variables with our prefix that are no settings: the home folder (read before
/// anything else), what Runbay logs about itself, the mark by which the gate
/// inside a container knows that it is wanted, and where commands find a service
/// elsewhere and what lets them in.
const OTHERS: &[&str] = &[
    "RUNBAY_HOME",
    "RUNBAY_LOG",
    "RUNBAY_GATE",
    "RUNBAY_URL",
    "RUNBAY_TOKEN",
    "RUNBAY_TOKEN_FILE",
];
/// Variables that begin so belong to the tests and to `images/setup.sh`.
const FOREIGN: [&str; 2] = ["RUNBAY_TESTS_", "RUNBAY_SETUP_"];

/// The keys of all tables, with the names of their tables.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|(key, _)| *key)
}

fn variable(key: &str) -> String {
    format!("RUNBAY_{}", key.replace('.', "_").to_ascii_uppercase())
}

/// The file, and single values that win over it, the later over the earlier.
pub(super) struct Layers {
    path: PathBuf,
    text: String,
    table: Table,
    above: Vec<Above>,
}

/// A value from a variable or flag.
struct Above {
    /// How people know it.
    name: String,
    key: &'static str,
    value: Value,
}

impl Layers {
    /// Reads the file; none is as good as an empty one.
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => {
                let path = path.to_owned();
                return Err(ConfigError::Read { path, source });
            }
        };
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            ConfigError::at(path, &text, Some(good..good), "is not UTF-8 text".into())
        })?;
        Self::of(path, text)
    }

    /// A file that says this.
    pub(super) fn of(path: &Path, text: String) -> Result<Self, ConfigError> {
        let wrong = |error: toml::de::Error| {
            let message = friendly(error.message(), keys());
            ConfigError::at(path, &text, error.span(), message)
        };
        // Read as what it must be, for its errors know their place.
        toml::from_str::<File>(&text).map_err(wrong)?;
        let table = text.parse().map_err(wrong)?;
        Ok(Self {
            path: path.to_owned(),
            text,
            table,
            above: Vec::new(),
        })
    }

    /// Puts the variables with our prefix above. An empty one is as good as none.
    pub(super) fn add_environment(
        &mut self,
        environment: Vec<(OsString, OsString)>,
        here: &Path,
    ) -> Result<(), ConfigError> {
        let mut ours: Vec<_> = environment
            .into_iter()
            .filter(|(name, _)| name.as_encoded_bytes().starts_with(b"RUNBAY_"))
            .collect();
        ours.sort();
        for (name, value) in ours {
            let name = name.to_string_lossy().into_owned();
            if OTHERS.contains(&name.as_str())
                || FOREIGN.iter().any(|prefix| name.starts_with(prefix))
            {
                continue;
            }
            let setting = SETTINGS.iter().find(|(key, _)| variable(key) == name);
            let from_file = name.strip_suffix("_FILE").and_then(|name| {
                let secret =
                    |(key, kind): &&(&str, Kind)| *kind == Kind::Secret && variable(key) == name;
                SETTINGS.iter().find(secret)
            });
            match (setting, from_file) {
                (Some((key, kind)), _) => self.put(name, key, (*kind, &value), here)?,
                (None, Some((key, kind))) => {
                    let value = secret(&name, &here.join(value))?;
                    self.put(name, key, (*kind, OsStr::new(&value)), here)?;
                }
                (None, None) => return Err(unknown(name)),
            }
        }
        Ok(())
    }

    /// Puts what the command line says above all.
    pub(super) fn add_flags(&mut self, flags: &Overrides, here: &Path) -> Result<(), ConfigError> {
        if let Some(path) = &flags.data_dir {
            let value = (Kind::Path, path.as_os_str());
            self.put("--data-dir".into(), "data_dir", value, here)?;
        }
        if let Some(host) = &flags.docker_host {
            let value = (Kind::Text, OsStr::new(host));
            self.put("--docker-host".into(), "docker_host", value, here)?;
        }
        if let Some(bind) = flags.bind {
            let text = bind.to_string();
            let value = (Kind::Text, OsStr::new(&text));
            self.put("--bind".into(), "server.bind", value, here)?;
        }
        if flags.expose {
            let value = (Kind::Switch, OsStr::new("true"));
            self.put("--expose".into(), "server.expose", value, here)?;
        }
        Ok(())
    }

    /// Puts one value above, after seeing that it is of the right kind.
    fn put(
        &mut self,
        name: String,
        key: &'static str,
        (kind, raw): (Kind, &OsStr),
        here: &Path,
    ) -> Result<(), ConfigError> {
        let wrong = |message: String| ConfigError::Setting {
            name: name.clone(),
            message,
        };
        let text = raw
            .to_str()
            .ok_or_else(|| wrong("is not UTF-8 text".into()))?;
        if text.trim().is_empty() {
            return Ok(());
        }
        if let Some(same) = self.above.iter().find(|above| above.key == key) {
            // Flags may differ from variables; two variables for one setting not.
            if !name.starts_with('-') {
                return Err(wrong(format!(
                    "{} is set too: unset one of them",
                    same.name
                )));
            }
        }
        let value = match kind {
            Kind::Text | Kind::Secret => Value::from(text),
            Kind::Path => Value::from(here.join(text).to_str().unwrap_or(text)),
            Kind::Number => {
                number(text).ok_or_else(|| wrong(format!("“{text}” is not a number")))?
            }
            Kind::Switch => match text.trim() {
                "true" | "1" => Value::from(true),
                "false" | "0" => Value::from(false),
                _ => return Err(wrong(format!("“{text}” is neither true nor false"))),
            },
            Kind::Words => list(text.split(',')),
            Kind::Lines => list(text.lines()),
        };
        Self::understands(key, &value).map_err(wrong)?;
        self.above.push(Above { name, key, value });
        Ok(())
    }

    /// Whether a value is of the kind that a setting has; if not, why.
    pub(super) fn understands(key: &str, value: &Value) -> Result<(), String> {
        let mut alone = Table::new();
        set(&mut alone, key, value.clone());
        match File::deserialize(alone) {
            Ok(_) => Ok(()),
            Err(error) => Err(friendly(error.message(), keys())),
        }
    }

    /// All layers as one file.
    pub(super) fn merged(&self) -> Result<File, ConfigError> {
        let mut table = self.table.clone();
        for above in &self.above {
            set(&mut table, above.key, above.value.clone());
        }
        // Each layer was read by itself, so this fails for no user's mistake.
        File::deserialize(table).map_err(|error| ConfigError::Setting {
            name: self.path.display().to_string(),
            message: error.message().to_owned(),
        })
    }

    /// Every setting with the value it has in the end, and where that is from.
    pub(super) fn settings(&self, merged: &File) -> Vec<Setting> {
        let all = serde_json::to_value(merged).unwrap_or_default();
        let mut found = Vec::new();
        flatten(String::new(), all, &mut found);
        for setting in &mut found {
            let key = setting.key.as_str();
            let parts: Vec<&str> = key.split('.').collect();
            if let Some(above) = self.above.iter().rev().find(|above| above.key == key) {
                setting.source.clone_from(&above.name);
            } else if place(&self.text, &parts).is_some() {
                FILE.clone_into(&mut setting.source);
            }
        }
        found
    }

    /// The error for a value that does not do, with the place it came from.
    pub(super) fn blame(&self, fault: Fault) -> ConfigError {
        let key = fault.key.join(".");
        if let Some(above) = self.above.iter().rev().find(|above| above.key == key) {
            return ConfigError::Setting {
                name: above.name.clone(),
                message: fault.message,
            };
        }
        match place(&self.text, fault.key) {
            Some(span) => {
                let message = format!("{key}: {}", fault.message);
                ConfigError::at(&self.path, &self.text, Some(span), message)
            }
            None => ConfigError::Setting {
                name: key,
                message: fault.message,
            },
        }
    }
}

/// The values of all tables, by the names of their tables and their own.
fn flatten(key: String, value: serde_json::Value, found: &mut Vec<Setting>) {
    match value {
        serde_json::Value::Object(table) => {
            for (name, value) in table {
                let dot = if key.is_empty() { "" } else { "." };
                flatten(format!("{key}{dot}{name}"), value, found);
            }
        }
        value => found.push(Setting {
            live: super::live::is_live(&key),
            key,
            value,
            source: "default".to_owned(),
        }),
    }
}

/// Where the value of a key is in a file.
fn place(text: &str, key: &[&str]) -> Option<std::ops::Range<usize>> {
    let (last, tables) = key.split_last()?;
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    for name in tables {
        match table.get(*name)?.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return None,
        }
    }
    Some(table.get(*last)?.span())
}

fn set(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        Some((name, key)) => {
            let inner = table.entry(name).or_insert_with(|| Table::new().into());
            if let Value::Table(inner) = inner {
                set(inner, key, value);
            }
        }
        None => {
            table.insert(key.to_owned(), value);
        }
    }
}

fn list<'a>(parts: impl Iterator<Item = &'a str>) -> Value {
    let parts = parts.map(str::trim).filter(|part| !part.is_empty());
    Value::Array(parts.map(Value::from).collect())
}

fn number(text: &str) -> Option<Value> {
    let text = text.trim();
    let whole = text.parse::<i64>().ok().map(Value::from);
    whole.or_else(|| text.parse::<f64>().ok().map(Value::from))
}

fn secret(name: &str, path: &Path) -> Result<String, ConfigError> {
    let text = fs::read_to_string(path).map_err(|error| ConfigError::Setting {
        name: name.to_owned(),
        message: format!("cannot read {}: {error}", path.display()),
    })?;
    Ok(text.trim().to_owned())
}

fn unknown(name: String) -> ConfigError {
    let names: Vec<String> = keys().map(variable).collect();
    let known = names
        .iter()
        .map(String::as_str)
        .chain(OTHERS.iter().copied());
    let message = match nearest(&name, known) {
        Some(meant) => format!("there is no such setting: did you mean {meant}?"),
        None => "there is no such setting: unset it".into(),
    };
    ConfigError::Setting { name, message }
}
