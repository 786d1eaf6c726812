//! `[server]`: where the service listens, and for whom.

use super::file::{Fault, fault};
use crate::domain::net::{AddressRange, Authority, Origin};
use serde::{Deserialize, Serialize, Serializer};
use std::net::{Ipv4Addr, SocketAddr};

/// Where the service listens, and for whom. Whether that is safe is decided
/// when it starts, by what else it finds (`service::access::exposure`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The address and port to listen at.
    pub bind: SocketAddr,
    /// Whether other machines may be let in.
    pub expose: bool,
    /// How browsers reach it, when not at `bind`.
    pub external_url: Option<Origin>,
    /// Other names by which browsers may ask for it.
    pub allowed_hosts: Vec<HostName>,
    /// Proxies whose word about the address of a client counts.
    pub trusted_proxies: Vec<AddressRange>,
    /// Whether passwords and cookies may cross the network unencrypted.
    pub insecure_http: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            bind: (Ipv4Addr::LOCALHOST, 7000).into(),
            expose: false,
            external_url: None,
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            insecure_http: false,
        }
    }
}

/// A host, perhaps with a port, as a setting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HostName(pub Authority);

impl TryFrom<String> for HostName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = text.parse().map(Self);
        read.map_err(|why: crate::domain::net::BadAuthority| why.to_string())
    }
}

impl Serialize for HostName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Checks what the types do not.
pub(super) fn check(server: &Server) -> Result<(), Fault> {
    if server.insecure_http && server.external_url.as_ref().is_some_and(|url| url.secure) {
        let message = "contradicts external_url, which is https: take one of them out";
        return Err(fault(&["server", "insecure_http"], message));
    }
    Ok(())
}
