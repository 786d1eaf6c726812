//! A task in the making: a hidden folder beside the tasks, which becomes a task
//! whole or disappears.

use super::super::Error;
use super::super::beneath::Beneath;
use crate::domain::filepath::FilePath;
use crate::domain::ids::TaskName;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder in the making. Dropped, it is removed.
#[derive(Debug)]
pub(super) struct Staging {
    tasks: PathBuf,
    draft: PathBuf,
    root: Beneath,
}

impl Staging {
    /// An empty folder on the disk of the tasks.
    pub(super) fn new(tasks: &Path) -> Result<Self, Error> {
        fs::create_dir_all(tasks).map_err(Error::io(format!("cannot make {}", tasks.display())))?;
        // A name that begins with a dot is no task, whenever somebody looks.
        let draft = tasks.join(format!(".new-{}", uuid::Uuid::new_v4().simple()));
        match fs::create_dir(&draft) {
            Ok(()) => {}
            Err(error)
                if error.kind() == std::io::ErrorKind::PermissionDenied
                    || error.kind() == std::io::ErrorKind::ReadOnlyFilesystem =>
            {
                return Err(Error::Conflict(format!(
                    "{} is read-only here",
                    tasks.display()
                )));
            }
            Err(error) => {
                return Err(Error::io(format!("cannot write in {}", tasks.display()))(
                    error,
                ));
            }
        }
        let root = Beneath::open(&draft, "the new task");
        let staging = root.map(|root| Self {
            tasks: tasks.to_owned(),
            draft: draft.clone(),
            root,
        });
        if staging.is_err() {
            drop(fs::remove_dir(&draft));
        }
        staging
    }

    /// The folder in the making.
    pub(super) fn draft(&self) -> &Path {
        &self.draft
    }

    /// Looks at the folder again, after it was filled by path.
    pub(super) fn reopen(&mut self) -> Result<(), Error> {
        self.root = Beneath::open(&self.draft, "the new task")?;
        Ok(())
    }

    /// Leaves it where it is, though nobody sees it there.
    pub(super) fn abandon(self) {
        std::mem::forget(self);
    }

    /// Adds a folder and those above it.
    pub(super) fn folder(&self, path: &FilePath) -> Result<(), Error> {
        for above in path.folders() {
            let above: FilePath = above
                .parse()
                .expect("the beginning of a path, cut between its parts, is a path");
            self.root.make_folder(&above)?;
        }
        self.root.make_folder(path)
    }

    /// Adds a file that is not there yet.
    pub(super) fn file(
        &self,
        path: &FilePath,
        bytes: &[u8],
        executable: bool,
    ) -> Result<(), Error> {
        self.root.create(path, bytes, executable)
    }

    /// Makes its only folder the draft itself, when there is nothing else: that
    /// is how archives of a folder look.
    pub(super) fn unwrap_single_folder(&mut self) -> Result<(), Error> {
        let failed = || Error::io("the new task could not be looked through");
        let mut names = fs::read_dir(&self.draft).map_err(failed())?;
        let (Some(first), None) = (names.next(), names.next()) else {
            return Ok(());
        };
        let inner = first.map_err(failed())?.path();
        if !inner.is_dir() {
            return Ok(());
        }
        let outer = self.draft.clone();
        let name = format!(".new-{}", uuid::Uuid::new_v4().simple());
        let lifted = self.tasks.join(name);
        fs::rename(&inner, &lifted).map_err(failed())?;
        self.draft = lifted;
        self.root = Beneath::open(&self.draft, "the new task")?;
        drop(fs::remove_dir(outer));
        Ok(())
    }

    /// Makes it the task of this name, which must be free.
    pub(super) fn become_task(self, name: &TaskName) -> Result<(), Error> {
        let (from, to) = (self.draft.clone(), self.tasks.join(name.as_str()));
        self.place(name, &from, &to)
    }

    /// Makes a file of it the single-file task of this name, which must be free.
    pub(super) fn become_script(self, file: &str, name: &TaskName) -> Result<(), Error> {
        let (from, to) = (self.draft.join(file), self.tasks.join(format!("{name}.py")));
        self.place(name, &from, &to)
    }

    fn place(&self, name: &TaskName, from: &Path, to: &Path) -> Result<(), Error> {
        let folder = self.tasks.join(name.as_str());
        let file = self.tasks.join(format!("{name}.py"));
        let there = [folder, file]
            .into_iter()
            .any(|path| path.symlink_metadata().is_ok());
        self.root.settle()?;
        let renamed = match there {
            true => Err(rustix::io::Errno::EXIST),
            false => renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE),
        };
        renamed.map_err(|errno| match errno {
            rustix::io::Errno::EXIST => Error::Conflict(format!(
                "there is a task {name} already: choose another name"
            )),
            errno => Error::io(format!("cannot make {}", to.display()))(errno.into()),
        })
    }

    /// Puts it in the place of a task's folder, in one step; what was there is
    /// removed.
    pub(super) fn replace_task(self, path: &Path) -> Result<(), Error> {
        // Now the draft holds what was there, and is removed with it.
        self.exchange(&self.draft, path)
    }

    /// Has the draft, or something in it, change places with something else.
    pub(super) fn exchange(&self, laid: &Path, path: &Path) -> Result<(), Error> {
        self.root.settle()?;
        renameat_with(CWD, laid, CWD, path, RenameFlags::EXCHANGE).map_err(|errno| match errno {
            rustix::io::Errno::ACCESS | rustix::io::Errno::PERM | rustix::io::Errno::ROFS => {
                Error::Conflict(format!("{} is read-only here", path.display()))
            }
            errno => Error::io(format!("cannot replace {}", path.display()))(errno.into()),
        })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After it became a task there is nothing under its old name.
        if let Err(error) = fs::remove_dir_all(&self.draft)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.draft.display(), %error, "a draft could not be removed");
        }
    }
}
