//! Output, input, waiting, and commands in a running container.

use super::connect::Engine;
use super::container::Status;
use super::error::EngineError;
use crate::domain::ids::ContainerId;
use bollard::container::LogOutput;
use bollard::errors::Error as Bollard;
use bollard::exec::{CreateExecOptions, StartExecResults};
use bollard::query_parameters::{
    AttachContainerOptionsBuilder, LogsOptionsBuilder, WaitContainerOptionsBuilder,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream::{self, Stream, StreamExt};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::AsyncWrite;
use tokio::time::timeout;

/// How long a container may go on after its output has ended before the end is
/// taken for a broken connection. Tearing down a bridge takes some 55 ms, more
/// when many containers end at once.
const END_OF_OUTPUT: Duration = Duration::from_secs(5);

/// How long to wait for an exit before looking again whether it was missed.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What is kept of a command's output, bytes.
const EXEC_OUTPUT: usize = 64 * 1024;

/// One of the two outputs of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StdStream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A piece of output as the engine cut it: not a line, and not even whole
/// characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Which output.
    pub stream: StdStream,
    /// What was written.
    pub bytes: Bytes,
    /// When, by the engine's clock; known only of what its log tells again.
    pub at: Option<DateTime<Utc>>,
}

/// Output in order. It ends where the container's output ended; if the
/// connection broke instead, its last item is [`EngineError::Unavailable`].
pub type FrameStream = Pin<Box<dyn Stream<Item = Result<Frame, EngineError>> + Send>>;

/// The two ends of a container's standard streams.
pub struct Attached {
    /// Its input. `shutdown` gives it the end of its input.
    pub stdin: Pin<Box<dyn AsyncWrite + Send>>,
    /// Its output. It must be read until its end: a full pipe stops the script.
    pub output: FrameStream,
}

impl Engine {
    /// Connects to a container's input and output. Call it **before**
    /// [`start`](Self::start): then nothing is lost; afterwards nearly always
    /// something is.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn attach(&self, id: &ContainerId) -> Result<Attached, EngineError> {
        let options = AttachContainerOptionsBuilder::new()
            .stream(true)
            .stdin(true)
            .stdout(true)
            .stderr(true)
            .build();
        let attached = self
            .docker
            .attach_container(&id.0, Some(options))
            .await
            .map_err(|error| self.failed(format!("attaching to container {id}"), error))?;
        Ok(Attached {
            stdin: attached.input,
            output: self.frames(id, attached.output, true),
        })
    }

    /// What a container printed, from the engine's own log and from the
    /// beginning; with `follow` also what it is going to print. For recovery:
    /// partial lines come late here, bytes that are no UTF-8 come as U+FFFD, and
    /// of more than `log_bytes` the oldest may be lost. A container that does
    /// not exist is [`EngineError::NotFound`] as the first item.
    #[must_use]
    pub fn logs(&self, id: &ContainerId, follow: bool) -> FrameStream {
        let options = LogsOptionsBuilder::new()
            .follow(follow)
            .stdout(true)
            .stderr(true)
            .timestamps(true)
            .build();
        let raw = self.docker.logs(&id.0, Some(options));
        // This answer is chunked: HTTP itself tells a broken one from a whole.
        self.frames(id, Box::pin(raw), false)
    }

    /// The exit code of a container, as soon as it has one. May be polled
    /// before the start, while it runs, or long after: a container that was
    /// never started is waited for, not reported as exited with 0 as the
    /// engine does. If [`start`](Self::start) fails this waits on; drop it.
    ///
    /// The future owns all it needs, so it can be spawned.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if the container is gone;
    /// [`EngineError::Unavailable`] if the connection broke, which says nothing
    /// about the container.
    pub fn exited(
        &self,
        id: &ContainerId,
    ) -> impl Future<Output = Result<i64, EngineError>> + Send + 'static {
        let (engine, id) = (self.clone(), id.clone());
        async move {
            loop {
                let code = engine.wait(&id, "not-running").await?;
                match engine.inspect(&id).await? {
                    None => return Ok(code),
                    // `next-exit` never answers for an exit that lies before
                    // it, and the container may have run since we looked.
                    Some(now) if now.status == Status::Created => {
                        let exit = engine.wait(&id, "next-exit");
                        if let Ok(code) = timeout(LOOK_AGAIN, exit).await {
                            return code;
                        }
                    }
                    Some(now) if now.status.is_over() => return Ok(now.exit_code),
                    // Started since the first answer, which then was the 0 of
                    // a container that had not run.
                    Some(_) => {}
                }
            }
        }
    }

    /// [`exited`](Self::exited) for a container that is known to have been
    /// started: one request instead of two.
    ///
    /// # Errors
    /// As [`exited`](Self::exited).
    pub fn ended(
        &self,
        id: &ContainerId,
    ) -> impl Future<Output = Result<i64, EngineError>> + Send + 'static {
        let (engine, id) = (self.clone(), id.clone());
        async move { engine.wait(&id, "not-running").await }
    }

    /// Runs a command in a running container and returns its exit code and its
    /// output, both streams together, of which at most 64 KiB are kept.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] if the container does not run, or those of any
    /// request.
    pub async fn exec(
        &self,
        id: &ContainerId,
        argv: &[&str],
        user: &str,
    ) -> Result<(i64, Vec<u8>), EngineError> {
        let doing = || format!("running {} in container {id}", argv.join(" "));
        let sort = |error| self.failed(doing(), error);
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(argv.to_vec()),
            user: Some(user),
            ..CreateExecOptions::default()
        };
        let exec = self.docker.create_exec(&id.0, options).await;
        let exec = exec.map_err(sort)?;
        let started = self.docker.start_exec(&exec.id, None).await;
        let StartExecResults::Attached { mut output, .. } = started.map_err(sort)? else {
            return Err(EngineError::incomplete(doing(), "the command's output"));
        };
        let mut kept = Vec::new();
        while let Some(piece) = output.next().await {
            let piece = piece.map_err(sort)?.into_bytes();
            let room = EXEC_OUTPUT - kept.len();
            kept.extend_from_slice(&piece[..piece.len().min(room)]);
        }
        let code = self.exec_code(&exec.id, &doing).await?;
        Ok((code, kept))
    }

    /// The exit code of a command whose output has ended. The engine learns of
    /// the exit a moment after the end of the output.
    async fn exec_code(
        &self,
        exec: &str,
        doing: &(dyn Fn() -> String + Sync),
    ) -> Result<i64, EngineError> {
        for _ in 0..100 {
            let state = self.docker.inspect_exec(exec).await;
            let state = state.map_err(|error| self.failed(doing(), error))?;
            if let (Some(false), Some(code)) = (state.running, state.exit_code) {
                return Ok(code);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(self.lost(doing(), "its output ended but it did not"))
    }

    async fn wait(&self, id: &ContainerId, condition: &str) -> Result<i64, EngineError> {
        let doing = || format!("waiting for container {id}");
        let options = WaitContainerOptionsBuilder::new().condition(condition);
        let mut answers = self.docker.wait_container(&id.0, Some(options.build()));
        match answers.next().await {
            Some(Ok(answer)) => Ok(answer.status_code),
            // The client library takes every code but 0 for an error.
            Some(Err(Bollard::DockerContainerWaitError { code, .. })) => Ok(code),
            Some(Err(error)) => Err(self.failed(doing(), error)),
            // An engine that goes down ends its answer without having given it.
            None => Err(self.lost(doing(), "the engine ended its answer. Is it restarting?")),
        }
    }

    /// Our frames from the client library's. `hijacked` output has no end mark
    /// of its own, so its end is checked against the container.
    fn frames(&self, id: &ContainerId, raw: RawStream, hijacked: bool) -> FrameStream {
        let reader = Reader {
            engine: self.clone(),
            id: id.clone(),
            raw,
            hijacked,
        };
        Box::pin(stream::unfold(Some(reader), |reader| async {
            let mut reader = reader?;
            match reader.next().await {
                Ok(Some(frame)) => Some((Ok(frame), Some(reader))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        }))
    }
}

type RawStream = Pin<Box<dyn Stream<Item = Result<LogOutput, Bollard>> + Send>>;

struct Reader {
    engine: Engine,
    id: ContainerId,
    raw: RawStream,
    hijacked: bool,
}

impl Reader {
    fn doing(&self) -> String {
        format!("reading the output of container {}", self.id)
    }

    async fn next(&mut self) -> Result<Option<Frame>, EngineError> {
        let stamped = !self.hijacked;
        let frame = |stream, bytes| {
            let (at, bytes) = match stamped {
                true => stamp(bytes),
                false => (None, bytes),
            };
            Ok(Some(Frame { stream, bytes, at }))
        };
        match self.raw.next().await {
            Some(Ok(LogOutput::StdOut { message })) => frame(StdStream::Out, message),
            Some(Ok(LogOutput::StdErr { message })) => frame(StdStream::Err, message),
            // Ours have no terminal, so this is a frame that was cut short.
            Some(Ok(LogOutput::Console { .. } | LogOutput::StdIn { .. })) => Err(self
                .engine
                .lost(self.doing(), "the connection broke in the middle")),
            Some(Err(error)) => Err(self.engine.failed(self.doing(), error)),
            None if self.hijacked => {
                let (engine, id, doing) = (&self.engine, &self.id, self.doing());
                check_end(engine, id, doing).await.map(|()| None)
            }
            None => Ok(None),
        }
    }
}

/// The time that the engine's log puts before each piece, and the piece.
fn stamp(mut bytes: Bytes) -> (Option<DateTime<Utc>>, Bytes) {
    let end = memchr::memchr(b' ', &bytes);
    let time = end.and_then(|end| std::str::from_utf8(&bytes[..end]).ok());
    let at = time.and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    if let (Some(end), Some(_)) = (end, at) {
        drop(bytes.split_to(end + 1));
    }
    (at.map(|at| at.to_utc()), bytes)
}

/// A broken connection looks like the end of the output. Once the output has
/// really ended, so has the container, but for a script that closes its outputs
/// and goes on: the error is then the honest answer, and reading
/// [`Engine::logs`] instead the remedy for both.
async fn check_end(engine: &Engine, id: &ContainerId, doing: String) -> Result<(), EngineError> {
    match timeout(END_OF_OUTPUT, engine.wait(id, "not-running")).await {
        Ok(Ok(_) | Err(EngineError::NotFound { .. })) => Ok(()),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(engine.lost(
            doing,
            "the output ended but the container runs on; the connection must have broken",
        )),
    }
}
