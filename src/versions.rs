//! The code that ran, kept by digest: any run can be repeated, whatever became of
//! its folder and its image.
//!
//! Every file is stored once (zstd) under the digest of its content, however
//! many versions and tasks it is part of; a version is the list of its files.

use crate::catalogue::{Tree, TreeFile};
use crate::domain::ids::Digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

mod sweep;

pub use sweep::{FRESH, Sweep};

/// Fast enough to stay unnoticed beside an image build.
const LEVEL: i32 = 3;

/// Why a version could not be kept or brought back.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// It was never kept, or somebody deleted it.
    #[error("version {} of the code is not kept here", .0.short())]
    Unknown(Digest),
    /// What is kept is not what was put there.
    #[error("the kept file {} is damaged", .0.display())]
    Damaged(PathBuf),
    /// A file changed while it was being kept.
    #[error("{} changed while it was being read: try again", .0.display())]
    Changed(PathBuf),
    /// The file system refused.
    #[error("{} could not be used", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
}

impl VersionError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// The name of a folder of ours that nothing has yet; what is made there is
/// removed when this is dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A name in a data folder.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        let name = uuid::Uuid::new_v4().simple().to_string();
        Self(data_dir.join("spool").join(name))
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind is in nobody's way.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// One file of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VersionFile {
    /// Its path, `/`-separated.
    pub path: String,
    /// Whether its owner may execute it.
    pub executable: bool,
    /// Its size, bytes.
    pub bytes: u64,
    /// The digest of its content.
    pub digest: Digest,
}

/// The folder of versions.
#[derive(Debug, Clone)]
pub struct Versions {
    folder: PathBuf,
}

impl Versions {
    /// The versions kept in a data folder.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("versions"),
        }
    }

    fn list(&self, version: &Digest) -> PathBuf {
        self.folder.join("trees").join(format!("{version}.json"))
    }

    fn content(&self, digest: &Digest) -> PathBuf {
        self.folder
            .join("files")
            .join(&digest.0[..2])
            .join(format!("{digest}.zst"))
    }

    /// Keeps a version. Keeping it again costs one look.
    ///
    /// # Errors
    /// When a file is no longer what the tree says, or the disk refuses.
    pub fn keep(&self, tree: &Tree) -> Result<(), VersionError> {
        let list = self.list(&tree.digest);
        // Whoever sweeps passes over what was asked for just now, and is not
        // at it meanwhile.
        let _shared = self.lock(File::lock_shared)?;
        if let Ok(file) = File::options().write(true).open(&list) {
            let touched = file.set_modified(SystemTime::now());
            return touched.map_err(VersionError::io(&list));
        }
        for file in &tree.files {
            self.keep_file(file)?;
        }
        let entries: Vec<VersionFile> = tree
            .files
            .iter()
            .map(|file| VersionFile {
                path: file.path.clone(),
                executable: file.executable,
                bytes: file.bytes,
                digest: file.digest.clone(),
            })
            .collect();
        let text = serde_json::to_vec(&entries).map_err(|e| VersionError::io(&list)(e.into()))?;
        place(&list, |out| out.write_all(&text))
    }

    fn keep_file(&self, file: &TreeFile) -> Result<(), VersionError> {
        let target = self.content(&file.digest);
        if target.exists() {
            return Ok(());
        }
        let mut source = File::open(&file.source).map_err(VersionError::io(&file.source))?;
        let mut hash = sha2::Sha256::new();
        let mut same = true;
        place(&target, |out| {
            let mut packed = zstd::Encoder::new(out, LEVEL)?;
            copy(&mut source, &mut packed, &mut hash)?;
            packed.finish()?;
            same = Digest::from_hash(&hash.finalize_reset()) == file.digest;
            if same {
                Ok(())
            } else {
                Err(io::Error::other("changed"))
            }
        })
        .map_err(|error| {
            if same {
                error
            } else {
                VersionError::Changed(file.source.clone())
            }
        })
    }

    /// The files of a version, by path.
    ///
    /// # Errors
    /// When it is not kept or is damaged.
    pub fn files(&self, version: &Digest) -> Result<Vec<VersionFile>, VersionError> {
        let list = self.list(version);
        let text = match fs::read(&list) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(VersionError::Unknown(version.clone()));
            }
            other => other.map_err(VersionError::io(&list))?,
        };
        serde_json::from_slice(&text).map_err(|_| VersionError::Damaged(list))
    }

    /// The content of a file of a version.
    ///
    /// # Errors
    /// When it is not kept or is damaged.
    pub fn content_of(&self, file: &VersionFile) -> Result<Vec<u8>, VersionError> {
        let kept = self.content(&file.digest);
        let packed = File::open(&kept).map_err(VersionError::io(&kept))?;
        let mut bytes = Vec::new();
        // One byte more shows a file that is not what it was.
        zstd::Decoder::new(packed)
            .and_then(|plain| plain.take(file.bytes + 1).read_to_end(&mut bytes))
            .map_err(|_| VersionError::Damaged(kept.clone()))?;
        match Digest::of(&bytes) == file.digest {
            true => Ok(bytes),
            false => Err(VersionError::Damaged(kept)),
        }
    }

    /// Writes a version into an empty folder and returns it as a tree of the
    /// files there.
    ///
    /// # Errors
    /// When it is not kept, is damaged, or the disk refuses.
    pub fn restore(&self, version: &Digest, into: &Path) -> Result<Tree, VersionError> {
        let entries = self.files(version)?;
        let mut files = Vec::with_capacity(entries.len());
        for entry in entries {
            let target = into.join(&entry.path);
            self.restore_file(&entry, &target)?;
            files.push(TreeFile {
                path: entry.path,
                source: target,
                executable: entry.executable,
                bytes: entry.bytes,
                digest: entry.digest,
            });
        }
        Ok(Tree {
            digest: version.clone(),
            bytes: files.iter().map(|file| file.bytes).sum(),
            files,
        })
    }

    fn restore_file(&self, entry: &VersionFile, target: &Path) -> Result<(), VersionError> {
        let kept = self.content(&entry.digest);
        let packed = File::open(&kept).map_err(VersionError::io(&kept))?;
        let folder = target.parent().unwrap_or(target);
        fs::create_dir_all(folder).map_err(VersionError::io(folder))?;
        let mut out = File::create_new(target).map_err(VersionError::io(target))?;
        let mut hash = sha2::Sha256::new();
        zstd::Decoder::new(packed)
            .and_then(|mut plain| copy(&mut plain, &mut out, &mut hash))
            .map_err(|_| VersionError::Damaged(kept.clone()))?;
        if Digest::from_hash(&hash.finalize()) != entry.digest {
            return Err(VersionError::Damaged(kept));
        }
        if entry.executable {
            fs::set_permissions(target, fs::Permissions::from_mode(0o755))
                .map_err(VersionError::io(target))?;
        }
        Ok(())
    }
}

/// Writes a file under a name of its own and moves it into place whole.
fn place(
    target: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), VersionError> {
    let folder = target.parent().unwrap_or(target);
    let half = folder.join(format!(".{}", uuid::Uuid::new_v4().simple()));
    let written = fs::create_dir_all(folder)
        .and_then(|()| File::create_new(&half))
        .and_then(|mut file| {
            write(&mut file)?;
            file.sync_data()
        })
        .and_then(|()| fs::rename(&half, target));
    if written.is_err() {
        drop(fs::remove_file(&half));
    }
    written.map_err(VersionError::io(target))
}

fn copy(from: &mut impl Read, to: &mut impl Write, hash: &mut sha2::Sha256) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        hash.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn tree(dir: &Path, files: &[(&str, &str)]) -> Tree {
        let files: Vec<TreeFile> = files
            .iter()
            .map(|(path, text)| {
                let source = dir.join(path);
                fs::create_dir_all(source.parent().unwrap()).unwrap();
                fs::write(&source, text).unwrap();
                TreeFile {
                    path: (*path).to_owned(),
                    source,
                    executable: path.ends_with(".sh"),
                    bytes: text.len() as u64,
                    digest: Digest::of(text.as_bytes()),
                }
            })
            .collect();
        Tree {
            digest: Digest::of(
                format!("{:?}", files.iter().map(|f| &f.digest).collect::<Vec<_>>()).as_bytes(),
            ),
            bytes: 0,
            files,
        }
    }

    #[test]
    fn a_version_comes_back_as_it_was() {
        let (code, data, back) = (
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
        );
        let kept = tree(
            code.path(),
            &[
                ("main.py", "print(1)"),
                ("lib/run.sh", "echo"),
                ("same.py", "print(1)"),
            ],
        );
        let versions = Versions::new(data.path());
        versions.keep(&kept).unwrap();
        fs::remove_dir_all(code.path()).unwrap();
        versions.keep(&kept).unwrap();

        let restored = versions.restore(&kept.digest, back.path()).unwrap();
        assert_eq!(
            fs::read_to_string(back.path().join("lib/run.sh")).unwrap(),
            "echo"
        );
        assert!(restored.files.iter().any(|f| f.executable));
        let paths = |t: &Tree| {
            t.files
                .iter()
                .map(|f| (f.path.clone(), f.digest.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(paths(&restored), paths(&kept));
    }

    #[test]
    fn a_file_that_changes_while_it_is_kept_is_no_version() {
        let (code, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let kept = tree(code.path(), &[("main.py", "print(1)")]);
        fs::write(code.path().join("main.py"), "print(2)").unwrap();
        let versions = Versions::new(data.path());
        assert!(matches!(
            versions.keep(&kept),
            Err(VersionError::Changed(_))
        ));
        assert!(matches!(
            versions.restore(&kept.digest, data.path()),
            Err(VersionError::Unknown(_))
        ));
    }

    #[test]
    fn a_damaged_file_is_told_and_not_returned() {
        let (code, data, back) = (
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
        );
        let kept = tree(code.path(), &[("main.py", "print(1)")]);
        let versions = Versions::new(data.path());
        versions.keep(&kept).unwrap();
        let other = zstd::encode_all("print(2)".as_bytes(), 1).unwrap();
        fs::write(versions.content(&kept.files[0].digest), other).unwrap();
        assert!(matches!(
            versions.restore(&kept.digest, back.path()),
            Err(VersionError::Damaged(_))
        ));
    }
}
