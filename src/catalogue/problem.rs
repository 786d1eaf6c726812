//! What can be wrong with files, said so that whoever wrote them can mend
//! them: the place, the fault, and what to do next.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// One fault in one file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "TaskProblem")]
pub struct Problem {
    /// The file as people know it: `tasks/<task>/task.toml`, or below
    /// `global_envs/` or `images/`.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A fault of the file as a whole.
    pub(super) fn of(file: &Path, issue: Issue) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            column: None,
            message: issue.message,
            hint: issue.hint,
        }
    }

    /// This fault, at a line.
    pub(super) fn at_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// This fault, at a line and column.
    pub(super) fn at(mut self, (line, column): (u32, u32)) -> Self {
        self.line = Some(line);
        self.column = Some(column);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        for place in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{place}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// A fault whose place the caller knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Issue {
    /// What is wrong.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

impl Issue {
    /// A fault that says itself what would be right.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    /// A fault with a remedy.
    pub(super) fn hinted(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    /// “did you mean `x`?”, when there is such an `x`.
    pub(super) fn suggesting(message: impl Into<String>, nearest: Option<&str>) -> Self {
        Self {
            message: message.into(),
            hint: nearest.map(|name| format!("did you mean `{name}`?")),
        }
    }
}

/// Why the catalogue could not answer.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried: `read`, `write`, …
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The folder of tasks is missing, or its disk is not mounted.
    #[error("there is no folder {} for tasks; make it, or let `runbay new <name>` make it with a first task", path.display())]
    NoTasks {
        /// Where it should be.
        path: PathBuf,
    },
    /// No task has this name.
    #[error("there is no task “{name}”{}", did_you_mean(nearest))]
    UnknownTask {
        /// The name asked for.
        name: String,
        /// Similar names that exist, best first.
        nearest: Vec<String>,
    },
    /// No schedule of the task has this key.
    #[error("{task} has no schedule “{key}”{}", did_you_mean(nearest))]
    UnknownSchedule {
        /// The task.
        task: String,
        /// The key asked for.
        key: String,
        /// Similar keys that exist, best first.
        nearest: Vec<String>,
    },
    /// No environment template has this name.
    #[error("there is no environment template “{name}”{}", did_you_mean(nearest))]
    UnknownTemplate {
        /// The name asked for.
        name: String,
        /// Similar names that exist, best first.
        nearest: Vec<String>,
    },
    /// The files are there and something in them is wrong. One problem a line.
    #[error("{}", lines(problems))]
    Invalid {
        /// All that is wrong.
        problems: Vec<Problem>,
    },
    /// A file of the task cannot become part of an image.
    #[error("{path}: {reason}")]
    Refused {
        /// The path below the task's folder; lossy where it is not UTF-8.
        path: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The task is too large to be copied into an image.
    #[error("{task} holds more than {cap}: name what a run does not need in .runbayignore")]
    TooLarge {
        /// The task.
        task: String,
        /// The cap, in words.
        cap: String,
    },
    /// A file changed between two looks at it.
    #[error("{} changed while it was being read: try again", path.display())]
    ChangedDuringRead {
        /// The file.
        path: PathBuf,
    },
}

impl CatalogueError {
    /// An error of the file system.
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

fn did_you_mean(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        names => format!(": did you mean {}?", names.join(" or ")),
    }
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}
