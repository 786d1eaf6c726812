//! Every way a run can end: the exit code of the command, and the row.

use crate::home::{Home, Said, home};
use runbay::domain::run::{Outcome, Run, RunState};
use rustix::process::Signal;
use std::time::Duration;

/// What all cancelled runs have in common.
fn assert_cancelled(said: &Said, run: &Run) {
    said.exits(130);
    assert_eq!(run.outcome, Some(Outcome::Cancelled), "{said}");
}

/// Starts a fixture that prints `ready` and waits until it has.
fn ready(home: &Home, task: &str) -> crate::home::Child {
    home.fixture(task);
    let child = home.spawn(&["run", task]);
    home.until_printed(task, "ready");
    child
}

#[test]
fn a_script_that_ends_with_0_succeeded() {
    home(|home| {
        home.task("plain", "print('hello')");
        let (said, run) = home.run(&["plain"]);
        said.exits(0).prints("hello").tells("succeeded");
        assert_eq!(
            (run.outcome, run.exit_code),
            (Some(Outcome::Succeeded), Some(0))
        );
        let attempt = home.attempt(&run).unwrap();
        assert_eq!(attempt.outcome, Some(Outcome::Succeeded));
        assert!(run.started_at.unwrap() >= run.created_at && run.finished_at >= run.started_at);
        assert!(
            attempt.measurements.run_ms.is_some() && attempt.measurements.first_line_ms.is_some()
        );
    });
}

#[test]
fn a_script_that_fails_gives_its_own_exit_code() {
    home(|home| {
        home.fixture("exits-3");
        let (said, run) = home.run(&["exits-3"]);
        said.exits(3)
            .prints("about to exit with 3")
            .tells("failed (3)");
        assert_eq!(
            (run.outcome, run.exit_code),
            (Some(Outcome::Failed), Some(3))
        );
    });
}

#[test]
fn a_script_that_raises_shows_a_traceback_without_frames_of_ours() {
    home(|home| {
        home.fixture("failing");
        let (said, run) = home.run(&["failing"]);
        said.exits(1)
            .tells("ValueError: could not convert string to float: '3,50'");
        said.tells("Prices are written with a point");
        assert_eq!(run.exit_code, Some(1));
        let trace = said.err.split("Traceback").nth(1).unwrap();
        let frames: Vec<_> = trace.lines().filter(|l| l.starts_with("  File ")).collect();
        assert!(!frames.is_empty());
        for frame in frames {
            assert!(frame.starts_with("  File \"/task/main.py\""), "{frame}");
        }
    });
}

#[test]
fn a_script_that_a_signal_of_its_own_ends_is_told_by_its_name() {
    home(|home| {
        home.task(
            "crashes",
            "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)",
        );
        let (said, run) = home.run(&["crashes"]);
        said.exits(139).tells("SIGSEGV");
        assert_eq!(
            (run.outcome, run.exit_code),
            (Some(Outcome::Failed), Some(139))
        );
    });
}

#[test]
fn a_run_is_stopped_at_its_timeout() {
    home(|home| {
        home.fixture("sleeps-forever");
        home.task_file("sleeps-forever", "task.toml", "timeout = \"1s\"");
        let (said, run) = home.run(&["sleeps-forever"]);
        said.exits(124)
            .prints("ready")
            .tells("stopped at its timeout of 1s");
        assert_eq!(run.outcome, Some(Outcome::TimedOut));
        assert!(said.took < Duration::from_secs(8), "{:?}", said.took);
    });
}

#[test]
fn a_script_that_takes_too_much_memory_is_out_of_memory() {
    home(|home| {
        home.fixture("fills-memory");
        let (said, run) = home.run(&["fills-memory"]);
        said.exits(137)
            .prints("taking memory")
            .tells("64 MiB")
            .tells("`memory` in task.toml");
        assert_eq!(
            (run.outcome, run.exit_code),
            (Some(Outcome::OutOfMemory), Some(137))
        );
    });
}

/// The engine marks the whole container as out of memory (V4); only the script's
/// own end counts.
#[test]
fn a_child_that_takes_too_much_memory_is_told_and_fails_nothing() {
    home(|home| {
        let script = "
import subprocess, sys
child = subprocess.run([sys.executable, '-c', 'x = [b\"x\" * (8 << 20) for _ in range(99)]'])
print('the child ended with', child.returncode)
";
        home.task("parent", script);
        home.task_file("parent", "task.toml", "memory = \"64M\"");
        let (said, run) = home.run(&["parent"]);
        said.exits(0)
            .prints("the child ended with -9")
            .tells("a child process was killed");
        assert_eq!(run.outcome, Some(Outcome::Succeeded));
    });
}

#[test]
fn a_script_that_fills_the_disk_is_out_of_disk() {
    home(|home| {
        home.fixture("fills-disk");
        let (said, run) = home.run(&["fills-disk"]);
        said.tells("may fill 32 MiB");
        assert_eq!(run.outcome, Some(Outcome::OutOfDisk), "{said}");
        assert_ne!(said.code, 0);
    });
}

#[test]
fn a_run_whose_container_somebody_removes_is_lost() {
    home(|home| {
        let child = ready(home, "sleeps-forever");
        let run = home.last("sleeps-forever").unwrap();
        let container = home.attempt(&run).unwrap().container_id.unwrap();
        let (status, body) = home.docker("DELETE", &format!("/containers/{container}?force=1&v=1"));
        assert_eq!(status, 204, "{body}");
        child.end().exits(125).tells("removed by somebody else");
        assert_eq!(
            home.last("sleeps-forever").unwrap().outcome,
            Some(Outcome::Lost)
        );
    });
}

#[test]
fn ctrl_c_cancels_a_run() {
    home(|home| {
        let child = ready(home, "sleeps-forever");
        child.signal(Signal::INT);
        let said = child.end();
        assert_cancelled(&said, &home.last("sleeps-forever").unwrap());
        assert!(said.took < Duration::from_secs(8), "{:?}", said.took);
    });
}

#[test]
fn sigterm_cancels_a_run() {
    home(|home| {
        let child = ready(home, "sleeps-forever");
        child.signal(Signal::TERM);
        assert_cancelled(&child.end(), &home.last("sleeps-forever").unwrap());
    });
}

#[test]
fn runbay_cancel_cancels_a_run_of_another_process() {
    home(|home| {
        let child = ready(home, "sleeps-forever");
        home.runbay(&["cancel", "sleeps-forever"]).exits(0);
        assert_cancelled(&child.end(), &home.last("sleeps-forever").unwrap());
        // Once it is over there is nothing to cancel.
        home.runbay(&["cancel", "last"])
            .exits(75)
            .tells("already over: cancelled");
    });
}

#[test]
fn a_script_that_ignores_sigterm_is_killed_within_12_seconds() {
    home(|home| {
        let child = ready(home, "ignores-sigterm");
        let begun = std::time::Instant::now();
        child.signal(Signal::INT);
        let said = child.end();
        assert!(
            begun.elapsed() < Duration::from_secs(12),
            "{:?}",
            begun.elapsed()
        );
        said.prints("SIGTERM ignored");
        assert_cancelled(&said, &home.last("ignores-sigterm").unwrap());
    });
}

/// It had its chance to end well, and what it said while it did is kept.
#[test]
fn a_script_that_ends_with_0_when_cancelled_is_cancelled() {
    home(|home| {
        let script = "
import signal, sys, time
def stop(*_):
    print('tidied up', flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print('ready', flush=True)
time.sleep(60)
";
        home.task("polite", script);
        let child = home.spawn(&["run", "polite"]);
        home.until_printed("polite", "ready");
        child.signal(Signal::INT);
        let said = child.end();
        said.prints("tidied up");
        let run = home.last("polite").unwrap();
        assert_cancelled(&said, &run);
        assert_eq!(run.exit_code, Some(0));
    });
}

#[test]
fn a_run_is_cancelled_while_its_environment_is_built() {
    home(|home| {
        home.task("builds", "print('never')");
        // Nothing listens there, so the resolver goes on asking.
        home.task_file("builds", "requirements.txt", "requests==2.31.0\n");
        let mut command = home.command(&["run", "builds"]);
        command.env("RUNBAY_BUILD_INDEX_URL", "http://192.0.2.1/simple");
        let child = crate::home::Child::spawn(command);
        home.until("builds", |run| {
            home.log(run)
                .iter()
                .any(|l| l.text.starts_with("resolving"))
        });
        child.signal(Signal::INT);
        let said = child.end();
        assert_cancelled(&said, &home.last("builds").unwrap());
        assert!(said.took < Duration::from_secs(15), "{:?}", said.took);
        assert!(!said.out.contains("never"));
    });
}

#[test]
fn a_run_that_is_cancelled_at_once_never_starts() {
    home(|home| {
        home.fixture("sleeps-forever");
        let child = home.spawn(&["run", "sleeps-forever"]);
        home.until("sleeps-forever", |_| true);
        home.runbay(&["cancel", "last"]).exits(0);
        let said = child.end();
        let run = home.last("sleeps-forever").unwrap();
        assert_cancelled(&said, &run);
        assert_eq!(run.state, RunState::Finished);
    });
}

/// A daemon that outlives the script holds its output; the end of the script is
/// the end of the run.
#[test]
fn a_daemon_left_behind_ends_with_the_run() {
    home(|home| {
        home.fixture("forks-and-leaves");
        let (said, run) = home.run(&["forks-and-leaves"]);
        // Each writes text and newline apart, so their lines may mix.
        assert!(said.exits(0).out.contains("main leaves"), "{said}");
        assert_eq!(run.outcome, Some(Outcome::Succeeded));
        assert!(said.took < Duration::from_secs(8), "{:?}", said.took);
    });
}

#[test]
fn the_volumes_of_a_run_go_with_its_container() {
    home(|home| {
        let child = ready(home, "sleeps-forever");
        let run = home.last("sleeps-forever").unwrap();
        let container = home.attempt(&run).unwrap().container_id.unwrap();
        let (_, body) = home.docker("GET", &format!("/containers/{container}/json"));
        let inspected: serde_json::Value = serde_json::from_str(&body).unwrap();
        let mounts = inspected["Mounts"].as_array().unwrap();
        let names: Vec<_> = mounts.iter().filter_map(|m| m["Name"].as_str()).collect();
        assert_eq!(names.len(), 2, "{mounts:?}");
        child.signal(Signal::INT);
        child.end().exits(130);
        for name in names {
            assert_eq!(home.docker("GET", &format!("/volumes/{name}")).0, 404);
        }
    });
}

#[test]
fn a_run_is_followed_and_cancelled_from_elsewhere() {
    home(|home| {
        home.fixture("sleeps-forever");
        let started = home.runbay(&["run", "-d", "sleeps-forever"]);
        started.exits(0);
        let id = started.out.trim();
        assert_eq!(id.len(), 32, "{started}");
        let follower = home.spawn(&["logs", "-f", id]);
        home.until_printed("sleeps-forever", "ready");
        home.runbay(&["cancel", id]).exits(0);
        follower.end().exits(0).prints("ready").tells("cancelled");
        let run = home.until("sleeps-forever", |run| run.state == RunState::Finished);
        assert_eq!(run.outcome, Some(Outcome::Cancelled));
        assert_eq!(run.id.to_string(), id);
    });
}
