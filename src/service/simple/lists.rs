//! Environments, requirements and projects as they lie in folders.

use super::super::{App, Error};
use super::{shown, valid};
use crate::catalogue::{requirement_candidates, venvs};
use crate::domain::access::Principal;
use crate::domain::ids::TaskName;
use crate::domain::task::Task;
use crate::threads::off_thread;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// What an environment is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EnvironmentKind {
    /// A folder of `images/`.
    Template,
    /// A folder of `global_envs/`.
    Shared,
    /// A virtual environment in a task's folder, which no run uses.
    Venv,
}

/// An environment that is there as a folder.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SimpleEnvironment {
    /// How a manifest names it; of a virtual environment, its task and folder.
    pub name: String,
    /// What it is.
    pub kind: EnvironmentKind,
    /// Its folder, below the home folder.
    pub path: PathBuf,
    /// Its Python, where it says so.
    pub python: Option<String>,
    /// How many packages it names or holds; none when only a run would tell.
    pub packages: Option<usize>,
}

/// Every environment that is there as a folder.
///
/// # Errors
/// When a folder cannot be listed.
pub async fn environments(
    app: &App,
    principal: &Principal,
) -> Result<Vec<SimpleEnvironment>, Error> {
    let mut found = Vec::new();
    for template in app.catalogue.templates()? {
        found.push(SimpleEnvironment {
            path: shown(app, &app.config.images_dir.join(&template.name)),
            kind: EnvironmentKind::Template,
            python: template.python.map(|python| python.to_string()),
            packages: Some(template.requirements.len()),
            name: template.name,
        });
    }
    for name in app.catalogue.shared_names() {
        let path = app.config.global_envs_dir.join(&name);
        found.push(SimpleEnvironment {
            packages: None,
            path: shown(app, &path),
            kind: EnvironmentKind::Shared,
            python: None,
            name: format!("shared:{name}"),
        });
    }
    for task in valid(app, principal).await? {
        for venv in venvs(&task.path) {
            let folder = venv.path.file_name().unwrap_or_default().to_string_lossy();
            found.push(SimpleEnvironment {
                name: format!("{}/{folder}", task.name),
                kind: EnvironmentKind::Venv,
                path: shown(app, &venv.path),
                python: venv.python,
                packages: Some(venv.packages.len()),
            });
        }
    }
    Ok(found)
}

/// A place in a task where requirements are written.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SimpleRequirements {
    /// The task.
    pub task: TaskName,
    /// The place, below the task's folder.
    pub path: String,
    /// Whether runs take it.
    pub used: bool,
}

/// Every place where requirements are written.
///
/// # Errors
/// When `tasks/` cannot be listed.
pub async fn requirements(
    app: &App,
    principal: &Principal,
) -> Result<Vec<SimpleRequirements>, Error> {
    let mut found = Vec::new();
    for task in valid(app, principal).await? {
        for source in requirement_candidates(&task.path) {
            found.push(SimpleRequirements {
                task: task.name.clone(),
                used: task.requirements.source.as_ref() == Some(&source),
                path: source.to_string(),
            });
        }
    }
    Ok(found)
}

/// The folder of a task.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SimpleProject {
    /// The task.
    pub name: TaskName,
    /// Its folder or file, below the home folder.
    pub path: PathBuf,
    /// What a run executes.
    pub script: String,
    /// How many files would go into an image; none when that cannot be told.
    pub files: Option<u64>,
    /// Their sizes together, bytes.
    pub bytes: Option<u64>,
}

/// The folders of all tasks that can run.
///
/// # Errors
/// When `tasks/` cannot be listed.
pub async fn projects(app: &App, principal: &Principal) -> Result<Vec<SimpleProject>, Error> {
    let tasks = valid(app, principal).await?;
    let at = app.clone();
    let projects = off_thread(move || {
        let project = |task: &Arc<Task>| {
            let found = match task.single_file {
                true => None,
                false => crate::catalogue::project(&task.path).ok(),
            };
            let alone = || task.path.metadata().ok().filter(|_| task.single_file);
            SimpleProject {
                files: found.map(|found| found.files).or(alone().map(|_| 1)),
                bytes: found
                    .map(|found| found.bytes)
                    .or(alone().map(|file| file.len())),
                path: shown(&at, &task.path),
                script: task.entry.to_string(),
                name: task.name.clone(),
            }
        };
        tasks.iter().map(project).collect()
    })
    .await;
    Ok(projects)
}
