//! Who drives a run: whoever holds its lock file. The kernel lets go of it when
//! the holder dies, however it dies.

use super::Error;
use crate::domain::ids::RunId;
use std::fs::{File, TryLockError};
use std::path::Path;

/// The right to drive one run, until dropped.
#[derive(Debug)]
pub struct RunLock {
    #[expect(dead_code, reason = "the open file is the lock")]
    file: File,
}

impl RunLock {
    /// Takes the lock; none when another process drives the run.
    ///
    /// # Errors
    /// When the lock file cannot be made.
    pub fn try_take(data_dir: &Path, run: RunId) -> Result<Option<Self>, Error> {
        let folder = data_dir.join("locks");
        let path = folder.join(format!("run-{run}.lock"));
        let what = || format!("the lock {} could not be taken", path.display());
        std::fs::create_dir_all(&folder).map_err(Error::io(what()))?;
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

    /// Removes the file of a run that is over. Its id never comes again.
    pub fn dispose(self, data_dir: &Path, run: RunId) {
        drop(std::fs::remove_file(
            data_dir.join("locks").join(format!("run-{run}.lock")),
        ));
    }
}
