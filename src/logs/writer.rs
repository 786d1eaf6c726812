//! Appends lines to a log file and keeps its index.
//!
//! One record a line: microseconds since 1970 (UTC) as 16 digits, the stream's
//! letter, the text. Up to nine tenths of the cap are written as they come; of
//! what follows the last tenth is kept in memory and written at the end, after
//! one line that says how much is missing. That this begins is said in the log at
//! once, so it is known also when the process that has that tenth in memory dies.

use super::{GAP, INDEX_STRIDE, LogError, index_path, reader};
use crate::disk::Room;
use crate::domain::log::Stream;
use crate::domain::size::Bytes;
use chrono::{DateTime, Utc};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The length of what stands before the text of a record. It is the same for
/// all (times have 16 digits until the year 2286), so that a place in the text
/// can be found from a place in the file.
pub(super) const PREFIX_BYTES: usize = 19;
/// Records wait in memory until there are so many bytes of them, or somebody
/// wants to see them.
const BUFFER: usize = 64 * 1024;

/// What a log may take of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most that is kept of a script's output.
    pub cap: Bytes,
    /// The last part of the disk, which is left alone.
    pub spare: Bytes,
}

/// The one writer of a log. Writing never fails: what the disk does not take is
/// counted, and the log tells of it where it is missing.
#[derive(Debug)]
pub struct Writer {
    log: File,
    /// None once the disk refused it: readers do without.
    index: Option<File>,
    /// Whole records that are counted but not yet in the file.
    pending: Vec<u8>,
    /// Their entries of the index.
    entries: Vec<u8>,
    lines: u64,
    bytes: u64,
    head_cap: u64,
    spare: Bytes,
    /// The log says that it is full.
    full: bool,
    tail: Tail,
    /// Set while the disk takes no output.
    missing: Option<Missing>,
}

/// Output that is in no file.
#[derive(Debug, Default)]
struct Missing {
    lines: u64,
    bytes: u64,
}

impl Missing {
    fn count(&mut self, records: &[u8]) {
        self.lines += memchr::memchr_iter(b'\n', records).count() as u64;
        self.bytes += records.len() as u64;
    }
}

/// The last lines beyond the head, as two generations of records: when the
/// newer is full, the older is dropped.
#[derive(Debug, Default)]
struct Tail {
    cap: usize,
    older: Vec<u8>,
    newer: Vec<u8>,
    dropped: Missing,
}

impl Writer {
    /// Opens a log for appending, making it if it is not there. A torn last
    /// record, left by a crash, is removed.
    ///
    /// # Errors
    /// When the file or its folder cannot be made or read.
    pub fn open(path: &Path, bounds: Bounds) -> Result<Self, LogError> {
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
        let tail_cap = bounds.cap.0 / 10;
        Ok(Self {
            log,
            index: Some(index),
            pending: Vec::with_capacity(BUFFER),
            entries: Vec::new(),
            lines: found.lines,
            bytes: found.bytes,
            head_cap: bounds.cap.0 - tail_cap,
            spare: bounds.spare,
            full,
            tail: Tail {
                cap: usize::try_from(tail_cap).unwrap_or(usize::MAX),
                ..Tail::default()
            },
            missing: None,
        })
    }

    /// From now on the whole disk is left alone.
    #[cfg(test)]
    pub(super) fn spare_all(&mut self) {
        self.spare = Bytes(u64::MAX);
    }

    /// Lines written so far.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Appends one line of the script or of a build, within the bounds.
    pub fn append(&mut self, at: DateTime<Utc>, stream: Stream, text: &str) {
        let record = record(at, stream.letter(), text);
        if self.bytes + record.len() as u64 <= self.head_cap && !self.full {
            return self.write(&record);
        }
        self.tail.push(&record);
        if !self.full {
            self.full = true;
            let last = Bytes(self.tail.cap as u64);
            let text =
                format!("the log is full: of what follows, the last {last} are added at the end");
            self.write(&self::record(at, GAP, &text));
        }
    }

    /// Appends a line of ours, whatever the bounds.
    pub fn note(&mut self, at: DateTime<Utc>, text: &str) {
        let record = record(at, Stream::System.letter(), text);
        if self.tail.begun() {
            self.tail.push(&record);
            return;
        }
        self.flush();
        self.say(&record);
    }

    /// Makes everything appended so far visible to readers.
    pub fn flush(&mut self) {
        self.resume();
        if self.pending.is_empty() {
            return;
        }
        let put = if self.has_room(0) {
            self.put()
        } else {
            Err(io::ErrorKind::StorageFull.into())
        };
        if let Err(error) = put {
            self.pause(&error);
        }
    }

    /// Writes the kept tail and the line that tells of what is missing; the
    /// number of lines there are.
    pub fn finish(mut self) -> u64 {
        let tail = std::mem::take(&mut self.tail);
        if tail.begun() {
            let (records, dropped) = tail.kept();
            if dropped.lines > 0 {
                let text = format!(
                    "… {} lines ({}) of output left out here: the log is full",
                    dropped.lines,
                    Bytes(dropped.bytes)
                );
                self.write(&record(Utc::now(), GAP, &text));
            }
            for line in records.split_inclusive(|b| *b == b'\n') {
                self.write(line);
            }
        }
        self.flush();
        if self.missing.is_some() {
            self.tell_missing();
        }
        self.lines
    }

    fn write(&mut self, record: &[u8]) {
        self.resume();
        if let Some(missing) = &mut self.missing {
            missing.count(record);
            return;
        }
        self.push(record);
        if self.pending.len() >= BUFFER {
            self.flush();
        }
    }

    /// Takes a record into what is written next.
    fn push(&mut self, record: &[u8]) {
        if self.lines.is_multiple_of(INDEX_STRIDE) {
            self.entries.extend_from_slice(&self.bytes.to_le_bytes());
        }
        self.pending.extend_from_slice(record);
        self.lines += 1;
        self.bytes += record.len() as u64;
    }

    /// Writes what is pending; when the disk refuses, the records that did not
    /// get into the file whole are pending still.
    fn put(&mut self) -> io::Result<()> {
        let mut done = 0;
        let written = loop {
            match self.log.write(&self.pending[done..]) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
            if done == self.pending.len() {
                break Ok(());
            }
        };
        // Readers may have seen whole records by now, so these stay.
        let whole = memchr::memrchr(b'\n', &self.pending[..done]).map_or(0, |at| at + 1);
        self.pending.drain(..whole);
        // Half an entry, or one too few, would spoil those behind it.
        let spoilt = |index: &mut File| written.is_err() || index.write_all(&self.entries).is_err();
        self.index.take_if(spoilt);
        self.entries.clear();
        written
    }

    /// Takes back what is pending, and in the file the record that it tore.
    fn take_back(&mut self) -> Vec<u8> {
        let records = std::mem::take(&mut self.pending);
        self.entries.clear();
        self.lines -= memchr::memchr_iter(b'\n', &records).count() as u64;
        self.bytes -= records.len() as u64;
        // If this is refused too, readers see one line that is torn.
        drop(self.log.set_len(self.bytes));
        records
    }

    /// Output is only counted from here on, and the log says so.
    fn pause(&mut self, error: &io::Error) {
        tracing::warn!(%error, "the disk takes no more of a log");
        let mut missing = Missing::default();
        missing.count(&self.take_back());
        let why = match error.kind() {
            io::ErrorKind::StorageFull => {
                format!("the disk is full (its last {} are left alone)", self.spare)
            }
            _ => format!("the disk refused it ({error})"),
        };
        let text = format!("output is counted and not kept from here on: {why}");
        self.say(&record(Utc::now(), GAP, &text));
        self.missing = Some(missing);
    }

    /// Ends a pause when there is room again.
    fn resume(&mut self) {
        // Some more than the last part, lest it goes to and fro.
        if self.missing.is_some() && self.has_room(self.spare.0 / 8) {
            self.tell_missing();
        }
    }

    /// Says what is missing, and goes on.
    fn tell_missing(&mut self) {
        let Some(missing) = self.missing.take() else {
            return;
        };
        let text = format!(
            "… {} lines ({}) of output are missing here: the disk was full",
            missing.lines,
            Bytes(missing.bytes)
        );
        if !self.say(&record(Utc::now(), GAP, &text)) {
            self.missing = Some(missing);
        }
    }

    /// Writes one line of ours, however little room there is. Nothing else is
    /// pending.
    fn say(&mut self, record: &[u8]) -> bool {
        self.push(record);
        let said = self.put().is_ok();
        if !said {
            self.take_back();
        }
        said
    }

    /// Whether there is as much room as is left alone, and `more`.
    fn has_room(&self, more: u64) -> bool {
        let least = self.spare.0.saturating_add(more);
        // A file system that does not tell may have some.
        Room::at(&self.log).map_or(true, |room| room.free >= least)
    }
}

fn record(at: DateTime<Utc>, letter: char, text: &str) -> Vec<u8> {
    let mut record = Vec::with_capacity(text.len() + PREFIX_BYTES + 1);
    let at = at.timestamp_micros().max(0);
    record.extend_from_slice(format!("{at:016} ").as_bytes());
    record.push(letter as u8);
    record.push(b' ');
    record.extend_from_slice(text.as_bytes());
    record.push(b'\n');
    record
}

impl Tail {
    fn begun(&self) -> bool {
        !self.newer.is_empty() || !self.older.is_empty() || self.dropped.lines > 0
    }

    fn push(&mut self, record: &[u8]) {
        if self.newer.len() + record.len() > self.cap {
            let old = std::mem::replace(&mut self.older, std::mem::take(&mut self.newer));
            self.dropped.count(&old);
        }
        self.newer.extend_from_slice(record);
    }

    /// The last `cap` bytes, from the beginning of a record, and what was
    /// dropped before.
    fn kept(mut self) -> (Vec<u8>, Missing) {
        let mut records = std::mem::take(&mut self.older);
        records.extend_from_slice(&self.newer);
        let extra = records.len().saturating_sub(self.cap);
        if extra > 0 {
            let from =
                memchr::memchr(b'\n', &records[extra - 1..]).map_or(records.len(), |at| extra + at);
            let rest = records.split_off(from);
            self.dropped.count(&records);
            records = rest;
        }
        (records, self.dropped)
    }
}
