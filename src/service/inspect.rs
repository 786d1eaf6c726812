//! What is known of one task, and of one run.
//!
//! The types here are what `--json` prints. A field once printed keeps its name
//! and meaning.

use super::changes::{Change, Side, changes};
use super::{App, Error, secrets};
use crate::domain::environment::{Environment, Lock, Policy, Requirement};
use crate::domain::ids::{Digest, ImageId, RunId, TaskName};
use crate::domain::limits::Limits;
use crate::domain::manifest::{EnvironmentRef, PythonVersion};
use crate::domain::params::Param;
use crate::domain::run::{Artifact, Attempt, Outcome, Run};
use crate::domain::secret::{Lack, SecretUse};
use crate::domain::task::Task;
use crate::image::{ImageError, key_of, refused, spec};
use crate::store::RunFilter;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How many runs [`task`] tells of.
const LATEST: u32 = 5;

/// All that is known of a task.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct TaskDetail {
    /// Its name.
    pub name: TaskName,
    /// What it is for.
    pub description: Option<String>,
    /// Words to group it by.
    pub tags: Vec<String>,
    /// Whether new runs are allowed.
    pub enabled: bool,
    /// Its folder, or the file of a single-file task.
    pub path: PathBuf,
    /// What a run executes.
    pub entry: String,
    /// Arguments before those of a run.
    pub args: Vec<String>,
    /// Where its requirements are; none when it needs no package of its own.
    pub requirements_from: Option<String>,
    /// The environment it needs.
    pub environment: Need,
    /// What a run may use.
    pub limits: Limits,
    /// The parameters of a run.
    pub params: BTreeMap<String, Param>,
    /// Variables it sets.
    pub env: BTreeMap<String, String>,
    /// Names of the secrets it needs.
    pub secrets: Vec<String>,
    /// The same, with how the script gets each and whether it can.
    pub secret_uses: Vec<SecretNeed>,
    /// Patterns of files that are kept.
    pub artifacts: Vec<String>,
    /// Its newest runs, newest first.
    pub runs: Vec<Run>,
}

/// A secret that a task needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct SecretNeed {
    /// Its name, and that of its file in `/run/secrets`.
    pub name: String,
    /// The variable that holds it too, if the task asks for one.
    pub env: Option<String>,
    /// Why a run would not get it; none when it would.
    pub lack: Option<Lack>,
}

/// The environment that a task needs, and what is there of it.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Need {
    /// Why it cannot be had; the rest may be unset then.
    pub problem: Option<String>,
    /// Its key.
    pub key: Option<Digest>,
    /// The Python release.
    pub python: Option<PythonVersion>,
    /// The template or shared environment that the task names.
    pub named: Option<EnvironmentRef>,
    /// What requirements may ask for.
    pub policy: Policy,
    /// Requirements of the task, its template and the service, each with its
    /// place.
    pub requirements: Vec<Requirement>,
    /// The lock; none before the first build.
    pub lock: Option<LockSummary>,
    /// The image of the environment; none before the first build.
    pub image: Option<ImageId>,
    /// Its size, bytes.
    pub image_bytes: Option<u64>,
}

/// A lock, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct LockSummary {
    /// Its digest.
    pub digest: Digest,
    /// How many packages it has.
    pub packages: usize,
    /// When it was resolved.
    pub resolved_at: DateTime<Utc>,
}

impl From<&Lock> for LockSummary {
    fn from(lock: &Lock) -> Self {
        Self {
            digest: lock.digest.clone(),
            packages: lock.packages().len(),
            resolved_at: lock.resolved_at,
        }
    }
}

/// Looks at a task.
///
/// # Errors
/// When there is no such task, something is wrong with it, or the database
/// fails.
pub async fn task(app: &App, name: &TaskName) -> Result<TaskDetail, Error> {
    let task = app.catalogue.load(name)?;
    let filter = RunFilter {
        task: Some(name.clone()),
        limit: Some(LATEST),
        ..RunFilter::default()
    };
    let runs = app.store.runs(&filter).await?;
    let environment = need(app, &task).await?;
    let manifest = task.manifest;
    Ok(TaskDetail {
        limits: app.settings().limits.with(&manifest),
        name: task.name,
        description: manifest.description,
        tags: manifest.tags,
        enabled: manifest.enabled != Some(false),
        path: task.path,
        entry: task.entry.to_string(),
        args: manifest.args,
        requirements_from: task.requirements.source.map(|source| source.to_string()),
        environment,
        params: manifest.params,
        env: manifest.env,
        secrets: manifest.secrets.iter().map(|s| s.name.clone()).collect(),
        secret_uses: secret_uses(app, name, manifest.secrets).await?,
        artifacts: manifest.artifacts,
        runs,
    })
}

async fn secret_uses(
    app: &App,
    task: &TaskName,
    uses: Vec<SecretUse>,
) -> Result<Vec<SecretNeed>, Error> {
    if uses.is_empty() {
        return Ok(Vec::new());
    }
    let names = uses.iter().map(|used| used.name.clone()).collect();
    let lacking = app.store.lacking(task, names).await?;
    let need = |used: SecretUse| SecretNeed {
        lack: lacking.iter().find(|l| l.name == used.name).map(|l| l.why),
        name: used.name,
        env: used.env,
    };
    Ok(uses.into_iter().map(need).collect())
}

async fn need(app: &App, task: &Task) -> Result<Need, Error> {
    let mut need = Need {
        problem: None,
        key: None,
        python: None,
        named: task.manifest.environment.clone(),
        policy: app.config.build.policy,
        requirements: task.requirements.lines.clone(),
        lock: None,
        image: None,
        image_bytes: None,
    };
    let known = spec(&app.config, &app.catalogue, task)
        .and_then(|spec| Ok((key_of(&app.config, &app.catalogue, &spec)?, spec)));
    let (key, spec) = match known {
        Ok(known) => known,
        Err(error @ (ImageError::Build(_) | ImageError::Catalogue(_))) => {
            need.problem = Some(crate::domain::report(&error));
            return Ok(need);
        }
        Err(error) => return Err(error.into()),
    };
    need.problem = refused(&spec, &app.config.build).map(|refused| {
        let lines = refused.requirements.iter();
        let lines: Vec<_> = lines.map(|r| format!("{}: {}", r.origin, r.text)).collect();
        format!("{}: {}", refused.why, lines.join(", "))
    });
    if let Some(environment) = app.store.environment(&key).await? {
        need.lock = environment.lock.as_ref().map(LockSummary::from);
        need.image = environment.image;
        need.image_bytes = environment.image_bytes;
    }
    need.key = Some(key);
    need.python = Some(spec.python);
    need.requirements = spec.requirements;
    Ok(need)
}

/// All that is known of a run.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct RunDetail {
    /// The run.
    pub run: Run,
    /// Its attempts, first to last.
    pub attempts: Vec<Attempt>,
    /// The folder of the files kept from it.
    pub artifact_dir: PathBuf,
    /// Those files, by path.
    pub artifacts: Vec<Artifact>,
    /// What whoever started it sent beside; none when nothing was sent.
    pub sent: Option<Sent>,
    /// The comparison with the newest earlier run of the task that succeeded
    /// and was no trial; none when there is no such run.
    pub since_last_good: Option<Since>,
}

/// What a run was sent by whoever started it: its `/inputs/payload.json`.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Sent {
    /// How much, bytes.
    pub bytes: u64,
    /// What it is: nothing but `application/json` is taken.
    pub content_type: String,
    /// How it begins, secrets masked.
    pub preview: String,
    /// Whether there is more than that.
    pub cut: bool,
}

/// The most of what was sent that is shown, characters.
const PREVIEW: usize = 4096;

async fn sent(app: &App, run: RunId) -> Result<Option<Sent>, Error> {
    let Some(payload) = app.store.payload(run).await? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&payload);
    let text = match secrets::masker(app).await? {
        Some(masker) => masker.mask(&text),
        None => text.into_owned(),
    };
    let preview: String = text.chars().take(PREVIEW).collect();
    Ok(Some(Sent {
        bytes: payload.len() as u64,
        content_type: "application/json".to_owned(),
        cut: preview.len() < text.len(),
        preview,
    }))
}

/// A comparison with an earlier run.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Since {
    /// The earlier run.
    pub run: RunId,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// What differs; empty when nothing is known to.
    pub changes: Vec<Change>,
}

/// Looks at a run.
///
/// # Errors
/// When there is no such run or the database fails.
pub async fn run(app: &App, run: Run) -> Result<RunDetail, Error> {
    let attempts = app.store.attempts(run.id).await?;
    let filter = RunFilter {
        task: Some(run.task.clone()),
        outcomes: vec![Outcome::Succeeded],
        trial: Some(false),
        before: Some(run.id),
        limit: Some(1),
        ..RunFilter::default()
    };
    let since_last_good = match app.store.runs(&filter).await?.pop() {
        Some(good) => Some(since(app, &good, &run).await?),
        None => None,
    };
    Ok(RunDetail {
        artifact_dir: crate::attempt::artifact_dir(&app.config, run.id),
        artifacts: app.store.artifacts(run.id).await?,
        attempts,
        sent: sent(app, run.id).await?,
        since_last_good,
        run,
    })
}

/// Compares a run with an earlier one of the same task.
///
/// # Errors
/// When the database fails.
pub async fn since(app: &App, good: &Run, run: &Run) -> Result<Since, Error> {
    let good_attempts = app.store.attempts(good.id).await?;
    let attempts = app.store.attempts(run.id).await?;
    let (then, now) = (ground(app, good).await?, ground(app, run).await?);
    let side = |of, attempts: &[Attempt]| Side {
        run: of,
        python: None,
        lock: None,
        run_ms: attempts.last().and_then(|a| a.measurements.run_ms),
    };
    let then = Side {
        python: then.0.as_ref().map(|e| e.python),
        lock: then.1.as_ref(),
        ..side(good, &good_attempts)
    };
    let now = Side {
        python: now.0.as_ref().map(|e| e.python),
        lock: now.1.as_ref(),
        ..side(run, &attempts)
    };
    Ok(Since {
        run: good.id,
        created_at: good.created_at,
        changes: changes(then, now),
    })
}

/// The environment of a run and the lock it had then, as far as they are known.
pub(super) async fn ground(
    app: &App,
    run: &Run,
) -> Result<(Option<Environment>, Option<Lock>), Error> {
    let Some(key) = &run.environment else {
        return Ok((None, None));
    };
    let mut locks = app.store.locks(key).await?;
    locks.retain(|lock| Some(&lock.digest) == run.lock.as_ref());
    Ok((app.store.environment(key).await?, locks.pop()))
}
