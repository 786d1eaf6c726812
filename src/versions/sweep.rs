//! Removing versions that nobody needs. Which those are is decided elsewhere;
//! here is what goes with them, while others keep new ones.

use super::{VersionError, Versions};
use crate::domain::ids::Digest;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What was kept or asked for so short a time ago stays: a run may be about to
/// say that it needs it.
pub const FRESH: Duration = Duration::from_secs(3600);

/// The right to remove versions: nobody keeps any meanwhile.
#[derive(Debug)]
pub struct Sweep {
    versions: Versions,
    #[expect(dead_code, reason = "the open file is the lock")]
    lock: File,
}

impl Versions {
    /// Takes the lock of the folder in one way or the other.
    pub(super) fn lock(
        &self,
        take: impl Fn(&File) -> io::Result<()>,
    ) -> Result<File, VersionError> {
        let path = self.folder.join("lock");
        let open = || {
            let mut options = File::options();
            let options = options.write(true).create(true).truncate(false);
            match options.open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    fs::create_dir_all(&self.folder)?;
                    options.open(&path)
                }
                other => other,
            }
        };
        let file = open().map_err(VersionError::io(&path))?;
        take(&file).map_err(VersionError::io(&path))?;
        Ok(file)
    }

    /// Lets nobody remove versions until dropped; waits while somebody does.
    /// Others may keep new ones. Blocks.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn hold(&self) -> Result<File, VersionError> {
        self.lock(File::lock_shared)
    }

    /// Waits until nobody keeps a version, which is a matter of moments, and
    /// lets nobody until dropped. Blocks.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sweep(&self) -> Result<Sweep, VersionError> {
        Ok(Sweep {
            lock: self.lock(File::lock)?,
            versions: self.clone(),
        })
    }
}

impl Sweep {
    /// Whether nobody asked for a version lately.
    #[must_use]
    pub fn is_stale(&self, version: &Digest) -> bool {
        is_stale(&self.versions.list(version))
    }

    /// Removes versions, and the files that no other version has. How many bytes
    /// of disk that freed.
    ///
    /// # Errors
    /// When the disk refuses; what is removed by then, is.
    pub fn remove(&self, gone: &HashSet<Digest>) -> Result<u64, VersionError> {
        let mut freed = 0;
        for version in gone {
            freed += remove(&self.versions.list(version))?;
        }
        let needed = self.contents()?;
        for path in files_in(&self.versions.folder.join("files"))? {
            let name = path.file_name().and_then(|name| name.to_str());
            let digest = name.and_then(|name| name.strip_suffix(".zst"));
            // What has another name is a file that is just being written.
            if digest.is_some_and(|digest| !needed.contains(digest)) && is_stale(&path) {
                freed += remove(&path)?;
            }
        }
        Ok(freed)
    }

    /// The digests of all contents that versions have. One that cannot be read
    /// may have any, so then nothing can be removed.
    fn contents(&self) -> Result<HashSet<String>, VersionError> {
        let mut needed = HashSet::new();
        let trees = self.versions.folder.join("trees");
        for entry in list(&trees)? {
            let name = entry.file_name().and_then(|name| name.to_str());
            if let Some(digest) = name.and_then(|name| name.strip_suffix(".json")) {
                let files = self.versions.files(&Digest(digest.to_owned()))?;
                needed.extend(files.into_iter().map(|file| file.digest.0));
            }
        }
        Ok(needed)
    }
}

fn is_stale(path: &Path) -> bool {
    let age = |at: SystemTime| at.elapsed().unwrap_or_default();
    let modified = fs::metadata(path).and_then(|found| found.modified());
    // What is gone is nobody's.
    modified.is_ok_and(|at| age(at) >= FRESH) || !path.exists()
}

/// Removes a file; one that is gone is fine. Its bytes.
fn remove(path: &Path) -> Result<u64, VersionError> {
    let bytes = fs::metadata(path).map_or(0, |found| found.len());
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(VersionError::io(path)(error)),
        _ => Ok(bytes),
    }
}

/// The files in the folders of a folder.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, VersionError> {
    let mut files = Vec::new();
    for folder in list(folder)? {
        files.extend(list(&folder)?);
    }
    Ok(files)
}

/// What is in a folder; nothing when it is not there.
fn list(folder: &Path) -> Result<Vec<PathBuf>, VersionError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(VersionError::io(folder))?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths
        .collect::<Result<_, _>>()
        .map_err(VersionError::io(folder))
}

#[cfg(test)]
mod tests {
    use super::super::tests::tree;
    use super::*;

    /// Makes all that is kept as old as two hours.
    fn two_hours_later(folder: &Path) {
        let old = SystemTime::now() - 2 * FRESH;
        let mut all = files_in(&folder.join("versions/files")).unwrap();
        all.extend(list(&folder.join("versions/trees")).unwrap());
        for path in all {
            let file = File::options().write(true).open(path).unwrap();
            file.set_modified(old).unwrap();
        }
    }

    #[test]
    fn a_version_goes_with_the_files_that_no_other_has() {
        let (code, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let versions = Versions::new(data.path());
        let first = tree(
            code.path(),
            &[("main.py", "print(1)"), ("same.py", "x = 1")],
        );
        versions.keep(&first).unwrap();
        let second = tree(
            code.path(),
            &[("main.py", "print(2)"), ("same.py", "x = 1")],
        );
        versions.keep(&second).unwrap();
        let gone = HashSet::from([first.digest.clone()]);
        assert!(!versions.sweep().unwrap().is_stale(&first.digest));
        two_hours_later(data.path());
        let sweep = versions.sweep().unwrap();
        assert!(sweep.is_stale(&first.digest));
        assert!(sweep.remove(&gone).unwrap() > 0);
        drop(sweep);
        let left = files_in(&data.path().join("versions/files")).unwrap();
        assert_eq!(left.len(), 2, "{left:?}");
        let back = tempfile::tempdir().unwrap();
        versions.restore(&second.digest, back.path()).unwrap();
        assert!(versions.files(&first.digest).is_err());
    }

    #[test]
    fn what_is_kept_again_is_no_longer_stale() {
        let (code, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let versions = Versions::new(data.path());
        let kept = tree(code.path(), &[("main.py", "print(1)")]);
        versions.keep(&kept).unwrap();
        two_hours_later(data.path());
        versions.keep(&kept).unwrap();
        assert!(!versions.sweep().unwrap().is_stale(&kept.digest));
    }

    #[test]
    fn a_list_that_cannot_be_read_keeps_every_file() {
        let (code, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let versions = Versions::new(data.path());
        let kept = tree(code.path(), &[("main.py", "print(1)")]);
        versions.keep(&kept).unwrap();
        fs::write(versions.list(&kept.digest), "no list").unwrap();
        two_hours_later(data.path());
        let done = versions.sweep().unwrap().remove(&HashSet::new());
        assert!(matches!(done, Err(VersionError::Damaged(_))), "{done:?}");
        assert_eq!(
            files_in(&data.path().join("versions/files")).unwrap().len(),
            1
        );
    }
}
