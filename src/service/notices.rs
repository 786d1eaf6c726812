//! What the kernel says happened in `tasks/`, so that looking for changes costs
//! nothing while nothing changes.
//!
//! It says nothing of files that another machine changes, nor of writes to
//! mapped memory. So only file systems of this machine are listened to, and all
//! of them are looked at now and then as if nothing were ever said. What cannot
//! be listened to, for want of watches, is named in every answer.

use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};
use rustix::fs::statfs;
use rustix::io::Errno;
use std::collections::{BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often everything is to be looked at whatever was said.
const FULL: Duration = Duration::from_secs(15);
/// The most folders that are watched: a user has 8192 watches for all programs
/// on a small machine.
const WATCHES: usize = 4096;
/// How many entries of a task are looked at, and how deep: a folder of data does
/// not hold up the others.
pub(super) const ENTRIES: usize = 500;
pub(super) const DEPTH: usize = 8;

/// The file systems whose changes all come through this kernel, by their magic
/// numbers (`statfs(2)`): ext2 to ext4, XFS, Btrfs, tmpfs, overlayfs, ZFS, F2FS
/// and bcachefs.
const LOCAL: [u32; 8] = [
    0xEF53,
    0x5846_5342,
    0x9123_683E,
    0x0102_1994,
    0x794C_7630,
    0x2FC1_2FC1,
    0xF2F5_2010,
    0xCA45_1A4E,
];

/// Who asks. Each hears everything once.
#[derive(Debug, Clone, Copy)]
pub enum Asker {
    /// Whoever keeps schedules.
    Schedules,
    /// Whoever tells of tasks that change.
    Events,
}

/// Where something may have changed since the same one last asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noticed {
    /// Anywhere.
    Anything,
    /// In entries of `tasks/`.
    Entries {
        /// Something happened in these.
        heard: BTreeSet<OsString>,
        /// Of these nothing is ever heard.
        deaf: BTreeSet<OsString>,
    },
}

/// The ear at `tasks/`. It listens from the first question on.
#[derive(Debug, Default)]
pub struct Notices(Mutex<Ear>);

#[derive(Debug)]
struct Ear {
    inotify: Option<OwnedFd>,
    /// The last time it was tried to listen.
    tried: Option<Instant>,
    /// The entry that each watch is in; none for `tasks/` itself.
    watches: HashMap<i32, Option<OsString>>,
    deaf: BTreeSet<OsString>,
    pending: [Pending; 2],
    /// [`FULL`], but for tests.
    full: Duration,
}

#[derive(Debug, Default)]
struct Pending {
    heard: BTreeSet<OsString>,
    /// When everything was last looked at; none to do so at once.
    full: Option<Instant>,
}

impl Default for Ear {
    fn default() -> Self {
        Self {
            inotify: None,
            tried: None,
            watches: HashMap::new(),
            deaf: BTreeSet::new(),
            pending: Default::default(),
            full: FULL,
        }
    }
}

impl Notices {
    /// Where something may have changed. What is changed after the answer is in
    /// the next one.
    #[must_use]
    pub fn take(&self, tasks: &Path, who: Asker) -> Noticed {
        let mut ear = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ear.hear(tasks);
        let (deafness, full) = (ear.inotify.is_none(), ear.full);
        let deaf = ear.deaf.clone();
        let pending = &mut ear.pending[who as usize];
        let heard = std::mem::take(&mut pending.heard);
        if deafness || pending.full.is_none_or(|at| at.elapsed() >= full) {
            pending.full = Some(Instant::now());
            return Noticed::Anything;
        }
        Noticed::Entries { heard, deaf }
    }
}

impl Ear {
    /// Takes in all that was said since the last time.
    fn hear(&mut self, tasks: &Path) {
        let Some(inotify) = &self.inotify else {
            if self.tried.is_none_or(|at| at.elapsed() >= self.full) {
                self.listen(tasks);
            }
            return;
        };
        let mut named = BTreeSet::new();
        let mut lost = false;
        let mut buffer = [MaybeUninit::uninit(); 8192];
        let mut reader = Reader::new(inotify, &mut buffer);
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(Errno::INTR) => continue,
                Err(error) => {
                    lost |= error != Errno::WOULDBLOCK;
                    break;
                }
            };
            let what = event.events();
            lost |= what.intersects(ReadFlags::QUEUE_OVERFLOW);
            let over = what.intersects(ReadFlags::IGNORED);
            match self.watches.get(&event.wd()) {
                Some(Some(entry)) => drop(named.insert(entry.clone())),
                Some(None) => match event.file_name() {
                    Some(name) => {
                        named.insert(OsStr::from_bytes(name.to_bytes()).to_owned());
                    }
                    // `tasks/` itself is another one, or gone.
                    None => lost |= over || what.intersects(ReadFlags::MOVE_SELF),
                },
                None => {}
            }
            if over {
                self.watches.remove(&event.wd());
            }
        }
        if lost {
            self.listen(tasks);
            return;
        }
        for entry in &named {
            self.watch(tasks, entry);
        }
        for pending in &mut self.pending {
            pending.heard.extend(named.iter().cloned());
        }
    }

    /// Begins to listen, or begins anew. Whatever was there or happened before
    /// is to be looked at.
    fn listen(&mut self, tasks: &Path) {
        *self = Self {
            tried: Some(Instant::now()),
            full: self.full,
            ..Self::default()
        };
        if !is_local(tasks) {
            return;
        }
        let Ok(inotify) = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK) else {
            return;
        };
        let Ok(watch) = add_watch(&inotify, tasks, flags()) else {
            return;
        };
        self.watches.insert(watch, None);
        self.inotify = Some(inotify);
        for entry in fs::read_dir(tasks).into_iter().flatten().flatten() {
            self.watch(tasks, &entry.file_name());
        }
    }

    /// Watches the folders of an entry of `tasks/`; those that are watched
    /// already go by its name from now on.
    fn watch(&mut self, tasks: &Path, entry: &OsStr) {
        self.deaf.remove(entry);
        let Some(inotify) = &self.inotify else { return };
        if entry.as_bytes().starts_with(b".") {
            return;
        }
        let path = tasks.join(entry);
        let Ok(found) = path.symlink_metadata() else {
            return;
        };
        if !found.is_dir() {
            return;
        }
        let device = found.dev();
        let mut well = is_local(&path);
        for folder in folders(&path) {
            let here = folder.symlink_metadata().map_or(device, |of| of.dev());
            well &= here == device || is_local(&folder);
            if self.watches.len() >= WATCHES {
                well = false;
                break;
            }
            match add_watch(inotify, &folder, flags()) {
                Ok(watch) => drop(self.watches.insert(watch, Some(entry.to_owned()))),
                // It went away meanwhile, which is heard.
                Err(Errno::NOENT | Errno::NOTDIR) => {}
                Err(_) => well = false,
            }
        }
        if !well {
            self.deaf.insert(entry.to_owned());
        }
    }
}

/// The folder of a task and those in it that may hold code. Each is listed only
/// after the next one was asked for, so that it can be watched before.
fn folders(path: &Path) -> impl Iterator<Item = PathBuf> {
    let mut left = ENTRIES;
    let mut coming = vec![(path.to_owned(), 0)];
    let mut last: Option<(PathBuf, usize)> = None;
    std::iter::from_fn(move || {
        if let Some((folder, depth)) = last.take() {
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            for entry in entries.take(left) {
                left -= 1;
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                let path = entry.path();
                let code = !is_apart(&path) && !is_venv(&path);
                if is_folder && depth < DEPTH && code {
                    coming.push((path, depth + 1));
                }
            }
        }
        last = coming.pop();
        last.as_ref().map(|(folder, _)| folder.clone())
    })
}

/// Whether a file or folder is no code by its name: repositories and caches.
pub(super) fn is_apart(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(".git") || name == "__pycache__" || name.starts_with(".venv")
}

/// Whether a folder is a virtual environment, whatever it is called.
pub(super) fn is_venv(folder: &Path) -> bool {
    folder.join("pyvenv.cfg").exists()
}

fn flags() -> WatchFlags {
    WatchFlags::MODIFY
        | WatchFlags::ATTRIB
        | WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVE
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR
        | WatchFlags::DONT_FOLLOW
        | WatchFlags::EXCL_UNLINK
}

fn is_local(path: &Path) -> bool {
    // Magic numbers have 32 bits; what is above is the sign of some of them.
    statfs(path).is_ok_and(|found| LOCAL.contains(&(found.f_type as u32)))
}

#[cfg(test)]
mod tests;
