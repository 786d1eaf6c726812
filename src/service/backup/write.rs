//! Making a backup.

use super::{ABOUT, About, DATABASE, FORMAT};
use crate::config::{Config, FILE};
use crate::service::{App, Error};
use crate::threads::off_thread;
use crate::versions::{Scratch, Versions};
use chrono::Utc;
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};

/// Small and still faster than a disk.
const LEVEL: i32 = 3;

/// What the names of leftovers begin with: of tasks that were deleted, and of
/// restores that were killed.
const LEFT_OVER: [&str; 2] = [".deleted-", super::settle::PREFIX];

/// Where a backup goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A new file.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

/// A backup that was made.
#[derive(Debug, Clone, Serialize)]
pub struct Made {
    /// What it holds.
    #[serde(flatten)]
    pub about: About,
    /// Its file; none of standard output.
    pub file: Option<PathBuf>,
    /// Its size.
    pub bytes: u64,
    /// How many files are in it.
    pub files: u64,
}

/// Makes a backup, with logs and artifacts if `logs`.
///
/// # Errors
/// When a file is there already, or something cannot be read or written. Then no
/// half of a backup is left.
pub async fn write(app: &App, to: Output, logs: bool) -> Result<Made, Error> {
    let scratch = Scratch::new(&app.config.data_dir);
    let folder = scratch.path().to_owned();
    let failed = Error::io(format!("{} could not be made", folder.display()));
    fs::create_dir_all(&folder).map_err(failed)?;
    let copy = folder.join(DATABASE);
    let copied = app.store.copy_to(&copy).await?;
    let about = About {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: copied.schema,
        instance: copied.instance,
        created_at: Utc::now(),
        runs: copied.runs,
        sealed: copied.sealed,
        logs,
    };
    let config = app.config.clone();
    let made = off_thread(move || match to {
        Output::File(file) => to_file(&config, (&copy, about), &file),
        Output::Stdout => {
            let out = io::stdout().lock();
            let (bytes, files) = pack(&config, (&copy, &about), out)?;
            Ok(Made {
                about,
                file: None,
                bytes,
                files,
            })
        }
    })
    .await;
    drop(scratch);
    made
}

fn to_file(config: &Config, (copy, about): (&Path, About), file: &Path) -> Result<Made, Error> {
    if file.exists() {
        let there = format!("{} is there already: choose another name", file.display());
        return Err(Error::Conflict(there));
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let failed = || Error::io(format!("{} could not be written", file.display()));
    let half = folder.join(format!(".{}.half", uuid::Uuid::new_v4().simple()));
    let write = || {
        let mut new = OpenOptions::new();
        let out = new.write(true).create_new(true).mode(0o600).open(&half);
        let out = out.map_err(failed())?;
        let counted = pack(config, (copy, &about), &out)?;
        out.sync_all().map_err(failed())?;
        fs::hard_link(&half, file).map_err(failed())?;
        Ok::<_, Error>(counted)
    };
    let written = write();
    drop(fs::remove_file(&half));
    let (bytes, files) = written?;
    Ok(Made {
        about,
        file: Some(file.to_owned()),
        bytes,
        files,
    })
}

/// Writes everything; its size, and how many files are in it.
fn pack(
    config: &Config,
    (copy, about): (&Path, &About),
    out: impl Write,
) -> Result<(u64, u64), Error> {
    let mut packed = zstd::Encoder::new(Counted(out, 0), LEVEL).map_err(unwritten())?;
    packed.include_checksum(true).map_err(unwritten())?;
    let mut archive = Archive {
        tar: Builder::new(packed),
        files: 0,
        skip: config.data_dir.clone(),
    };
    let text = serde_json::to_vec_pretty(about).map_err(io::Error::from);
    let text = text.and_then(|text| archive.text(ABOUT, &text));
    text.map_err(unwritten())?;
    archive.add(copy, DATABASE)?;
    archive.add(&config.home.join(FILE), FILE)?;
    for (folder, name) in folders(config) {
        archive.add(folder, name)?;
    }
    let data = &config.data_dir;
    // Nobody takes versions away meanwhile; they may add some.
    let held = Versions::new(data).hold()?;
    archive.skip = PathBuf::new();
    archive.add(&data.join("versions/trees"), "versions/trees")?;
    archive.add(&data.join("versions/files"), "versions/files")?;
    drop(held);
    if about.logs {
        archive.add(&data.join("logs"), "logs")?;
        archive.add(&data.join("artifacts"), "artifacts")?;
    }
    let files = archive.files;
    let finish = || {
        let mut out = archive.tar.into_inner()?.finish()?;
        out.flush()?;
        Ok((out.1, files))
    };
    finish().map_err(unwritten())
}

/// What fails on the side of the backup.
fn unwritten() -> impl FnOnce(io::Error) -> Error {
    Error::io("the backup could not be written")
}

/// What fails on the side of what it is to hold. Without it, it would be no backup.
fn unread(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.display().to_string();
    move |error| {
        let mut what = format!("the backup was not made, since {path} cannot be read");
        if error.kind() == io::ErrorKind::PermissionDenied {
            let me = rustix::process::geteuid().as_raw();
            what = format!("{what} by user {me} (give it to that user, or take it away)");
        }
        Error::io(what)(error)
    }
}

/// What people write, and what it is called in a backup.
pub(super) fn folders(config: &Config) -> [(&Path, &'static str); 4] {
    [
        (&config.tasks_dir, "tasks"),
        (&config.global_envs_dir, "global_envs"),
        (&config.images_dir, "images"),
        (&config.calendars_dir, "calendars"),
    ]
}

struct Archive<W: Write> {
    tar: Builder<W>,
    files: u64,
    /// What is not looked into, wherever it is.
    skip: PathBuf,
}

impl<W: Write> Archive<W> {
    fn text(&mut self, name: &str, text: &[u8]) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_mode(0o600);
        header.set_size(text.len() as u64);
        self.tar.append_data(&mut header, name, text)
    }

    /// Adds a file, link or folder with all that is in it. What goes away
    /// meanwhile is passed over, and what is neither, such as a socket.
    fn add(&mut self, path: &Path, name: &str) -> Result<(), Error> {
        let found = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(unread(path))?,
        };
        let mut header = Header::new_gnu();
        header.set_mode(found.mode() & 0o7777);
        header.set_mtime(u64::try_from(found.mtime()).unwrap_or(0));
        header.set_size(0);
        if found.is_symlink() {
            header.set_entry_type(EntryType::Symlink);
            let target = fs::read_link(path).map_err(unread(path))?;
            let added = self.tar.append_link(&mut header, name, target);
            return added.map_err(unwritten());
        }
        if found.is_file() {
            return self.file(path, (name, header));
        }
        if !found.is_dir() || path == self.skip {
            return Ok(());
        }
        header.set_entry_type(EntryType::Directory);
        let added = self
            .tar
            .append_data(&mut header, format!("{name}/"), io::empty());
        added.map_err(unwritten())?;
        let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = entries.map_err(unread(path))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            // No name of ours; and whatever it is, it is in nobody's way.
            let Ok(file) = entry.file_name().into_string() else {
                continue;
            };
            if !LEFT_OVER.iter().any(|begin| file.starts_with(begin)) {
                self.add(&entry.path(), &format!("{name}/{file}"))?;
            }
        }
        Ok(())
    }

    /// A file may grow or shrink meanwhile: what it held when it was looked at is
    /// what counts, filled up where that is gone.
    fn file(&mut self, path: &Path, (name, mut header): (&str, Header)) -> Result<(), Error> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(unread(path))?,
        };
        let bytes = file.metadata().map_err(unread(path))?.len();
        header.set_size(bytes);
        self.files += 1;
        let mut file = Noting(file, None);
        let whole = file.by_ref().chain(io::repeat(0)).take(bytes);
        let added = self.tar.append_data(&mut header, name, whole);
        match file.1 {
            Some(kind) => Err(unread(path)(kind.into())),
            None => added.map_err(unwritten()),
        }
    }
}

/// Remembers that reading failed, and how: one who copies cannot tell which side it
/// was.
struct Noting(File, Option<io::ErrorKind>);

impl Read for Noting {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(into);
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.1 = Some(error.kind());
        }
        read
    }
}

/// Counts what is written.
struct Counted<W>(W, u64);

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.0.write(bytes)?;
        self.1 += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
