//! What can be typed after `runbay secret` and `runbay var`.

use crate::domain::ids::TaskName;
use crate::domain::secret::SecretName;
use crate::domain::variable::{Level, VariableName};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum SecretCommand {
    /// Give a secret a value, making it if there is none
    ///
    /// The value is asked for, or read from standard input or a file; a line
    /// break at its end is left out. Nobody can read it again.
    Set {
        /// The name
        name: SecretName,
        /// The file that holds the value (“-”: standard input)
        #[arg(short, long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Let this task have it (repeat for more)
        #[arg(short, long = "grant", value_name = "TASK")]
        tasks: Vec<TaskName>,
    },
    /// List secrets, and the tasks that may have them
    Ls {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a secret with its grants
    Rm {
        /// The name
        name: SecretName,
    },
    /// Let tasks have a secret
    Grant {
        /// The name
        name: SecretName,
        /// The tasks
        #[arg(required = true, value_name = "TASK")]
        tasks: Vec<TaskName>,
    },
    /// Let tasks have a secret no longer
    Revoke {
        /// The name
        name: SecretName,
        /// The tasks
        #[arg(required = true, value_name = "TASK")]
        tasks: Vec<TaskName>,
    },
    /// List the runs that were given a secret, newest first
    Runs {
        /// The name
        name: SecretName,
        /// At most so many
        #[arg(short = 'n', long, default_value_t = 20)]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Seal all with a new master key
    ///
    /// That is the last one of the key file, if another is in use; else one is made
    /// and written there. The old key is taken out of the file.
    Rotate,
    /// Print a new master key, for a key file that something else provides
    MakeKey,
    /// See whether every secret opens and every task has what it names
    Check {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Let go of all values because the master key is lost; names and grants stay
    Forget {
        /// The key is lost for good
        #[arg(long, required = true)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum VarCommand {
    /// Set a variable, of all tasks if nothing else is said
    Set {
        /// The variable and its value
        #[arg(value_name = "NAME=VALUE", value_parser = pair)]
        variable: (String, String),
        #[command(flatten)]
        whose: Whose,
    },
    /// List variables; with --task what its runs get, and where each is from
    Ls {
        /// The task
        #[arg(short = 'k', long, value_name = "TASK")]
        task: Option<TaskName>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a variable
    Rm {
        /// The name
        name: VariableName,
        #[command(flatten)]
        whose: Whose,
    },
}

#[derive(Debug, Args)]
pub(super) struct Whose {
    /// Of the tasks with this tag
    #[arg(short, long, value_name = "TAG")]
    tag: Option<String>,
    /// Of this task
    #[arg(short = 'k', long, value_name = "TASK", conflicts_with = "tag")]
    task: Option<TaskName>,
}

impl Whose {
    pub(super) fn level(self) -> Level {
        match (self.task, self.tag) {
            (Some(task), _) => Level::Task(task),
            (None, Some(tag)) => Level::Tag(tag),
            (None, None) => Level::Global,
        }
    }
}

/// Reads `NAME=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}
