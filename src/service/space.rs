//! Whether the disk of the data folder has room for something to begin.

use super::{App, Error};
use crate::disk::{Reserve, Room};
use crate::domain::size::Bytes;

/// Refuses to begin a run or a build when the disk is nearly full, and else
/// holds the reserve of the database. Some microseconds.
///
/// # Errors
/// When less than `free_space` is free.
pub fn check(app: &App) -> Result<(), Error> {
    let folder = &app.config.data_dir;
    let least = app.config.free_space;
    // A file system that does not tell may have room.
    let Ok(room) = Room::of(folder) else {
        return Ok(());
    };
    if room.free < least.0 {
        return Err(Error::NoRoom(format!(
            "the disk of the data folder is nearly full: of {}, {} are free at {}, and runs and builds begin only with {least}\nmake room (`runbay prune` removes what Runbay itself no longer needs), or ask for less: free_space in runbay.toml",
            Bytes(room.total),
            Bytes(room.free),
            folder.display(),
        )));
    }
    let held = Reserve::of(folder).hold(app.config.reserve().0);
    if let Err(error) = held {
        tracing::warn!(%error, "no room is held for the database");
    }
    Ok(())
}
