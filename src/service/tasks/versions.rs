//! The versions of a task's code: which there are, what is in them, and how two
//! of them differ.

use super::super::{App, Error};
use crate::catalogue::snapshot_of;
use crate::domain::filepath::FilePath;
use crate::domain::ids::{Digest, TaskName};
use crate::threads::off_thread;
pub use crate::versions::VersionFile;
use crate::versions::Versions;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use similar::{ChangeTag, TextDiff};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

/// The largest text that is compared line by line, bytes.
const MAX_COMPARED: u64 = 1 << 20;
/// How long one comparison may look for the shortest difference.
const PATIENCE: Duration = Duration::from_millis(500);

/// A version of a task in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct VersionItem {
    /// The digest of its files.
    pub digest: Digest,
    /// How many files.
    pub files: u64,
    /// Their sizes together, bytes.
    pub bytes: u64,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// Whether it is what the folder holds now.
    pub present: bool,
}

/// The versions of a task, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, task: &TaskName) -> Result<Vec<VersionItem>, Error> {
    let (at, of) = (app.clone(), task.clone());
    let present = off_thread(move || {
        let path = at.catalogue.locate(&of).ok()?;
        snapshot_of(&path, of.as_str()).ok().map(|tree| tree.digest)
    })
    .await;
    let rows = app.store.versions(task).await?;
    Ok(rows
        .into_iter()
        .map(|row| VersionItem {
            present: present.as_ref() == Some(&row.digest),
            digest: row.digest,
            files: row.files,
            bytes: row.bytes,
            created_at: row.created_at,
        })
        .collect())
}

/// The version of a task whose digest begins so.
///
/// # Errors
/// When there is none, or there are several.
pub async fn find(app: &App, task: &TaskName, text: &str) -> Result<Digest, Error> {
    let hex = text.len() >= 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let start = text.to_ascii_lowercase();
    let mut fits = app.store.versions(task).await?;
    fits.retain(|version| hex && version.digest.0.starts_with(&start));
    match (fits.len(), fits.pop()) {
        (1, Some(version)) => Ok(version.digest),
        (0, _) | (_, None) => Err(Error::NotFound(format!(
            "{task} has no version “{}”: give the beginning of a digest from its versions, 4 digits or more",
            text.escape_debug()
        ))),
        (several, _) => Err(Error::Conflict(format!(
            "{several} versions of {task} have a digest that begins with {text}: give more of it"
        ))),
    }
}

/// The files of a version.
///
/// # Errors
/// When it is not kept any more.
pub async fn files(app: &App, version: &Digest) -> Result<Vec<VersionFile>, Error> {
    let (data, version) = (app.config.data_dir.clone(), version.clone());
    off_thread(move || Ok(Versions::new(&data).files(&version)?)).await
}

/// The content of a file of a version.
///
/// # Errors
/// When there is no such file, or it is larger than [`super::MAX_FILE`].
pub async fn read(app: &App, version: &Digest, path: &FilePath) -> Result<super::FileRead, Error> {
    let (data, version, path) = (app.config.data_dir.clone(), version.clone(), path.clone());
    off_thread(move || {
        let versions = Versions::new(&data);
        let files = versions.files(&version)?;
        let Some(file) = files.into_iter().find(|file| file.path == path.as_str()) else {
            return Err(Error::NotFound(format!(
                "version {} holds no {path}",
                version.short()
            )));
        };
        if file.bytes > super::MAX_FILE {
            return Err(Error::TooLarge(format!("{path} is larger than 16 MiB")));
        }
        Ok(super::FileRead {
            bytes: versions.content_of(&file)?,
            etag: file.digest,
        })
    })
    .await
}

/// What became of a file between two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFate {
    /// Only the newer has it.
    Added,
    /// Only the older has it.
    Removed,
    /// Both have it, with other content or another mode.
    Changed,
}

/// A file that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct FileDiff {
    /// Its path.
    pub path: String,
    /// What became of it.
    pub fate: FileFate,
    /// Lines that were added.
    pub added: usize,
    /// Lines that were removed.
    pub removed: usize,
    /// The difference as a unified diff; none for what is no text, or too large.
    pub unified: Option<String>,
}

/// How two versions differ.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct VersionDiff {
    /// The older, or the first named; none is the folder as it is now.
    pub from: Option<Digest>,
    /// The newer, or the second named; none is the folder as it is now.
    pub to: Option<Digest>,
    /// The digest of the folder as it is now, where that is one of the two; with
    /// it as `If-Match`, a version is restored only over what was compared.
    pub present: Option<Digest>,
    /// The files that differ, by path.
    pub files: Vec<FileDiff>,
}

/// One side of a comparison: every file, with a way to its content.
struct Side {
    /// The digest of the folder, if this is it.
    present: Option<Digest>,
    files: BTreeMap<String, (Digest, bool, u64, Origin)>,
}

enum Origin {
    Kept,
    Present(std::path::PathBuf),
}

/// Compares two versions of a task; none stands for its folder as it is now.
///
/// # Errors
/// When one is not kept any more, or the folder cannot be read.
pub async fn diff(
    app: &App,
    task: &TaskName,
    (from, to): (Option<Digest>, Option<Digest>),
) -> Result<VersionDiff, Error> {
    let (app, task) = (app.clone(), task.clone());
    off_thread(move || {
        let (old, new) = (
            side(&app, &task, from.as_ref())?,
            side(&app, &task, to.as_ref())?,
        );
        let versions = Versions::new(&app.config.data_dir);
        let paths: BTreeSet<&String> = old.files.keys().chain(new.files.keys()).collect();
        let mut files = Vec::new();
        for path in paths {
            let (was, is) = (old.files.get(path), new.files.get(path));
            let fate = match (was, is) {
                (None, _) => FileFate::Added,
                (_, None) => FileFate::Removed,
                (Some(was), Some(is)) if (&was.0, was.1) == (&is.0, is.1) => continue,
                _ => FileFate::Changed,
            };
            let text = |side: Option<&(Digest, bool, u64, Origin)>| match side {
                Some(file) => text(&versions, file),
                None => Ok(Some(String::new())),
            };
            let texts = text(was)?.zip(text(is)?);
            files.push(compare(path, fate, texts));
        }
        let present = old.present.or(new.present);
        Ok(VersionDiff {
            from,
            to,
            present,
            files,
        })
    })
    .await
}

fn side(app: &App, task: &TaskName, version: Option<&Digest>) -> Result<Side, Error> {
    if let Some(version) = version {
        let files = Versions::new(&app.config.data_dir).files(version)?;
        let files = files.into_iter().map(|file| {
            let facts = (file.digest, file.executable, file.bytes, Origin::Kept);
            (file.path, facts)
        });
        return Ok(Side {
            present: None,
            files: files.collect(),
        });
    }
    let tree = snapshot_of(&app.catalogue.locate(task)?, task.as_str())?;
    let files = tree.files.into_iter().map(|file| {
        let origin = Origin::Present(file.source);
        let facts = (file.digest, file.executable, file.bytes, origin);
        (file.path, facts)
    });
    Ok(Side {
        files: files.collect(),
        present: Some(tree.digest),
    })
}

/// The text of a file; none when it is too large or no text.
fn text(
    versions: &Versions,
    (digest, executable, bytes, origin): &(Digest, bool, u64, Origin),
) -> Result<Option<String>, Error> {
    if *bytes > MAX_COMPARED {
        return Ok(None);
    }
    let content = match origin {
        Origin::Present(path) => {
            fs::read(path).map_err(Error::io(format!("cannot read {}", path.display())))?
        }
        Origin::Kept => versions.content_of(&VersionFile {
            path: String::new(),
            executable: *executable,
            bytes: *bytes,
            digest: digest.clone(),
        })?,
    };
    let text = String::from_utf8(content).ok();
    Ok(text.filter(|text| !text.contains('\0')))
}

fn compare(path: &str, fate: FileFate, texts: Option<(String, String)>) -> FileDiff {
    let mut found = FileDiff {
        path: path.to_owned(),
        fate,
        added: 0,
        removed: 0,
        unified: None,
    };
    let Some((old, new)) = texts else {
        return found;
    };
    let diff = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(&old, &new);
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Insert => found.added += 1,
            ChangeTag::Delete => found.removed += 1,
            ChangeTag::Equal => {}
        }
    }
    let (a, b) = (format!("a/{path}"), format!("b/{path}"));
    found.unified = Some(diff.unified_diff().header(&a, &b).to_string());
    found
}
