//! Looks for mistakes in tasks without running or building anything: neither an
//! engine nor a database is needed.

use super::{Error, schedules};
use crate::catalogue::{
    Catalogue, CatalogueError, Found, MANIFEST_FILE, Problem, TEMPLATE_FILE, snapshot,
};
use crate::config::{Config, FILE};
use crate::domain::environment::Requirement;
use crate::domain::ids::TaskName;
use crate::domain::manifest::EnvironmentRef;
use crate::domain::task::{RequirementSource, Task};
use crate::image::{ImageError, refused, spec};
use crate::time::Fault;
use chrono::Utc;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a look at one entry of `tasks/` found.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Checked {
    /// The name of the folder, or of the file without `.py`.
    pub name: String,
    /// All that is wrong; empty when nothing is.
    pub problems: Vec<Problem>,
    /// What is right, but may surprise.
    pub notes: Vec<Problem>,
}

/// Checks these tasks, or everything in `tasks/`: manifest, entry,
/// requirements, the policy for them, and the files that would go into an
/// image.
///
/// # Errors
/// When a name is no task's, or `tasks/` cannot be listed.
pub fn check(
    config: &Config,
    catalogue: &Catalogue,
    names: &[TaskName],
) -> Result<Vec<Checked>, Error> {
    if names.is_empty() {
        let all = catalogue.scan()?.into_iter();
        return Ok(all
            .map(|found| match found {
                Found::Task(task) => checked(config, catalogue, &task),
                Found::NotATask { path, problems } => {
                    let name = path.file_stem().unwrap_or_default().to_string_lossy();
                    let name = name.into_owned();
                    Checked {
                        name,
                        problems,
                        notes: Vec::new(),
                    }
                }
            })
            .collect());
    }
    names
        .iter()
        .map(|name| match catalogue.load(name) {
            Ok(task) => Ok(checked(config, catalogue, &task)),
            Err(CatalogueError::Invalid { problems }) => Ok(Checked {
                name: name.to_string(),
                problems,
                notes: Vec::new(),
            }),
            Err(error) => Err(error.into()),
        })
        .collect()
}

fn checked(config: &Config, catalogue: &Catalogue, task: &Task) -> Checked {
    let mut problems = match spec(config, catalogue, task) {
        Ok(spec) => refused(&spec, &config.build)
            .into_iter()
            .flat_map(|refused| {
                let each = refused.requirements.into_iter();
                each.map(move |requirement| {
                    let (file, line) = place(task, &requirement);
                    Problem {
                        file,
                        line,
                        column: line.map(|_| 1),
                        message: format!("{} is not allowed", requirement.text),
                        hint: Some(refused.why.to_owned()),
                    }
                })
            })
            .collect(),
        Err(ImageError::Catalogue(error)) => from_catalogue(task, error),
        Err(error) => vec![of(folder(task), crate::domain::report(&error))],
    };
    if let Err(error) = snapshot(task) {
        problems.extend(from_catalogue(task, error));
    }
    let mut notes = Vec::new();
    for look in schedules::look(config, task, Utc::now()) {
        let file = match task.single_file {
            true => folder(task),
            false => folder(task).join(MANIFEST_FILE),
        };
        let problem = |fault: Fault| Problem {
            hint: fault.hint.clone(),
            ..of(
                file.clone(),
                format!("schedule “{}”: {}", look.key, fault.message),
            )
        };
        problems.extend(look.problem.map(problem));
        notes.extend(look.notes.into_iter().map(problem));
    }
    Checked {
        name: task.name.to_string(),
        problems,
        notes,
    }
}

fn of(file: PathBuf, message: String) -> Problem {
    Problem {
        file,
        line: None,
        column: None,
        message,
        hint: None,
    }
}

fn from_catalogue(task: &Task, error: CatalogueError) -> Vec<Problem> {
    match error {
        CatalogueError::Invalid { problems } => problems,
        CatalogueError::Refused { path, reason } => vec![of(folder(task).join(path), reason)],
        error => vec![of(folder(task), crate::domain::report(&error))],
    }
}

/// The task as people know it: `tasks/<folder>` or `tasks/<file>.py`.
fn folder(task: &Task) -> PathBuf {
    Path::new("tasks").join(task.path.file_name().unwrap_or_default())
}

/// Where a requirement is written. Its origin names the file alone; the folder
/// follows from who brought it.
fn place(task: &Task, requirement: &Requirement) -> (PathBuf, Option<u32>) {
    let (file, line) = match requirement.origin.rsplit_once(':') {
        Some((file, line)) => (file, line.parse().ok()),
        None => (requirement.origin.as_str(), None),
    };
    let own = task.requirements.lines.contains(requirement);
    let folder = match (&task.requirements.source, &task.manifest.environment) {
        (Some(RequirementSource::Shared(name)), _) if own => Path::new("global_envs").join(name),
        _ if own && task.single_file => "tasks".into(),
        _ if own => folder(task),
        (_, Some(EnvironmentRef::Template(name))) if file.ends_with(TEMPLATE_FILE) => {
            Path::new("images").join(name)
        }
        _ if file.ends_with(FILE) => PathBuf::new(),
        _ => folder(task),
    };
    (
        folder.join(Path::new(file).file_name().unwrap_or_default()),
        line,
    )
}
