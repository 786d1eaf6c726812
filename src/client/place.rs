//! Where a service is, and what lets us in.

use super::Error;
use crate::domain::secret::Secret;
use crate::service::door::Door;
use reqwest::{Certificate, ClientBuilder, Url, redirect};
use std::path::{Path, PathBuf};

/// A token for a service.
pub type Token = Secret;

/// Where a service is.
#[derive(Debug, Clone)]
pub enum Place {
    /// It works on this data folder. The folder knows where it listens, also
    /// when that changes.
    Folder(PathBuf),
    /// At an address.
    Url {
        /// The address.
        url: Url,
        /// What lets us in, if anything.
        token: Option<Token>,
        /// A file of PEM certificates to trust besides the public ones.
        ca: Option<PathBuf>,
    },
}

/// Where to knock.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) url: Url,
    pub(super) token: Option<Token>,
    /// It works on a folder of this machine.
    pub(super) here: bool,
}

impl Address {
    pub(super) fn shown(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_owned()
    }
}

impl Place {
    /// The place at an address as people write it.
    ///
    /// # Errors
    /// `Settings` when it is no address of a service.
    pub fn at(text: &str, token: Option<Token>, ca: Option<PathBuf>) -> Result<Self, Error> {
        let wrong = |why: &str| {
            let text = text.escape_debug();
            Error::Settings(format!(
                "“{text}” is no address of a service: {why}; write it like https://runbay.example.org or http://127.0.0.1:7000"
            ))
        };
        let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(wrong("it does not begin with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(
                "a password in it would be seen by others; put a token into RUNBAY_TOKEN",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it has more than a host and a path"));
        }
        Ok(Self::Url { url, token, ca })
    }

    pub(super) fn shown(&self) -> String {
        match self {
            Self::Folder(_) => match self.find() {
                Ok(address) => address.shown(),
                Err(_) => "this folder".to_owned(),
            },
            Self::Url { url, .. } => url.as_str().trim_end_matches('/').to_owned(),
        }
    }

    /// Where to knock now.
    pub(super) fn find(&self) -> Result<Address, Error> {
        match self {
            Self::Url { url, token, .. } => Ok(Address {
                url: url.clone(),
                token: token.clone(),
                here: false,
            }),
            Self::Folder(folder) => {
                let door = Door::find(folder).ok_or_else(|| Error::not_here(folder))?;
                let url = Url::parse(&door.url);
                let url = url.map_err(|error| Error::Settings(error.to_string()))?;
                Ok(Address {
                    url,
                    token: Some(Secret::new(door.token)),
                    here: true,
                })
            }
        }
    }

    /// What makes connections to it.
    pub(super) fn connector(&self) -> Result<ClientBuilder, Error> {
        // Only the first of a process counts, and all would be the same.
        drop(rustls::crypto::ring::default_provider().install_default());
        let connector = ClientBuilder::new()
            .user_agent(concat!("runbay/", env!("CARGO_PKG_VERSION")))
            // A token goes where it was sent to, and nowhere else.
            .redirect(redirect::Policy::none());
        let (url, ca) = match self {
            Self::Folder(_) => return Ok(direct(connector)),
            Self::Url { url, ca, .. } => (url, ca),
        };
        if is_loopback(url) {
            return Ok(match url.scheme() {
                "http" => direct(connector),
                _ => trusting(connector, ca.as_deref())?.no_proxy(),
            });
        }
        trusting(connector, ca.as_deref())
    }
}

/// Without a proxy, and without reading certificates, which takes longer than
/// most answers.
fn direct(connector: ClientBuilder) -> ClientBuilder {
    connector.no_proxy().tls_certs_only([])
}

fn trusting(connector: ClientBuilder, ca: Option<&Path>) -> Result<ClientBuilder, Error> {
    let Some(path) = ca else {
        return Ok(connector);
    };
    let unusable = |why: &dyn std::fmt::Display| {
        let path = path.display();
        Error::Settings(format!(
            "RUNBAY_EXTRA_CA: {path} cannot be used as PEM certificates: {why}"
        ))
    };
    let pem = std::fs::read(path).map_err(|error| unusable(&error))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(&error))?;
    if certificates.is_empty() {
        return Err(unusable(&"there is none in it"));
    }
    Ok(connector.tls_certs_merge(certificates))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let ip = host.parse::<std::net::IpAddr>();
    ip.map_or(host == "localhost", |ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_before_anything_is_sent() {
        for wrong in [
            "",
            "localhost:7000",
            "ftp://host",
            "http://",
            "http://user:secret@host",
            "http://host/?a=b",
            "http://host/#x",
        ] {
            let told = Place::at(wrong, None, None).unwrap_err().to_string();
            assert!(told.contains("is no address of a service"), "{told}");
        }
        for good in [
            "http://127.0.0.1:7000",
            "https://host/runbay/",
            "http://[::1]:1",
        ] {
            Place::at(good, None, None).unwrap();
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let at = |text: &str| is_loopback(&Url::parse(text).unwrap());
        assert!(at("http://127.0.0.1:1") && at("http://[::1]:1") && at("http://localhost"));
        assert!(!at("http://10.0.0.1") && !at("http://localhost.example.org"));
    }
}
