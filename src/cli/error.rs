//! What a command could not do: by itself, or with a service.

use crate::{client, service};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// A use case, in this process.
    #[error(transparent)]
    Service(#[from] service::Error),
    /// A service that was asked, or could not be.
    #[error(transparent)]
    Client(#[from] client::Error),
}

impl Error {
    /// What was asked for is not valid.
    pub(super) fn invalid(text: impl Into<String>) -> Self {
        Self::Service(service::Error::Invalid(text.into()))
    }

    /// Whether there is no such thing.
    pub(super) fn is_not_found(&self) -> bool {
        match self {
            Self::Service(error) => error.kind() == service::Kind::NotFound,
            Self::Client(client::Error::Refused(refusal)) => refusal.status == 404,
            Self::Client(_) => false,
        }
    }
}
