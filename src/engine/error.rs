//! What can go wrong between us and the engine, sorted by what a caller does
//! about it. A script's own failure is never one of these.

use bollard::errors::Error as Bollard;
use std::error::Error;
use std::io;

/// Why the engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The configured address cannot be one of an engine. Final.
    #[error("“{host}” is not the address of a Docker Engine: {why}")]
    Address {
        /// The address as given.
        host: String,
        /// What is wrong with it, and what to write instead.
        why: String,
    },
    /// The engine does not answer, or the connection broke. Whether the request
    /// was carried out is unknown: look before repeating it.
    #[error("no connection to the Docker Engine at {address} while {doing}: {why}")]
    Unavailable {
        /// Where it was looked for.
        address: String,
        /// What was being done, as “creating container x”.
        doing: String,
        /// What happened, and what to do about it.
        why: String,
        /// The error underneath.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The engine did not answer in time. Whether the request was carried out
    /// is unknown.
    #[error("the Docker Engine at {address} did not answer in time while {doing}")]
    Timeout {
        /// The engine.
        address: String,
        /// What was being done.
        doing: String,
    },
    /// The engine works, but cannot reach the registry of an image.
    #[error(
        "the registry of image {reference} cannot be reached from the Docker Engine: {message}. Check its network, DNS and proxy settings, or import the image by hand (docker load)"
    )]
    RegistryUnreachable {
        /// The image asked for.
        reference: String,
        /// The engine's words.
        message: String,
    },
    /// The object does not exist.
    #[error("not found while {doing}: {message}")]
    NotFound {
        /// What was being done.
        doing: String,
        /// The engine's words.
        message: String,
    },
    /// A container of this name exists; names are the fence that keeps one
    /// attempt from starting twice.
    #[error("a container named {name} exists already")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The image of a container to be created was removed.
    #[error("image {image} is not on the Docker Engine any more")]
    ImageGone {
        /// The image.
        image: String,
    },
    /// The object is in a state, or in a use, that forbids the request.
    #[error("refused while {doing}: {message}")]
    Conflict {
        /// What was being done.
        doing: String,
        /// The engine's words, or ours.
        message: String,
    },
    /// The engine leaves out that containers of a network cannot reach each other.
    #[error(
        "the engine at {address} lets all containers of a network reach each other, as Podman does, whatever it is asked (enable_icc=false): runs would not be kept apart. Use a Docker Engine: name it in DOCKER_HOST or docker_host"
    )]
    Open {
        /// The engine.
        address: String,
    },
    /// The container could not be started as it is: no such command, no such
    /// working directory, a limit that the kernel refuses.
    #[error("the container cannot be started: {0}")]
    StartRefused(String),
    /// The engine's disk is full.
    #[error(
        "the disk of the Docker Engine is full ({doing}: {message}). Free some space, for instance with “runbay prune” or “docker system df” and its advice"
    )]
    OutOfSpace {
        /// What was being done.
        doing: String,
        /// The engine's words.
        message: String,
    },
    /// What was asked for is beyond what a container of ours may be. Final.
    #[error("this container may not be created: {0}")]
    BadSpec(String),
    /// The engine refused for another reason.
    #[error("the Docker Engine answered {status} while {doing}: {message}")]
    Refused {
        /// What was being done.
        doing: String,
        /// The HTTP status.
        status: u16,
        /// The engine's words.
        message: String,
    },
    /// The engine's answer could not be understood.
    #[error(
        "the Docker Engine's answer was not understood while {doing}; is something else listening there?"
    )]
    Protocol {
        /// What was being done.
        doing: String,
        /// What was wrong with the answer.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

impl EngineError {
    /// Whether the same request may succeed later without anybody changing
    /// anything but the engine's or its registry's health.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Timeout { .. } | Self::RegistryUnreachable { .. } => {
                true
            }
            Self::Refused { status, .. } => *status == 503,
            _ => false,
        }
    }

    /// An answer that lacks what it must hold.
    pub(super) fn incomplete(doing: impl Into<String>, what: &str) -> Self {
        Self::Protocol {
            doing: doing.into(),
            source: Some(format!("the answer lacks {what}").into()),
        }
    }

    /// Sorts an error of the client library.
    pub(super) fn sort(address: &str, doing: String, error: Bollard) -> Self {
        match error {
            Bollard::DockerResponseServerError {
                status_code,
                message,
            } => Self::answered(doing, status_code, &message),
            Bollard::DockerStreamError { error } => Self::answered(doing, 500, &error),
            Bollard::RequestTimeoutError => Self::Timeout {
                address: address.to_owned(),
                doing,
            },
            Bollard::SocketNotFoundError(_)
            | Bollard::IOError { .. }
            | Bollard::HyperResponseError { .. }
            | Bollard::HyperLegacyError { .. } => Self::Unavailable {
                address: address.to_owned(),
                doing,
                why: why_unreachable(&error).to_owned(),
                source: Some(Box::new(error)),
            },
            other => Self::Protocol {
                doing,
                source: Some(Box::new(other)),
            },
        }
    }

    /// Sorts an answer of the engine that is not a success.
    fn answered(doing: String, status: u16, message: &str) -> Self {
        let message = message.trim().to_owned();
        if message.contains("no space left on device") || message.contains("disk quota exceeded") {
            return Self::OutOfSpace { doing, message };
        }
        match status {
            404 => Self::NotFound { doing, message },
            500 if is_going(&message) => Self::NotFound { doing, message },
            409 => Self::Conflict { doing, message },
            _ => Self::Refused {
                doing,
                status,
                message,
            },
        }
    }
}

/// An image is being removed at this moment: first its layers go, then its files,
/// then the engine forgets it, and who asks in between gets an error of the inside.
fn is_going(message: &str) -> bool {
    message == "layer does not exist" || message.starts_with("failed to get digest ")
}

/// Whether what the engine did not find is an image.
pub(super) fn is_image(message: &str) -> bool {
    is_going(message) || message.to_ascii_lowercase().contains("no such image")
}

/// What a broken connection means for people.
fn why_unreachable(error: &Bollard) -> &'static str {
    let kind = match error {
        Bollard::SocketNotFoundError(_) => Some(io::ErrorKind::NotFound),
        // Transparent: the chain goes on below it.
        Bollard::IOError { err } => Some(err.kind()),
        other => io_kind(other),
    };
    match kind {
        Some(io::ErrorKind::NotFound) => {
            "the socket does not exist. Start the engine (sudo systemctl start docker), or set DOCKER_HOST to where it listens"
        }
        Some(io::ErrorKind::ConnectionRefused) => {
            "nobody listens there. Start the engine (sudo systemctl start docker), or set DOCKER_HOST to where it listens"
        }
        Some(io::ErrorKind::PermissionDenied) => {
            "permission denied. Add this user to the group that owns the socket (sudo usermod -aG docker $USER, then log in again)"
        }
        _ => "the connection broke. Is the engine restarting?",
    }
}

/// The kind of the IO error at the root of a chain.
fn io_kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return Some(io.kind());
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, message: &str) -> EngineError {
        let error = Bollard::DockerResponseServerError {
            status_code: status,
            message: message.to_owned(),
        };
        EngineError::sort("unix:///x", "testing".to_owned(), error)
    }

    #[test]
    fn answers_are_sorted_by_what_to_do() {
        assert!(matches!(answered(404, "no"), EngineError::NotFound { .. }));
        assert!(matches!(answered(409, "no"), EngineError::Conflict { .. }));
        for going in [
            "layer does not exist",
            "failed to get digest sha256:0: open",
        ] {
            assert!(matches!(answered(500, going), EngineError::NotFound { .. }));
        }
        let full = answered(500, "write /var/lib/docker: no space left on device");
        assert!(matches!(full, EngineError::OutOfSpace { .. }));
        assert!(!full.is_transient());
        assert!(answered(503, "busy").is_transient());
        assert!(!answered(500, "odd").is_transient());
    }

    #[test]
    fn a_text_never_repeats_its_source() {
        let inner = io::Error::new(io::ErrorKind::PermissionDenied, "secret cause");
        let error = EngineError::sort(
            "unix:///x",
            "testing".to_owned(),
            Bollard::IOError { err: inner },
        );
        let text = error.to_string();
        assert!(text.contains("permission denied") && text.contains("unix:///x"));
        assert!(!text.contains("secret cause"));
        assert!(error.source().is_some() && error.is_transient());
    }
}
