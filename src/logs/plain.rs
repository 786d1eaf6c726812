//! A log as plain text: what was printed, without times and streams. Any range
//! of its bytes can be read without reading what is before: all records have a
//! prefix of one length, so the index of lines is an index of text, too.

use super::reader::{Extent, records};
use super::writer::PREFIX_BYTES;
use super::{LogError, Reader};

/// How many lines are read at once.
const LINES: usize = 1024;

/// The plain text of a log as far as it was written when this was made.
#[derive(Debug, Clone)]
pub struct Plain {
    reader: Reader,
    extent: Extent,
}

/// Where a record at this offset of the file, behind so many others, begins in
/// the text.
fn place(offset: u64, lines: u64) -> u64 {
    offset.saturating_sub(lines * PREFIX_BYTES as u64)
}

impl Plain {
    /// The text of the log as it is now.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn new(reader: Reader) -> Result<Self, LogError> {
        let extent = reader.extent()?;
        Ok(Self { reader, extent })
    }

    /// Its length, bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        place(self.extent.bytes, self.extent.lines)
    }

    /// Whether nothing was printed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.extent.lines == 0
    }

    /// Some of the text from byte `from` on, at most up to byte `end`; empty only
    /// when nothing is left.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn read(&mut self, from: u64, end: u64) -> Result<Vec<u8>, LogError> {
        let end = end.min(self.len());
        let mut text = Vec::new();
        if from >= end {
            return Ok(text);
        }
        let here = |reader: &Reader| place(reader.offset(), reader.position() - 1);
        // Usually it goes on where it stopped.
        if here(&self.reader) != from {
            self.reader.seek_place(from, place)?;
        }
        while text.is_empty() {
            let mut at = here(&self.reader);
            let (_, page) = self.reader.raw(LINES)?;
            if page.is_empty() {
                break;
            }
            for record in records(&page) {
                let line = record.get(PREFIX_BYTES..).unwrap_or_default();
                for part in [line, b"\n"] {
                    let next = at + part.len() as u64;
                    let (low, high) = (from.clamp(at, next), end.clamp(at, next));
                    text.extend_from_slice(&part[within(low - at)..within(high - at)]);
                    at = next;
                }
            }
        }
        Ok(text)
    }
}

/// A place in a part of a page, which is in memory.
fn within(bytes: u64) -> usize {
    usize::try_from(bytes).expect("a page is shorter than memory")
}
