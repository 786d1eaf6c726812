//! `kill -9` at any moment: a run still comes to its end, its script begins at
//! most once, and its log has no line twice.

use crate::chaos::ChaosSocket;
use crate::home::{Child, Home, eventually, home, processes, send, until_gone};
use crate::witness::{Dice, LINES, Witness, kills, seed};
use runbay::attempt::container_name;
use runbay::domain::ids::{AttemptId, ContainerId};
use runbay::domain::run::{Outcome, Run, RunState};
use rustix::process::Signal;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

/// Waits until a run is over, sending out a driver if nobody drives it, and
/// until nobody works for it any more.
fn settled(home: &Home, task: &str) -> Run {
    let run = home.until(task, |run| {
        if run.state == RunState::Finished {
            return true;
        }
        if processes(&["drive", &run.id.to_string()]).is_empty() {
            home.runbay(&["ps"]).exits(0);
        }
        false
    });
    until_gone(&["drive", &run.id.to_string()]);
    run
}

/// One run whose command is killed after `delay`; none if that was before there
/// was a run.
fn killed(home: &Home, task: &str, delay: Duration, keep: bool) -> Option<Run> {
    let before = home.last(task).map(|run| run.id);
    let args: &[&str] = if keep {
        &["run", "--keep", task]
    } else {
        &["run", task]
    };
    let child = home.spawn(args);
    std::thread::sleep(delay);
    child.signal(Signal::KILL);
    child.end();
    home.last(task).filter(|run| Some(run.id) != before)?;
    Some(settled(home, task))
}

#[test]
fn a_command_that_is_killed_at_any_moment_leaves_a_run_that_ends_well() {
    home(|home| {
        home.settings("");
        let witness = Witness::new();
        let (seed, kills) = (seed(), kills(36));
        let workers = 3;
        witness.task(home, "whole", 0);
        let whole = home.runbay(&["run", "whole"]);
        whole.exits(0);
        let outcomes = Mutex::new(HashMap::new());
        std::thread::scope(|scope| {
            for worker in 0..workers {
                let (witness, whole, outcomes) = (&witness, &whole, &outcomes);
                scope.spawn(move || {
                    let mut dice = Dice(seed.wrapping_add(worker as u64));
                    let task = format!("worker-{worker}");
                    for round in (worker..kills).step_by(workers) {
                        // Every second run has an image to make first.
                        witness.task(home, &task, round / (2 * workers));
                        let keep = dice.roll().is_multiple_of(2);
                        let delay = dice.moment(whole.took.mul_f64(1.3));
                        if let Some(run) = killed(home, &task, delay, keep) {
                            witness.check(home, &run);
                            let mut outcomes = outcomes.lock().unwrap();
                            *outcomes.entry((run.outcome, keep)).or_insert(0) += 1;
                        }
                    }
                });
            }
        });
        let outcomes = outcomes.into_inner().unwrap();
        assert!(
            outcomes.len() >= 2,
            "the kills were not spread: {outcomes:?}"
        );
    });
}

#[test]
fn a_run_whose_drivers_are_all_killed_is_finished_by_the_next_command() {
    home(|home| {
        home.settings("");
        let witness = Witness::new();
        let mut dice = Dice(seed());
        for round in 0..kills(6) {
            witness.task(home, "orphan", round / 2);
            let child = home.spawn(&["run", "--keep", "orphan"]);
            let run = home.until("orphan", |run| {
                run.state != RunState::Finished
                    && !processes(&["drive", &run.id.to_string()]).is_empty()
            });
            std::thread::sleep(dice.moment(Duration::from_millis(900)));
            for pid in processes(&["drive", &run.id.to_string()]) {
                send(pid, Signal::KILL);
            }
            child.signal(Signal::KILL);
            child.end();
            // The next driver does not live long either.
            home.runbay(&["ps"]).exits(0);
            std::thread::sleep(dice.moment(Duration::from_millis(500)));
            for pid in processes(&["drive", &run.id.to_string()]) {
                send(pid, Signal::KILL);
            }
            let run = settled(home, "orphan");
            witness.check(home, &run);
            assert_eq!(run.outcome, Some(Outcome::Succeeded), "{run:?}");
        }
    });
}

/// The rows of an attempt are written while its container starts. Killed between
/// the two, its command has sent no frame: another container takes its place.
#[test]
#[expect(clippy::disallowed_types, reason = "somebody else holds the database")]
fn a_container_that_started_before_it_was_written_down_begins_nothing() {
    home(|home| {
        home.settings("");
        let witness = Witness::new();
        witness.task(home, "early", 0);
        home.runbay(&["build", "early"]).exits(0);
        let chaos = {
            let _in = home.enter();
            ChaosSocket::before(home.engine.address())
        };
        chaos.hold("/containers/create");
        let mut command = home.command(&["run", "--keep", "early"]);
        command.env("RUNBAY_DOCKER_HOST", chaos.address());
        let child = Child::spawn(command);
        eventually("it is about to create", || chaos.holds());
        let run = home.last("early").unwrap();
        let database = rusqlite::Connection::open(home.data().join("runbay.db")).unwrap();
        database.busy_timeout(Duration::from_secs(5)).unwrap();
        database.execute_batch("BEGIN IMMEDIATE").unwrap();
        chaos.restore();
        let first = AttemptId {
            run: run.id,
            number: 1,
        };
        let name = ContainerId(container_name(&home.store.instance(), first));
        let mut started = None;
        eventually("it has started", || {
            let found = home.wait(home.engine.inspect(&name)).unwrap();
            started = found.filter(|found| found.started_at.is_some());
            started.is_some()
        });
        assert!(home.attempt(&run).is_none(), "nothing is written yet");
        child.signal(Signal::KILL);
        child.end();
        database.execute_batch("ROLLBACK").unwrap();
        let run = settled(home, "early");
        witness.check(home, &run);
        assert_eq!(run.outcome, Some(Outcome::Succeeded), "{run:?}");
        let attempt = home.attempt(&run).unwrap();
        assert_eq!(attempt.id.number, 1);
        assert_ne!(attempt.container_id, started.map(|found| found.id));
    });
}

#[test]
fn a_detached_run_goes_on_without_its_command() {
    home(|home| {
        home.settings("");
        let witness = Witness::new();
        witness.task(home, "detached", 0);
        let started = home.runbay(&["run", "-d", "detached"]);
        started.exits(0);
        let follower = home.runbay(&["logs", "-f", started.out.trim()]);
        assert_eq!(follower.exits(0).out.lines().count(), LINES, "{follower}");
        witness.check(home, &settled(home, "detached"));
    });
}

/// The gate's own code for “no frame came” proves nothing: a script may end with
/// it, too, before anybody could note that it began.
#[test]
fn a_script_that_ends_as_a_shut_gate_does_begins_once_all_the_same() {
    home(|home| {
        home.settings("");
        let witness = Witness::new();
        let mut dice = Dice(seed());
        witness.task_that(home, "ends", 0, "raise SystemExit(78)");
        let whole = home.runbay(&["run", "ends"]);
        whole.exits(78);
        for _ in 0..kills(8) {
            // The last half of its time: the script begins and ends in it.
            let delay = whole.took / 2 + dice.moment(whole.took / 2);
            let Some(run) = killed(home, "ends", delay, true) else {
                continue;
            };
            assert_eq!(
                (run.outcome, run.exit_code),
                (Some(Outcome::Failed), Some(78))
            );
            assert_eq!(witness.count(&run), 1, "{run:?}");
        }
    });
}

#[test]
fn a_command_that_is_interrupted_at_any_moment_ends_its_run() {
    home(|home| {
        home.settings("");
        let witness = Witness::new();
        let mut dice = Dice(seed());
        witness.task(home, "stopped", 0);
        let whole = home.runbay(&["run", "stopped"]);
        whole.exits(0);
        let signals = [Signal::INT, Signal::TERM, Signal::HUP];
        for round in 0..kills(10) {
            witness.task(home, "stopped", round / 2);
            let before = home.last("stopped").map(|run| run.id);
            let child = home.spawn(&["run", "stopped"]);
            home.until("stopped", |run| Some(run.id) != before);
            std::thread::sleep(dice.moment(whole.took));
            child.signal(signals[round % signals.len()]);
            let said = child.end();
            let run = settled(home, "stopped");
            witness.check(home, &run);
            match run.outcome {
                Some(Outcome::Cancelled) => said.exits(130),
                _ => said.exits(0),
            };
        }
    });
}

/// The second Ctrl-C is for those who do not want to wait; the guard is there to
/// do the waiting.
#[test]
fn a_command_that_leaves_at_once_leaves_the_rest_to_its_guard() {
    home(|home| {
        home.fixture("ignores-sigterm");
        let child = home.spawn(&["run", "ignores-sigterm"]);
        home.until_printed("ignores-sigterm", "ready");
        child.signal(Signal::INT);
        home.until_printed("ignores-sigterm", "SIGTERM ignored");
        child.signal(Signal::INT);
        let said = child.end();
        said.exits(130);
        assert!(said.took < Duration::from_secs(6), "{:?}", said.took);
        let run = settled(home, "ignores-sigterm");
        assert_eq!(run.outcome, Some(Outcome::Cancelled));
    });
}

/// Neither the command nor its guard is there any more: what the secrets of the run
/// are is kept, sealed.
#[test]
fn output_is_masked_by_whoever_takes_a_run_over() {
    home(|home| {
        let script = "
import os, signal, sys, time
print('before', os.environ['TOKEN'], flush=True)
signal.signal(signal.SIGUSR1, lambda *_: None)
for n in range(40):
    time.sleep(0.05)
    print('after', os.environ['TOKEN'], flush=True)
";
        home.task("orphan", script);
        let manifest = "secrets = [{ name = 'TOKEN', env = 'TOKEN' }]";
        home.task_file("orphan", "task.toml", manifest);
        let mut command = home.command(&["run", "--keep", "orphan", "--secret", "TOKEN"]);
        command.env("TOKEN", "c4nary-of-an-orphan");
        let child = Child::spawn(command);
        let run = home.until_printed("orphan", "before ***");
        for pid in processes(&["drive", &run.id.to_string()]) {
            send(pid, Signal::KILL);
        }
        child.signal(Signal::KILL);
        child.end();
        let run = settled(home, "orphan");
        assert_eq!(run.outcome, Some(Outcome::Succeeded));
        let log = home.log(&run);
        assert!(
            log.iter().filter(|l| l.text == "after ***").count() == 40,
            "{log:?}"
        );
        assert!(!log.iter().any(|l| l.text.contains("c4nary")), "{log:?}");
    });
}
