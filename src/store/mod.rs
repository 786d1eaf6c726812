//! The memory of Runbay: one SQLite file, and the only user of SQL.
//!
//! Several `runbay` processes may have the file open at once, so every rule that
//! must hold (a state only moves on, an end is written once, an event is told
//! with its cause) holds inside one transaction, not in a caller. Writing is one
//! thread's job (`writer`); a service, which serves many at once, reads on a few
//! read-only connections (`readers`), a command on the one it writes on.
//! What the store is not: a place for logs (see [`crate::logs`]) or for any
//! decision about what should happen next.
//!
//! Times are kept to the microsecond. Every method fails with [`StoreError`]:
//! `NotFound` where it names something that must be there, and otherwise only
//! when the file itself cannot be used.
#![expect(
    clippy::disallowed_types,
    reason = "this module is the one that speaks SQL"
)]

mod again;
mod attempts;
mod audit;
mod briefs;
mod builds;
mod copy;
mod deliveries;
mod environments;
mod error;
mod events;
mod filter;
mod given;
mod hooks;
mod open;
mod queue;
mod readers;
mod retention;
mod row;
mod runs;
mod schedules;
mod secrets;
mod sessions;
mod slots;
mod surplus;
mod tasks;
#[cfg(test)]
mod tests;
mod tokens;
mod triggers;
mod users;
mod variables;
mod writer;

pub use attempts::Ending;
pub use audit::{AuditFilter, Audited};
pub use copy::Copied;
pub use deliveries::Tried;
pub use error::StoreError;
pub use filter::RunFilter;
pub use given::{Given, Received};
pub use hooks::{Heard, NewDelivery};
pub use open::SCHEMA;
pub use queue::{Admission, Claim, ForSlot, RequestKey, Room, Rules};
pub use schedules::ScheduleChange;
pub use secrets::{KeptSecret, MasterKeyRow, Removal, SealedAt};
pub use sessions::{Door, Redeemed};
pub use slots::{Dropped, LedgerFilter, MakeUp, Settlement};
pub use surplus::{RunRule, Surplus, SurplusVersion};
pub use tokens::{Owned, TokenRow};
pub use triggers::TriggerRow;
pub use users::NewUser;

use crate::disk::Reserve;
use crate::domain::ids::{InstanceId, TaskName};
use crate::threads::alone;
use readers::Readers;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use writer::Writer;

/// A handle of the open database; clones share it.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

struct Shared {
    path: PathBuf,
    instance: InstanceId,
    writer: Writer,
    readers: Arc<Readers>,
}

/// A database that is being opened, while whoever wants it does something else.
#[must_use]
pub struct Opening {
    path: PathBuf,
    writer: Writer,
    readers: Arc<Readers>,
    opened: Receiver<Result<InstanceId, StoreError>>,
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Opening").field(&self.path).finish()
    }
}

impl Opening {
    /// Begins what [`Store::open`] does, on a thread of its own.
    ///
    /// # Errors
    /// When there can be no thread.
    pub fn begin(path: &Path) -> Result<Self, StoreError> {
        let (path, file) = (path.to_owned(), path.to_owned());
        let readers = Arc::new(Readers::of(path.clone()));
        let reserve = Reserve::of(open::folder(&path));
        let room = reserve.clone();
        let open = move || {
            room.give_up_when_needed();
            let opened = open::writable(&file).and_then(|db| Ok((instance(&db)?, db)));
            opened.map_err(|error| error.or_full(open::folder(&file)).of(&file))
        };
        match Writer::start(open, reserve) {
            Ok((writer, opened)) => Ok(Self {
                path,
                writer,
                readers,
                opened,
            }),
            Err(source) => Err(StoreError::File {
                act: "start a thread for",
                path,
                source: Arc::new(source),
            }),
        }
    }

    /// Waits until it is open.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub fn finish(self) -> Result<Store, StoreError> {
        let instance = self.opened.recv().map_err(|_| StoreError::Closed)??;
        Ok(Store(Arc::new(Shared {
            path: self.path,
            instance,
            writer: self.writer,
            readers: self.readers,
        })))
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.0.path).finish()
    }
}

impl Store {
    /// Opens the database, making the file (mode 0600) and its folder (0700) if
    /// they are not there. Blocks: some milliseconds for a new file, less than
    /// one for a file of this version, and up to 5 seconds if it is locked.
    ///
    /// # Errors
    /// Those of the file: `File`, `Network`, `Foreign`, `TooNew`, `Migration`,
    /// `Corrupt`, `Busy`, `Full`.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Opening::begin(path)?.finish()
    }

    /// The identity of this database on the engines it uses: 32 hex digits, made
    /// with the file.
    #[must_use]
    pub fn instance(&self) -> InstanceId {
        self.0.instance.clone()
    }

    /// The number of a task: made when first asked for, then always the same,
    /// also for a task that is gone.
    pub async fn task_number(&self, task: &TaskName) -> Result<i64, StoreError> {
        let mut numbers = self.task_numbers(vec![task.clone()]).await?;
        numbers
            .remove(task)
            .ok_or_else(|| StoreError::not_found("task", task))
    }

    /// Reads the whole file and tells what is wrong with it, a sentence each;
    /// nothing when it is sound. Takes about a second for each GiB.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        let look = |db: &Connection| {
            let mut found: Vec<String> = db
                .prepare("PRAGMA quick_check")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            found.retain(|line| line != "ok");
            let mut broken = db.prepare(
                "SELECT \"table\", count(*) FROM pragma_foreign_key_check GROUP BY \"table\"",
            )?;
            let broken = broken.query_map([], |row| {
                let (table, count): (String, i64) = (row.get(0)?, row.get(1)?);
                Ok(format!("{count} rows of {table} refer to nothing"))
            })?;
            for line in broken {
                found.push(line?);
            }
            Ok(found)
        };
        self.read_long(look).await
    }

    async fn write<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let written = self.0.writer.write(change).await;
        written.map_err(|error| error.of(&self.0.path))
    }

    async fn read<T, F>(&self, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        match alone() {
            true => self.0.writer.look(look).await,
            false => self.0.readers.read(look).await,
        }
        .map_err(|error| error.of(&self.0.path))
    }

    /// A look that may take long: whoever waits can stop waiting, and nobody else
    /// waits for it.
    async fn read_long<T, F>(&self, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let looked = self.0.readers.read(look).await;
        looked.map_err(|error| error.of(&self.0.path))
    }
}

/// Reads who this database is, deciding it the first time.
fn instance(db: &Connection) -> Result<InstanceId, StoreError> {
    let find = "SELECT id FROM instance";
    let found: Option<String> = db.query_row(find, [], |row| row.get(0)).optional()?;
    if let Some(id) = found {
        return Ok(InstanceId(id));
    }
    // Another process may be deciding too; the first row stands for both.
    db.execute(
        "INSERT INTO instance (only_row, id, created_at) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING",
        params![
            uuid::Uuid::new_v4().simple().to_string(),
            chrono::Utc::now().timestamp_micros()
        ],
    )?;
    Ok(InstanceId(db.query_row(find, [], |row| row.get(0))?))
}
