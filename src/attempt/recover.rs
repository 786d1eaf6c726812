//! Where to go on with an attempt whose driver died, or whose engine went away.
//!
//! | attempt row | container | then |
//! |---|---|---|
//! | none | none, or any of that name | no frame was sent: it makes room, begin |
//! | no container id | none, or any | no frame was sent: remove it, begin |
//! | container id | gone | `lost` |
//! | container id | created, never started | remove it, begin |
//! | container id | its gate gives up, as nobody sent a frame | remove it, begin |
//! | container id | running or exited | read its output again, past what the log has; what the engine itself has lost of it is said |
//!
//! A gate that waits for a frame reads the end of its input when its driver
//! dies. Its own words tell whether it opened before that: they are the first
//! that a container says, and a script that ends with the gate's code is told
//! apart by them.

use super::session::{GATE_PATIENCE, Live, lost_container, to_instant};
use super::start::Started;
use super::{DriveError, Driver, Job};
use crate::domain::ids::ContainerId;
use crate::domain::run::{Attempt, Ended, Outcome, RunState};
use crate::engine::{Container, EndedBy, EngineError, StdStream};
use crate::logs::{ReadyLine, Resume, kept, path_of};
use chrono::Utc;
use futures::{FutureExt, StreamExt};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// `runbay_gate.py`: no frame came, user code did not begin.
const NO_FRAME: i64 = 78;

impl Driver {
    /// Begins the attempt, or goes on with one that was begun.
    pub(super) async fn begin(&self, job: &mut Job<'_>) -> Result<Started, DriveError> {
        let Some(attempt) = job.known.clone() else {
            return Ok(self.start(job).boxed().await?);
        };
        job.nonce.clone_from(&attempt.nonce);
        job.measured = attempt.measurements;
        let found = self.patiently(|| self.find(&attempt)).await?;
        match (found, &attempt.container_id) {
            (None, Some(_)) => Ok(Started::Ended(lost_container())),
            (None, None) => self.again(job, None).await,
            (Some(container), None) => self.again(job, Some(&container.id)).await,
            (Some(container), Some(_)) if self.stays_shut(&container, &attempt).await => {
                self.again(job, Some(&container.id)).await
            }
            (Some(container), Some(_)) => self.adopt(job, &container, &attempt).await,
        }
    }

    async fn find(&self, attempt: &Attempt) -> Result<Option<Container>, EngineError> {
        let by = attempt
            .container_id
            .clone()
            .unwrap_or_else(|| ContainerId(attempt.container_name.clone()));
        self.engine.inspect(&by).await
    }

    /// Begins anew: user code has not begun, so nothing runs twice.
    async fn again(
        &self,
        job: &mut Job<'_>,
        leftover: Option<&ContainerId>,
    ) -> Result<Started, DriveError> {
        self.store.forget_container(job.id).await?;
        if let Some(container) = leftover {
            self.remove(container).await;
        }
        if job.order.cancel.is_cancelled() {
            return Ok(Started::Ended(Ended::because(
                Outcome::Cancelled,
                "cancelled before it started",
            )));
        }
        // What it begins with now is what the folder says now.
        match self.load(job.run).await {
            Ok(task) => job.task = task,
            Err(error) => {
                let why = crate::domain::report(&error);
                return Ok(Started::Ended(Ended::because(Outcome::BuildFailed, why)));
            }
        }
        let held = |name: &String| job.order.secrets.contains_key(name);
        let names = job.task.manifest.secrets.iter().map(|used| &used.name);
        if let Some(lacks) = { names }.find(|name| !held(name)) {
            let why = format!(
                "its task.toml names the secret {lacks} since it was about to begin: run it again"
            );
            return Ok(Started::Ended(Ended::because(Outcome::Failed, why)));
        }
        self.store.advance(job.run.id, RunState::Building).await?;
        Ok(self.start(job).boxed().await?)
    }

    /// Whether user code in this container has not begun and never will. Not
    /// known is as good as no: nothing may run twice.
    async fn stays_shut(&self, container: &Container, attempt: &Attempt) -> bool {
        if container.started_at.is_none() {
            return true;
        }
        if attempt.started_at.is_some() {
            return false;
        }
        let ready = ReadyLine::new(&attempt.nonce);
        let mut output = self.engine.logs(&container.id, true);
        let mut said = Vec::new();
        let listen = async {
            while let Some(frame) = output.next().await {
                match frame {
                    Ok(frame) if frame.stream == StdStream::Err => said.extend(frame.bytes),
                    Ok(_) => {}
                    Err(_) => return true,
                }
                // Whoever says this much without it is no gate.
                if ready.is_in(&said) || said.len() > 64 * 1024 {
                    return true;
                }
            }
            false
        };
        if timeout(GATE_PATIENCE, listen).await.unwrap_or(true) {
            return false;
        }
        let now = self.engine.inspect(&container.id).await;
        matches!(now, Ok(Some(now)) if now.status.is_over() && now.exit_code == NO_FRAME)
    }

    /// Takes over a container that may be running user code.
    async fn adopt(
        &self,
        job: &mut Job<'_>,
        container: &Container,
        attempt: &Attempt,
    ) -> Result<Started, DriveError> {
        let unmasked = job.unmaskable;
        job.order.log.note(
            if unmasked {
                "the values of secrets of this run are gone: what it prints from here on cannot be masked and is not kept"
            } else {
                "the run was taken over by another process; it was not interrupted"
            },
        );
        let path = path_of(&self.config.data_dir, job.id);
        let kept = kept(&path)?;
        if kept.full {
            let why = if kept.ended {
                "lines are missing here: the process that knew which died; what the script still prints is not kept"
            } else {
                "lines may be missing here: the log was full, and what was to become its end died with the process that had it"
            };
            job.order.log.note(why);
        }
        let resume = Resume {
            stdout: kept.stdout,
            stderr: kept.stderr,
            span: kept.span,
            begun: attempt.started_at.is_some(),
            nothing: unmasked || kept.ended,
        };
        let deadline = to_instant(attempt.deadline.unwrap_or_else(Utc::now));
        Ok(Started::Live(self.resume(container, deadline, resume)))
    }

    /// Waits for an engine that went away before user code began: a run of a
    /// service has time. Cancelled meanwhile, it is so as soon as the engine can
    /// be asked what became of its container.
    pub(super) async fn return_of_engine(&self, job: &mut Job<'_>) -> Result<(), DriveError> {
        let why = "the engine is away; the run begins when it is back";
        job.order.log.note(why);
        tracing::warn!(run = %job.run.id, "{why}");
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.patiently(|| self.engine.ping()).await?;
        self.read_row(job).await
    }

    /// What the row of the attempt says by now.
    pub(super) async fn read_row(&self, job: &mut Job<'_>) -> Result<(), DriveError> {
        let known = self.store.attempts(job.run.id).await?;
        job.known = known.into_iter().find(|known| known.id == job.id);
        Ok(())
    }

    /// The engine went away while a container ran. Waits for it to come back
    /// and goes on where the output broke off; nowhere when the container is gone.
    pub(super) async fn reconnect(
        &self,
        job: &mut Job<'_>,
        container: &ContainerId,
        (deadline, taken): (Instant, Resume),
    ) -> Result<Option<Live>, DriveError> {
        tracing::warn!(run = %job.run.id, "the engine does not answer; waiting for it");
        let found = self.patiently(|| self.engine.inspect(container)).await?;
        Ok(found.map(|state| self.resume(&state, deadline, taken)))
    }

    fn resume(&self, container: &Container, deadline: Instant, from: Resume) -> Live {
        Live {
            container: container.id.clone(),
            output: self.engine.logs(&container.id, true),
            exit: Box::pin(self.engine.ended(&container.id)),
            stdin: None,
            deadline,
            over: container.status.is_over(),
            resume: Some(from),
        }
    }

    /// Asks the engine until it answers, however long that takes: a run whose
    /// engine is away is not over.
    pub(super) async fn patiently<T, F>(&self, ask: impl Fn() -> F) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, EngineError>>,
    {
        let mut pause = Duration::from_millis(100);
        loop {
            match ask().await {
                Err(error) if error.is_transient() => {}
                other => return other,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// Whether an exit is not the script's own doing, and then what it was. The
    /// codes of a stopped or crashed engine are those of a script that was
    /// killed or that ended itself so; only an engine that saw it can tell. It may
    /// tell as well that memory was the reason, which is added to `state`.
    pub(super) async fn killed_from_outside(&self, state: &mut Container) -> Option<Ended> {
        if !DOUBTFUL.contains(&state.exit_code) {
            return None;
        }
        let told = self.patiently(|| self.engine.ended_by(&*state)).await;
        // An engine that tells nobody of its events leaves only the code.
        let told = told.unwrap_or_else(|error| {
            let error = crate::domain::report(&error);
            tracing::warn!(error, "who ended a container is not told");
            EndedBy::Itself
        });
        let why = match told {
            EndedBy::Itself => return None,
            EndedBy::Memory => {
                state.oom_killed = true;
                return None;
            }
            EndedBy::Signal(number) => format!(
                "its container was ended from outside with signal {number}: the engine was stopped, or somebody used `docker stop` or `docker kill`; it may have done some of its work"
            ),
            EndedBy::Unknown => format!(
                "the engine was stopped, crashed or restarted while it ran (exit code {}); it may have done some of its work",
                state.exit_code
            ),
        };
        let ended = Ended::because(Outcome::Lost, why);
        Some(Ended {
            exit_code: Some(state.exit_code),
            ..ended
        })
    }
}

/// Exit codes that an engine leaves behind when it is stopped, crashes, or no
/// longer knows what became of a container.
const DOUBTFUL: [i64; 3] = [137, 143, 255];
