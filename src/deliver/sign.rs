//! Signatures as Standard Webhooks (standardwebhooks.com, 1.0) has them:
//! HMAC-SHA256 over `id.timestamp.body`, in base64 behind `v1,`.

use crate::domain::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// Why a secret cannot sign. The text holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is no key of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64, such as “whsec_$(head -c 32 /dev/urandom | base64)”"
)]
pub struct BadKey;

/// The keys in a secret, and the signature by each. Several stand for the time in
/// which a receiver learns a new one.
///
/// # Errors
/// When one is no key.
pub fn signature(
    secret: &Secret,
    (id, timestamp): (&str, i64),
    body: &[u8],
) -> Result<String, BadKey> {
    let mut all = Vec::new();
    for key in secret.reveal().split_whitespace() {
        let key = STANDARD.decode(key.strip_prefix("whsec_").unwrap_or(key));
        let key = key.map_err(|_| BadKey)?;
        if !(24..=64).contains(&key.len()) {
            return Err(BadKey);
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| BadKey)?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        all.push(format!(
            "v1,{}",
            STANDARD.encode(mac.finalize().into_bytes())
        ));
    }
    match all.is_empty() {
        true => Err(BadKey),
        false => Ok(all.join(" ")),
    }
}

/// Whether what came is signed as Standard Webhooks has it, by any of the keys in
/// the secret.
#[must_use]
pub fn is_standard(
    secret: &Secret,
    (id, timestamp): (&str, i64),
    body: &[u8],
    given: &str,
) -> bool {
    let Ok(ours) = signature(secret, (id, timestamp), body) else {
        return false;
    };
    let same = |one: &str, other: &str| bool::from(one.as_bytes().ct_eq(other.as_bytes()));
    given
        .split_whitespace()
        .any(|given| ours.split(' ').any(|ours| same(ours, given)))
}

/// Whether what came is signed as GitHub does it: `sha256=` and HMAC-SHA256 over
/// the body, in hex.
#[must_use]
pub fn is_github(secret: &Secret, body: &[u8], given: &str) -> bool {
    let Some(given) = given.strip_prefix("sha256=") else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        return false;
    };
    mac.update(body);
    let ours = mac.finalize().into_bytes();
    let ours: String = ours.iter().map(|byte| format!("{byte:02x}")).collect();
    ours.as_bytes().ct_eq(given.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// The example of the specification and of its libraries.
    #[test]
    fn the_published_vector_is_met() {
        let key = Secret::new(KEY.into());
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = signature(&key, (id, 1_614_265_330), br#"{"test": 2432232314}"#);
        assert_eq!(
            signed.unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    /// The example of GitHub's documentation.
    #[test]
    fn what_github_signs_is_known() {
        let secret = Secret::new("It's a Secret to Everybody".into());
        let given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(is_github(&secret, b"Hello, World!", given));
        assert!(!is_github(&secret, b"Hello, World?", given));
        assert!(!is_github(&secret, b"Hello, World!", "sha256="));
        assert!(!is_github(&secret, b"Hello, World!", &given[7..]));
    }

    #[test]
    fn a_secret_may_hold_an_old_key_too_and_nothing_else() {
        let two = format!("{KEY}\n{}", KEY.trim_start_matches("whsec_"));
        let signed = signature(&Secret::new(two), ("a", 1), b"x").unwrap();
        let (one, other) = signed.split_once(' ').unwrap();
        assert_eq!(one, other);
        for wrong in ["", "whsec_", "whsec_c2hvcnQ=", "not base64!"] {
            assert_eq!(
                signature(&Secret::new(wrong.into()), ("a", 1), b""),
                Err(BadKey)
            );
        }
    }
}
