//! The connections that only read, for those who must not wait for the writer.

use super::{StoreError, open};
use crate::threads::off_thread;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// How many at most; enough to keep a slow list from blocking.
const READERS: usize = 4;

pub(super) struct Readers {
    path: PathBuf,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Those of a file; the first is opened when somebody looks.
    pub(super) fn of(path: PathBuf) -> Self {
        Self {
            path,
            permits: Arc::new(Semaphore::new(READERS)),
            idle: Mutex::default(),
        }
    }

    /// Looks at the database on a thread of its own.
    pub(super) async fn read<T, F>(self: &Arc<Self>, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(self);
        off_thread(move || {
            let _permit = permit;
            readers.look(look)
        })
        .await
    }

    fn look<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let kept = self.idle().pop();
        let open = || open::readable(&self.path);
        let db = kept.map_or_else(open, Ok)?;
        let result = look(&db);
        self.idle().push(db);
        result
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
