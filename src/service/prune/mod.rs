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
//! - A **run** that ended more than ten minutes ago, if there are more than
//!   `keep.runs` newer ones of its task, or if it is older than `keep.age` and not
//!   among the newest ten. The last success of a task stays in any case: it is
//!   what a failure is compared with. With the run goes all that is below.
//! - The **log** and the **artifacts** of a run that ended more than ten minutes
//!   ago, if it is older than `keep.logs` or `keep.artifacts`; the log of the last
//!   build for a task that is gone, after the grace.
//! - A **version** of a task's code, if the task has more than `keep.versions`
//!   newer ones, no run that is kept ran it, and nobody asked for it in the last
//!   hour; with it the files that no other version has.
//! - The **downloads** that builds share, when they are older than `keep.cache`
//!   and nobody builds.
//!
//! While less than `keep.low_space` is free on the disk of the data folder, there
//! go besides, in this order and only until `keep.enough_space` is free: every
//! image that only the newest runs or the grace keep, for it can be built again;
//! the downloads; then logs and artifacts of runs that are over, the oldest first,
//! but for the last run of each task. An image that is pinned stays.
//!
//! A run that is **pinned** stays, however old or many and however full the disk is,
//! with its rows, its log, its artifacts and the version of its code. Its image may
//! go like any other, for it can be built again.
//!
//! # What is left alone
//! What carries our label and is not in this database belongs to a newer copy of
//! it, as after an old one was restored: containers, images, logs and artifacts of
//! such runs are told of and stay. Images go children first. The engine is never
//! asked to prune and never forced: what it says is in use stays, and is reported.

mod cache;
mod carry_out;
mod images;
mod layers;
mod locks;
mod needs;
mod pressure;
mod runs;
mod versions;

pub use carry_out::{Stayed, Swept, carry_out};
pub use pressure::is_low;

use super::{App, Error, recover};
use crate::domain::counted;
use crate::domain::ids::{ContainerId, ImageId};
use crate::store::SurplusVersion;
use chrono::{DateTime, TimeDelta, Utc};
use runs::Leavings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

/// What a person may choose; else the settings say.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// How many of the newest runs of each task keep their image; none is
    /// `keep.images`.
    pub keep_runs: Option<u32>,
    /// The grace: how long an environment without a task, and the images of a
    /// task that is gone, are kept after their last use; none is `keep.unused`.
    pub older_than: Option<Duration>,
}

/// [`Options`] with the settings filled in.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    keep_runs: u32,
    older_than: Duration,
}

impl Bounds {
    fn of(app: &App, options: Options) -> Self {
        let keep = &app.settings().keep;
        Self {
            keep_runs: options.keep_runs.unwrap_or(keep.images),
            older_than: options.older_than.unwrap_or(keep.unused.0),
        }
    }
}

/// One thing that is no longer needed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Item {
    /// `container`, `volume`, `image`, `records`, `failures`, `locks`, `runs`,
    /// `logs`, `artifacts`, `versions` or `downloads`.
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
    /// It goes only while the disk is nearly full.
    #[serde(skip)]
    for_room: bool,
    /// Things next to each other that have the same number do not need one
    /// another, and may go at once; none goes alone.
    #[serde(skip)]
    beside: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Container(ContainerId),
    Volume(String),
    Image(ImageId),
    Records(Vec<ImageId>),
    Failures(DateTime<Utc>),
    Locks(Vec<PathBuf>),
    Runs(Vec<Leavings>),
    Logs(Vec<Leavings>),
    Artifacts(Vec<Leavings>),
    BuildLogs(Vec<PathBuf>),
    Versions(Vec<SurplusVersion>),
    Downloads(String),
}

impl Item {
    /// Something of this kind; the rest is filled in.
    fn new(kind: &'static str, what: String, reason: impl Into<String>, target: Target) -> Self {
        Self {
            kind: kind.into(),
            id: String::new(),
            what,
            reason: reason.into(),
            bytes: 0,
            target: Some(target),
            for_room: false,
            beside: None,
        }
    }

    /// Which may go at once with its neighbours of this number.
    fn beside(mut self, others: usize) -> Self {
        self.beside = Some(others);
        self
    }

    /// The runs whose files go with it.
    fn runs(&self) -> impl Iterator<Item = crate::domain::ids::RunId> {
        let of: &[Leavings] = match &self.target {
            Some(Target::Runs(of) | Target::Logs(of) | Target::Artifacts(of)) => of,
            _ => &[],
        };
        of.iter().map(|one| one.run)
    }

    /// With this id.
    fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Whose removal frees so much.
    fn freeing(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }
}

/// An image, or a run that is pinned, that stays.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// What it is, for people.
    pub what: String,
    /// Who needs it.
    pub reason: String,
    /// Its size, bytes: of an image with the layers it shares with others, of a run
    /// the size of its log and files.
    pub bytes: u64,
}

/// What would be done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
pub struct Plan {
    /// What goes, in this order.
    pub remove: Vec<Item>,
    /// Images of ours that stay, and runs that are pinned.
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
    let bounds = Bounds::of(app, options);
    let mut plan = Plan {
        exact: true,
        ..Plan::default()
    };
    let going = containers(app, &mut plan).await?;
    let tasks = images::add(app, bounds, &going, &mut plan).await?;
    records(app, &mut plan).await?;
    cache::add(app, &mut plan).await?;
    let left = runs::look(app).await?;
    runs::add(app, &left, &mut plan).await?;
    if let Some(tasks) = tasks {
        runs::build_logs(app, &tasks, bounds, &mut plan)?;
    }
    versions::add(app, &mut plan).await?;
    pressure::add(app, (&left, &going), &mut plan).await?;
    runs::tell_pinned(&left, &mut plan);
    plan.bytes = plan.remove.iter().map(|item| item.bytes).sum();
    Ok(plan)
}

/// Adds what is small: records of failures, and lock files.
async fn records(app: &App, plan: &mut Plan) -> Result<(), Error> {
    let ttl = app.config.build.failure_ttl.0;
    let since = Utc::now() - TimeDelta::from_std(ttl).unwrap_or(TimeDelta::MAX);
    let failures = app.store.failures_before(since).await?;
    if failures > 0 {
        let what = format!("{} of failed builds", counted(failures, "record"));
        let why = "their builds may be tried again";
        let target = Target::Failures(since);
        plan.remove.push(Item::new("failures", what, why, target));
    }
    let stale = locks::stale(app).await?;
    if !stale.is_empty() {
        let what = counted(stale.len(), "lock file");
        let why = "their runs and builds are over";
        plan.remove
            .push(Item::new("locks", what, why, Target::Locks(stale)));
    }
    Ok(())
}

/// Adds containers and volumes; returns the containers that are going.
async fn containers(app: &App, plan: &mut Plan) -> Result<HashSet<ContainerId>, Error> {
    let mut going = HashSet::new();
    let mut runs = HashSet::new();
    let found = recover::leftovers(app).await?;
    for container in found.over {
        let run = recover::run_of(&container.labels);
        runs.extend(run);
        going.insert(container.id.clone());
        let why = match run {
            Some(run) => format!("run {} is over", run.short()),
            None => "its build is over".to_owned(),
        };
        let what = format!("container {}", container.name);
        let id = container.id.0.clone();
        let target = Target::Container(container.id);
        let item = Item::new("container", what, why, target).with_id(id);
        plan.remove.push(item.beside(0));
    }
    if !found.unknown.is_empty() {
        let names: Vec<_> = found.unknown.iter().map(|c| c.name.as_str()).collect();
        plan.notes.push(format!(
            "left alone, since this database does not know their runs, though the label is ours: {} (`docker rm` removes them)",
            some_of(&names)
        ));
    }
    for (run, volume) in recover::leftover_volumes(app).await? {
        // Those of a container go with it.
        if runs.contains(&run) {
            continue;
        }
        let what = format!("volume {}", &volume.name[..12]);
        let why = format!("run {} is over", run.short());
        let target = Target::Volume(volume.name.clone());
        let item = Item::new("volume", what, why, target).with_id(volume.name);
        plan.remove.push(item.beside(1));
    }
    Ok(going)
}

/// The first of some names, and how many more there are.
fn some_of(names: &[&str]) -> String {
    match names.len() {
        0..=5 => names.join(" "),
        all => format!("{} and {} more", names[..5].join(" "), all - 5),
    }
}
