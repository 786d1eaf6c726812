//! Moving what was unpacked to where it belongs: first next to it, on whatever disk
//! that is, and only when all of it is there, by renaming.

use crate::service::Error;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};

/// What the names of our folders begin with; no task has such a name.
pub(super) const PREFIX: &str = ".restoring-";

/// A folder of ours, gone with all that is in it when dropped.
#[derive(Debug)]
pub(super) struct Stage(PathBuf);

impl Stage {
    pub(super) fn new(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(name());
        let failed = Error::io(format!("{} could not be made", path.display()));
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(failed)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What stays behind is swept up by the next.
        drop(fs::remove_dir_all(&self.0));
    }
}

fn name() -> String {
    format!("{PREFIX}{}", uuid::Uuid::new_v4().simple())
}

/// Removes what a restore left that was killed. Nobody else is at work: whoever
/// calls this holds the data folder.
pub(super) fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// What is still to be renamed, each from next to its place.
#[derive(Debug, Default)]
pub(super) struct Moves {
    stages: Vec<Stage>,
    moves: Vec<(PathBuf, PathBuf)>,
}

impl Moves {
    /// Plans to put all that is in one folder into another.
    pub(super) fn folder(&mut self, from: &Path, to: &Path) -> Result<(), Error> {
        let Some(entries) = entries(from, to)? else {
            return Ok(());
        };
        fs::create_dir_all(to).map_err(failed(to))?;
        let stage = Stage::new(to)?;
        for entry in entries {
            let name = entry.file_name();
            self.carry(&entry.path(), (&stage, to.join(name)))?;
        }
        self.stages.push(stage);
        Ok(())
    }

    /// Plans to put a file in its place.
    pub(super) fn file(&mut self, from: &Path, to: PathBuf) -> Result<(), Error> {
        let stage = Stage::new(to.parent().unwrap_or(Path::new("/")))?;
        self.carry(from, (&stage, to))?;
        self.stages.push(stage);
        Ok(())
    }

    fn carry(&mut self, from: &Path, (stage, to): (&Stage, PathBuf)) -> Result<(), Error> {
        let beside = stage.path().join(to.file_name().unwrap_or_default());
        carry(from, &beside).map_err(failed(&to))?;
        self.moves.push((beside, to));
        Ok(())
    }

    /// Renames all, then does what comes last. When anything fails, all is where it
    /// was.
    pub(super) fn settle<T>(&self, last: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let mut done = Vec::new();
        let settle = || {
            for (beside, to) in &self.moves {
                put(beside, to).map_err(failed(to))?;
                done.push((to, beside));
            }
            last()
        };
        let settled = settle();
        if settled.is_err() {
            for (to, beside) in done.into_iter().rev() {
                drop(fs::rename(to, beside));
            }
        }
        settled
    }
}

fn failed(to: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    Error::io(format!("{} could not be put back", to.display()))
}

/// What is in a folder; none where there is no such folder.
fn entries(from: &Path, to: &Path) -> Result<Option<Vec<fs::DirEntry>>, Error> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed(to))?,
    };
    let entries: Result<Vec<_>, _> = entries.collect();
    Ok(Some(entries.map_err(failed(to))?))
}

/// Renames, without replacing anything.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system that cannot promise it.
        Err(Errno::INVAL | Errno::NOSYS) if fs::symlink_metadata(to).is_err() => {
            fs::rename(from, to)
        }
        Err(Errno::INVAL | Errno::NOSYS) => Err(Errno::EXIST.into()),
        other => Ok(other?),
    }
}

/// Moves to where nothing is yet, also to another file system, as each volume of a
/// container is one.
pub(super) fn carry(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy(from, to),
        other => other,
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(from)?;
    if found.is_symlink() {
        return symlink(fs::read_link(from)?, to);
    }
    if found.is_dir() {
        DirBuilder::new().mode(0o700).create(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        fs::set_permissions(to, found.permissions())?;
    } else {
        fs::copy(from, to)?;
    }
    File::open(to)?.set_modified(found.modified()?)
}

/// Adds what is in one folder to another, whose files stay as they are.
pub(super) fn merge(from: &Path, to: &Path) -> Result<(), Error> {
    let Some(entries) = entries(from, to)? else {
        return Ok(());
    };
    fs::create_dir_all(to).map_err(failed(to))?;
    for entry in entries {
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        let is_folder = entry.file_type().map_err(failed(&new))?.is_dir();
        if is_folder && (new.is_dir() || fs::rename(&old, &new).is_err()) {
            merge(&old, &new)?;
        } else if !is_folder && !new.exists() && fs::rename(&old, &new).is_err() {
            // Another file system: whole when it has its name.
            let beside = to.join(name());
            let copied = copy(&old, &beside).and_then(|()| fs::rename(&beside, &new));
            copied.map_err(failed(&new))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// A folder on another file system than that of temporary files, if there is one.
    fn elsewhere() -> Option<tempfile::TempDir> {
        use std::os::unix::fs::MetadataExt as _;
        let here = fs::metadata(std::env::temp_dir()).ok()?.dev();
        let other = fs::metadata("/dev/shm").ok()?.dev();
        (here != other).then(|| tempfile::tempdir_in("/dev/shm").ok())?
    }

    fn unpacked() -> tempfile::TempDir {
        let from = tempfile::tempdir().unwrap();
        fs::create_dir(from.path().join("one")).unwrap();
        fs::write(from.path().join("one/main.py"), "print('hello')").unwrap();
        let mode = fs::Permissions::from_mode(0o750);
        fs::set_permissions(from.path().join("one/main.py"), mode).unwrap();
        symlink("main.py", from.path().join("one/again.py")).unwrap();
        fs::write(from.path().join("two.py"), "").unwrap();
        from
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn all_of_it_arrives_also_on_another_file_system() {
        for there in [tempfile::tempdir().ok(), elsewhere()]
            .into_iter()
            .flatten()
        {
            let (from, to) = (unpacked(), there.path().join("tasks"));
            let mut moves = Moves::default();
            moves.folder(from.path(), &to).unwrap();
            assert!(names(&to).iter().all(|name| name.starts_with(PREFIX)));
            moves.settle(|| Ok(())).unwrap();
            drop(moves);
            assert_eq!(names(&to), ["one", "two.py"]);
            let script = to.join("one/main.py");
            assert_eq!(fs::read(&script).unwrap(), b"print('hello')");
            let mode = fs::metadata(&script).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o750);
            let link = fs::read_link(to.join("one/again.py")).unwrap();
            assert_eq!(link, Path::new("main.py"));
        }
    }

    #[test]
    fn what_fails_on_the_way_leaves_what_was_there() {
        let (from, to) = (unpacked(), tempfile::tempdir().unwrap());
        let mut moves = Moves::default();
        moves.folder(from.path(), to.path()).unwrap();
        // Made by somebody else meanwhile.
        fs::write(to.path().join("two.py"), "mine").unwrap();
        let told = moves.settle(|| Ok(())).unwrap_err().to_string();
        assert!(told.contains("two.py could not be put back"), "{told}");
        fs::remove_file(to.path().join("two.py")).unwrap();
        let last = moves.settle(|| Err::<(), _>(Error::Conflict("no".into())));
        last.unwrap_err();
        // Killed here, it would leave its own folder, which the next sweeps up.
        assert!(names(to.path()).iter().all(|name| name.starts_with(PREFIX)));
        sweep(to.path());
        assert_eq!(names(to.path()), [""; 0]);
    }

    #[test]
    fn what_is_there_stays_as_it_is_where_two_come_together() {
        for there in [tempfile::tempdir().ok(), elsewhere()]
            .into_iter()
            .flatten()
        {
            let (from, to) = (unpacked(), there.path());
            fs::create_dir(to.join("one")).unwrap();
            fs::write(to.join("one/main.py"), "mine").unwrap();
            merge(from.path(), to).unwrap();
            assert_eq!(names(to), ["one", "two.py"]);
            assert_eq!(names(&to.join("one")), ["again.py", "main.py"]);
            assert_eq!(fs::read(to.join("one/main.py")).unwrap(), b"mine");
        }
    }
}
