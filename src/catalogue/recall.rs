//! What a listing read of each task, remembered for the next listing.
//!
//! Reading a task means parsing its manifest, script and requirements; looking
//! whether it must be read again is a `stat` of each file directly in its folder,
//! and of those folders below it and elsewhere that its manifest names. Remembered
//! is only what can run: what is wrong with a task may lie anywhere.
//!
//! A file may change twice within one tick of the clock that stamps it, and look
//! the same afterwards. So what was changed shortly before it was read is not
//! remembered, as git does it with its index. Content that changes while all
//! of a file's stamps stay as they are is not noticed; the kernel lets nobody
//! set the time of the last change of an inode.

use super::{Catalogue, CatalogueError, Entry, Found, TEMPLATE_FILE};
use crate::domain::manifest::{EnvironmentRef, Requirements};
use crate::domain::task::{self, Task};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The coarsest tick of a file's times that is reckoned with, nanoseconds: FAT
/// counts in two seconds.
const TICK: i128 = 2_000_000_000;

/// The tasks of the last listing, by their entry of `tasks/`.
#[derive(Debug, Default)]
pub(super) struct Recall(Mutex<Arc<BTreeMap<PathBuf, Known>>>);

/// A task, and how the files looked that it was read from.
#[derive(Debug, Clone)]
pub(super) struct Known {
    task: Arc<Task>,
    look: [u8; 32],
}

/// The look of some files.
struct Look {
    hash: Sha256,
    /// The newest time of any, nanoseconds since 1970.
    newest: i128,
}

impl Catalogue {
    /// As [`Catalogue::scan`], but a task that looks as it did when this was
    /// last called is not read again. For showing tasks; what decides about
    /// one reads it.
    ///
    /// # Errors
    /// `tasks/` itself cannot be listed.
    pub fn listing(&self) -> Result<Vec<Found>, CatalogueError> {
        let entries = self.entries()?;
        let known = self.recall.get();
        let mut now = BTreeMap::new();
        let mut found = Vec::with_capacity(entries.len());
        for entry in entries {
            let same = known.get(&entry.file).filter(|known| {
                let look = Look::of(self, &entry, &known.task);
                !entry.twin && look.is_ok_and(|look| look.digest() == known.look)
            });
            let (one, known) = match same {
                Some(known) => (Found::Task(known.task.clone()), Some(known.clone())),
                None => self.learn(&entry),
            };
            found.push(one);
            now.extend(known.map(|known| (entry.file, known)));
        }
        self.recall.set(now);
        Ok(found)
    }

    /// Reads a task, and remembers it if nothing that was read is new.
    fn learn(&self, entry: &Entry) -> (Found, Option<Known>) {
        let begun = nanoseconds(SystemTime::now());
        let found = self.found(entry);
        let Found::Task(task) = &found else {
            return (found, None);
        };
        // Taken after the reading: what changed meanwhile is newer than `begun`.
        let look = Look::of(self, entry, task).ok();
        let look = look.filter(|look| look.newest + TICK < begun);
        let known = look.map(|look| Known {
            task: task.clone(),
            look: look.digest(),
        });
        (found, known)
    }
}

impl Recall {
    pub(super) fn get(&self) -> Arc<BTreeMap<PathBuf, Known>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, known: BTreeMap<PathBuf, Known>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }
}

impl Look {
    /// How everything looks that reading this task looks at.
    fn of(catalogue: &Catalogue, entry: &Entry, task: &Task) -> io::Result<Self> {
        let mut look = Self {
            hash: Sha256::new(),
            newest: i128::MIN,
        };
        let path = catalogue.tasks.root.join(&entry.file);
        if task.single_file {
            look.file(&path)?;
        } else {
            look.folder(&path)?;
            for file in inner(task) {
                // The ignore files on the way to it say whether it counts.
                for above in Path::new(file).ancestors().skip(1) {
                    if above != Path::new("") {
                        look.folder(&path.join(above))?;
                    }
                }
            }
        }
        match &task.manifest.environment {
            Some(EnvironmentRef::Shared(name)) => {
                look.folder(&catalogue.shared.root.join(name))?;
            }
            Some(EnvironmentRef::Template(name)) => {
                look.file(&catalogue.images.root.join(name).join(TEMPLATE_FILE))?;
            }
            None => {}
        }
        Ok(look)
    }

    /// A folder, and what is directly in it.
    fn folder(&mut self, path: &Path) -> io::Result<()> {
        self.file(path)?;
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            entries.push((entry.file_name(), entry));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, entry) in entries {
            self.name(&name);
            self.stamps(&entry.metadata()?);
            if entry.file_type()?.is_symlink() {
                self.target(&entry.path());
            }
        }
        Ok(())
    }

    /// A file, or a folder without what is in it.
    fn file(&mut self, path: &Path) -> io::Result<()> {
        let found = fs::symlink_metadata(path)?;
        self.name(path.as_os_str());
        self.stamps(&found);
        if found.is_symlink() {
            self.target(path);
        }
        Ok(())
    }

    /// What a link means: where that is, and how it looks.
    fn target(&mut self, link: &Path) {
        if let Ok(real) = fs::canonicalize(link) {
            self.name(real.as_os_str());
        }
        match fs::metadata(link) {
            Ok(found) => self.stamps(&found),
            Err(_) => self.hash.update([0]),
        }
    }

    fn name(&mut self, name: &OsStr) {
        self.hash.update(name.len().to_le_bytes());
        self.hash.update(name.as_bytes());
    }

    fn stamps(&mut self, of: &Metadata) {
        let at = |seconds: i64, nanoseconds: i64| {
            i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
        };
        let modified = at(of.mtime(), of.mtime_nsec());
        let changed = at(of.ctime(), of.ctime_nsec());
        self.newest = self.newest.max(modified).max(changed);
        for number in [of.dev(), of.ino(), of.mode().into(), of.size()] {
            self.hash.update(number.to_le_bytes());
        }
        for time in [modified, changed] {
            self.hash.update(time.to_le_bytes());
        }
    }

    fn digest(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

/// The files of a task that were read and may lie deeper in its folder.
fn inner(task: &Task) -> impl Iterator<Item = &str> {
    let script = match &task.entry {
        task::Entry::Script(file) => Some(file.as_str()),
        task::Entry::Package(_) | task::Entry::Command(_) => None,
    };
    let requirements = match &task.manifest.requirements {
        Some(Requirements::File(file)) => Some(file.as_str()),
        Some(Requirements::List(_)) | None => None,
    };
    script.into_iter().chain(requirements)
}

fn nanoseconds(at: SystemTime) -> i128 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
}
