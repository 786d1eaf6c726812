//! A task from an archive: tar, tar.gz or zip. The archive may be hostile: only
//! regular files and folders come out of it, only below the new task, never more
//! than the caps, and nothing at all if anything is wrong.

use super::super::{App, Error};
use super::staging::Staging;
use super::{TaskView, keep_present, show};
use crate::domain::filepath::FilePath;
use crate::domain::ids::TaskName;
use crate::domain::size::{Bytes, MIB};
use crate::threads::off_thread;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::PathBuf;

/// The largest archive, bytes.
pub const MAX_UPLOAD: u64 = 100 * MIB;
/// The most that comes out of one, bytes.
pub const MAX_UNPACKED: u64 = 500 * MIB;
/// The most files and folders in one.
const MAX_ENTRIES: usize = 10_000;
/// How many times larger than its archive the content may be …
const MAX_RATIO: u64 = 100;
/// … from this size on, bytes: a small text of zeros is no bomb.
const RATIO_FROM: u64 = MIB;

/// How an archive is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// `application/x-tar`.
    Tar,
    /// `application/gzip`: a tar within.
    TarGz,
    /// `application/zip`.
    Zip,
}

/// A file to receive an archive in: on the disk of our data, and without a name,
/// so that it is gone with whoever holds it.
///
/// # Errors
/// When it cannot be made.
pub fn receive(app: &App) -> Result<File, Error> {
    let name = format!("upload-{}", uuid::Uuid::new_v4().simple());
    let path = app.config.data_dir.join(name);
    let made = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .and_then(|file| std::fs::remove_file(&path).map(|()| file));
    made.map_err(Error::io("the upload cannot be kept"))
}

/// Makes a task of an archive. If all of it is in one folder, that folder is the
/// task.
///
/// # Errors
/// When the archive is not valid, holds what is refused or too much, or the name
/// is taken and nothing is to be replaced; then nothing was made.
pub async fn upload(
    app: &App,
    name: &TaskName,
    (archive, form): (File, Form),
    replace: bool,
) -> Result<TaskView, Error> {
    let tasks = app.config.tasks_dir.clone();
    let staging = off_thread(move || {
        let mut staging = Staging::new(&tasks)?;
        Unpacking::new(&staging, &archive)?.unpack(archive, form)?;
        staging.unwrap_single_folder()?;
        Ok::<_, Error>(staging)
    })
    .await?;
    let _lock = app.edits.lock().await;
    let present = match app.catalogue.locate(name) {
        Ok(path) => Some(path),
        Err(crate::catalogue::CatalogueError::UnknownTask { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    match present {
        Some(path) if replace => replace_folder(app, name, path, staging).await?,
        _ => staging.become_task(name)?,
    }
    show(app, name).await
}

async fn replace_folder(
    app: &App,
    name: &TaskName,
    path: PathBuf,
    staging: Staging,
) -> Result<(), Error> {
    if !path.is_dir() {
        return Err(Error::Conflict(format!(
            "{name} is a single file, which no archive replaces: choose another name"
        )));
    }
    keep_present(app, name, &path).await?;
    off_thread(move || staging.replace_task(&path)).await
}

/// An archive on its way into a folder.
struct Unpacking<'a> {
    staging: &'a Staging,
    /// The size of the archive, bytes.
    packed: u64,
    /// What came out so far, bytes.
    unpacked: u64,
    /// Every path so far as file systems that fold names would have it, and
    /// whether it is a file.
    seen: BTreeMap<String, (String, bool)>,
}

/// One thing in an archive.
struct Item {
    path: FilePath,
    folder: bool,
    executable: bool,
}

fn refused(what: impl std::fmt::Display) -> Error {
    Error::Invalid(format!("the archive is not taken: {what}"))
}

/// Trouble while reading is the archive's: it was received whole.
fn unreadable(error: &io::Error) -> Error {
    refused(format_args!("it cannot be read ({error})"))
}

impl<'a> Unpacking<'a> {
    fn new(staging: &'a Staging, archive: &File) -> Result<Self, Error> {
        let size = archive.metadata();
        Ok(Self {
            staging,
            packed: size.map_err(Error::io("the upload is gone"))?.len(),
            unpacked: 0,
            seen: BTreeMap::new(),
        })
    }

    fn unpack(mut self, mut archive: File, form: Form) -> Result<(), Error> {
        archive
            .rewind()
            .map_err(Error::io("the upload cannot be read"))?;
        match form {
            Form::Tar => self.tar(archive)?,
            Form::TarGz => {
                // All members, as gzip itself reads them.
                self.tar(flate2::read::MultiGzDecoder::new(archive))?;
            }
            Form::Zip => self.zip(archive)?,
        }
        match self.seen.is_empty() {
            true => Err(refused("there is nothing in it")),
            false => Ok(()),
        }
    }

    fn tar(&mut self, reader: impl Read) -> Result<(), Error> {
        // What lies between files counts as well: a header may claim anything.
        let cap = self.cap();
        let mut archive = tar::Archive::new(reader.take(cap + MIB * 32));
        let entries = archive.entries().map_err(|error| unreadable(&error))?;
        for entry in entries {
            let mut entry = entry.map_err(|error| unreadable(&error))?;
            let kind = entry.header().entry_type();
            if kind.is_pax_global_extensions() {
                // Comments, as git writes them.
                continue;
            }
            let name = entry.path_bytes().into_owned();
            let name = String::from_utf8(name)
                .map_err(|error| refused(format_args!("{error} in the name of a file")))?;
            let folder = kind.is_dir();
            if !(folder || kind.is_file()) {
                return Err(refused(format_args!(
                    "“{}” is a link or a device, and only files and folders are taken",
                    name.escape_debug()
                )));
            }
            let mode = entry.header().mode().unwrap_or(0o644);
            let Some(item) = item(&name, folder, mode)? else {
                continue;
            };
            self.add(&item, &mut entry)?;
        }
        Ok(())
    }

    fn zip(&mut self, file: File) -> Result<(), Error> {
        let bad =
            |error: zip::result::ZipError| refused(format_args!("it cannot be read ({error})"));
        let mut archive = zip::ZipArchive::new(file).map_err(bad)?;
        if archive.len() > MAX_ENTRIES {
            return Err(too_many());
        }
        for at in 0..archive.len() {
            let mut entry = archive.by_index(at).map_err(bad)?;
            let name = String::from_utf8(entry.name_raw().to_vec())
                .map_err(|error| refused(format_args!("{error} in the name of a file")))?;
            let mode = entry.unix_mode().unwrap_or(0o644);
            let folder = entry.is_dir();
            // Regular, folder, or none said.
            let plain = matches!(mode & 0o170_000, 0 | 0o100_000 | 0o040_000);
            if entry.is_symlink() || !plain || entry.encrypted() {
                return Err(refused(format_args!(
                    "“{}” is a link, a device or encrypted, and only plain files and folders are taken",
                    name.escape_debug()
                )));
            }
            let Some(item) = item(&name, folder, mode)? else {
                continue;
            };
            self.add(&item, &mut entry)?;
        }
        Ok(())
    }

    /// How much may come out.
    fn cap(&self) -> u64 {
        let ratio = self.packed.saturating_mul(MAX_RATIO);
        ratio.clamp(RATIO_FROM, MAX_UNPACKED)
    }

    fn add(&mut self, item: &Item, content: &mut impl Read) -> Result<(), Error> {
        self.see(item)?;
        if item.folder {
            return self.staging.folder(&item.path);
        }
        let left = self.cap() - self.unpacked;
        let mut bytes = Vec::new();
        let read = content.take(left + 1).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(&error))?;
        if bytes.len() as u64 > left {
            return Err(Error::TooLarge(format!(
                "the archive holds more than {}, or {MAX_RATIO} times its own size",
                Bytes(MAX_UNPACKED)
            )));
        }
        self.unpacked += bytes.len() as u64;
        self.staging.file(&item.path, &bytes, item.executable)
    }

    /// Refuses names that are the same, or would be elsewhere, and a file where
    /// a folder is.
    fn see(&mut self, item: &Item) -> Result<(), Error> {
        if self.seen.len() >= MAX_ENTRIES {
            return Err(too_many());
        }
        for above in item.path.folders() {
            self.once(above, false)?;
        }
        let again = self.once(item.path.as_str(), !item.folder)?;
        if again && !item.folder {
            return Err(refused(format_args!("“{}” is in it twice", item.path)));
        }
        Ok(())
    }

    /// Notes a path; whether it was there.
    fn once(&mut self, path: &str, file: bool) -> Result<bool, Error> {
        let Some((other, is_file)) = self.seen.get(&folded(path)) else {
            self.seen.insert(folded(path), (path.to_owned(), file));
            return Ok(false);
        };
        if other != path {
            return Err(refused(format_args!(
                "“{path}” and “{other}” would be one file on other systems"
            )));
        }
        if *is_file != file {
            return Err(refused(format_args!(
                "“{path}” is both a file and a folder"
            )));
        }
        Ok(true)
    }
}

fn too_many() -> Error {
    Error::TooLarge(format!(
        "the archive holds more than {MAX_ENTRIES} files and folders"
    ))
}

/// A thing of an archive; none for the folder that it all is in.
fn item(name: &str, folder: bool, mode: u32) -> Result<Option<Item>, Error> {
    let path = name.strip_prefix("./").unwrap_or(name);
    let path = match folder {
        true => path.strip_suffix('/').unwrap_or(path),
        false => path,
    };
    if folder && matches!(path, "" | ".") {
        return Ok(None);
    }
    let path: FilePath = path.parse().map_err(refused)?;
    if let Some(part) = path.as_str().split('/').find(|part| is_reserved(part)) {
        return Err(refused(format_args!(
            "“{path}” cannot be: “{part}” means something else on other systems"
        )));
    }
    Ok(Some(Item {
        path,
        folder,
        executable: !folder && mode & 0o100 != 0,
    }))
}

/// Names of devices on Windows, and names that lose their end there.
fn is_reserved(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end();
    let numbered = |word: &str| {
        let rest = stem
            .get(..3)
            .filter(|start| start.eq_ignore_ascii_case(word));
        rest.is_some() && stem.len() == 4 && stem.as_bytes()[3].is_ascii_digit()
    };
    let device = ["con", "prn", "aux", "nul"]
        .iter()
        .any(|word| stem.eq_ignore_ascii_case(word));
    device || numbered("com") || numbered("lpt") || part.ends_with(['.', ' '])
}

/// A path as a file system would have it that folds case and composes
/// characters.
fn folded(path: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    path.nfc()
        .collect::<String>()
        .to_lowercase()
        .nfc()
        .collect()
}
