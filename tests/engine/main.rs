//! Facts about Docker Engines that Runbay is built on, through its own API and
//! on a real engine. Tests are named after the fact.
#![expect(
    clippy::unwrap_used,
    dead_code,
    reason = "a helper of tests fails its test by panicking, and others use more of the proxy"
)]

#[path = "../support/mod.rs"]
mod support;

mod facts;
mod faults;
mod files;
mod images;
mod life;
mod networks;
mod output;
mod sandbox;
