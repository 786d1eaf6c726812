//! What can be typed after `runbay hook` and `runbay report`.

use crate::domain::hook::{
    Daily, DeliveryState, HookEvent, HookKind, HookName, HookSpec, time_of_day,
};
use crate::domain::ids::TaskName;
use crate::domain::run::Outcome;
use crate::domain::secret::SecretName;
use chrono::NaiveTime;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum HookCommand {
    /// List hooks and how they stand
    Ls {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Have somebody told of what happens
    ///
    /// Failures and recoveries of all tasks, if nothing else is said; with
    /// healthchecks the start and the end of each run.
    Add {
        /// Its name
        name: HookName,
        /// standard, slack, discord, teams, ntfy, healthchecks or email
        #[arg(short, long, default_value = "standard")]
        kind: HookKind,
        #[command(flatten)]
        what: What,
    },
    /// Change what is named of a hook
    Edit {
        /// Its name
        name: HookName,
        #[command(flatten)]
        what: What,
        /// Tell it again, or nothing any more
        #[arg(long, value_name = "true|false")]
        enabled: Option<bool>,
    },
    /// Show a hook
    Show {
        /// Its name
        name: HookName,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a hook with its deliveries
    Rm {
        /// Its name
        name: HookName,
    },
    /// Send something now, to see whether it arrives
    Test {
        /// Its name
        name: HookName,
    },
    /// List what was sent, newest first; of one delivery each try
    Log {
        /// Its name
        name: HookName,
        /// The delivery, by its id
        #[arg(conflicts_with_all = ["state", "limit"])]
        id: Option<String>,
        /// Only what is waiting, delivered or dead
        #[arg(long)]
        state: Option<DeliveryState>,
        /// At most so many
        #[arg(short = 'n', long, default_value_t = 20)]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send again what was given up, or one delivery
    Redeliver {
        /// Its name
        name: HookName,
        /// The delivery, by its id
        id: Option<String>,
    },
}

/// What a hook is; a list that is named replaces the one before.
#[derive(Debug, Args)]
pub(super) struct What {
    /// Where it is sent: an address of the web, or of mail (repeat for more people)
    #[arg(long, value_name = "ADDRESS")]
    to: Vec<String>,
    /// The secret that holds the address, where that is itself a key
    #[arg(long, value_name = "SECRET", conflicts_with = "to")]
    to_secret: Option<SecretName>,
    /// The secret that signs (whsec_…), or of ntfy the access token
    #[arg(long, value_name = "SECRET")]
    secret: Option<SecretName>,
    /// What is told, such as run.failed (repeat for more)
    #[arg(short, long = "event", value_name = "EVENT")]
    events: Vec<HookEvent>,
    /// Only of this task (repeat for more)
    #[arg(short = 't', long = "task", value_name = "TASK")]
    tasks: Vec<TaskName>,
    /// Only of tasks with this tag (repeat for more)
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Only of runs that ended so (repeat for more)
    #[arg(long = "outcome", value_name = "OUTCOME")]
    outcomes: Vec<Outcome>,
    /// Tell every failure, not only the 1st, 10th, 100th … of a row
    #[arg(long)]
    every_failure: bool,
    /// The file with a template of what is sent
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// How many of the last lines of a log are in a mail
    #[arg(long)]
    lines: Option<u16>,
    /// Mail a report of the last 24 hours at this time of day
    #[arg(long, value_name = "HH:MM", value_parser = time_of_day)]
    daily: Option<NaiveTime>,
    /// The zone of that time
    #[arg(long, value_name = "ZONE", requires = "daily")]
    timezone: Option<String>,
}

impl What {
    /// Changes what is named. Mail with nothing but a time is a report and no
    /// alerts.
    pub(super) fn apply(self, spec: &mut HookSpec, template: Option<String>, new: bool) {
        let mail = spec.kind == HookKind::Email;
        if mail && !self.to.is_empty() {
            spec.to = self.to;
        } else if !self.to.is_empty() || self.to_secret.is_some() {
            let mut to = self.to;
            (spec.url, spec.url_secret) = (to.pop(), self.to_secret);
            // More than one is refused where the hook is checked.
            spec.to = to;
        }
        if self.secret.is_some() {
            spec.secret = self.secret;
        }
        if !self.events.is_empty() {
            spec.events = self.events.into_iter().collect();
        } else if new && self.daily.is_some() {
            spec.events.clear();
        }
        if !self.tasks.is_empty() || !self.tags.is_empty() {
            spec.tasks = self.tasks.into_iter().collect();
            spec.tags = self.tags.into_iter().collect();
        }
        if !self.outcomes.is_empty() {
            spec.outcomes = self.outcomes;
        }
        spec.every_failure |= self.every_failure;
        spec.template = template.or(spec.template.take());
        spec.lines = self.lines.unwrap_or(spec.lines);
        if let Some(at) = self.daily {
            let timezone = self.timezone;
            spec.daily = Some(Daily { at, timezone });
        }
    }

    /// The template, read from its file.
    pub(super) fn template(&self) -> Result<Option<String>, crate::service::Error> {
        let Some(path) = &self.template else {
            return Ok(None);
        };
        let what = format!("the template in {} cannot be read", path.display());
        let read = std::fs::read_to_string(path);
        read.map(Some).map_err(crate::service::Error::io(what))
    }
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Print the HTML as it is mailed, instead of the plain text
    #[arg(long)]
    pub(super) html: bool,
    /// Write the HTML into a file, to look at it with a browser
    #[arg(long, value_name = "FILE")]
    pub(super) preview: Option<PathBuf>,
}
