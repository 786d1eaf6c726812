//! A look at the machine, the engine and the settings: what is found, how bad
//! it is, and what to do about it.
//!
//! Every check runs whatever the others find, each for a bounded time, all in
//! less than ten seconds. Nothing is changed but for a throwaway network and
//! two containers, which are gone at the end. A database of an
//! older Runbay is brought up to date, as by any other command; a missing one is
//! not made.

mod certificates;
mod engine;
mod files;
mod host;
mod keeping;
mod network;
mod reach;
mod telling;

use crate::config::{Config, ConfigError};
use crate::disk::Room;
use crate::domain::size::{Bytes, GIB};
use crate::store::{SCHEMA, Store, StoreError};
use crate::threads::off_thread;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// The name of what runs can reach.
const NETWORK: &str = "network";
/// How long a check of local files may take. A folder on a network that is away
/// would keep it for minutes.
const PATIENCE: Duration = Duration::from_secs(6);

/// How bad a finding is, the worst last.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Good to know.
    Note,
    /// Runs work, but less well or less safely than they could.
    Warning,
    /// Runs do not work, or something that Runbay promises does not hold.
    Error,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "DoctorCheck")]
pub struct Check {
    /// What was looked at; several findings may have one name.
    pub name: Cow<'static, str>,
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub found: String,
    /// What to do, one step a line; none where there is nothing.
    pub remedy: Option<String>,
}

impl Check {
    fn new(name: &'static str, level: Level, found: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            level,
            found: found.into(),
            remedy: None,
        }
    }

    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Level::Ok, found)
    }

    fn note(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Level::Note, found)
    }

    fn warning(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Level::Warning, found)
    }

    fn error(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Level::Error, found)
    }

    fn then(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// All that was found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Report {
    /// What each check found, in the order of what depends on what.
    pub checks: Vec<Check>,
}

impl Report {
    /// The worst level there is.
    #[must_use]
    pub fn worst(&self) -> Level {
        let levels = self.checks.iter().map(|check| check.level);
        levels.max().unwrap_or(Level::Ok)
    }
}

/// Looks at everything. Settings that cannot be read are a finding; the engine
/// is then looked for where it usually is.
pub async fn examine(config: Result<Config, ConfigError>) -> Report {
    let mut checks = vec![settings(&config)];
    let config = config.ok().map(Arc::new);
    let store = match &config {
        Some(config) => open(config, &mut checks).await,
        None => None,
    };
    let instance = store.as_ref().map(Store::instance);
    let local = async {
        match &config {
            Some(config) => {
                let (mut found, mail) =
                    tokio::join!(host::checks(config), Box::pin(telling::mail(config)));
                found.extend(mail);
                found
            }
            None => Vec::new(),
        }
    };
    let (sound, local, hooks, engine) = tokio::join!(
        sound(store.as_ref()),
        local,
        telling::hooks(store.as_ref()),
        engine::checks(config.as_deref(), instance.as_ref())
    );
    checks.extend(sound);
    checks.extend(local);
    checks.extend(hooks);
    checks.extend(engine);
    Report { checks }
}

fn settings(config: &Result<Config, ConfigError>) -> Check {
    match config {
        Ok(config) => {
            let file = config.home.join(crate::config::FILE);
            Check::ok(
                "settings",
                if file.is_file() {
                    format!("{} is understood", file.display())
                } else {
                    format!(
                        "{}: all defaults, there is no runbay.toml",
                        config.home.display()
                    )
                },
            )
        }
        Err(error) => Check::error("settings", crate::domain::report(error))
            .then("mend this first; the checks that need settings are left out"),
    }
}

/// Opens the database if there is one, and says what it is like.
async fn open(config: &Config, checks: &mut Vec<Check>) -> Option<Store> {
    let path = config.database();
    if !path.exists() {
        checks.push(Check::note(
            "database",
            format!(
                "{} is not there yet; the first run makes it",
                path.display()
            ),
        ));
        return None;
    }
    let opened = timeout(PATIENCE, off_thread(move || Store::open(&path))).await;
    match opened {
        Ok(Ok(store)) => Some(store),
        Ok(Err(error)) => {
            let remedy = match error {
                StoreError::Corrupt { .. } => Some(
                    "put the newest backup in its place: `runbay backup ls`, `runbay backup restore FILE --database`; what is there is kept",
                ),
                StoreError::File { .. } => Some("is it yours, and is the disk all right?"),
                _ => None,
            };
            let mut check = Check::error("database", crate::domain::report(&error));
            check.remedy = remedy.map(str::to_owned);
            checks.push(check);
            None
        }
        Err(_) => {
            checks.push(slow("database"));
            None
        }
    }
}

async fn sound(store: Option<&Store>) -> Vec<Check> {
    const NAME: &str = "database";
    let Some(store) = store else {
        return Vec::new();
    };
    vec![match timeout(PATIENCE, store.check()).await {
        Ok(Ok(faults)) if faults.is_empty() => Check::ok(
            NAME,
            format!("sound; schema {SCHEMA}, instance {}", store.instance()),
        ),
        Ok(Ok(faults)) => Check::error(NAME, format!("it is damaged: {}", faults.join("; ")))
            .then("stop every runbay process and put a backup in its place: `runbay backup restore FILE --database`"),
        Ok(Err(error)) => Check::error(NAME, crate::domain::report(&error)),
        Err(_) => Check::note(
            NAME,
            format!(
                "too large to be read whole in {} s; schema {SCHEMA}",
                PATIENCE.as_secs()
            ),
        ),
    }]
}

fn slow(name: &'static str) -> Check {
    Check::warning(name, format!("no answer within {} s", PATIENCE.as_secs()))
        .then("is the disk all right? A folder on a network may be away")
}

/// What a run may need of the engine's disk.
const LEAST: Bytes = Bytes(GIB);

/// Whether a disk has room for runs: `least`, and better a twentieth of it.
fn room(name: &'static str, path: &Path, least: Bytes) -> Check {
    let room = match Room::of(path) {
        Ok(room) => room,
        Err(why) => {
            return Check::warning(name, format!("cannot look at {}: {why}", path.display()));
        }
    };
    let found = format!(
        "{} of {} free at {}",
        Bytes(room.free),
        Bytes(room.total),
        path.display()
    );
    let better = Bytes((room.total / 20).max(2 * least.0));
    if room.free < least.0 {
        Check::error(name, found).then(format!("make room: at least {least}; `runbay prune` helps"))
    } else if room.free < better.0 {
        Check::warning(name, found).then(format!("make room: {better}; `runbay prune` helps"))
    } else if room.few_inodes {
        Check::warning(name, format!("{found}, but it is almost out of inodes"))
            .then("remove small files: the disk cannot hold many more")
    } else {
        Check::ok(name, found)
    }
}
