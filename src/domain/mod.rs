//! The words of Runbay as plain data: no IO, no async, no clock of its own.
//!
//! Everything here can be built and compared in a unit test. Text that people
//! write (manifests, parameters, requirement lines) is parsed by
//! [`crate::catalogue`] into these types; SQL lives in [`crate::store`].

pub mod access;
pub mod account;
pub mod audit;
pub mod brief;
pub mod environment;
pub mod event;
pub mod filepath;
pub mod hook;
pub mod ids;
pub mod image;
pub mod limits;
pub mod log;
pub mod manifest;
pub mod measure;
pub mod net;
pub mod params;
pub mod retry;
pub mod run;
pub mod schedule;
pub mod secret;
pub mod size;
pub mod suggest;
pub mod task;
pub mod token;
pub mod trigger;
pub mod variable;

use std::fmt::Display;

/// `1 package`, `2 packages`.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(number: N, one: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {one}{plural}")
}

/// An error and what lies beneath it, as one text for people. Errors never name
/// their source in their own words, so nothing is said twice.
#[must_use]
pub fn report(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(cause) = below {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        below = cause.source();
    }
    text
}
