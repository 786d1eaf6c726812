//! What a run makes of an engine that breaks off, hangs, or is not there.

use crate::chaos::ChaosSocket;
use crate::home::{Child, Home, Said, eventually, home, until_gone};
use runbay::attempt::network_name;
use runbay::domain::ids::{ContainerId, Digest};
use runbay::domain::log::Stream;
use runbay::domain::run::{Outcome, Run, RunState};
use rustix::process::Signal;
use std::time::Duration;

/// How many lines the script of [`numbers`] prints.
const LINES: usize = 300;

/// A task that prints numbers on both streams for a second or so, then exits
/// with 9.
fn numbers(home: &Home, name: &str) {
    let script = format!(
        "
import sys, time
for n in range({LINES}):
    print(n, flush=True)
    print(n, file=sys.stderr, flush=True)
    time.sleep(0.004)
sys.exit(9)
"
    );
    home.task(name, &script);
}

/// A proxy before the engine.
fn chaos(home: &Home) -> ChaosSocket {
    let _in = home.enter();
    ChaosSocket::before(home.engine.address())
}

/// `runbay run` whose engine is behind the proxy.
fn spawn(home: &Home, chaos: &ChaosSocket, args: &[&str]) -> Child {
    let mut command = home.command(&[&["run"], args].concat());
    command.env("RUNBAY_DOCKER_HOST", chaos.address());
    Child::spawn(command)
}

/// The run ended with its own code, and the log has every line exactly once.
fn assert_whole(home: &Home, said: &Said, run: &Run) {
    said.exits(9);
    assert_eq!(
        (run.outcome, run.exit_code),
        (Some(Outcome::Failed), Some(9)),
        "{said}"
    );
    let expected: Vec<_> = (0..LINES).map(|n| n.to_string()).collect();
    let log = home.log(run);
    for stream in [Stream::Stdout, Stream::Stderr] {
        let printed: Vec<_> = log
            .iter()
            .filter(|l| l.stream == stream)
            .map(|l| &l.text)
            .collect();
        assert_eq!(printed, expected.iter().collect::<Vec<_>>(), "{stream:?}");
    }
    assert_eq!(said.out.lines().count(), LINES);
}

/// The run was given up before user code could begin.
fn assert_never_began(home: &Home, said: &Said, task: &str) {
    assert!(!said.out.contains("began"), "{said}");
    let run = home.last(task).unwrap();
    assert_eq!(run.outcome, Some(Outcome::InfraError), "{said}");
    assert!(run.started_at.is_none());
}

#[test]
fn an_engine_that_breaks_off_for_a_moment_costs_no_line() {
    home(|home| {
        numbers(home, "numbers");
        let chaos = chaos(home);
        let child = spawn(home, &chaos, &["numbers"]);
        home.until_printed("numbers", "50");
        chaos.sever();
        chaos.restore();
        home.until_printed("numbers", "150");
        chaos.sever();
        chaos.restore();
        let said = child.end();
        assert_whole(home, &said, &home.last("numbers").unwrap());
    });
}

#[test]
fn an_engine_that_is_away_until_the_script_is_over_costs_no_line() {
    home(|home| {
        numbers(home, "numbers");
        let chaos = chaos(home);
        let child = spawn(home, &chaos, &["numbers"]);
        let run = home.until_printed("numbers", "50");
        chaos.sever();
        let container = home.attempt(&run).unwrap().container_id.unwrap();
        let code = home.wait(home.engine.exited(&container)).unwrap();
        assert_eq!(code, 9);
        chaos.restore();
        let said = child.end();
        assert_whole(home, &said, &home.last("numbers").unwrap());
    });
}

/// Its end is recorded before its container goes: who is killed in between
/// leaves the rest to the guard.
#[test]
fn a_command_that_is_killed_before_its_container_is_gone_leaves_none() {
    home(|home| {
        home.task("brief", "print('done')");
        home.runbay(&["build", "brief"]).exits(0);
        let chaos = chaos(home);
        chaos.hold("DELETE ");
        let child = spawn(home, &chaos, &["brief"]);
        eventually("the container shall go", || chaos.holds());
        let run = home.last("brief").unwrap();
        assert_eq!(run.outcome, Some(Outcome::Succeeded));
        child.signal(Signal::KILL);
        child.end();
        // The guard reaches the engine through the proxy as well.
        until_gone(&["drive", &run.id.to_string()]);
    });
}

#[test]
fn output_that_is_cut_within_a_line_is_read_again() {
    home(|home| {
        numbers(home, "numbers");
        let chaos = chaos(home);
        chaos.cut("/attach", 2_345);
        let said = spawn(home, &chaos, &["numbers"]).end();
        assert_whole(home, &said, &home.last("numbers").unwrap());
        assert!(chaos.requests("/logs") > 0, "it was not cut");
    });
}

#[test]
fn a_wait_that_is_cut_off_is_no_end() {
    home(|home| {
        numbers(home, "numbers");
        let chaos = chaos(home);
        chaos.cut("/wait", 0);
        let said = spawn(home, &chaos, &["numbers"]).end();
        assert_whole(home, &said, &home.last("numbers").unwrap());
    });
}

#[test]
fn an_engine_that_hangs_for_a_while_is_waited_for() {
    home(|home| {
        numbers(home, "numbers");
        let chaos = chaos(home);
        let child = spawn(home, &chaos, &["numbers"]);
        let run = home.until_printed("numbers", "50");
        chaos.stall();
        let container = home.attempt(&run).unwrap().container_id.unwrap();
        home.wait(home.engine.exited(&container)).unwrap();
        assert_eq!(home.last("numbers").unwrap().outcome, None);
        chaos.restore();
        let said = child.end();
        assert_whole(home, &said, &home.last("numbers").unwrap());
    });
}

/// As `docker system prune` does, which knows nothing of a container that is about
/// to start, nor of its network.
#[test]
fn what_is_removed_under_a_start_is_made_anew() {
    home(|home| {
        home.task("plain", "print('began')");
        home.task_file("plain", "task.toml", "network = \"egress\"");
        home.runbay(&["build", "plain"]).exits(0);
        for what in ["/attach", "/start"] {
            let chaos = chaos(home);
            chaos.hold(what);
            let child = spawn(home, &chaos, &["plain"]);
            eventually(what, || chaos.holds());
            let run = home.last("plain").unwrap();
            let name = ContainerId(home.attempt(&run).unwrap().container_name);
            let first = home.wait(home.engine.inspect(&name)).unwrap().unwrap().id;
            match what {
                "/attach" => home.wait(home.engine.remove(&name)).unwrap(),
                _ => {
                    let network = network_name(&home.store.instance());
                    home.wait(home.engine.remove_network(&network)).unwrap();
                }
            }
            chaos.restore();
            let said = child.end();
            said.exits(0);
            assert_eq!(said.out.trim(), "began", "{what}: {said}");
            let run = home.last("plain").unwrap();
            let attempt = home.attempt(&run).unwrap();
            assert_eq!(attempt.id.number, 1, "{what}");
            assert_ne!(attempt.container_id, Some(first), "{what}");
        }
    });
}

#[test]
fn a_container_that_somebody_always_removes_is_given_up() {
    home(|home| {
        home.task("plain", "print('began')");
        home.runbay(&["build", "plain"]).exits(0);
        let chaos = chaos(home);
        chaos.hold("/attach");
        let child = spawn(home, &chaos, &["plain"]);
        for _ in 0..4 {
            eventually("it is about to start", || chaos.holds());
            let run = home.last("plain").unwrap();
            let name = home.attempt(&run).unwrap().container_name;
            home.wait(home.engine.remove(&ContainerId(name))).unwrap();
            chaos.hold("/attach");
            chaos.restore();
        }
        let said = child.end();
        said.exits(125);
        assert!(said.err.contains("not found"), "{said}");
        assert_never_began(home, &said, "plain");
    });
}

#[test]
fn an_engine_that_refuses_at_the_start_is_told_with_69() {
    home(|home| {
        home.task("plain", "print('began')");
        let chaos = chaos(home);
        chaos.refuse();
        let said = spawn(home, &chaos, &["plain"]).end();
        said.exits(69);
        assert_never_began(home, &said, "plain");
    });
}

#[test]
fn an_engine_that_is_not_there_is_told_with_what_to_do() {
    home(|home| {
        home.task("plain", "print('began')");
        let mut command = home.command(&["run", "plain"]);
        command.env("RUNBAY_DOCKER_HOST", "unix:///nowhere/docker.sock");
        let said = Child::spawn(command).end();
        said.exits(69)
            .tells("/nowhere/docker.sock")
            .tells("Start the engine");
        assert_never_began(home, &said, "plain");
        // What can be answered without it is.
        let mut command = home.command(&["ps", "--all"]);
        command.env("RUNBAY_DOCKER_HOST", "unix:///nowhere/docker.sock");
        Child::spawn(command).end().exits(0);
    });
}

/// A broken connection is no reason to lose what a script made.
#[test]
fn files_are_read_again_when_the_engine_breaks_off() {
    home(|home| {
        let script = "
import json, os, time
folder = os.environ['RUNBAY_ARTIFACTS']
for n in range(3):
    with open(f'{folder}/{n}.bin', 'wb') as file:
        file.write(os.urandom(1 << 20))
json.dump({'rows': 3}, open(os.environ['RUNBAY_RESULT'], 'w'))
print('written', flush=True)
while not os.path.exists('/tmp/go'):
    time.sleep(0.01)
";
        home.task("writes", script);
        // Just enough for all, once.
        home.task_file("writes", "task.toml", "scratch = \"4M\"");
        let chaos = chaos(home);
        let child = spawn(home, &chaos, &["writes"]);
        let run = home.until_printed("writes", "written");
        let container = home.attempt(&run).unwrap().container_id.unwrap();
        let reading = format!("GET /containers/{container}/archive");
        chaos.cut(&reading, 2_000_000);
        let go = ["touch", "/tmp/go"];
        home.wait(home.engine.exec(&container, &go, "10001:10001"))
            .unwrap();
        let said = child.end();
        said.exits(0).tells("4 files kept");
        assert_eq!(chaos.requests(&reading), 2, "it was not cut");
        let run = home.last("writes").unwrap();
        assert_eq!(run.result, Some(serde_json::json!({ "rows": 3 })));
        let kept = home.wait(home.store.artifacts(run.id)).unwrap();
        for file in &kept {
            let folder = home.data().join("artifacts").join(run.id.to_string());
            let bytes = std::fs::read(folder.join(&file.path)).unwrap();
            assert_eq!(Digest::of(&bytes), file.digest);
        }
    });
}

/// The engine made the container, and we did not hear of it.
#[test]
fn a_create_whose_answer_is_lost_leaves_no_container() {
    home(|home| {
        home.task("plain", "print('began')");
        home.runbay(&["run", "plain"]).exits(0);
        let chaos = chaos(home);
        chaos.cut("/containers/create", 0);
        let said = spawn(home, &chaos, &["plain"]).end();
        said.exits(125);
        assert_never_began(home, &said, "plain");
    });
}

/// V9: what was perhaps started is never started again.
#[test]
fn a_start_whose_answer_is_lost_runs_nothing() {
    home(|home| {
        home.task("plain", "print('began')");
        let chaos = chaos(home);
        chaos.cut("/start", 0);
        let said = spawn(home, &chaos, &["plain"]).end();
        said.exits(125);
        assert_never_began(home, &said, "plain");
        assert_eq!(chaos.requests("/start"), 1);
    });
}

#[test]
fn a_build_that_is_cut_off_is_the_engines_fault_and_not_remembered() {
    home(|home| {
        home.task("plain", "print('began')");
        let chaos = chaos(home);
        chaos.cut("/commit", 0);
        let said = spawn(home, &chaos, &["plain"]).end();
        said.exits(125);
        assert_never_began(home, &said, "plain");
        home.runbay(&["run", "plain"]).exits(0).prints("began");
    });
}

/// One signal asks, and waits for an engine that does not answer; the second
/// leaves, and the guard does the waiting.
#[test]
fn a_command_can_be_left_though_the_engine_hangs() {
    home(|home| {
        home.fixture("sleeps-forever");
        let chaos = chaos(home);
        let child = spawn(home, &chaos, &["sleeps-forever"]);
        let run = home.until_printed("sleeps-forever", "ready");
        chaos.stall();
        child.signal(Signal::INT);
        eventually("it asks the engine to stop", || chaos.requests("/stop") > 0);
        child.signal(Signal::INT);
        let said = child.end();
        said.exits(130);
        assert!(said.took < Duration::from_secs(10), "{:?}", said.took);
        assert_eq!(home.last("sleeps-forever").unwrap().outcome, None);
        chaos.restore();
        let ended = home.until("sleeps-forever", |run| run.state == RunState::Finished);
        assert_eq!(
            (ended.id, ended.outcome),
            (run.id, Some(Outcome::Cancelled))
        );
        until_gone(&["drive", &run.id.to_string()]);
    });
}

/// V8: a run is told from its container, which therefore never removes itself;
/// V1: nor does it come back by itself.
#[test]
fn a_container_neither_removes_nor_restarts_itself() {
    home(|home| {
        home.fixture("sleeps-forever");
        let child = home.spawn(&["run", "sleeps-forever"]);
        let run = home.until_printed("sleeps-forever", "ready");
        let container = home.attempt(&run).unwrap().container_id.unwrap();
        let (_, body) = home.docker("GET", &format!("/containers/{container}/json"));
        let host = &serde_json::from_str::<serde_json::Value>(&body).unwrap()["HostConfig"];
        assert_eq!(host["AutoRemove"], false);
        assert!(matches!(
            host["RestartPolicy"]["Name"].as_str(),
            Some("no" | "")
        ));
        assert_eq!(host["Privileged"], false);
        assert_eq!(host["Binds"], serde_json::Value::Null);
        // By its id, which nobody can make mean another image (V10).
        let inspected: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            inspected["Config"]["Image"].as_str(),
            run.image.as_ref().map(|i| i.0.as_str())
        );
        child.signal(Signal::INT);
        child.end().exits(130);
    });
}
