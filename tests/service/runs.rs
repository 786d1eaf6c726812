//! Runs asked for over HTTP.

use crate::home::home;
use crate::served::{Served, until};
use runbay::domain::run::{Outcome, Run, RunState, Trigger};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn a_run_is_asked_for_waited_for_and_repeated() {
    home(|home| {
        home.task_file(
            "adds",
            "task.toml",
            "[params.a]\ntype = \"int\"\n[params.b]\ntype = \"int\"\ndefault = 2\n",
        );
        home.task(
            "adds",
            "import json, os\np = json.load(open(os.environ['RUNBAY_PARAMS']))\nprint(p['a'] + p['b'])\n",
        );
        let served = Served::start(home);
        let asked = json!({ "params": { "a": 40 } });
        let path = "/api/v1/tasks/adds/runs?wait=100";
        let answer = served.ask("POST", path, Some(asked));
        let run = answer.run();
        assert_eq!(answer.status, 200, "over: {answer:?}");
        assert_eq!(run.outcome, Some(Outcome::Succeeded));
        assert_eq!(run.by.as_deref(), Some("local"));
        assert!(
            answer
                .headers
                .contains(&format!("location: /api/v1/runs/{}", run.id))
        );
        assert!(home.log(&run).iter().any(|line| line.text == "42"));
        let again = served.ask(
            "POST",
            &format!("/api/v1/runs/{}/rerun?wait=100", run.id),
            None,
        );
        let again = again.run();
        assert_eq!(
            (again.outcome, again.trigger, again.rerun_of),
            (Some(Outcome::Succeeded), Trigger::Rerun, Some(run.id))
        );
        served.stop().exits(0);
    });
}

#[test]
fn bad_requests_make_no_run_and_name_the_field() {
    home(|home| {
        home.task_file(
            "one",
            "task.toml",
            "secrets = [\"TOKEN\"]\n[params.n]\ntype = \"int\"\n",
        );
        home.task("one", "print(1)\n");
        let served = Served::start(home);
        let path = "/api/v1/tasks/one/runs";
        for (path, body, status, told) in [
            (path, json!({ "params": { "n": "x" } }), 422, "n"),
            (path, json!({ "parms": {} }), 422, "did you mean `params`"),
            (path, json!({ "priority": 1000 }), 422, "/priority"),
            (path, json!({ "priority": 1e30 }), 422, "/priority"),
            (
                path,
                json!({ "secrets": { "OTHER": "x" } }),
                422,
                "/secrets/OTHER",
            ),
            (path, json!({}), 422, "TOKEN"),
            (path, json!([]), 422, ""),
            ("/api/v1/tasks/none/runs", json!({}), 404, "none"),
            ("/api/v1/tasks/..%2f..%2fetc/runs", json!({}), 422, "task"),
            ("/api/v1/tasks/one/runs?wait=99999", json!({}), 422, "wait"),
            ("/api/v1/tasks/one/runs?wiat=9", json!({}), 422, "wait"),
            ("/api/v1/runs/zzz/cancel", json!({}), 404, "zzz"),
        ] {
            let answer = served.ask("POST", path, Some(body.clone()));
            assert_eq!(answer.status, status, "{path} {body}: {answer:?}");
            assert!(answer.body.contains(told), "{path} {body}: {answer:?}");
            assert!(answer.headers.contains("application/problem+json"));
        }
        assert!(home.last("one").is_none());
        served.stop().exits(0);
    });
}

#[test]
fn a_key_makes_asking_twice_the_same_as_asking_once() {
    home(|home| {
        home.task("once", "print(1)\n");
        let served = Served::start(home);
        let ask = |body| {
            let path = "/api/v1/tasks/once/runs";
            served.ask_with("POST", path, "Idempotency-Key: \"abc\"\r\n", Some(body))
        };
        let first = ask(json!({ "args": ["x"] }));
        let second = ask(json!({ "args": ["x"] }));
        assert_eq!(first.run().id, second.run().id);
        assert!(second.headers.contains("idempotent-replay: true"));
        assert!(ask(json!({ "args": ["y"] })).json(409)["detail"].is_string());
        served.end_of(&first.run());
        served.stop().exits(0);
    });
}

#[test]
fn a_run_is_cancelled_in_every_state_and_as_often_as_one_likes() {
    home(|home| {
        home.settings("[limits]\nnetwork = \"none\"\n[queue]\nslots = 1\nmemory = \"4G\"\n");
        home.task(
            "long",
            "import time\nprint('ready', flush=True)\ntime.sleep(600)\n",
        );
        home.task_file(
            "again",
            "task.toml",
            "retries = { max = 5, delay = \"1h\" }\n",
        );
        home.task("again", "raise SystemExit(1)\n");
        home.task_file("builds", "task.toml", "requirements = [\"pandas\"]\n");
        home.task("builds", "import pandas\n");
        let served = Served::start(home);
        let cancelled = |run: &Run| {
            for _ in 0..5 {
                served.cancel(run);
            }
            let begun = Instant::now();
            let run = served.end_of(run);
            assert_eq!(run.outcome, Some(Outcome::Cancelled), "{run:?}");
            assert!(begun.elapsed() < Duration::from_secs(12), "{run:?}");
        };
        let running = served.launch("long");
        served.until(&running, |run| run.state == RunState::Running);
        let queued = served.launch("long");
        cancelled(&queued);
        cancelled(&running);
        let waiting = served.launch("again");
        served.until(&waiting, |run| run.not_before.is_some());
        cancelled(&waiting);
        let building = served.launch("builds");
        served.until(&building, |run| run.state == RunState::Building);
        cancelled(&building);
        for delay in [0, 20, 40, 80, 160] {
            let run = served.launch("long");
            std::thread::sleep(Duration::from_millis(delay));
            cancelled(&run);
        }
        served.stop().exits(0);
    });
}

#[test]
fn a_deadline_and_a_retry_outlive_the_service() {
    home(|home| {
        home.task_file("slow", "task.toml", "timeout = \"3s\"\n");
        home.task(
            "slow",
            "import time\nprint('ready', flush=True)\ntime.sleep(600)\n",
        );
        home.task_file(
            "again",
            "task.toml",
            "retries = { max = 1, delay = \"2s\" }\n",
        );
        home.task(
            "again",
            "import os\nraise SystemExit(int(os.environ['RUNBAY_ATTEMPT']) - 2)\n",
        );
        let served = Served::start(home);
        let again = served.launch("again");
        served.until(&again, |run| run.not_before.is_some());
        let slow = served.launch("slow");
        served.until(&slow, |run| run.state == RunState::Running);
        served.kill();
        let deadline = home.attempt(&slow).unwrap().deadline.unwrap();
        let served = Served::start(home);
        let slow = served.end_of(&slow);
        assert_eq!(slow.outcome, Some(Outcome::TimedOut), "{slow:?}");
        assert!(slow.finished_at.unwrap() >= deadline);
        let again = until(home, &again, |run| run.state == RunState::Finished);
        assert_eq!(again.outcome, Some(Outcome::Succeeded), "{again:?}");
        assert_eq!(home.wait(home.store.attempts(again.id)).unwrap().len(), 2);
        served.stop().exits(0);
    });
}
