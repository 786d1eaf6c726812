//! What can be typed after `runbay versions` and `runbay restore`.

use crate::domain::ids::TaskName;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct VersionsArgs {
    /// The task
    pub(super) task: TaskName,
    /// Show what restoring this version would change: the beginning of its
    /// digest, of 4 digits or more
    #[arg(id = "which", value_name = "VERSION")]
    pub(super) version: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The task, which may have been deleted
    pub(super) task: TaskName,
    /// The version: the beginning of its digest, of 4 digits or more
    #[arg(id = "which", value_name = "VERSION")]
    pub(super) version: String,
    /// Only if the folder still holds this: “present” of `runbay versions --json
    /// TASK VERSION`
    #[arg(long, value_name = "DIGEST")]
    pub(super) over: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}
