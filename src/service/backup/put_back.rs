//! Putting a backup in its place.

use super::{ABOUT, About, DATABASE, FORMAT, write::folders};
use crate::config::{Config, FILE, Overrides};
use crate::disk::Room;
use crate::domain::size::Bytes;
use crate::service::hold::Hold;
use crate::service::{Error, blocking};
use crate::store::Store;
use crate::versions::Scratch;
use chrono::Utc;
use serde::Serialize;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use tar::Archive;

/// What is put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All that is in it.
    All,
    /// The database and the kept code; what people wrote stays as it is.
    Database,
}

/// What was put back.
#[derive(Debug, Clone, Serialize)]
pub struct Back {
    /// What the backup says of itself.
    #[serde(flatten)]
    pub about: About,
    /// The home folder it is in now.
    pub home: PathBuf,
    /// Where the database that was there is now.
    pub before: Option<PathBuf>,
    /// Where the master key has to be, if it holds secrets and no key is there.
    pub key_missing: Option<PathBuf>,
}

/// Reads a whole backup and looks whether it is sound. Needs room for its database.
///
/// # Errors
/// When it is not.
pub async fn check(file: &Path) -> Result<About, Error> {
    let file = file.to_owned();
    blocking(move || {
        let scratch = tempfile(&std::env::temp_dir())?;
        let about = unpack(&file, scratch.path(), |name| name == DATABASE)?;
        Store::inspect_copy(&scratch.path().join(DATABASE))?;
        Ok(about)
    })
    .await?
}

/// Puts a backup into a home folder, which nobody may serve meanwhile. All that is
/// in it is unpacked and looked at before anything is moved, and the database
/// goes last: an end on the way leaves what was there.
///
/// # Errors
/// When the backup is not sound, or the folder holds what it would have to
/// replace.
pub async fn put_back(file: &Path, home: &Path, which: Which) -> Result<Back, Error> {
    let (file, home) = (file.to_owned(), home.to_owned());
    blocking(move || into(&file, &home, which)).await?
}

fn into(file: &Path, home: &Path, which: Which) -> Result<Back, Error> {
    let failed = || Error::io(format!("{} could not be made", home.display()));
    fs::create_dir_all(home).map_err(failed())?;
    // Settings say where everything else belongs, so they are looked at first.
    let first = tempfile(home)?;
    let about = unpack(file, first.path(), |name| name == FILE)?;
    let settings = first.path().join(FILE);
    let mine = home.join(FILE);
    if which == Which::All && settings.is_file() && !mine.exists() {
        fs::rename(&settings, &mine).map_err(failed())?;
    }
    drop(first);
    let flags = Overrides {
        home: Some(home.to_owned()),
        ..Overrides::default()
    };
    let config = Config::load(&flags).map_err(|error| Error::Invalid(error.to_string()))?;
    let data = &config.data_dir;
    if !data.is_dir() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
        made.map_err(failed())?;
    }
    let _hold = Hold::take(data)?;
    if which == Which::All {
        for (folder, name) in folders(&config) {
            vacant(folder, name)?;
        }
    }
    let scratch = tempfile(data)?;
    unpack(file, scratch.path(), |_| true)?;
    let copied = Store::prepare_copy(&scratch.path().join(DATABASE))?;
    if which == Which::All {
        for (folder, name) in folders(&config) {
            move_into(&scratch.path().join(name), folder)?;
        }
    }
    for name in ["versions", "logs", "artifacts"] {
        move_into(&scratch.path().join(name), &data.join(name))?;
    }
    let before = replace(&config.database(), &scratch.path().join(DATABASE))?;
    let key_missing = copied.sealed && !config.key_file.exists();
    Ok(Back {
        about,
        home: config.home.clone(),
        before,
        key_missing: key_missing.then(|| config.key_file.clone()),
    })
}

/// A folder of ours for what is unpacked, gone when dropped.
fn tempfile(folder: &Path) -> Result<Scratch, Error> {
    let scratch = Scratch::new(folder);
    let failed = Error::io(format!("{} could not be made", scratch.path().display()));
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(scratch.path());
    made.map_err(failed)?;
    Ok(scratch)
}

/// Unpacks what `wanted` says (the first part of each path), and reads all the
/// rest, so that damage is found wherever it is.
fn unpack(file: &Path, into: &Path, wanted: impl Fn(&str) -> bool) -> Result<About, Error> {
    let bad = |why: &str| {
        Error::Invalid(format!(
            "{} is no whole backup of Runbay ({why}): take another one",
            file.display()
        ))
    };
    let opened = File::open(file);
    let opened = opened.map_err(Error::io(format!("{} cannot be read", file.display())))?;
    let room = Room::of(into).map_or(u64::MAX, |room| room.free);
    let unpacked = || -> io::Result<Option<About>> {
        let mut archive = Archive::new(zstd::Decoder::new(opened)?);
        archive.set_preserve_permissions(true);
        let (mut about, mut bytes) = (None, 0);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            let first = path.components().next();
            let first = first.map(|part| part.as_os_str().to_string_lossy().into_owned());
            let first = first.unwrap_or_default();
            if about.is_none() {
                if first != ABOUT {
                    return Ok(None);
                }
                let mut text = Vec::new();
                entry.by_ref().take(1 << 20).read_to_end(&mut text)?;
                about = Some(serde_json::from_slice(&text)?);
            } else if wanted(&first) {
                bytes += entry.size();
                if bytes > room {
                    return Err(io::Error::new(
                        io::ErrorKind::StorageFull,
                        format!("{} are free for it", Bytes(room)),
                    ));
                }
                // Refuses whatever leads out of the folder.
                if !entry.unpack_in(into)? {
                    return Err(io::Error::other("it names files elsewhere"));
                }
            } else {
                io::copy(&mut entry, &mut io::sink())?;
            }
        }
        // What is behind the archive is its checksum.
        io::copy(&mut archive.into_inner(), &mut io::sink())?;
        Ok(about)
    };
    let about = unpacked().map_err(|error| bad(&error.to_string()))?;
    let about = about.ok_or_else(|| bad("it does not begin as one"))?;
    if about.format != FORMAT {
        return Err(Error::Invalid(format!(
            "{} was made by Runbay {}, which this one does not understand: use that version, or a newer one",
            file.display(),
            about.version
        )));
    }
    Ok(about)
}

/// What is there is not overwritten.
fn vacant(folder: &Path, name: &str) -> Result<(), Error> {
    let mut entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(Error::io(format!("{} cannot be read", folder.display())))?,
    };
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Error::Conflict(format!(
            "{} holds files, and nothing is overwritten: move them away, or leave {name} as it is and put back the database alone (--database)",
            folder.display()
        ))),
    }
}

/// Moves what is in one folder into another, without replacing anything.
fn move_into(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = || Error::io(format!("{} could not be put back", to.display()));
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(failed())?,
    };
    fs::create_dir_all(to).map_err(failed())?;
    for entry in entries {
        let entry = entry.map_err(failed())?;
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        let is_folder = entry.file_type().map_err(failed())?.is_dir();
        if is_folder && (new.is_dir() || fs::rename(&old, &new).is_err()) {
            move_into(&old, &new)?;
        } else if !is_folder && !new.exists() && fs::rename(&old, &new).is_err() {
            // Another file system.
            fs::copy(&old, &new).map_err(failed())?;
        }
    }
    Ok(())
}

/// Puts the database in its place, and what was there aside.
fn replace(database: &Path, copy: &Path) -> Result<Option<PathBuf>, Error> {
    let failed = || Error::io(format!("{} could not be put back", database.display()));
    let aside = format!("db.before-{}", Utc::now().format("%Y%m%d-%H%M%S"));
    let mut before = None;
    // Its journal goes with it: to the new file it would mean nonsense.
    for end in ["", "-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        let old = PathBuf::from(name);
        let new = database.with_extension(format!("{aside}{end}"));
        match fs::rename(&old, &new) {
            Ok(()) if end.is_empty() => before = Some(new),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed()(error));
            }
            _ => {}
        }
    }
    fs::rename(copy, database).map_err(failed())?;
    Ok(before)
}
