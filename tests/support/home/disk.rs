//! A small disk of its own below a home's data folder, to be filled.

use super::eventually;
use runbay::disk::Room;
use rustix::fs::{FallocateFlags, fallocate};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted tmpfs. Unmounted with its value.
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// Mounts so many MiB at a folder, which is made.
    pub(super) fn mount(at: &Path, mib: u64) -> Self {
        fs::create_dir(at).unwrap();
        let options = format!("size={mib}m,mode=700");
        let mount = ["-t", "tmpfs", "-o", &options, "runbay-test"];
        let done = Command::new("mount").args(mount).arg(at).output();
        let done = done.expect("`mount` must be there: tests of full disks need one to fill");
        assert!(
            done.status.success(),
            "tests of full disks mount a tmpfs, which takes root (or CAP_SYS_ADMIN): {}",
            String::from_utf8_lossy(&done.stderr)
        );
        Self(at.to_owned())
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast-of-the-test")
    }

    /// What is free, bytes.
    pub(crate) fn free(&self) -> u64 {
        Room::of(&self.0).unwrap().free
    }

    /// Fills it but for so many bytes.
    pub(crate) fn fill_up_to(&self, free: u64) {
        self.empty();
        let file = File::create(self.ballast()).unwrap();
        eventually("the disk is full", || {
            let has = file.metadata().unwrap().len();
            let take = self.free().saturating_sub(free);
            // Others may take some of it meanwhile: then there is less to take.
            take == 0 || fallocate(&file, FallocateFlags::empty(), has, take).is_ok()
        });
    }

    /// Takes away what it was filled with.
    pub(crate) fn empty(&self) {
        drop(fs::remove_file(self.ballast()));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the database may still be open.
        let done = Command::new("umount").arg("--lazy").arg(&self.0).status();
        if !done.is_ok_and(|status| status.success()) && !std::thread::panicking() {
            panic!("{} is still mounted", self.0.display());
        }
    }
}
