//! The code of a task as it goes into an image: which files, and one digest
//! over all of them. Nothing from outside the folder can become part of it.

use super::edit::is_temporary;
use super::problem::CatalogueError;
use super::text::open_plain;
use crate::domain::ids::Digest;
use crate::domain::size::{Bytes, GIB};
use crate::domain::task::Task;
use ignore::WalkBuilder;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The most files and folders a task may hold.
pub(super) const MAX_FILES: usize = 20_000;
/// The most its files may hold together.
pub(super) const MAX_BYTES: u64 = GIB;
/// The names of our own ignore files: a task's own only, never those of the
/// folders above it or of the user.
const IGNORE_FILE: &str = ".runbayignore";

/// The code of a task at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The digest over every path, mode and content: the task's version.
    pub digest: Digest,
    /// The files, sorted by path.
    pub files: Vec<TreeFile>,
    /// Their sizes together.
    pub bytes: u64,
}

/// One file of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Its path below the task's folder, `/`-separated.
    pub path: String,
    /// Where its content is; for a link within the folder, the file it means.
    pub source: PathBuf,
    /// Whether its owner may execute it.
    pub executable: bool,
    /// Its size.
    pub bytes: u64,
    /// The digest of its content.
    pub digest: Digest,
}

/// What a folder holds, at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Project {
    /// The files that would go into an image.
    pub files: u64,
    /// Their sizes together.
    pub bytes: u64,
    /// Whether the folder is a Python package: it holds `__main__.py` or
    /// `__init__.py`.
    pub package: bool,
}

/// A file before it is read.
struct Candidate {
    path: String,
    source: PathBuf,
    executable: bool,
    bytes: u64,
}

/// Reads the code of a task: which files it has after the ignore rules, and
/// their digests.
///
/// # Errors
/// A file that cannot go into an image, by name; too many or too large files,
/// told before any is read.
pub fn snapshot(task: &Task) -> Result<Tree, CatalogueError> {
    snapshot_of(&task.path, task.name.as_str())
}

/// Reads the code of a folder, or of a single script, that need not be a valid
/// task.
///
/// # Errors
/// As [`snapshot`].
pub fn snapshot_of(path: &Path, task: &str) -> Result<Tree, CatalogueError> {
    let candidates = if path.is_dir() {
        walk(path, task)?
    } else {
        single(path)?
    };
    let mut files = Vec::with_capacity(candidates.len());
    for Candidate {
        path,
        source,
        executable,
        bytes,
    } in candidates
    {
        let digest = hash(&source, bytes)?;
        files.push(TreeFile {
            path,
            source,
            executable,
            bytes,
            digest,
        });
    }
    let bytes = files.iter().map(|file| file.bytes).sum();
    let digest = digest(&files);
    Ok(Tree {
        digest,
        files,
        bytes,
    })
}

/// Counts what a folder would put into an image.
///
/// # Errors
/// As [`snapshot`], but no file is read.
pub fn project(dir: &Path) -> Result<Project, CatalogueError> {
    let files = walk(dir, &dir.to_string_lossy())?;
    let package = |file: &Candidate| file.path == "__main__.py" || file.path == "__init__.py";
    Ok(Project {
        files: files.len() as u64,
        bytes: files.iter().map(|file| file.bytes).sum(),
        package: files.iter().any(package),
    })
}

/// The files of a folder that the ignore rules leave, by their paths, whether
/// or not an image could hold them.
#[must_use]
pub fn code_paths(root: &Path) -> BTreeSet<PathBuf> {
    let found = walker(root).build().filter_map(Result::ok);
    let below = found.filter_map(|entry| {
        let path = entry.path().strip_prefix(root).ok()?;
        Some(path.to_owned())
    });
    below.take(MAX_FILES).collect()
}

/// Whether the ignore rules leave out a file of a folder.
pub(super) fn is_ignored(root: &Path, file: &str) -> bool {
    let path = root.join(file);
    // No deeper than the file lies: the rest of the folder may be large.
    let depth = Path::new(file).components().count();
    let mut walk = walker(root);
    !walk
        .max_depth(Some(depth))
        .build()
        .any(|entry| entry.is_ok_and(|entry| entry.path() == path))
}

fn digest(files: &[TreeFile]) -> Digest {
    let mut hasher = Sha256::new();
    for file in files {
        // Paths hold no NUL and digests are of one length, so no two trees
        // write the same bytes.
        hasher.update(file.path.as_bytes());
        hasher.update(if file.executable { b"\0x\0" } else { b"\0-\0" });
        hasher.update(file.digest.0.as_bytes());
    }
    Digest::from_hash(&hasher.finalize())
}

/// The digest of a file that should hold `bytes` bytes.
fn hash(source: &Path, bytes: u64) -> Result<Digest, CatalogueError> {
    let failed = |fault| CatalogueError::io("read", source, fault);
    // One byte more shows a file that grew, and no growth keeps us reading.
    let mut reader = open_plain(source).map_err(failed)?.take(bytes + 1);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        let count = reader.read(&mut buffer).map_err(failed)?;
        if count == 0 {
            break;
        }
        total += count as u64;
        hasher.update(&buffer[..count]);
    }
    if total != bytes {
        return Err(CatalogueError::ChangedDuringRead {
            path: source.to_owned(),
        });
    }
    Ok(Digest::from_hash(&hasher.finalize()))
}

fn single(path: &Path) -> Result<Vec<Candidate>, CatalogueError> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let kind =
        fs::symlink_metadata(path).map_err(|fault| CatalogueError::io("read", path, fault))?;
    if !kind.is_file() {
        return Err(refused(name, "is not a regular file"));
    }
    let mut total = Total::default();
    total.add(&name, kind.len())?;
    Ok(vec![Candidate {
        path: name,
        source: path.to_owned(),
        executable: kind.permissions().mode() & 0o100 != 0,
        bytes: kind.len(),
    }])
}

/// What was counted so far, so that a folder of any size is refused early.
#[derive(Default)]
struct Total {
    entries: usize,
    bytes: u64,
}

impl Total {
    fn add(&mut self, task: &str, bytes: u64) -> Result<(), CatalogueError> {
        self.entries += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        let cap = if self.entries > MAX_FILES {
            format!("{MAX_FILES} files and folders")
        } else if self.bytes > MAX_BYTES {
            format!("{} of files", Bytes(MAX_BYTES))
        } else {
            return Ok(());
        };
        Err(CatalogueError::TooLarge {
            task: task.to_owned(),
            cap,
        })
    }
}

/// The walk over what the ignore rules leave.
fn walker(root: &Path) -> WalkBuilder {
    let mut walk = WalkBuilder::new(root);
    walk.standard_filters(false)
        .git_ignore(true)
        .require_git(false)
        .add_custom_ignore_filename(IGNORE_FILE)
        .follow_links(false)
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let venv = folder && entry.depth() > 0 && entry.path().join("pyvenv.cfg").exists();
            let ours = !folder && (name.ends_with(".pyc") || is_temporary(&name));
            !(venv || ours || name == ".git" || name == "__pycache__")
        });
    walk
}

fn walk(root: &Path, task: &str) -> Result<Vec<Candidate>, CatalogueError> {
    let mut total = Total::default();
    let mut found = Vec::new();
    for entry in walker(root).build() {
        let entry = entry.map_err(|fault| unwalkable(root, fault))?;
        if let Some(fault) = entry.error() {
            return Err(refused(
                shown(root, entry.path()),
                &format!("an ignore file in it cannot be read: {fault}"),
            ));
        }
        if entry.depth() == 0 {
            continue;
        }
        let kind = fs::symlink_metadata(entry.path())
            .map_err(|fault| CatalogueError::io("read", entry.path(), fault))?;
        if kind.is_dir() {
            total.add(task, 0)?;
            continue;
        }
        let candidate = candidate(root, entry.path())?;
        total.add(task, candidate.bytes)?;
        found.push(candidate);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// One file of the folder, if an image can hold it.
fn candidate(root: &Path, path: &Path) -> Result<Candidate, CatalogueError> {
    let shown = shown(root, path);
    let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) else {
        return Err(refused(shown, "its name is not UTF-8: rename it"));
    };
    let failed = |fault| CatalogueError::io("read", path, fault);
    let mut source = path.to_owned();
    let mut kind = fs::symlink_metadata(path).map_err(failed)?;
    if kind.is_symlink() {
        source = target(root, path).map_err(|reason| refused(shown.clone(), reason))?;
        kind = fs::symlink_metadata(&source).map_err(failed)?;
        if kind.is_dir() {
            return Err(refused(
                shown,
                "is a link to a folder: put a copy there, or ignore it",
            ));
        }
    }
    if !kind.is_file() {
        let reason = "is not a file but a pipe, socket or device: remove or ignore it";
        return Err(refused(shown, reason));
    }
    Ok(Candidate {
        path: name.to_owned(),
        source,
        executable: kind.permissions().mode() & 0o100 != 0,
        bytes: kind.len(),
    })
}

/// The file within the folder that a link means.
fn target(root: &Path, link: &Path) -> Result<PathBuf, &'static str> {
    let outside = "is a link that leads out of the folder: put a copy of the file there";
    let written = fs::read_link(link).map_err(|_| "is a link that cannot be read")?;
    if written.is_absolute() {
        return Err(outside);
    }
    let real = fs::canonicalize(link).map_err(|_| "is a link to nothing: remove or mend it")?;
    let root = fs::canonicalize(root).map_err(|_| "lies in a folder that is gone")?;
    if real.starts_with(&root) {
        Ok(real)
    } else {
        Err(outside)
    }
}

fn refused(path: String, reason: &str) -> CatalogueError {
    CatalogueError::Refused {
        path,
        reason: reason.to_owned(),
    }
}

fn shown(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    relative.to_string_lossy().escape_debug().to_string()
}

fn unwalkable(root: &Path, fault: ignore::Error) -> CatalogueError {
    let reason = fault.to_string();
    match fault.into_io_error() {
        Some(fault) => CatalogueError::io("list", root, fault),
        None => refused(root.to_string_lossy().into_owned(), &reason),
    }
}
