//! Single files of a task, read and changed.

use super::super::beneath::{Beneath, Existing};
use super::super::{App, Error};
use super::{keep_present, problems};
use crate::catalogue::{MANIFEST_FILE, Problem};
use crate::domain::filepath::FilePath;
use crate::domain::ids::{Digest, TaskName};
use crate::domain::size::MIB;
use crate::threads::off_thread;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// The largest file that is read or written here, bytes.
pub const MAX_FILE: u64 = 16 * MIB;
/// The most that is told of a file that somebody else changed meanwhile, bytes.
const MAX_TOLD: usize = 1 << 20;

/// The folder that a task's paths begin at.
pub(in crate::service) struct Place {
    pub(super) path: PathBuf,
    root: Beneath,
    /// The one file there is, of a single-file task.
    only: Option<String>,
}

impl Place {
    /// Where a task is.
    pub(in crate::service) fn of(app: &App, task: &TaskName) -> Result<Self, Error> {
        let path = app.catalogue.locate(task)?;
        if path.is_dir() {
            let root = Beneath::open(&path, format!("tasks/{task}"))?;
            return Ok(Self {
                path,
                root,
                only: None,
            });
        }
        Ok(Self {
            root: Beneath::open(&app.config.tasks_dir, "tasks")?,
            only: Some(format!("{task}.py")),
            path,
        })
    }

    /// Refuses what is not the file of a single-file task.
    pub(super) fn holds(&self, path: &FilePath) -> Result<(), Error> {
        match &self.only {
            Some(only) if only != path.as_str() => Err(Error::NotFound(format!(
                "there is no {path}: this task is the single file {only}"
            ))),
            _ => Ok(()),
        }
    }
}

impl Place {
    fn manifest_path(&self) -> Result<FilePath, Error> {
        let name = self.only.as_deref().unwrap_or(MANIFEST_FILE);
        name.parse()
            .map_err(|error: crate::domain::filepath::BadPath| Error::Conflict(error.to_string()))
    }

    /// What the manifest's file says; none when it is not there.
    pub(in crate::service) fn manifest(&self) -> Result<Option<Vec<u8>>, Error> {
        match self.root.read(&self.manifest_path()?, MAX_FILE) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Has the manifest's file say again what it said before.
    pub(in crate::service) fn restore_manifest(
        &self,
        before: Option<Vec<u8>>,
    ) -> Result<(), Error> {
        let path = self.manifest_path()?;
        match before {
            Some(bytes) => self.root.write(&path, &bytes, Existing::Replace),
            None => match self.root.remove(&path) {
                Err(Error::NotFound(_)) => Ok(()),
                other => other,
            },
        }
    }

    /// Refuses to take away the file of a single-file task.
    fn holds_more_than(&self, path: &FilePath) -> Result<(), Error> {
        match self.only {
            Some(_) => Err(Error::Conflict(format!(
                "{path} is all there is of this task: rename or delete the task instead"
            ))),
            None => Ok(()),
        }
    }
}

/// The content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRead {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Its entity tag: the digest of its content.
    pub etag: Digest,
}

/// Reads a file of a task.
///
/// # Errors
/// When it is not there, is no file, or is larger than [`MAX_FILE`].
pub async fn read_file(app: &App, task: &TaskName, path: &FilePath) -> Result<FileRead, Error> {
    let (app, task, path) = (app.clone(), task.clone(), path.clone());
    off_thread(move || {
        let place = Place::of(&app, &task)?;
        place.holds(&path)?;
        let bytes = place.root.read(&path, MAX_FILE)?;
        Ok(FileRead {
            etag: Digest::of(&bytes),
            bytes,
        })
    })
    .await
}

/// What must hold of a file for it to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Whatever it holds: what it held is kept.
    Any,
    /// It is not there.
    New,
    /// It holds what it held when somebody looked.
    Same(Digest),
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Written {
    /// Its path.
    pub path: FilePath,
    /// Its entity tag.
    pub etag: Digest,
    /// Its size, bytes.
    pub bytes: u64,
    /// Whether it was not there before.
    pub created: bool,
    /// What is wrong with the task now.
    pub problems: Vec<Problem>,
}

/// Something done to a file, and what is wrong with its task now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileChange {
    /// The path it has now, or had.
    pub path: FilePath,
    /// What is wrong with the task now.
    pub problems: Vec<Problem>,
}

/// Writes a file of a task, whole or not at all.
///
/// # Errors
/// `Stale` when the guard does not hold, with what the file holds now; when it
/// is read-only, a link or a folder, or larger than [`MAX_FILE`].
pub async fn write_file(
    app: &App,
    task: &TaskName,
    path: &FilePath,
    (bytes, guard): (Vec<u8>, Guard),
) -> Result<Written, Error> {
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::TooLarge(format!(
            "{path} would be larger than {}",
            crate::domain::size::Bytes(MAX_FILE)
        )));
    }
    let _lock = app.edits.lock().await;
    let (etag, size) = (Digest::of(&bytes), bytes.len() as u64);
    let existing = match guard {
        Guard::New => Existing::Refuse,
        Guard::Any | Guard::Same(_) => Existing::Replace,
    };
    let look = changed(app, (task, path), guard, move |place, path| {
        place.root.write(path, &bytes, existing)
    });
    let (was_there, change) = look.await?;
    Ok(Written {
        path: change.path,
        problems: change.problems,
        etag,
        bytes: size,
        created: !was_there,
    })
}

/// Removes a file of a task, or a folder with nothing in it.
///
/// # Errors
/// As [`write_file`].
pub async fn remove_file(
    app: &App,
    task: &TaskName,
    path: &FilePath,
    guard: Guard,
) -> Result<FileChange, Error> {
    let _lock = app.edits.lock().await;
    let look = changed(app, (task, path), guard, |place, path| {
        place.holds_more_than(path)?;
        place.root.remove(path)
    });
    let (_, change) = look.await?;
    Ok(change)
}

/// Gives a file or folder of a task another name.
///
/// # Errors
/// When the new name is taken; otherwise as [`write_file`].
pub async fn rename_file(
    app: &App,
    task: &TaskName,
    from: &FilePath,
    to: &FilePath,
) -> Result<FileChange, Error> {
    let _lock = app.edits.lock().await;
    let target = to.clone();
    let look = changed(app, (task, from), Guard::Any, move |place, from| {
        place.holds_more_than(from)?;
        place.root.rename(from, &target)
    });
    let (_, change) = look.await?;
    Ok(FileChange {
        path: to.clone(),
        ..change
    })
}

/// Looks at a file and whether the guard holds, keeps the present version, and
/// changes something. Tells whether the file was there.
async fn changed(
    app: &App,
    (task, path): (&TaskName, &FilePath),
    guard: Guard,
    change: impl FnOnce(&Place, &FilePath) -> Result<(), Error> + Send + 'static,
) -> Result<(bool, FileChange), Error> {
    let (at, of, file) = (app.clone(), task.clone(), path.clone());
    let (place, was_there) = off_thread(move || {
        let place = Place::of(&at, &of)?;
        place.holds(&file)?;
        let now = match place.root.read(&file, MAX_FILE) {
            Ok(bytes) => Some(bytes),
            // What is no file, or too large to be read, has no content to
            // compare.
            Err(Error::NotFound(_) | Error::Conflict(_) | Error::TooLarge(_)) => None,
            Err(error) => return Err(error),
        };
        hold(&file, &guard, now.as_deref())?;
        Ok((place, now.is_some()))
    })
    .await?;
    keep_present(app, task, &place.path).await?;
    let (app, task, path) = (app.clone(), task.clone(), path.clone());
    off_thread(move || {
        change(&place, &path)?;
        let problems = problems(&app, &task)?;
        Ok((was_there, FileChange { path, problems }))
    })
    .await
}

fn hold(path: &FilePath, guard: &Guard, now: Option<&[u8]>) -> Result<(), Error> {
    let holds = match guard {
        Guard::Any => true,
        Guard::New => now.is_none(),
        Guard::Same(etag) => now.is_some_and(|bytes| Digest::of(bytes) == *etag),
    };
    if holds {
        return Ok(());
    }
    let told = now.filter(|bytes| bytes.len() <= MAX_TOLD);
    Err(Error::Stale {
        path: path.to_string(),
        etag: now.map(|bytes| Digest::of(bytes).0),
        content: told.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()),
    })
}
