//! Searches in logs, within bounds of time, memory and number.

use super::Open;
use crate::domain::log::{Line, Stream};
use crate::logs::{Budget, Found, Pattern, Stopped};
use crate::service::{Error, Field, Place};
use crate::threads::off_thread;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// The bounds of one search.
const SEARCH_BYTES: u64 = 256 * 1024 * 1024;
const SEARCH_TIME: Duration = Duration::from_secs(2);
/// The most hits at once.
pub const SEARCH_HITS: usize = 500;
/// The longest text or expression, bytes.
const WANTED_BYTES: usize = 1_000;
/// Searches at once.
static SEARCHES: Semaphore = Semaphore::const_new(2);

/// What to look for in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// A text, or an expression.
    pub wanted: String,
    /// Whether it is an expression.
    pub expression: bool,
    /// Whether the case of letters does not matter.
    pub any_case: bool,
    /// Only in lines of this stream.
    pub stream: Option<Stream>,
    /// Only in lines before this one.
    pub before: Option<u64>,
    /// Hits at most.
    pub limit: usize,
}

/// Hits, the newest first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Hits {
    /// The attempt whose log it is; none for that of a build.
    pub attempt: Option<u32>,
    /// The lines that hold it.
    pub hits: Vec<Hit>,
    /// Given as `before`, it asks for further hits; none when every line was
    /// looked at.
    pub next: Option<u64>,
    /// Why not every line was looked at.
    pub stopped: Option<Why>,
    /// Bytes of the log that were read.
    pub searched_bytes: u64,
}

/// A line that holds what was looked for.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Hit {
    /// The line.
    #[serde(flatten)]
    pub line: Line,
    /// Where in its text, in bytes of UTF-8: the first and the one after the
    /// last; 64 at most.
    pub places: Vec<(usize, usize)>,
}

/// Why a search did not come to the first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// As many hits as were asked for.
    Limit,
    /// 256 MiB were read.
    Bytes,
    /// It took 2 seconds.
    Time,
}

/// Looks for something in a log, from its end.
///
/// # Errors
/// When the expression is not valid or too large, or too many search already.
pub async fn search(open: Open, search: Search) -> Result<Hits, Error> {
    let pattern = pattern(&search)?;
    let Ok(permit) = SEARCHES.try_acquire() else {
        return Err(Error::Full(
            "two searches are going on already; try again in a moment".to_owned(),
        ));
    };
    let attempt = open.attempt;
    let before = search.before.unwrap_or(u64::MAX);
    let found = off_thread(move || {
        // Given back when the work ends, not when nobody waits for it.
        let _permit = permit;
        let mut reader = open.reader;
        let budget = Budget {
            hits: search.limit.clamp(1, SEARCH_HITS),
            bytes: SEARCH_BYTES,
            until: Instant::now() + SEARCH_TIME,
        };
        reader.search(before, search.stream, &pattern, budget)
    })
    .await?;
    hits(attempt, found)
}

fn hits(attempt: Option<u32>, found: Found) -> Result<Hits, Error> {
    if found.stopped == Some(Stopped::Time) && found.bytes == 0 {
        return Err(Error::Fields(vec![Field::new(
            Place::Query,
            "/q",
            "this expression takes too long for these lines: make it simpler",
        )]));
    }
    let hit = |hit: crate::logs::Hit| Hit {
        line: hit.line,
        places: hit.places,
    };
    Ok(Hits {
        attempt,
        next: found.stopped.map(|_| found.from),
        stopped: found.stopped.map(|stopped| match stopped {
            Stopped::Hits => Why::Limit,
            Stopped::Bytes => Why::Bytes,
            Stopped::Time => Why::Time,
        }),
        searched_bytes: found.bytes,
        hits: found.hits.into_iter().map(hit).collect(),
    })
}

fn pattern(search: &Search) -> Result<Pattern, Error> {
    let wrong = |message: String| Error::Fields(vec![Field::new(Place::Query, "/q", message)]);
    if search.wanted.is_empty() {
        return Err(wrong("what to look for is empty".to_owned()));
    }
    if search.wanted.len() > WANTED_BYTES {
        return Err(wrong(format!(
            "this is longer than {WANTED_BYTES} bytes: look for less"
        )));
    }
    let made = match search.expression {
        true => Pattern::expression(&search.wanted, search.any_case),
        false => Pattern::text(&search.wanted, search.any_case),
    };
    made.map_err(|error| {
        wrong(match error {
            regex::Error::CompiledTooBig(_) => {
                "this expression takes more memory than one may: repeat less".to_owned()
            }
            // The library draws the place over several lines; the last says why.
            other => {
                let text = other.to_string();
                let why = text.lines().last().unwrap_or_default();
                let why = why.trim_start_matches("error: ");
                format!("not an expression that can be read: {why}")
            }
        })
    })
}
