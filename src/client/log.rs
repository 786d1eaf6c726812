//! Reading a log from one end to the other, in pages.

use super::{Call, Client, Error, From};
use crate::domain::ids::{RunId, TaskName};
use crate::domain::log::Line;
use serde::Deserialize;

/// The most lines of a page.
const LINES: u64 = 5_000;

/// What we need of a page.
#[derive(Debug, Deserialize)]
struct Page {
    attempt: Option<u32>,
    total: u64,
    last: Option<u64>,
    more_after: bool,
    lines: Vec<Line>,
}

/// A log as it is now: of an attempt, or of the last build of a task.
#[derive(Debug)]
pub struct Log {
    client: Client,
    /// What follows `/api/v1`.
    path: Vec<String>,
    attempt: Option<u32>,
    /// The lines up to this one were read, or are not wanted; none before it is
    /// known.
    after: Option<u64>,
    tail: Option<u64>,
    more: bool,
}

impl Client {
    /// Reads a log: of an attempt, or of the newest; all of it, or only its
    /// last lines.
    #[must_use]
    pub fn log(&self, run: RunId, from: From) -> Log {
        Log {
            client: self.clone(),
            path: ["runs", &run.to_string(), "log"].map(str::to_owned).into(),
            attempt: from.attempt,
            after: None,
            tail: from.tail,
            more: true,
        }
    }
}

impl Log {
    pub(super) fn of_work(client: Client, task: &TaskName) -> Self {
        let path = ["tasks", task.as_str(), "build", "log"];
        Self {
            client,
            path: path.map(str::to_owned).into(),
            attempt: None,
            after: Some(0),
            tail: None,
            more: true,
        }
    }

    /// Whether there were more lines than the last page held.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.more
    }

    /// The next lines; none when there are no more now.
    ///
    /// # Errors
    /// When there is no such log, or the service does not answer.
    pub async fn next(&mut self) -> Result<Vec<Line>, Error> {
        let after = match (self.after, self.tail) {
            (Some(after), _) => after,
            (None, None) => 0,
            (None, Some(tail)) => {
                // Only to learn how long it is.
                let page = self.page(u64::MAX, 1).await?;
                page.total.saturating_sub(tail)
            }
        };
        let page = self.page(after, LINES).await?;
        // The newest now may not be the newest at the next page.
        self.attempt = self.attempt.or(page.attempt);
        self.more = page.more_after && page.last.is_some();
        self.after = Some(page.last.unwrap_or(after));
        Ok(page.lines)
    }

    async fn page(&self, after: u64, limit: u64) -> Result<Page, Error> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let call = Call::get(&path)
            .with("attempt", self.attempt)
            .with("after", Some(after))
            .with("limit", Some(limit));
        self.client.ask(call).await
    }
}
