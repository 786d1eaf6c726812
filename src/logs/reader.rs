//! Reads a log by line number, also while it is being written.

use super::{GAP, INDEX_STRIDE, LogError, index_path};
use crate::domain::log::{Line, Stream};
use chrono::{DateTime, Utc};
use memchr::{memchr, memchr_iter};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most bytes one [`Reader::next`] reads. The longest record fits.
const PAGE_BYTES: usize = 256 * 1024;

/// A position in a log. Clones share the open file, not the position.
#[derive(Debug, Clone)]
pub struct Reader {
    path: PathBuf,
    file: Arc<File>,
    offset: u64,
    /// The number of the line at `offset`.
    next: u64,
}

/// How much of a log is there: its whole records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Lines.
    pub lines: u64,
    /// Bytes of the file, up to the end of its last whole record.
    pub bytes: u64,
}

/// What a scan of a whole log finds.
pub(super) struct Scan {
    pub(super) lines: u64,
    /// Bytes up to the end of the last whole record.
    pub(super) bytes: u64,
    pub(super) index: Vec<u64>,
}

/// Reads a log from its beginning: to rebuild the index, and to find where a
/// crash tore a record.
pub(super) fn scan(file: &File) -> io::Result<Scan> {
    let mut found = Scan {
        lines: 0,
        bytes: 0,
        index: Vec::new(),
    };
    let mut buffer = vec![0; PAGE_BYTES];
    let mut offset = 0;
    loop {
        let read = file.read_at(&mut buffer, offset)?;
        if read == 0 {
            return Ok(found);
        }
        for at in memchr_iter(b'\n', &buffer[..read]) {
            if found.lines.is_multiple_of(INDEX_STRIDE) {
                found.index.push(found.bytes);
            }
            found.lines += 1;
            found.bytes = offset + at as u64 + 1;
        }
        offset += read as u64;
    }
}

/// What of a script's output a log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// Lines of standard output.
    pub stdout: u64,
    /// Lines of standard error.
    pub stderr: u64,
    /// When the first of them came, and the last.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The log was full once, so lines are missing, or not yet written.
    pub full: bool,
    /// The last lines were written, or some of them: nothing belongs behind.
    pub ended: bool,
}

/// Counts what a log holds, by reading all of it.
///
/// # Errors
/// When there is no such log or it cannot be read.
pub fn kept(path: &Path) -> Result<Kept, LogError> {
    let mut reader = Reader::open(path)?;
    let mut kept = Kept::default();
    loop {
        let page = reader.advance(usize::MAX, PAGE_BYTES)?;
        if page.is_empty() {
            return Ok(kept);
        }
        for record in page.split(|b| *b == b'\n') {
            let letter = memchr(b' ', record).and_then(|at| record.get(at + 1));
            let letter = letter.map(|letter| char::from(*letter));
            if letter == Some(GAP) {
                kept.full = true;
            }
            let lines = match letter.and_then(Stream::from_letter) {
                Some(Stream::Stdout) => &mut kept.stdout,
                Some(Stream::Stderr) => &mut kept.stderr,
                _ => continue,
            };
            *lines += 1;
            kept.ended = kept.full;
            if let Some(at) = time(record) {
                let first = kept.span.map_or(at, |(first, _)| first);
                kept.span = Some((first, at));
            }
        }
    }
}

impl Reader {
    /// Opens a log at its first line.
    ///
    /// # Errors
    /// When there is no such log or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let file = File::open(path).map_err(LogError::new(path, "read"))?;
        Ok(Self {
            path: path.to_owned(),
            file: Arc::new(file),
            offset: 0,
            next: 1,
        })
    }

    /// Goes to line `number` (from 1), or to the end if there are fewer.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn seek(&mut self, number: u64) -> Result<(), LogError> {
        let number = number.max(1);
        self.near_end((number - 1) / INDEX_STRIDE);
        while self.next < number {
            let wanted = usize::try_from(number - self.next).unwrap_or(usize::MAX);
            if self.advance(wanted, PAGE_BYTES)?.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// How many whole lines the log holds now.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn count(&self) -> Result<u64, LogError> {
        Ok(self.extent()?.lines)
    }

    /// How much of the log is there now. Reads no more than what follows the
    /// last entry of the index.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn extent(&self) -> Result<Extent, LogError> {
        let mut at = self.clone();
        at.near_end(u64::MAX);
        while !at.advance(usize::MAX, PAGE_BYTES)?.is_empty() {}
        Ok(Extent {
            lines: at.next - 1,
            bytes: at.offset,
        })
    }

    /// Goes to the line of this entry of the index, or of its last if it is
    /// shorter.
    fn near_end(&mut self, entry: u64) {
        (self.offset, self.next) = (0, 1);
        if let Ok(meta) = std::fs::metadata(index_path(&self.path)) {
            let entry = entry.min((meta.len() / 8).saturating_sub(1));
            if let Some(offset) = self.index_entry(entry) {
                (self.offset, self.next) = (offset, entry * INDEX_STRIDE + 1);
            }
        }
    }

    /// The number of the line that is read next.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.next
    }

    /// The next lines, at most `limit`; fewer when a page is full, none at the
    /// present end of the log. A torn last record is not yet a line.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn next(&mut self, limit: usize) -> Result<Vec<Line>, LogError> {
        self.page(limit, PAGE_BYTES)
    }

    /// The next lines, of about `bytes` together, but at least one.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn page(&mut self, limit: usize, bytes: usize) -> Result<Vec<Line>, LogError> {
        let first = self.next;
        let mut page = self.advance(limit, bytes.min(PAGE_BYTES))?;
        if page.is_empty() && bytes < PAGE_BYTES {
            page = self.advance(limit.min(1), PAGE_BYTES)?;
        }
        Ok(records(&page)
            .zip(first..)
            .map(|(record, number)| parse(record, number))
            .collect())
    }

    /// The next whole records as they are in the file, at most `limit`, and the
    /// number of the first.
    pub(super) fn raw(&mut self, limit: usize) -> Result<(u64, Vec<u8>), LogError> {
        let first = self.next;
        Ok((first, self.advance(limit, PAGE_BYTES)?))
    }

    /// Where in the file the next record begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes to the last line of which the index knows that it begins at or
    /// before this offset of the file, as seen by `place`, which maps an offset
    /// and the lines before it to a place in what the caller counts.
    pub(super) fn seek_place(
        &mut self,
        wanted: u64,
        place: impl Fn(u64, u64) -> u64,
    ) -> Result<(), LogError> {
        (self.offset, self.next) = (0, 1);
        let (mut low, mut high) = (0, self.extent()?.lines / INDEX_STRIDE + 1);
        while low < high {
            let middle = low.midpoint(high);
            match self.index_entry(middle) {
                Some(offset) if place(offset, middle * INDEX_STRIDE) <= wanted => {
                    (self.offset, self.next) = (offset, middle * INDEX_STRIDE + 1);
                    low = middle + 1;
                }
                _ => high = middle,
            }
        }
        Ok(())
    }

    /// Reads whole records, of at most `bytes`, and moves past them.
    fn advance(&mut self, limit: usize, bytes: usize) -> Result<Vec<u8>, LogError> {
        // Room for what is there: who follows a log reads a line at a time, and
        // memory that is taken for more must be cleared first.
        let failed = || LogError::new(&self.path, "read");
        let there = self.file.metadata().map_err(failed())?.len();
        let there = usize::try_from(there.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let mut page = vec![0; bytes.min(there)];
        let read = self
            .file
            .read_at(&mut page, self.offset)
            .map_err(failed())?;
        page.truncate(read);
        let mut lines = 0;
        let mut end = 0;
        while lines < limit {
            match memchr(b'\n', &page[end..]) {
                Some(at) => {
                    end += at + 1;
                    lines += 1;
                }
                None => break,
            }
        }
        page.truncate(end);
        self.offset += end as u64;
        self.next += lines as u64;
        Ok(page)
    }

    fn index_entry(&self, entry: u64) -> Option<u64> {
        let index = File::open(index_path(&self.path)).ok()?;
        let mut bytes = [0; 8];
        index.read_exact_at(&mut bytes, entry * 8).ok()?;
        let offset = u64::from_le_bytes(bytes);
        // An index can be ahead of a log that a crash cut short.
        let whole = self.file.metadata().ok()?.len() >= offset;
        let starts_a_line = offset == 0 || {
            let mut byte = [0];
            self.file.read_exact_at(&mut byte, offset - 1).is_ok() && byte[0] == b'\n'
        };
        (whole && starts_a_line).then_some(offset)
    }
}

/// The records of a page, without their ends.
pub(super) fn records(page: &[u8]) -> impl Iterator<Item = &[u8]> {
    page.split(|b| *b == b'\n')
        .filter(|record| !record.is_empty())
}

/// When a record was made.
fn time(record: &[u8]) -> Option<DateTime<Utc>> {
    let digits = record.split(|b| *b == b' ').next()?;
    let micros = std::str::from_utf8(digits).ok()?.parse().ok()?;
    DateTime::from_timestamp_micros(micros)
}

/// A record as a line.
pub(super) fn parse(record: &[u8], number: u64) -> Line {
    let text = String::from_utf8_lossy(record);
    let mut parts = text.splitn(3, ' ').skip(1);
    let at = time(record).unwrap_or_default();
    let stream = parts
        .next()
        .and_then(|s| s.chars().next())
        .and_then(Stream::from_letter)
        .unwrap_or(Stream::System);
    Line {
        number,
        at,
        stream,
        text: parts.next().unwrap_or_default().to_owned(),
    }
}
