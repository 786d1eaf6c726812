//! The container of a run: what it is given and what it is not.

use crate::domain::ids::{AttemptId, ImageId, InstanceId};
use crate::domain::limits::Limits;
use crate::domain::params::{ParamKind, Params};
use crate::domain::run::{Run, Trigger};
use crate::domain::size::MIB;
use crate::domain::task::{Entry, Task};
use crate::engine::{ContainerSpec, Role, Tmpfs, Volume};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The working folder: a copy of the code that only this run sees.
pub(super) const CODE: &str = "/task";
/// What is left here is kept.
pub(super) const ARTIFACTS: &str = "/artifacts";
/// JSON left here becomes the run's result.
pub(super) const RESULT: &str = "/artifacts/result.json";
/// Secrets, one file each, in memory.
pub(super) const SECRETS: &str = "/run/secrets";
/// The parameters as JSON.
pub(super) const PARAMS: &str = "/run/runbay/params.json";
/// Files given as parameters.
pub(super) const INPUTS: &str = "/inputs";
/// What a run was sent by whoever started it, below [`INPUTS`].
pub(super) const PAYLOAD: &str = "payload.json";

/// The user of runs.
const UID: u32 = 10001;

/// The name of an attempt's container. One name is one attempt: the engine
/// refuses a second, which is what keeps user code from starting twice.
#[must_use]
pub fn container_name(instance: &InstanceId, attempt: AttemptId) -> String {
    format!("runbay-{}-{attempt}", instance.short())
}

/// The container for one attempt, as yet without a network. Nothing a task says reaches the engine except
/// through the numbers of `limits`.
pub(super) fn spec(
    instance: &InstanceId,
    attempt: AttemptId,
    task: &Task,
    image: &ImageId,
    limits: &Limits,
) -> ContainerSpec {
    let python = "/opt/venv/bin/python".to_owned();
    let cmd = match &task.entry {
        Entry::Script(file) => vec![python, format!("{CODE}/{file}")],
        // The gate makes the folder's parent importable.
        Entry::Package(_) => vec![
            python,
            "-m".to_owned(),
            CODE.trim_start_matches('/').to_owned(),
        ],
        // The gate becomes the program before this would run.
        Entry::Command(_) => vec![python, "-c".to_owned(), String::new()],
    };
    let mut spec = ContainerSpec::new(image.clone(), Role::Run, cmd);
    spec.env = vec![("RUNBAY_GATE".to_owned(), "1".to_owned())];
    spec.workdir = CODE.to_owned();
    spec.labels = labels(instance, attempt, task);
    spec.memory = limits.memory.0;
    spec.cpus = limits.cpus;
    spec.pids = limits.pids;
    spec.shm = limits.shm().0;
    spec.stdin = true;
    spec.log_bytes = limits.log.0;
    let memory_file = |path: &str, size| Tmpfs {
        path: path.to_owned(),
        size,
        mode: 0o700,
        uid: UID,
        gid: UID,
        exec: false,
    };
    spec.tmpfs = vec![
        Tmpfs {
            path: "/tmp".to_owned(),
            size: limits.tmp().0,
            mode: 0o1777,
            uid: 0,
            gid: 0,
            exec: false,
        },
        memory_file(SECRETS, MIB),
        memory_file("/run/runbay", MIB),
    ];
    spec.volumes = [CODE, ARTIFACTS].map(anonymous).to_vec();
    if has_inputs(task) {
        make_inputs(&mut spec);
    }
    spec
}

/// Makes room for [`INPUTS`], once.
pub(super) fn make_inputs(spec: &mut ContainerSpec) {
    let inputs = anonymous(INPUTS);
    if !spec.volumes.contains(&inputs) {
        spec.volumes.push(inputs);
    }
}

/// Whether a run may have been sent something by whoever started it, or started
/// the run that it repeats.
pub(super) fn may_have_payload(run: &Run) -> bool {
    matches!(run.trigger, Trigger::Webhook | Trigger::Rerun)
}

fn anonymous(path: &str) -> Volume {
    Volume::Anonymous {
        path: path.to_owned(),
    }
}

/// The labels by which a container of ours is known.
fn labels(instance: &InstanceId, attempt: AttemptId, task: &Task) -> Vec<(String, String)> {
    [
        ("runbay.instance", instance.to_string()),
        ("runbay.kind", "run".to_owned()),
        ("runbay.task", task.name.to_string()),
        ("runbay.run", attempt.run.to_string()),
        ("runbay.attempt", attempt.number.to_string()),
    ]
    .map(|(k, v)| (k.to_owned(), v))
    .to_vec()
}

fn has_inputs(task: &Task) -> bool {
    task.manifest
        .params
        .values()
        .any(|p| p.kind == ParamKind::File)
}

/// Where a file parameter is inside the container: a folder of its own, and the
/// file's own name.
pub(super) fn input_path(name: &str, given: &str) -> String {
    let file = Path::new(given)
        .file_name()
        .map_or_else(|| "file".into(), |n| n.to_string_lossy());
    format!("{INPUTS}/{name}/{file}")
}

/// The files that a run was given as parameters, as (path inside, source).
pub(super) fn inputs(task: &Task, params: &Params) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for (name, declared) in &task.manifest.params {
        if declared.kind == ParamKind::File
            && let Some(Value::String(path)) = params.get(name)
        {
            found.push((input_path(name, path), PathBuf::from(path)));
        }
    }
    found
}
