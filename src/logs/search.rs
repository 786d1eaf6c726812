//! Finds lines of a log, the newest first, within bounds: of bytes, of time, and
//! of the memory that an expression may take. A text is looked for in whole
//! pages at once; an expression line by line, so that it cannot reach across
//! lines. Both are linear in the length of the log whatever is looked for.

use super::reader::{parse, records};
use super::writer::PREFIX_BYTES;
use super::{LogError, Reader};
use crate::domain::log::{Line, Stream};
use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use std::collections::VecDeque;
use std::time::Instant;

/// The most memory a compiled expression may take, bytes.
const EXPRESSION_BYTES: usize = 1024 * 1024;
/// Lines that are looked at together. What was found in them is in their order.
const BLOCK: u64 = 1024;
/// The most places that are told of one line.
const PLACES: usize = 64;

/// What is looked for.
#[derive(Debug)]
pub enum Pattern {
    /// A text, as it stands.
    Text(Box<Finder<'static>>),
    /// An expression.
    Expression(Regex),
}

impl Pattern {
    /// A text; with `any_case`, whatever the case of its letters.
    ///
    /// # Errors
    /// When the text is too long for that.
    pub fn text(text: &str, any_case: bool) -> Result<Self, regex::Error> {
        match any_case {
            true => Self::expression(&regex::escape(text), true),
            false => Ok(Self::Text(Box::new(Finder::new(text).into_owned()))),
        }
    }

    /// An expression in the syntax of the crate `regex`: without look-around
    /// and back-references, and so without expressions that never end.
    ///
    /// # Errors
    /// When it cannot be read, or takes too much memory.
    pub fn expression(text: &str, any_case: bool) -> Result<Self, regex::Error> {
        RegexBuilder::new(text)
            .case_insensitive(any_case)
            .size_limit(EXPRESSION_BYTES)
            .dfa_size_limit(EXPRESSION_BYTES)
            .build()
            .map(Self::Expression)
    }

    /// Whether a page may hold it at all.
    fn may_be_in(&self, page: &[u8]) -> bool {
        match self {
            Self::Text(text) => text.find(page).is_some(),
            Self::Expression(_) => true,
        }
    }

    /// Where it is in the text of a line: first byte, and the one after the last.
    fn places(&self, text: &[u8]) -> Vec<(usize, usize)> {
        match self {
            Self::Text(wanted) => {
                let length = wanted.needle().len();
                let found = wanted.find_iter(text).map(|at| (at, at + length));
                found.take(PLACES).collect()
            }
            Self::Expression(wanted) => {
                let found = wanted.find_iter(text).map(|m| (m.start(), m.end()));
                found.take(PLACES).collect()
            }
        }
    }
}

/// The bounds of a search.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Hits.
    pub hits: usize,
    /// Bytes of the log.
    pub bytes: u64,
    /// When to stop.
    pub until: Instant,
}

/// A line that holds what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The line.
    pub line: Line,
    /// Where in its text, bytes: the first and the one after the last; 64 at
    /// most.
    pub places: Vec<(usize, usize)>,
}

/// Why a search stopped before the first line of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// As many hits as were wanted.
    Hits,
    /// As many bytes as may be read at once.
    Bytes,
    /// As long as it may take.
    Time,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The hits, the newest first.
    pub hits: Vec<Hit>,
    /// Every line from this one on was looked at.
    pub from: u64,
    /// Why it did not go on to the first line.
    pub stopped: Option<Stopped>,
    /// Bytes that were read.
    pub bytes: u64,
}

impl Reader {
    /// Looks for a pattern in the lines before number `before`, from the newest
    /// to the oldest; with `stream`, only in its lines. The position is lost.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn search(
        &mut self,
        before: u64,
        stream: Option<Stream>,
        pattern: &Pattern,
        budget: Budget,
    ) -> Result<Found, LogError> {
        let mut found = Found {
            hits: Vec::new(),
            from: before.min(self.count()? + 1).max(1),
            stopped: None,
            bytes: 0,
        };
        while found.from > 1 {
            if found.bytes >= budget.bytes {
                found.stopped = Some(Stopped::Bytes);
                return Ok(found);
            }
            let block = Block {
                first: (found.from - 2) / BLOCK * BLOCK + 1,
                end: found.from,
                stream,
                room: budget.hits - found.hits.len(),
                until: budget.until,
            };
            let Some((hits, bytes)) = self.search_block(&block, pattern)? else {
                found.stopped = Some(Stopped::Time);
                return Ok(found);
            };
            found.bytes += bytes;
            // There was not room for all: go on behind the oldest that is told.
            let full = hits.len() == block.room;
            found.from = match hits.front() {
                Some(oldest) if full => oldest.line.number,
                _ => block.first,
            };
            found.hits.extend(hits.into_iter().rev());
            if full && found.from > 1 {
                found.stopped = Some(Stopped::Hits);
                return Ok(found);
            }
        }
        Ok(found)
    }

    /// The newest hits among some lines, in their order, and how many bytes they
    /// were found in; none when the time was over before the end.
    fn search_block(
        &mut self,
        block: &Block,
        pattern: &Pattern,
    ) -> Result<Option<(VecDeque<Hit>, u64)>, LogError> {
        let (mut hits, mut bytes) = (VecDeque::new(), 0);
        self.seek(block.first)?;
        while self.position() < block.end {
            let rest = usize::try_from(block.end - self.position()).unwrap_or(usize::MAX);
            let (first, page) = self.raw(rest)?;
            if page.is_empty() {
                break;
            }
            bytes += page.len() as u64;
            if !pattern.may_be_in(&page) {
                continue;
            }
            for (record, number) in records(&page).zip(first..) {
                if Instant::now() >= block.until {
                    return Ok(None);
                }
                let text = record.get(PREFIX_BYTES..).unwrap_or_default();
                let places = pattern.places(text);
                if places.is_empty() {
                    continue;
                }
                let line = parse(record, number);
                if block.stream.is_some_and(|wanted| wanted != line.stream) {
                    continue;
                }
                if hits.len() == block.room {
                    hits.pop_front();
                }
                hits.push_back(Hit { line, places });
            }
        }
        Ok(Some((hits, bytes)))
    }
}

/// Lines that are looked at together.
struct Block {
    first: u64,
    /// The one after the last.
    end: u64,
    stream: Option<Stream>,
    /// Hits that are wanted at most; never 0.
    room: usize,
    until: Instant,
}
