//! Changes what a manifest says about when; the database follows at once.

use super::{App, Error, invalid, plan, sync_task};
use crate::catalogue::{put_schedule, remove_schedule, schedule_key};
use crate::domain::ids::TaskName;
use crate::domain::schedule::Schedule;
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
    plan(app, schedule, app.config.timezone, "").map_err(|fault| invalid(&fault))?;
    let key = schedule_key(schedule).map_err(|fault| invalid(&fault))?;
    let found = app.catalogue.load(task)?;
    put_schedule(&found, instead_of, schedule)?;
    sync_task(app, task, now).await?;
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
    remove_schedule(&app.catalogue.load(task)?, key)?;
    sync_task(app, task, now).await?;
    Ok(())
}

/// Makes a type and its settings ([`from_config`]) the one schedule of a task;
/// `manual` removes it. What else that schedule says (its zone, its parameters)
/// stays. The key; none for `manual`.
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
            Ok(Some(set(app, task, key.as_deref(), &new, now).await?))
        }
        (Some(when), None) => Ok(Some(set(app, task, None, &Schedule::new(when), now).await?)),
        (None, Some(_)) => {
            remove(app, task, key.as_deref().unwrap_or_default(), now).await?;
            Ok(None)
        }
        (None, None) => Ok(None),
    }
}
