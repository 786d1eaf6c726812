//! What the followers of one log share: the open file, the news of it, and the
//! lines that were read last.

use super::super::{App, Error};
use super::super::{builds, work};
use crate::domain::ids::{AttemptId, TaskName};
use crate::domain::log::{Line, Stream};
use crate::domain::run::RunState;
use crate::logs::{LogError, Progress, Reader, SharedLog, path_of};
use crate::threads::off_thread;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::watch;

/// About how many bytes of lines are handed on at once. Small, because what a
/// connection has taken and not sent is counted in these.
const CHUNK_BYTES: usize = 8 * 1024;
/// The most lines at once.
const CHUNK_LINES: usize = 256;
/// How many chunks are kept for those who read a little later.
const KEPT: usize = 64;
/// The most bytes of an unfinished line that are shown.
const PARTIAL_BYTES: usize = 4 * 1024;
/// After news at once, further news waits this long, so that a script that
/// prints without pause does not wake all followers for each line.
const PAUSE: Duration = Duration::from_millis(20);
/// How often a log that another process writes is looked at, and its rows.
const LOOK: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// The forms in which lines are handed out.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// Server-sent events.
    EventStream,
    /// A JSON array.
    Json,
}

/// Some lines of an attempt, one after the other. All who follow share them.
#[derive(Debug)]
pub struct Chunk {
    /// The attempt.
    pub attempt: u32,
    /// The lines; never none.
    pub lines: Vec<Line>,
    /// Where the next lines are.
    end: Reader,
    forms: [OnceLock<Bytes>; 2],
}

impl Chunk {
    /// The lines in some form, made by `make` when it is first asked for.
    pub fn form(&self, form: Form, make: impl FnOnce(&Self) -> Bytes) -> Bytes {
        let place = &self.forms[form as usize];
        place.get_or_init(|| make(self)).clone()
    }
}

/// The news of a log.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Told {
    /// Lines that can be read.
    pub(super) lines: u64,
    pub(super) partial: Option<(Stream, Arc<str>)>,
    pub(super) step: u64,
    /// Nothing more will come.
    pub(super) over: bool,
}

impl From<&Progress> for Told {
    fn from(progress: &Progress) -> Self {
        let partial = progress.partial.as_ref().map(|(stream, text)| {
            let end = text.floor_char_boundary(PARTIAL_BYTES);
            (*stream, text[..end].into())
        });
        Self {
            lines: progress.lines,
            partial,
            step: progress.build_step,
            over: progress.done,
        }
    }
}

/// Whose log is followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// That of an attempt.
    Attempt(AttemptId),
    /// That of what was built for a task, begun then.
    Build(TaskName, DateTime<Utc>),
}

impl Source {
    /// The number that is told with its lines.
    fn attempt(&self) -> u32 {
        match self {
            Self::Attempt(id) => id.number,
            Self::Build(..) => 1,
        }
    }

    pub(super) fn path(&self, app: &App) -> PathBuf {
        match self {
            Self::Attempt(id) => path_of(&app.config.data_dir, *id),
            Self::Build(task, _) => builds::log_path(app, task),
        }
    }

    /// The log, while this process writes it.
    fn log(&self, app: &App) -> Option<Arc<SharedLog>> {
        match self {
            Self::Attempt(wanted) => {
                let (id, log) = app.live.log(wanted.run)?;
                (id == *wanted).then_some(log)
            }
            Self::Build(task, begun) => {
                let work = work::show(app, task).ok()?;
                let log = app.works.log(task)?;
                (work.started_at == *begun).then_some(log)
            }
        }
    }

    /// Whether nothing more will come.
    async fn over(&self, app: &App) -> Result<bool, Error> {
        let id = match self {
            Self::Attempt(id) => *id,
            // Only this process builds for it, and has its log until the end.
            Self::Build(..) => return Ok(self.log(app).is_none()),
        };
        if app.store.run(id.run).await?.state == RunState::Finished {
            return Ok(true);
        }
        let attempts = app.store.attempts(id.run).await?;
        let ended = |other: AttemptId, over: bool| other == id && over;
        Ok(attempts
            .iter()
            .any(|a| a.id.number > id.number || ended(a.id, a.outcome.is_some())))
    }
}

/// The logs that are followed.
#[derive(Debug, Default)]
pub struct Feeds(Mutex<HashMap<Source, Weak<Feed>>>);

/// One log that is followed.
#[derive(Debug)]
pub(super) struct Feed {
    begin: Reader,
    attempt: u32,
    told: watch::Receiver<Told>,
    recent: tokio::sync::Mutex<VecDeque<Arc<Chunk>>>,
}

impl Feeds {
    /// The feed of a log, which `reader` has open.
    pub(super) async fn of(
        &self,
        app: &App,
        source: &Source,
        reader: Reader,
    ) -> Result<Arc<Feed>, Error> {
        if let Some(feed) = self.find(source) {
            return Ok(feed);
        }
        let herald = Herald {
            app: app.clone(),
            source: source.clone(),
            path: source.path(app),
        };
        let first = herald.look(&reader).await?;
        let (tell, told) = watch::channel(first);
        let feed = Arc::new(Feed {
            begin: reader.clone(),
            attempt: source.attempt(),
            told,
            recent: tokio::sync::Mutex::default(),
        });
        let mut feeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have been quicker.
        if let Some(other) = feeds.get(source).and_then(Weak::upgrade) {
            return Ok(other);
        }
        feeds.retain(|_, feed| feed.strong_count() > 0);
        feeds.insert(source.clone(), Arc::downgrade(&feed));
        tokio::spawn(herald.run(reader, tell));
        Ok(feed)
    }

    fn find(&self, source: &Source) -> Option<Arc<Feed>> {
        let feeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.get(source).and_then(Weak::upgrade)
    }
}

impl Feed {
    /// The beginning of the log.
    pub(super) fn begin(&self) -> Reader {
        self.begin.clone()
    }

    /// The news of it.
    pub(super) fn told(&self) -> watch::Receiver<Told> {
        self.told.clone()
    }

    /// The lines at a place, and moves past them; none when there are none.
    pub(super) async fn read(&self, at: &mut Reader) -> Result<Option<Arc<Chunk>>, Error> {
        // Held while the file is read: who comes meanwhile wants the same lines.
        let mut recent = self.recent.lock().await;
        let first = at.position();
        let found = recent.iter().rev().find(|c| c.lines[0].number == first);
        if let Some(chunk) = found {
            *at = chunk.end.clone();
            return Ok(Some(chunk.clone()));
        }
        let mut end = at.clone();
        let (end, lines) = off_thread(move || {
            let lines = end.page(CHUNK_LINES, CHUNK_BYTES)?;
            Ok::<_, LogError>((end, lines))
        })
        .await?;
        if lines.is_empty() {
            return Ok(None);
        }
        *at = end.clone();
        let chunk = Arc::new(Chunk {
            attempt: self.attempt,
            lines,
            end,
            forms: Default::default(),
        });
        if recent.len() == KEPT {
            recent.pop_front();
        }
        recent.push_back(chunk.clone());
        Ok(Some(chunk))
    }
}

/// Who tells the followers of one log what is new, as long as there are any.
struct Herald {
    app: App,
    source: Source,
    path: PathBuf,
}

impl Herald {
    async fn run(self, reader: Reader, tell: watch::Sender<Told>) {
        let mut size = None;
        let mut looked = tokio::time::Instant::now();
        while !tell.borrow().over {
            if let Some(log) = self.source.log(&self.app) {
                self.hand_on(&log, &tell).await;
                continue;
            }
            let now = tokio::fs::metadata(&self.path).await;
            let now = now.ok().map(|found| found.len());
            if now != size || looked.elapsed() >= LOOK.1 {
                size = now;
                looked = tokio::time::Instant::now();
                match self.look(&reader).await {
                    Ok(told) => drop(tell.send_replace(told)),
                    Err(error) => {
                        let error = crate::domain::report(&error);
                        tracing::warn!(of = ?self.source, error, "a log cannot be followed");
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK.0) => {}
                () = tell.closed() => return,
            }
        }
    }

    /// Hands on what the writer tells, until it is done or gone.
    async fn hand_on(&self, log: &Arc<SharedLog>, tell: &watch::Sender<Told>) {
        let mut progress = log.subscribe();
        loop {
            let now = Told::from(&*progress.borrow_and_update());
            let over = now.over;
            tell.send_if_modified(|told| {
                let news = *told != now;
                *told = now;
                news
            });
            if over {
                return;
            }
            tokio::select! {
                changed = progress.changed() => if changed.is_err() {
                    return;
                },
                // Its driver may leave it as it is: somebody else goes on.
                () = self.left(log) => return,
                () = tell.closed() => return,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Resolves when this process does not write the log any more.
    async fn left(&self, log: &Arc<SharedLog>) {
        let now = || self.source.log(&self.app);
        while now().is_some_and(|now| Arc::ptr_eq(&now, log)) {
            tokio::time::sleep(LOOK.1).await;
        }
    }

    /// Looks at the rows first, then at the file: when the attempt is over, the
    /// file is whole.
    async fn look(&self, reader: &Reader) -> Result<Told, Error> {
        let over = self.source.over(&self.app).await?;
        let reader = reader.clone();
        let lines = off_thread(move || reader.count()).await?;
        Ok(Told {
            lines,
            over,
            ..Told::default()
        })
    }
}
