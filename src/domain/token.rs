//! How secrets that we make ourselves are written: API tokens, session keys,
//! one-time keys. Chosen elsewhere, from the system's random numbers; only
//! their digests are ever kept.

use super::ids::{Digest, TokenId};
use super::secret::Secret;
use subtle::ConstantTimeEq as _;

/// Digits of base 62: a double click selects a whole token.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits that 256 bits take.
const KEY: usize = 43;
/// Digits that the 32 bits of the checksum take.
const CHECK: usize = 6;
/// What every token begins with, by which scanners for leaked secrets know it.
pub const PREFIX: &str = "runbay_";

/// An API token, `runbay_<id>_<43 digits><6 digits>`: the id to look it up by,
/// 256 random bits, and a checksum of all before it, so that a mistyped or cut
/// token is told from a revoked one without asking the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenText {
    id: TokenId,
    text: Secret,
}

/// Why a text is no token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// It does not look like one.
    #[error("this is not a token of Runbay: they begin with “runbay_”")]
    Shape,
    /// It looks like one, but a character is wrong or missing.
    #[error("this token is not whole: a character is missing or changed; copy it again")]
    Checksum,
}

impl TokenText {
    /// The token of an id and random bits.
    #[must_use]
    pub fn new(id: TokenId, bits: &[u8; 32]) -> Self {
        let mut text = format!("{PREFIX}{id}_{}", base62(bits, KEY));
        let check = base62(&crc32(text.as_bytes()).to_be_bytes(), CHECK);
        text.push_str(&check);
        Self {
            id,
            text: Secret::new(text),
        }
    }

    /// Reads a token that somebody sent.
    ///
    /// # Errors
    /// When it is none, or not whole.
    pub fn parse(text: &str) -> Result<Self, BadToken> {
        let rest = text.strip_prefix(PREFIX).ok_or(BadToken::Shape)?;
        let (id, key) = rest.split_once('_').ok_or(BadToken::Checksum)?;
        let id: TokenId = id.parse().map_err(|_| BadToken::Checksum)?;
        let whole = key.len() == KEY + CHECK && key.bytes().all(|c| DIGITS.contains(&c));
        if !whole {
            return Err(BadToken::Checksum);
        }
        let (body, check) = text.split_at(text.len() - CHECK);
        if base62(&crc32(body.as_bytes()).to_be_bytes(), CHECK) != check {
            return Err(BadToken::Checksum);
        }
        Ok(Self {
            id,
            text: Secret::new(text.to_owned()),
        })
    }

    /// By what it is looked up.
    #[must_use]
    pub fn id(&self) -> &TokenId {
        &self.id
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.reveal().as_bytes())
    }

    /// The token, for the one place that shows it once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.text.reveal()
    }
}

/// A key of 256 random bits as 43 digits.
#[must_use]
pub fn key(bits: &[u8; 32]) -> Secret {
    Secret::new(base62(bits, KEY))
}

/// A key of 128 random bits as 22 digits, which people may have to type.
#[must_use]
pub fn short_key(bits: &[u8; 16]) -> Secret {
    Secret::new(base62(bits, 22))
}

/// Whether two digests are the same, in a time that does not tell where they
/// differ.
#[must_use]
pub fn same(one: &Digest, other: &Digest) -> bool {
    one.0.as_bytes().ct_eq(other.0.as_bytes()).into()
}

/// A number, most significant byte first, in so many digits of base 62, which
/// must be enough for it.
fn base62(bytes: &[u8], digits: usize) -> String {
    let mut number = bytes.to_vec();
    let mut text = vec![b'0'; digits];
    for digit in text.iter_mut().rev() {
        let mut rest = 0;
        for byte in &mut number {
            let part = rest * 256 + usize::from(*byte);
            // A remainder is below 62, so the quotient is below 256.
            *byte = u8::try_from(part / 62).unwrap_or(u8::MAX);
            rest = part % 62;
        }
        *digit = DIGITS[rest];
    }
    text.into_iter().map(char::from).collect()
}

/// The CRC-32 of zip and Ethernet: finds every change of up to 32 bits in a row.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_as_they_should_be() {
        // The check value of this CRC, as every list of them has it.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(base62(&[0, 61], 3), "00z");
        assert_eq!(base62(&[0, 62], 3), "010");
        // 62^43 > 2^256 and 62^6 > 2^32: the greatest still fits.
        assert_ne!(&base62(&[0xFF; 32], KEY)[..1], "0");
        assert_eq!(base62(&[0xFF; 4], CHECK), "4gfFC3");
        assert_eq!(short_key(&[0xFF; 16]).reveal().len(), 22);
    }

    proptest! {
        #[test]
        fn tokens_read_back(id: u64, bits: [u8; 32]) {
            let token = TokenText::new(TokenId::from_number(id), &bits);
            let text = token.reveal();
            prop_assert_eq!(text.len(), 7 + 12 + 1 + 43 + 6);
            let read = TokenText::parse(text).unwrap();
            prop_assert_eq!(read.digest(), token.digest());
            prop_assert_eq!(read, token);
        }

        #[test]
        fn one_changed_character_is_found(id: u64, bits: [u8; 32], at: prop::sample::Index, other in "[!-~]") {
            let token = TokenText::new(TokenId::from_number(id), &bits);
            let mut text = token.reveal().to_owned();
            let at = at.index(text.len());
            prop_assume!(text[at..=at] != other);
            text.replace_range(at..=at, &other);
            prop_assert!(TokenText::parse(&text).is_err());
        }

        #[test]
        fn a_cut_or_doubled_token_is_found(bits: [u8; 32], at: prop::sample::Index) {
            let token = TokenText::new(TokenId::from_number(7), &bits);
            let text = token.reveal();
            let at = at.index(text.len());
            prop_assert!(TokenText::parse(&text[..at]).is_err());
            let doubled = format!("{}{}", &text[..=at], &text[at..]);
            prop_assert!(TokenText::parse(&doubled).is_err());
        }

        #[test]
        fn reading_never_panics(text in "(runbay_)?\\PC{0,80}") {
            let _ = TokenText::parse(&text);
        }

        #[test]
        fn different_bits_are_different_keys(one: [u8; 32], other: [u8; 32]) {
            prop_assert_eq!(one == other, key(&one) == key(&other));
        }

        #[test]
        fn same_is_equality(one in "[a-f]{0,4}", other in "[a-f]{0,4}") {
            let equal = one == other;
            prop_assert_eq!(same(&Digest(one), &Digest(other)), equal);
        }
    }

    #[test]
    fn nothing_shows_a_token_by_accident() {
        let token = TokenText::new(TokenId::from_number(7), &[3; 32]);
        assert!(!format!("{token:?}").contains(&token.reveal()[20..]));
    }
}
