//! Reading a backup, to its end, whatever of it is wanted.

use super::{ABOUT, About, FORMAT};
use crate::disk::Room;
use crate::domain::size::Bytes;
use crate::service::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tar::Archive;

/// Where a backup comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("what came by standard input"),
        }
    }
}

impl Input {
    fn open(&self) -> Result<Box<dyn Read>, Error> {
        Ok(match self {
            Self::File(path) => {
                let failed = Error::io(format!("{} cannot be read", path.display()));
                Box::new(File::open(path).map_err(failed)?)
            }
            Self::Stdin => Box::new(io::stdin().lock()),
        })
    }
}

/// Unpacks what `wanted` says (the first part of each path), and reads all the
/// rest, so that damage is found wherever it is.
pub(super) fn unpack(
    input: &Input,
    into: &Path,
    wanted: impl Fn(&str) -> bool,
) -> Result<About, Error> {
    let bad = |why: &str| {
        Error::Invalid(format!(
            "{input} is no whole backup of Runbay ({why}): take another one"
        ))
    };
    let opened = input.open()?;
    let room = Room::of(into).map_or(u64::MAX, |room| room.free);
    let about = read(opened, (into, room), wanted).map_err(|error| bad(&error.to_string()))?;
    let about = about.ok_or_else(|| bad("it does not begin as one"))?;
    if about.format != FORMAT {
        return Err(Error::Invalid(format!(
            "{input} was made by Runbay {}, which this one does not understand: use that version, or a newer one",
            about.version
        )));
    }
    Ok(about)
}

fn read(
    from: impl Read,
    (into, room): (&Path, u64),
    wanted: impl Fn(&str) -> bool,
) -> io::Result<Option<About>> {
    let mut archive = Archive::new(zstd::Decoder::new(from)?);
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
}
