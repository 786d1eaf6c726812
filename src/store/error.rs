//! What can go wrong with the database, told apart by what a person can do.

use crate::disk::Room;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the store could not do what it was asked. Sources are shared, because one
/// failed commit fails every change that was in it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// There is no such row.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What kind of thing was looked for.
        what: &'static str,
        /// Which one.
        id: String,
    },
    /// The change contradicts what the database already holds.
    #[error("{0}")]
    Conflict(String),
    /// Another process kept the database locked for longer than we wait.
    #[error(
        "another process has kept the database locked for 5 seconds: end what holds it (a backup or a database shell, perhaps) and try again"
    )]
    Busy,
    /// No room to write.
    #[error("the disk that holds the database is full: make room and try again")]
    Full,
    /// SQLite gave up a group of changes because one of them could not be
    /// written; none of the group is saved.
    #[error("the change was not saved, because the database could not be written: try again")]
    RolledBack,
    /// The file is damaged, or holds something we never wrote.
    #[error(
        "the database{} is damaged ({what}): stop every runbay process and put a backup in its place, `runbay backup restore FILE`; `runbay backup ls` lists those that Runbay made by itself",
        named(path)
    )]
    Corrupt {
        /// The file; empty until it is known.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A newer Runbay wrote the file.
    #[error(
        "{} was written by a newer Runbay (schema {found}; this one knows up to {known}): use that version, or put back what this one left, a backup or {}.schema-{known}", path.display(), path.display()
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The file is a database of some other program.
    #[error("{} is a database, but not one of Runbay's: choose another data folder", .0.display())]
    Foreign(PathBuf),
    /// The file is on a file system where locks cannot be trusted.
    #[error(
        "{} is on a network file system ({kind}), where the database would be damaged sooner or later: put the data folder on a local disk (RUNBAY_DATA_DIR)", path.display()
    )]
    Network {
        /// The folder.
        path: PathBuf,
        /// The file system.
        kind: &'static str,
    },
    /// The file or its folder cannot be used.
    #[error("cannot {act} {}", path.display())]
    File {
        /// What was tried.
        act: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The schema could not be brought up to date. The file is as it was.
    #[error("cannot bring the database {} up to date", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: Arc<refinery::Error>,
    },
    /// The store is shutting down.
    #[error("the database is closed")]
    Closed,
    /// Anything else SQLite says.
    #[error("the database refused")]
    Sqlite(#[source] Arc<rusqlite::Error>),
}

/// A path in the middle of a sentence; nothing where it is not known.
fn named(path: &Path) -> String {
    match path.as_os_str().is_empty() {
        true => String::new(),
        false => format!(" {}", path.display()),
    }
}

impl StoreError {
    pub(super) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt {
            path: PathBuf::new(),
            what: what.into(),
        }
    }

    /// This error, with the file that it is about.
    pub(super) fn of(self, file: &Path) -> Self {
        match self {
            Self::Corrupt { what, .. } => Self::Corrupt {
                path: file.to_owned(),
                what,
            },
            other => other,
        }
    }

    /// This error, or that the disk of the database is full, if it is: SQLite
    /// has many words for that.
    pub(super) fn or_full(self, folder: &Path) -> Self {
        let full = Room::of(folder).is_ok_and(|room| room.free < 64 * 1024);
        match self {
            Self::Migration { .. } | Self::File { .. } | Self::Sqlite(_) if full => Self::Full,
            other => other,
        }
    }

    pub(super) fn not_found(what: &'static str, id: &impl ToString) -> Self {
        Self::NotFound {
            what,
            id: id.to_string(),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{Error, ErrorCode};
        match &error {
            Error::SqliteFailure(code, message) => match code.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                ErrorCode::DiskFull => Self::Full,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    Self::corrupt(message.clone().unwrap_or_else(|| code.to_string()))
                }
                ErrorCode::ConstraintViolation => Self::Conflict(format!(
                    "the database already holds something else ({})",
                    message.as_deref().unwrap_or("constraint failed")
                )),
                _ => Self::Sqlite(Arc::new(error)),
            },
            Error::FromSqlConversionFailure(..)
            | Error::InvalidColumnType(..)
            | Error::IntegralValueOutOfRange(..) => Self::corrupt(error.to_string()),
            _ => Self::Sqlite(Arc::new(error)),
        }
    }
}
