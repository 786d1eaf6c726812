//! `docker run` as strict as we are.
//!
//! Its options are made from what the engine says of a container of ours that
//! is running, and a container made with them is held against that one: a
//! sandbox that is changed and a reference that is not would be no comparison.

use super::world::World;
use anyhow::Context;
use runbay::domain::ids::ImageId;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// A running container to copy: it says that it is up and waits to be told to
/// end.
const HELD: &str = "import signal\nsignal.signal(signal.SIGTERM, lambda *_: exit(0))\nprint('up', flush=True)\nsignal.pause()\n";

/// The options of `docker run`.
pub(crate) struct Reference {
    options: Vec<String>,
}

impl Reference {
    /// The options that make what `runbay run` makes, with these settings.
    pub(crate) fn new(world: &World, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        world.write("held/main.py", HELD)?;
        let mut command = world.runbay(&["run", "-q", "held"]);
        command.envs(settings.iter().copied());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let made = copy(world);
        // Cancelled, so its exit code is not 0.
        docker_free(&mut world.runbay(&["cancel", "held"]))?;
        child.wait()?;
        made
    }

    /// `docker <verb> <options> <image> python /task/main.py`, without our gate.
    pub(crate) fn command(&self, verb: &[&str], image: &ImageId) -> Command {
        let mut command = Command::new("docker");
        command.args(verb).args(&self.options).arg(&image.0);
        command.args(["/opt/venv/bin/python", "/task/main.py"]);
        command
    }
}

fn copy(world: &World) -> anyhow::Result<Reference> {
    let instance = format!("label=runbay.instance={}", world.instance()?);
    let id = docker(&[
        "ps",
        "-q",
        "--filter",
        &instance,
        "--filter",
        "label=runbay.task=held",
    ])?;
    let ours = inspect(id.trim())?;
    let filter = world.home().join("seccomp.json");
    let reference = Reference {
        options: options(&ours, &filter).context("what the engine says of our container")?,
    };
    let image = ImageId(ours["Image"].as_str().unwrap_or_default().to_owned());
    let mut create = reference.command(&["create"], &image);
    let made = text(&mut create)?;
    let theirs = inspect(made.trim());
    docker(&["rm", "-v", made.trim()])?;
    let theirs = theirs?;
    let (ours, theirs) = (comparable(&ours), comparable(&theirs));
    for (key, value) in ours.as_object().into_iter().flatten() {
        anyhow::ensure!(
            theirs[key] == *value,
            "the reference is not made as ours: {key} is {} there and {value} here",
            theirs[key]
        );
    }
    Ok(reference)
}

/// The command line wants the list of system calls in a file: `filter`.
fn options(of: &Value, filter: &Path) -> Option<Vec<String>> {
    let host = &of["HostConfig"];
    let mut options: Vec<String> = ["--init", "--no-healthcheck", "--read-only"]
        .map(str::to_owned)
        .to_vec();
    let mut add = |name: &str, value: &str| options.push(format!("--{name}={value}"));
    for (name, value) in [
        ("user", &of["Config"]["User"]),
        ("workdir", &of["Config"]["WorkingDir"]),
        ("network", &host["NetworkMode"]),
        ("ipc", &host["IpcMode"]),
        ("cgroupns", &host["CgroupnsMode"]),
        ("log-driver", &host["LogConfig"]["Type"]),
    ] {
        add(name, value.as_str()?);
    }
    for (name, field) in [
        ("memory", "Memory"),
        ("memory-swap", "MemorySwap"),
        ("pids-limit", "PidsLimit"),
        ("cpu-shares", "CpuShares"),
        ("oom-score-adj", "OomScoreAdj"),
        ("shm-size", "ShmSize"),
    ] {
        add(name, &host[field].as_i64()?.to_string());
    }
    add("cpus", &(host["NanoCpus"].as_f64()? / 1e9).to_string());
    for (name, field) in [("cap-drop", "CapDrop"), ("security-opt", "SecurityOpt")] {
        for value in host[field].as_array()? {
            match value.as_str()?.strip_prefix("seccomp=") {
                Some(list) => {
                    std::fs::write(filter, list).ok()?;
                    add(name, &format!("seccomp={}", filter.display()));
                }
                None => add(name, value.as_str()?),
            }
        }
    }
    for (key, value) in host["LogConfig"]["Config"].as_object()? {
        add("log-opt", &format!("{key}={}", value.as_str()?));
    }
    for (path, how) in host["Tmpfs"].as_object()? {
        add("tmpfs", &format!("{path}:{}", how.as_str()?));
    }
    for limit in host["Ulimits"].as_array()? {
        let name = limit["Name"].as_str()?;
        add(
            "ulimit",
            &format!("{name}={}:{}", limit["Soft"], limit["Hard"]),
        );
    }
    for mount in host["Mounts"].as_array()? {
        add(
            "mount",
            &format!("type=volume,dst={}", mount["Target"].as_str()?),
        );
    }
    Some(options)
}

/// What is to be the same in both: how the container is held, without what only
/// names it. Labels of volumes name them.
fn comparable(of: &Value) -> Value {
    let mut host = of["HostConfig"].clone();
    for name in ["AutoRemove", "ContainerIDFile", "ConsoleSize"] {
        host[name].take();
    }
    for mount in host["Mounts"].as_array_mut().into_iter().flatten() {
        mount["VolumeOptions"].take();
    }
    for list in host.as_object_mut().into_iter().flatten().map(|(_, v)| v) {
        if matches!(list, Value::Array(items) if items.is_empty())
            || matches!(list, Value::Object(items) if items.is_empty())
        {
            list.take();
        }
        if let Value::Array(items) = list {
            items.sort_by_key(ToString::to_string);
        }
    }
    host["User"] = of["Config"]["User"].clone();
    host
}

fn inspect(id: &str) -> anyhow::Result<Value> {
    let all: Value = serde_json::from_str(&docker(&["inspect", "--type=container", id])?)?;
    Ok(all[0].clone())
}

/// The output of a `docker` command that must succeed.
pub(crate) fn docker(args: &[&str]) -> anyhow::Result<String> {
    text(Command::new("docker").args(args))
}

/// Runs a command that may fail and says nothing of interest.
fn docker_free(command: &mut Command) -> anyhow::Result<()> {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    Ok(())
}

fn text(command: &mut Command) -> anyhow::Result<String> {
    let done = command
        .output()
        .with_context(|| format!("{command:?} cannot be run"))?;
    let said = String::from_utf8_lossy(&done.stderr);
    anyhow::ensure!(
        done.status.success(),
        "{command:?}: {}\n{said}",
        done.status
    );
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}
