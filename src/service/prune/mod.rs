//! Housekeeping: what is no longer needed, and its removal.
//!
//! # What may be removed
//! Nothing is removed for a label alone, since a container that somebody starts
//! from an image of ours inherits that image's labels, and other data folders
//! use the same engine. Each thing takes three proofs of being ours: our
//! instance label, the name or id that this database wrote down, and a row that
//! says it is over. In full:
//!
//! - A **container** if [`recover`] finds that it is left over.
//! - An anonymous **volume** if it is left over in the same way.
//! - An **image** if it is written down here, carries our instance label, is
//!   older than ten minutes (somebody may be about to use it), is not pinned,
//!   and nobody needs it. Needed are: what the present code of every task would
//!   run from, with the environment and base below; what a run that is not over
//!   uses; what the newest runs of a task ran from, as many as are asked for,
//!   while the task exists or ran within the grace; environments that a run
//!   used within the grace; and whatever a container, another name, or another
//!   image on the engine needs, whoever it belongs to. For a task whose files
//!   cannot be understood just now, its last image is needed. While the tasks
//!   folder cannot be listed, every image is.
//! - The **record** of an image that is no longer on the engine.
//! - The record of a failed build when its time is over.
//! - The **lock** file of a run that is over, or of a build that nobody is at.
//!
//! Images go children first. The engine is never asked to prune and never
//! forced: what it says is in use stays, and is reported.

mod carry_out;
mod images;
mod layers;
mod locks;
mod needs;

pub use carry_out::{Stayed, Swept, carry_out};

use super::{App, Error, recover};
use crate::domain::ids::{ContainerId, ImageId};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

/// What a person may choose.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many of the newest runs of each task keep their image.
    pub keep_runs: u32,
    /// The grace: how long an environment without a task, and the images of a
    /// task that is gone, are kept after their last use.
    pub older_than: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keep_runs: 5,
            older_than: Duration::from_secs(30 * 86_400),
        }
    }
}

/// One thing that is no longer needed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Item {
    /// `container`, `volume`, `image`, `records`, `failures` or `locks`.
    pub kind: Cow<'static, str>,
    /// Its id or name; empty for a group of small things.
    pub id: String,
    /// What it is, for people.
    pub what: String,
    /// Why it is not needed.
    pub reason: String,
    /// What its removal frees, bytes, when all before it in the list is
    /// removed too; 0 where the engine does not tell.
    pub bytes: u64,
    /// What its removal does; none in a plan that another process made.
    #[serde(skip)]
    target: Option<Target>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Container(ContainerId),
    Volume(String),
    Image(ImageId),
    Records(Vec<ImageId>),
    Failures(DateTime<Utc>),
    Locks(Vec<PathBuf>),
}

/// An image that stays.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// What it is, for people.
    pub what: String,
    /// Who needs it.
    pub reason: String,
    /// Its size, bytes, with the layers it shares with others.
    pub bytes: u64,
}

/// What would be done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
pub struct Plan {
    /// What goes, in this order.
    pub remove: Vec<Item>,
    /// Images of ours that stay.
    pub keep: Vec<Kept>,
    /// What is freed altogether, bytes; layers count once.
    pub bytes: u64,
    /// Whether `bytes` is exact. If not, it is at most that.
    pub exact: bool,
    /// What people should know besides.
    pub notes: Vec<String>,
}

/// Finds what is no longer needed. Changes nothing.
///
/// # Errors
/// When the engine, the database or the data folder cannot be read.
pub async fn plan(app: &App, options: Options) -> Result<Plan, Error> {
    let now = Utc::now();
    let mut plan = Plan {
        exact: true,
        ..Plan::default()
    };
    let going = containers(app, &mut plan).await?;
    images::add(app, options, &going, &mut plan).await?;
    let ttl = app.config.build.failure_ttl.0;
    let since = now - TimeDelta::from_std(ttl).unwrap_or(TimeDelta::MAX);
    let failures = app.store.failures_before(since).await?;
    if failures > 0 {
        plan.remove.push(Item {
            kind: "failures".into(),
            id: String::new(),
            what: format!("{} of failed builds", counted(failures, "record")),
            reason: "their builds may be tried again".to_owned(),
            bytes: 0,
            target: Some(Target::Failures(since)),
        });
    }
    let stale = locks::stale(app).await?;
    if !stale.is_empty() {
        plan.remove.push(Item {
            kind: "locks".into(),
            id: String::new(),
            what: counted(stale.len() as u64, "lock file"),
            reason: "their runs and builds are over".to_owned(),
            bytes: 0,
            target: Some(Target::Locks(stale)),
        });
    }
    plan.bytes = plan.remove.iter().map(|item| item.bytes).sum();
    Ok(plan)
}

/// Adds containers and volumes; returns the containers that are going.
async fn containers(app: &App, plan: &mut Plan) -> Result<HashSet<ContainerId>, Error> {
    let mut going = HashSet::new();
    let mut runs = HashSet::new();
    for container in recover::leftovers(app).await? {
        let run = recover::run_of(&container.labels);
        runs.extend(run);
        going.insert(container.id.clone());
        plan.remove.push(Item {
            kind: "container".into(),
            id: container.id.0.clone(),
            what: format!("container {}", container.name),
            reason: match run {
                Some(run) => format!("run {} is over", run.short()),
                None => "its build is over".to_owned(),
            },
            bytes: 0,
            target: Some(Target::Container(container.id)),
        });
    }
    for (run, volume) in recover::leftover_volumes(app).await? {
        // Those of a container go with it.
        if runs.contains(&run) {
            continue;
        }
        plan.remove.push(Item {
            kind: "volume".into(),
            id: volume.name.clone(),
            what: format!("volume {}", &volume.name[..12]),
            reason: format!("run {} is over", run.short()),
            bytes: 0,
            target: Some(Target::Volume(volume.name)),
        });
    }
    Ok(going)
}

fn counted(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
