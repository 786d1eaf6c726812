//! Commands as clients of a running service: the same answers as without one.

use crate::home::{Said, eventually, home};
use crate::served::Served;
use runbay::domain::run::{Outcome, RunState, Trigger};
use rustix::process::Signal;
use serde_json::Value;

/// A script that prints, keeps a file, leaves a result and exits with 3.
pub(crate) const TALKS: &str = "import os, sys
print('out', flush=True)
print('err', file=sys.stderr, flush=True)
open(os.environ['RUNBAY_ARTIFACTS'] + '/kept.txt', 'w').write('x')
sys.exit(3)
";

pub(crate) fn json(said: &Said) -> Value {
    said.exits(0);
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said}"))
}

#[test]
fn a_run_looks_the_same_with_a_service() {
    home(|home| {
        home.task("talks", TALKS);
        home.task_file("talks", "task.toml", "artifacts = [\"*.txt\"]\n");
        let (alone, _) = home.run(&["talks"]);
        let served = Served::start(home);
        let (with, run) = home.run(&["talks"]);
        assert_eq!(
            (alone.code, &alone.out),
            (3, &"out\n".to_owned()),
            "{alone}"
        );
        assert_eq!((with.code, &with.out), (3, &alone.out), "{with}");
        for said in [&alone, &with] {
            said.tells("err\n")
                .tells("1 file kept in ")
                .tells(" failed (3) ");
        }
        assert_eq!(run.outcome, Some(Outcome::Failed));
        assert_eq!(
            (run.trigger, run.by.as_deref()),
            (Trigger::Manual, Some("local"))
        );
        let (quiet, _) = home.run(&["talks", "--quiet"]);
        assert_eq!(quiet.exits(3).err, "err\n", "{quiet}");
        let again = home.runbay(&["rerun", "talks", "--same-image"]);
        again.exits(3).prints("out");
        assert_eq!(home.last("talks").unwrap().trigger, Trigger::Rerun);
        served.stop().exits(0);
    });
}

#[test]
fn events_of_a_run_are_the_same_with_a_service() {
    home(|home| {
        home.task("talks", TALKS);
        home.runbay(&["build", "talks"]).exits(0);
        let events = || {
            let said = home.runbay(&["run", "talks", "--json"]);
            said.exits(3);
            let lines = said
                .out
                .lines()
                .map(|line| serde_json::from_str(line).unwrap());
            let mut events: Vec<Value> = lines.collect();
            let end = events.pop().unwrap();
            assert_eq!(end["event"], "finished");
            assert_eq!(end["run"]["exit_code"], 3);
            let told = events.iter().map(|event| {
                let line = &event["line"];
                assert!(line["at"].is_string(), "{event}");
                assert_eq!(event["event"], "line");
                line["stream"].to_string()
            });
            // The engine promises no order between two streams.
            told.collect::<std::collections::BTreeSet<_>>()
        };
        let alone = events();
        let served = Served::start(home);
        assert_eq!(events(), alone);
        served.stop().exits(0);
    });
}

#[test]
fn what_is_wrong_is_told_as_without_a_service() {
    home(|home| {
        home.task_file(
            "picky",
            "task.toml",
            "secrets = [\"KEY\"]\n[params.n]\ntype = \"int\"\n",
        );
        home.task("picky", "print(open('/run/secrets/KEY').read())\n");
        let secret = home.write("key", "s3cret-value\n");
        let key = format!("KEY=@{}", secret.display());
        let served = Served::start(home);
        for (args, code, told) in [
            (&["run", "nothing"][..], 66, "nothing"),
            (&["run", "picky", "-p", "n=1"], 65, "--secret NAME"),
            (&["run", "picky", "-p", "n=x", "-s", &key], 65, "n: "),
            (&["run", "picky", "-p", "m=1", "-s", &key], 65, "m"),
            (&["show", "nothing"], 66, "no run fits it"),
            (&["cancel", "nothing"], 66, "no run fits"),
            (&["logs", "nothing"], 66, "no run fits"),
            (&["build", "nothing"], 65, "nothing"),
            (&["env", "show", "nothing"], 66, "nothing"),
        ] {
            let said = home.runbay(args);
            said.exits(code).tells(told);
            assert!(!said.err.contains("http"), "{said}");
        }
        let (said, run) = home.run(&["picky", "-p", "n=1", "-s", &key]);
        said.exits(0);
        assert!(!said.out.contains("s3cret"), "masked: {said}");
        assert_eq!(run.params["n"], 1);
        served.stop().exits(0);
    });
}

#[test]
fn ctrl_c_cancels_a_run_of_the_service() {
    home(|home| {
        home.task(
            "long",
            "import time\nprint('ready', flush=True)\ntime.sleep(600)\n",
        );
        let served = Served::start(home);
        let command = home.spawn(&["run", "long"]);
        home.until_printed("long", "ready");
        command.signal(Signal::INT);
        command.end().exits(130).tells("cancelling").prints("ready");
        assert_eq!(home.last("long").unwrap().outcome, Some(Outcome::Cancelled));
        let twice = home.spawn(&["run", "long"]);
        home.until("long", |run| run.state == RunState::Running);
        twice.signal(Signal::KILL);
        twice.end();
        let run = home.last("long").unwrap();
        assert_ne!(run.state, RunState::Finished, "the service goes on with it");
        home.runbay(&["cancel", "long"])
            .exits(0)
            .prints(&run.id.short());
        served.end_of(&run);
        served.stop().exits(0);
    });
}

#[test]
fn a_run_that_is_detached_is_watched_later() {
    home(|home| {
        home.task(
            "slow",
            "import time\nfor n in range(20):\n    print(n, flush=True)\n    time.sleep(0.1)\n",
        );
        let served = Served::start(home);
        let said = home.runbay(&["run", "slow", "--detach"]);
        let id = said.exits(0).out.trim().to_owned();
        let all: String = (0..20).map(|n| format!("{n}\n")).collect();
        let followed = home.runbay(&["logs", "-f", &id]);
        assert_eq!(followed.exits(0).out, all, "{followed}");
        let tail = home.runbay(&["logs", &id, "-n", "3"]);
        assert_eq!(tail.exits(0).out, "17\n18\n19\n", "{tail}");
        let whole = home.runbay(&["logs", &id]);
        assert_eq!(whole.exits(0).out, all, "{whole}");
        home.runbay(&["logs", &id, "--attempt", "7"])
            .exits(0)
            .tells("no such log");
        served.stop().exits(0);
    });
}

#[test]
fn output_of_any_length_comes_whole() {
    home(|home| {
        home.task("many", "for n in range(60_000):\n    print('line', n)\n");
        let served = Served::start(home);
        let (said, _) = home.run(&["many"]);
        let all: String = (0..60_000).map(|n| format!("line {n}\n")).collect();
        assert!(
            said.exits(0).out == all,
            "{} lines",
            said.out.lines().count()
        );
        let read = home.runbay(&["logs", "many"]);
        assert!(
            read.exits(0).out == all,
            "{} lines",
            read.out.lines().count()
        );
        served.stop().exits(0);
    });
}

#[test]
fn every_attempt_of_a_run_is_shown() {
    home(|home| {
        home.task_file(
            "again",
            "task.toml",
            "retries = { max = 1, delay = \"1s\" }\n",
        );
        home.task("again", "print('tried')\nraise SystemExit(1)\n");
        let served = Served::start(home);
        let (said, _) = home.run(&["again"]);
        assert_eq!(said.exits(1).out, "tried\ntried\n", "{said}");
        served.stop().exits(0);
    });
}

#[test]
fn a_service_that_dies_is_waited_for() {
    home(|home| {
        home.task(
            "counts",
            "import time\nfor n in range(300):\n    print(n, flush=True)\n    time.sleep(0.03)\n",
        );
        let served = Served::start(home);
        let command = home.spawn(&["run", "counts"]);
        home.until_printed("counts", "30");
        served.kill();
        let run = home.last("counts").unwrap();
        let served = Served::start(home);
        let said = command.end();
        let all: String = (0..300).map(|n| format!("{n}\n")).collect();
        assert_eq!(said.exits(0).out, all, "{said}");
        assert_eq!(home.last("counts").unwrap().id, run.id);
        served.stop().exits(0);
    });
}

/// What commands print as JSON without and with a service, where nothing
/// happens in between.
#[test]
fn what_is_shown_is_the_same_with_a_service() {
    home(|home| {
        home.task("talks", TALKS);
        home.task("fine", "print('fine')\n");
        home.task_file("fine", "task.toml", "tags = [\"good\"]\n");
        home.write("tasks/broken/task.toml", "entyr = 1\n");
        home.write("tasks/Not A Task/x.py", "");
        home.run(&["talks"]).0.exits(3);
        home.run(&["fine"]).0.exits(0);
        home.run(&["fine"]).0.exits(0);
        let looks: &[&[&str]] = &[
            &["ls", "--json"],
            &["ls"],
            &["ls", "--json", "--tag", "good"],
            &["ps", "--all", "--json"],
            &["ps", "--all", "--json", "--task", "talks"],
            &["ps", "--all", "--json", "-n", "1"],
            &["ps"],
            &["show", "fine", "--json"],
            &["show", "fine"],
            &["show", "last", "--json"],
            &["show", "broken"],
            &["logs", "fine"],
            &["logs", "talks", "--json", "--timestamps"],
            &["check", "--json"],
            &["env", "ls", "--json"],
            &["env", "ls"],
            &["env", "show", "fine", "--json"],
            &["env", "show", "fine", "--lock"],
            &["env", "diff", "fine", "talks", "--json"],
            &["env", "freeze", "fine"],
            &["prune", "--dry-run"],
        ];
        let look = || {
            looks
                .iter()
                .map(|args| home.runbay(args))
                .collect::<Vec<_>>()
        };
        let alone = look();
        let served = Served::start(home);
        // What is as wide as a time takes part of it.
        let ago = regex::Regex::new(r"\d+ (s|min) ago|now| +").unwrap();
        for ((args, alone), with) in looks.iter().zip(&alone).zip(look()) {
            assert_eq!(with.code, alone.code, "{args:?}: {with}");
            let [before, now] =
                [&alone.out, &with.out].map(|out| ago.replace_all(out, "…").into_owned());
            assert_eq!(now, before, "{args:?}");
        }
        served.stop().exits(0);
    });
}

#[test]
fn images_are_built_by_the_service() {
    home(|home| {
        home.task("one", "print(1)\n");
        home.write("tasks/bad/requirements.txt", "../../etc\n");
        home.task("bad", "print(1)\n");
        let served = Served::start(home);
        let said = home.runbay(&["build", "one"]);
        said.exits(0).tells("building one");
        assert!(said.out.starts_with("one  "), "{said}");
        let again = home.runbay(&["build", "one", "--json"]);
        assert!(again.exits(0).out.contains("\"cached\":true"), "{again}");
        home.runbay(&["build"]).exits(0).tells("is no task");
        home.runbay(&["env", "validate", "one"])
            .exits(0)
            .prints("one: ok, 0 packages");
        home.runbay(&["env", "validate", "bad"]).exits(65);
        home.runbay(&["env", "update", "one"])
            .exits(0)
            .prints("one is up to date: nothing changed");
        home.runbay(&["prune"]).exits(0);
        let version = json(&home.runbay(&["version", "--json"]));
        assert_eq!(version["service"]["version"], version["runbay"]);
        served.stop().exits(0);
    });
}

#[test]
fn a_service_that_began_later_is_found() {
    home(|home| {
        home.task("one", "print(1)\n");
        let served = Served::start(home);
        served.kill();
        // The file that says where it was is still there.
        let (said, run) = home.run(&["one"]);
        said.exits(0).prints("1");
        assert_eq!(run.by, None, "driven by the command itself");
        let served = Served::start(home);
        eventually("a run of the service", || {
            home.run(&["one"]).1.by.as_deref() == Some("local")
        });
        served.stop().exits(0);
    });
}

#[test]
fn a_build_that_fails_is_seen_to_its_end() {
    home(|home| {
        home.task("huge", "");
        let file = std::fs::File::create(home.path().join("tasks/huge/data.bin")).unwrap();
        file.set_len(2 << 30).unwrap();
        let served = Served::start(home);
        let (said, run) = home.run(&["huge"]);
        said.exits(125).tells("holds more than");
        assert_eq!(run.outcome, Some(Outcome::BuildFailed));
        let path = format!("/api/v1/runs/{}/log/stream", run.id);
        let followed = served.ask("GET", &path, None).body;
        assert!(
            followed.contains("\"outcome\":\"build_failed\""),
            "{followed}"
        );
        assert!(!followed.contains("event: error"), "{followed}");
        let path = format!("{path}?attempt=7");
        let asked = served.ask("GET", &path, None).body;
        assert!(asked.contains("has no attempt 7"), "{asked}");
        let said = served.stop();
        said.exits(0);
        // What it says goes to a file here, which has no colours.
        assert!(!said.err.contains('\u{1b}'), "{said}");
    });
}

#[test]
fn a_folder_of_tasks_that_is_missing_is_told_once_and_missed_no_longer_when_it_comes() {
    home(|home| {
        let tasks = home.path().join("tasks");
        std::fs::remove_dir_all(&tasks).unwrap();
        let alone = home.runbay(&["ls"]);
        alone.exits(66).tells("there is no folder").tells("make it");
        let served = Served::start(home);
        home.runbay(&["ls"]).exits(66).tells("there is no folder");
        let answer = served.ask("GET", "/api/v1/tasks", None).json(404);
        assert!(answer["detail"].to_string().contains("make it"), "{answer}");
        served.tells("schedules stand still");
        // Long enough for more than one other try.
        std::thread::sleep(std::time::Duration::from_secs(3));
        home.task("one", "print(1)\n");
        served.tells("schedules go on");
        home.runbay(&["ls"]).exits(0);
        let said = served.stop();
        said.exits(0);
        let warned = said.err.matches("schedules stand still").count();
        assert_eq!(warned, 1, "{said}");
    });
}
