//! From an image to a container that has been given its frame.

use super::choose::Chosen;
use super::frame::Frame;
use super::session::{Live, to_instant};
use super::{Driver, Job, engine_end, image_end, sandbox};
use crate::domain::ids::{ContainerId, ImageId};
use crate::domain::run::{Attempt, Ended, Outcome, RunState};
use crate::domain::variable::resolve;
use crate::engine::{Attached, Container, ContainerSpec, EngineError};
use crate::image::{ImageError, Images};
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use std::path::Path;
use std::time::Instant;
use tokio::io::AsyncWriteExt;
use tracing::{Instrument as _, info_span};

/// How a start went.
pub(super) enum Started {
    /// The container runs and its output is ours.
    Live(Live),
    /// There is nothing to drain; what was created is removed.
    Ended(Ended),
    /// The engine went away before user code began: what that is for who does
    /// not wait for it.
    Away(Ended),
    /// Somebody removed the container or its network before user code began:
    /// what that is for who tries no more.
    Swept(Ended),
}

impl Started {
    /// Without an image.
    fn without_image(error: &ImageError) -> Self {
        let away = matches!(error, ImageError::Engine(EngineError::Unavailable { .. }));
        match away {
            true => Self::Away(image_end(error)),
            false => Self::Ended(image_end(error)),
        }
    }

    /// With a container that is not there, or could not be started.
    fn of(error: &EngineError, ended: Ended) -> Self {
        match error {
            EngineError::Unavailable { .. } => Self::Away(ended),
            error if is_swept(error) => Self::Swept(ended),
            _ => Self::Ended(ended),
        }
    }
}

impl Driver {
    /// Builds, creates, attaches, starts, and hands over the frame.
    pub(super) async fn start(&self, job: &mut Job<'_>) -> Result<Started, StoreError> {
        let chosen = match self.choose(job).instrument(info_span!("image")).await {
            Ok(chosen) => chosen,
            Err(ImageError::Store(error)) => return Err(error),
            Err(error) => return Ok(Started::without_image(&error)),
        };
        if job.order.cancel.is_cancelled() {
            return Ok(Started::Ended(Ended::because(
                Outcome::Cancelled,
                "cancelled before it started",
            )));
        }
        let begun = Instant::now();
        let created = self.create(job, chosen).instrument(info_span!("create"));
        match created.await {
            Ok((container, chosen)) => self.launch(job, (container, &chosen), begun).await,
            Err(CreateError::Engine(error)) => {
                // It may have been made all the same, if only the answer was lost.
                if error.is_transient() {
                    let name = sandbox::container_name(&self.store.instance(), job.id);
                    self.remove(&ContainerId(name)).await;
                }
                Ok(Started::of(&error, engine_end(&error)))
            }
            Err(CreateError::Image(ImageError::Store(error))) => Err(error),
            Err(CreateError::Image(error)) => Ok(Started::without_image(&error)),
        }
    }

    /// Writes down what the attempt begins with and in which container. Before
    /// all of it is, its gate is sent no frame.
    async fn note(
        &self,
        job: &Job<'_>,
        (container, chosen): (&ContainerId, &Chosen),
    ) -> Result<(), StoreError> {
        let attempt = async {
            if job.known.is_some() {
                return self.store.set_container(job.id, container).await;
            }
            let attempt = Attempt {
                container_id: Some(container.clone()),
                ..self.new_attempt(job)
            };
            self.store.insert_attempt(&attempt).await
        };
        // Asked for together, they share a commit, as a rule.
        tokio::try_join!(
            self.note_image(job, chosen),
            attempt,
            self.store.advance(job.run.id, RunState::Starting)
        )?;
        Ok(())
    }

    /// The row of an attempt that begins now.
    pub(super) fn new_attempt(&self, job: &Job<'_>) -> Attempt {
        Attempt {
            id: job.id,
            container_name: sandbox::container_name(&self.store.instance(), job.id),
            container_id: None,
            nonce: job.nonce.clone(),
            deadline: Some(deadline(job)),
            intent: None,
            outcome: None,
            exit_code: None,
            reason: None,
            measurements: job.measured,
            created_at: Utc::now(),
            started_at: None,
            finished_at: None,
        }
    }

    /// Creates the container. One whose gate gets no frame does nothing, and its
    /// name tells whose it is, so nothing need be written down before. An image
    /// that vanished underneath is built once more from its kept lock.
    async fn create(
        &self,
        job: &mut Job<'_>,
        chosen: Chosen,
    ) -> Result<(ContainerId, Chosen), CreateError> {
        match self.create_named(job, &chosen.image).await {
            Err(error) if Images::is_image_gone(&error) && job.run.pinned_image.is_none() => {
                self.images.forget_missing().await?;
                let chosen = self.image(job).await?;
                Ok((self.create_named(job, &chosen.image).await?, chosen))
            }
            other => Ok((other?, chosen)),
        }
    }

    /// Creates the container under the attempt's own name. One that has it
    /// already makes room, unless it was started and may have been sent a frame.
    async fn create_named(
        &self,
        job: &Job<'_>,
        image: &ImageId,
    ) -> Result<ContainerId, EngineError> {
        let instance = self.store.instance();
        let name = sandbox::container_name(&instance, job.id);
        let mut spec = ContainerSpec {
            network: job.network.clone(),
            ..sandbox::spec(&instance, job.id, &job.task, image, &job.run.limits)
        };
        if sandbox::may_have_payload(job.run) {
            sandbox::make_inputs(&mut spec);
        }
        let without_frame = |found: &Container| job.known.is_none() || found.started_at.is_none();
        self.engine.create_anew(&name, &spec, without_frame).await
    }

    async fn launch(
        &self,
        job: &mut Job<'_>,
        (container, chosen): (ContainerId, &Chosen),
        begun: Instant,
    ) -> Result<Started, StoreError> {
        let opened = self.open_gate(job, (&container, chosen), begun);
        match opened.instrument(info_span!("start")).await {
            Ok(live) => Ok(Started::Live(live)),
            Err(GateError::Store(error)) => {
                // A row that names it decides who removes it.
                let row = self.store.attempt(job.id).await;
                if matches!(row, Err(StoreError::NotFound { .. })) {
                    self.remove(&container).await;
                }
                Err(error)
            }
            // The frame was not sent, so user code cannot have begun.
            Err(error) => {
                self.store.forget_container(job.id).await?;
                self.remove(&container).await;
                let ended = Ended::because(Outcome::InfraError, crate::domain::report(&error));
                Ok(match error {
                    GateError::Engine(error) => Started::of(&error, ended),
                    _ => Started::Ended(ended),
                })
            }
        }
    }

    async fn open_gate(
        &self,
        job: &mut Job<'_>,
        (container, chosen): (&ContainerId, &Chosen),
        begun: Instant,
    ) -> Result<Live, GateError> {
        let given = &*job;
        let begin = async {
            self.give_inputs(given, container).await?;
            // Attached before the start, or the first output would be lost.
            let attached = self.engine.attach(container).await?;
            let created = begun.elapsed();
            self.engine.start(container).await?;
            Ok::<_, GateError>((attached, created, begun.elapsed() - created))
        };
        // Written down before the frame is sent: without its container's id in
        // its row, user code of an attempt cannot have begun.
        let (saved, variables, begun) = tokio::join!(
            self.note(given, (container, chosen)),
            self.variables(given),
            begin
        );
        saved?;
        let variables = variables?;
        let (Attached { mut stdin, output }, created, started) = begun?;
        job.measured.create_ms = Some(created.as_secs_f64() * 1e3);
        job.measured.start_ms = Some(started.as_secs_f64() * 1e3);
        let frame = Frame {
            task: &job.task,
            attempt: job.id,
            nonce: &job.nonce,
            params: &job.run.params,
            args: &job.run.args,
            limits: &job.run.limits,
            variables: &variables,
            secrets: &job.order.secrets,
            scheduled_at: job.run.scheduled_at,
        };
        // A gate that is gone reads nothing; the exit tells why.
        drop(stdin.write_all(&frame.encode()).await);
        drop(stdin.flush().await);
        Ok(Live {
            container: container.clone(),
            output,
            exit: Box::pin(self.engine.ended(container)),
            stdin: Some(stdin),
            deadline: to_instant(deadline(job)),
            over: false,
            resume: None,
        })
    }

    /// The plain variables of the attempt, as they are set now.
    async fn variables(&self, job: &Job<'_>) -> Result<Vec<(String, String)>, StoreError> {
        let set = self.store.variables().await?;
        let (task, manifest) = (&job.task, &job.task.manifest);
        let all = resolve((&task.name, &manifest.tags), &manifest.env, &set);
        Ok(all.into_iter().map(|v| (v.name, v.won.value)).collect())
    }

    /// Puts the files given as parameters into the container, and what the run was
    /// sent by whoever started it.
    async fn give_inputs(&self, job: &Job<'_>, container: &ContainerId) -> Result<(), GateError> {
        let inputs = sandbox::inputs(&job.task, &job.run.params);
        let payload = match sandbox::may_have_payload(job.run) {
            true => self.store.payload(job.run.id).await?,
            false => None,
        };
        if inputs.is_empty() && payload.is_none() {
            return Ok(());
        }
        let packed = tokio::task::spawn_blocking(move || {
            let mut tar = tar::Builder::new(Vec::new());
            if let Some(payload) = payload {
                let mut header = tar::Header::new_gnu();
                header.set_mode(0o444);
                header.set_size(payload.len() as u64);
                tar.append_data(&mut header, sandbox::PAYLOAD, payload.as_slice())
                    .map_err(|e| format!("what the run was sent could not be packed: {e}"))?;
            }
            for (inside, source) in inputs {
                let bytes = std::fs::read(&source)
                    .map_err(|e| format!("the file {} could not be read: {e}", source.display()))?;
                let mut header = tar::Header::new_gnu();
                header.set_mode(0o444);
                header.set_size(bytes.len() as u64);
                let name = Path::new(&inside)
                    .strip_prefix(sandbox::INPUTS)
                    .map_err(|e| e.to_string())?;
                tar.append_data(&mut header, name, bytes.as_slice())
                    .map_err(|e| {
                        format!("the file {} could not be packed: {e}", source.display())
                    })?;
            }
            tar.into_inner().map_err(|e| e.to_string())
        })
        .await
        .map_err(|e| GateError::Input(e.to_string()))?
        .map_err(GateError::Input)?;
        // Into the volume itself: the root of a run is read-only.
        self.engine
            .write_tar(container, sandbox::INPUTS, packed.into())
            .await?;
        Ok(())
    }
}

/// Whether what the engine was asked about had been removed, or was just being
/// removed: `docker system prune` knows nothing of a container that is about to
/// start, nor of its network.
fn is_swept(error: &EngineError) -> bool {
    match error {
        EngineError::NotFound { .. } => true,
        EngineError::Conflict { message, .. } => message.contains("marked for removal"),
        _ => false,
    }
}

/// When the attempt must be over: from now, by its limit.
fn deadline(job: &Job<'_>) -> DateTime<Utc> {
    let timeout =
        chrono::TimeDelta::from_std(job.run.limits.timeout.0).unwrap_or(chrono::TimeDelta::MAX);
    Utc::now()
        .checked_add_signed(timeout)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[derive(Debug, thiserror::Error)]
enum CreateError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Image(#[from] ImageError),
}

#[derive(Debug, thiserror::Error)]
enum GateError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Input(String),
}
