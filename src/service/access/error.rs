//! Why somebody is not let in, or may not change who is.

use crate::domain::access::Denied;
use crate::service::Error;
use crate::store::StoreError;
use std::time::Duration;

/// Why not. Texts are for whoever asked, so none says whether a name exists.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// They did not prove who they are. Name and password are not told apart.
    #[error("{0}")]
    Unknown(&'static str),
    /// They may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Too many wrong guesses, or too much to do.
    #[error("too many attempts: try again in {} s", wait.as_secs().max(1))]
    TooMany {
        /// How long to wait.
        wait: Duration,
    },
    /// A value does not do.
    #[error("{field}: {message}")]
    Invalid {
        /// Which one.
        field: &'static str,
        /// What is wrong and what would be right.
        message: String,
    },
    /// It was there once and never will be again.
    #[error("{0}")]
    Gone(&'static str),
    /// There is no such thing.
    #[error("there is no {what} {id}")]
    NotFound {
        /// Of what kind.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// It cannot be done as things are.
    #[error("{0}")]
    Conflict(String),
    /// The system gives no random numbers, without which nothing is safe.
    #[error("the system gives no random numbers ({0})")]
    Random(String),
    /// The hash of a password cannot be made or read.
    #[error("the password cannot be worked with ({0})")]
    Hash(String),
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

impl AccessError {
    pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Invalid { field, message }
    }
}

impl From<StoreError> for AccessError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what, id } => Self::NotFound { what, id },
            StoreError::Conflict(text) => Self::Conflict(text),
            other => Self::Store(other),
        }
    }
}

impl From<AccessError> for Error {
    fn from(error: AccessError) -> Self {
        let text = error.to_string();
        match error {
            AccessError::NotFound { .. } => Self::NotFound(text),
            AccessError::Invalid { .. } => Self::Invalid(text),
            AccessError::Store(error) => Self::Store(error),
            AccessError::Random(_) | AccessError::Hash(_) => Self::Io {
                what: "the password or token could not be made".to_owned(),
                source: std::io::Error::other(text),
            },
            AccessError::Unknown(_)
            | AccessError::Denied(_)
            | AccessError::TooMany { .. }
            | AccessError::Gone(_)
            | AccessError::Conflict(_) => Self::Conflict(text),
        }
    }
}
