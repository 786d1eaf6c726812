//! What can be typed after `runbay schedule`.

use crate::domain::ids::TaskName;
use crate::domain::retry::Overlap;
use crate::domain::schedule::CatchUp;
use crate::domain::size::Span;
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum ScheduleCommand {
    /// List schedules: when, next, and what became of the last slot
    Ls {
        /// Only those of this task
        task: Option<TaskName>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show when schedules are due next, or when a rule would be
    Next(NextArgs),
    /// Write a schedule into a task's manifest
    ///
    /// WHEN is a time (“06:00”, “MON 08:00”, “15 09:30”), an interval (“@every
    /// 15m”), or a cron pattern (“0 6 * * MON-FRI”). A schedule of the same
    /// name, or else of the same rule, is changed in what is said here.
    Set(Box<SetArgs>),
    /// Remove a schedule from a task's manifest
    Rm(Which),
    /// Let a schedule rest, or all of them
    Pause(WhichOrAll),
    /// Let a schedule go on, or all of them
    Resume(WhichOrAll),
    /// Show slots that have no run and why; with --run, make up for some
    Missed(MissedArgs),
}

#[derive(Debug, Args)]
pub(super) struct Which {
    /// The task
    pub(super) task: TaskName,
    /// The schedule: its name, or its rule; needed when there are several
    #[arg(value_name = "SCHEDULE")]
    pub(super) key: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct WhichOrAll {
    /// The task
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(super) task: Option<TaskName>,
    /// The schedule: its name, or its rule; needed when there are several
    #[arg(value_name = "SCHEDULE")]
    pub(super) key: Option<String>,
    /// All schedules there are
    #[arg(long)]
    pub(super) all: bool,
}

#[derive(Debug, Args)]
pub(super) struct NextArgs {
    /// The task; all if none is named
    #[arg(conflicts_with = "when")]
    pub(super) task: Option<TaskName>,
    /// The schedule: its name, or its rule
    #[arg(value_name = "SCHEDULE")]
    pub(super) key: Option<String>,
    /// A rule that need not be anybody's
    #[arg(long, value_name = "WHEN")]
    pub(super) when: Option<String>,
    /// The zone of that rule
    #[arg(long, value_name = "ZONE", requires = "when")]
    pub(super) timezone: Option<String>,
    /// How many slots
    #[arg(short = 'n', long, default_value_t = 5)]
    pub(super) number: usize,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// The task
    pub(super) task: TaskName,
    /// The rule
    pub(super) when: String,
    /// Its name
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Write it in the place of this schedule
    #[arg(long, value_name = "SCHEDULE")]
    pub(super) replace: Option<String>,
    /// The time zone
    #[arg(long, value_name = "ZONE")]
    pub(super) timezone: Option<String>,
    /// What it does while runs of the task are not over: skip, queue, replace
    /// or allow
    #[arg(long)]
    pub(super) overlap: Option<Overlap>,
    /// What happens with missed slots: none, latest or all
    #[arg(long)]
    pub(super) catch_up: Option<CatchUp>,
    /// How late a missed slot may be made up for
    #[arg(long, value_name = "SPAN")]
    pub(super) catch_up_window: Option<Span>,
    /// How many missed slots are made up for at most, with --catch-up all
    #[arg(long, value_name = "N")]
    pub(super) catch_up_max: Option<u32>,
    /// Delay each run by chance, up to so much
    #[arg(long, value_name = "SPAN")]
    pub(super) jitter: Option<Span>,
    /// Nothing before this day or time
    #[arg(long, value_name = "TIME")]
    pub(super) start: Option<String>,
    /// Nothing after this day or time
    #[arg(long, value_name = "TIME")]
    pub(super) end: Option<String>,
    /// A day, a range of days, weekends, weekdays or a calendar to leave out
    #[arg(long, value_name = "DAYS")]
    pub(super) exclude: Vec<String>,
    /// A parameter
    #[arg(short, long = "param", value_name = "NAME=VALUE", value_parser = super::secret_args::pair)]
    pub(super) params: Vec<(String, String)>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct MissedArgs {
    /// Only slots of this task
    pub(super) task: Option<TaskName>,
    /// Only slots of this schedule
    #[arg(value_name = "SCHEDULE")]
    pub(super) key: Option<String>,
    /// Also slots that have a run
    #[arg(short, long)]
    pub(super) all: bool,
    /// Make a run for each of the newest N missed slots
    #[arg(long, value_name = "N", requires = "task", conflicts_with = "all")]
    pub(super) run: Option<u32>,
    /// How many lines at most
    #[arg(short = 'n', long, default_value_t = 20)]
    pub(super) limit: u32,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}
