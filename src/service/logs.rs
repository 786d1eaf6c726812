//! Pages of logs, and what is found in them. Whatever the size of a log, a page
//! of it costs no more than the lines that are on it.

mod search;
mod text;

pub use search::{Hit, Hits, SEARCH_HITS, Search, Why, search};
pub use text::Text;

use super::{App, Error, builds};
use crate::domain::ids::{AttemptId, RunId, TaskName};
use crate::domain::log::{Line, Stream};
use crate::logs::{Reader, path_of};
use crate::threads::off_thread;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::path::Path;

/// The most lines of a page.
pub const PAGE_LINES: usize = 5_000;
/// Lines of a page of which no number is said.
pub const USUAL_LINES: usize = 500;
/// The most bytes of text on a page, and that are read for one whose lines are
/// chosen by their stream.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
const LOOKED_THROUGH: u64 = 64 * 1024 * 1024;
/// Lines that are read at once.
const BLOCK: u64 = 1_024;

/// Whose log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// That of an attempt of a run; none is the newest.
    Run(RunId, Option<u32>),
    /// That of the last build of a task that was asked for.
    Build(TaskName),
}

/// Which lines of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The last ones.
    Tail,
    /// Those behind this number; 0 for the first.
    After(u64),
    /// Those just before this number.
    Before(u64),
}

/// A page of a log.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "LogPage")]
pub struct Page {
    /// The attempt whose log it is; none for that of a build.
    pub attempt: Option<u32>,
    /// Lines of the whole log as it is now.
    pub total: u64,
    /// The number of the first line that was looked at, and of the last; none
    /// when there was none. Without a choice of streams, those of `lines`.
    pub first: Option<u64>,
    /// See `first`.
    pub last: Option<u64>,
    /// Whether there are lines before `first`.
    pub more_before: bool,
    /// Whether there are lines behind `last`, as of now.
    pub more_after: bool,
    /// The lines, in their order.
    pub lines: Vec<Line>,
}

/// A log that can be read.
#[derive(Debug)]
pub struct Open {
    /// The attempt whose it is; none for that of a build.
    pub attempt: Option<u32>,
    /// What tells it from others: the run and attempt, or the task.
    pub name: String,
    reader: Reader,
}

/// Opens a log.
///
/// # Errors
/// When there is none (yet).
pub async fn open(app: &App, whose: &Whose) -> Result<Open, Error> {
    let (path, attempt, name) = match whose {
        Whose::Build(task) => (builds::log_path(app, task), None, format!("{task}-build")),
        Whose::Run(run, number) => {
            let id = attempt(app, *run, *number).await?;
            let name = format!("{}-{}", run.short(), id.number);
            (path_of(&app.config.data_dir, id), Some(id.number), name)
        }
    };
    let reader = off_thread(move || open_file(&path)).await?;
    Ok(Open {
        attempt,
        name,
        reader: reader.ok_or_else(|| missing(whose, attempt))?,
    })
}

fn open_file(path: &Path) -> Result<Option<Reader>, Error> {
    match Reader::open(path) {
        Ok(reader) => Ok(Some(reader)),
        Err(error) if error.source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn missing(whose: &Whose, attempt: Option<u32>) -> Error {
    Error::NotFound(match (whose, attempt) {
        (Whose::Run(run, _), Some(number)) => format!(
            "there is no log of attempt {number} of run {}: it has not begun, or its log was removed",
            run.short()
        ),
        (Whose::Run(run, _), None) => format!("run {} has no log", run.short()),
        (Whose::Build(task), _) => format!("nobody asked for a build of {task} yet"),
    })
}

/// The attempt that is meant. The log of one begins before its row is there.
async fn attempt(app: &App, run: RunId, number: Option<u32>) -> Result<AttemptId, Error> {
    if let Some(number) = number {
        return Ok(AttemptId { run, number });
    }
    let kept = app.store.attempts(run).await?;
    let kept = kept.last().map_or(1, |attempt| attempt.id.number);
    let driven = app.live.log(run).map_or(1, |(attempt, _)| attempt.number);
    let number = driven.max(kept);
    Ok(AttemptId { run, number })
}

/// A page of a log; with `stream`, only its lines, as many as are found in some
/// 64 MiB.
///
/// # Errors
/// When it cannot be read.
pub async fn page(
    open: Open,
    which: Which,
    stream: Option<Stream>,
    limit: usize,
) -> Result<Page, Error> {
    off_thread(move || {
        let Open {
            attempt,
            mut reader,
            ..
        } = open;
        let total = reader.count()?;
        let mut cut = Cut::new(stream, limit.clamp(1, PAGE_LINES));
        match which {
            Which::After(after) => cut.forward(&mut reader, after.min(total), total)?,
            Which::Tail => cut.backward(&mut reader, total + 1)?,
            Which::Before(before) => cut.backward(&mut reader, before.min(total + 1).max(1))?,
        }
        let seen = cut.first < cut.end;
        Ok(Page {
            attempt,
            total,
            first: seen.then_some(cut.first),
            last: seen.then(|| cut.end - 1),
            more_before: cut.first > 1,
            more_after: cut.end <= total,
            lines: cut.lines.into(),
        })
    })
    .await
}

/// Lines that are taken until the page is full.
struct Cut {
    stream: Option<Stream>,
    limit: usize,
    lines: VecDeque<Line>,
    bytes: usize,
    /// The first line that was looked at, and the one after the last.
    first: u64,
    end: u64,
}

impl Cut {
    fn new(stream: Option<Stream>, limit: usize) -> Self {
        Self {
            stream,
            limit,
            lines: VecDeque::new(),
            bytes: 0,
            first: 1,
            end: 1,
        }
    }

    /// Whether the page has no room for a line.
    fn full(&self, line: &Line) -> bool {
        let bytes = self.bytes + line.text.len();
        self.lines.len() >= self.limit || (!self.lines.is_empty() && bytes > PAGE_BYTES)
    }

    fn wants(&self, line: &Line) -> bool {
        self.stream.is_none_or(|stream| stream == line.stream)
    }

    fn forward(&mut self, reader: &mut Reader, after: u64, total: u64) -> Result<(), Error> {
        reader.seek(after + 1)?;
        (self.first, self.end) = (after + 1, after + 1);
        let mut seen = 0;
        while self.end <= total && seen < LOOKED_THROUGH {
            let lines = reader.next(rows(total + 1 - self.end))?;
            if lines.is_empty() {
                break;
            }
            for line in lines {
                seen += line.text.len() as u64;
                if self.wants(&line) {
                    if self.full(&line) {
                        return Ok(());
                    }
                    self.bytes += line.text.len();
                    self.end = line.number + 1;
                    self.lines.push_back(line);
                } else {
                    self.end = line.number + 1;
                }
            }
        }
        Ok(())
    }

    fn backward(&mut self, reader: &mut Reader, before: u64) -> Result<(), Error> {
        (self.first, self.end) = (before, before);
        let mut seen = 0;
        while self.first > 1 && seen < LOOKED_THROUGH {
            let from = match self.stream {
                // No more than are wanted: usually all of them fit.
                None => self.first.saturating_sub(self.missing().min(BLOCK)).max(1),
                Some(_) => self.first.saturating_sub(BLOCK).max(1),
            };
            let block = block(reader, from, self.first)?;
            if block.is_empty() {
                break;
            }
            for line in block.into_iter().rev() {
                seen += line.text.len() as u64;
                if self.wants(&line) {
                    if self.full(&line) {
                        return Ok(());
                    }
                    self.bytes += line.text.len();
                    self.first = line.number;
                    self.lines.push_front(line);
                } else {
                    self.first = line.number;
                }
            }
            if self.lines.len() >= self.limit {
                break;
            }
        }
        Ok(())
    }

    fn missing(&self) -> u64 {
        (self.limit - self.lines.len()) as u64
    }
}

/// The lines from one number to before another.
fn block(reader: &mut Reader, from: u64, end: u64) -> Result<Vec<Line>, Error> {
    reader.seek(from)?;
    let mut lines = Vec::new();
    while reader.position() < end {
        let more = reader.next(rows(end - reader.position()))?;
        if more.is_empty() {
            break;
        }
        lines.extend(more);
    }
    Ok(lines)
}

fn rows(count: u64) -> usize {
    usize::try_from(count.min(BLOCK)).unwrap_or(usize::MAX)
}
