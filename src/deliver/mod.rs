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

impl Answer {
    /// The message was taken.
    #[must_use]
    pub fn taken(status: Option<u16>) -> Self {
        Self {
            status,
            problem: None,
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
            retry_after: None,
            fault,
        }
    }
}
