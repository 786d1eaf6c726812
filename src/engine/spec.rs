//! What a container of ours may be: a closed description, and the one function
//! that turns it into the engine's options.
//!
//! What cannot be said in [`ContainerSpec`] cannot be asked of the engine:
//! privileges, host namespaces, devices, host folders, the engine's socket,
//! further capabilities, an unconfined profile. `forbidden_keys_are_never_sent`
//! below holds that for any specification. Empty `MaskedPaths` would *unmask*
//! the kernel's secrets, so that key is never sent at all.

use super::error::EngineError;
use super::{labels, seccomp};
use crate::domain::ids::ImageId;
use crate::domain::size::MIB;
use bollard::models::{
    ContainerCreateBody, HealthConfig, HostConfig, HostConfigCgroupnsModeEnum, HostConfigLogConfig,
    Mount, MountType, MountVolumeOptions, ResourcesUlimits, RestartPolicy, RestartPolicyNameEnum,
};
use std::collections::HashMap;

/// The user of runs and builds, `runbay` in our base images.
const USER: &str = "10001:10001";

/// What dpkg and chown need, and no more than that.
const SYSTEM_CAPS: [&str; 6] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "SETGID",
    "SETUID",
];

/// The engine writes each piece of output as a JSON line with its time, some
/// 70 bytes more than the text. With this factor all output fits that has lines
/// of 24 bytes or more on average.
const LOG_OVERHEAD: u64 = 4;

/// Room for the engine's log of a container that prints next to nothing.
const LOG_FLOOR: u64 = 16 * MIB;

/// What a container is for, which decides whom it runs as and what it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Task code: user 10001, no capability, read-only root.
    Run,
    /// Installation of packages: as a run, but its root can be written, since
    /// it will be committed.
    Build,
    /// Making of base images from system packages: root with the few
    /// capabilities dpkg needs. Never for anybody else's code.
    System,
}

/// A file system in memory. Its pages count as memory of the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tmpfs {
    /// Where, absolute.
    pub path: String,
    /// Its size, bytes.
    pub size: u64,
    /// The mode of its root, such as `0o1777`.
    pub mode: u32,
    /// The owner of its root.
    pub uid: u32,
    /// The group of its root.
    pub gid: u32,
    /// Whether programs and libraries in it may be executed.
    pub exec: bool,
}

/// A volume. It takes owner, mode and content from the image's folder at that
/// path when it is first used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Volume {
    /// Lives and dies with the container; carries its labels.
    Anonymous {
        /// Where, absolute.
        path: String,
    },
    /// Outlives the container.
    Named {
        /// Its name on the engine.
        name: String,
        /// Where, absolute.
        path: String,
    },
}

/// What a container may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkMode {
    /// Nothing but itself.
    None,
    /// What a network made by [`super::Engine::ensure_network`] lets it reach:
    /// its name, or rather its id, which is never that of two.
    Named(String),
}

/// One container, fully described.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerSpec {
    /// The image, by id: a tag may move or vanish between build and run.
    pub image: ImageId,
    /// What it is for.
    pub role: Role,
    /// The command.
    pub cmd: Vec<String>,
    /// What the command is given to; the image's own if unset.
    pub entrypoint: Option<Vec<String>>,
    /// Environment. Anybody who may inspect the container reads it: no secrets.
    pub env: Vec<(String, String)>,
    /// The working directory, absolute.
    pub workdir: String,
    /// Labels of the container and its anonymous volumes.
    pub labels: Vec<(String, String)>,
    /// Memory, bytes; there is no swap.
    pub memory: u64,
    /// Processor cores.
    pub cpus: f64,
    /// Processes and threads.
    pub pids: u32,
    /// The size of `/dev/shm`, bytes; counts as memory.
    pub shm: u64,
    /// File systems in memory.
    pub tmpfs: Vec<Tmpfs>,
    /// Volumes.
    pub volumes: Vec<Volume>,
    /// What it may reach.
    pub network: NetworkMode,
    /// Whether it reads from [`super::Attached::stdin`]; else it reads an end.
    pub stdin: bool,
    /// How much output is kept of it, bytes. The engine's own log is made
    /// large enough to be re-read from the beginning after a crash of ours; a
    /// container that prints more loses the oldest there.
    pub log_bytes: u64,
    /// The largest file it may write, bytes.
    pub fsize: Option<u64>,
}

impl ContainerSpec {
    /// A small container with neither network, input nor writable place.
    #[must_use]
    pub fn new(image: ImageId, role: Role, cmd: Vec<String>) -> Self {
        Self {
            image,
            role,
            cmd,
            entrypoint: None,
            env: Vec::new(),
            workdir: "/".to_owned(),
            labels: Vec::new(),
            memory: 512 * MIB,
            cpus: 1.0,
            pids: 256,
            shm: 64 * MIB,
            tmpfs: Vec::new(),
            volumes: Vec::new(),
            network: NetworkMode::None,
            stdin: false,
            log_bytes: 50 * MIB,
            fsize: None,
        }
    }

    /// The engine's options for this container; with `filter`, also the list of
    /// system calls it may make.
    pub(super) fn body(&self, filter: bool) -> Result<ContainerCreateBody, EngineError> {
        self.check()?;
        let user = match self.role {
            Role::Run | Role::Build => USER,
            Role::System => "0:0",
        };
        let env = self.env.iter().map(|(key, value)| format!("{key}={value}"));
        Ok(ContainerCreateBody {
            image: Some(self.image.0.clone()),
            user: Some(user.to_owned()),
            cmd: Some(self.cmd.clone()),
            entrypoint: self.entrypoint.clone(),
            env: Some(env.collect()),
            working_dir: Some(self.workdir.clone()),
            labels: Some(labels::map(&self.labels)),
            tty: Some(false),
            attach_stdin: Some(self.stdin),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            open_stdin: Some(self.stdin),
            stdin_once: Some(self.stdin),
            stop_signal: Some("SIGTERM".to_owned()),
            healthcheck: Some(HealthConfig {
                test: Some(vec!["NONE".to_owned()]),
                ..HealthConfig::default()
            }),
            host_config: Some(self.host_config(filter)?),
            ..ContainerCreateBody::default()
        })
    }

    fn host_config(&self, filter: bool) -> Result<HostConfig, EngineError> {
        let memory = signed(self.memory, "memory")?;
        let log = self.log_bytes.saturating_mul(LOG_OVERHEAD).max(LOG_FLOOR);
        let cap_add = (self.role == Role::System)
            .then(|| SYSTEM_CAPS.iter().map(|cap| (*cap).to_owned()).collect());
        let network = match &self.network {
            NetworkMode::None => "none",
            NetworkMode::Named(name) => name,
        };
        let mut security_opt = vec!["no-new-privileges:true".to_owned()];
        security_opt.extend(filter.then(seccomp::option));
        Ok(HostConfig {
            privileged: Some(false),
            cap_drop: Some(vec!["ALL".to_owned()]),
            cap_add,
            security_opt: Some(security_opt),
            readonly_rootfs: Some(self.role == Role::Run),
            memory: Some(memory),
            memory_swap: Some(memory),
            nano_cpus: Some((self.cpus * 1e9) as i64),
            cpu_shares: Some(512),
            pids_limit: Some(self.pids.into()),
            oom_score_adj: Some(500),
            shm_size: Some(signed(self.shm, "shm")?),
            ulimits: Some(self.ulimits()?),
            tmpfs: Some(self.tmpfs.iter().map(tmpfs_option).collect()),
            mounts: Some(self.volumes.iter().map(|v| self.mount(v)).collect()),
            network_mode: Some(network.to_owned()),
            ipc_mode: Some("private".to_owned()),
            cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
            publish_all_ports: Some(false),
            // Without an init, Python as PID 1 ignores SIGTERM and nobody
            // reaps what it leaves.
            init: Some(true),
            // With it, the exit code would vanish with the container.
            auto_remove: Some(false),
            restart_policy: Some(RestartPolicy {
                name: Some(RestartPolicyNameEnum::NO),
                maximum_retry_count: None,
            }),
            log_config: Some(HostConfigLogConfig {
                typ: Some("json-file".to_owned()),
                config: Some(HashMap::from([
                    ("max-size".to_owned(), log.to_string()),
                    ("max-file".to_owned(), "1".to_owned()),
                ])),
            }),
            ..HostConfig::default()
        })
    }

    fn ulimits(&self) -> Result<Vec<ResourcesUlimits>, EngineError> {
        let limit = |name: &str, value: i64| ResourcesUlimits {
            name: Some(name.to_owned()),
            soft: Some(value),
            hard: Some(value),
        };
        let mut limits = vec![limit("nofile", 4096), limit("core", 0)];
        if let Some(bytes) = self.fsize {
            limits.push(limit("fsize", signed(bytes, "fsize")?));
        }
        Ok(limits)
    }

    fn mount(&self, volume: &Volume) -> Mount {
        let (source, path, labels) = match volume {
            Volume::Anonymous { path } => (None, path, Some(labels::map(&self.labels))),
            Volume::Named { name, path } => (Some(name.clone()), path, None),
        };
        Mount {
            typ: Some(MountType::VOLUME),
            source,
            target: Some(path.clone()),
            volume_options: Some(MountVolumeOptions {
                labels,
                ..MountVolumeOptions::default()
            }),
            ..Mount::default()
        }
    }

    /// Refuses what the fields could still say but must not.
    fn check(&self) -> Result<(), EngineError> {
        if let NetworkMode::Named(name) = &self.network
            && !is_own_network(name)
        {
            return bad(format!(
                "“{}” is not a network of its own; host, bridge and other containers' networks are never joined",
                name.escape_debug()
            ));
        }
        // The upper bound keeps the product with 10⁹ within the engine's type.
        if !(self.cpus.is_finite() && (0.01..=100_000.0).contains(&self.cpus)) {
            return bad(format!("{} is not a number of processors", self.cpus));
        }
        if self.pids == 0 || self.memory == 0 {
            return bad("0 processes or bytes of memory would mean no limit".to_owned());
        }
        if !self.image.0.starts_with("sha256:") {
            return bad(format!("“{}” is not the id of an image", self.image));
        }
        let volumes = self.volumes.iter().map(|volume| match volume {
            Volume::Anonymous { path } | Volume::Named { path, .. } => path,
        });
        for path in volumes.chain(self.tmpfs.iter().map(|tmpfs| &tmpfs.path)) {
            if !is_mount_point(path) {
                return bad(format!(
                    "nothing may be mounted at “{}”",
                    path.escape_debug()
                ));
            }
        }
        for volume in &self.volumes {
            if let Volume::Named { name, .. } = volume
                && !is_name(name)
            {
                return bad(format!(
                    "“{}” is not the name of a volume",
                    name.escape_debug()
                ));
            }
        }
        Ok(())
    }
}

fn bad<T>(why: String) -> Result<T, EngineError> {
    Err(EngineError::BadSpec(why))
}

fn signed(value: u64, field: &str) -> Result<i64, EngineError> {
    i64::try_from(value)
        .map_err(|_| EngineError::BadSpec(format!("{value} bytes of {field} are too many")))
}

/// The names the engine takes for volumes and networks; no path, no `:`.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b"_.-".contains(&c))
}

fn is_own_network(name: &str) -> bool {
    is_name(name) && !["host", "bridge", "none", "default", "private"].contains(&name)
}

/// An absolute, plain path that hides nothing of the kernel.
fn is_mount_point(path: &str) -> bool {
    let Some(below) = path.strip_prefix('/') else {
        return false;
    };
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    let top = below.split('/').next().unwrap_or_default();
    below.split('/').all(plain)
        && !path.contains(['\0', ':', ','])
        && !["proc", "sys", "dev"].contains(&top)
}

fn tmpfs_option(tmpfs: &Tmpfs) -> (String, String) {
    let exec = if tmpfs.exec { "exec" } else { "noexec" };
    let Tmpfs {
        size,
        mode,
        uid,
        gid,
        ..
    } = tmpfs;
    (
        tmpfs.path.clone(),
        format!("rw,nosuid,nodev,{exec},size={size},mode={mode:04o},uid={uid},gid={gid}"),
    )
}

#[cfg(test)]
#[path = "spec_tests.rs"]
mod tests;
