//! Changes what a manifest says about when; the database follows at once. What
//! the task was before is kept as a version, as with every change of its files.

use super::super::keep;
use super::{App, Error, invalid, plan, sync_task};
use crate::catalogue::{put_schedule, remove_schedule, schedule_key};
use crate::domain::ids::TaskName;
use crate::domain::schedule::Schedule;
use crate::domain::task::Task;
use crate::time::from_config;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Writes a schedule into a task's manifest, instead of the one with the key
/// `instead_of` or else beside the others; its key.
///
/// # Errors
/// `Invalid` naming what is wrong with it; no such task or schedule; a manifest
/// that cannot be written.
pub async fn set(
    app: &App,
    task: &TaskName,
    instead_of: Option<&str>,
    schedule: &Schedule,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let _lock = app.edits.lock().await;
    check(app, schedule)?;
    let found = app.catalogue.load(task)?;
    keep::present(app, &found).await?;
    put(app, &found, (instead_of, schedule), now).await
}

fn check(app: &App, schedule: &Schedule) -> Result<(), Error> {
    let plan = plan(app, schedule, app.config.timezone, "");
    plan.map(drop).map_err(|fault| invalid(&fault))
}

/// [`set`], for who holds the lock of changes and has kept what was there.
async fn put(
    app: &App,
    found: &Task,
    (instead_of, schedule): (Option<&str>, &Schedule),
    now: DateTime<Utc>,
) -> Result<String, Error> {
    check(app, schedule)?;
    let key = schedule_key(schedule).map_err(|fault| invalid(&fault))?;
    put_schedule(found, instead_of, schedule)?;
    sync_task(app, &found.name, now).await?;
    Ok(key)
}

/// Removes a schedule from a task's manifest. Its ledger stays.
///
/// # Errors
/// No such task or schedule; a manifest that cannot be written.
pub async fn remove(
    app: &App,
    task: &TaskName,
    key: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let _lock = app.edits.lock().await;
    let found = app.catalogue.load(task)?;
    keep::present(app, &found).await?;
    take_away(app, &found, key, now).await
}

/// [`remove`], for who holds the lock of changes and has kept what was there.
async fn take_away(app: &App, found: &Task, key: &str, now: DateTime<Utc>) -> Result<(), Error> {
    remove_schedule(found, key)?;
    sync_task(app, &found.name, now).await?;
    Ok(())
}

/// Makes a type and its settings ([`from_config`]) the one schedule of a task;
/// `manual` removes it. What else that schedule says (its zone, its parameters)
/// stays. The key; none for `manual`. Whoever calls holds the lock of changes and
/// has kept what was there.
///
/// # Errors
/// As [`set`]; `Conflict` for a task with several schedules, where nobody knows
/// which is meant.
pub async fn set_simple(
    app: &App,
    task: &TaskName,
    (kind, config): (&str, &Value),
    now: DateTime<Utc>,
) -> Result<Option<String>, Error> {
    let local = app.config.timezone.local(now);
    let when = from_config(kind, config, local.naive_local().and_utc())
        .map_err(|fault| invalid(&fault))?;
    let found = app.catalogue.load(task)?;
    let old = match &found.manifest.schedules[..] {
        [] => None,
        [one] => Some(one.clone()),
        several => {
            let count = several.len();
            let what = format!("{task} has {count} schedules: change each of them by its key");
            return Err(Error::Conflict(what));
        }
    };
    let key = old.as_ref().and_then(|old| schedule_key(old).ok());
    match (when, old) {
        (Some(when), Some(old)) => {
            let new = Schedule {
                when,
                enabled: None,
                ..old
            };
            Ok(Some(put(app, &found, (key.as_deref(), &new), now).await?))
        }
        (Some(when), None) => {
            let new = Schedule::new(when);
            Ok(Some(put(app, &found, (None, &new), now).await?))
        }
        (None, Some(_)) => {
            take_away(app, &found, key.as_deref().unwrap_or_default(), now).await?;
            Ok(None)
        }
        (None, None) => Ok(None),
    }
}
