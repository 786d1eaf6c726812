//! When certificates expire: just enough of X.509 (RFC 5280 §4.1) to find
//! `notAfter`. Nothing is verified here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime, Utc};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// For each certificate of a PEM file the moment it expires; none for one that
/// cannot be read.
pub(super) fn expiries(pem: &[u8]) -> Vec<Option<DateTime<Utc>>> {
    let text = String::from_utf8_lossy(pem);
    let blocks = text.split(BEGIN).skip(1);
    blocks
        .map(|block| {
            let body: String = block.split_once(END)?.0.split_whitespace().collect();
            expiry(&STANDARD.decode(body).ok()?)
        })
        .collect()
}

/// `notAfter` of a certificate in DER.
fn expiry(der: &[u8]) -> Option<DateTime<Utc>> {
    const SEQUENCE: u8 = 0x30;
    let (tag, certificate, _) = element(der)?;
    let (inner, mut rest, _) = element(certificate)?;
    if tag != SEQUENCE || inner != SEQUENCE {
        return None;
    }
    // The version is there from version 2 on, marked [0].
    if rest.first() == Some(&0xa0) {
        rest = element(rest)?.2;
    }
    // Serial number, signature algorithm, issuer.
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (_, validity, _) = element(rest)?;
    let (_, _, rest) = element(validity)?;
    let (tag, time, _) = element(rest)?;
    let text = std::str::from_utf8(time).ok()?.strip_suffix('Z')?;
    let text = match tag {
        // UTCTime: years below 50 are 20xx (RFC 5280 §4.1.2.5.1).
        0x17 if text.get(..2)?.parse::<u8>().ok()? < 50 => format!("20{text}"),
        0x17 => format!("19{text}"),
        0x18 => text.to_owned(),
        _ => return None,
    };
    let time = NaiveDateTime::parse_from_str(&text, "%Y%m%d%H%M%S").ok()?;
    Some(time.and_utc())
}

/// Tag, content and what follows, of the first element of DER.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let digits = usize::from(first & 0x7f);
        if digits == 0 || digits > 4 || rest.len() < digits {
            return None;
        }
        let (number, after) = rest.split_at(digits);
        length = number
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        rest = after;
    }
    (rest.len() >= length).then(|| {
        let (content, after) = rest.split_at(length);
        (tag, content, after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Made by `openssl req -x509 -days 365` and `-days 20000`: the year of the
    /// second is written with four digits.
    const TWO: &str = "\
-----BEGIN CERTIFICATE-----
MIIBbTCCAROgAwIBAgIUKQ1GLN1hwf5+wCI280WljTxVxZcwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBdDAeFw0yNjExMjExMDEzMDNaFw0yNzExMjExMDEzMDNaMAwx
CjAIBgNVBAMMAXQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ2hpc5QH+AQcC9
aTWBYgocvKC0cD161Sw1WAjUhaOHGZ0r+psBG0LW+4t+362UFfNtI5DTGkA0e+Hb
YcyrXEJto1MwUTAdBgNVHQ4EFgQU8jccl41/gNsDzcX+tvMzXPRjvsgwHwYDVR0j
BBgwFoAU8jccl41/gNsDzcX+tvMzXPRjvsgwDwYDVR0TAQH/BAUwAwEB/zAKBggq
hkjOPQQDAgNIADBFAiEA+bHSf2yWvdNo25KpsrLAlbr/KExscbD03Tt9JdOVz/8C
IA407fGTqHc7ZrJjzrpc3efoD0HmU7cBoLbOUjGqZLlw
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBbjCCARWgAwIBAgIUadStT+alUHFd1UT5rx8Y8uw+lGAwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBdDAgFw0yNjExMjExMDEzMDRaGA8yMDgxMDgyNDEwMTMwNFow
DDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBf2m8MBBbnf
+YjDZg6Ma56raQD4yMzXw2ox9HaTugUJU77mhqSCmpAiraYjqH2jxvOviHsnq4jd
0r5r7TIUf5+jUzBRMB0GA1UdDgQWBBTkIBndOTGWKucypFSIOXMgIJD3xjAfBgNV
HSMEGDAWgBTkIBndOTGWKucypFSIOXMgIJD3xjAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0cAMEQCIEocoW8T0JUvcqUxZHyWuIiVyMQ9AbsM/wPeLq1qjFnu
AiAndqwTrY8sytr+p3S9A/yTywjcxw5Q2TtP59Y9YXFWGA==
-----END CERTIFICATE-----
";

    #[test]
    fn both_forms_of_time_are_read() {
        let ends = expiries(TWO.as_bytes());
        let ends: Vec<_> = ends.iter().map(|end| end.unwrap().to_rfc3339()).collect();
        assert_eq!(
            ends,
            ["2027-11-21T10:13:03+00:00", "2081-08-24T10:13:04+00:00"]
        );
    }

    #[test]
    fn what_is_cut_or_spoilt_is_told_and_hides_no_other() {
        let cut = &TWO[..TWO.len() - 40];
        assert!(matches!(expiries(cut.as_bytes())[..], [Some(_), None]));
        let spoilt = TWO.replacen("MII", "AAA", 1);
        assert!(matches!(expiries(spoilt.as_bytes())[..], [None, Some(_)]));
        assert_eq!(expiries(b"no certificate"), []);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..64), at in 0..200usize, to in any::<u8>()) {
            let _ = expiry(&bytes);
            let body: String = TWO.lines().skip(1).take_while(|l| !l.starts_with('-')).collect();
            bytes = STANDARD.decode(body).unwrap();
            bytes[at] = to;
            let _ = expiry(&bytes);
        }
    }
}
