//! Where nothing may be sent. An address that people write could name what only
//! this machine reaches: its own services, its network, the metadata of a cloud.
//!
//! A name is resolved once; all its addresses must be allowed, and the connection
//! is made to just these, so that a name cannot change its mind in between.
//! Addresses that the admin lists (`notify.allow`) are allowed, over `http` and at
//! any port too.

use crate::domain::net::AddressRange;
use futures::FutureExt as _;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// The ports of the public web.
const PORTS: [u16; 2] = [443, 8443];

/// Why something is not sent there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// An address in it is not of the public network.
    #[error(
        "its address is not of the public network: if it may be told, an admin lists the address in runbay.toml (notify.allow)"
    )]
    Private,
    /// It is neither listed nor `https`.
    #[error(
        "only https at port 443 or 8443 is sent to: another way, an admin lists the address in runbay.toml (notify.allow)"
    )]
    Plain,
    /// The name has no address.
    #[error("its name has no address")]
    Unknown,
}

/// The rules, with what the admin allows.
#[derive(Debug, Clone, Default)]
pub struct Guard(Arc<Vec<AddressRange>>);

impl Guard {
    /// The rules, but for these addresses.
    #[must_use]
    pub fn new(allow: Vec<AddressRange>) -> Self {
        Self(Arc::new(allow))
    }

    fn lists(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }

    /// Whether an address of the public web may be sent to that is reached so.
    fn is_web(url: &Url) -> bool {
        let port = url.port_or_known_default().unwrap_or(0);
        url.scheme() == "https" && PORTS.contains(&port)
    }

    /// Judges what can be judged without resolving a name, and says who has to
    /// resolve it: one that takes only listed addresses, or also public ones.
    ///
    /// # Errors
    /// When nothing may be sent there.
    pub fn check(&self, url: &Url) -> Result<Trust, Refused> {
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        match literal {
            Some(address) if self.lists(address) => Ok(Trust::Listed),
            Some(address) if !is_public(address) => Err(Refused::Private),
            _ if Self::is_web(url) => Ok(Trust::Public),
            // A name may have a listed address, which is known when it is resolved.
            None if !self.0.is_empty() => Ok(Trust::Listed),
            _ => Err(Refused::Plain),
        }
    }

    /// Resolves names for this trust, and refuses a name with any other address.
    #[must_use]
    pub fn resolver(&self, trust: Trust) -> Resolver {
        Resolver {
            guard: self.clone(),
            trust,
        }
    }

    /// Of the addresses of a name all, if each is allowed.
    fn sift(&self, trust: Trust, found: &[SocketAddr]) -> Result<(), Refused> {
        if found.is_empty() {
            return Err(Refused::Unknown);
        }
        for address in found {
            match trust {
                _ if self.lists(address.ip()) => {}
                Trust::Public if is_public(address.ip()) => {}
                Trust::Listed if is_public(address.ip()) => return Err(Refused::Plain),
                _ => return Err(Refused::Private),
            }
        }
        Ok(())
    }
}

/// Which addresses will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Those of the public network, and those listed.
    Public,
    /// Only those listed.
    Listed,
}

/// Resolves names by the rules.
#[derive(Debug, Clone)]
pub struct Resolver {
    guard: Guard,
    trust: Trust,
}

impl Resolver {
    /// Resolves a name.
    ///
    /// # Errors
    /// When it has no address, or one that is not allowed.
    pub async fn lookup(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, Refused> {
        let found = tokio::net::lookup_host((name, port)).await;
        let found: Vec<_> = found.map_err(|_| Refused::Unknown)?.collect();
        self.guard.sift(self.trust, &found)?;
        Ok(found)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        async move {
            let found = resolver.lookup(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        }
        .boxed()
    }
}

/// Whether an address is one of the public network (IANA's registries of special
/// addresses). What holds an IPv4 address in it is as public as that.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network, private, loopback, multicast and beyond.
        (0 | 10 | 127 | 224.., _, _) => true,
        // Shared by the customers of a provider; link-local, with cloud metadata.
        (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => true,
        // Protocol assignments, documentation, the old 6to4 relay.
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113) => true,
        (198, 18..=19, _) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, ..] = address.segments();
    match (a, b) {
        // 6to4 has an IPv4 address behind its prefix.
        (0x2002, _) => is_public_v4(Ipv4Addr::from_bits(u32::from(b) << 16 | u32::from(c))),
        // Teredo and other protocols, documentation.
        (0x2001, 0..=0x01FF | 0x0DB8) | (0x3FFF, 0..=0x0FFF) => false,
        // NAT64, loopback, private, link-local and multicast are all outside.
        (0x2000..=0x3FFF, _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn no_spelling_leads_inside() {
        let guard = Guard::default();
        for inside in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::127.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[fd00:ec2::254]/",
            "https://100.100.100.200/",
            "https://0.0.0.0/",
            "https://10.1.2.3/",
            "https://172.31.0.1/",
            "https://192.168.0.1/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://[fe80::1]/",
            "https://[2001:db8::1]/",
        ] {
            assert_eq!(guard.check(&url(inside)), Err(Refused::Private), "{inside}");
        }
        for plain in [
            "http://8.8.8.8/",
            "https://8.8.8.8:22/",
            "http://example.org/",
        ] {
            assert_eq!(guard.check(&url(plain)), Err(Refused::Plain), "{plain}");
        }
        for good in [
            "https://8.8.8.8/",
            "https://[2606:4700::1]:8443/",
            "https://a.b/",
        ] {
            assert_eq!(guard.check(&url(good)), Ok(Trust::Public), "{good}");
        }
    }

    #[test]
    fn what_is_listed_is_reached_and_nothing_beside_it() {
        let guard = Guard::new(vec!["10.0.0.0/24".parse().unwrap()]);
        assert_eq!(
            guard.check(&url("http://10.0.0.9:8080/")),
            Ok(Trust::Listed)
        );
        assert_eq!(
            guard.check(&url("http://[::ffff:10.0.0.9]/")),
            Ok(Trust::Listed)
        );
        assert_eq!(guard.check(&url("http://10.0.1.9/")), Err(Refused::Private));
        assert_eq!(guard.check(&url("http://8.8.8.8/")), Err(Refused::Plain));
        // A name over http has to turn out to be listed.
        assert_eq!(
            guard.check(&url("http://inside.example/")),
            Ok(Trust::Listed)
        );
        let found = |text: &[&str]| -> Vec<SocketAddr> {
            text.iter()
                .map(|ip| SocketAddr::new(ip.parse().unwrap(), 0))
                .collect()
        };
        let sift = |trust, text: &[&str]| guard.sift(trust, &found(text));
        assert_eq!(sift(Trust::Listed, &["10.0.0.1"]), Ok(()));
        assert_eq!(sift(Trust::Listed, &["8.8.8.8"]), Err(Refused::Plain));
        assert_eq!(sift(Trust::Public, &["8.8.8.8", "10.0.0.1"]), Ok(()));
        // One bad address among good ones is how rebinding begins.
        assert_eq!(
            sift(Trust::Public, &["8.8.8.8", "127.0.0.1"]),
            Err(Refused::Private)
        );
        assert_eq!(sift(Trust::Public, &[]), Err(Refused::Unknown));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_when_it_is_resolved() {
        let resolver = Guard::default().resolver(Trust::Public);
        assert_eq!(
            resolver.lookup("localhost", 443).await,
            Err(Refused::Private)
        );
        let listed = Guard::new(vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]);
        assert!(
            listed
                .resolver(Trust::Listed)
                .lookup("localhost", 1)
                .await
                .is_ok()
        );
    }
}
