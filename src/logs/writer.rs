//! Appends lines to a log file and keeps its index.
//!
//! One record a line: microseconds since 1970 (UTC), the stream's letter, the
//! text. Up to nine tenths of the cap are written as they come; of what follows
//! the last tenth is kept in memory and written at the end, after one line that
//! says how much is missing. That this begins is said in the log at once, so it
//! is known also when the process that has that tenth in memory dies.

use super::{GAP, INDEX_STRIDE, LogError, index_path, reader};
use crate::domain::log::Stream;
use crate::domain::size::Bytes;
use chrono::{DateTime, Utc};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The one writer of a log.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    log: BufWriter<File>,
    index: BufWriter<File>,
    lines: u64,
    bytes: u64,
    head_cap: u64,
    /// The log says that it is full.
    full: bool,
    tail: Tail,
}

/// The last lines beyond the head, as two generations of records: when the
/// newer is full, the older is dropped.
#[derive(Debug, Default)]
struct Tail {
    cap: usize,
    older: Vec<u8>,
    newer: Vec<u8>,
    dropped_lines: u64,
    dropped_bytes: u64,
}

impl Writer {
    /// Opens a log for appending, making it if it is not there. A torn last
    /// record, left by a crash, is removed.
    ///
    /// # Errors
    /// When the file or its folder cannot be made or read.
    pub fn open(path: &Path, cap: Bytes) -> Result<Self, LogError> {
        let make = LogError::new(path, "made");
        let open = |path: &Path| {
            OpenOptions::new()
                .create(true)
                .append(true)
                .read(true)
                .mode(0o600)
                .open(path)
        };
        let (log, index, found) = (|| {
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            let log = open(path)?;
            let found = reader::scan(&log)?;
            log.set_len(found.bytes)?;
            let mut index = open(&index_path(path))?;
            index.set_len(0)?;
            for offset in &found.index {
                index.write_all(&offset.to_le_bytes())?;
            }
            Ok((log, index, found))
        })()
        .map_err(make)?;
        let full = found.lines > 0 && reader::kept(path)?.full;
        let tail_cap = cap.0 / 10;
        Ok(Self {
            path: path.to_owned(),
            log: BufWriter::with_capacity(64 * 1024, log),
            index: BufWriter::new(index),
            lines: found.lines,
            bytes: found.bytes,
            head_cap: cap.0 - tail_cap,
            full,
            tail: Tail {
                cap: usize::try_from(tail_cap).unwrap_or(usize::MAX),
                ..Tail::default()
            },
        })
    }

    /// Lines written so far.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Appends one line of the script, within the cap.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn append(
        &mut self,
        at: DateTime<Utc>,
        stream: Stream,
        text: &str,
    ) -> Result<(), LogError> {
        let record = record(at, stream.letter(), text);
        if self.bytes + record.len() as u64 <= self.head_cap && !self.full {
            return self.write(&record);
        }
        self.tail.push(&record);
        if self.full {
            return Ok(());
        }
        self.full = true;
        let last = Bytes(self.tail.cap as u64);
        let text =
            format!("the log is full: of what follows, the last {last} are added at the end");
        self.write(&self::record(at, GAP, &text))
    }

    /// Appends a line of ours, whatever the cap.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn note(&mut self, at: DateTime<Utc>, stream: Stream, text: &str) -> Result<(), LogError> {
        if self.tail.begun() {
            self.tail.push(&record(at, stream.letter(), text));
            return Ok(());
        }
        self.write(&record(at, stream.letter(), text))
    }

    /// Makes everything appended so far visible to readers.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush(&mut self) -> Result<(), LogError> {
        self.log
            .flush()
            .and_then(|()| self.index.flush())
            .map_err(LogError::new(&self.path, "written"))
    }

    /// Writes the kept tail and the line that tells of what is missing.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(mut self) -> Result<u64, LogError> {
        let tail = std::mem::take(&mut self.tail);
        if tail.begun() {
            let kept = tail.kept();
            if kept.dropped_lines > 0 {
                let text = format!(
                    "… {} lines ({}) of output left out here: the log is full",
                    kept.dropped_lines,
                    Bytes(kept.dropped_bytes)
                );
                self.write(&record(Utc::now(), GAP, &text))?;
            }
            for line in kept.records.split_inclusive(|b| *b == b'\n') {
                self.write(line)?;
            }
        }
        self.flush()?;
        Ok(self.lines)
    }

    fn write(&mut self, record: &[u8]) -> Result<(), LogError> {
        let indexed = self.lines.is_multiple_of(INDEX_STRIDE);
        (|| {
            if indexed {
                self.index.write_all(&self.bytes.to_le_bytes())?;
            }
            self.log.write_all(record)
        })()
        .map_err(LogError::new(&self.path, "written"))?;
        self.lines += 1;
        self.bytes += record.len() as u64;
        Ok(())
    }
}

fn record(at: DateTime<Utc>, letter: char, text: &str) -> Vec<u8> {
    let mut record = Vec::with_capacity(text.len() + 20);
    record.extend_from_slice(at.timestamp_micros().to_string().as_bytes());
    record.push(b' ');
    record.push(letter as u8);
    record.push(b' ');
    record.extend_from_slice(text.as_bytes());
    record.push(b'\n');
    record
}

struct Kept {
    records: Vec<u8>,
    dropped_lines: u64,
    dropped_bytes: u64,
}

impl Tail {
    fn begun(&self) -> bool {
        !self.newer.is_empty() || !self.older.is_empty() || self.dropped_lines > 0
    }

    fn push(&mut self, record: &[u8]) {
        if self.newer.len() + record.len() > self.cap {
            let old = std::mem::replace(&mut self.older, std::mem::take(&mut self.newer));
            self.drop_records(&old);
        }
        self.newer.extend_from_slice(record);
    }

    fn drop_records(&mut self, records: &[u8]) {
        self.dropped_lines += memchr::memchr_iter(b'\n', records).count() as u64;
        self.dropped_bytes += records.len() as u64;
    }

    /// The last `cap` bytes, from the beginning of a record.
    fn kept(mut self) -> Kept {
        let mut records = std::mem::take(&mut self.older);
        records.extend_from_slice(&self.newer);
        let extra = records.len().saturating_sub(self.cap);
        if extra > 0 {
            let from =
                memchr::memchr(b'\n', &records[extra - 1..]).map_or(records.len(), |at| extra + at);
            let rest = records.split_off(from);
            self.drop_records(&records);
            records = rest;
        }
        Kept {
            records,
            dropped_lines: self.dropped_lines,
            dropped_bytes: self.dropped_bytes,
        }
    }
}
