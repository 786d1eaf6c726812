//! Replaces secret values in a stream before anything is kept or shown.
//!
//! Masking is a courtesy against accidents, not a wall: a script that reverses
//! or splits a secret on purpose prints it.

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Secrets shorter than this would blank half of every log; they are not masked.
const SHORTEST: usize = 6;
const MASK: &[u8] = b"***";

/// The compiled values of one run's secrets.
#[derive(Debug, Clone)]
pub struct Masker {
    matcher: AhoCorasick,
    /// Sorted, to find live prefixes by bisection.
    patterns: Vec<Vec<u8>>,
    longest: usize,
}

impl Masker {
    /// A masker for these values; none when there is nothing to mask.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut patterns: Vec<Vec<u8>> = secrets.into_iter().flat_map(forms).collect();
        patterns.sort_unstable();
        patterns.dedup();
        let matcher = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns)
            .ok()
            .filter(|_| !patterns.is_empty())?;
        let longest = patterns.iter().map(Vec::len).max().unwrap_or(0);
        Some(Self {
            matcher,
            patterns,
            longest,
        })
    }

    /// Masks a whole text at once.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let mut hold = Vec::new();
        let mut out = self.push(&mut hold, text.as_bytes());
        out.extend(self.finish(&mut hold));
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Takes the next bytes of a stream whose undecided end is in `held`;
    /// returns what is safe to pass on.
    pub(super) fn push(&self, held: &mut Vec<u8>, bytes: &[u8]) -> Vec<u8> {
        held.extend_from_slice(bytes);
        let hold = held.len() - self.live_prefix(held);
        let mut out = Vec::with_capacity(held.len());
        let mut done = 0;
        for found in self.matcher.find_iter(held.as_slice()) {
            // A match inside the undecided end may yet become a longer one.
            if found.start() >= hold {
                break;
            }
            out.extend_from_slice(&held[done..found.start()]);
            out.extend_from_slice(MASK);
            done = found.end();
        }
        let keep = hold.max(done);
        out.extend_from_slice(&held[done..keep]);
        held.drain(..keep);
        out
    }

    /// The end of a stream: a held beginning of a secret of 4 bytes or more is
    /// masked, for the rest of it may have gone elsewhere.
    pub(super) fn finish(&self, held: &mut Vec<u8>) -> Vec<u8> {
        let rest = std::mem::take(held);
        let mut out = Vec::new();
        let mut done = 0;
        for found in self.matcher.find_iter(rest.as_slice()) {
            out.extend_from_slice(&rest[done..found.start()]);
            out.extend_from_slice(MASK);
            done = found.end();
        }
        let tail = &rest[done..];
        let live = self.live_prefix(tail);
        let (plain, secret) = tail.split_at(tail.len() - live);
        out.extend_from_slice(plain);
        out.extend_from_slice(if live >= 4 { MASK } else { secret });
        out
    }

    /// The length of the longest end of `bytes` that begins a pattern and does
    /// not complete the longest one.
    fn live_prefix(&self, bytes: &[u8]) -> usize {
        let most = bytes.len().min(self.longest.saturating_sub(1));
        (1..=most)
            .rev()
            .find(|len| {
                let end = &bytes[bytes.len() - len..];
                let at = self.patterns.partition_point(|p| p.as_slice() < end);
                self.patterns[at..]
                    .iter()
                    .take_while(|p| p.starts_with(end))
                    .any(|p| p.len() > *len)
            })
            .unwrap_or(0)
    }
}

/// A secret and the shapes in which programs print it.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let mut plain: Vec<&str> = vec![secret, secret.trim()];
    plain.extend(secret.lines().map(str::trim).filter(|line| line.len() >= 8));
    let mut all = Vec::new();
    for text in plain {
        if text.len() < SHORTEST {
            continue;
        }
        all.push(text.as_bytes().to_vec());
        if let Ok(json) = serde_json::to_string(text) {
            all.push(json.as_bytes()[1..json.len() - 1].to_vec());
        }
        all.push(percent(text).into_bytes());
        let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect();
        all.push(hex.to_uppercase().into_bytes());
        all.push(hex.into_bytes());
        all.extend(base64_forms(text.as_bytes()));
    }
    all.retain(|form| form.len() >= SHORTEST);
    all
}

/// Base64 of something that contains the secret depends on where it begins
/// modulo 3; the characters that also encode neighbours are left out.
fn base64_forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(secret);
        let from = (shift * 8).div_ceil(6);
        let to = bytes.len() * 8 / 6;
        for text in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            all.push(text.as_bytes()[from..to].to_vec());
        }
    }
    all
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(b).to_string()
            }
            _ => format!("%{b:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(secret: &str, pieces: &[&[u8]]) -> String {
        let masker = Masker::new([secret]).unwrap();
        let mut held = Vec::new();
        let mut out = Vec::new();
        for piece in pieces {
            out.extend(masker.push(&mut held, piece));
        }
        out.extend(masker.finish(&mut held));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_secret_in_two_writes_is_masked() {
        assert_eq!(
            run("s3cret-token", &[b"key=s3cret", b"-token;\n"]),
            "key=***;\n"
        );
        assert_eq!(
            run("s3cret-token", &[b"key=s3cret", b"ary\n"]),
            "key=s3cretary\n"
        );
        assert_eq!(run("s3cret-token", &[b"cut off s3cret-to"]), "cut off ***");
    }

    #[test]
    fn short_values_are_left_alone() {
        assert!(Masker::new(["abc", ""]).is_none());
    }

    #[test]
    fn the_longer_of_two_secrets_wins() {
        let masker = Masker::new(["abcdef", "abcdefghij"]).unwrap();
        let mut held = Vec::new();
        let mut out = masker.push(&mut held, b"abcdef");
        out.extend(masker.push(&mut held, b"ghij!"));
        out.extend(masker.finish(&mut held));
        assert_eq!(out, b"***!");
    }

    proptest! {
        #[test]
        fn no_form_survives_any_chunking(
            secret in "[a-zA-Z0-9/+\"&= -]{8,40}",
            form in 0usize..12,
            before in "[a-z]{0,9}", after in "[a-z]{0,9}",
            cut in 0usize..80,
        ) {
            prop_assume!(secret.trim() == secret);
            let all = forms(&secret);
            let shown = &all[form % all.len()];
            let mut text = before.into_bytes();
            text.extend_from_slice(shown);
            text.extend_from_slice(after.as_bytes());
            let cut = cut.min(text.len());
            let out = run(&secret, &[&text[..cut], &text[cut..]]);
            let shown = String::from_utf8_lossy(shown).into_owned();
            prop_assert!(!out.contains(&shown), "{out:?} shows {shown:?}");
        }

        #[test]
        fn base64_of_a_text_around_it_is_masked(secret in "[a-z0-9]{12,30}", before in "[A-Z]{0,5}") {
            let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{before}{secret}!"));
            prop_assert!(run(&secret, &[encoded.as_bytes()]).contains("***"));
        }

        #[test]
        fn other_text_passes_unchanged(text in "[a-m \n]{0,200}") {
            prop_assert_eq!(run("zyxwvutsr", &[text.as_bytes()]), text);
        }
    }
}
