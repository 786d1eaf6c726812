//! Sends what hooks are told: over HTTP, or as mail. It knows nothing of events,
//! queues or tries; it is given one message and says what became of it.
//!
//! Where something is sent is written by people, so nothing here goes to an
//! address that was not looked at first ([`guard`]), follows a redirect, reads
//! more of an answer than it must, or waits for long.

pub mod body;
pub mod guard;
pub mod mail;
mod post;
pub mod sign;

pub use post::{Outgoing, Poster};

use std::time::Duration;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status of the receiver, if it answered.
    pub status: Option<u16>,
    /// Why the message was not taken; none when it was. Holds no address and
    /// nothing of what the receiver wrote.
    pub problem: Option<String>,
    /// How what the receiver wrote begins, on one line; none when it wrote nothing.
    /// May hold a secret that it was sent.
    pub said: Option<String>,
    /// How long the receiver asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Whose fault it is, if it was not taken.
    pub fault: Fault,
}

/// Why a message was not taken, as far as it matters for the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It was taken.
    None,
    /// The receiver is not there, or not well: the next would fare the same.
    Receiver,
    /// The receiver is there and does not want this one.
    Message,
    /// The receiver says that it will never take anything again.
    Gone,
}

/// The most of what a receiver writes that is kept, characters.
const MOST_SAID: usize = 200;

/// The beginning of what a receiver wrote, on one line and without signs that
/// steer a terminal; none when it wrote nothing.
fn beginning(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let line: String = words.join(" ").chars().take(MOST_SAID).collect();
    (!line.is_empty()).then_some(line)
}

impl Answer {
    /// The message was taken.
    #[must_use]
    pub fn taken(status: Option<u16>) -> Self {
        Self {
            status,
            problem: None,
            said: None,
            retry_after: None,
            fault: Fault::None,
        }
    }

    /// The message was not taken.
    #[must_use]
    pub fn failed(fault: Fault, problem: impl Into<String>) -> Self {
        Self {
            status: None,
            problem: Some(problem.into()),
            said: None,
            retry_after: None,
            fault,
        }
    }
}
