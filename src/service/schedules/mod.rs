//! Schedules: what manifests say about when, held against what the database
//! remembers.
//!
//! The folder is the source of truth. [`sync`] brings changes of manifests into
//! the database, [`claim`] decides about every slot that is due, and each slot
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

use super::{App, Error, Field};
use crate::catalogue::read_calendar;
use crate::domain::ids::TaskName;
use crate::domain::schedule::{Schedule, ScheduleRow};
use crate::time::{Fault, Plan, Zone};
use chrono::{DateTime, Utc};
use std::cell::RefCell;

/// What is wrong with a schedule, as a field of it.
fn invalid(fault: Fault) -> Error {
    let item = fault
        .item
        .map(|item| format!("/{item}"))
        .unwrap_or_default();
    let pointer = format!("/{}{item}", fault.key);
    Error::Fields(vec![Field::body(pointer, fault.to_string())])
}

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

/// What a schedule amounts to, with the calendars of the home folder.
fn plan(app: &App, schedule: &Schedule, zone: Zone, seed: &str) -> Result<Plan, Fault> {
    let broken = RefCell::new(None);
    let find = |name: &str| {
        read_calendar(&app.config.calendars_dir, name).unwrap_or_else(|error| {
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
fn invalid(fault: Fault) -> Error {
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
