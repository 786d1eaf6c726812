//! Identifiers of users, and of what they come in with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A user account. Numbers are never given twice.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct UserId(pub i64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The name of a user: `[a-z0-9][a-z0-9._@-]{0,62}`, so that two names never
/// look alike, and e-mail addresses are names.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[a-z0-9][a-z0-9._@-]{0,62}$"))]
pub struct UserName(String);

/// Why a text is not the name of a user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{}” is not a user name: use 1 to 63 of a-z, 0-9, “.”, “_”, “@” and “-”, beginning with a letter or digit; “local” is taken", .0.escape_debug()
)]
pub struct BadUserName(pub String);

impl UserName {
    /// The name by which the owner of the data folder is known; no user has it.
    pub const LOCAL: &str = "local";

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for UserName {
    type Error = BadUserName;

    fn try_from(text: String) -> Result<Self, BadUserName> {
        let head = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        let tail = |c: u8| head(c) || matches!(c, b'.' | b'_' | b'@' | b'-');
        let bytes = text.as_bytes();
        let fits = bytes.first().is_some_and(|c| head(*c))
            && bytes.len() <= 63
            && bytes.iter().all(|c| tail(*c));
        if fits && text != Self::LOCAL {
            Ok(Self(text))
        } else {
            Err(BadUserName(text))
        }
    }
}

impl FromStr for UserName {
    type Err = BadUserName;

    fn from_str(text: &str) -> Result<Self, BadUserName> {
        Self::try_from(text.to_owned())
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Types that are 12 lower-case hex digits, chosen at random.
macro_rules! random_ids {
    ($($(#[$doc:meta])* $name:ident is $what:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String", extend("pattern" = "^[0-9a-f]{12}$"))]
        pub struct $name(String);

        impl $name {
            /// The id of the lower 48 bits of a number, which should be random.
            #[must_use]
            pub fn from_number(number: u64) -> Self {
                Self(format!("{:012x}", number & 0xFFFF_FFFF_FFFF))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let digit = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
                if text.len() == 12 && text.bytes().all(digit) {
                    Ok(Self(text))
                } else {
                    Err(format!("“{}” is not the id of {}: it has 12 digits of 0-9 and a-f", text.escape_debug(), $what))
                }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )+};
}

random_ids! {
    /// A session of a browser. It names the session and opens nothing.
    SessionId is "a session",
    /// An API token. It names the token and opens nothing.
    TokenId is "a token",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_plain() {
        for good in ["ada", "ada.lovelace@example.org", "0x", "a-b_c"] {
            assert_eq!(good.parse::<UserName>().unwrap().as_str(), good);
        }
        let long = "a".repeat(64);
        for bad in ["", "Ada", ".a", "a b", "a:b", "ädä", "local", "a\n", &long] {
            assert!(bad.parse::<UserName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn random_ids_read_back() {
        let id = TokenId::from_number(u64::MAX);
        assert_eq!(id.to_string().parse::<TokenId>().unwrap(), id);
        assert_eq!(TokenId::from_number(1).as_str(), "000000000001");
        assert!("00000000000G".parse::<SessionId>().is_err());
    }
}
