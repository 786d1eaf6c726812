//! Replaces secret values in a stream before anything is kept or shown.
//!
//! Masking is a courtesy against accidents, not a wall: a script that reverses
//! or splits a secret on purpose prints it.

mod forms;
#[cfg(test)]
mod tests;

use aho_corasick::{AhoCorasick, MatchKind};
use forms::forms;

const MASK: &[u8] = b"***";

/// The compiled values of one run's secrets.
#[derive(Debug, Clone)]
pub struct Masker {
    matcher: AhoCorasick,
    /// Sorted, to find live prefixes by bisection.
    patterns: Vec<Vec<u8>>,
    longest: usize,
    starts: Starts,
}

/// The first two bytes of all patterns. Nearly every place of a text is known by
/// them not to begin a secret.
#[derive(Debug, Clone)]
struct Starts(Vec<u64>);

impl Starts {
    fn of(patterns: &[Vec<u8>]) -> Self {
        let mut bits = vec![0; (1 << 16) / 64];
        for pattern in patterns {
            let at = Self::place(pattern[0], pattern[1]);
            bits[at / 64] |= 1 << (at % 64);
        }
        Self(bits)
    }

    fn place(first: u8, second: u8) -> usize {
        usize::from(first) << 8 | usize::from(second)
    }

    /// Whether a pattern may begin so. Of one byte alone nothing is known.
    fn may_begin(&self, text: &[u8]) -> bool {
        let [first, second, ..] = text else {
            return true;
        };
        let at = Self::place(*first, *second);
        self.0[at / 64] >> (at % 64) & 1 == 1
    }
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
            starts: Starts::of(&patterns),
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
                if !self.starts.may_begin(end) {
                    return false;
                }
                let at = self.patterns.partition_point(|p| p.as_slice() < end);
                self.patterns[at..]
                    .iter()
                    .take_while(|p| p.starts_with(end))
                    .any(|p| p.len() > *len)
            })
            .unwrap_or(0)
    }
}
