//! The REST API, driven through its router, on a real database and files.

#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod access;
mod archives;
mod badinput;
mod document;
mod hooks;
mod live;
mod pins;
mod runs;
mod schedules;
mod secrets;
mod settings;
mod skeleton;
mod tasks;
mod trials;
mod triggers;
mod versions;
mod world;
