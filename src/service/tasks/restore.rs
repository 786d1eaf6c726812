//! Brings a kept version back into the folder of its task, in one step.
//!
//! What the folder holds is kept as a version first, so that going back is undone
//! by going back. The version is laid out beside the folder and then changes
//! places with it; whoever dies on the way leaves one or the other, whole. Files
//! that are part of no version (what the ignore rules leave out, virtual
//! environments, repositories) stay: they are linked into the new folder.

use super::super::keep;
use super::staging::Staging;
use super::versions::{self, VersionFile};
use super::{App, Error, Guard, problems};
use crate::catalogue::{CatalogueError, Problem, code_paths};
use crate::domain::filepath::FilePath;
use crate::domain::ids::{Digest, TaskName};
use crate::threads::off_thread;
use crate::versions::Versions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

/// How many of the files that are part of no version are named.
const NAMED: usize = 100;
/// The most that is told of what changed meanwhile, bytes.
const MAX_TOLD: usize = 1 << 20;

/// What came of bringing a version back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Restored {
    /// The task.
    pub task: TaskName,
    /// The version that its folder holds again.
    pub version: Digest,
    /// The version that its code before is kept as; none when there was none.
    pub kept_as: Option<Digest>,
    /// Whether anything had to be changed.
    pub changed: bool,
    /// Files in its folder that are part of no version and stayed; the first
    /// hundred.
    pub beside: Vec<String>,
    /// What is wrong with the task now.
    pub problems: Vec<Problem>,
}

/// Brings a version back. A task that was deleted is there again.
///
/// # Errors
/// `Stale` when the guard does not hold, with what changed since, as a diff;
/// `Conflict` when what is there cannot be kept, or is in the way; an unknown or
/// damaged version. Then nothing was changed.
pub async fn restore(
    app: &App,
    task: &TaskName,
    version: &Digest,
    guard: &Guard,
) -> Result<Restored, Error> {
    let _lock = app.edits.lock().await;
    let path = match app.catalogue.locate(task) {
        Ok(path) => Some(path),
        Err(CatalogueError::UnknownTask { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let present = match &path {
        Some(path) => Some(keep::exactly(app, task, path).await?),
        None => None,
    };
    let kept_as = present.as_ref().filter(|present| present.files > 0);
    let kept_as = kept_as.map(|present| present.digest.clone());
    let present = present.map(|present| present.digest);
    hold(app, task, guard, present.as_ref()).await?;
    let mut restored = Restored {
        task: task.clone(),
        version: version.clone(),
        kept_as,
        changed: present.as_ref() != Some(version),
        beside: Vec::new(),
        problems: Vec::new(),
    };
    if restored.changed {
        let laid = lay_out(app, task, version, path.clone()).await?;
        restored.beside = match path {
            None => laid.appear(task)?,
            Some(path) => {
                let laid = off_thread(move || laid.swap(&path)).await?;
                // Somebody may have written between the look and the swap.
                let left = keep::at(app, task, &laid.old()).await?;
                restored.kept_as = left.or(restored.kept_as);
                off_thread(move || laid.finish()).await?
            }
        };
    }
    let (app, of) = (app.clone(), task.clone());
    restored.problems = off_thread(move || problems(&app, &of)).await?;
    Ok(restored)
}

/// Refuses when the folder does not hold what somebody saw there.
async fn hold(
    app: &App,
    task: &TaskName,
    guard: &Guard,
    present: Option<&Digest>,
) -> Result<(), Error> {
    let seen = match guard {
        Guard::Any => return Ok(()),
        Guard::New if present.is_none() => return Ok(()),
        Guard::Same(seen) if present == Some(seen) => return Ok(()),
        Guard::New => None,
        Guard::Same(seen) => Some(seen.clone()),
    };
    let mut content = None;
    if let (Some(seen), Some(_)) = (seen, present)
        && let Ok(diff) = versions::diff(app, task, (Some(seen), None)).await
    {
        let texts = diff.files.into_iter().filter_map(|file| file.unified);
        content = Some(texts.collect::<String>()).filter(|text| text.len() <= MAX_TOLD);
    }
    Err(Error::Stale {
        path: format!("tasks/{task}"),
        etag: present.map(|digest| digest.0.clone()),
        content,
    })
}

/// A version on its way into place.
struct Laid {
    staging: Staging,
    /// The script, when the task is a single file.
    script: Option<String>,
    /// The place, once the two have changed places.
    place: PathBuf,
    /// Files that are part of no version, below the folder.
    beside: BTreeSet<PathBuf>,
}

/// Writes a version beside the tasks.
async fn lay_out(
    app: &App,
    task: &TaskName,
    version: &Digest,
    path: Option<PathBuf>,
) -> Result<Laid, Error> {
    let (data, tasks) = (app.config.data_dir.clone(), app.config.tasks_dir.clone());
    let (task, version) = (task.clone(), version.clone());
    off_thread(move || {
        let kept = Versions::new(&data);
        let files = kept.files(&version)?;
        for file in &files {
            // Nobody but Runbay writes the list; should somebody have, it leads
            // nowhere else.
            file.path.parse::<FilePath>().map_err(|error| {
                Error::Conflict(format!("the kept version is damaged: {error}"))
            })?;
        }
        let script = script(&task, path.as_deref(), &files)?;
        let mut staging = Staging::new(&tasks)?;
        kept.restore(&version, staging.draft())?;
        if let Some(script) = &script {
            let only = staging.draft().join(&files[0].path);
            let named = staging.draft().join(script);
            fs::rename(only, named).map_err(Error::io("a script could not be named"))?;
        }
        staging.reopen()?;
        Ok(Laid {
            staging,
            script,
            place: PathBuf::new(),
            beside: BTreeSet::new(),
        })
    })
    .await
}

/// The name of the script, when the version becomes a single file.
fn script(
    task: &TaskName,
    path: Option<&Path>,
    files: &[VersionFile],
) -> Result<Option<String>, Error> {
    let name = format!("{task}.py");
    let alone = match files {
        [] => {
            let text = "this version holds no files: nothing can be brought back";
            return Err(Error::Conflict(text.to_owned()));
        }
        [one] => one.path.ends_with(".py") && !one.path.contains('/'),
        _ => false,
    };
    match path {
        Some(path) if path.is_dir() => Ok(None),
        None => Ok((alone && files[0].path == name).then_some(name)),
        Some(_) if alone => Ok(Some(name)),
        Some(_) => Err(Error::Conflict(format!(
            "{task} is a single file now, and this version is a folder: delete the task, \
             which keeps it as a version, and restore this one then"
        ))),
    }
}

impl Laid {
    /// Where the laid-out version is, and what was in its place once they have
    /// changed places.
    fn old(&self) -> PathBuf {
        match &self.script {
            Some(script) => self.staging.draft().join(script),
            None => self.staging.draft().to_owned(),
        }
    }

    /// Becomes a task where there is none.
    fn appear(self, task: &TaskName) -> Result<Vec<String>, Error> {
        match &self.script {
            Some(script) => self.staging.become_script(script, task)?,
            None => self.staging.become_task(task)?,
        }
        Ok(Vec::new())
    }

    /// Changes places with what is at the task's path.
    fn swap(mut self, path: &Path) -> Result<Self, Error> {
        path.clone_into(&mut self.place);
        let laid = self.old();
        if self.script.is_none() {
            let mode = fs::metadata(path).and_then(|old| {
                fs::set_permissions(&laid, old.permissions())?;
                Ok(old)
            });
            let old = mode.map_err(Error::io(format!("cannot look at {}", path.display())))?;
            self.beside = carry((path, &laid), old.dev(), &BTreeSet::new())?;
        }
        self.staging.exchange(&laid, path)?;
        Ok(self)
    }

    /// Sees to what appeared in the old folder at the last moment, and removes
    /// it; the files that stayed. What cannot be seen to is not removed.
    fn finish(mut self) -> Result<Vec<String>, Error> {
        let mut beside = std::mem::take(&mut self.beside);
        if self.script.is_none() {
            let old = self.old();
            let device = fs::metadata(&old).map_or(0, |old| old.dev());
            match carry((&old, &self.place), device, &beside) {
                Ok(more) => beside.extend(more),
                Err(error) => {
                    self.staging.abandon();
                    let error = crate::domain::report(&error);
                    return Err(Error::Conflict(format!(
                        "the version is back, but {error}; what was there before lies in {}",
                        old.display()
                    )));
                }
            }
        }
        let shown = beside.iter().take(NAMED);
        Ok(shown
            .map(|path| path.to_string_lossy().into_owned())
            .collect())
    }
}

/// Links what is part of no version, and is not `known` to be there, from one
/// folder into another; their paths.
fn carry(
    (from, to): (&Path, &Path),
    device: u64,
    known: &BTreeSet<PathBuf>,
) -> Result<BTreeSet<PathBuf>, Error> {
    let mut carried = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    let code = code_paths(from);
    while let Some(folder) = folders.pop() {
        let failed = || Error::io(format!("cannot list {}", from.join(&folder).display()));
        let mut empty = true;
        for entry in fs::read_dir(from.join(&folder)).map_err(failed())? {
            empty = false;
            let below = folder.join(entry.map_err(failed())?.file_name());
            let source = from.join(&below);
            let found = fs::symlink_metadata(&source).map_err(failed())?;
            if found.dev() != device {
                return Err(Error::Conflict(format!(
                    "{} is a file system of its own, which cannot change places: \
                     unmount it first, or write the files one by one",
                    source.display()
                )));
            }
            if found.is_dir() {
                folders.push(below);
            } else if !code.contains(&below) && !known.contains(&below) {
                link(&source, &to.join(&below), &found)?;
                carried.insert(below);
            }
        }
        // No version keeps a folder without files, and a script may want it.
        if empty {
            fs::create_dir_all(to.join(&folder)).map_err(failed())?;
        }
    }
    Ok(carried)
}

/// Puts one file in a second place: the same file where that can be, a copy else.
fn link(source: &Path, target: &Path, found: &fs::Metadata) -> Result<(), Error> {
    let failed = || Error::io(format!("{} could not be carried over", source.display()));
    if fs::symlink_metadata(target).is_ok() {
        return Err(in_the_way(source));
    }
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists | std::io::ErrorKind::NotADirectory => {
                in_the_way(source)
            }
            _ => failed()(error),
        })?;
    }
    if found.is_symlink() {
        let to = fs::read_link(source).map_err(failed())?;
        return symlink(to, target).map_err(failed());
    }
    if !found.is_file() {
        return Err(Error::Conflict(format!(
            "{} is a pipe, socket or device, which cannot be carried over: remove it first",
            source.display()
        )));
    }
    fs::hard_link(source, target)
        .or_else(|_| fs::copy(source, target).map(drop))
        .map_err(failed())
}

fn in_the_way(source: &Path) -> Error {
    Error::Conflict(format!(
        "{} is part of no version, and would be in the way of this one: move it elsewhere first",
        source.display()
    ))
}
