//! What can go wrong between a command and a service.

use super::place::Address;
use crate::service::{Field, Kind};
use serde::Deserialize;

/// Why a service did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address, token or certificate that cannot be used.
    #[error("{0}")]
    Settings(String),
    /// Nobody answers there.
    #[error("no service answers at {url}; {remedy}")]
    Unreachable {
        /// Where.
        url: String,
        /// What to do.
        remedy: &'static str,
        /// What the network says; none when nobody was asked.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// The connection broke off after the request was sent.
    #[error("the service at {url} did not answer to the end, so what it did is not known")]
    Broken {
        /// Where.
        url: String,
        /// What the network says; none when it took too long.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// It says no.
    #[error("{0}")]
    Refused(Refusal),
    /// What answers there is not what we know.
    #[error("{url} {what}")]
    Foreign {
        /// Where.
        url: String,
        /// What it does.
        what: String,
    },
}

/// What a service says when it does not do what it was asked (RFC 9457).
#[derive(Debug, Clone, Deserialize)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do next.
    #[serde(default)]
    pub detail: String,
    /// The fields that are wrong.
    #[serde(default)]
    pub errors: Vec<Field>,
    /// The id under which its log tells of this request.
    pub request_id: Option<String>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)?;
        match &self.request_id {
            Some(id) if self.status == 500 => {
                write!(f, " (the log of the service has it as request {id})")
            }
            _ => Ok(()),
        }
    }
}

impl Error {
    /// What a service did for somebody failed, and that is how.
    #[must_use]
    pub fn failed(kind: Option<Kind>, why: String) -> Self {
        let status = match kind {
            Some(Kind::Unavailable) => 503,
            Some(Kind::NotFound) => 404,
            Some(Kind::Conflict | Kind::Stale | Kind::Full) => 409,
            Some(Kind::Internal) => 500,
            Some(Kind::Invalid | Kind::TooLarge) | None => 422,
        };
        Self::Refused(Refusal {
            status,
            detail: why,
            errors: Vec::new(),
            request_id: None,
        })
    }

    /// Whether the service may be on its way back.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken { .. } => true,
            // A proxy in front of it says so.
            Self::Foreign { what, .. } => what.contains("502") || what.contains("503"),
            Self::Refused(_) | Self::Settings(_) => false,
        }
    }

    /// The service of this folder is not there.
    pub(super) fn not_here(folder: &std::path::Path) -> Self {
        Self::Unreachable {
            url: folder.display().to_string(),
            remedy: "start it with `runbay serve`",
            source: None,
        }
    }

    /// Why a request could not be sent, or was not answered.
    pub(super) fn unsent(at: &Address, error: reqwest::Error) -> Self {
        let url = at.shown();
        let source = error.without_url();
        if !source.is_connect() {
            let source = Some(source);
            return Self::Broken { url, source };
        }
        let told = crate::domain::report(&source);
        let remedy = if told.contains("certificate") {
            "if its certificate is from an authority of your own, name that in RUNBAY_EXTRA_CA (a PEM file)"
        } else if at.here {
            "try again; if that does not help, look at the log of `runbay serve`"
        } else {
            "look whether the address is right (--url, RUNBAY_URL) and whether `runbay serve` runs there"
        };
        Self::Unreachable {
            url,
            remedy,
            source: Some(source),
        }
    }

    pub(super) fn broken(at: &Address, error: reqwest::Error) -> Self {
        Self::Broken {
            url: at.shown(),
            source: Some(error.without_url()),
        }
    }

    pub(super) fn slow(at: &Address) -> Self {
        Self::Broken {
            url: at.shown(),
            source: None,
        }
    }

    pub(super) fn foreign(at: &Address, what: String) -> Self {
        let url = at.shown();
        Self::Foreign { url, what }
    }

    /// An answer that does not read as it should.
    pub(super) fn strange(at: &Address, error: &serde_json::Error) -> Self {
        Self::foreign(
            at,
            format!(
                "answers with something that this command ({}) does not know ({error}): use the same version of both",
                env!("CARGO_PKG_VERSION")
            ),
        )
    }

    pub(super) fn refused(at: &Address, mut refusal: Refusal) -> Self {
        if refusal.status == 401 {
            let url = at.shown();
            refusal.detail = match &at.token {
                None => format!(
                    "{url} lets nobody in without a token: put one into RUNBAY_TOKEN, or its file into RUNBAY_TOKEN_FILE; `runbay token create` makes one there"
                ),
                Some(_) if at.here => format!("{url} is no longer the service of this folder"),
                Some(_) => format!(
                    "{url} does not know the token of RUNBAY_TOKEN: it is mistyped, revoked or over; `runbay token ls` lists those it knows"
                ),
            };
        }
        Self::Refused(refusal)
    }
}
