//! Ends that nobody watched: what the service finds when it, the folder of the
//! task or the engine was away meanwhile.

use crate::home::{Home, eventually, home, send};
use crate::served::Served;
use runbay::domain::run::{Outcome, Run, RunState};
use rustix::process::Signal;
use std::io::Read;
use std::process::Stdio;

/// The container of a run.
fn container(home: &Home, run: &Run) -> String {
    let attempt = home.attempt(run).unwrap();
    attempt.container_id.unwrap().to_string()
}

/// Waits until the container of a run has ended.
fn until_ended(home: &Home, run: &Run) {
    let path = format!("/containers/{}/json", container(home, run));
    eventually("the container ends", || {
        home.docker("GET", &path)
            .1
            .contains("\"Status\":\"exited\"")
    });
}

#[test]
fn a_folder_that_is_deleted_or_changed_meanwhile_is_no_matter_for_what_runs() {
    home(|home| {
        let script = "import sys, time\nprint('ready', flush=True)\ntime.sleep(3)\n\
            open('kept.txt', 'w').write('x')\nprint('done')\nsys.exit(3)\n";
        for task in ["deleted", "changed"] {
            home.task(task, script);
            home.task_file(task, "task.toml", "artifacts = [\"*.txt\"]\n");
            home.task_file(task, "came.txt", "with the code");
        }
        home.write("tasks/single.py", script);
        let served = Served::start(home);
        let runs = ["deleted", "changed", "single"].map(|task| served.launch(task));
        for run in &runs {
            served.until(run, |run| run.state == RunState::Running);
        }
        served.kill();
        let tasks = home.path().join("tasks");
        std::fs::remove_dir_all(tasks.join("deleted")).unwrap();
        std::fs::remove_file(tasks.join("single.py")).unwrap();
        home.task_file("changed", "task.toml", "artifacts = [\"*.none\"]\n");
        home.task_file("changed", "came.txt", "otherwise");
        let served = Served::start(home);
        for run in &runs {
            let ended = served.end_of(run);
            let found = (ended.outcome, ended.exit_code);
            assert_eq!(found, (Some(Outcome::Failed), Some(3)), "{ended:?}");
            let lines = home.log(run);
            assert!(lines.iter().any(|line| line.text == "done"), "{lines:?}");
        }
        for run in &runs[..2] {
            let kept = home.wait(home.store.artifacts(run.id)).unwrap();
            let paths: Vec<&str> = kept.iter().map(|file| file.path.as_str()).collect();
            assert_eq!(paths, ["kept.txt"], "of {}", run.task);
        }
        let spool = std::fs::read_dir(home.data().join("spool")).unwrap();
        assert_eq!(spool.count(), 0, "what was laid out is removed");
        served.stop().exits(0);
    });
}

#[test]
fn what_the_engine_has_lost_of_its_log_is_said_and_nothing_is_told_twice() {
    home(|home| {
        home.settings("[limits]\nlog = \"1M\"\n");
        // The engine keeps 16 MiB; a bracket takes six bytes of that, and what
        // is written over in one line takes next to nothing of ours.
        home.task(
            "bars",
            "import os, sys, time\n\
             def until(path):\n    while not os.path.exists(path): time.sleep(0.02)\n\
             print('first', flush=True)\nuntil('/tmp/flood')\n\
             for n in range(8000): sys.stdout.write('\\r' + '<' * 1000)\n\
             print('\\rmiddle', flush=True)\nopen('/tmp/flooded', 'w')\n\
             until('/tmp/end')\nprint('last')\n",
        );
        let served = Served::start(home);
        let run = served.launch("bars");
        home.until_printed("bars", "first");
        served.kill();
        let id = home.attempt(&run).unwrap().container_id.unwrap();
        let say = |words: &[&str]| home.wait(home.engine.exec(&id, words, "10001:10001"));
        say(&["touch", "/tmp/flood"]).unwrap();
        eventually("the script has said all that", || {
            say(&["test", "-e", "/tmp/flooded"]).unwrap().0 == 0
        });
        let served = Served::start(home);
        say(&["touch", "/tmp/end"]).unwrap();
        let run = served.end_of(&run);
        assert_eq!(run.outcome, Some(Outcome::Succeeded), "{run:?}");
        let lines: Vec<String> = home.log(&run).into_iter().map(|line| line.text).collect();
        let count = |text: &str| lines.iter().filter(|line| *line == text).count();
        assert_eq!((count("first"), count("middle"), count("last")), (1, 1, 1));
        let at = |begins: &str| lines.iter().position(|line| line.starts_with(begins));
        let (first, mark) = (at("first").unwrap(), at("lines may be missing here"));
        let mark = mark.unwrap_or_else(|| panic!("nothing is said: {lines:?}"));
        assert!(first < mark && mark < at("middle").unwrap(), "{lines:?}");
        served.stop().exits(0);
    });
}

#[test]
fn an_end_that_nobody_watched_is_the_scripts_own_if_the_engine_saw_it_so() {
    home(|home| {
        let ends = |how: &str| format!("import os, sys, time\ntime.sleep(1)\n{how}\n");
        home.task("exits", &ends("sys.exit(-1)"));
        home.task("kills-itself", &ends("os.kill(os.getpid(), 15)"));
        home.task("is-in-time", &ends("print('done')"));
        home.task_file("is-in-time", "task.toml", "timeout = \"4s\"\n");
        let served = Served::start(home);
        let runs = ["exits", "kills-itself", "is-in-time"].map(|task| served.launch(task));
        for run in &runs {
            served.until(run, |run| run.state == RunState::Running);
        }
        served.kill();
        for run in &runs {
            until_ended(home, run);
        }
        let deadline = home.attempt(&runs[2]).unwrap().deadline.unwrap();
        eventually("the deadline passes", || chrono::Utc::now() > deadline);
        let served = Served::start(home);
        let ended = runs.each_ref().map(|run| {
            let run = served.end_of(run);
            (run.outcome.unwrap(), run.exit_code)
        });
        let expected = [
            (Outcome::Failed, Some(255)),
            (Outcome::Failed, Some(143)),
            (Outcome::Succeeded, Some(0)),
        ];
        assert_eq!(ended, expected);
        served.stop().exits(0);
    });
}

#[test]
fn a_run_that_is_killed_from_outside_is_lost_and_tried_again_if_it_may_be() {
    home(|home| {
        let script =
            "import os, time\nif os.environ['RUNBAY_ATTEMPT'] == '1':\n    time.sleep(600)\n";
        home.task("once", script);
        home.task("again", script);
        home.task_file(
            "again",
            "task.toml",
            "retries = { max = 1, delay = \"1s\" }\n",
        );
        let served = Served::start(home);
        let kill = |run: &Run, how: &str| {
            let path = format!("/containers/{}/{how}", container(home, run));
            let (status, body) = home.docker("POST", &path);
            assert_eq!(status, 204, "{body}");
        };
        let once = served.launch("once");
        served.until(&once, |run| run.state == RunState::Running);
        kill(&once, "kill");
        let once = served.end_of(&once);
        assert_eq!(once.outcome, Some(Outcome::Lost), "{once:?}");
        assert!(once.reason.unwrap().contains("signal 9"));
        let again = served.launch("again");
        served.until(&again, |run| run.state == RunState::Running);
        served.kill();
        kill(&again, "stop?t=1");
        let served = Served::start(home);
        let again = served.end_of(&again);
        assert_eq!(again.outcome, Some(Outcome::Succeeded), "{again:?}");
        let attempts = home.wait(home.store.attempts(again.id)).unwrap();
        assert_eq!(attempts[0].outcome, Some(Outcome::Lost));
        served.stop().exits(0);
    });
}

/// A terminal after Ctrl-S, a pager that waits: what shows the output stands
/// still, and Ctrl-C is heard all the same.
#[test]
fn ctrl_c_is_heard_by_a_command_whose_output_nobody_reads() {
    home(|home| {
        home.task(
            "floods",
            "import time\nfor n in range(20_000): print(f'{n:060d}')\nprint('all out', flush=True)\ntime.sleep(600)\n",
        );
        let served = Served::start(home);
        let mut command = home.command(&["run", "floods"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        home.until_printed("floods", "all out");
        send(child.id(), Signal::INT);
        let run = home.until("floods", |run| run.state == RunState::Finished);
        assert_eq!(run.outcome, Some(Outcome::Cancelled));
        let mut all = String::new();
        let mut out = child.stdout.take().unwrap();
        out.read_to_string(&mut all).unwrap();
        assert_eq!(all.lines().count(), 20_001, "nothing was lost either");
        assert_eq!(child.wait().unwrap().code(), Some(130));
        served.stop().exits(0);
    });
}
