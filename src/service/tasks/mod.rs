//! Tasks as others see and change them. The folder is the source of truth:
//! everything here reads or writes files, and the database only remembers.
//!
//! Whatever changes a task first keeps its present code among the versions, so
//! that nothing people wrote is lost, and takes the one lock of changes, so
//! that what it looked at is what it changes.

mod change;
mod copy;
mod files;
mod pack;
mod restore;
mod staging;
mod tree;
mod trial;
mod upload;
pub mod versions;

pub use change::{Deleted, Loss, Patch, delete, loss, patch, rename};
pub use copy::{Create, NewFile, create, duplicate};
pub(super) use files::Place;
pub use files::{
    FileChange, FileRead, Guard, MAX_FILE, Written, read_file, remove_file, rename_file, write_file,
};
pub use pack::pack;
pub use restore::{Restored, restore};
pub use tree::{Entry, EntryKind, list_files};
pub(super) use trial::lay_over;
pub use upload::{Form, MAX_UNPACKED, MAX_UPLOAD, receive, upload};

use super::inspect::{self, TaskDetail};
use super::keep::at as keep_present;
use super::page::{Limit, Page};
use super::{App, Error, check};
use crate::catalogue::{CatalogueError, Found, Problem, venvs};
use crate::domain::access::Principal;
use crate::domain::ids::TaskName;
use crate::domain::manifest::{EnvironmentRef, Manifest, PythonVersion};
use crate::domain::run::Run;
use crate::domain::task::Task;
use crate::image::python;
use crate::threads::off_thread;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which tasks to list.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TasksQuery {
    /// Those with this tag.
    pub tag: Option<String>,
    /// Those whose name or description holds this text, whatever its case.
    pub text: Option<String>,
    /// Where the part before ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: Limit,
}

/// A task in a list, or an entry of `tasks/` that would be one if nothing were
/// wrong with it.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct TaskItem {
    /// Its name: of the folder, or of the file without `.py`.
    pub name: String,
    /// Its number, which stays the same; none for what has no task's name.
    pub number: Option<i64>,
    /// Its folder, or the file of a single-file task.
    pub path: PathBuf,
    /// What it is for.
    pub description: Option<String>,
    /// Words to group it by.
    pub tags: Vec<String>,
    /// Whether new runs are allowed.
    pub enabled: bool,
    /// Its Python; none when that cannot be decided.
    pub python: Option<PythonVersion>,
    /// The template or shared environment that it names.
    pub environment: Option<EnvironmentRef>,
    /// Where its requirements are; none when it needs no package.
    pub requirements: Option<String>,
    /// Its newest run that was no trial.
    pub last_run: Option<Run>,
    /// What is wrong with it. If anything is, it cannot run.
    pub problems: Vec<Problem>,
}

/// The tasks that pass a query and that somebody may see, by name.
///
/// # Errors
/// When `tasks/` cannot be listed or the database fails.
pub async fn list(
    app: &App,
    principal: &Principal,
    query: &TasksQuery,
) -> Result<Page<TaskItem>, Error> {
    let catalogue = app.catalogue.clone();
    let found = off_thread(move || catalogue.listing()).await?;
    let text = query.text.as_deref().map(str::to_lowercase);
    let mut pythons = Pythons::default();
    let mut items = Vec::new();
    for found in found {
        let item = item(app, &mut pythons, found);
        let seen = item.name.parse().is_ok_and(|name| principal.sees(&name))
            || (item.number.is_none() && principal.sees_all());
        let after = query.cursor.as_ref().is_none_or(|last| item.name > *last);
        let tagged = query.tag.as_ref().is_none_or(|tag| item.tags.contains(tag));
        let described = || {
            item.description
                .as_deref()
                .unwrap_or_default()
                .to_lowercase()
        };
        let fits = text
            .as_ref()
            .is_none_or(|text| item.name.contains(text) || described().contains(text));
        if seen && after && tagged && fits {
            items.push(item);
        }
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    let mut page = Page::cut(items, query.limit, |item| item.name.clone());
    let names: Vec<TaskName> = page
        .items
        .iter()
        .filter_map(|i| i.name.parse().ok())
        .collect();
    let numbers = app.store.task_numbers(names.clone()).await?;
    // How a task does is told by its own code.
    let mut last = app.store.last_runs(names, false).await?;
    for item in &mut page.items {
        if let Ok(name) = item.name.parse() {
            item.number = numbers.get(&name).copied();
            item.last_run = last.remove(&name);
        }
    }
    Ok(page)
}

/// The Python releases of the templates that tasks of one list name, each read
/// once; none for a template that cannot be read.
#[derive(Default)]
struct Pythons(BTreeMap<String, Option<Option<PythonVersion>>>);

impl Pythons {
    fn of(&mut self, app: &App, task: &Task) -> Option<PythonVersion> {
        let template = match &task.manifest.environment {
            Some(EnvironmentRef::Template(name)) => {
                let read = || app.catalogue.template(name).ok().map(|found| found.python);
                (*self.0.entry(name.clone()).or_insert_with(read))?
            }
            Some(EnvironmentRef::Shared(_)) | None => None,
        };
        python(&app.config, task, template).ok()
    }
}

fn item(app: &App, pythons: &mut Pythons, found: Found) -> TaskItem {
    match found {
        Found::NotATask { path, problems } => TaskItem {
            name: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            path,
            number: None,
            description: None,
            tags: Vec::new(),
            enabled: false,
            python: None,
            environment: None,
            requirements: None,
            last_run: None,
            problems,
        },
        Found::Task(task) => TaskItem {
            python: pythons.of(app, &task),
            name: task.name.to_string(),
            path: task.path.clone(),
            number: None,
            requirements: task.requirements.source.as_ref().map(ToString::to_string),
            enabled: task.manifest.enabled != Some(false),
            description: task.manifest.description.clone(),
            tags: task.manifest.tags.clone(),
            environment: task.manifest.environment.clone(),
            last_run: None,
            problems: Vec::new(),
        },
    }
}

/// All that is known of a task, also of one with which something is wrong.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct TaskView {
    /// Its name.
    pub name: TaskName,
    /// Its number, which stays the same.
    pub number: i64,
    /// Its folder, or the file of a single-file task.
    pub path: PathBuf,
    /// Whether it is a single file.
    pub single_file: bool,
    /// Whether nothing can be changed here.
    pub read_only: bool,
    /// What is wrong with it. If anything is, it cannot run.
    pub problems: Vec<Problem>,
    /// What is right, but may surprise.
    pub notes: Vec<Problem>,
    /// What it amounts to; none while it cannot be understood.
    pub detail: Option<TaskDetail>,
    /// What its manifest says; none while it cannot be understood.
    pub manifest: Option<Manifest>,
    /// Every place in it where requirements are written; the first is taken.
    pub requirement_sources: Vec<String>,
    /// The virtual environments in its folder, which no run uses.
    pub venvs: Vec<VenvView>,
}

/// A virtual environment in a task's folder.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct VenvView {
    /// Its folder.
    pub name: String,
    /// Its Python, as written there.
    pub python: Option<String>,
    /// How many packages are in it.
    pub packages: usize,
}

/// Looks at a task.
///
/// # Errors
/// When there is none of this name, or the database fails.
pub async fn show(app: &App, name: &TaskName) -> Result<TaskView, Error> {
    let (detail, manifest) = match inspect::task(app, name).await {
        Ok(detail) => {
            let manifest = app.catalogue.load(name).ok().map(|task| task.manifest);
            (Some(detail), manifest)
        }
        Err(Error::Catalogue(CatalogueError::Invalid { .. })) => (None, None),
        Err(error) => return Err(error),
    };
    let (at, of) = (app.clone(), name.clone());
    let (path, checked) =
        off_thread(move || Ok::<_, Error>((at.catalogue.locate(&of)?, checked(&at, &of)?))).await?;
    let (problems, notes) = checked;
    let venvs = venvs(&path).into_iter().map(|venv| VenvView {
        name: venv
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        python: venv.python,
        packages: venv.packages.len(),
    });
    let sources = crate::catalogue::requirement_candidates(&path);
    Ok(TaskView {
        name: name.clone(),
        number: app.store.task_number(name).await?,
        single_file: !path.is_dir(),
        read_only: is_read_only(&path),
        requirement_sources: sources.iter().map(ToString::to_string).collect(),
        venvs: venvs.collect(),
        path,
        problems,
        notes,
        detail,
        manifest,
    })
}

/// What is wrong with a task.
fn problems(app: &App, name: &TaskName) -> Result<Vec<Problem>, Error> {
    Ok(checked(app, name)?.0)
}

/// What is wrong with a task, and what may surprise.
fn checked(app: &App, name: &TaskName) -> Result<(Vec<Problem>, Vec<Problem>), Error> {
    let names = std::slice::from_ref(name);
    let mut checked = check::check(&app.config, &app.catalogue, names)?;
    let found = checked.pop().map(|one| (one.problems, one.notes));
    Ok(found.unwrap_or_default())
}

fn is_read_only(path: &Path) -> bool {
    let writable = |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok();
    !writable(path) || (!path.is_dir() && !path.parent().is_some_and(writable))
}
