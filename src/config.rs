//! Settings: `runbay.toml`, `RUNBAY_*` variables and flags become one checked
//! [`Config`], once, at the start of a command.
//!
//! A later source wins: defaults, the file, the environment, flags. Nothing else
//! in Runbay reads the environment for settings. What a single task wants is in
//! its manifest, not here; here are the defaults and the bounds.

mod error;
mod file;
mod keep;
mod layers;
mod live;
mod notify;
mod server;
mod service;
#[cfg(test)]
mod tests;
mod variables;

pub use error::ConfigError;
pub use file::{Build, IndexUrl};
pub use keep::Keep;
pub use live::LIVE;
pub use notify::{Mail, MailTls, Notify};
pub use server::{HostName, Server};
pub use service::{Backup, Log, LogFormat, Metrics, Queue};

use crate::domain::limits::Limits;
use crate::domain::manifest::PythonVersion;
use crate::domain::size::Bytes;
use crate::time::Zone;
use layers::Layers;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A `runbay.toml` that sets nothing: every setting, explained, with its default
/// as a comment.
pub const EXAMPLE: &str = include_str!("config/example.toml");

/// The name of the settings file in the home folder.
pub const FILE: &str = "runbay.toml";

/// What the command line says. It wins over everything else; relative paths are
/// relative to the present folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--home`: the home folder instead of the nearest one.
    pub home: Option<PathBuf>,
    /// `--data-dir`: see [`Config::data_dir`].
    pub data_dir: Option<PathBuf>,
    /// `--docker-host`: see [`Config::docker_host`].
    pub docker_host: Option<String>,
    /// `--bind`: see [`Server::bind`].
    pub bind: Option<SocketAddr>,
    /// `--expose`: see [`Server::expose`].
    pub expose: bool,
}

/// All settings. Paths are absolute. Its `Debug` holds no secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The folder that holds `runbay.toml` or `tasks/`.
    pub home: PathBuf,
    /// Where tasks are; need not exist.
    pub tasks_dir: PathBuf,
    /// Where shared requirement sets are; need not exist.
    pub global_envs_dir: PathBuf,
    /// Where environment templates are; need not exist.
    pub images_dir: PathBuf,
    /// Where calendars of schedules are; need not exist.
    pub calendars_dir: PathBuf,
    /// Where Runbay writes: database, logs, artifacts. Made when first needed.
    pub data_dir: PathBuf,
    /// How much of the disk of `data_dir` must be free for a run or a build to
    /// begin.
    pub free_space: Bytes,
    /// The engine (`unix:///…`, `tcp://…`, `http://…`); none leaves it to
    /// `DOCKER_HOST` and the usual socket.
    pub docker_host: Option<String>,
    /// The Python of tasks that do not ask for one.
    pub python: PythonVersion,
    /// Base images named by `[python]`; see [`Config::base_references`].
    pub bases: BTreeMap<PythonVersion, String>,
    /// A file of PEM certificates to trust besides the public ones, in builds and
    /// runs.
    pub extra_ca: Option<PathBuf>,
    /// What a run may use when its manifest does not say.
    pub limits: Limits,
    /// How environments are built.
    pub build: Build,
    /// The file with the master key, which opens the secrets in the database.
    /// Never below `data_dir`. Made when first needed.
    pub key_file: PathBuf,
    /// Where the service listens, and for whom.
    pub server: Server,
    /// How many runs at once, and how many may wait.
    pub queue: Queue,
    /// The service's own log.
    pub log: Log,
    /// What is measured.
    pub metrics: Metrics,
    /// Whom hooks may tell.
    pub notify: Notify,
    /// How mail is sent.
    pub mail: Mail,
    /// How long what runs leave behind is kept.
    pub keep: Keep,
    /// The backups that the service makes by itself.
    pub backup: Backup,
    /// The time zone of schedules that name none.
    pub timezone: Zone,
    /// Every setting and where it is from; for people.
    pub settings: Vec<Setting>,
    /// What the command line said, for when the file is read anew.
    flags: Overrides,
}

/// One setting, as it came to be.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Setting {
    /// Its key: `build.policy`.
    pub key: String,
    /// Its value; passwords are left out.
    pub value: serde_json::Value,
    /// Where it is from: a variable or flag by name, `runbay.toml`, or
    /// `default`.
    pub source: String,
    /// Whether it may be changed while the service runs; if not, a change in
    /// `runbay.toml` waits for the next start.
    pub live: bool,
}

impl Config {
    /// Reads the settings of the home folder that the present folder belongs to.
    ///
    /// # Errors
    /// [`ConfigError`] at the first thing that is wrong, saying where it is.
    pub fn load(flags: &Overrides) -> Result<Self, ConfigError> {
        Self::load_with(flags, None)
    }

    /// [`Config::load`], were this the text of `runbay.toml`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_with(flags: &Overrides, text: Option<String>) -> Result<Self, ConfigError> {
        let here = std::env::current_dir().map_err(|source| ConfigError::Read {
            path: ".".into(),
            source,
        })?;
        Self::assemble(flags, text, (std::env::vars_os().collect(), &here))
    }

    /// The database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data_dir.join("runbay.db")
    }

    /// The folder of the backups that the service makes by itself.
    #[must_use]
    pub fn backup_dir(&self) -> PathBuf {
        let other = self.backup.folder.as_ref();
        other.map_or_else(
            || self.data_dir.join("backups"),
            |path| self.home.join(path),
        )
    }

    /// The last part of the disk, which logs and files leave alone.
    #[must_use]
    pub fn spare(&self) -> Bytes {
        Bytes(self.free_space.0 / 8)
    }

    /// What is held on the disk for the database. Less than what is left alone,
    /// or logs would take it once it is given up.
    #[must_use]
    pub fn reserve(&self) -> Bytes {
        Bytes(self.free_space.0 / 16)
    }

    /// References of base images for a Python release, in the order they are to
    /// be tried. One that `[python]` names is tried alone.
    #[must_use]
    pub fn base_references(&self, python: PythonVersion) -> Vec<String> {
        match self.bases.get(&python) {
            Some(reference) => vec![reference.clone()],
            None => vec![
                format!("runbay/python:{python}"),
                format!("python:{python}-slim"),
            ],
        }
    }

    /// [`Config::load`] with the world as arguments.
    fn assemble(
        flags: &Overrides,
        text: Option<String>,
        (environment, here): (Vec<(OsString, OsString)>, &Path),
    ) -> Result<Self, ConfigError> {
        let find = |name: &str| {
            let found = environment.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        let (home, bundle) = (find("RUNBAY_HOME"), find("SSL_CERT_FILE"));
        let home = find_home(flags, home, here)?;
        let file = home.join(FILE);
        let layers = match text {
            Some(text) => Layers::of(&file, text)?,
            None => Layers::read(&file)?,
        };
        Self::of_layers(&home, layers, flags, (environment, here)).map(|it| it.with_bundle(bundle))
    }

    /// Of the file, and what wins over it.
    fn of_layers(
        home: &Path,
        mut layers: Layers,
        flags: &Overrides,
        (environment, here): (Vec<(OsString, OsString)>, &Path),
    ) -> Result<Self, ConfigError> {
        layers.add_environment(environment, here)?;
        layers.add_flags(flags, here)?;
        let file = layers.merged()?;
        let settings = layers.settings(&file);
        let refined = file::refine(file).map_err(|fault| layers.blame(fault))?;
        let at_home = |path: PathBuf| home.join(path);
        let config = Self {
            tasks_dir: at_home(refined.file.tasks_dir),
            global_envs_dir: at_home(refined.file.global_envs_dir),
            images_dir: at_home(refined.file.images_dir),
            calendars_dir: at_home(refined.file.calendars_dir),
            data_dir: at_home(refined.file.data_dir),
            free_space: refined.file.free_space,
            docker_host: refined.file.docker_host,
            python: refined.python,
            bases: refined.bases,
            extra_ca: refined.file.extra_ca.map(at_home),
            limits: refined.file.limits,
            build: refined.file.build,
            key_file: at_home(refined.file.secrets.key_file),
            server: refined.file.server,
            queue: refined.file.queue,
            log: refined.file.log,
            metrics: refined.file.metrics,
            notify: refined.file.notify,
            mail: refined.file.mail,
            keep: refined.file.keep,
            backup: refined.file.backup,
            timezone: refined.timezone,
            home: home.to_owned(),
            settings,
            flags: flags.clone(),
        };
        config.with_files_checked(&layers)
    }

    /// With the system's own extra certificates where none are set.
    fn with_bundle(mut self, bundle: Option<OsString>) -> Self {
        if self.extra_ca.is_none() {
            // Not our variable, so no error of ours when it points nowhere.
            let bundle = bundle.map(PathBuf::from).filter(|path| path.is_absolute());
            self.extra_ca = bundle.filter(|path| certificates(path).is_ok());
        }
        self
    }

    /// Checks what depends on files.
    fn with_files_checked(self, layers: &Layers) -> Result<Self, ConfigError> {
        let inputs = [
            &self.tasks_dir,
            &self.global_envs_dir,
            &self.images_dir,
            &self.calendars_dir,
        ];
        if let Some(input) = inputs.iter().find(|input| self.data_dir.starts_with(input)) {
            let message = format!(
                "is inside {}, where people's files are: choose a folder of its own",
                input.display()
            );
            return Err(layers.blame(file::fault(&["data_dir"], message)));
        }
        let key = &self.key_file;
        let with_data = [&self.data_dir].into_iter().chain(inputs);
        if let Some(folder) = { with_data }.find(|folder| key.starts_with(folder)) {
            let message = format!(
                "is inside {}: whoever has a copy of that would have the secrets and what opens them; choose another place",
                folder.display()
            );
            return Err(layers.blame(file::fault(&["secrets", "key_file"], message)));
        }
        if let Some(path) = &self.extra_ca {
            certificates(path).map_err(|why| layers.blame(file::fault(&["extra_ca"], why)))?;
        }
        Ok(self)
    }
}

/// The home folder: as told, or the nearest folder from here upwards that holds
/// settings or tasks.
fn find_home(
    flags: &Overrides,
    variable: Option<OsString>,
    here: &Path,
) -> Result<PathBuf, ConfigError> {
    let variable = variable.filter(|path| !path.is_empty()).map(PathBuf::from);
    let told = match (&flags.home, variable) {
        (Some(path), _) => Some(("--home", here.join(path))),
        (None, Some(path)) => Some(("RUNBAY_HOME", here.join(path))),
        (None, None) => None,
    };
    let Some((name, path)) = told else {
        let holds = |folder: &&Path| folder.join(FILE).is_file() || folder.join("tasks").is_dir();
        let found = here.ancestors().find(holds);
        return found
            .map(Path::to_owned)
            .ok_or_else(|| ConfigError::NoHome {
                from: here.to_owned(),
            });
    };
    if !path.is_dir() {
        return Err(ConfigError::Setting {
            name: name.to_owned(),
            message: format!("{} is not a folder", path.display()),
        });
    }
    // Without `..` and links, so that one folder has one name.
    fs::canonicalize(&path).map_err(|source| ConfigError::Read { path, source })
}

/// Whether a file holds PEM certificates; if not, why not. Reads no further than
/// the first: bundles are large, and every command looks.
fn certificates(path: &Path) -> Result<(), String> {
    let failed = |error| format!("cannot read {}: {error}", path.display());
    let mut lines = BufReader::new(File::open(path).map_err(failed)?).split(b'\n');
    let mut begins = |text: &[u8]| loop {
        match lines.next().transpose().map_err(failed) {
            Ok(Some(line)) if line.starts_with(text) => return Ok(true),
            Ok(Some(_)) => {}
            Ok(None) => return Ok(false),
            Err(why) => return Err(why),
        }
    };
    if begins(b"-----BEGIN CERTIFICATE-----")? && begins(b"-----END CERTIFICATE-----")? {
        return Ok(());
    }
    Err(format!(
        "{} holds no certificate in PEM form (“-----BEGIN CERTIFICATE-----”)",
        path.display()
    ))
}
