//! Lock files that nobody holds or will ever take again.

use crate::domain::ids::RunId;
use crate::domain::run::RunState;
use crate::service::{App, Error};
use crate::store::StoreError;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The files of runs that are over, and of builds that nobody is at. Those of
/// runs that are not known stay: they may belong to a newer copy of this
/// database.
pub(super) async fn stale(app: &App) -> Result<Vec<PathBuf>, Error> {
    let folder = app.config.data_dir.join("locks");
    let what = || format!("the folder {} could not be listed", folder.display());
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(Error::io(what()))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::io(what()))?.path();
        let over = match whose(&path) {
            Some(Owner::Run(run)) => match app.store.run(run).await {
                Ok(run) => run.state == RunState::Finished,
                Err(StoreError::NotFound { .. }) => false,
                Err(error) => return Err(error.into()),
            },
            Some(Owner::Build) => true,
            None => false,
        };
        if over && free(&path).is_some() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Removes those that are still free. Whoever waits for one notices that it is
/// no longer in its place and takes the new one.
pub(super) fn remove(paths: &[PathBuf]) {
    for path in paths {
        if let Some(_held) = free(path)
            && let Err(error) = fs::remove_file(path)
        {
            tracing::warn!(path = %path.display(), %error, "a lock file stays behind");
        }
    }
}

enum Owner {
    Run(RunId),
    Build,
}

/// Whose lock a file is, by its name; none if it is not of our making.
fn whose(path: &Path) -> Option<Owner> {
    let name = path.file_name()?.to_str()?.strip_suffix(".lock")?;
    if let Some(run) = name.strip_prefix("run-") {
        return run.parse().ok().map(Owner::Run);
    }
    let key = name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
    key.then_some(Owner::Build)
}

/// The lock, if nobody holds it.
fn free(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    file.try_lock().is_ok().then_some(file)
}

/// Whether anybody holds the lock of a build now.
pub(super) fn somebody_builds(app: &App) -> Result<bool, Error> {
    let folder = app.config.data_dir.join("locks");
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other.map_err(Error::io(format!(
            "{} could not be listed",
            folder.display()
        )))?,
    };
    let builds = entries.flatten().map(|entry| entry.path());
    let mut builds = builds.filter(|path| matches!(whose(path), Some(Owner::Build)));
    Ok(builds.any(|path| path.exists() && free(&path).is_none()))
}
