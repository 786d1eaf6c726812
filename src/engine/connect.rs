//! Finding an engine and speaking its version of the API.

use super::error::EngineError;
use super::ping;
use bollard::{API_DEFAULT_VERSION, Docker};
use std::sync::Arc;
use std::time::Duration;

/// Where an engine is looked for when nobody says anything.
const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";

/// How long the first answer may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an answer may take to begin. What follows it (output, a wait) may
/// take as long as it wants.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// One Docker Engine. Cheap to clone; every request is a connection of its
/// own, so a broken one never spoils the next.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(super) docker: Docker,
    address: Arc<str>,
    /// Whether containers get our list of system calls. Podman takes the path of
    /// a file in its place, on a machine that need not be ours.
    pub(super) filters: bool,
}

impl Engine {
    /// Connects to the engine at `host`, or at `DOCKER_HOST`, or at
    /// `/var/run/docker.sock`, and asks for its version.
    ///
    /// # Errors
    /// [`EngineError::Address`] for an address of no known form;
    /// [`EngineError::Unavailable`] or [`EngineError::Timeout`] if nobody
    /// answers there.
    pub async fn connect(host: Option<&str>) -> Result<Self, EngineError> {
        let host = host
            .map(str::to_owned)
            .or_else(|| std::env::var("DOCKER_HOST").ok())
            .filter(|host| !host.trim().is_empty())
            .unwrap_or_else(|| DEFAULT_HOST.to_owned());
        let seconds = CONNECT_TIMEOUT.as_secs();
        let pong = match host.split_once("://") {
            Some(("unix" | "tcp" | "http", _)) => ping::ping(&host).await,
            _ => return Err(bad_address(host)),
        };
        let (known, filters) = (pong.is_some(), pong.as_ref().is_none_or(|p| !p.podman));
        let theirs = pong.map(|p| p.version);
        let theirs = theirs.filter(|theirs| theirs < API_DEFAULT_VERSION);
        let version = theirs.as_ref().unwrap_or(API_DEFAULT_VERSION);
        let docker = if host.starts_with("unix://") {
            Docker::connect_with_unix(&host, seconds, version)
        } else {
            Docker::connect_with_http(&host, seconds, version)
        };
        let sort = |error| EngineError::sort(&host, "connecting".to_owned(), error);
        let mut docker = docker.map_err(sort)?;
        if !known {
            docker = docker.negotiate_version().await.map_err(sort)?;
        }
        Ok(Self {
            docker: docker.with_timeout(ANSWER_TIMEOUT),
            address: host.into(),
            filters,
        })
    }

    /// Where the engine is: `unix:///…` or `tcp://…`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Turns an error of the client library into ours.
    pub(super) fn failed(
        &self,
        doing: impl Into<String>,
        error: bollard::errors::Error,
    ) -> EngineError {
        EngineError::sort(&self.address, doing.into(), error)
    }

    /// A connection that ended where it should not have.
    pub(super) fn lost(&self, doing: impl Into<String>, why: &str) -> EngineError {
        EngineError::Unavailable {
            address: self.address.to_string(),
            doing: doing.into(),
            why: why.to_owned(),
            source: None,
        }
    }
}

fn bad_address(host: String) -> EngineError {
    let why = match host.split_once("://") {
        Some(("ssh" | "https", _)) => {
            "only unix:// and tcp:// are spoken here; forward the engine's socket (ssh -L) and name it as unix:///path"
        }
        _ if host.starts_with('/') => "write it as unix:///path",
        _ => "write unix:///path/to/docker.sock or tcp://host:port",
    };
    EngineError::Address {
        host,
        why: why.to_owned(),
    }
}
