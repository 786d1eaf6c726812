//! Amounts that people write: bytes (`512M`) and durations (`1h30m`).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A number of bytes, written `512M`, `2G`, `64K` or a plain count. The units
/// are powers of 1024, as in `docker run --memory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// One kibibyte.
pub const KIB: u64 = 1024;
/// One mebibyte.
pub const MIB: u64 = 1024 * KIB;
/// One gibibyte.
pub const GIB: u64 = 1024 * MIB;

/// Implements `JsonSchema` for a type that is read as one of `$types`, text of
/// one pattern among them, and written as `$written`.
macro_rules! text_schema {
    ($type:ty, $types:tt, $written:literal, $pattern:literal, $example:literal) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                if generator.contract().is_serialize() {
                    return schemars::json_schema!({ "type": $written });
                }
                schemars::json_schema!({ "type": $types, "pattern": $pattern, "examples": [$example] })
            }
        }
    };
}
pub(super) use text_schema;

text_schema!(
    Bytes,
    ["string", "integer"],
    "integer",
    r"^[0-9]+(\.[0-9]+)? *([kKmMgGtT][iI]?)?[bB]?$",
    "512M"
);
text_schema!(
    Span,
    ["string", "number"],
    "number",
    r"^([0-9]+|([0-9]+(ms|sec|s|min|m|h|d) *)+)$",
    "1h30m"
);

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAmount {
    /// Not a number of bytes.
    #[error("“{0}” is not a size: write bytes, or a number with K, M, G or T, such as 512M")]
    Bytes(String),
    /// Not a duration.
    #[error("“{0}” is not a duration: write a number with s, m, h or d, such as 90s or 1h30m")]
    Duration(String),
}

impl FromStr for Bytes {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Self, BadAmount> {
        let bad = || BadAmount::Bytes(text.to_owned());
        let split = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let number: f64 = text[..split].parse().map_err(|_| bad())?;
        let unit = match text[split..].trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" | "ki" | "kib" => KIB,
            "m" | "mb" | "mi" | "mib" => MIB,
            "g" | "gb" | "gi" | "gib" => GIB,
            "t" | "tb" | "ti" | "tib" => GIB * 1024,
            _ => return Err(bad()),
        };
        let bytes = number * unit as f64;
        if !bytes.is_finite() || bytes > (1u64 << 60) as f64 {
            return Err(bad());
        }
        Ok(Self(bytes as u64))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, size) = match self.0 {
            n if n >= GIB => ("GiB", GIB),
            n if n >= MIB => ("MiB", MIB),
            n if n >= KIB => ("KiB", KIB),
            n => return write!(f, "{n} B"),
        };
        let value = self.0 as f64 / size as f64;
        if value >= 100.0 || self.0.is_multiple_of(size) {
            write!(f, "{value:.0} {unit}")
        } else {
            write!(f, "{value:.1} {unit}")
        }
    }
}

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a size: bytes, or text such as \"512M\"")]
        enum Raw {
            Number(u64),
            Text(String),
        }
        match Raw::deserialize(d)? {
            Raw::Number(bytes) => Ok(Self(bytes)),
            Raw::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

/// A span of time written `90s`, `15m`, `1h30m`, `2d`, or a plain number of
/// seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Self, BadAmount> {
        let bad = || BadAmount::Duration(text.to_owned());
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(bad());
        }
        let mut millis: u64 = 0;
        while !rest.is_empty() {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let number: u64 = rest[..digits].parse().map_err(|_| bad())?;
            rest = &rest[digits..];
            let letters = rest
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            let unit = match &rest[..letters] {
                "ms" => 1,
                "s" | "sec" => 1000,
                "" if millis == 0 && rest.is_empty() => 1000,
                "m" | "min" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return Err(bad()),
            };
            rest = rest[letters..].trim_start();
            millis = number
                .checked_mul(unit)
                .and_then(|n| n.checked_add(millis))
                .ok_or_else(bad)?;
        }
        if millis > 366 * 86_400_000 {
            return Err(bad());
        }
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let secs = self.0.as_secs();
        match secs {
            0 if millis > 0 => write!(f, "{millis}ms"),
            0..=9 if !millis.is_multiple_of(1000) => write!(f, "{:.1}s", self.0.as_secs_f64()),
            0..=59 => write!(f, "{secs}s"),
            60..=3599 if secs.is_multiple_of(60) => write!(f, "{}m", secs / 60),
            60..=3599 => write!(f, "{}m{:02}s", secs / 60, secs % 60),
            _ if secs.is_multiple_of(3600) => write!(f, "{}h", secs / 3600),
            _ => write!(f, "{}h{:02}m", secs / 3600, secs / 60 % 60),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_f64(self.0.as_secs_f64())
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a duration: seconds, or text such as \"1h30m\"")]
        enum Raw {
            Seconds(u32),
            Fraction(f64),
            Text(String),
        }
        let seconds = match Raw::deserialize(d)? {
            Raw::Seconds(secs) => f64::from(secs),
            Raw::Fraction(secs) => secs,
            Raw::Text(text) => return text.parse().map_err(serde::de::Error::custom),
        };
        if (0.0..=366.0 * 86_400.0).contains(&seconds) {
            Ok(Self(Duration::from_secs_f64(seconds)))
        } else {
            Err(serde::de::Error::custom(BadAmount::Duration(
                seconds.to_string(),
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_read_as_docker_reads_them() {
        for (text, bytes) in [
            ("0", 0),
            ("512M", 512 * MIB),
            ("1.5g", GIB + GIB / 2),
            ("64 KiB", 64 * KIB),
        ] {
            assert_eq!(text.parse::<Bytes>().unwrap(), Bytes(bytes), "{text}");
        }
        for text in ["", "M", "-1", "5X", "1e9", "99999999999G"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn durations_add_up() {
        for (text, secs) in [
            ("90s", 90),
            ("1h30m", 5400),
            ("2d", 172_800),
            ("15", 15),
            ("1h 5m", 3900),
        ] {
            assert_eq!(text.parse::<Span>().unwrap().0.as_secs(), secs, "{text}");
        }
        for text in ["", "h", "5x", "-1s", "5m3", "400d", "1 2"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC{0,24}") {
            let _ = text.parse::<Bytes>();
            let _ = text.parse::<Span>();
        }
    }
}
