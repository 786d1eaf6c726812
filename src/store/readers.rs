//! The connections that only read.

use super::{StoreError, instance, open};
use crate::threads::off_thread;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many at most; enough to keep a slow list from blocking.
const READERS: usize = 4;

pub(super) struct Readers {
    path: PathBuf,
    /// How many more may read; none before the first connection is ready.
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Those of a file that need not be there yet: nobody reads before
    /// [`Self::prepare`].
    pub(super) fn of(path: PathBuf) -> Self {
        Self {
            path,
            permits: Arc::new(Semaphore::new(0)),
            idle: Mutex::default(),
        }
    }

    /// Opens a connection for the first look, while the caller has other things
    /// to do: a connection reads the whole schema first, as long as a commit
    /// takes. Whoever looks before it is there waits for it, since another one
    /// would take as long. What goes wrong here goes wrong again when somebody
    /// looks, who is told.
    pub(super) fn prepare(self: &Arc<Self>) {
        let readers = Arc::clone(self);
        let open = move || {
            // Only a question makes it read the schema.
            if let Ok(db) = open::readable(&readers.path)
                && instance(&db).is_ok()
            {
                readers.idle().push(db);
            }
            readers.permits.add_permits(READERS);
        };
        if std::thread::Builder::new().spawn(open).is_err() {
            self.permits.add_permits(READERS);
        }
    }

    /// Looks at the database, where it may block: on a thread of its own, or on
    /// the caller's if that serves nobody else, for to hand it over takes longer
    /// than most looks.
    pub(super) async fn read<T, F>(self: &Arc<Self>, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        if Handle::current().runtime_flavor() != RuntimeFlavor::CurrentThread {
            return self.read_apart(look).await;
        }
        let _permit = self.permit().await?;
        self.look(look)
    }

    /// Looks on a thread of its own, so that whoever waits can stop waiting.
    pub(super) async fn read_apart<T, F>(self: &Arc<Self>, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (permit, readers) = (self.permit().await?, Arc::clone(self));
        off_thread(move || {
            let _permit = permit;
            readers.look(look)
        })
        .await
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        permit.map_err(|_| StoreError::Closed)
    }

    fn look<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let kept = self.idle().pop();
        let open = || open::readable(&self.path);
        let result = match kept.map_or_else(open, Ok) {
            Ok(db) => {
                let result = look(&db);
                self.idle().push(db);
                result
            }
            Err(error) => Err(error),
        };
        result.map_err(|error| error.of(&self.path))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
