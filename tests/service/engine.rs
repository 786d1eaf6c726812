//! An engine that is not there, goes away, and comes back; and two services.

use crate::chaos::ChaosSocket;
use crate::home::home;
use crate::served::{Served, until};
use runbay::domain::run::{Outcome, RunState};
use std::process::Command;

#[test]
fn without_an_engine_runs_wait_and_begin_when_it_comes() {
    home(|home| {
        home.task("one", "print('hello')\n");
        let guard = home.enter();
        let chaos = ChaosSocket::before(home.engine.address());
        drop(guard);
        chaos.refuse();
        let address = chaos.address();
        let served = Served::start_with(home, |command| {
            command.env("DOCKER_HOST", &address);
        });
        let run = served.launch("one");
        assert_eq!(run.state, RunState::Queued);
        let waits = served.ask("POST", "/api/v1/tasks/one/runs?wait=1", None);
        assert_eq!(waits.status, 202, "{waits:?}");
        chaos.restore();
        assert_eq!(served.end_of(&run).outcome, Some(Outcome::Succeeded));
        assert_eq!(
            served.end_of(&waits.run()).outcome,
            Some(Outcome::Succeeded)
        );
        served.stop().exits(0);
    });
}

#[test]
fn an_engine_that_goes_away_and_comes_back_costs_no_line() {
    home(|home| {
        home.task(
            "counts",
            "import time\nfor n in range(300):\n    print(n, flush=True)\n    time.sleep(0.01)\n",
        );
        let guard = home.enter();
        let chaos = ChaosSocket::before(home.engine.address());
        drop(guard);
        let address = chaos.address();
        let served = Served::start_with(home, |command| {
            command.env("DOCKER_HOST", &address);
        });
        let run = served.launch("counts");
        for line in ["20", "120"] {
            home.until_printed("counts", line);
            chaos.sever();
            std::thread::sleep(std::time::Duration::from_millis(300));
            chaos.restore();
        }
        let run = served.end_of(&run);
        assert_eq!(run.outcome, Some(Outcome::Succeeded), "{run:?}");
        let printed: Vec<String> = home
            .log(&run)
            .into_iter()
            .filter(|line| line.stream == runbay::domain::log::Stream::Stdout)
            .map(|line| line.text)
            .collect();
        let expected: Vec<String> = (0..300).map(|n| n.to_string()).collect();
        assert_eq!(printed, expected);
        served.stop().exits(0);
    });
}

#[test]
fn connections_that_die_without_a_word_keep_no_run_from_its_end() {
    home(|home| {
        home.task(
            "speaks",
            "import sys, time\nprint('ready', flush=True)\ntime.sleep(4)\nprint('done')\nsys.exit(3)\n",
        );
        let guard = home.enter();
        let chaos = ChaosSocket::before(home.engine.address());
        drop(guard);
        let address = chaos.address();
        let served = Served::start_with(home, |command| {
            command.env("DOCKER_HOST", &address);
        });
        let run = served.launch("speaks");
        home.until_printed("speaks", "ready");
        chaos.freeze();
        let run = served.end_of(&run);
        let ended = (run.outcome, run.exit_code);
        assert_eq!(ended, (Some(Outcome::Failed), Some(3)), "{run:?}");
        let lines = home.log(&run);
        let count = |text: &str| lines.iter().filter(|line| line.text == text).count();
        assert_eq!((count("ready"), count("done")), (1, 1), "{lines:?}");
        served.stop().exits(0);
    });
}

#[test]
fn a_folder_is_served_once_and_a_copy_of_it_not_at_all() {
    home(|home| {
        home.task(
            "long",
            "import time\nprint('ready', flush=True)\ntime.sleep(600)\n",
        );
        let served = Served::start(home);
        let run = served.launch("long");
        served.until(&run, |run| run.state == RunState::Running);
        home.runbay(&["serve", "--bind", "127.0.0.1:0"])
            .exits(75)
            .tells("is served already by process");
        let copy = home.path().join("copy");
        let copied = Command::new("cp")
            .arg("-a")
            .arg(home.data())
            .arg(&copy)
            .status();
        assert!(copied.unwrap().success());
        let mut second = home.command(&["serve", "--bind", "127.0.0.1:0"]);
        second.env("RUNBAY_DATA_DIR", &copy);
        let said = crate::home::Child::spawn(second).end();
        said.exits(75).tells("is a copy");
        assert_eq!(until(home, &run, |_| true).state, RunState::Running);
        served.cancel(&run);
        served.end_of(&run);
        served.stop().exits(0);
    });
}
