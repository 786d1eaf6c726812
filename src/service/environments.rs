//! Environments: which there are, what is in them, and their locks through
//! time. Nothing here changes by itself: a newer lock is first proposed.

use super::changes::PackageDiff;
use super::inspect::{LockSummary, ground};
use super::{App, Error, builds, runs};
use crate::catalogue::{CatalogueError, Found, parse_requirements};
use crate::domain::environment::{Environment, EnvironmentSpec, Lock, LockedPackage, Policy};
use crate::domain::ids::{Digest, ImageId, TaskName};
use crate::domain::manifest::PythonVersion;
use crate::domain::task::Task;
use crate::image::BuildContext;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// An environment in a list.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "EnvironmentSummary")]
pub struct Summary {
    /// Its key.
    pub key: Digest,
    /// The Python release.
    pub python: PythonVersion,
    /// The template it stands on.
    pub template: Option<String>,
    /// What requirements may ask for.
    pub policy: Policy,
    /// The lock in use.
    pub lock: Option<LockSummary>,
    /// The image.
    pub image: Option<ImageId>,
    /// Its size, bytes.
    pub image_bytes: Option<u64>,
    /// The tasks that need it now.
    pub tasks: Vec<TaskName>,
    /// When a run last used it; none when none did.
    pub used_at: Option<DateTime<Utc>>,
}

/// Every environment that was ever resolved, last used first.
///
/// # Errors
/// When `tasks/` cannot be listed or the database fails.
pub async fn list(app: &App) -> Result<Vec<Summary>, Error> {
    let mut users = users(app)?;
    let uses = app.store.last_uses().await?;
    let all = app.store.environments().await?.into_iter();
    let mut all: Vec<_> = all
        .map(|environment| Summary {
            tasks: users.remove(&environment.key).unwrap_or_default(),
            ..summary(environment, &uses)
        })
        .collect();
    // Stable: those that no run used stay last seen first, at the end.
    all.sort_by_key(|one| std::cmp::Reverse(one.used_at));
    Ok(all)
}

/// When a run last used each environment, by its lock.
type Uses = [(Digest, Option<Digest>, DateTime<Utc>)];

fn summary(environment: Environment, uses: &Uses) -> Summary {
    let own = uses.iter().filter(|(key, _, _)| *key == environment.key);
    Summary {
        used_at: own.map(|(_, _, at)| *at).max(),
        lock: environment.lock.as_ref().map(LockSummary::from),
        key: environment.key,
        python: environment.python,
        template: environment.template,
        policy: environment.policy,
        image: environment.image,
        image_bytes: environment.image_bytes,
        tasks: Vec::new(),
    }
}

/// The tasks by the environment they need. One that is not valid needs none.
fn users(app: &App) -> Result<BTreeMap<Digest, Vec<TaskName>>, Error> {
    let mut users: BTreeMap<Digest, Vec<TaskName>> = BTreeMap::new();
    for found in app.catalogue.listing()? {
        let Found::Task(task) = found else { continue };
        if let Ok(key) = builds::environment_key(app, &task) {
            users.entry(key).or_default().push(task.name.clone());
        }
    }
    Ok(users)
}

/// All that is known of an environment.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Detail {
    /// As in the list.
    #[serde(flatten)]
    pub summary: Summary,
    /// What was asked for: one line each.
    pub requirements: Vec<String>,
    /// What that means: every package of the lock.
    pub packages: Vec<Package>,
    /// Every lock it had, newest first, the one in use among them.
    pub locks: Vec<LockSummary>,
}

/// A package of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Package {
    /// Its normalised name.
    pub name: String,
    /// The version in the lock.
    pub locked: String,
    /// What was asked for; none when another package needs it.
    pub requested: Option<String>,
}

/// Looks at the environment of a task, or one by the beginning of its key.
///
/// # Errors
/// When there is none.
pub async fn show(app: &App, text: &str) -> Result<Detail, Error> {
    let environment = find(app, text).await?;
    let tasks = users(app)?.remove(&environment.key).unwrap_or_default();
    let locks = app.store.locks(&environment.key).await?;
    let uses = app.store.last_uses().await?;
    let locked = environment.lock.as_ref().map(Lock::packages);
    Ok(Detail {
        packages: packages(&environment.requirements, locked.unwrap_or_default()),
        requirements: environment.requirements.clone(),
        locks: locks.iter().map(LockSummary::from).collect(),
        summary: Summary {
            tasks,
            ..summary(environment, &uses)
        },
    })
}

fn packages(requirements: &[String], locked: Vec<LockedPackage>) -> Vec<Package> {
    // Our own lines are normalised, so they read back.
    let asked = parse_requirements(requirements.join("\n").as_bytes(), Path::new(""));
    let asked = asked.unwrap_or_default();
    locked
        .into_iter()
        .map(|package| {
            let wanted = asked.iter().filter(|r| r.name == package.name);
            let texts: Vec<&str> = wanted.map(|r| r.text.as_str()).collect();
            Package {
                requested: (!texts.is_empty()).then(|| texts.join(", ")),
                locked: package.version,
                name: package.name,
            }
        })
        .collect()
}

/// The environment of a task, or the one whose key begins so.
///
/// # Errors
/// When there is none, or several fit.
pub async fn find(app: &App, text: &str) -> Result<Environment, Error> {
    if let Some(task) = task_named(app, text)? {
        let key = builds::environment_key(app, &task)?;
        return app.store.environment(&key).await?.ok_or_else(|| {
            Error::NotFound(format!(
                "the environment of {text} is not resolved yet: `runbay build {text}` does it"
            ))
        });
    }
    let hex = text.len() >= 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let mut fits = app.store.environments().await?;
    fits.retain(|environment| hex && environment.key.0.starts_with(&text.to_ascii_lowercase()));
    match (fits.len(), fits.pop()) {
        (1, Some(one)) => Ok(one),
        (0, _) | (_, None) => Err(unknown(text)),
        (several, _) => Err(Error::Conflict(format!(
            "{several} environments have a key that begins with {text}: give more of it"
        ))),
    }
}

/// There is no such environment, or none that somebody may see.
#[must_use]
pub fn unknown(text: &str) -> Error {
    Error::NotFound(format!(
        "“{}” is neither a task nor the beginning of a key from `runbay env ls`",
        text.escape_debug()
    ))
}

/// The lock of an environment as a requirements file.
///
/// # Errors
/// When there is no such environment, or it was never resolved.
pub async fn lock(app: &App, text: &str) -> Result<String, Error> {
    let lock = find(app, text).await?.lock;
    lock.map(|lock| lock.text)
        .ok_or_else(|| Error::NotFound(format!("the environment of {text} has no lock yet")))
}

/// The task of this name; none when there is no such task.
fn task_named(app: &App, text: &str) -> Result<Option<Task>, Error> {
    let Ok(name) = text.parse::<TaskName>() else {
        return Ok(None);
    };
    match app.catalogue.load(&name) {
        Ok(task) => Ok(Some(task)),
        Err(CatalogueError::UnknownTask { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// One side of a comparison.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Locked {
    /// The environment.
    pub key: Digest,
    /// Its Python release.
    pub python: PythonVersion,
    /// The lock.
    pub lock: LockSummary,
    /// Its packages, sorted by name.
    #[serde(skip)]
    pub packages: Vec<LockedPackage>,
}

/// Two locks and how they differ.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Comparison {
    /// The older, or the first named.
    pub from: Locked,
    /// The newer, or the second named.
    pub to: Locked,
    /// What leads from one to the other.
    pub packages: PackageDiff,
}

/// Compares the locks of two environments, each that of a task, of a key or of
/// a run; or, with one, its lock with the one before.
///
/// # Errors
/// When one of them is not known or was never locked, or there is no lock
/// before.
pub async fn diff(app: &App, first: &str, second: Option<&str>) -> Result<Comparison, Error> {
    let (from, to) = match second {
        Some(second) => (locked(app, first).await?, locked(app, second).await?),
        None => {
            let now = locked(app, first).await?;
            let locks = app.store.locks(&now.key).await?;
            let before = locks
                .iter()
                .find(|lock| lock.digest != now.lock.digest && lock.resolved_at <= now.lock.resolved_at)
                .ok_or_else(|| {
                    Error::NotFound(format!(
                        "there is no lock before this one: {first} was resolved once, and `runbay env update` asks for a newer"
                    ))
                })?;
            let before = Locked {
                lock: before.into(),
                packages: before.packages(),
                ..now.clone()
            };
            (before, now)
        }
    };
    Ok(Comparison {
        packages: PackageDiff::between(&from.packages, &to.packages),
        from,
        to,
    })
}

async fn locked(app: &App, text: &str) -> Result<Locked, Error> {
    let (environment, lock) = match find(app, text).await {
        Ok(environment) => {
            let lock = environment.lock.clone();
            (environment, lock)
        }
        Err(Error::NotFound(said)) if task_named(app, text)?.is_none() => {
            let run = match runs::find(app, text).await {
                Err(Error::NotFound(_)) => {
                    return Err(Error::NotFound(format!("{said}, nor a run")));
                }
                run => run?,
            };
            match ground(app, &run).await? {
                (Some(environment), lock) => (environment, lock),
                (None, _) => {
                    return Err(Error::NotFound(format!(
                        "run {} never had an environment",
                        run.id.short()
                    )));
                }
            }
        }
        Err(error) => return Err(error),
    };
    let lock = lock.ok_or_else(|| {
        Error::NotFound(format!(
            "the environment of {text} has no lock that is known"
        ))
    })?;
    Ok(Locked {
        key: environment.key,
        python: environment.python,
        lock: (&lock).into(),
        packages: lock.packages(),
    })
}

/// What a task's requirements mean today, beside what they meant before.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What the environment has to hold.
    pub spec: EnvironmentSpec,
    /// The lock in use.
    pub before: Option<Lock>,
    /// The lock of today.
    pub lock: Lock,
    /// What would change.
    pub packages: PackageDiff,
}

impl Proposal {
    /// Whether adopting it would change anything.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.before
            .as_ref()
            .is_some_and(|b| b.digest == self.lock.digest)
    }
}

/// Resolves the requirements of a task anew, installing nothing.
///
/// # Errors
/// When they cannot be resolved, the policy refuses them, or no engine answers.
pub async fn propose(app: &App, task: &Task, context: &BuildContext) -> Result<Proposal, Error> {
    let images = &app.driver().await?.images;
    let spec = images.spec(task)?;
    let known = app.store.environment(&images.key_of(&spec)?).await?;
    let before = known.and_then(|environment| environment.lock);
    let lock = images.propose_lock(&spec, context).await?;
    let old = before.as_ref().map(Lock::packages).unwrap_or_default();
    Ok(Proposal {
        packages: PackageDiff::between(&old, &lock.packages()),
        spec,
        before,
        lock,
    })
}

/// Makes a proposed lock the one in use, and builds its image first: what
/// cannot be installed changes nothing.
///
/// # Errors
/// When it cannot be installed.
pub async fn adopt(app: &App, proposal: &Proposal, context: &BuildContext) -> Result<(), Error> {
    let images = &app.driver().await?.images;
    let lock = proposal.lock.clone();
    images.adopt_lock(&proposal.spec, lock, context).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_nobody_asked_for_is_needed_by_another() {
        let requirements = [
            "a>=1 ; python_version < '4'",
            "b==2 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000",
        ];
        let locked = Lock::new("a==1.5\nb==2\nc==3\n".to_owned(), Utc::now());
        let found = packages(&requirements.map(str::to_owned), locked.packages());
        let found: Vec<_> = found
            .iter()
            .map(|p| (p.name.as_str(), p.locked.as_str(), p.requested.is_some()))
            .collect();
        assert_eq!(
            found,
            [("a", "1.5", true), ("b", "2", true), ("c", "3", false)]
        );
    }
}
