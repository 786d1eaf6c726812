//! What can be typed after `runbay prune`, `runbay image` and `runbay backup`.

use crate::domain::size::Span;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct PruneArgs {
    /// Only say what would be removed, and what stays and why
    #[arg(short = 'n', long)]
    pub(super) dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    /// How many of the newest runs of each task keep their image, instead of
    /// keep.images
    #[arg(long, value_name = "N")]
    pub(super) keep_runs: Option<u32>,
    /// How long after their last use environments of no task are kept, instead of
    /// keep.unused
    #[arg(long, value_name = "SPAN")]
    pub(super) older_than: Option<Span>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ImageCommand {
    /// List images, the newest first
    Ls {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Keep an image whatever housekeeping thinks, with all it is made of
    Pin {
        /// The beginning of its id, 4 digits or more
        image: String,
    },
    /// Let housekeeping decide again
    Unpin {
        /// The beginning of its id, 4 digits or more
        image: String,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct BackupArgs {
    /// The file to make; “-” writes to standard output
    #[arg(required = true)]
    pub(super) file: Option<PathBuf>,
    /// Also logs, and the files kept from runs
    #[arg(long)]
    pub(super) logs: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Option<BackupCommand>,
}

#[derive(Debug, Subcommand)]
pub(super) enum BackupCommand {
    /// List the backups that the service made by itself
    Ls {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Read a whole backup and say whether it is sound
    Check {
        /// The backup; “-” reads standard input
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Put a backup into --home (default: this folder); schedules stay paused until
    /// you let them go on
    Restore {
        /// The backup; “-” reads standard input
        file: PathBuf,
        /// Only the database and the kept code; tasks and settings stay as they are
        #[arg(long)]
        database: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}
