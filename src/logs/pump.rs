//! Takes the output of one attempt as it arrives and writes its log.

use super::lines::Splitter;
use super::{Bounds, LogError, Masker, Writer};
use crate::domain::log::Stream;
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// The steps of a build: base image, resolving, installing, keeping.
pub const BUILD_STEPS: u64 = 4;

/// What a viewer is woken by. The lines themselves are read from the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lines that can be read.
    pub lines: u64,
    /// An unfinished line, such as a prompt or a progress bar.
    pub partial: Option<(Stream, String)>,
    /// How many steps of a build, of [`BUILD_STEPS`], have begun.
    pub build_step: u64,
    /// Nothing more will come.
    pub done: bool,
}

/// The log of an attempt while it is being written: by the build, by the pump,
/// and by the driver's own notes.
#[derive(Debug)]
pub struct SharedLog {
    writer: Mutex<Option<Writer>>,
    progress: watch::Sender<Progress>,
    /// What hides the secrets of its run, in everything it is told.
    masker: Option<Masker>,
}

impl SharedLog {
    /// Opens the log of an attempt, or of a build that has no secrets.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn open(
        path: &Path,
        bounds: Bounds,
        masker: Option<Masker>,
    ) -> Result<Arc<Self>, LogError> {
        let writer = Writer::open(path, bounds)?;
        let (progress, _) = watch::channel(Progress {
            lines: writer.lines(),
            ..Progress::default()
        });
        Ok(Arc::new(Self {
            writer: Mutex::new(Some(writer)),
            progress,
            masker,
        }))
    }

    /// A view of how far the log has come.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Adds a line about the run, whatever the bounds of the log, and shows it
    /// at once.
    pub fn note(&self, text: &str) {
        self.add(text, |writer, line| writer.note(Utc::now(), line));
    }

    /// Adds what a build says and shows it at once.
    pub fn say(&self, text: &str) {
        self.add(text, |writer, line| {
            writer.append(Utc::now(), Stream::Build, line);
        });
    }

    fn add(&self, text: &str, add: impl Fn(&mut Writer, &str)) {
        let text = self.masked(text);
        let mut lines = 0;
        if let Some(writer) = self.writer().as_mut() {
            text.lines().for_each(|line| add(writer, line));
            writer.flush();
            lines = writer.lines();
        }
        self.progress.send_modify(|p| p.lines = p.lines.max(lines));
    }

    /// A text without the secrets of the run.
    #[must_use]
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match &self.masker {
            Some(masker) => Cow::Owned(masker.mask(text)),
            None => Cow::Borrowed(text),
        }
    }

    /// Says that a step of a build begins.
    pub fn build_step(&self, step: u64, text: &str) {
        self.progress.send_modify(|p| p.build_step = step);
        self.say(text);
    }

    /// Ends the log and tells whoever watches.
    pub fn finish(&self) {
        let lines = self.writer().take().map(Writer::finish);
        self.progress.send_modify(|p| {
            p.lines = lines.unwrap_or(p.lines);
            p.partial = None;
            p.done = true;
        });
    }

    fn writer(&self) -> MutexGuard<'_, Option<Writer>> {
        self.writer
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The line by which the gate says that user code begins now. It is the only
/// output ever understood as anything but text, and only until it was seen.
#[derive(Debug, Clone)]
pub struct ReadyLine(String);

impl ReadyLine {
    /// The line that carries this nonce.
    #[must_use]
    pub fn new(nonce: &str) -> Self {
        Self(format!("\0runbay-ready {nonce}"))
    }

    /// Whether what a container wrote to standard error so far has this line.
    #[must_use]
    pub fn is_in(&self, stderr: &[u8]) -> bool {
        stderr
            .split_inclusive(|b| *b == b'\n')
            .any(|line| line.strip_suffix(b"\n") == Some(self.0.as_bytes()))
    }
}

/// Where to go on with output that is read again from the engine's own log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resume {
    /// Lines of standard output that the log already has.
    pub stdout: u64,
    /// Lines of standard error that it has.
    pub stderr: u64,
    /// When the first of them came, and the last.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// User code is known to have begun.
    pub begun: bool,
    /// Nothing of what comes is to be kept.
    pub nothing: bool,
}

/// What passed through a pump.
#[derive(Debug, Default)]
pub struct Counts {
    /// Bytes the script wrote, kept or not.
    pub bytes: u64,
    /// When its first line arrived.
    pub first_line: Option<DateTime<Utc>>,
}

/// A moment, for people, as exactly as lines of a log are told apart.
fn clock(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%H:%M:%S%.3f UTC")
}

/// One stream on its way.
#[derive(Debug, Default)]
struct Channel {
    held: Vec<u8>,
    splitter: Splitter,
    /// Lines that the log already has, from before a restart.
    skip: u64,
    /// Whole lines taken, also those passed over.
    taken: u64,
}

/// Drains both streams of one attempt into its log.
#[derive(Debug)]
pub struct Pump {
    log: Arc<SharedLog>,
    ready: Option<ReadyLine>,
    out: Channel,
    err: Channel,
    counts: Counts,
    /// Where to go on, until the first piece tells what the engine still has.
    resume: Option<Resume>,
    /// The engine has lost the beginning: what is as old as this, the log has.
    known_until: Option<DateTime<Utc>>,
    /// When lines of the script came: the first, and the last.
    span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    begun: bool,
    nothing: bool,
}

impl Pump {
    /// A pump into `log`. Until the gate's line was seen, standard error is
    /// searched for it.
    #[must_use]
    pub fn new(log: Arc<SharedLog>, ready: ReadyLine) -> Self {
        Self {
            log,
            ready: Some(ready),
            out: Channel::default(),
            err: Channel::default(),
            counts: Counts::default(),
            resume: None,
            known_until: None,
            span: None,
            begun: false,
            nothing: false,
        }
    }

    /// Passes over lines that an earlier pump already wrote, when the output is
    /// being read again, from its beginning or from what the engine still has.
    #[must_use]
    pub fn resuming(mut self, from: Option<Resume>) -> Self {
        if let Some(from) = &from {
            (self.begun, self.nothing, self.span) = (from.begun, from.nothing, from.span);
            self.counts.first_line = from.span.map(|(first, _)| first);
        }
        self.resume = from;
        self
    }

    /// Whether the gate has let user code begin.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.ready.is_none() || self.begun
    }

    /// Takes bytes of one stream. Never fails: the script is not stopped for a
    /// disk that refuses.
    pub fn push(&mut self, stream: Stream, bytes: &[u8], at: DateTime<Utc>) {
        self.counts.bytes += bytes.len() as u64;
        if let Some(resume) = self.resume.take() {
            self.go_on(&resume, (stream, bytes), at);
        }
        let known = |until: DateTime<Utc>| at.timestamp_micros() <= until.timestamp_micros();
        if self.known_until.is_some_and(known) {
            return;
        }
        let channel = match stream {
            Stream::Stderr => &mut self.err,
            _ => &mut self.out,
        };
        let masked;
        let bytes = match &self.log.masker {
            Some(masker) => {
                masked = masker.push(&mut channel.held, bytes);
                &masked
            }
            None => bytes,
        };
        let mut lines = Vec::new();
        channel.splitter.push(bytes, |line| lines.push(line));
        self.append(stream, lines, at);
    }

    /// Finds out by the first piece whether the engine still has all of the
    /// output. The first that a container says is the gate's line; and what is no
    /// younger than the first line of the log is the beginning, too. Otherwise
    /// counting lines leads nowhere, and their times have to do: nothing is
    /// told twice, and what may be missing is said.
    fn go_on(&mut self, from: &Resume, (stream, bytes): (Stream, &[u8]), at: DateTime<Utc>) {
        let gate = self.ready.as_ref();
        let gate = gate.is_some_and(|ready| bytes.starts_with(ready.0.as_bytes()));
        let whole = match from.span {
            _ if gate && stream == Stream::Stderr => true,
            Some((first, _)) => at.timestamp_micros() <= first.timestamp_micros(),
            None => stream != Stream::Stderr || !from.begun,
        };
        if whole {
            (self.out.skip, self.err.skip) = (from.stdout, from.stderr);
            return;
        }
        // Only user code says anything else.
        self.ready = None;
        if from.nothing {
            return;
        }
        let since = match from.span {
            Some((_, last)) => format!("after {}", clock(last)),
            None => "at first".to_owned(),
        };
        self.log.note(&format!(
            "lines may be missing here: the engine keeps only the newest output of a container, \
             and has none from before {}; what the script printed {since} and before that is lost",
            clock(at)
        ));
        self.known_until = from.span.map(|(_, last)| last);
    }

    /// The connection broke and the output will be read again: where to go on.
    #[must_use]
    pub fn abandon(self) -> Resume {
        Resume {
            begun: self.ready(),
            stdout: self.out.taken,
            stderr: self.err.taken,
            span: self.span,
            nothing: self.nothing,
        }
    }

    fn append(&mut self, stream: Stream, mut lines: Vec<String>, at: DateTime<Utc>) {
        if let Some(ready) = &self.ready
            && stream == Stream::Stderr
            && let Some(found) = lines.iter().position(|line| *line == ready.0)
        {
            lines.remove(found);
            self.counts.bytes -= ready.0.len() as u64 + 1;
            self.ready = None;
        }
        let channel = match stream {
            Stream::Stderr => &mut self.err,
            _ => &mut self.out,
        };
        channel.taken += lines.len() as u64;
        let passed = usize::try_from(channel.skip)
            .unwrap_or(usize::MAX)
            .min(lines.len());
        channel.skip -= passed as u64;
        if lines.len() == passed || self.nothing {
            return;
        }
        self.counts.first_line.get_or_insert(at);
        self.span = Some((self.span.map_or(at, |(first, _)| first), at));
        let mut guard = self.log.writer();
        let Some(writer) = guard.as_mut() else { return };
        for line in &lines[passed..] {
            writer.append(at, stream, line);
        }
    }

    /// Makes what was taken visible; called whenever nothing more is waiting.
    pub fn settle(&mut self) {
        let partial = [(Stream::Stdout, &self.out), (Stream::Stderr, &self.err)]
            .into_iter()
            .filter(|(stream, _)| *stream == Stream::Stdout || self.ready.is_none())
            .filter(|_| !self.nothing)
            .find_map(|(stream, channel)| Some((stream, channel.splitter.partial()?)));
        let lines = {
            let mut guard = self.log.writer();
            let Some(writer) = guard.as_mut() else { return };
            writer.flush();
            writer.lines()
        };
        self.log.progress.send_if_modified(|p| {
            let changed = p.lines != lines || p.partial != partial;
            p.lines = lines;
            p.partial = partial;
            changed
        });
    }

    /// The streams are over: unfinished lines become lines.
    #[must_use]
    pub fn finish(mut self) -> Counts {
        let at = Utc::now();
        for stream in [Stream::Stdout, Stream::Stderr] {
            let channel = match stream {
                Stream::Stderr => &mut self.err,
                _ => &mut self.out,
            };
            let mut lines = Vec::new();
            if let Some(masker) = &self.log.masker {
                let rest = masker.finish(&mut channel.held);
                channel.splitter.push(&rest, |line| lines.push(line));
            }
            lines.extend(channel.splitter.finish());
            self.append(stream, lines, at);
        }
        self.settle();
        self.counts
    }
}
