//! `runbay prune` and `runbay doctor` on a real engine: what they remove, what
//! they leave alone, and that looking changes nothing.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails its test by panicking"
)]
#![expect(
    dead_code,
    unused_imports,
    reason = "the home serves other tests too, and each uses a part of it"
)]

#[path = "../support/chaos.rs"]
mod chaos;
#[path = "../support/home/mod.rs"]
mod home;

mod backup;
mod doctor;
mod foreign;
mod limits;
mod pins;
mod prune;
mod residue;
mod retention;
mod stage;
