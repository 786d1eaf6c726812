//! Bytes of one stream into lines, whatever pieces they arrive in.

use super::MAX_LINE_BYTES;
use memchr::memchr2;

/// Splits a stream at newlines. A carriage return inside a line means that the
/// script draws over it (progress bars): only the last drawing is kept.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    line: Vec<u8>,
    /// Bytes of this line beyond the cap.
    cut: u64,
    /// The last byte was `\r`: what it means depends on the next one.
    returned: bool,
    open: bool,
}

impl Splitter {
    /// Takes the next bytes and hands each finished line to `emit`.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut emit: impl FnMut(String)) {
        while !bytes.is_empty() {
            if self.returned {
                self.returned = false;
                if bytes[0] == b'\n' {
                    bytes = &bytes[1..];
                    emit(self.take());
                    continue;
                }
                self.line.clear();
                self.cut = 0;
            }
            match memchr2(b'\n', b'\r', bytes) {
                None => {
                    self.append(bytes);
                    return;
                }
                Some(at) => {
                    self.append(&bytes[..at]);
                    self.open = true;
                    if bytes[at] == b'\n' {
                        emit(self.take());
                    } else {
                        self.returned = true;
                    }
                    bytes = &bytes[at + 1..];
                }
            }
        }
    }

    /// The unfinished line, if the stream ends here.
    pub(super) fn finish(&mut self) -> Option<String> {
        self.returned = false;
        self.open.then(|| self.take())
    }

    /// The unfinished line as it stands, for live viewers.
    pub(super) fn partial(&self) -> Option<String> {
        (!self.line.is_empty()).then(|| String::from_utf8_lossy(&self.line).into_owned())
    }

    fn append(&mut self, bytes: &[u8]) {
        self.open = true;
        let room = MAX_LINE_BYTES - self.line.len().min(MAX_LINE_BYTES);
        let (kept, cut) = bytes.split_at(room.min(bytes.len()));
        self.line.extend_from_slice(kept);
        self.cut += cut.len() as u64;
    }

    fn take(&mut self) -> String {
        self.open = false;
        let mut bytes = std::mem::take(&mut self.line);
        let cut = std::mem::take(&mut self.cut);
        if cut > 0 {
            // The cap may have split a character; its bytes so far say nothing.
            let whole = bytes
                .utf8_chunks()
                .last()
                .is_none_or(|c| c.invalid().is_empty());
            if !whole {
                while bytes.pop().is_some_and(|b| b & 0xC0 == 0x80) {}
            }
        }
        let mut text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        if cut > 0 {
            text.push_str(&format!(" … [{cut} more bytes of this line left out]"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(pieces: &[&[u8]]) -> Vec<String> {
        let mut splitter = Splitter::default();
        let mut lines = Vec::new();
        for piece in pieces {
            splitter.push(piece, |line| lines.push(line));
        }
        lines.extend(splitter.finish());
        lines
    }

    #[test]
    fn newlines_of_every_kind() {
        assert_eq!(split(&[b"a\nb\r\n\nlast"]), ["a", "b", "", "last"]);
        assert_eq!(split(&[b""]), Vec::<String>::new());
        assert_eq!(split(&[b"a\r", b"\nb\n"]), ["a", "b"]);
    }

    #[test]
    fn a_progress_bar_keeps_its_last_drawing() {
        assert_eq!(split(&[b" 1%\r 50%\r100%\ndone\n"]), ["100%", "done"]);
        assert_eq!(split(&[b"working\r"]), ["working"]);
    }

    #[test]
    fn a_long_line_is_cut_once_and_counted() {
        let mut text = "é".repeat(40_000);
        text.push('\n');
        let lines = split(&[text.as_bytes()]);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].ends_with("[14464 more bytes of this line left out]"));
        assert!(!lines[0].contains('\u{FFFD}'));
    }

    proptest! {
        #[test]
        fn chunking_never_changes_the_lines(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'x'), any::<u8>()], 0..200),
            cuts in proptest::collection::vec(0usize..200, 0..8),
        ) {
            let whole = split(&[&bytes]);
            let mut cuts: Vec<_> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&bytes[from..cut]);
                from = cut;
            }
            pieces.push(&bytes[from..]);
            prop_assert_eq!(split(&pieces), whole);
        }
    }
}
