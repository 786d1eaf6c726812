//! The catalogue against folders as people leave them.

mod edits;
mod manifests;
mod metadata;
mod params;
mod recall;
mod requirements;
mod schedules;
mod sources;
mod tasks;
mod trees;

use super::{Catalogue, CatalogueError, Found};
use crate::domain::task::Task;
use std::fs;
use std::path::{Path, PathBuf};

/// A fresh place with `tasks/`, `global_envs/` and `images/`.
pub(super) struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["tasks", "global_envs", "images"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        Self { dir }
    }

    /// Writes a file, folders above it included.
    pub(super) fn put(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(super) fn catalogue(&self) -> Catalogue {
        let path = |name: &str| self.dir.path().join(name);
        Catalogue::new(path("tasks"), path("global_envs"), path("images"))
    }

    pub(super) fn load(&self, name: &str) -> Result<Task, CatalogueError> {
        self.catalogue().load(&name.parse().unwrap())
    }

    pub(super) fn task(&self, name: &str) -> Task {
        self.load(name).unwrap_or_else(|fault| panic!("{fault}"))
    }

    /// All that is wrong with a task, a line each.
    pub(super) fn faults(&self, name: &str) -> String {
        self.load(name).unwrap_err().to_string()
    }
}

pub(super) fn name_of(found: &Found) -> String {
    let path = match found {
        Found::Task(task) => &task.path,
        Found::NotATask { path, .. } => path,
    };
    file_name(path)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The texts of a task's requirements.
pub(super) fn texts(task: &Task) -> Vec<&str> {
    let lines = &task.requirements.lines;
    lines.iter().map(|line| line.text.as_str()).collect()
}
