//! What can be typed after `runbay env`.

use crate::domain::ids::TaskName;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum EnvCommand {
    /// List environments
    Ls {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what is in an environment
    Show {
        /// A task, or the beginning of a key
        #[arg(value_name = "TASK|KEY")]
        what: String,
        /// Print the lock as it is
        #[arg(long, conflicts_with = "json")]
        lock: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask the index for newer packages, and take them if you agree
    Update {
        /// The task
        task: TaskName,
        /// Agree beforehand
        #[arg(short, long)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Compare the packages of two environments, or of an environment with its
    /// lock before
    Diff {
        /// A task, the beginning of a key, or a run
        #[arg(value_name = "TASK|KEY|RUN")]
        from: String,
        /// The other one
        #[arg(value_name = "TASK|KEY|RUN")]
        to: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the exact packages of a task as requirements.txt
    Freeze {
        /// The task
        task: TaskName,
        /// Write them into the task's requirements file
        #[arg(short, long)]
        write: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// See whether the requirements of a task can be met; nothing is installed
    Validate {
        /// The task
        task: TaskName,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}
