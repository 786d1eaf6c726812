//! What people write on disk, read into the types of [`crate::domain`]:
//! tasks, manifests, requirements, templates.
//!
//! The folder is the source of truth: nothing here is remembered between two
//! calls but what [`Catalogue::listing`] finds unchanged, and nothing is written
//! but what [`edit`] is asked to. There is no Docker, no database and no async here. All input is bounded and any of it
//! may be hostile; what is not understood is refused with its place.

mod archive;
mod calendars;
mod checks;
mod document;
pub mod edit;
mod entry;
mod manifest;
mod pep723;
mod problem;
mod pyproject;
mod python;
mod recall;
mod requirement;
mod requirements;
mod rewrite;
mod schedules;
mod schema;
mod sources;
mod task;
mod template;
mod text;
mod tree;
mod uvlock;
mod validate;
mod venv;

#[cfg(test)]
mod tests;

pub use archive::write_tar;
pub use calendars::read_calendar;
pub use manifest::{MANIFEST_FILE, parse_manifest};
pub use pep723::{BadBlock, ScriptBlock, script_block, write_block};
pub use problem::{CatalogueError, Problem};
pub use python::choose_python;
pub use requirements::parse_requirements;
pub use schedules::{manifest_path, put_schedule, remove_schedule, schedule_key};
pub use schema::manifest_schema;
pub use sources::requirement_candidates;
pub use template::{TEMPLATE_FILE, Template};
pub use tree::{Project, Tree, TreeFile, code_paths, project, snapshot, snapshot_of};
pub use validate::{Declaration, check_params, validate_declarations};
pub use venv::{Venv, venvs};

use crate::domain::ids::TaskName;
use crate::domain::task::Task;
use problem::Issue;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use task::Places;
use text::{Folder, unreadable};

/// The folders people write into.
#[derive(Debug)]
pub struct Catalogue {
    tasks: Folder,
    shared: Folder,
    images: Folder,
    recall: recall::Recall,
}

/// A folder or script of `tasks/`, not yet read.
struct Entry {
    file: PathBuf,
    /// The task name it asks for, if it is text at all.
    stem: Option<String>,
    /// Another entry asks for the same name.
    twin: bool,
}

/// One entry of `tasks/`.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It can run.
    Task(Arc<Task>),
    /// It cannot, and this is why.
    NotATask {
        /// The folder or file.
        path: PathBuf,
        /// All that is wrong; never empty.
        problems: Vec<Problem>,
    },
}

impl Catalogue {
    /// The catalogue of these folders. Only `tasks_dir` must exist.
    #[must_use]
    pub fn new(tasks_dir: PathBuf, global_envs_dir: PathBuf, images_dir: PathBuf) -> Self {
        let folder = |root, shown: &str| Folder {
            root,
            shown: shown.into(),
        };
        Self {
            tasks: folder(tasks_dir, "tasks"),
            shared: folder(global_envs_dir, "global_envs"),
            images: folder(images_dir, "images"),
            recall: recall::Recall::default(),
        }
    }

    /// Every folder and every `.py` file of `tasks/`, sorted by name. One that
    /// is wrong is listed with the reasons and hides no other. Hidden entries
    /// and other files are not listed.
    ///
    /// # Errors
    /// `tasks/` itself cannot be listed.
    pub fn scan(&self) -> Result<Vec<Found>, CatalogueError> {
        let entries = self.entries()?;
        Ok(entries.iter().map(|entry| self.found(entry)).collect())
    }

    fn found(&self, entry: &Entry) -> Found {
        match self.read(entry) {
            Ok(task) => Found::Task(Arc::new(task)),
            Err(problems) => Found::NotATask {
                path: self.tasks.root.join(&entry.file),
                problems,
            },
        }
    }

    /// The task of this name.
    ///
    /// # Errors
    /// No such task, with similar names; or all that is wrong with it.
    pub fn load(&self, name: &TaskName) -> Result<Task, CatalogueError> {
        if let Some(entry) = self.entry(name) {
            let read = self.read(&entry);
            return read.map_err(|problems| CatalogueError::Invalid { problems });
        }
        let entries = self.entries()?;
        let stems = entries.iter().filter_map(|entry| entry.stem.as_deref());
        let nearest = crate::domain::suggest::ranked(name.as_str(), stems);
        Err(CatalogueError::UnknownTask {
            name: name.to_string(),
            nearest: nearest.into_iter().map(str::to_owned).collect(),
        })
    }

    /// The entry that [`Self::entries`] would list for a task, without listing:
    /// among a thousand tasks that makes a hundredfold difference.
    fn entry(&self, name: &TaskName) -> Option<Entry> {
        let root = &self.tasks.root;
        let file = format!("{name}.py");
        let folder = root.join(name.as_str()).is_dir();
        let script = root.join(&file);
        let script = fs::symlink_metadata(&script).is_ok() && !script.is_dir();
        (folder || script).then(|| Entry {
            file: if folder {
                name.as_str().into()
            } else {
                file.into()
            },
            stem: Some(name.to_string()),
            twin: folder && script,
        })
    }

    /// Where the task of this name is, be it valid or not: its folder, or the
    /// file of a single-file task.
    ///
    /// # Errors
    /// No such task, with similar names; or it is a link, or both a folder and
    /// a file.
    pub fn locate(&self, name: &TaskName) -> Result<PathBuf, CatalogueError> {
        let entries = self.entries()?;
        let own = |entry: &&Entry| entry.stem.as_deref() == Some(name.as_str());
        let Some(entry) = entries.iter().find(own) else {
            return self.load(name).map(|task| task.path);
        };
        let path = self.tasks.root.join(&entry.file);
        if entry.twin || path.is_symlink() {
            // Reading it says what is wrong.
            return self.load(name).map(|task| task.path);
        }
        Ok(path)
    }

    /// The environment template `images/<name>/`.
    ///
    /// # Errors
    /// No such template, with similar names; or all that is wrong with it.
    pub fn template(&self, name: &str) -> Result<Template, CatalogueError> {
        template::load(&self.images, name)
    }

    /// All environment templates, sorted by name.
    ///
    /// # Errors
    /// What is wrong with the first that is wrong.
    pub fn templates(&self) -> Result<Vec<Template>, CatalogueError> {
        template::names(&self.images.root)
            .iter()
            .map(|name| template::load(&self.images, name))
            .collect()
    }

    /// The names of the sets of requirements in `global_envs/`, sorted.
    #[must_use]
    pub fn shared_names(&self) -> Vec<String> {
        let mut names = sources::subfolders(&self.shared.root);
        names.retain(|name| name.parse::<TaskName>().is_ok());
        names
    }

    /// The folders and scripts of `tasks/`, by file name.
    fn entries(&self) -> Result<Vec<Entry>, CatalogueError> {
        let root = &self.tasks.root;
        let failed = |fault: io::Error| match fault.kind() {
            io::ErrorKind::NotFound => CatalogueError::NoTasks { path: root.clone() },
            _ => CatalogueError::io("list", root, fault),
        };
        let mut entries: Vec<Entry> = Vec::new();
        for entry in fs::read_dir(root).map_err(failed)? {
            let file = PathBuf::from(entry.map_err(failed)?.file_name());
            let shown = file.to_string_lossy();
            let hidden = shown.starts_with('.') || shown == "__pycache__";
            // Links are followed only to see whether they would be tasks.
            let folder = root.join(&file).is_dir();
            if hidden || !(folder || shown.ends_with(".py")) {
                continue;
            }
            let stem = file.to_str().map(|name| match name.strip_suffix(".py") {
                Some(stem) if !folder => stem.to_owned(),
                _ => name.to_owned(),
            });
            entries.push(Entry {
                file,
                stem,
                twin: false,
            });
        }
        entries.sort_by(|a, b| a.file.cmp(&b.file));
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for at in 0..entries.len() {
            let first = entries[at]
                .stem
                .clone()
                .and_then(|stem| seen.insert(stem, at));
            if let Some(first) = first {
                entries[first].twin = true;
                entries[at].twin = true;
            }
        }
        Ok(entries)
    }

    fn read(&self, entry: &Entry) -> Result<Task, Vec<Problem>> {
        let shown = self.tasks.shown.join(&entry.file);
        let fault = |issue| vec![Problem::of(&shown, issue)];
        let path = self.tasks.root.join(&entry.file);
        let kind = fs::symlink_metadata(&path).map_err(|error| fault(unreadable(&error)))?;
        let Some(stem) = &entry.stem else {
            return Err(fault(Issue::hinted("its name is not UTF-8", "rename it")));
        };
        let name: TaskName = stem.parse().map_err(|_| {
            fault(Issue::hinted(
                "its name is not that of a task",
                "use 1 to 63 of a-z, 0-9, `_` and `-`, beginning with a letter or digit",
            ))
        })?;
        if kind.is_symlink() {
            return Err(fault(Issue::hinted(
                "is a link",
                "put the folder itself here, or mount it here",
            )));
        }
        if entry.twin {
            return Err(fault(Issue::hinted(
                format!("a folder {stem} and a file {stem}.py would be the same task"),
                "rename one of them",
            )));
        }
        let places = Places {
            shared: &self.shared,
            images: &self.images,
        };
        if kind.is_dir() {
            task::read_folder(&sources::below(&self.tasks, stem), name, &places)
        } else {
            task::read_file(&self.tasks, &format!("{stem}.py"), name, &places)
        }
    }
}
