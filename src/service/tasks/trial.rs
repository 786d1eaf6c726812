//! Code to try: the task's own with other files laid over it, as an editor holds
//! them before they are saved. It is kept as a version like any other, and nothing
//! in `tasks/` changes.

use super::super::beneath::Beneath;
use super::super::{App, Error};
use super::copy::decoded;
use super::{NewFile, Place};
use crate::catalogue::{Catalogue, snapshot_of};
use crate::domain::filepath::FilePath;
use crate::domain::ids::{Digest, TaskName};
use crate::domain::image::Version;
use crate::domain::task::Task;
use crate::threads::off_thread;
use crate::versions::{Scratch, Versions};
use chrono::Utc;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Keeps the present code of a task with these files over it, and reads it.
///
/// # Errors
/// When a file is not valid, is none that the task could have, or the whole is no
/// valid task.
pub(in crate::service) async fn lay_over(
    app: &App,
    name: &TaskName,
    files: &BTreeMap<FilePath, NewFile>,
) -> Result<(Task, Digest), Error> {
    let (at, of, files) = (app.clone(), name.clone(), files.clone());
    let (task, version) = off_thread(move || keep(&at, &of, &files)).await?;
    app.store.record_version(&version).await?;
    Ok((task, version.digest))
}

fn keep(
    app: &App,
    name: &TaskName,
    files: &BTreeMap<FilePath, NewFile>,
) -> Result<(Task, Version), Error> {
    let scratch = Scratch::new(&app.config.data_dir);
    lay_out(app, name, files, scratch.path())?;
    let (shared, images) = (&app.config.global_envs_dir, &app.config.images_dir);
    let tasks = scratch.path().to_owned();
    let task = Catalogue::new(tasks, shared.clone(), images.clone()).load(name)?;
    let tree = snapshot_of(&task.path, name.as_str())?;
    Versions::new(&app.config.data_dir).keep(&tree)?;
    let version = Version {
        digest: tree.digest,
        task: name.clone(),
        files: tree.files.len() as u64,
        bytes: tree.bytes,
        created_at: Utc::now(),
    };
    Ok((task, version))
}

/// Makes the folder `tasks` with this one task in it.
fn lay_out(
    app: &App,
    name: &TaskName,
    files: &BTreeMap<FilePath, NewFile>,
    tasks: &Path,
) -> Result<(), Error> {
    let mut fields = Vec::new();
    let over = decoded(files, &mut fields);
    if !fields.is_empty() {
        return Err(Error::Fields(fields));
    }
    let place = Place::of(app, name)?;
    for (path, _, _) in &over {
        place.holds(path)?;
    }
    let (present, folder) = match place.path.is_dir() {
        true => (
            snapshot_of(&place.path, name.as_str())?.files,
            tasks.join(name.as_str()),
        ),
        // Its only file is the one laid over it.
        false => (Vec::new(), tasks.to_owned()),
    };
    fs::create_dir_all(&folder).map_err(Error::io("cannot make a folder to try code in"))?;
    let root = Beneath::open(&folder, format!("tasks/{name}"))?;
    let mut executable = BTreeSet::new();
    for file in present {
        let path: FilePath = file
            .path
            .parse()
            .map_err(|error| Error::Conflict(format!("{name} cannot be tried: {error}")))?;
        if file.executable {
            executable.insert(path.clone());
        }
        if !files.contains_key(&path) {
            let bytes = fs::read(&file.source).map_err(Error::io(format!("cannot read {path}")))?;
            root.create(&path, &bytes, file.executable)?;
        }
    }
    for (path, bytes, file) in over {
        root.create(path, &bytes, file.executable || executable.contains(path))?;
    }
    Ok(())
}
