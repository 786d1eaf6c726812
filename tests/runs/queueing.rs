//! Runs beside others of their task, and runs that are tried again.

use crate::home::home;
use runbay::domain::run::{Outcome, RunState};

#[test]
fn a_run_is_tried_again_until_it_succeeds_and_each_attempt_has_its_log() {
    home(|home| {
        home.write(
            "tasks/third/task.toml",
            "retries = { max = 3, delay = \"100ms\", backoff = \"fixed\", exit_codes = [75] }\n",
        );
        home.task(
            "third",
            "import os, sys\nn = os.environ['RUNBAY_ATTEMPT']\nprint('attempt', n)\n\
             sys.exit(0 if n == '3' else 75)\n",
        );
        let (said, run) = home.run(&["third"]);
        said.exits(0)
            .prints("attempt 1")
            .prints("attempt 2")
            .prints("attempt 3")
            .tells("attempt 2 of 4 begins in 100ms");
        assert_eq!(run.outcome, Some(Outcome::Succeeded));
        let attempts = home.wait(home.store.attempts(run.id)).unwrap();
        let ends: Vec<_> = attempts.iter().map(|a| (a.outcome, a.exit_code)).collect();
        let failed = (Some(Outcome::Failed), Some(75));
        assert_eq!(ends, [failed, failed, (Some(Outcome::Succeeded), Some(0))]);
        home.runbay(&["logs", "last", "--attempt", "2"])
            .exits(0)
            .prints("attempt 2");
    });
}

#[test]
fn an_exit_code_that_is_not_listed_is_final() {
    home(|home| {
        home.write(
            "tasks/once/task.toml",
            "retries = { max = 3, delay = \"100ms\", exit_codes = [75] }\n",
        );
        home.task("once", "raise SystemExit(1)\n");
        let (said, run) = home.run(&["once"]);
        said.exits(1);
        assert_eq!(home.wait(home.store.attempts(run.id)).unwrap().len(), 1);
    });
}

#[test]
fn skip_refuses_and_queue_waits() {
    home(|home| {
        let script = "import sys, time\nprint('ready', flush=True)\n\
                      time.sleep(600 if sys.argv[1:] else 0)\n";
        for (task, overlap) in [("skips", "skip"), ("waits", "queue")] {
            home.write(
                &format!("tasks/{task}/task.toml"),
                format!("overlap = \"{overlap}\"\n"),
            );
            home.task(task, script);
            let first = home.spawn(&["run", task, "--", "long"]);
            home.until_printed(task, "ready");
            if overlap == "skip" {
                home.runbay(&["run", task])
                    .exits(75)
                    .tells("its overlap policy is “skip”");
                home.runbay(&["cancel", task]).exits(0);
            } else {
                let long = home.last(task).unwrap();
                let second = home.spawn(&["run", task]);
                let waiting = home.until(task, |run| run.id != long.id);
                assert_eq!(waiting.state, RunState::Queued);
                home.runbay(&["cancel", &long.id.to_string()]).exits(0);
                second.end().exits(0).prints("ready");
            }
            first.end().exits(130);
        }
    });
}

/// What a run starts from is looked up while it is saved; one that waits starts
/// from what is there when its turn comes.
#[test]
fn a_run_that_waited_runs_the_code_of_when_it_begins() {
    home(|home| {
        home.write("tasks/waits/task.toml", "overlap = \"queue\"\n");
        let held = "import time\nprint('ready', flush=True)\ntime.sleep(600)\n";
        home.task("waits", held);
        let first = home.spawn(&["run", "waits"]);
        let long = home.until_printed("waits", "ready");
        home.task("waits", "print('before')\n");
        home.runbay(&["build", "waits"]).exits(0);
        let second = home.spawn(&["run", "waits"]);
        home.until("waits", |run| run.id != long.id);
        home.until_printed(
            "waits",
            "as many runs of this task are active as may be; waiting",
        );
        home.task("waits", "print('after')\n");
        home.runbay(&["cancel", &long.id.to_string()]).exits(0);
        second.end().exits(0).prints("after");
        first.end().exits(130);
    });
}
