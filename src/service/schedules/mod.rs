//! Schedules: what manifests say about when, held against what the database
//! remembers.
//!
//! The folder is the source of truth. [`sync()`] brings changes of manifests into
//! the database, [`claim()`] decides about every slot that is due, and each slot
//! has a line in the ledger for good, with its run or with the reason why there
//! is none. Time is an argument everywhere: nothing here reads a clock.

mod claim;
mod edit;
mod missed;
mod sync;
#[cfg(test)]
mod tests;
mod view;

pub use crate::store::LedgerFilter;
pub use claim::{claim, rewind};
pub use edit::{remove, set, set_simple};
pub use missed::make_up;
pub use sync::{Looked, Seen, sync, sync_task};
pub use view::{Preview, ScheduleView, find, ledger, list, preview};

use super::error::Field;
use super::{App, Error};
use crate::catalogue::{read_calendar, schedule_key};
use crate::config::Config;
use crate::domain::ids::TaskName;
use crate::domain::schedule::{Schedule, ScheduleRow};
use crate::domain::task::Task;
use crate::time::{Fault, Plan, Zone};
use chrono::{DateTime, Utc};
use std::cell::RefCell;

/// Pauses a schedule, or lets it go on; what comes due meanwhile is skipped.
/// `false` when it was so already.
///
/// # Errors
/// When there is no such schedule.
pub async fn pause(
    app: &App,
    (task, key): (&TaskName, &str),
    paused_at: Option<DateTime<Utc>>,
) -> Result<bool, Error> {
    let row = find(app, task, key).await?;
    Ok(app.store.pause_schedule(row.id, paused_at).await?)
}

/// Pauses all schedules, or ends that; those that are paused by themselves stay
/// so. `false` when it was so already.
///
/// # Errors
/// When the database fails.
pub async fn pause_all(app: &App, paused_at: Option<DateTime<Utc>>) -> Result<bool, Error> {
    Ok(app.store.pause_all(paused_at).await?)
}

/// What a look at a schedule found, without a database.
#[derive(Debug)]
pub struct Look {
    /// What tells it from the others of its task.
    pub key: String,
    /// Why it cannot be used: a calendar that is not there, in the main.
    pub problem: Option<Fault>,
    /// What is odd about its times of day in the next two years.
    pub notes: Vec<Fault>,
}

/// Looks at the schedules of a task.
#[must_use]
pub fn look(config: &Config, task: &Task, now: DateTime<Utc>) -> Vec<Look> {
    let each = task.manifest.schedules.iter().filter_map(|schedule| {
        // Rules that are wrong are the catalogue's to tell of.
        let key = schedule_key(schedule).ok()?;
        let plan = understood(config, schedule, config.timezone, "");
        Some(Look {
            key,
            notes: plan.as_ref().map(|plan| plan.lint(now)).unwrap_or_default(),
            problem: plan.err(),
        })
    });
    each.collect()
}

/// What a schedule amounts to.
fn plan(app: &App, schedule: &Schedule, zone: Zone, seed: &str) -> Result<Plan, Fault> {
    understood(&app.config, schedule, zone, seed)
}

/// What a schedule amounts to, with the calendars of the home folder.
fn understood(config: &Config, schedule: &Schedule, zone: Zone, seed: &str) -> Result<Plan, Fault> {
    let broken = RefCell::new(None);
    let find = |name: &str| {
        read_calendar(&config.calendars_dir, name).unwrap_or_else(|error| {
            broken.replace(Some(crate::domain::report(&error)));
            None
        })
    };
    Plan::new(schedule, zone, seed, &find).map_err(|fault| match broken.take() {
        Some(message) => Fault {
            message,
            hint: None,
            ..fault
        },
        None => fault,
    })
}

/// A fault as the field of a request.
fn invalid(fault: &Fault) -> Error {
    let item = fault.item.map(|item| format!("/{item}"));
    let pointer = format!("/{}{}", fault.key, item.unwrap_or_default());
    Error::Fields(vec![Field::body(pointer, fault.to_string())])
}

/// What tells a schedule from all others, for the chance in its jitter.
fn seed(task: &TaskName, key: &str) -> String {
    format!("{task}/{key}")
}

/// The plan of a schedule that the database remembers.
fn plan_of(app: &App, row: &ScheduleRow) -> Result<Plan, Fault> {
    plan(
        app,
        &row.spec,
        row.timezone.parse()?,
        &seed(&row.task, &row.key),
    )
}
