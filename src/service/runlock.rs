//! Who drives a run: whoever holds its lock file. The kernel lets go of it when
//! the holder dies, however it dies.
//!
//! The lock belongs to the open file, and a process that was started with that
//! file open holds it too. So it passes from a command to the process that goes
//! on for it without a moment in which nobody has it.

use super::Error;
use crate::domain::ids::RunId;
use std::fs::{File, TryLockError};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The right to drive one run, until dropped.
#[derive(Debug)]
pub struct RunLock {
    file: File,
}

impl RunLock {
    /// Takes the lock; none when another process drives the run.
    ///
    /// # Errors
    /// When the lock file cannot be made.
    pub fn try_take(data_dir: &Path, run: RunId) -> Result<Option<Self>, Error> {
        let path = path_of(data_dir, run);
        let what = || format!("the lock {} could not be taken", path.display());
        std::fs::create_dir_all(data_dir.join("locks")).map_err(Error::io(what()))?;
        let file = File::create(&path).map_err(Error::io(what()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(Error::Io {
                what: what(),
                source,
            }),
        }
    }

    /// A share of the lock, for the standard output of a process that is about
    /// to be started: it holds the lock as well, as long as it lives.
    ///
    /// # Errors
    /// When this process has too many open files.
    pub fn share(&self) -> io::Result<Stdio> {
        Ok(self.file.try_clone()?.into())
    }

    /// The lock of this run, if the standard output of this process is a
    /// [share](Self::share) of it.
    #[must_use]
    pub fn inherited(data_dir: &Path, run: RunId) -> Option<Self> {
        let file = File::from(io::stdout().as_fd().try_clone_to_owned().ok()?);
        let (ours, there) = (
            file.metadata().ok()?,
            path_of(data_dir, run).metadata().ok()?,
        );
        let same = (ours.dev(), ours.ino()) == (there.dev(), there.ino());
        // Locking anew what the same open file has locked succeeds.
        (same && file.try_lock().is_ok()).then_some(Self { file })
    }

    /// Removes the file of a run that is over. Its id never comes again.
    pub fn dispose(self, data_dir: &Path, run: RunId) {
        drop(std::fs::remove_file(path_of(data_dir, run)));
    }
}

fn path_of(data_dir: &Path, run: RunId) -> PathBuf {
    data_dir.join("locks").join(format!("run-{run}.lock"))
}
