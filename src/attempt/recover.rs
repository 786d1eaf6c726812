//! Where to go on with an attempt whose driver died, or whose engine went away.
//!
//! | attempt row | container | then |
//! |---|---|---|
//! | none | – | begin |
//! | no container id | none, or any | start was never sent: remove it, begin |
//! | container id | gone | `lost` |
//! | container id | created, never started | remove it, begin |
//! | container id | its gate gives up, as nobody sent a frame | remove it, begin |
//! | container id | running or exited | read its output again, past what the log has |
//!
//! A gate that waits for a frame reads the end of its input when its driver
//! dies. Its own words tell whether it opened before that: they are the first
//! that a container says, and a script that ends with the gate's code is told
//! apart by them.

use super::session::{GATE_PATIENCE, Live, lost_container};
use super::start::Started;
use super::{DriveError, Driver, Job};
use crate::domain::ids::ContainerId;
use crate::domain::run::{Attempt, Ended, Outcome, RunState};
use crate::engine::{Container, EngineError, StdStream};
use crate::logs::{ReadyLine, kept, path_of};
use chrono::Utc;
use futures::StreamExt;
use std::time::Duration;
use tokio::time::timeout;

/// `runbay_gate.py`: no frame came, user code did not begin.
const NO_FRAME: i64 = 78;

impl Driver {
    /// Begins the attempt, or goes on with one that was begun.
    pub(super) async fn begin(&self, job: &mut Job<'_>) -> Result<Started, DriveError> {
        let Some(attempt) = job.known.clone() else {
            return Ok(self.start(job).await?);
        };
        job.nonce.clone_from(&attempt.nonce);
        job.measured = attempt.measurements;
        let found = match self.patiently(|| self.find(&attempt)).await {
            Ok(found) => found,
            Err(error) => {
                return Ok(Started::Ended(Ended::because(
                    Outcome::Lost,
                    crate::domain::report(&error),
                )));
            }
        };
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
        if !job.task.manifest.secrets.is_empty() && job.order.secrets.is_empty() {
            return Ok(Started::Ended(Ended::because(
                Outcome::Cancelled,
                "the command that held its secrets ended before the run began",
            )));
        }
        self.store.advance(job.run.id, RunState::Building).await?;
        Ok(self.start(job).await?)
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
        let unmasked = !job.task.manifest.secrets.is_empty() && job.order.secrets.is_empty();
        job.order.log.note(
            if unmasked {
                "the command that held the secrets of this run is gone: what it prints from here on cannot be masked and is not kept"
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
        let skip = if unmasked || kept.ended {
            (u64::MAX, u64::MAX)
        } else {
            (kept.stdout, kept.stderr)
        };
        Ok(self.resume(&container.id, attempt, skip))
    }

    /// The engine went away while a container ran. Waits for it to come back
    /// and goes on where the output broke off.
    pub(super) async fn reconnect(
        &self,
        job: &mut Job<'_>,
        container: &ContainerId,
        skip: (u64, u64),
    ) -> Result<Started, DriveError> {
        tracing::warn!(run = %job.run.id, "the engine does not answer; waiting for it");
        let found = match self.patiently(|| self.engine.inspect(container)).await {
            Ok(found) => found,
            Err(error) => {
                let why = format!(
                    "the engine did not come back: {}",
                    crate::domain::report(&error)
                );
                return Ok(Started::Ended(Ended::because(Outcome::Lost, why)));
            }
        };
        let attempt = self.store.attempt(job.id).await?;
        match found {
            None => Ok(Started::Ended(lost_container())),
            // Nobody saw this exit, and an engine that stops kills what it runs.
            Some(state)
                if state.status.is_over()
                    && !state.oom_killed
                    && matches!(state.exit_code, 137 | 255)
                    && attempt.intent.is_none() =>
            {
                Ok(Started::Ended(Ended::because(
                    Outcome::Lost,
                    "the engine was stopped or crashed while it ran, and killed it",
                )))
            }
            Some(_) => Ok(self.resume(container, &attempt, skip)),
        }
    }

    fn resume(&self, container: &ContainerId, attempt: &Attempt, skip: (u64, u64)) -> Started {
        Started::Live(Live {
            container: container.clone(),
            output: self.engine.logs(container, true),
            exit: Box::pin(self.engine.ended(container)),
            stdin: None,
            deadline: attempt.deadline.unwrap_or_else(Utc::now),
            skip,
        })
    }

    /// Asks the engine until it answers, for as long as a restart may take.
    pub(super) async fn patiently<T, F>(&self, ask: impl Fn() -> F) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, EngineError>>,
    {
        let mut pause = Duration::from_millis(100);
        let give_up = tokio::time::Instant::now() + Duration::from_secs(120);
        loop {
            match ask().await {
                Err(error) if error.is_transient() && tokio::time::Instant::now() < give_up => {}
                other => return other,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }
}
