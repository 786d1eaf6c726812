//! What can be typed.

use super::access_args::{AuditArgs, TokenCommand, UserCommand};
use super::env_args::EnvCommand;
use super::hook_args::{HookCommand, ReportArgs};
use super::keeping_args::{BackupArgs, ImageCommand, PruneArgs};
use super::schedule_args::ScheduleCommand;
use super::secret_args::{SecretCommand, VarCommand, pair};
use super::trigger::TriggerCommand;
use super::versions_args::{RestoreArgs, VersionsArgs};
use crate::config::Overrides;
use crate::domain::ids::{RunId, TaskName};
use crate::domain::manifest::EnvironmentRef;
use crate::service::create::Start;
use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// Runs Python scripts, each in a fresh, hardened, throwaway container.
#[derive(Debug, Parser)]
#[command(
    name = "runbay",
    version,
    disable_help_subcommand = true,
    propagate_version = true
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Clone, Args)]
pub(super) struct Global {
    /// The folder that holds tasks/ (default: this one or the nearest above it
    /// with a runbay.toml or tasks/)
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(super) home: Option<PathBuf>,
    /// Ask the service at this address, instead of working on a folder
    /// [env: RUNBAY_URL]; RUNBAY_TOKEN or RUNBAY_TOKEN_FILE lets in
    #[arg(long, global = true, value_name = "URL", conflicts_with = "home")]
    pub(super) url: Option<String>,
    /// Say more about what is done (twice: even more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

impl Global {
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            home: self.home.clone(),
            ..Overrides::default()
        }
    }
}

#[derive(Debug, Subcommand)]
// Arguments of commands that are not asked for are never made.
#[command(defer = true)]
pub(super) enum Command {
    /// Run a task and show its output as it comes
    Run(RunArgs),
    /// Run again what an earlier run did, with the same parameters
    Rerun(RerunArgs),
    /// Show the output of a run
    Logs(LogsArgs),
    /// List runs that are going on, or with --all the latest
    Ps(PsArgs),
    /// Stop runs
    Cancel {
        /// Runs: ids, tasks, or “last”
        #[arg(required = true, value_name = "RUN")]
        runs: Vec<String>,
    },
    /// Keep runs whatever housekeeping thinks, with their logs, files and code
    Pin {
        /// Runs: ids, tasks for their last, or “last”
        #[arg(required = true, value_name = "RUN")]
        runs: Vec<String>,
    },
    /// Let housekeeping decide again about runs that are pinned
    Unpin {
        /// Runs: ids, tasks for their last, or “last”
        #[arg(required = true, value_name = "RUN")]
        runs: Vec<String>,
    },
    /// List tasks, and what is no task and why
    Ls(LsArgs),
    /// Show all that is known of a task or a run
    Show(ShowArgs),
    /// List the versions of a task's code, or show what restoring one would change
    Versions(VersionsArgs),
    /// Bring a version of a task's code back; what the folder holds is kept
    Restore(RestoreArgs),
    /// Look for mistakes in tasks; nothing is run or built
    Check(CheckArgs),
    /// Begin a task
    New(NewArgs),
    /// Build the images of tasks; nothing is run
    Build(BuildArgs),
    /// Look at environments and their locks, and renew them
    #[command(subcommand)]
    Env(EnvCommand),
    /// Say when tasks run by themselves, and see what became of it
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Keep secrets, and say which tasks may have them
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Set plain variables of all tasks, of a tag, or of one task
    #[command(subcommand)]
    Var(VarCommand),
    /// Say who is told of what happens: webhooks, pings, mail
    #[command(subcommand)]
    Hook(HookCommand),
    /// Make addresses at which other services start runs
    #[command(subcommand)]
    Trigger(TriggerCommand),
    /// Show the report of the last 24 hours, as it is mailed
    Report(ReportArgs),
    /// Print the JSON Schema of task.toml
    Schema,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the versions of Runbay and of the engine
    Version {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Serve: drive the queue, fire schedules, answer the web UI and the API
    Serve(ServeArgs),
    /// Say whether the service of this folder can do its work; for supervisors
    Health,
    /// Make users, and say what they may do
    #[command(subcommand)]
    User(UserCommand),
    /// Make tokens for programs, and revoke them
    #[command(subcommand)]
    Token(TokenCommand),
    /// Show what was done and by whom, and whether the log of it is sound
    Audit(AuditArgs),
    /// Look at this machine, the engine and the settings, and say what to mend
    Doctor(DoctorArgs),
    /// Remove what is no longer needed: images, old runs and logs, and what crashes
    /// left behind
    Prune(PruneArgs),
    /// List images, and keep some whatever housekeeping thinks
    #[command(subcommand)]
    Image(ImageCommand),
    /// Copy all that people made and all that is remembered into one file, and put
    /// it back
    Backup(BackupArgs),
    /// Drive a run whose command is gone
    #[command(hide = true)]
    Drive {
        /// The run
        run: RunId,
    },
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The task
    pub(super) task: TaskName,
    /// A parameter
    #[arg(short, long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) params: Vec<(String, String)>,
    #[command(flatten)]
    pub(super) how: HowArgs,
    /// Arguments for the script
    #[arg(last = true)]
    pub(super) args: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct RerunArgs {
    /// The run: an id, a task for its last run, or “last”
    #[arg(default_value = "last")]
    pub(super) run: String,
    /// Use the very image of that run, not the task's present code
    #[arg(long)]
    pub(super) same_image: bool,
    #[command(flatten)]
    pub(super) how: HowArgs,
}

#[derive(Debug, Clone, Args)]
pub(super) struct HowArgs {
    /// A secret: NAME (from the environment variable of that name) or
    /// NAME=@FILE
    #[arg(short, long = "secret", value_name = "NAME[=@FILE]")]
    pub(super) secrets: Vec<String>,
    /// Do not wait: print the run's id and leave it running
    #[arg(short, long)]
    pub(super) detach: bool,
    /// If this command is killed, let the run go on instead of cancelling it
    #[arg(short, long)]
    pub(super) keep: bool,
    /// Print events as JSON, one object a line
    #[arg(long)]
    pub(super) json: bool,
    /// Print nothing but the script's output
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Where to listen, instead of server.bind; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) bind: Option<std::net::SocketAddr>,
    /// Let other machines in, as server.expose = true does
    #[arg(long)]
    pub(super) expose: bool,
    /// The data folder was moved or restored: what runs on the engine for it
    /// belongs here from now on
    #[arg(long)]
    pub(super) takeover: bool,
}

#[derive(Debug, Args)]
pub(super) struct LogsArgs {
    /// The run: an id, a task for its last run, or “last”
    #[arg(default_value = "last")]
    pub(super) run: String,
    /// Go on until the run is over
    #[arg(short, long)]
    pub(super) follow: bool,
    /// Only the last lines
    #[arg(short = 'n', long, value_name = "LINES")]
    pub(super) tail: Option<u64>,
    /// The log of this attempt instead of the newest
    #[arg(long, value_name = "NUMBER")]
    pub(super) attempt: Option<u32>,
    /// Begin each line with its time (UTC)
    #[arg(short, long)]
    pub(super) timestamps: bool,
    /// Print lines as JSON, one object a line
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct PsArgs {
    /// Also runs that are over
    #[arg(short, long)]
    pub(super) all: bool,
    /// Only runs that are pinned, also those that are over
    #[arg(long)]
    pub(super) pinned: bool,
    /// Only runs of this task
    #[arg(short, long, value_name = "TASK")]
    pub(super) task: Option<TaskName>,
    /// At most so many
    #[arg(short = 'n', long, default_value_t = 20)]
    pub(super) limit: u32,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct LsArgs {
    /// Only tasks with this tag
    #[arg(short, long, value_name = "TAG")]
    pub(super) tag: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// A task; else a run: an id, or “last”
    #[arg(value_name = "TASK|RUN")]
    pub(super) what: String,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The tasks; all if none is named
    #[arg(value_name = "TASK")]
    pub(super) tasks: Vec<TaskName>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// The name of the task
    pub(super) name: TaskName,
    /// What it begins with
    #[arg(short, long, value_enum, default_value_t = Start::Script)]
    pub(super) template: Start,
    /// The environment it names: a folder of images/, or `shared:<name>`
    #[arg(short, long, value_parser = |text: &str| EnvironmentRef::try_from(text.to_owned()))]
    pub(super) environment: Option<EnvironmentRef>,
}

impl ValueEnum for Start {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Script => "a script and a manifest",
            Self::Pep723 => "one file, with its packages in it",
            Self::Report => "a script with a package, kept files and a result",
            Self::Params => "a script with parameters",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// The tasks; all if none is named
    #[arg(value_name = "TASK")]
    pub(super) tasks: Vec<TaskName>,
    /// Build environments anew although they are there: from the same lock, on
    /// the base of today
    #[arg(long)]
    pub(super) fresh: bool,
    /// Print events as JSON, one object a line
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}
