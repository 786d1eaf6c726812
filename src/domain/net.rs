//! Names and addresses of machines, as browsers and proxies write them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A host and perhaps a port: what a browser sends as `Host`, and what stands
/// after `//` in an address. Lower-case; IPv6 in brackets, shortest form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Authority {
    /// The name or address.
    pub host: String,
    /// The port, where one is written.
    pub port: Option<u16>,
}

/// Why a text is not a host and port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{}” is not a host: write a name or an address, and if it needs one a port, such as runbay.example.org or 192.168.1.5:7000", .0.escape_debug())]
pub struct BadAuthority(pub String);

impl FromStr for Authority {
    type Err = BadAuthority;

    fn from_str(text: &str) -> Result<Self, BadAuthority> {
        parse_authority(text).ok_or_else(|| BadAuthority(text.to_owned()))
    }
}

fn parse_authority(text: &str) -> Option<Authority> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(inner) => {
            let (address, rest) = inner.split_once(']')?;
            let address: Ipv6Addr = address.parse().ok()?;
            (format!("[{address}]"), rest)
        }
        None => {
            let end = text.find(':').unwrap_or(text.len());
            let (host, rest) = text.split_at(end);
            let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_');
            if host.is_empty() || host.len() > 253 || !host.bytes().all(plain) {
                return None;
            }
            (host.to_ascii_lowercase(), rest)
        }
    };
    let port = match rest.strip_prefix(':') {
        // “+80” is a number for Rust and for nobody else.
        Some(digits) if digits.bytes().all(|c| c.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|port| *port > 0)?)
        }
        None if rest.is_empty() => None,
        _ => return None,
    };
    Some(Authority { host, port })
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl Authority {
    /// Whether it names this very machine and nothing but.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

/// Where a service is reached, as a browser writes an origin: `http://` or
/// `https://`, a host, perhaps a port, and nothing else. The scheme's own port
/// is left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin {
    /// Whether it is `https`.
    pub secure: bool,
    /// The host and port.
    pub authority: Authority,
}

impl Origin {
    /// The port that goes without saying.
    fn usual_port(secure: bool) -> u16 {
        if secure { 443 } else { 80 }
    }

    /// An origin in its normal form.
    #[must_use]
    pub fn new(secure: bool, mut authority: Authority) -> Self {
        let usual = Self::usual_port(secure);
        authority.port = authority.port.filter(|port| *port != usual);
        Self { secure, authority }
    }

    /// The port, said or not.
    #[must_use]
    pub fn port(&self) -> u16 {
        let usual = Self::usual_port(self.secure);
        self.authority.port.unwrap_or(usual)
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            format!(
                "“{}” is not where a service is reached: write https:// or http://, a host, and if it needs one a port, such as https://runbay.example.org",
                text.escape_debug()
            )
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(wrong()),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let authority = rest.parse().map_err(|_| wrong())?;
        Ok(Self::new(secure, authority))
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.to_owned())
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.to_string()
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        format!("{}/{}", range.address, range.bits)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

/// An address, or all that begin with the same bits: `10.0.0.7`, `10.0.0.0/8`,
/// `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange {
    address: IpAddr,
    bits: u8,
}

impl AddressRange {
    /// Whether an address is in it. An IPv4 address written as IPv6
    /// (`::ffff:10.0.0.7`) is the IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |one: u128, other: u128, width: u32| {
            let drop = width - u32::from(self.bits);
            one.checked_shr(drop).unwrap_or(0) == other.checked_shr(drop).unwrap_or(0)
        };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(one), IpAddr::V4(other)) => {
                same(one.to_bits().into(), other.to_bits().into(), 32)
            }
            (IpAddr::V6(one), IpAddr::V6(other)) => same(one.to_bits(), other.to_bits(), 128),
            _ => false,
        }
    }
}

impl TryFrom<String> for AddressRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            format!(
                "“{}” is neither an address nor a range of them: write 10.0.0.7, 10.0.0.0/8 or fd00::/8",
                text.escape_debug()
            )
        };
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.as_str(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let digits = |bits: &&str| bits.bytes().all(|c| c.is_ascii_digit());
        let bits = match bits {
            None => width,
            Some(bits) => Some(bits)
                .filter(digits)
                .and_then(|bits| bits.parse().ok())
                .filter(|bits| *bits <= width)
                .ok_or_else(wrong)?,
        };
        Ok(Self { address, bits })
    }
}

impl FromStr for AddressRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_are_read_as_browsers_write_them() {
        for (text, host, port) in [
            ("LocalHost:7000", "localhost", Some(7000)),
            ("127.0.0.1", "127.0.0.1", None),
            ("[::1]:7000", "[::1]", Some(7000)),
            ("[0:0:0:0:0:0:0:1]", "[::1]", None),
        ] {
            let read: Authority = text.parse().unwrap();
            assert_eq!((read.host.as_str(), read.port), (host, port), "{text}");
        }
        for text in [
            "", ":80", "a:", "a:0", "a:+80", "a:65536", "a:80:80", "::1", "[::1", "[::1]x", "[a]",
            "a b", "a/b", "a@b", "ä", "a,b", "a\n",
        ] {
            assert!(text.parse::<Authority>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for (text, is) in [
            ("localhost:1", true),
            ("127.8.9.1", true),
            ("[::1]:7000", true),
            ("localhost.example.org", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
        ] {
            let read: Authority = text.parse().unwrap();
            assert_eq!(read.is_loopback(), is, "{text}");
        }
    }

    #[test]
    fn origins_have_one_form() {
        for (text, shown, port) in [
            (
                "https://Runbay.Example.org",
                "https://runbay.example.org",
                443,
            ),
            ("https://a:443/", "https://a", 443),
            ("http://a:443", "http://a:443", 443),
            ("HTTP://a:80", "http://a", 80),
        ] {
            let read: Origin = text.parse().unwrap();
            assert_eq!((read.to_string().as_str(), read.port()), (shown, port));
        }
        for text in [
            "null",
            "a",
            "ftp://a",
            "http://",
            "https://a/b",
            "https://u@a",
            "https://a?x",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn ranges_hold_what_they_should() {
        for (range, inside, outside) in [
            ("10.0.0.7", "10.0.0.7", "10.0.0.8"),
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::a01:203"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("::1", "::1", "127.0.0.1"),
        ] {
            let range: AddressRange = range.parse().unwrap();
            assert!(
                range.contains(inside.parse().unwrap()),
                "{range:?} {inside}"
            );
            assert!(
                !range.contains(outside.parse().unwrap()),
                "{range:?} {outside}"
            );
        }
        for text in [
            "",
            "10",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "a/8",
        ] {
            assert!(text.parse::<AddressRange>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_reads_back(text in "(https?://)?[a-zA-Z0-9.:\\[\\]/@-]{0,40}") {
            if let Ok(read) = text.parse::<Authority>() {
                prop_assert_eq!(read.to_string().parse::<Authority>().unwrap(), read);
            }
            if let Ok(read) = text.parse::<Origin>() {
                prop_assert_eq!(read.to_string().parse::<Origin>().unwrap(), read);
            }
            let _ = text.parse::<AddressRange>();
        }
    }
}
