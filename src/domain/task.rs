//! A task as found on disk.

use super::environment::Requirement;
use super::ids::TaskName;
use super::manifest::{Manifest, PythonVersion};
use std::fmt;
use std::path::PathBuf;

/// A folder or single file of `tasks/` that can run.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its name.
    pub name: TaskName,
    /// The folder, or the file of a single-file task.
    pub path: PathBuf,
    /// Whether `path` is a single file.
    pub single_file: bool,
    /// What it says of itself.
    pub manifest: Manifest,
    /// What a run executes.
    pub entry: Entry,
    /// Which packages it needs, and who says so.
    pub requirements: RequirementSet,
}

/// What a run executes, relative to the task's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// `python <file>`.
    Script(String),
    /// The folder itself as a package: it holds a `__main__.py`, which may use
    /// relative imports.
    Package(String),
    /// A program and its arguments.
    Command(Vec<String>),
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Script(file) => write!(f, "{file}"),
            Self::Package(name) => write!(f, "-m {name}"),
            Self::Command(argv) => write!(f, "{}", argv.join(" ")),
        }
    }
}

/// The requirements of a task and where they were found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequirementSet {
    /// Where they were found; none when the task needs no package.
    pub source: Option<RequirementSource>,
    /// The requirements.
    pub lines: Vec<Requirement>,
    /// The Python release the task names: by its manifest, or else by a
    /// `.python-version` file.
    pub python: Option<PythonVersion>,
    /// The `requires-python` of its PEP 723 block or `pyproject.toml`, as
    /// written (PEP 440), such as `>=3.11`.
    pub requires_python: Option<String>,
}

/// Where requirements were found, first of this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequirementSource {
    /// The manifest's own list.
    Manifest,
    /// The PEP 723 block of the entry (the file).
    Pep723(String),
    /// `[project] dependencies` of `pyproject.toml`.
    Pyproject,
    /// `uv.lock` beside a `pyproject.toml`.
    UvLock,
    /// A requirements file (its name).
    File(String),
    /// `global_envs/<name>/` (the name).
    Shared(String),
}

impl fmt::Display for RequirementSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest => write!(f, "task.toml"),
            Self::Pep723(file) => write!(f, "{file} (PEP 723)"),
            Self::Pyproject => write!(f, "pyproject.toml"),
            Self::UvLock => write!(f, "uv.lock"),
            Self::File(file) => write!(f, "{file}"),
            Self::Shared(name) => write!(f, "global_envs/{name}"),
        }
    }
}
