//! Whole runs through the real binary on a real engine: how they end, what they
//! are given and leave behind, and what remains when something breaks.
#![expect(
    clippy::unwrap_used,
    dead_code,
    reason = "a helper of tests fails its test by panicking, and others use more of the proxy"
)]

#[path = "../support/chaos.rs"]
mod chaos;
#[path = "../support/home/mod.rs"]
mod home;
#[path = "../support/witness.rs"]
mod witness;

mod artifacts;
mod badinput;
mod builds;
mod diskfull;
mod faults;
mod kills;
mod limits;
mod outcomes;
mod output;
mod params;
mod queueing;
mod sandbox;
mod secrets;

/// Not a test: what tests keep between their runs, on the engine and in
/// `target/`, is removed by asking for it.
#[test]
#[ignore = "removes what makes the next run of these tests fast"]
fn the_seed_is_removed() {
    home::remove_seed();
}
