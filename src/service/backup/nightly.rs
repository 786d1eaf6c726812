//! The backups that the service makes by itself, and how many of them stay.

use super::{Made, Output, write};
use crate::config::Config;
use crate::disk::Room;
use crate::domain::size::Bytes;
use crate::service::{App, Error};
use crate::threads::off_thread;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the names of these backups begin and end with. No others are removed.
const NAME: (&str, &str) = ("runbay-", ".backup");
/// When a night's backup is due, by the clock of the service's zone.
const AT: TimeDelta = TimeDelta::hours(3);

/// The backups that the service made, the newest first, with their sizes. Other
/// files are not among them.
///
/// # Errors
/// When the folder cannot be listed.
pub fn list(config: &Config) -> Result<Vec<(PathBuf, DateTime<Utc>, u64)>, Error> {
    let folder = config.backup_dir();
    let failed = || Error::io(format!("{} could not be listed", folder.display()));
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed())?,
    };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed())?.path();
        if let Some(at) = made_at(&path) {
            let bytes = fs::metadata(&path).map_or(0, |found| found.len());
            all.push((path, at, bytes));
        }
    }
    all.sort_by_key(|(_, at, _)| std::cmp::Reverse(*at));
    Ok(all)
}

/// When a backup of ours was made, by its name.
fn made_at(path: &Path) -> Option<DateTime<Utc>> {
    let name = path.file_name()?.to_str()?;
    let stamp = name.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?;
    let at = chrono::NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ").ok()?;
    Some(at.and_utc())
}

/// Whether this night's backup is still to be made.
///
/// # Errors
/// When the folder cannot be listed.
pub fn is_due(config: &Config, now: DateTime<Utc>) -> Result<bool, Error> {
    if config.backup.nightly == 0 {
        return Ok(false);
    }
    let newest = list(config)?.first().map(|(_, at, _)| *at);
    Ok(newest.is_none_or(|at| at < last_due(config, now)))
}

/// The last time before now when the clock said three.
fn last_due(config: &Config, now: DateTime<Utc>) -> DateTime<Utc> {
    let here = config.timezone.local(now);
    let since = here.time().signed_duration_since(NaiveTime::MIN) - AT;
    let since = match since < TimeDelta::zero() {
        true => since + TimeDelta::days(1),
        false => since,
    };
    now - since
}

/// Makes a night's backup, and removes those that are too many; not when the disk
/// has no room for another beside what runs need.
///
/// # Errors
/// When there is no room, or it cannot be written.
pub async fn make(app: &App) -> Result<Made, Error> {
    let folder = app.config.backup_dir();
    let failed = || Error::io(format!("{} could not be made", folder.display()));
    fs::create_dir_all(&folder).map_err(failed())?;
    let (database, spare) = (app.config.database(), app.config.free_space.0);
    let needed = fs::metadata(&database).map_or(0, |found| found.len()) * 2;
    for place in [&folder, &app.config.data_dir] {
        let free = Room::of(place).map_or(u64::MAX, |room| room.free);
        if free < needed.saturating_add(spare) {
            return Err(Error::NoRoom(format!(
                "{} are free at {}: too little for a backup beside free_space",
                Bytes(free),
                place.display()
            )));
        }
    }
    let stamp = Utc::now().format("%Y%m%dT%H%M%SZ");
    let file = folder.join(format!("{}{stamp}{}", NAME.0, NAME.1));
    let made = write(app, Output::File(file), false).await?;
    let config = app.settings();
    off_thread(move || thin_out(&config)).await?;
    Ok(made)
}

fn thin_out(config: &Config) -> Result<(), Error> {
    let most = usize::try_from(config.backup.nightly).unwrap_or(usize::MAX);
    for (path, ..) in list(config)?.into_iter().skip(most) {
        let failed = Error::io(format!("{} could not be removed", path.display()));
        fs::remove_file(&path).map_err(failed)?;
        tracing::info!(path = %path.display(), "removed an old backup");
    }
    Ok(())
}
