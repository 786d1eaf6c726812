//! Work that is done elsewhere: a panic in it is one of whoever waits for it.

use std::future::pending;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{JoinHandle, spawn_blocking};

/// Whether this thread serves a command alone, and not many at once: what takes
/// a moment is done sooner here than it is handed over.
#[must_use]
pub fn alone() -> bool {
    Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread
}

/// Runs work that may block for a moment where it holds up nobody.
pub async fn briefly<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match alone() {
        true => work(),
        false => off_thread(work).await,
    }
}

/// Runs work that may block away from the threads that serve everybody.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    joined(spawn_blocking(work)).await
}

/// What a task that nobody aborts came to.
pub async fn joined<T>(task: JoinHandle<T>) -> T {
    match task.await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and with it whoever waits here.
            Err(_) => pending().await,
        },
    }
}
