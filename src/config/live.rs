//! The settings that may be changed while the service runs. All others are read
//! once, when a process starts: where things are, whom the service lets in and
//! tells, and what decides which environment a task gets.

use super::layers::Layers;
use super::{Config, ConfigError, FILE};
use crate::domain::limits::Limits;
use crate::domain::suggest::nearest;

/// Their keys.
pub const LIVE: &[&str] = &[
    "limits.memory",
    "limits.cpus",
    "limits.pids",
    "limits.scratch",
    "limits.timeout",
    "limits.log",
    "queue.slots",
    "queue.memory",
    "queue.limit",
    "queue.per_task",
    "keep.automatic",
    "keep.every",
    "keep.images",
    "keep.unused",
    "keep.runs",
    "keep.age",
    "keep.logs",
    "keep.artifacts",
    "keep.versions",
    "keep.cache",
    "keep.low_space",
    "keep.enough_space",
    "backup.nightly",
];

/// Whether a setting may be changed while the service runs.
#[must_use]
pub(super) fn is_live(key: &str) -> bool {
    LIVE.contains(&key)
}

impl Config {
    /// The same with this text in `runbay.toml`, as far as settings may be changed
    /// while the service runs; variables and flags win over it as they did at the
    /// start.
    ///
    /// # Errors
    /// As [`Config::load`], also for settings that wait for the next start.
    pub fn with_file(&self, text: &str) -> Result<Self, ConfigError> {
        let here = std::env::current_dir().map_err(|source| ConfigError::Read {
            path: ".".into(),
            source,
        })?;
        let layers = Layers::of(&self.home.join(FILE), text.to_owned())?;
        let variables = std::env::vars_os().collect();
        let read = Self::of_layers(&self.home, layers, &self.flags, (variables, &here))?;
        let mut now = self.clone();
        now.limits = Limits {
            network: self.limits.network,
            ..read.limits
        };
        (now.queue, now.keep) = (read.queue, read.keep);
        now.backup.nightly = read.backup.nightly;
        for setting in now.settings.iter_mut().filter(|one| is_live(&one.key)) {
            let other = read.settings.iter().find(|other| other.key == setting.key);
            if let Some(other) = other {
                setting.clone_from(other);
            }
        }
        Ok(now)
    }

    /// Whether a setting may be changed now, and to such a value.
    ///
    /// # Errors
    /// Why not, for people.
    pub fn may_change(&self, key: &str, value: Option<&toml::Value>) -> Result<(), String> {
        let Some(setting) = self.settings.iter().find(|setting| setting.key == key) else {
            let known = self.settings.iter().map(|setting| setting.key.as_str());
            return Err(match nearest(key, known) {
                Some(meant) => format!("there is no such setting: did you mean “{meant}”?"),
                None => "there is no such setting".to_owned(),
            });
        };
        if !is_live(key) {
            return Err(format!(
                "is read when the service starts: write it in {FILE}, and start the service anew"
            ));
        }
        if !matches!(setting.source.as_str(), "default" | FILE) {
            return Err(format!(
                "{} sets it and would win over {FILE}: change or unset it there",
                setting.source
            ));
        }
        value.map_or(Ok(()), |value| Layers::understands(key, value))
    }
}
