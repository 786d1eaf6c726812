//! The task-centred view that other runners of scripts made usual: tasks by
//! number, one schedule each as a type with settings, environments and
//! requirements as paths. It only translates what the rest of the service says
//! and does.

mod lists;
mod set;

pub use lists::{
    EnvironmentKind, SimpleEnvironment, SimpleProject, SimpleRequirements, environments, projects,
    requirements,
};
pub use set::{SimpleCheck, SimpleSchedule, SimpleVerdict, check_environment, set_schedule};

use super::{App, Error};
use crate::catalogue::Found;
use crate::domain::access::Principal;
use crate::domain::ids::{RunId, TaskName};
use crate::domain::manifest::EnvironmentRef;
use crate::domain::run::Run;
use crate::domain::task::Task;
use crate::store::{RunFilter, StoreError};
use crate::threads::off_thread;
use crate::time::to_config;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A task, at a glance.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SimpleTask {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: TaskName,
    /// What it is for.
    pub description: Option<String>,
    /// Its folder or file, below the home folder.
    pub path: PathBuf,
    /// What a run executes.
    pub script: String,
    /// Whether new runs are allowed.
    pub enabled: bool,
    /// `manual`, `hourly`, `daily`, `weekly`, `monthly` or `custom`.
    pub schedule_type: &'static str,
    /// The settings of that type.
    pub schedule_config: Value,
    /// The environment it names, as a path below the home folder.
    pub environment_path: Option<PathBuf>,
    /// Where its requirements are.
    pub requirements_path: Option<String>,
    /// When it is due next.
    pub next_run: Option<DateTime<Utc>>,
    /// Its newest run.
    pub last_run: Option<SimpleRun>,
}

/// A run, at a glance.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SimpleRun {
    /// Its id.
    pub id: RunId,
    /// Its outcome, or where it stands until it has one.
    pub status: &'static str,
    /// The script's exit code, when it had one.
    pub exit_code: Option<i64>,
    /// A sentence about the end.
    pub message: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When its container was started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub finished_at: Option<DateTime<Utc>>,
}

impl From<Run> for SimpleRun {
    fn from(run: Run) -> Self {
        Self {
            status: run
                .outcome
                .map_or(run.state.as_str(), |outcome| outcome.as_str()),
            id: run.id,
            exit_code: run.exit_code,
            message: run.reason,
            created_at: run.created_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
        }
    }
}

/// A path as people know it: below the home folder, where it is.
fn shown(app: &App, path: &Path) -> PathBuf {
    path.strip_prefix(&app.config.home)
        .unwrap_or(path)
        .to_owned()
}

async fn valid(app: &App, principal: &Principal) -> Result<Vec<Arc<Task>>, Error> {
    let catalogue = app.catalogue.clone();
    let found = off_thread(move || catalogue.listing()).await?;
    let task = |found| match found {
        Found::Task(task) if principal.sees(&task.name) => Some(task),
        _ => None,
    };
    Ok(found.into_iter().filter_map(task).collect())
}

/// The tasks that can run and that somebody may see, by name.
///
/// # Errors
/// When `tasks/` cannot be listed or the database fails.
pub async fn tasks(app: &App, principal: &Principal) -> Result<Vec<SimpleTask>, Error> {
    let found = valid(app, principal).await?;
    let names: Vec<TaskName> = found.iter().map(|task| task.name.clone()).collect();
    let mut facts = facts(app, names).await?;
    let each = found.iter().map(|task| {
        let facts = facts.remove(&task.name).unwrap_or_default();
        simple(app, task, facts)
    });
    Ok(each.collect())
}

/// The name of the task with this number, if somebody may see it.
///
/// # Errors
/// When there is none.
pub async fn named(app: &App, principal: &Principal, number: i64) -> Result<TaskName, Error> {
    let unknown = || Error::NotFound(format!("there is no task with the number {number}"));
    match app.store.task_of_number(number).await {
        Ok(name) if principal.sees(&name) => Ok(name),
        Ok(_) | Err(StoreError::NotFound { .. }) => Err(unknown()),
        Err(error) => Err(error.into()),
    }
}

/// A task at a glance.
///
/// # Errors
/// When there is no such task, or something is wrong with it.
pub async fn task(app: &App, name: &TaskName) -> Result<SimpleTask, Error> {
    let task = app.catalogue.load(name)?;
    let mut facts = facts(app, vec![name.clone()]).await?;
    Ok(simple(app, &task, facts.remove(name).unwrap_or_default()))
}

/// What the database knows of a task.
#[derive(Default)]
struct Facts {
    number: i64,
    last: Option<Run>,
    next: Option<DateTime<Utc>>,
}

/// What it knows of some tasks: asked for together, because each question has a
/// price of its own.
async fn facts(app: &App, tasks: Vec<TaskName>) -> Result<BTreeMap<TaskName, Facts>, Error> {
    let mut soonest: BTreeMap<TaskName, DateTime<Utc>> = BTreeMap::new();
    for row in app.store.schedules().await? {
        if let Some(next) = row.next_slot {
            let at = soonest.entry(row.task).or_insert(next);
            *at = next.min(*at);
        }
    }
    let numbers = app.store.task_numbers(tasks.clone()).await?;
    let mut last = app.store.last_runs(tasks, true).await?;
    let each = numbers.into_iter().map(|(task, number)| {
        let facts = Facts {
            number,
            last: last.remove(&task),
            next: soonest.remove(&task),
        };
        (task, facts)
    });
    Ok(each.collect())
}

fn simple(app: &App, task: &Task, facts: Facts) -> SimpleTask {
    let (schedule_type, schedule_config) = match &task.manifest.schedules[..] {
        [] => ("manual", json!({})),
        [one] => to_config(&one.when),
        several => {
            let all: Vec<&str> = several.iter().map(|one| one.when.as_str()).collect();
            ("custom", json!({ "cron_expression": all.join(" | ") }))
        }
    };
    let environment = task.manifest.environment.as_ref().map(|named| match named {
        EnvironmentRef::Template(name) => app.config.images_dir.join(name),
        EnvironmentRef::Shared(name) => app.config.global_envs_dir.join(name),
    });
    let requirements = task.requirements.source.as_ref();
    SimpleTask {
        id: facts.number,
        next_run: facts.next,
        last_run: facts.last.map(SimpleRun::from),
        path: shown(app, &task.path),
        script: task.entry.to_string(),
        enabled: task.manifest.enabled != Some(false),
        schedule_type,
        schedule_config,
        environment_path: environment.map(|path| shown(app, &path)),
        requirements_path: requirements.map(ToString::to_string),
        description: task.manifest.description.clone(),
        name: task.name.clone(),
    }
}

/// The newest runs of a task, newest first.
///
/// # Errors
/// When the database fails.
pub async fn runs(app: &App, name: &TaskName, limit: u32) -> Result<Vec<SimpleRun>, Error> {
    let filter = RunFilter {
        task: Some(name.clone()),
        limit: Some(limit),
        ..RunFilter::default()
    };
    let runs = app.store.runs(&filter).await?;
    Ok(runs.into_iter().map(SimpleRun::from).collect())
}
