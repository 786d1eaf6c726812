//! The code of a task as a tar archive, the same bytes for the same tree.

use super::problem::CatalogueError;
use super::text::open_plain;
use super::tree::{Tree, TreeFile};
use crate::domain::ids::Digest;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::Path;
use tar::{Builder, EntryType, Header};

/// Writes the tree as a tar archive below `prefix` (a relative path, or empty),
/// owned by `uid` and `gid`: sorted, folders first, all times 0, modes 0755
/// and 0644. Files are read again, so the tree must still be as it was.
///
/// # Errors
/// A file that is not what the snapshot saw; what was written until then is
/// no whole archive. An `out` that cannot be written.
pub fn write_tar(
    tree: &Tree,
    prefix: &str,
    uid: u64,
    gid: u64,
    out: &mut dyn Write,
) -> Result<(), CatalogueError> {
    let prefix = prefix.trim_matches('/');
    let unwritable = |fault| CatalogueError::io("write", Path::new(prefix), fault);
    let place = |path: &str| match prefix {
        "" => path.to_owned(),
        prefix => format!("{prefix}/{path}"),
    };
    let mut archive = Builder::new(out);
    for folder in folders(prefix, tree) {
        let mut header = header(EntryType::Directory, 0o755, uid, gid);
        archive
            .append_data(&mut header, format!("{folder}/"), io::empty())
            .map_err(unwritable)?;
    }
    for file in &tree.files {
        let mode = if file.executable { 0o755 } else { 0o644 };
        let mut header = header(EntryType::Regular, mode, uid, gid);
        header.set_size(file.bytes);
        append(&mut archive, &mut header, &place(&file.path), file)?;
    }
    archive.finish().map_err(unwritable)
}

fn header(kind: EntryType, mode: u32, uid: u64, gid: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(uid);
    header.set_gid(gid);
    header.set_mtime(0);
    header.set_size(0);
    header
}

/// Every folder above a file, a parent before its children.
fn folders(prefix: &str, tree: &Tree) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    let mut add_parents = |path: &str| {
        for (at, _) in path.match_indices('/') {
            folders.insert(path[..at].to_owned());
        }
    };
    if prefix.is_empty() {
        tree.files.iter().for_each(|file| add_parents(&file.path));
    } else {
        add_parents(&format!("{prefix}/"));
        for file in &tree.files {
            add_parents(&format!("{prefix}/{}", file.path));
        }
    }
    folders
}

fn append(
    archive: &mut Builder<&mut dyn Write>,
    header: &mut Header,
    place: &str,
    file: &TreeFile,
) -> Result<(), CatalogueError> {
    let changed = || CatalogueError::ChangedDuringRead {
        path: file.source.clone(),
    };
    let source = open_plain(&file.source).map_err(|fault| match fault.kind() {
        io::ErrorKind::NotFound => changed(),
        _ => CatalogueError::io("read", &file.source, fault),
    })?;
    let mut reader = Hashing {
        inner: source,
        hasher: Sha256::new(),
        left: file.bytes,
        more: false,
    };
    archive
        .append_data(header, place, &mut reader)
        .map_err(|fault| CatalogueError::io("archive", &file.source, fault))?;
    let complete = reader.left == 0 && !reader.more;
    if complete && Digest::from_hash(&reader.hasher.finalize()) == file.digest {
        Ok(())
    } else {
        Err(changed())
    }
}

/// Passes on exactly as many bytes as the header says, and notes whether
/// there were more.
struct Hashing<R> {
    inner: R,
    hasher: Sha256,
    left: u64,
    more: bool,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            self.more = self.inner.read(&mut [0; 1])? > 0;
            return Ok(0);
        }
        let want = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let count = self.inner.read(&mut buffer[..want])?;
        self.hasher.update(&buffer[..count]);
        self.left -= count as u64;
        Ok(count)
    }
}
