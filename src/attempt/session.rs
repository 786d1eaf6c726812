//! A running container: drain its output, watch its limits, judge its end.

use super::judge::judge;
use super::start::Started;
use super::watch::Watch;
use super::{DriveError, Driver, Job, millis};
use crate::domain::ids::ContainerId;
use crate::domain::log::Stream;
use crate::domain::run::{Ended, Outcome};
use crate::domain::size::{Bytes, Span};
use crate::engine::{Container, EngineError, Frame, FrameStream, Status, StdStream};
use crate::logs::{Counts, Pump, ReadyLine, Resume};
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use futures::{FutureExt, StreamExt};
use std::pin::Pin;
use std::time::Duration;
use tokio::io::AsyncWrite;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tracing::{Instrument as _, info_span};

/// A container whose output is in our hands.
pub(super) struct Live {
    pub(super) container: ContainerId,
    pub(super) output: FrameStream,
    pub(super) exit: Pin<Box<dyn Future<Output = Result<i64, EngineError>> + Send>>,
    /// Kept open until the end: a gate that reads its end before a whole frame
    /// refuses to open.
    pub(super) stdin: Option<Pin<Box<dyn AsyncWrite + Send>>>,
    /// By the clock of this process, which nobody sets.
    pub(super) deadline: Instant,
    /// It had ended before we looked: its end is its own, however late it is.
    pub(super) over: bool,
    /// What the log already has, when output is read again.
    pub(super) resume: Option<Resume>,
}

/// What can happen while a container runs.
enum Event {
    Output(Vec<Result<Frame, EngineError>>),
    EndOfOutput,
    Exited(Result<i64, EngineError>),
    GateSilent,
    Intent(Outcome, String),
}

/// How a session over one connection ended.
enum Drained {
    /// The output is complete.
    Complete(Counts),
    /// The engine went away; this was taken by then.
    Cut(Resume),
    /// The gate did not open in time.
    Shut,
}

/// A gate that has not spoken for this long never will.
pub(super) const GATE_PATIENCE: Duration = Duration::from_secs(30);
/// After an exit, output that was on its way may still arrive.
const OUTPUT_GRACE: Duration = Duration::from_secs(2);
/// A container that does not run, and of which nothing was heard for so long, is
/// looked at over another connection.
const DEAD_AIR: Duration = Duration::from_secs(10);
/// How often an engine may go away while a run begins: one that answers and
/// still cannot begin it is not away.
const AWAY: u32 = 20;
/// How often what a run begins in may be removed under it: who removes it each
/// time wants that.
const SWEPT: u32 = 3;
/// How long a script may take to end after it was asked to.
const STOP_GRACE: Duration = Duration::from_secs(10);
/// The most frames taken before the log is made visible.
const BATCH: usize = 256;

impl Driver {
    /// The attempt from where the rows say it is; returns its end and the
    /// container to remove once the end is recorded.
    pub(super) async fn attempt(
        &self,
        job: &mut Job<'_>,
    ) -> Result<(Ended, Option<ContainerId>), DriveError> {
        let (mut away, mut swept) = (0, 0);
        let mut live = loop {
            match self.begin(job).boxed().await? {
                Started::Live(live) => break live,
                Started::Away(_) if job.run.by.is_some() && away < AWAY => {
                    away += 1;
                    self.return_of_engine(job).await?;
                }
                Started::Swept(ended) if swept < SWEPT => {
                    swept += 1;
                    let why = ended.reason.as_deref().unwrap_or_default();
                    tracing::warn!(run = %job.run.id, why, "it is begun once more");
                    self.forget_network();
                    self.read_row(job).await?;
                }
                Started::Ended(ended) | Started::Away(ended) | Started::Swept(ended) => {
                    return Ok((ended, None));
                }
            }
        };
        loop {
            let container = live.container.clone();
            let deadline = live.deadline;
            let watch = self.watch(job, &container);
            let (whole, begun) = (live.resume.is_none(), Instant::now());
            let drained = self.drain(job, live, watch).boxed();
            let drained = drained.instrument(info_span!("script")).await?;
            job.measured.run_ms = whole.then(|| begun.elapsed().as_secs_f64() * 1e3);
            match drained {
                Drained::Complete(counts) => {
                    let ended = self.conclude(job, &container, counts).boxed();
                    let ended = ended.instrument(info_span!("collect")).await?;
                    return Ok((ended, Some(container)));
                }
                Drained::Shut => {
                    let ended = Ended::because(
                        Outcome::InfraError,
                        "the container did not become ready; user code did not begin",
                    );
                    return Ok((ended, Some(container)));
                }
                Drained::Cut(taken) => {
                    match self.reconnect(job, &container, (deadline, taken)).await? {
                        Some(again) => live = again,
                        None => return Ok((lost_container(), Some(container))),
                    }
                }
            }
        }
    }

    async fn drain(
        &self,
        job: &mut Job<'_>,
        mut live: Live,
        mut watch: Watch,
    ) -> Result<Drained, DriveError> {
        let mut pump = pump_for(job, live.resume.take());
        let deadline = live.deadline;
        let gate = Instant::now() + GATE_PATIENCE;
        let mut stopping: Option<JoinHandle<()>> = None;
        let mut noted = None;
        let mut output = live.output.ready_chunks(BATCH);
        let (mut exited, mut over_disk) = (false, false);
        // When output last came, or the exit: what is still on its way after
        // an exit may be much.
        let mut heard = Instant::now();
        let complete = loop {
            let calm = stopping.is_none() && !exited && !live.over;
            let patience = if pump.ready() { far() } else { gate };
            // Not biased: a script that never stops printing must not outlive
            // its deadline by being heard first every time.
            let event = tokio::select! {
                frames = output.next() => frames.map_or(Event::EndOfOutput, Event::Output),
                code = &mut live.exit, if !exited => Event::Exited(code),
                () = sleep_until(heard + OUTPUT_GRACE), if exited => Event::EndOfOutput,
                () = dead_air(&mut watch.gone, heard), if !exited => break false,
                () = job.order.cancel.cancelled(), if calm => Event::Intent(Outcome::Cancelled, "cancelled".to_owned()),
                () = sleep_until(deadline), if calm => Event::Intent(Outcome::TimedOut, format!("stopped at its timeout of {}", Span(job.run.limits.timeout.0))),
                used = &mut watch.over_disk, if calm && !over_disk => match used {
                    Ok(used) => Event::Intent(Outcome::OutOfDisk, format!("killed: it filled {} of disk and may fill {}", Bytes(used), job.run.limits.scratch)),
                    Err(_) => { over_disk = true; continue }
                },
                () = sleep_until(patience), if calm => Event::GateSilent,
            };
            match event {
                Event::Output(frames) => {
                    heard = Instant::now();
                    let was_ready = pump.ready();
                    if !take(&mut pump, frames) {
                        break false;
                    }
                    if pump.ready() && !was_ready {
                        noted = Some(self.note_start(job));
                    }
                }
                Event::EndOfOutput => break true,
                Event::Exited(Ok(_)) => (exited, heard) = (true, Instant::now()),
                Event::Exited(Err(_)) => break false,
                Event::GateSilent => {
                    drop(self.engine.kill(&live.container).await);
                    return Ok(Drained::Shut);
                }
                Event::Intent(outcome, why) => {
                    self.store.set_intent(job.id, outcome).await?;
                    job.order.log.note(&why);
                    stopping = Some(self.stop(&live.container, outcome));
                }
            }
        };
        if let Some(noted) = noted {
            noted.await.unwrap_or(Err(StoreError::Closed))?;
        }
        watch.report(&mut job.measured);
        drop(live.stdin);
        if complete {
            return Ok(Drained::Complete(pump.finish()));
        }
        Ok(Drained::Cut(pump.abandon()))
    }

    /// Notes that user code runs, beside the drain loop: the first line does not
    /// wait for the disk.
    fn note_start(&self, job: &Job<'_>) -> JoinHandle<Result<bool, StoreError>> {
        let (store, id, measured) = (self.store.clone(), job.id, job.measured);
        let at = Utc::now();
        tokio::spawn(async move { store.set_attempt_started(id, at, &measured).await })
    }

    /// Stops a container away from the drain loop: a script that is told to end
    /// may have much to say, and blocks if nobody listens.
    fn stop(&self, container: &ContainerId, why: Outcome) -> JoinHandle<()> {
        let (driver, container) = (self.clone(), container.clone());
        tokio::spawn(async move {
            let engine = &driver.engine;
            // An engine that is away just now is asked when it is back.
            let asked = match why {
                Outcome::OutOfDisk => driver.patiently(|| engine.kill(&container)).await,
                _ => {
                    driver
                        .patiently(|| engine.stop(&container, STOP_GRACE))
                        .await
                }
            };
            if let Err(error) = asked {
                tracing::warn!(%container, %error, "the container could not be stopped");
            }
        })
    }

    /// The output is complete: what end was it?
    async fn conclude(
        &self,
        job: &mut Job<'_>,
        container: &ContainerId,
        counts: Counts,
    ) -> Result<Ended, DriveError> {
        let begun = Instant::now();
        job.measured.output_bytes = Some(counts.bytes);
        job.measured.first_line_ms = counts.first_line.map(|at| millis(at - job.run.created_at));
        let (state, attempt) = tokio::join!(
            self.patiently(|| self.dead(container)),
            self.store.attempt(job.id)
        );
        let attempt = attempt?;
        let Some(mut state) = state? else {
            return Ok(lost_container());
        };
        // While somebody removes it, it looks like one that was killed.
        if attempt.intent.is_none() && matches!(state.status, Status::Removing | Status::Dead) {
            return Ok(lost_container());
        }
        let ready = attempt.started_at.is_some();
        // Who took it over was not there all the time: the engine was.
        if ready && job.measured.run_ms.is_none() {
            job.measured.run_ms = lasted(&state);
        }
        let unexplained = ready && attempt.intent.is_none() && !state.oom_killed;
        let outside = match unexplained {
            true => self.killed_from_outside(&mut state).await,
            false => None,
        };
        let judged = || judge(&state, attempt.intent, ready, job);
        let mut ended = outside.unwrap_or_else(judged);
        if let Err(error) = self.collect(job, &state, &mut ended).await {
            job.order.log.note(&format!(
                "files of this run could not be kept: {}",
                crate::domain::report(&error)
            ));
        }
        job.measured.teardown_ms = Some(begun.elapsed().as_secs_f64() * 1e3);
        Ok(ended)
    }

    /// Waits until the engine agrees that the container is dead: an end is
    /// final only then.
    async fn dead(&self, container: &ContainerId) -> Result<Option<Container>, EngineError> {
        let mut pause = Duration::from_millis(2);
        let give_up = Instant::now() + STOP_GRACE * 2;
        loop {
            match self.engine.inspect(container).await? {
                Some(state) if !state.status.is_over() && Instant::now() < give_up => {}
                Some(state) if !state.status.is_over() => {
                    self.engine.kill(container).await?;
                }
                other => return Ok(other),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }
}

/// How long a container ran, milliseconds.
fn lasted(state: &Container) -> Option<f64> {
    let ran = state.finished_at? - state.started_at?;
    (ran >= chrono::TimeDelta::zero()).then(|| millis(ran))
}

/// Resolves when a container does not run any more and nothing comes of it,
/// neither output nor its exit.
async fn dead_air(gone: &mut watch::Receiver<bool>, heard: Instant) {
    if gone.wait_for(|gone| *gone).await.is_err() {
        std::future::pending::<()>().await;
    }
    sleep_until(heard + DEAD_AIR).await;
}

/// The way of the output into the log, past what the log has.
fn pump_for(job: &Job<'_>, resume: Option<Resume>) -> Pump {
    Pump::new(job.order.log.clone(), ReadyLine::new(&job.nonce)).resuming(resume)
}

/// Passes frames on; false when the connection broke.
fn take(pump: &mut Pump, frames: Vec<Result<Frame, EngineError>>) -> bool {
    let now = Utc::now();
    let mut whole = true;
    for frame in frames {
        match frame {
            Ok(frame) => {
                let stream = match frame.stream {
                    StdStream::Out => Stream::Stdout,
                    StdStream::Err => Stream::Stderr,
                };
                pump.push(stream, &frame.bytes, frame.at.unwrap_or(now));
            }
            Err(_) => whole = false,
        }
    }
    pump.settle();
    whole
}

/// Somebody removed the container: nobody can know how it would have ended.
pub(super) fn lost_container() -> Ended {
    Ended::because(
        Outcome::Lost,
        "its container was removed by somebody else while it ran; it may have done all, some or none of its work",
    )
}

pub(super) fn to_instant(at: DateTime<Utc>) -> Instant {
    let left = (at - Utc::now()).to_std().unwrap_or_default();
    Instant::now().checked_add(left).unwrap_or_else(far)
}

/// A moment that does not come.
fn far() -> Instant {
    Instant::now() + Duration::from_secs(86_400 * 365)
}
