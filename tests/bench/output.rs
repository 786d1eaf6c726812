//! A script with very much to say.

use super::reference::{Reference, docker};
use super::sample::{Limit, Pair, Row, quiet};
use super::world::{Timed, World, time, time_watched};
use std::process::Command;

const LINES: u64 = 1_000_000;
/// Lines of 100 bytes, in pieces as a program writes them that does not flush
/// each line.
const FLOOD: &str = "import sys\nblock = ('x' * 99 + '\\n') * 100\nfor _ in range(10_000):\n    sys.stdout.write(block)\n";

/// What our memory may grow by, MB.
const GROWTH_MB: f64 = 64.0;

/// 100 MB: kept in whole, in little memory, and as fast as the engine's own log
/// is read back.
pub(crate) fn hundred_megabytes(world: &World) -> anyhow::Result<Vec<Row>> {
    let settings = [("RUNBAY_LIMITS_LOG", "400M")];
    world.write("flood/main.py", FLOOD)?;
    world.write("noop/main.py", super::start::SPEAK)?;
    world.prepare("noop")?;
    let image = world.prepare("flood")?;
    let reference = Reference::new(world, &settings)?;
    let name = format!("runbay-bench-{}", std::process::id());
    let mut create = reference.command(&["run", "--detach", "--name", &name], &image);
    create.env("DOCKER_CLI_HINTS", "false");
    time(create)?;
    let read = docker(&["wait", &name]).and_then(|_| readings(world, &settings, &name));
    docker(&["rm", "-fv", &name])?;
    read
}

fn readings(world: &World, settings: &[(&str, &str)], logged: &str) -> anyhow::Result<Vec<Row>> {
    let small = peak(world.runbay(&["run", "-q", "noop"]))?.1;
    let mut rows = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..3 {
        quiet();
        let mut command = world.runbay(&["run", "-q", "flood"]);
        command.envs(settings.iter().copied());
        let (ours, memory) = peak(command)?;
        let kept = time(world.runbay(&["logs", "flood"]))?;
        quiet();
        let mut logs = Command::new("docker");
        logs.args(["logs", logged]);
        let theirs = time(logs)?;
        let pair = |ours, reference| Pair { ours, reference };
        rows[0].push(pair(
            ours.lines.min(kept.lines) as f64 / 1e3,
            LINES.max(theirs.lines) as f64 / 1e3,
        ));
        rows[1].push(pair(memory - small, GROWTH_MB));
        rows[2].push(pair(speed(&ours), speed(&theirs)));
    }
    let [lines, memory, speeds] = rows;
    let row = |measure: &str, unit, limit, pairs| Row {
        measure: measure.to_owned(),
        unit,
        limit,
        pairs,
    };
    Ok(vec![
        row(
            "output: lines shown and kept of 100 MB, vs written",
            "k",
            Limit::AtLeast(1.0),
            lines,
        ),
        row(
            "output: growth of our memory, vs allowed",
            "MB",
            Limit::AtMost(1.0),
            memory,
        ),
        row(
            "output: while it is printed, vs docker logs of it",
            "MB/s",
            Limit::AtLeast(1.0),
            speeds,
        ),
    ])
}

/// Megabytes a second from the first line to the end.
fn speed(timed: &Timed) -> f64 {
    timed.bytes as f64 / 1e6 / (timed.end - timed.first_line).as_secs_f64()
}

/// A command and the most memory it had, MB (`VmHWM`, `proc(5)`).
fn peak(command: Command) -> anyhow::Result<(Timed, f64)> {
    let mut most = 0.0_f64;
    let timed = time_watched(command, |process| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status"));
        let line = status.iter().flat_map(|text| text.lines());
        let kib = line
            .filter_map(|line| line.strip_prefix("VmHWM:"))
            .filter_map(|rest| rest.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        most = kib.fold(most, f64::max);
    })?;
    Ok((timed, most * 1.024 / 1e3))
}
