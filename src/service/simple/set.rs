//! Setting when a task runs, and in what.

use super::super::keep::at as keep_present;
use super::super::tasks::Place;
use super::super::{App, Error, Field, schedules};
use super::{EnvironmentKind, SimpleEnvironment, SimpleTask, environments, shown};
use crate::catalogue::edit::edit_manifest;
use crate::catalogue::{manifest_path, requirement_candidates};
use crate::domain::access::Principal;
use crate::domain::ids::TaskName;
use crate::domain::task::{RequirementSource, Task};
use chrono::Utc;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// When a task runs, and in what.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SimpleSchedule {
    /// `manual`, `hourly`, `daily`, `weekly`, `monthly` or `custom`.
    #[schemars(
        with = "Option<String>",
        extend("enum" = ["manual", "hourly", "daily", "weekly", "monthly", "custom", null])
    )]
    pub schedule_type: Option<String>,
    /// The settings of that type: an object, or the text of one.
    pub schedule_config: Value,
    /// An environment, by its name or path; left out, it stays.
    pub environment_path: Option<String>,
    /// A requirements file of the task, by its name or path; left out, it
    /// stays.
    pub requirements_path: Option<String>,
}

/// Writes when a task runs, and in what, into its manifest; all of it or
/// nothing.
///
/// # Errors
/// Fields that are not valid, or a manifest that cannot be written.
pub async fn set_schedule(
    app: &App,
    principal: &Principal,
    name: &TaskName,
    wanted: &SimpleSchedule,
) -> Result<SimpleTask, Error> {
    let _lock = app.edits.lock().await;
    let task = app.catalogue.load(name)?;
    let environment = match wanted.environment_path.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(text) => Some(nameable(environments(app, principal).await?, app, text)?),
    };
    let requirements = match wanted.requirements_path.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(text) => Some(requirements_file(app, &task, text)?),
    };
    keep_present(app, name, &task.path).await?;
    let before = Place::of(app, name)?.manifest()?;
    if environment.is_some() || requirements.is_some() {
        edit_manifest(&manifest_path(&task), |table| {
            if let Some(name) = &environment {
                table.insert("environment", toml_edit::value(name));
            }
            if let Some(file) = &requirements {
                table.insert("requirements", toml_edit::value(file));
            }
        })?;
    }
    let Some(kind) = &wanted.schedule_type else {
        return super::task(app, name).await;
    };
    let given = (kind.as_str(), &wanted.schedule_config);
    if let Err(error) = schedules::set_simple(app, name, given, Utc::now()).await {
        Place::of(app, name)?.restore_manifest(before)?;
        return Err(of_config(error));
    }
    super::task(app, name).await
}

/// A rule that is wrong came as a setting here.
fn of_config(error: Error) -> Error {
    match error {
        Error::Fields(mut fields) => {
            for field in &mut fields {
                if field.pointer == "/when" {
                    field.pointer = "/schedule_config".to_owned();
                }
            }
            Error::Fields(fields)
        }
        other => other,
    }
}

/// Whether a path that somebody wrote is this one, be it below the home folder
/// or whole. Nothing is opened by it: it is only compared.
fn is_same(app: &App, text: &str, path: &Path) -> bool {
    let text = Path::new(text.trim_end_matches('/'));
    text == path || text == app.config.home.join(path)
}

/// What a manifest calls the environment that somebody means.
fn nameable(known: Vec<SimpleEnvironment>, app: &App, text: &str) -> Result<String, Error> {
    let wrong = |message: String| Error::Fields(vec![Field::body("/environment_path", message)]);
    let found = known
        .into_iter()
        .find(|one| one.name == text || is_same(app, text, &one.path));
    match found {
        Some(one) if one.kind == EnvironmentKind::Venv => Err(wrong(format!(
            "{} is a virtual environment, which no run uses: `runbay env freeze` makes requirements of it",
            one.path.display()
        ))),
        Some(one) => Ok(one.name),
        None => Err(wrong(format!(
            "there is no environment “{}”: GET /api/tasks/environments lists them",
            text.escape_debug()
        ))),
    }
}

/// The name of the requirements file of a task that somebody means.
fn requirements_file(app: &App, task: &Task, text: &str) -> Result<String, Error> {
    let folder = shown(app, &task.path);
    let files = requirement_candidates(&task.path).into_iter();
    let mut names = files.filter_map(|source| match source {
        RequirementSource::File(name) => Some(name),
        _ => None,
    });
    let found = names.find(|name| text == name.as_str() || is_same(app, text, &folder.join(name)));
    found.ok_or_else(|| {
        let message = format!(
            "{} has no requirements file “{}”: GET /api/tasks/requirements lists them",
            task.name,
            text.escape_debug()
        );
        Error::Fields(vec![Field::body("/requirements_path", message)])
    })
}

/// An environment to look at.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimpleCheck {
    /// Its name or path.
    pub environment_path: String,
}

/// What was found.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SimpleVerdict {
    /// Whether a task can name it.
    pub valid: bool,
    /// Why not.
    pub message: Option<String>,
    /// The environment.
    pub environment: Option<SimpleEnvironment>,
}

/// Looks whether an environment is there and a task can name it.
///
/// # Errors
/// When a folder cannot be listed.
pub async fn check_environment(
    app: &App,
    principal: &Principal,
    check: &SimpleCheck,
) -> Result<SimpleVerdict, Error> {
    let known = environments(app, principal).await?;
    let text = check.environment_path.trim();
    let environment = known
        .iter()
        .find(|one| one.name == text || is_same(app, text, &one.path));
    let environment = environment.cloned();
    let named = nameable(known, app, text);
    Ok(SimpleVerdict {
        valid: named.is_ok(),
        message: named
            .err()
            .and_then(|error| Some(error.fields().pop()?.message)),
        environment,
    })
}
