//! Opening the file: where it may be, who may read it, and its schema.
//!
//! `runbay run` opens the database before it can do anything else, so the usual
//! case (the schema is ours) does no more than a few reads; everything slow
//! happens only when the file is new or old.

use super::StoreError;
use rusqlite::{Connection, OpenFlags};
use rustix::fs::{FlockOperation, flock, statfs};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// The number of the newest file in `migrations/`; kept in `user_version`. A
/// test compares them.
pub const SCHEMA: i64 = 8;
/// “RUNB”: what tells our files from other SQLite databases.
const APPLICATION: i64 = 0x5255_4E42;

/// The folder that a database is in.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Opens the file for writing, making or updating it where needed.
pub(super) fn writable(path: &Path) -> Result<Connection, StoreError> {
    prepare(path, folder(path))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    if schema(&db, path)? < SCHEMA {
        migrate(&mut db, path)?;
    }
    // Whoever opens the file first reads all of its journal. Commands come and
    // go, so it is kept at 256 pages (1 MiB), a quarter of SQLite's default. What
    // is deleted, such as a sealed secret, is overwritten where that costs no
    // write of its own.
    db.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
         PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864; \
         PRAGMA wal_autocheckpoint = 256; PRAGMA secure_delete = FAST;",
    )?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}

/// Opens the file for reading only. It must have been opened for writing before.
pub(super) fn readable(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;")?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

/// Makes the folder (0700) and the file (0600) and refuses places where SQLite
/// is not safe. SQLite gives its `-wal` and `-shm` files the mode of the file.
fn prepare(path: &Path, folder: &Path) -> Result<(), StoreError> {
    let failed = |act, path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| StoreError::File {
            act,
            path,
            source: Arc::new(source),
        }
    };
    if !folder.is_dir() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed("create", folder))?;
    }
    let volume = statfs(folder).map_err(|e| failed("look at", folder)(e.into()))?;
    if let Some(kind) = network(volume.f_type as u64) {
        let path = folder.to_owned();
        return Err(StoreError::Network { path, kind });
    }
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(failed("use", path)(io::Error::other("not a file"))),
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            fs::set_permissions(path, Permissions::from_mode(0o600))
                .map_err(failed("close to other users", path))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut new = OpenOptions::new();
            // `create_new`, because closing a file that this process has open as
            // a database elsewhere would drop that database's locks.
            match new.write(true).create_new(true).mode(0o600).open(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    Err(failed("create", path)(error))
                }
                _ => Ok(()),
            }
        }
        Err(error) => Err(failed("open", path)(error)),
    }
}

/// The name of a network file system, by its magic number (`statfs(2)`). FUSE is
/// not refused: most of what it serves is local.
fn network(magic: u64) -> Option<&'static str> {
    Some(match magic & 0xFFFF_FFFF {
        0x6969 => "NFS",
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => "SMB",
        0x0102_1997 => "9p",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x00C3_6400 => "Ceph",
        0x0BD0_0BD0 => "Lustre",
        _ => return None,
    })
}

/// The schema of the file, 0 when it is empty. Refuses files that are not ours
/// or newer than us.
pub(super) fn schema(db: &Connection, path: &Path) -> Result<i64, StoreError> {
    let number = |pragma| db.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let found = number("PRAGMA user_version")?;
    if number("PRAGMA application_id")? != APPLICATION {
        // Our first migration may have been cut short before its last line.
        let foreign = "SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' \
            AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history')";
        if found != 0 || number(foreign)? != 0 {
            return Err(StoreError::Foreign(path.to_owned()));
        }
    }
    if found > SCHEMA {
        return Err(StoreError::TooNew {
            path: path.to_owned(),
            found,
            known: SCHEMA,
        });
    }
    Ok(found)
}

/// Brings the schema up to date. Of several processes that try at once, one
/// does it and the others find it done.
fn migrate(db: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let _lock = exclusive(path)?;
    let found = schema(db, path)?;
    if found == SCHEMA {
        return Ok(());
    }
    if found > 0 {
        keep_former(db, path, found)?;
    }
    // Journal modes last; this one lets readers go on while we write.
    db.execute_batch("PRAGMA journal_mode = WAL;")?;
    // Rebuilding a table drops the old one, which with foreign keys on would
    // delete the rows that refer to it. Inside a transaction the pragma does
    // nothing, so it is set out here and all references are checked afterwards.
    db.execute_batch("PRAGMA foreign_keys = OFF;")?;
    embedded::migrations::runner()
        .run(db)
        .map_err(|source| StoreError::Migration {
            path: path.to_owned(),
            source: Arc::new(source),
        })?;
    let broken = "SELECT count(*) FROM pragma_foreign_key_check";
    let broken: i64 = db.query_row(broken, [], |row| row.get(0))?;
    if broken > 0 {
        let what = format!("{broken} rows refer to rows that are not there");
        return Err(StoreError::corrupt(what));
    }
    db.pragma_update(None, "application_id", APPLICATION)?;
    db.pragma_update(None, "user_version", SCHEMA)?;
    Ok(())
}

/// Keeps the file as it was beside it, `<file>.schema-<number>`: there is no way
/// from a newer schema to an older one but this copy.
fn keep_former(db: &Connection, path: &Path, schema: i64) -> Result<(), StoreError> {
    let copy = former(path, schema);
    // Half of one, of an update that was cut short.
    drop(fs::remove_file(&copy));
    db.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    fs::set_permissions(&copy, Permissions::from_mode(0o600)).map_err(|source| StoreError::File {
        act: "close to other users",
        path: copy.clone(),
        source: Arc::new(source),
    })
}

/// Where a file is kept as it was at a schema.
pub(super) fn former(path: &Path, schema: i64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".schema-{schema}"));
    PathBuf::from(name)
}

/// Makes a file as an earlier version would have.
#[cfg(test)]
pub(super) fn as_of(path: &Path, schema: i32) {
    let mut db = Connection::open(path).unwrap();
    let target = refinery::Target::Version(schema);
    let runner = embedded::migrations::runner().set_target(target);
    runner.run(&mut db).unwrap();
    db.pragma_update(None, "application_id", APPLICATION)
        .unwrap();
    db.pragma_update(None, "user_version", schema).unwrap();
    let id = "INSERT INTO instance (only_row, id, created_at) VALUES (1, ?1, 0)";
    db.execute(id, ["0123456789abcdef0123456789abcdef"])
        .unwrap();
}

/// Holds `<file>.lock` until dropped. Not a lock of SQLite's, because the
/// migration runner opens several transactions.
fn exclusive(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let lock = || {
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)?;
        flock(&file, FlockOperation::LockExclusive)?;
        Ok(file)
    };
    lock().map_err(|source: io::Error| StoreError::File {
        act: "lock",
        path: path.clone(),
        source: Arc::new(source),
    })
}
