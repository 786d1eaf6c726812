//! What may be written in `runbay.toml`, and what its values must be.

use super::keep::{self, Keep};
use super::notify::{self, Mail, Notify};
use super::server::{self, Server};
use super::service::{Backup, Log, Metrics, Queue, SecretsTable};
use crate::domain::environment::Policy;
use crate::domain::limits::Limits;
use crate::domain::manifest::PythonVersion;
use crate::domain::size::{Bytes, GIB, KIB, MIB, Span};
use crate::time::Zone;
use pep508_rs::{PackageName, Requirement, VerbatimUrl};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

/// The file as written, defaults filled in.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) tasks_dir: PathBuf,
    pub(super) global_envs_dir: PathBuf,
    pub(super) images_dir: PathBuf,
    pub(super) calendars_dir: PathBuf,
    pub(super) data_dir: PathBuf,
    pub(super) free_space: Bytes,
    pub(super) docker_host: Option<String>,
    pub(super) extra_ca: Option<PathBuf>,
    pub(super) timezone: String,
    pub(super) python: BTreeMap<PythonKey, String>,
    pub(super) limits: Limits,
    pub(super) build: Build,
    pub(super) queue: Queue,
    pub(super) server: Server,
    pub(super) log: Log,
    pub(super) metrics: Metrics,
    pub(super) keep: Keep,
    pub(super) backup: Backup,
    pub(super) secrets: SecretsTable,
    pub(super) notify: Notify,
    pub(super) mail: Mail,
}

impl Default for File {
    fn default() -> Self {
        Self {
            tasks_dir: "tasks".into(),
            global_envs_dir: "global_envs".into(),
            images_dir: "images".into(),
            calendars_dir: "calendars".into(),
            data_dir: "data".into(),
            free_space: Bytes(GIB),
            docker_host: None,
            extra_ca: None,
            timezone: "UTC".into(),
            python: BTreeMap::new(),
            limits: Limits::default(),
            build: Build::default(),
            queue: Queue::default(),
            server: Server::default(),
            log: Log::default(),
            metrics: Metrics::default(),
            keep: Keep::default(),
            backup: Backup::default(),
            secrets: SecretsTable::default(),
            notify: Notify::default(),
            mail: Mail::default(),
        }
    }
}

/// A key of `[python]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum PythonKey {
    Default,
    Release(PythonVersion),
}

impl Serialize for PythonKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Default => serializer.serialize_str("default"),
            Self::Release(release) => serializer.collect_str(release),
        }
    }
}

impl TryFrom<String> for PythonKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "default" {
            return Ok(Self::Default);
        }
        let release = text.parse().map(Self::Release);
        release.map_err(|why| format!("{why}, or set “default”"))
    }
}

/// How environments are built.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Build {
    /// What requirements may ask for.
    pub policy: Policy,
    /// Packages that may be built from source although the policy says wheels;
    /// normalised (PEP 503), sorted.
    pub sdists: Vec<String>,
    /// The packages that policy `curated` lets through; normalised, sorted.
    pub allow: Vec<String>,
    /// Requirements (PEP 508) of every environment.
    pub requirements: Vec<String>,
    /// The package index; none is that of the resolver.
    pub index_url: Option<IndexUrl>,
    /// Wall time of one build.
    pub timeout: Span,
    /// Memory of a build container.
    pub memory: Bytes,
    /// Processor cores of a build container.
    pub cpus: f64,
    /// Processes and threads of a build container.
    pub pids: u32,
    /// How long a failed build is not tried again.
    pub failure_ttl: Span,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            sdists: Vec::new(),
            allow: Vec::new(),
            requirements: Vec::new(),
            index_url: None,
            timeout: Span(Duration::from_secs(600)),
            memory: Bytes(2 * GIB),
            cpus: 2.0,
            pids: 512,
            failure_ttl: Span(Duration::from_secs(60)),
        }
    }
}

/// The address of a package index. It may hold a password, so it is shown
/// without one; [`IndexUrl::secret`] is the whole.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct IndexUrl(String);

impl IndexUrl {
    /// The address with any password. For the resolver only.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IndexUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        // The text is not repeated in the message: it may hold a password.
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let host = rest.map(|rest| rest.split('/').next().unwrap_or_default());
        let host = host.map(|host| host.rsplit('@').next().unwrap_or_default());
        let odd = |c: char| c.is_whitespace() || c.is_control();
        if host.is_none_or(str::is_empty) || text.contains(odd) {
            return Err("not the address of a package index: write https://… or http://…");
        }
        Ok(Self(text))
    }
}

impl fmt::Display for IndexUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("", &self.0));
        let host_end = rest.find('/').unwrap_or(rest.len());
        match rest[..host_end].rfind('@') {
            Some(at) => write!(f, "{scheme}://***@{}", &rest[at + 1..]),
            None => f.write_str(&self.0),
        }
    }
}

/// Without a password, as it is shown.
impl Serialize for IndexUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Debug for IndexUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IndexUrl({self})")
    }
}

/// A value that does not do, by its key.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) key: &'static [&'static str],
    pub(super) message: String,
}

pub(super) fn fault(key: &'static [&'static str], message: impl Into<String>) -> Fault {
    let message = message.into();
    Fault { key, message }
}

/// The file with its values checked and brought into their normal form.
pub(super) struct Refined {
    pub(super) file: File,
    pub(super) python: PythonVersion,
    pub(super) bases: BTreeMap<PythonVersion, String>,
    pub(super) timezone: Zone,
}

/// Checks every value that a type alone does not.
pub(super) fn refine(mut file: File) -> Result<Refined, Fault> {
    // A sixteenth of it must hold some commits of the database.
    least(&["free_space"], file.free_space, Bytes(16 * MIB))?;
    check_limits(&file.limits)?;
    check_build(&file.build)?;
    check_queue(&file.queue)?;
    keep::check(&file.keep, file.free_space)?;
    server::check(&file.server)?;
    notify::check(&file.mail)?;
    check_paths(&file)?;
    file.build.sdists = names(&["build", "sdists"], &file.build.sdists)?;
    file.build.allow = names(&["build", "allow"], &file.build.allow)?;
    let (mut python, mut bases) = (
        PythonVersion {
            major: 3,
            minor: 11,
        },
        BTreeMap::new(),
    );
    for (key, value) in std::mem::take(&mut file.python) {
        match key {
            PythonKey::Default => {
                python = value
                    .parse()
                    .map_err(|why: String| fault(&["python", "default"], why))?;
            }
            PythonKey::Release(_) if value.is_empty() || value.contains(char::is_whitespace) => {
                let message = format!(
                    "“{}” is not the reference of an image",
                    value.escape_debug()
                );
                return Err(fault(&["python"], message));
            }
            PythonKey::Release(release) => {
                bases.insert(release, value);
            }
        }
    }
    let timezone = file.timezone.parse();
    let timezone =
        timezone.map_err(|why: crate::time::Fault| fault(&["timezone"], why.to_string()))?;
    Ok(Refined {
        file,
        python,
        bases,
        timezone,
    })
}

fn check_limits(limits: &Limits) -> Result<(), Fault> {
    // Less than this, and Python does not reach the first line of a script.
    least(&["limits", "memory"], limits.memory, Bytes(16 * MIB))?;
    between(&["limits", "cpus"], limits.cpus, (0.01, 1024.0))?;
    between(&["limits", "pids"], limits.pids, (8, 32_768))?;
    least(&["limits", "scratch"], limits.scratch, Bytes(MIB))?;
    least(
        &["limits", "timeout"],
        limits.timeout,
        Span(Duration::from_secs(1)),
    )?;
    least(&["limits", "log"], limits.log, Bytes(64 * KIB))
}

fn check_queue(queue: &Queue) -> Result<(), Fault> {
    between(&["queue", "slots"], queue.slots.unwrap_or(1), (1, 10_000))?;
    let memory = queue.memory.unwrap_or(Bytes(GIB));
    least(&["queue", "memory"], memory, Bytes(16 * MIB))?;
    between(&["queue", "limit"], queue.limit, (1, 1_000_000))?;
    between(&["queue", "per_task"], queue.per_task, (1, 1_000_000))
}

fn check_build(build: &Build) -> Result<(), Fault> {
    least(&["build", "memory"], build.memory, Bytes(128 * MIB))?;
    between(&["build", "cpus"], build.cpus, (0.01, 1024.0))?;
    between(&["build", "pids"], build.pids, (16, 32_768))?;
    least(
        &["build", "timeout"],
        build.timeout,
        Span(Duration::from_secs(10)),
    )?;
    if build.policy == Policy::Curated && build.allow.is_empty() {
        let message =
            "policy “curated” lets through only what build.allow lists, and it lists nothing";
        return Err(fault(&["build", "policy"], message));
    }
    for text in &build.requirements {
        Requirement::<VerbatimUrl>::from_str(text).map_err(|error| {
            // The library's own text goes on with a drawing of the place.
            let why = error.message.to_string();
            let message = format!("“{}” is not a requirement: {why}", text.escape_debug());
            fault(&["build", "requirements"], message)
        })?;
    }
    Ok(())
}

fn check_paths(file: &File) -> Result<(), Fault> {
    let paths: [(&'static [&'static str], _); 5] = [
        (&["tasks_dir"], &file.tasks_dir),
        (&["global_envs_dir"], &file.global_envs_dir),
        (&["images_dir"], &file.images_dir),
        (&["calendars_dir"], &file.calendars_dir),
        (&["data_dir"], &file.data_dir),
    ];
    if let Some((key, _)) = paths.iter().find(|(_, path)| path.as_os_str().is_empty()) {
        return Err(fault(key, "is empty: name a folder"));
    }
    if file.secrets.key_file.as_os_str().is_empty() {
        return Err(fault(&["secrets", "key_file"], "is empty: name a file"));
    }
    let backups = file.backup.folder.as_ref();
    if backups.is_some_and(|path| path.as_os_str().is_empty()) {
        return Err(fault(&["backup", "folder"], "is empty: name a folder"));
    }
    let host = file.docker_host.as_deref();
    let known = |host: &str| match host.split_once("://") {
        Some(("unix", path)) => path.starts_with('/'),
        Some(("tcp" | "http", address)) => !address.is_empty(),
        _ => false,
    };
    match host.filter(|host| !known(host)) {
        Some(host) => Err(fault(
            &["docker_host"],
            format!(
                "“{}” is not the address of an engine: write unix:///path/to/docker.sock or tcp://host:port",
                host.escape_debug()
            ),
        )),
        None => Ok(()),
    }
}

fn names(key: &'static [&'static str], written: &[String]) -> Result<Vec<String>, Fault> {
    let normal = |name: &String| match PackageName::from_str(name) {
        Ok(name) => Ok(name.to_string()),
        Err(_) => {
            let message = format!("“{}” is not the name of a package", name.escape_debug());
            Err(fault(key, message))
        }
    };
    let mut names = written.iter().map(normal).collect::<Result<Vec<_>, _>>()?;
    names.sort();
    names.dedup();
    Ok(names)
}

pub(super) fn least<T: PartialOrd + Copy + fmt::Display>(
    key: &'static [&'static str],
    value: T,
    least: T,
) -> Result<(), Fault> {
    if value < least {
        return Err(fault(
            key,
            format!("{value} is too little: the least is {least}"),
        ));
    }
    Ok(())
}

fn between<T: PartialOrd + Copy + fmt::Display>(
    key: &'static [&'static str],
    value: T,
    (least, most): (T, T),
) -> Result<(), Fault> {
    if (&least..=&most).contains(&&value) {
        return Ok(());
    }
    Err(fault(
        key,
        format!("{value} is not between {least} and {most}"),
    ))
}
