//! The file that holds the master key: text, so that it can be kept in a
//! password safe, and readable by its owner alone.

use super::ring::{CannotOpen, KEY, MasterKey, Ring};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What a line with a key begins with.
const MARK: &str = "runbay-key-1:";
const HEAD: &str = "\
# The master key of Runbay: what opens the secrets in its database. Keep a copy
# of this file apart from copies of the data folder; without it they are lost.
";
/// No key file is larger, bytes.
const MOST: u64 = 64 * 1024;

/// Why the key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read.
    #[error("the key file {} cannot be read by this process, user {user}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Who reads.
        user: u32,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error(
        "the key file {} cannot be written; it is as it was (where something else provides it, a key of `runbay secret make-key` goes to its end there)", path.display()
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read it.
    #[error(
        "the key file {} may be read or written by others (mode {mode:03o}): `chmod 600 {}`", path.display(), path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It holds something else.
    #[error(
        "the key file {} holds no key in line {line}: put the file back from your copy of it", path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Its line, from 1: the last one when none holds a key.
        line: usize,
    },
    /// There is nothing to make a key of.
    #[error("no key can be made")]
    Random(#[from] CannotOpen),
}

/// Where the master key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile(PathBuf);

impl KeyFile {
    /// The key file at this path. Nothing is read yet.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The keys in the file; none if there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, others may read it, or it holds no key.
    pub fn read(&self) -> Result<Option<Ring>, KeyFileError> {
        let failed = |source| KeyFileError::Read {
            path: self.0.clone(),
            user: rustix::process::geteuid().as_raw(),
            source,
        };
        let file = match File::open(&self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let path = self.0.clone();
            return Err(KeyFileError::Open { path, mode });
        }
        let mut text = Zeroizing::new(String::new());
        file.take(MOST).read_to_string(&mut text).map_err(failed)?;
        self.parse(&text).map(Some)
    }

    fn parse(&self, text: &str) -> Result<Ring, KeyFileError> {
        let malformed = |line| KeyFileError::Malformed {
            path: self.0.clone(),
            line,
        };
        let mut keys = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let code = line.strip_prefix(MARK).ok_or_else(|| malformed(at + 1))?;
            let mut bytes = Zeroizing::new([0; KEY]);
            let read = URL_SAFE_NO_PAD.decode_slice(code, bytes.as_mut_slice());
            if read != Ok(KEY) {
                return Err(malformed(at + 1));
            }
            keys.push(MasterKey::new(bytes));
        }
        Ring::of(keys).ok_or_else(|| malformed(text.lines().count().max(1)))
    }

    /// Makes the file with a new key, unless another process was faster: then
    /// its key is the key.
    ///
    /// # Errors
    /// When the file cannot be written or read.
    pub fn make(&self) -> Result<Ring, KeyFileError> {
        let ring = Ring::random()?;
        let fresh = self.beside(&ring)?;
        // A link is made whole or not at all, and never over another file.
        let linked = fs::hard_link(&fresh, &self.0);
        drop(fs::remove_file(&fresh));
        match linked {
            Ok(()) => self.settle(),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(self.unwritten(error)),
        }
        let gone = || self.unwritten(io::ErrorKind::NotFound.into());
        self.read()?.ok_or_else(gone)
    }

    /// Puts these keys in the place of those in the file, at once.
    ///
    /// # Errors
    /// When the file cannot be written; it is as it was then.
    pub fn replace(&self, ring: &Ring) -> Result<(), KeyFileError> {
        let fresh = self.beside(ring)?;
        if let Err(error) = fs::rename(&fresh, &self.0) {
            drop(fs::remove_file(&fresh));
            return Err(self.unwritten(error));
        }
        self.settle();
        Ok(())
    }

    /// Writes keys into a new file of the same folder, down to the disk.
    fn beside(&self, ring: &Ring) -> Result<PathBuf, KeyFileError> {
        let failed = |error| self.unwritten(error);
        let folder = self.folder();
        if !folder.is_dir() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(failed)?;
            // A home folder is often a repository, and this is not for it.
            drop(fs::write(folder.join(".gitignore"), "*\n"));
        }
        let path = folder.join(format!(".key-{}", uuid::Uuid::new_v4().simple()));
        let text = text(ring);
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all());
        if let Err(error) = written {
            drop(fs::remove_file(&path));
            return Err(failed(error));
        }
        Ok(path)
    }

    /// A name in a folder is on the disk once the folder is.
    fn settle(&self) {
        if let Ok(folder) = File::open(self.folder()) {
            drop(folder.sync_all());
        }
    }

    fn folder(&self) -> &Path {
        match self.0.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn unwritten(&self, source: io::Error) -> KeyFileError {
        KeyFileError::Write {
            path: self.0.clone(),
            source,
        }
    }
}

/// A new key as the text of a key file, for one that something else provides.
///
/// # Errors
/// When the system gives no random numbers.
pub fn new_text() -> Result<Zeroizing<String>, KeyFileError> {
    Ok(text(&Ring::random()?))
}

/// The key file of these keys.
fn text(ring: &Ring) -> Zeroizing<String> {
    let mut text = Zeroizing::new(HEAD.to_owned());
    for key in &ring.keys {
        let code = Zeroizing::new(URL_SAFE_NO_PAD.encode(key.bytes.as_slice()));
        text.push_str(MARK);
        text.push_str(&code);
        text.push('\n');
    }
    text
}
