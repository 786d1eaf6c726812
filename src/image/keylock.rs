//! One builder per key, across all processes that share a data folder.

use super::{BuildContext, ImageError};
use crate::domain::ids::Digest;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

/// Held while a key is being built; released when dropped, also by a crash.
#[derive(Debug)]
pub(super) struct KeyLock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// Waits until this process alone works on `key`, or until cancelled.
pub(super) async fn acquire(
    data_dir: &Path,
    key: &Digest,
    build: &BuildContext,
) -> Result<KeyLock, ImageError> {
    let mut told = false;
    loop {
        if let Some(lock) = take(data_dir, key)? {
            return Ok(lock);
        }
        if !told {
            build.say("another run is building the same image; waiting for it");
            told = true;
        }
        tokio::select! {
            () = build.cancel.cancelled() => return Err(ImageError::Cancelled),
            () = tokio::time::sleep(Duration::from_millis(50)) => {}
        }
    }
}

/// As [`acquire`], for what takes moments and nobody needs to hear of.
pub(super) async fn acquire_briefly(data_dir: &Path, key: &Digest) -> Result<KeyLock, ImageError> {
    loop {
        if let Some(lock) = take(data_dir, key)? {
            return Ok(lock);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Takes the lock if nobody has it.
fn take(data_dir: &Path, key: &Digest) -> Result<Option<KeyLock>, ImageError> {
    let path = data_dir.join("locks").join(format!("{key}.lock"));
    let io = |source| ImageError::Io {
        what: format!("the lock {} could not be taken", path.display()),
        source,
    };
    std::fs::create_dir_all(data_dir.join("locks")).map_err(io)?;
    loop {
        let file = File::create(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) if is_at(&file, &path).map_err(io)? => return Ok(Some(KeyLock(file))),
            // Housekeeping removed it meanwhile; others lock the new one.
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(io(error)),
            Err(TryLockError::WouldBlock) => return Ok(None),
        }
    }
}

/// Whether nobody works on `key` now.
///
/// # Errors
/// When its lock file cannot be read.
pub fn is_free(data_dir: &Path, key: &Digest) -> io::Result<bool> {
    match File::open(data_dir.join("locks").join(format!("{key}.lock"))) {
        Ok(file) => match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Whether an open file is the one that has this path now.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(now) => Ok((now.dev(), now.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::size::{Bytes, MIB};
    use crate::logs::{Bounds, SharedLog};
    use tokio_util::sync::CancellationToken;

    fn build(folder: &Path) -> BuildContext {
        let bounds = Bounds {
            cap: Bytes(MIB),
            spare: Bytes(0),
        };
        BuildContext {
            log: SharedLog::open(&folder.join("log"), bounds, None).unwrap(),
            cancel: CancellationToken::new(),
            fresh: false,
            anew: false,
        }
    }

    #[tokio::test]
    async fn a_lock_whose_file_was_removed_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let (data, key) = (folder.path(), Digest::of(b"key"));
        let build = build(data);
        let path = data.join("locks").join(format!("{key}.lock"));
        let first = acquire(data, &key, &build).await.unwrap();
        let waiting = acquire(data, &key, &build);
        tokio::pin!(waiting);
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        std::fs::remove_file(&path).unwrap();
        drop(first);
        let second = waiting.await.unwrap();
        // Who comes now finds the second, and not a file without a holder.
        assert!(!is_free(data, &key).unwrap());
        drop(second);
        assert!(is_free(data, &key).unwrap());
    }
}
