//! The life of a container: create, start, stop, look, remove.

use super::connect::Engine;
use super::error::{EngineError, is_image};
use super::labels;
use super::spec::ContainerSpec;
use crate::domain::ids::{ContainerId, ImageId};
use bollard::models::{
    ContainerInspectResponse, ContainerStateStatusEnum, ContainerStatsResponse,
    ContainerSummaryStateEnum,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, InspectContainerOptions, KillContainerOptionsBuilder,
    ListContainersOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions,
    StatsOptionsBuilder, StopContainerOptionsBuilder,
};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

/// How much longer than its grace a stop may take: after the grace the engine
/// kills, then waits for the kernel.
const STOP_MARGIN: Duration = Duration::from_secs(30);

/// Where a container stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Made, never started.
    Created,
    /// Running.
    Running,
    /// Frozen by somebody.
    Paused,
    /// About to run again; ours never do.
    Restarting,
    /// Being removed.
    Removing,
    /// Ran, and is over.
    Exited,
    /// Could not be removed.
    Dead,
}

impl Status {
    /// Whether nothing of it runs any more, though something did.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Removing | Self::Exited | Self::Dead)
    }
}

/// A container as the engine knows it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its id.
    pub id: ContainerId,
    /// Its name, without the engine's leading `/`.
    pub name: String,
    /// The image it was made from.
    pub image: ImageId,
    /// Its labels, and those of its image.
    pub labels: HashMap<String, String>,
    /// Where it stands.
    pub status: Status,
    /// When it was last started; none if it never was. The engine sets this
    /// once it knows of the start, so a script of milliseconds may have ended
    /// before it: never subtract it from [`Container::finished_at`] unchecked.
    pub started_at: Option<DateTime<Utc>>,
    /// When it last ended; none if it never did.
    pub finished_at: Option<DateTime<Utc>>,
    /// The last exit code; 0 while there is none.
    pub exit_code: i64,
    /// Whether the kernel killed a process of it for want of memory. A killed
    /// *child* sets this too: judge it together with the exit code.
    pub oom_killed: bool,
    /// Why it could not be started; empty as a rule.
    pub error: String,
    /// The process id of its first process on the engine's machine; 0 if none.
    pub pid: i64,
    /// Where its volumes are on the engine's machine, by where they are in it.
    pub volumes: HashMap<String, PathBuf>,
}

/// A container as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: ContainerId,
    /// Its name.
    pub name: String,
    /// The image it was made from.
    pub image: ImageId,
    /// Its labels, and those of its image.
    pub labels: HashMap<String, String>,
    /// Where it stands.
    pub status: Status,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What a container has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Processor time, nanoseconds.
    pub cpu_ns: u64,
    /// Memory in use, bytes, without file cache that could be dropped.
    pub memory_bytes: u64,
    /// The greatest memory use, bytes; told by engines on cgroup 1 only, and
    /// only while the file cache, which it counts, is small.
    pub memory_peak_bytes: Option<u64>,
    /// Received over all its networks, bytes.
    pub rx: u64,
    /// Sent over all its networks, bytes.
    pub tx: u64,
    /// Processes and threads.
    pub pids: u64,
}

impl Engine {
    /// Makes a container; nothing runs yet.
    ///
    /// # Errors
    /// [`EngineError::NameTaken`], [`EngineError::ImageGone`],
    /// [`EngineError::BadSpec`], or those of any request.
    pub async fn create(
        &self,
        name: &str,
        spec: &ContainerSpec,
    ) -> Result<ContainerId, EngineError> {
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        let made = self
            .docker
            .create_container(Some(options), spec.body(self.filters)?)
            .await
            .map_err(
                |error| match self.failed(format!("creating container {name}"), error) {
                    EngineError::Conflict { .. } => EngineError::NameTaken {
                        name: name.to_owned(),
                    },
                    EngineError::NotFound { message, .. } if is_image(&message) => {
                        EngineError::ImageGone {
                            image: spec.image.to_string(),
                        }
                    }
                    other => other,
                },
            )?;
        Ok(ContainerId(made.id))
    }

    /// Starts a container. A running one is left as it is; an **exited one runs
    /// a second time**, so look at [`Container::started_at`] first whenever it
    /// is not certain that this is the first start.
    ///
    /// # Errors
    /// [`EngineError::StartRefused`] if it cannot run as it is, or those of any
    /// request. A command that does not exist is no error: every container has
    /// an init, which then exits with 127.
    pub async fn start(&self, id: &ContainerId) -> Result<(), EngineError> {
        let result = self
            .docker
            .start_container(&id.0, None::<StartContainerOptions>)
            .await;
        result.map_err(
            |error| match self.failed(format!("starting container {id}"), error) {
                EngineError::Refused {
                    status, message, ..
                } if status == 400 || message.contains("OCI runtime") => {
                    EngineError::StartRefused(message)
                }
                other => other,
            },
        )
    }

    /// Asks a container to end (SIGTERM) and kills it after `grace`; returns
    /// when it has ended. One that does not run, or is gone, is fine.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn stop(&self, id: &ContainerId, grace: Duration) -> Result<(), EngineError> {
        let seconds = i32::try_from(grace.as_secs()).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::new().t(seconds).build();
        let docker = self.docker.clone().with_timeout(grace + STOP_MARGIN);
        match docker.stop_container(&id.0, Some(options)).await {
            Ok(()) => Ok(()),
            Err(error) => match self.failed(format!("stopping container {id}"), error) {
                EngineError::NotFound { .. } => Ok(()),
                other => Err(other),
            },
        }
    }

    /// Kills a container at once. One that does not run, or is gone, is fine.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn kill(&self, id: &ContainerId) -> Result<(), EngineError> {
        let options = KillContainerOptionsBuilder::new().signal("SIGKILL").build();
        match self.docker.kill_container(&id.0, Some(options)).await {
            Ok(()) => Ok(()),
            Err(error) => match self.failed(format!("killing container {id}"), error) {
                EngineError::NotFound { .. } => Ok(()),
                EngineError::Conflict { message, .. } if message.contains("not running") => Ok(()),
                other => Err(other),
            },
        }
    }

    /// What the engine knows of a container, by id or by name; none if there is
    /// no such container.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn inspect(&self, id: &ContainerId) -> Result<Option<Container>, EngineError> {
        let doing = || format!("inspecting container {id}");
        let found = self
            .docker
            .inspect_container(&id.0, None::<InspectContainerOptions>)
            .await;
        match found {
            Ok(found) => container(found)
                .map(Some)
                .ok_or_else(|| EngineError::incomplete(doing(), "the container's id or state")),
            Err(error) => match self.failed(doing(), error) {
                EngineError::NotFound { .. } => Ok(None),
                other => Err(other),
            },
        }
    }

    /// Removes a container with its anonymous volumes, killing it if it runs.
    /// One that is gone, or being removed by somebody else, is fine.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn remove(&self, id: &ContainerId) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true);
        match self
            .docker
            .remove_container(&id.0, Some(options.build()))
            .await
        {
            Ok(()) => Ok(()),
            Err(error) => match self.failed(format!("removing container {id}"), error) {
                EngineError::NotFound { .. } => Ok(()),
                EngineError::Conflict { message, .. } if message.contains("in progress") => Ok(()),
                other => Err(other),
            },
        }
    }

    /// The containers that carry all of these labels, in whatever state. A
    /// container inherits the labels of its image, so one that somebody else
    /// made from an image of ours is listed too: labels alone are no proof.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn containers(
        &self,
        labels: &[(String, String)],
    ) -> Result<Vec<Listed>, EngineError> {
        let options = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&labels::filter(labels))
            .build();
        let listed = self.docker.list_containers(Some(options)).await;
        let listed = listed.map_err(|error| self.failed("listing containers", error))?;
        let known = listed.into_iter().filter_map(|one| {
            let name = one.names.and_then(|names| names.into_iter().next());
            Some(Listed {
                id: ContainerId(one.id?),
                name: plain(&name.unwrap_or_default()),
                image: ImageId(one.image_id.unwrap_or_default()),
                labels: one.labels.unwrap_or_default(),
                status: listed_status(one.state),
                created_at: DateTime::from_timestamp(one.created.unwrap_or(0), 0)?,
            })
        });
        Ok(known.collect())
    }

    /// What a container has used until now; none if it does not run.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn stats(&self, id: &ContainerId) -> Result<Option<Usage>, EngineError> {
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true);
        let mut answers = self.docker.stats(&id.0, Some(options.build()));
        match answers.next().await {
            Some(Ok(stats)) => Ok(usage(stats)),
            None => Ok(None),
            Some(Err(error)) => match self.failed(format!("measuring container {id}"), error) {
                EngineError::NotFound { .. } => Ok(None),
                other => Err(other),
            },
        }
    }
}

fn container(found: ContainerInspectResponse) -> Option<Container> {
    let state = found.state?;
    Some(Container {
        id: ContainerId(found.id?),
        name: plain(&found.name.unwrap_or_default()),
        image: ImageId(found.image.unwrap_or_default()),
        labels: found.config.and_then(|c| c.labels).unwrap_or_default(),
        status: status(state.status, state.running.unwrap_or(false)),
        started_at: moment(state.started_at.as_deref()),
        finished_at: moment(state.finished_at.as_deref()),
        exit_code: state.exit_code.unwrap_or(0),
        oom_killed: state.oom_killed.unwrap_or(false),
        error: state.error.unwrap_or_default(),
        pid: state.pid.unwrap_or(0),
        volumes: found
            .mounts
            .into_iter()
            .flatten()
            .filter_map(|mount| Some((mount.destination?, mount.source?.into())))
            .collect(),
    })
}

fn plain(name: &str) -> String {
    name.trim_start_matches('/').to_owned()
}

/// The engine writes “never” as the year 1.
fn moment(text: Option<&str>) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text?).ok()?.to_utc();
    (time.timestamp() > 0).then_some(time)
}

fn status(status: Option<ContainerStateStatusEnum>, running: bool) -> Status {
    use ContainerStateStatusEnum as S;
    match status {
        Some(S::CREATED) => Status::Created,
        Some(S::RUNNING | S::STOPPING) => Status::Running,
        Some(S::PAUSED) => Status::Paused,
        Some(S::RESTARTING) => Status::Restarting,
        Some(S::REMOVING) => Status::Removing,
        Some(S::EXITED) => Status::Exited,
        Some(S::DEAD) => Status::Dead,
        Some(S::EMPTY) | None if running => Status::Running,
        Some(S::EMPTY) | None => Status::Exited,
    }
}

fn listed_status(status: Option<ContainerSummaryStateEnum>) -> Status {
    use ContainerSummaryStateEnum as S;
    match status {
        Some(S::CREATED) => Status::Created,
        Some(S::RUNNING | S::STOPPING) => Status::Running,
        Some(S::PAUSED) => Status::Paused,
        Some(S::RESTARTING) => Status::Restarting,
        Some(S::REMOVING) => Status::Removing,
        Some(S::DEAD) => Status::Dead,
        Some(S::EXITED | S::EMPTY) | None => Status::Exited,
    }
}

/// The engine answers for a container that does not run, too, but leaves its
/// memory out.
fn usage(stats: ContainerStatsResponse) -> Option<Usage> {
    let memory = stats.memory_stats?;
    let used = memory.usage?;
    let detail = memory.stats.unwrap_or_default();
    // The first is the name on cgroup 1, the second on cgroup 2; the same rule
    // as in `docker stats`.
    let cache = detail
        .get("total_inactive_file")
        .or_else(|| detail.get("inactive_file"))
        .copied()
        .unwrap_or(0);
    // The kernel's own peak counts the file cache. A script that writes a large
    // file would seem to need that much memory, so it is taken only where the
    // cache is small.
    let all_cache = detail.get("total_cache").copied().unwrap_or(0);
    let networks = stats.networks.unwrap_or_default();
    let cpu = stats.cpu_stats.and_then(|cpu| cpu.cpu_usage);
    Some(Usage {
        cpu_ns: cpu.and_then(|cpu| cpu.total_usage).unwrap_or(0),
        memory_bytes: used.saturating_sub(cache),
        memory_peak_bytes: memory.max_usage.filter(|peak| all_cache <= peak / 8),
        rx: networks.values().filter_map(|n| n.rx_bytes).sum(),
        tx: networks.values().filter_map(|n| n.tx_bytes).sum(),
        pids: stats.pids_stats.and_then(|p| p.current).unwrap_or(0),
    })
}
