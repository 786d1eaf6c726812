//! A container that builds: fed on stdin, watched, and always removed.

use super::{BuildContext, ImageError};
use crate::domain::ids::ContainerId;
use crate::domain::size::Span;
use crate::engine::{Attached, ContainerSpec, Engine, StdStream};
use futures::StreamExt;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep_until};

/// A build that says nothing for this long hangs.
const SILENCE: Duration = Duration::from_secs(120);

/// One build step.
pub(super) struct Step {
    /// The container's name; unique, so that nobody runs the same twice.
    pub(super) name: String,
    pub(super) spec: ContainerSpec,
    /// A tar unpacked at `/` before it starts.
    pub(super) files: Option<Vec<u8>>,
    pub(super) stdin: Vec<u8>,
    pub(super) timeout: Duration,
    /// Whether standard output is the result, and what goes to standard error
    /// is told by the caller.
    pub(super) quiet: bool,
}

/// How a step ended. The container is still there, to be committed.
pub(super) struct Done {
    pub(super) container: ContainerId,
    pub(super) exit_code: i64,
    pub(super) stdout: Vec<u8>,
    /// The end of what it said, for messages.
    pub(super) said: String,
}

/// The most output of one step that is kept in memory.
const MAX_KEPT: usize = 4 << 20;

/// Runs a step to its end. On any error its container is removed before this
/// returns; after success the caller removes it.
pub(super) async fn run(
    engine: &Engine,
    step: Step,
    build: &BuildContext,
) -> Result<Done, ImageError> {
    if build.cancel.is_cancelled() {
        return Err(ImageError::Cancelled);
    }
    let container = create(engine, &step.name, &step.spec).await?;
    let result = drive(engine, &container, step, build).await;
    if result.is_err() {
        discard(engine, &container).await;
    }
    result
}

/// Creates a build container. Its name belongs to whoever holds the lock of its
/// key, so one that has it already was left behind by a builder that died.
pub(super) async fn create(
    engine: &Engine,
    name: &str,
    spec: &ContainerSpec,
) -> Result<ContainerId, ImageError> {
    Ok(engine.create_anew(name, spec, |_| true).await?)
}

/// Removes a build container; one that stays behind is the reaper's.
pub(super) async fn discard(engine: &Engine, container: &ContainerId) {
    if let Err(error) = engine.remove(container).await {
        tracing::warn!(%container, %error, "a build container stays behind");
    }
}

async fn drive(
    engine: &Engine,
    container: &ContainerId,
    step: Step,
    build: &BuildContext,
) -> Result<Done, ImageError> {
    if let Some(files) = step.files {
        engine.write_tar(container, "/", files.into()).await?;
    }
    let Attached {
        mut stdin,
        mut output,
    } = engine.attach(container).await?;
    let exit = engine.exited(container);
    engine.start(container).await?;
    // A build that ends before it has read everything closes its end: the exit
    // code tells what happened, not the broken pipe.
    let feed = async {
        drop(stdin.write_all(&step.stdin).await);
        drop(stdin.shutdown().await);
    };
    let deadline = Instant::now() + step.timeout;
    let mut heard = Output::new(step.quiet);
    let read = async {
        let mut last = Instant::now();
        loop {
            tokio::select! {
                frame = output.next() => {
                    let Some(frame) = frame else { return Ok(()) };
                    let frame = frame?;
                    last = Instant::now();
                    heard.take(frame.stream, &frame.bytes, build);
                }
                () = sleep_until(deadline) => return Err(ImageError::TimedOut(format!(
                    "the build took longer than {}; raise [build] timeout in runbay.toml", Span(step.timeout)))),
                () = sleep_until(last + SILENCE) => return Err(ImageError::TimedOut(format!(
                    "the build said nothing for {} and was stopped", Span(SILENCE)))),
                () = build.cancel.cancelled() => return Err(ImageError::Cancelled),
            }
        }
    };
    let ((), read) = tokio::join!(feed, read);
    read?;
    let exit_code = exit.await?;
    heard.finish(build);
    Ok(Done {
        container: container.clone(),
        exit_code,
        stdout: heard.stdout,
        said: heard.said,
    })
}

/// Collects what a step says, line by line.
struct Output {
    quiet: bool,
    stdout: Vec<u8>,
    line: Vec<u8>,
    said: String,
}

impl Output {
    fn new(quiet: bool) -> Self {
        Self {
            quiet,
            stdout: Vec::new(),
            line: Vec::new(),
            said: String::new(),
        }
    }

    fn take(&mut self, stream: StdStream, bytes: &[u8], build: &BuildContext) {
        if self.quiet && stream == StdStream::Out {
            let room = MAX_KEPT.saturating_sub(self.stdout.len());
            self.stdout
                .extend_from_slice(&bytes[..bytes.len().min(room)]);
            return;
        }
        for part in bytes.split_inclusive(|b| *b == b'\n' || *b == b'\r') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() > crate::logs::MAX_LINE_BYTES {
                self.finish(build);
            }
        }
    }

    fn finish(&mut self, build: &BuildContext) {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            return;
        }
        if !self.quiet {
            build.say(line);
        }
        if self.said.len() + line.len() > MAX_KEPT {
            self.said.clear();
        }
        self.said.push_str(line);
        self.said.push('\n');
    }
}
