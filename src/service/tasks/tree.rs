//! The files of a task as a tree.

use super::super::{App, Error};
use crate::catalogue::code_paths;
use crate::domain::filepath::MAX_LEVELS;
use crate::domain::ids::TaskName;
use crate::threads::off_thread;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The most files and folders that a tree tells of.
const MAX_ENTRIES: usize = 20_000;

/// What a name in a folder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder, whose content follows.
    Folder,
    /// A folder that is no part of the code and is not looked into: a virtual
    /// environment, `.git` or `__pycache__`.
    Closed,
    /// A link.
    Link,
    /// A pipe, socket or device.
    Other,
}

/// One file or folder of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// Its path below the task's folder.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Its size, bytes; 0 for what is no file.
    pub bytes: u64,
    /// Whether its owner may execute it.
    pub executable: bool,
    /// Whether the ignore rules leave it out of images.
    pub ignored: bool,
    /// When it was last changed.
    pub modified_at: Option<DateTime<Utc>>,
}

/// The files of a task, by path.
///
/// # Errors
/// When there is no such task, or its folder cannot be read or holds too much.
pub async fn list_files(app: &App, task: &TaskName) -> Result<Vec<Entry>, Error> {
    let path = app.catalogue.locate(task)?;
    off_thread(move || {
        let mut found = Vec::new();
        if path.is_dir() {
            collect(&path, &path, &code_paths(&path), &mut found)?;
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            found.extend(entry(&path, name.into_owned(), false));
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    })
    .await
}

fn collect(
    root: &Path,
    dir: &Path,
    code: &BTreeSet<PathBuf>,
    found: &mut Vec<Entry>,
) -> Result<(), Error> {
    let failed = || Error::io(format!("cannot list {}", dir.display()));
    for next in fs::read_dir(dir).map_err(failed())? {
        let path = next.map_err(failed())?.path();
        let Ok(below) = path.strip_prefix(root) else {
            continue;
        };
        // Such names cannot be asked for either; the check of the task tells
        // of them.
        let Some(shown) = below.to_str() else {
            continue;
        };
        let Some(entry) = entry(&path, shown.to_owned(), !code.contains(below)) else {
            continue;
        };
        let deeper = entry.kind == EntryKind::Folder && below.components().count() < MAX_LEVELS;
        found.push(entry);
        if found.len() > MAX_ENTRIES {
            return Err(Error::TooLarge(format!(
                "{} holds more than {MAX_ENTRIES} files and folders",
                root.display()
            )));
        }
        if deeper {
            collect(root, &path, code, found)?;
        }
    }
    Ok(())
}

/// What is at a path; none when it is gone by now.
fn entry(path: &Path, shown: String, ignored: bool) -> Option<Entry> {
    let found = fs::symlink_metadata(path).ok()?;
    let name = path.file_name().unwrap_or_default();
    let closed = name == ".git" || name == "__pycache__" || path.join("pyvenv.cfg").exists();
    let kind = match found.file_type() {
        kind if kind.is_file() => EntryKind::File,
        kind if kind.is_dir() && closed => EntryKind::Closed,
        kind if kind.is_dir() => EntryKind::Folder,
        kind if kind.is_symlink() => EntryKind::Link,
        _ => EntryKind::Other,
    };
    let file = kind == EntryKind::File;
    Some(Entry {
        path: shown,
        kind,
        bytes: if file { found.len() } else { 0 },
        executable: file && found.permissions().mode() & 0o100 != 0,
        ignored,
        modified_at: found.modified().ok().map(Into::into),
    })
}
