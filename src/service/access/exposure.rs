//! Whether it is safe to start listening as the settings say.
//!
//! Two modes. *Local*: only this machine can connect, and whoever owns the data
//! folder gets a link that signs their browser in. *Exposed*: others can, so an
//! admin must be able to sign in (or a setup key, printed once, makes the first),
//! and it must be said how browsers come in. Trust is never taken from where a
//! request comes from: other users of this machine, pages in its browsers and
//! runs in its containers all come from here.

use crate::config::Server;
use std::net::{IpAddr, SocketAddr};

/// How the service may listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For this machine only.
    Local,
    /// For others, too.
    Exposed {
        /// Whether there is no admin yet, so that the setup key must be used
        /// before anything else answers.
        setup: bool,
    },
}

/// Why the service must not listen as it was told. Each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsafe {
    /// It would be open by accident.
    #[error(
        "{bind} can be reached from other machines: to let them in, set [server] expose = true (or --expose) and external_url; else leave [server] bind at 127.0.0.1:7000"
    )]
    Bind {
        /// Where it would listen.
        bind: SocketAddr,
    },
    /// A proxy would open it by accident.
    #[error(
        "[server] {setting} says that other machines get in through a proxy: to let them, set expose = true (or --expose); else take it out"
    )]
    Proxy {
        /// The setting that gives it away.
        setting: &'static str,
    },
    /// Nobody knows by which name browsers come in.
    #[error(
        "how do browsers reach the service? set [server] external_url, such as \"https://runbay.example.org\" for a proxy that holds the certificate, or \"http://192.168.1.5:7000\" with insecure_http = true"
    )]
    NoUrl,
    /// Passwords would cross the network in the clear.
    #[error(
        "{url} is http, so passwords would cross the network unencrypted: put a proxy with a certificate in front (README, “Access”) and set [server] external_url to its https address, or set insecure_http = true if you can trust that network"
    )]
    Unencrypted {
        /// The address.
        url: String,
    },
}

impl Unsafe {
    /// The exit code of a service that refuses for this: `EX_CONFIG` of
    /// sysexits.h.
    pub const EXIT: u8 = 78;
}

/// Whether the service may listen as its settings say, and how.
///
/// # Errors
/// The first reason why not.
pub fn exposure(server: &Server, has_admin: bool) -> Result<Mode, Unsafe> {
    let url = server.external_url.as_ref();
    if !server.expose {
        if !is_loopback(server.bind.ip()) {
            return Err(Unsafe::Bind { bind: server.bind });
        }
        if url.is_some_and(|url| !url.authority.is_loopback()) {
            return Err(Unsafe::Proxy {
                setting: "external_url",
            });
        }
        if !server.trusted_proxies.is_empty() {
            return Err(Unsafe::Proxy {
                setting: "trusted_proxies",
            });
        }
        return Ok(Mode::Local);
    }
    let url = url.ok_or(Unsafe::NoUrl)?;
    if !url.secure && !url.authority.is_loopback() && !server.insecure_http {
        return Err(Unsafe::Unencrypted {
            url: url.to_string(),
        });
    }
    Ok(Mode::Exposed { setup: !has_admin })
}

/// Also of an IPv4 address that is written as IPv6.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(toml: &[(&str, &str)]) -> Server {
        let mut server = Server::default();
        for (key, value) in toml {
            match *key {
                "bind" => server.bind = value.parse().unwrap(),
                "expose" => server.expose = true,
                "url" => server.external_url = Some(value.parse().unwrap()),
                "proxy" => server.trusted_proxies = vec![value.parse().unwrap()],
                "insecure" => server.insecure_http = true,
                other => panic!("{other}"),
            }
        }
        server
    }

    #[test]
    fn by_default_only_this_machine_gets_in() {
        for settings in [
            &[][..],
            &[("bind", "[::1]:7000")],
            &[("bind", "[::ffff:127.0.0.1]:7000")],
            &[("url", "http://localhost:8000")],
        ] {
            assert_eq!(exposure(&server(settings), false), Ok(Mode::Local));
        }
    }

    #[test]
    fn what_is_open_by_accident_is_refused_with_the_remedy() {
        for (settings, remedy) in [
            (&[("bind", "0.0.0.0:7000")][..], "--expose"),
            (&[("bind", "[::]:7000")], "--expose"),
            (&[("bind", "192.168.1.5:7000")], "--expose"),
            (&[("url", "https://runbay.example.org")], "external_url"),
            (&[("proxy", "127.0.0.1")], "trusted_proxies"),
            (&[("bind", "0.0.0.0:7000"), ("expose", "")], "external_url"),
            (&[("expose", "")], "external_url"),
            (
                &[("expose", ""), ("url", "http://192.168.1.5:7000")],
                "insecure_http",
            ),
        ] {
            for has_admin in [false, true] {
                let why = exposure(&server(settings), has_admin).unwrap_err();
                assert!(why.to_string().contains(remedy), "{settings:?}: {why}");
            }
        }
    }

    #[test]
    fn what_was_thought_through_is_allowed() {
        for settings in [
            &[("expose", ""), ("url", "https://runbay.example.org")][..],
            &[
                ("expose", ""),
                ("url", "https://a"),
                ("bind", "0.0.0.0:7000"),
                ("proxy", "10.0.0.0/8"),
            ],
            &[
                ("expose", ""),
                ("url", "http://192.168.1.5:7000"),
                ("insecure", ""),
            ],
        ] {
            let settings = server(settings);
            let mode = |setup| Ok(Mode::Exposed { setup });
            assert_eq!(exposure(&settings, true), mode(false));
            assert_eq!(exposure(&settings, false), mode(true));
        }
    }
}
