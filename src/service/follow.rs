//! The output of a run as it comes, attempt after attempt: the one source of
//! every live view.
//!
//! Files are the truth. A follower reads the log by line number at the pace at
//! which it is asked for more, so one that is slow holds up nobody and needs no
//! memory; it is only woken by others. What many followers read at the same
//! time is read once (`Feed`).

mod feed;

pub use feed::{Chunk, Feeds, Form};

use super::work::{self, Work};
use super::{App, Error};
use crate::domain::ids::{AttemptId, RunId, TaskName};
use crate::domain::log::Stream;
use crate::domain::run::{Outcome, Run, RunState};
use crate::logs::Reader;
use crate::threads::off_thread;
use feed::{Feed, Source, Told};
use futures::stream::{self, Stream as Items, StreamExt as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often a run that has begun is looked at for the log of its next attempt,
/// and one that waits, when no commit of ours tells of it.
const LOOK: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// Where to begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct From {
    /// The attempt; none is the first, or with `tail` the newest.
    pub attempt: Option<u32>,
    /// The lines of that attempt up to this one are known.
    pub after: u64,
    /// Only so many of the lines that are there.
    pub tail: Option<u64>,
}

/// What a follower is told.
#[derive(Debug, Clone)]
pub enum Item {
    /// Lines.
    Lines(Arc<Chunk>),
    /// An unfinished line as it stands now: a prompt, a progress bar. It takes
    /// the place of the one before, and lines take its place. Empty when it is
    /// gone. It is not part of the log.
    Partial {
        /// Of which attempt.
        attempt: u32,
        /// Where it comes from.
        stream: Stream,
        /// At most 4 KiB of it.
        text: Arc<str>,
    },
    /// So many steps of a build, of [`crate::logs::BUILD_STEPS`], have begun.
    Step {
        /// For which attempt.
        attempt: u32,
        /// How many.
        step: u64,
    },
    /// Lines that cannot be told.
    Gap(Gap),
    /// The run is over; nothing more comes.
    End(End),
    /// What was built is done; nothing more comes.
    Built(Box<Work>),
}

/// Lines that cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Gap {
    /// Of which attempt.
    pub attempt: u32,
    /// The first of them.
    pub from: u64,
    /// The last of them; none when nobody knows.
    pub to: Option<u64>,
    /// Why.
    pub reason: Cow<'static, str>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct End {
    /// The run.
    pub run: RunId,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The script's exit code, when it had one.
    pub exit_code: Option<i64>,
    /// A sentence about the end, for people.
    pub reason: Option<String>,
}

/// Follows a run from some place in its output to its end.
pub fn follow(
    app: &App,
    run: RunId,
    from: From,
) -> impl Items<Item = Result<Item, Error>> + Send + use<> {
    let follower = Follower {
        app: app.clone(),
        run,
        commits: app.store.commits(),
        from,
        number: None,
        at: None,
        over: false,
    };
    stream::unfold(follower, |mut follower| async {
        let item = follower.next().await;
        if item.is_err() {
            follower.over = true;
        }
        item.transpose().map(|item| (item, follower))
    })
}

/// Follows what is built for a task, or was built last, to its end.
///
/// # Errors
/// When nothing was built since the service started, or its log cannot be read.
pub async fn follow_build(
    app: &App,
    task: &TaskName,
    from: From,
) -> Result<impl Items<Item = Result<Item, Error>> + Send + use<>, Error> {
    let begun = work::show(app, task)?.started_at;
    let source = Source::Build(task.clone(), begun);
    let gone = || Error::NotFound(format!("the log of what was built for {task} was removed"));
    let mut at = At::open_source(app, &source, 1).await?.ok_or_else(gone)?;
    let first = at.skip(from).await?;
    let rest = stream::unfold(Some((app.clone(), task.clone(), at)), async |state| {
        let (app, task, mut at) = state?;
        match at.next().await.transpose() {
            Some(Ok(item)) => Some((Ok(item), Some((app, task, at)))),
            Some(Err(error)) => Some((Err(error), None)),
            None => Some((work::ended(&app, &task).await.map(Item::built), None)),
        }
    });
    Ok(stream::iter(first.map(Ok)).chain(rest))
}

impl Item {
    fn built(work: Work) -> Self {
        Self::Built(Box::new(work))
    }
}

struct Follower {
    app: App,
    run: RunId,
    commits: watch::Receiver<u64>,
    from: From,
    /// The attempt that is read, or the next to be.
    number: Option<u32>,
    at: Option<At>,
    over: bool,
}

/// A place in the log of an attempt.
struct At {
    attempt: u32,
    feed: Arc<Feed>,
    reader: Reader,
    told: watch::Receiver<Told>,
    partial: Option<(Stream, Arc<str>)>,
    step: u64,
    /// It was told that lines at the end are missing.
    missed: bool,
}

impl Follower {
    async fn next(&mut self) -> Result<Option<Item>, Error> {
        loop {
            if self.over {
                return Ok(None);
            }
            let Some(at) = &mut self.at else {
                match self.enter().await? {
                    Some(item) => return Ok(Some(item)),
                    None => continue,
                }
            };
            if let Some(item) = at.next().await? {
                return Ok(Some(item));
            }
            self.number = Some(at.attempt + 1);
            self.at = None;
        }
    }

    /// Goes to the log of the next attempt, or waits for it; what is to be told
    /// of that, if anything.
    async fn enter(&mut self) -> Result<Option<Item>, Error> {
        // Marked as seen before it is looked at.
        self.commits.borrow_and_update();
        let run = self.app.store.run(self.run).await?;
        let newest = self.newest().await?;
        let first = match self.from.tail {
            Some(_) => newest.max(1),
            None => 1,
        };
        let number = self.number.or(self.from.attempt).unwrap_or(first);
        // Asked for, that is: one whose image could not be built was an attempt as
        // long as it lasted, and leaves a log and no row.
        if self.number.is_none() && number > newest + 1 {
            return Err(Error::NotFound(format!(
                "run {} has no attempt {number}; its newest is {newest}",
                run.id.short()
            )));
        }
        if let Some(at) = At::open(&self.app, run.id, number).await? {
            let at = self.at.insert(at);
            self.number = Some(number);
            let from = std::mem::take(&mut self.from);
            return at.skip(from).await;
        }
        if newest > number || (newest == number && run.state == RunState::Finished) {
            self.number = Some(number + 1);
            let from = std::mem::take(&mut self.from).after.saturating_add(1);
            return Ok(Some(Item::Gap(Gap {
                attempt: number,
                from,
                to: None,
                reason: "this log was removed".into(),
            })));
        }
        if run.state == RunState::Finished {
            self.over = true;
            return Ok(Some(Item::End(End::of(run))));
        }
        let wait = match run.state {
            RunState::Queued => LOOK.1,
            _ => LOOK.0,
        };
        tokio::select! {
            Ok(()) = self.commits.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
        Ok(None)
    }

    /// The number of the newest attempt, 0 before the first.
    async fn newest(&self) -> Result<u32, Error> {
        let kept = self.app.store.attempts(self.run).await?;
        let kept = kept.last().map_or(0, |attempt| attempt.id.number);
        let driven = self.app.live.log(self.run);
        let driven = driven.map_or(0, |(attempt, _)| attempt.number);
        Ok(kept.max(driven))
    }
}

impl At {
    /// The beginning of the log of an attempt, if there is one.
    async fn open(app: &App, run: RunId, number: u32) -> Result<Option<Self>, Error> {
        let id = AttemptId { run, number };
        Self::open_source(app, &Source::Attempt(id), number).await
    }

    async fn open_source(app: &App, of: &Source, attempt: u32) -> Result<Option<Self>, Error> {
        let reader = match Reader::open(&of.path(app)) {
            Ok(reader) => reader,
            Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let feed = app.live.feeds.of(app, of, reader).await?;
        Ok(Some(Self {
            attempt,
            reader: feed.begin(),
            told: feed.told(),
            feed,
            partial: None,
            step: 0,
            missed: false,
        }))
    }

    /// Goes to where the follower begins. Viewers only ever see what the file
    /// holds; one that knows more has seen what a crash has undone.
    async fn skip(&mut self, from: From) -> Result<Option<Item>, Error> {
        if from.after == 0 && from.tail.is_none() {
            return Ok(None);
        }
        let mut reader = self.reader.clone();
        let (reader, lines) = off_thread(move || {
            let lines = reader.count()?;
            let tail = from.tail.map_or(0, |tail| lines.saturating_sub(tail));
            reader.seek(from.after.max(tail).saturating_add(1))?;
            Ok::<_, Error>((reader, lines))
        })
        .await?;
        self.reader = reader;
        let undone = from.after > lines;
        Ok(undone.then(|| self.gap(lines + 1, from.after)))
    }

    fn gap(&self, from: u64, to: u64) -> Item {
        Item::Gap(Gap {
            attempt: self.attempt,
            from,
            to: Some(to),
            reason: "these lines were not kept: the disk was full, or the machine failed".into(),
        })
    }

    /// What comes next in this log; none at its end.
    async fn next(&mut self) -> Result<Option<Item>, Error> {
        loop {
            // Marked as seen before the file is read.
            let told = self.told.borrow_and_update().clone();
            let next = self.reader.position();
            if next <= told.lines {
                if let Some(chunk) = self.feed.read(&mut self.reader).await? {
                    // Lines take its place.
                    self.partial = None;
                    return Ok(Some(Item::Lines(chunk)));
                }
                // A disk that was full may yet take them.
                if told.over && !std::mem::replace(&mut self.missed, true) {
                    return Ok(Some(self.gap(next, told.lines)));
                }
            }
            let attempt = self.attempt;
            if told.step != self.step {
                self.step = told.step;
                let step = told.step;
                return Ok(Some(Item::Step { attempt, step }));
            }
            if told.partial != self.partial {
                let before = std::mem::replace(&mut self.partial, told.partial);
                let (stream, text) = self.partial.clone().unwrap_or_else(|| {
                    let stream = before.map_or(Stream::Stdout, |(stream, _)| stream);
                    (stream, Arc::default())
                });
                return Ok(Some(Item::Partial {
                    attempt,
                    stream,
                    text,
                }));
            }
            if told.over || self.told.changed().await.is_err() {
                return Ok(None);
            }
        }
    }
}

impl End {
    fn of(run: Run) -> Self {
        Self {
            run: run.id,
            outcome: run.outcome,
            exit_code: run.exit_code,
            reason: run.reason,
        }
    }
}
