//! Copies of the whole file: made while others write, and put back.

use super::{Store, StoreError, attempts, open, row::Time};
use crate::domain::ids::{InstanceId, RunId};
use crate::domain::run::{Ended, Outcome};
use crate::threads::off_thread;
use chrono::Utc;
use rusqlite::{Connection, OpenFlags, params};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Whose it is.
    pub instance: InstanceId,
    /// Its schema.
    pub schema: i64,
    /// How many runs it knows.
    pub runs: u64,
    /// Whether it holds secrets, which only the master key opens.
    pub sealed: bool,
}

impl Store {
    /// Whether the file is sound, as far as reading it once tells. About a second
    /// for each GiB.
    ///
    /// # Errors
    /// `Corrupt` when it is not.
    pub async fn quick_check(&self) -> Result<(), StoreError> {
        let look = |db: &Connection| {
            let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            match said.as_str() {
                "ok" => Ok(()),
                _ => Err(StoreError::corrupt(said)),
            }
        };
        self.read_long(look).await
    }

    /// Writes a copy of the database, as it is at this moment, into a new file
    /// (0600). Others read and write meanwhile. About a second for each 100 MiB.
    pub async fn copy_to(&self, path: &Path) -> Result<Copied, StoreError> {
        let (from, to) = (self.0.path.clone(), path.to_owned());
        off_thread(move || copy(&from, &to)).await
    }

    /// Looks whether a file is a whole copy that this version understands.
    /// Blocks. Changes nothing.
    ///
    /// # Errors
    /// `Foreign`, `TooNew`, `Corrupt`.
    pub fn inspect_copy(path: &Path) -> Result<Copied, StoreError> {
        look(path).map_err(|error| error.of(path))
    }

    /// Makes a copy fit to take the place of the database. All schedules are
    /// paused: nothing begins by itself until somebody says so. What waited in the
    /// queue is cancelled for the same reason; what was going on is left to
    /// whoever looks after runs without a driver. Blocks.
    ///
    /// # Errors
    /// As [`Store::inspect_copy`], or when it cannot be written.
    pub fn prepare_copy(path: &Path) -> Result<Copied, StoreError> {
        let copied = Self::inspect_copy(path)?;
        let prepare = || {
            let db = open::writable(path)?;
            db.execute_batch("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE;")?;
            let now = Utc::now();
            db.execute(
                "INSERT INTO pause (only_row, paused_at) VALUES (1, ?1) ON CONFLICT DO NOTHING",
                [Time(now)],
            )?;
            let waiting: Vec<RunId> = db
                .prepare("SELECT id FROM runs WHERE state = 'queued' ORDER BY id")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let why = "it waited when the backup was made that was put back";
            let ended = Ended::because(Outcome::Cancelled, why);
            for run in waiting {
                attempts::close_run(&db, run, &ended, now)?;
            }
            db.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);")?;
            Ok::<_, StoreError>(())
        };
        prepare().map_err(|error| error.of(path))?;
        Ok(copied)
    }
}

fn copy(from: &Path, to: &Path) -> Result<Copied, StoreError> {
    // A connection of its own: one that only reads would be busy all the while,
    // and may not even write elsewhere.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let made = || {
        let db = Connection::open_with_flags(from, flags)?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        let text = to.to_str().ok_or_else(|| {
            StoreError::Conflict(format!("{} is not a name in UTF-8", to.display()))
        })?;
        db.execute("VACUUM INTO ?1", params![text])?;
        Ok::<_, StoreError>(())
    };
    made().map_err(|error| error.of(from))?;
    fs::set_permissions(to, Permissions::from_mode(0o600)).map_err(|source| StoreError::File {
        act: "close to other users",
        path: to.to_owned(),
        source: Arc::new(source),
    })?;
    look(to).map_err(|error| error.of(to))
}

fn look(path: &Path) -> Result<Copied, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    let schema = open::schema(&db, path)?;
    if schema == 0 {
        return Err(StoreError::Foreign(PathBuf::from(path)));
    }
    let wrong: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if wrong != "ok" {
        return Err(StoreError::corrupt(wrong));
    }
    let number = |sql| db.query_row(sql, [], |row| row.get::<_, i64>(0));
    let has_keys = "SELECT count(*) FROM sqlite_schema WHERE name = 'master_key'";
    let sealed = number(has_keys)? > 0 && number("SELECT count(*) FROM master_key")? > 0;
    let instance = db.query_row("SELECT id FROM instance", [], |row| row.get(0));
    Ok(Copied {
        instance: InstanceId(instance?),
        schema,
        runs: number("SELECT count(*) FROM runs")?.unsigned_abs(),
        sealed,
    })
}
