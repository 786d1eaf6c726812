//! The loops of the service. Each looks at what is to be done, does it, and
//! sleeps until it is woken or some time has passed: whatever a wake-up was
//! lost to, the next look finds it.

pub mod copier;
pub mod dispatcher;
pub mod herald;
pub mod reaper;
pub mod reconciler;
pub mod scheduler;
mod ticker;
pub mod watcher;
