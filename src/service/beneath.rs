//! Files below a folder, by paths that somebody else wrote. The kernel itself
//! sees to it that no path leaves the folder or passes a link
//! (`openat2`, Linux 5.6 or newer), however the folder changes meanwhile.

use super::Error;
use crate::domain::filepath::FilePath;
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags, ResolveFlags};
use rustix::io::Errno;
use std::fs::{File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// A folder that stays the same one, whatever its name becomes.
#[derive(Debug)]
pub(crate) struct Beneath {
    dir: OwnedFd,
    /// What messages call it: `tasks/report`.
    shown: String,
}

/// What is to become of a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// The new one takes its place, and its permissions.
    Replace,
    /// It stays, and nothing is written.
    Refuse,
}

impl Beneath {
    /// The folder at a path of ours; not by way of a link.
    pub(crate) fn open(path: &Path, shown: impl Into<String>) -> Result<Self, Error> {
        let shown = shown.into();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let dir = rustix::fs::open(path, flags, Mode::empty());
        Ok(Self {
            dir: dir.map_err(|errno| failed("open", &shown, errno))?,
            shown,
        })
    }

    fn at(&self, path: &FilePath) -> String {
        format!("{}/{path}", self.shown)
    }

    fn openat(&self, path: &str, flags: OFlags, mode: u32) -> Result<OwnedFd, Errno> {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let flags = flags | OFlags::CLOEXEC;
        loop {
            let mode = Mode::from_raw_mode(mode);
            match rustix::fs::openat2(&self.dir, path, flags, mode, resolve) {
                // A rename somewhere made the kernel unsure: it asks to try again.
                Err(Errno::AGAIN | Errno::INTR) => {}
                other => return other,
            }
        }
    }

    /// The folder that a path is in.
    fn folder(&self, path: &FilePath) -> Result<OwnedFd, Error> {
        let folder = path.folder().unwrap_or(".");
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        self.openat(folder, flags, 0)
            .map_err(|errno| failed("open", &self.at(path), errno))
    }

    /// Makes the folders above a path that are not there.
    fn make_folders(&self, path: &FilePath) -> Result<(), Error> {
        for folder in path.folders() {
            let folder: FilePath = folder
                .parse()
                .expect("the beginning of a path, cut between its parts, is a path");
            self.make_folder(&folder)?;
        }
        Ok(())
    }

    /// Makes one folder, unless it is there.
    pub(crate) fn make_folder(&self, path: &FilePath) -> Result<(), Error> {
        let above = self.folder(path)?;
        match rustix::fs::mkdirat(&above, path.name(), Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(errno) => Err(failed("make", &self.at(path), errno)),
        }
    }

    /// A regular file, open for reading.
    pub(crate) fn file(&self, path: &FilePath) -> Result<File, Error> {
        // Opening a pipe for reading would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK;
        let opened = self.openat(path.as_str(), flags, 0);
        let file = File::from(opened.map_err(|errno| failed("read", &self.at(path), errno))?);
        let kind = file
            .metadata()
            .map_err(Error::io(format!("cannot read {}", self.at(path))))?;
        if kind.is_file() {
            return Ok(file);
        }
        Err(Error::Conflict(format!("{} is not a file", self.at(path))))
    }

    /// The content of a file of at most `max` bytes.
    pub(crate) fn read(&self, path: &FilePath, max: u64) -> Result<Vec<u8>, Error> {
        let file = self.file(path)?;
        let mut bytes = Vec::new();
        file.take(max + 1)
            .read_to_end(&mut bytes)
            .map_err(Error::io(format!("cannot read {}", self.at(path))))?;
        if bytes.len() as u64 > max {
            return Err(Error::TooLarge(format!(
                "{} is larger than {}, which is the most that is read at once",
                self.at(path),
                crate::domain::size::Bytes(max)
            )));
        }
        Ok(bytes)
    }

    /// Writes a file, whole or not at all, and the folders above it.
    pub(crate) fn write(
        &self,
        path: &FilePath,
        bytes: &[u8],
        existing: Existing,
    ) -> Result<(), Error> {
        self.make_folders(path)?;
        let folder = self.folder(path)?;
        let draft = format!(".runbay-{}.tmp", uuid::Uuid::new_v4().simple());
        let mode = match (existing, self.file(path)) {
            (Existing::Replace, Ok(old)) => old.metadata().map_or(0o644, |old| old.mode() & 0o777),
            (Existing::Replace, Err(Error::NotFound(_))) | (Existing::Refuse, _) => 0o644,
            // A folder or a link is not written over.
            (Existing::Replace, Err(error)) => return Err(error),
        };
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let rename = match existing {
            Existing::Replace => RenameFlags::empty(),
            Existing::Refuse => RenameFlags::NOREPLACE,
        };
        let new = Mode::from_raw_mode(0o600);
        let written = rustix::fs::openat(&folder, &draft, flags | OFlags::CLOEXEC, new)
            .and_then(|file| {
                let mut file = File::from(file);
                let done = file
                    .write_all(bytes)
                    .and_then(|()| file.set_permissions(Permissions::from_mode(mode)))
                    .and_then(|()| file.sync_all());
                done.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
            })
            .and_then(|()| {
                rustix::fs::renameat_with(&folder, &draft, &folder, path.name(), rename)
            });
        if let Err(errno) = written {
            // What is left of the draft is part of no task; the first error is
            // the news.
            rustix::fs::unlinkat(&folder, &draft, AtFlags::empty()).ok();
            return Err(failed("write", &self.at(path), errno));
        }
        // The rename is durable once the folder is.
        rustix::fs::fsync(&folder).map_err(|errno| failed("write", &self.at(path), errno))
    }

    /// Makes a file that is not there, and the folders above it. Whoever makes
    /// many sees to it that they last: [`Beneath::settle`].
    pub(crate) fn create(
        &self,
        path: &FilePath,
        bytes: &[u8],
        executable: bool,
    ) -> Result<(), Error> {
        self.make_folders(path)?;
        let folder = self.folder(path)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mode = Mode::from_raw_mode(if executable { 0o755 } else { 0o644 });
        let file = rustix::fs::openat(&folder, path.name(), flags | OFlags::CLOEXEC, mode);
        let mut file = File::from(file.map_err(|errno| failed("write", &self.at(path), errno))?);
        file.write_all(bytes)
            .map_err(|error| match Errno::from_io_error(&error) {
                Some(errno) => failed("write", &self.at(path), errno),
                None => Error::io(format!("cannot write {}", self.at(path)))(error),
            })
    }

    /// Has all that was written here outlast a loss of power.
    pub(crate) fn settle(&self) -> Result<(), Error> {
        rustix::fs::syncfs(&self.dir).map_err(|errno| failed("write", &self.shown, errno))
    }

    /// Removes a file, or a folder with nothing in it.
    pub(crate) fn remove(&self, path: &FilePath) -> Result<(), Error> {
        let folder = self.folder(path)?;
        let removed = match rustix::fs::unlinkat(&folder, path.name(), AtFlags::empty()) {
            Err(Errno::ISDIR) => rustix::fs::unlinkat(&folder, path.name(), AtFlags::REMOVEDIR),
            other => other,
        };
        removed.map_err(|errno| failed("remove", &self.at(path), errno))
    }

    /// Gives a file or folder another name; nothing is written over.
    pub(crate) fn rename(&self, from: &FilePath, to: &FilePath) -> Result<(), Error> {
        let source = self.folder(from)?;
        // Asked first, so that a wrong name makes no folders.
        rustix::fs::statat(&source, from.name(), AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|errno| failed("rename", &self.at(from), errno))?;
        self.make_folders(to)?;
        let target = self.folder(to)?;
        let flags = RenameFlags::NOREPLACE;
        rustix::fs::renameat_with(&source, from.name(), &target, to.name(), flags).map_err(
            |errno| match errno {
                Errno::EXIST => failed("rename", &self.at(to), errno),
                errno => failed("rename", &self.at(from), errno),
            },
        )
    }
}

/// What the kernel said, in words, as the kind of failure it is.
fn failed(act: &str, what: &str, errno: Errno) -> Error {
    match errno {
        Errno::NOENT => Error::NotFound(format!("there is no {what}")),
        Errno::EXIST => Error::Conflict(format!("{what} is there already")),
        Errno::ACCESS | Errno::PERM | Errno::ROFS => {
            Error::Conflict(format!("cannot {act} {what}: the folder is read-only here"))
        }
        Errno::LOOP | Errno::XDEV => Error::Conflict(format!(
            "{what} is a link, or behind one: links are not followed here"
        )),
        Errno::NOTDIR => Error::Conflict(format!(
            "cannot {act} {what}: a part of this path is a file, not a folder"
        )),
        Errno::ISDIR => Error::Conflict(format!("{what} is a folder")),
        Errno::NOTEMPTY => Error::Conflict(format!(
            "{what} is a folder with files in it: remove those first"
        )),
        Errno::INVAL => Error::Conflict(format!("cannot {act} {what} into itself")),
        Errno::NXIO => Error::Conflict(format!("{what} is not a file")),
        Errno::NAMETOOLONG => Error::Invalid(format!("the path {what} is too long")),
        Errno::NOSPC | Errno::DQUOT => {
            Error::Full(format!("cannot {act} {what}: the disk is full"))
        }
        errno => Error::Io {
            what: format!("cannot {act} {what}"),
            source: errno.into(),
        },
    }
}
