//! How much room a disk has. What follows from it is decided elsewhere.
//!
//! What Runbay writes ranks: the state of runs, which is small and is told to
//! people, comes before logs and files, which are large. So logs and files
//! leave the last part of a disk alone, and a [`Reserve`] is held for the state
//! against everybody else who fills the disk.

use rustix::fs::{FallocateFlags, fallocate, fstatvfs, statvfs};
use std::fs::{self, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The room on one disk, in bytes, as far as this user may use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// What is free.
    pub free: u64,
    /// What there is.
    pub total: u64,
    /// Whether hardly any file can be added, however small.
    pub few_inodes: bool,
}

impl Room {
    /// The room where a file or folder is.
    ///
    /// # Errors
    /// When it is not there or cannot be asked.
    pub fn of(path: &Path) -> io::Result<Self> {
        Ok(statvfs(path)?.into())
    }

    /// The room where an open file is.
    ///
    /// # Errors
    /// When its file system does not tell.
    pub fn at(file: impl AsFd) -> io::Result<Self> {
        Ok(fstatvfs(file)?.into())
    }
}

impl From<rustix::fs::StatVfs> for Room {
    fn from(disk: rustix::fs::StatVfs) -> Self {
        Self {
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
            total: disk.f_blocks.saturating_mul(disk.f_frsize),
            few_inodes: disk.f_files > 0 && disk.f_favail < disk.f_files / 100,
        }
    }
}

/// Less than this, and the reserve is given up: a few commits fit in.
const LAST: u64 = 1 << 20;

/// A file that holds room on a disk until it is needed.
#[derive(Debug, Clone)]
pub struct Reserve(PathBuf);

impl Reserve {
    /// The reserve in a folder, whether it is held now or not.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self(folder.join("reserve"))
    }

    /// Holds so many bytes. Costs one look when it does so already.
    ///
    /// # Errors
    /// When the disk has not that much, or its file system cannot hold any.
    pub fn hold(&self, bytes: u64) -> io::Result<()> {
        if fs::metadata(&self.0).is_ok_and(|file| file.len() == bytes) {
            return Ok(());
        }
        let mut new = OpenOptions::new();
        let new = new.write(true).create(true).truncate(true).mode(0o600);
        let file = new.open(&self.0)?;
        let held = fallocate(&file, FallocateFlags::empty(), 0, bytes);
        if held.is_err() {
            // Half a reserve would pass for none at the next look anyway.
            drop(fs::remove_file(&self.0));
        }
        Ok(held?)
    }

    /// Gives the room back if the disk is full but for a last bit.
    pub fn give_up_when_needed(&self) {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        if Room::of(folder).is_ok_and(|room| room.free < LAST) {
            // It is not there, or cannot be had: the next write tells.
            drop(fs::remove_file(&self.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserve_is_room_and_stays_while_there_is_other() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::of(folder.path());
        reserve.hold(1 << 20).unwrap();
        reserve.hold(2 << 20).unwrap();
        use std::os::unix::fs::MetadataExt as _;
        let file = fs::metadata(folder.path().join("reserve")).unwrap();
        assert!(file.blocks() * 512 >= 2 << 20, "{file:?}");
        reserve.give_up_when_needed();
        assert!(folder.path().join("reserve").exists());
        assert!(Room::of(folder.path()).unwrap().free > 0);
        assert!(Room::of(Path::new("/nowhere")).is_err());
    }
}
