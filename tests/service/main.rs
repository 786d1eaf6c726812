//! The service as a whole: the real binary, a real engine, requests over HTTP,
//! and what becomes of runs when any of them goes away.
#![expect(
    clippy::unwrap_used,
    dead_code,
    unused_imports,
    reason = "a helper of tests fails its test by panicking, and others use more of the homes"
)]

#[path = "../support/chaos.rs"]
mod chaos;
#[path = "../support/dockerd.rs"]
mod dockerd;
#[path = "../support/home/mod.rs"]
mod home;
#[path = "../support/witness.rs"]
mod witness;

mod abroad;
mod canary;
mod cli;
mod ends;
mod engine;
mod hooks;
mod kills;
mod plans;
mod proxied;
mod pruned;
mod queue;
mod reboots;
mod runs;
mod secrets;
mod served;
mod traces;
mod trials;
mod usage;
