//! What hooks are told, when the service dies between an end and its telling.

use crate::home::{Home, eventually, home};
use crate::served::{Served, until};
use runbay::domain::run::{Outcome, RunState};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// Takes what comes to a port, on a thread of its own.
fn receiver(listener: TcpListener) -> Arc<Mutex<Vec<(String, Value)>>> {
    let heard: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
    let kept = heard.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            let (mut id, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).unwrap_or(0) < 3 {
                    break;
                }
                let (name, value) = line.trim().split_once(':').unwrap_or_default();
                match name.to_ascii_lowercase().as_str() {
                    "webhook-id" => id = value.trim().to_owned(),
                    "content-length" => length = value.trim().parse().unwrap(),
                    _ => {}
                }
            }
            let mut body = vec![0; length];
            if stream.read_exact(&mut body).is_err() {
                continue;
            }
            let answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            drop(stream.get_mut().write_all(answer.as_bytes()));
            let body = serde_json::from_slice(&body).unwrap();
            kept.lock().unwrap().push((id, body));
        }
    });
    heard
}

fn fails(home: &Home, fails: bool) {
    let code = if fails {
        "raise SystemExit(7)"
    } else {
        "print('well')"
    };
    home.task("nightly", code);
}

/// The receiver is away while a run fails, and the service is killed before it is
/// back. The next service tells it, under one id; and once it runs well again,
/// that it recovered.
#[test]
fn an_end_is_told_although_the_service_was_killed() {
    home(|home| {
        fails(home, true);
        home.write("runbay.toml", "[notify]\nallow = ['127.0.0.0/8']\n");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        drop(listener);
        let served = Served::start(home);
        let url = format!("http://{at}/in");
        home.runbay(&["hook", "add", "ops", "--to", &url]).exits(0);
        home.runbay(&["hook", "test", "ops"]).exits(1);
        let run = served.launch("nightly");
        until(home, &run, |run| run.state == RunState::Finished);
        served.kill();
        let heard = receiver(TcpListener::bind(at).unwrap());
        let served = Served::start(home);
        eventually("the failure is told", || !heard.lock().unwrap().is_empty());
        let (id, body) = heard.lock().unwrap()[0].clone();
        assert_eq!(body["type"], "run.failed");
        assert_eq!(body["data"]["run"], json!(run.id));
        assert_eq!(body["data"]["exit_code"], 7);
        fails(home, false);
        let run = served.launch("nightly");
        let run = until(home, &run, |run| run.state == RunState::Finished);
        assert_eq!(run.outcome, Some(Outcome::Succeeded), "{run:?}");
        let recovered = || {
            let heard = heard.lock().unwrap();
            heard
                .iter()
                .any(|(_, body)| body["type"] == "run.recovered")
        };
        eventually("the recovery is told", recovered);
        let log = served
            .ask("GET", "/api/v1/hooks/ops/deliveries", None)
            .json(200);
        let items = log["items"].as_array().unwrap();
        assert_eq!(items.len(), 2, "{log}");
        assert_eq!(items[1]["id"], json!(id));
        let told = heard.lock().unwrap().clone();
        assert!(
            told.iter()
                .all(|(told, body)| *told == id || body["type"] == "run.recovered")
        );
        let listed = home.runbay(&["hook", "ls"]);
        listed.exits(0);
        let tries = home.runbay(&["hook", "log", "ops", &id]);
        let (last, first) = (" 204 ", "Connection refused");
        assert!(tries.exits(0).out.contains(last), "{tries}");
        assert_eq!(
            tries.out.contains(first),
            items[1]["tries"] != json!(1),
            "{tries}"
        );
        home.runbay(&["hook", "log", "ops", "msg_none"])
            .exits(66)
            .tells("hook log ops");
        served.stop();
    });
}

/// What a caller sends is data in a file, byte for byte, also when the run is
/// repeated; values for parameters are taken from it.
#[test]
fn what_a_caller_sends_is_a_file_of_the_run() {
    home(|home| {
        let script = "import os\nprint('day', os.environ['PARAM_DAY'])\nprint(open('/inputs/payload.json').read())\n";
        home.task("takes", script);
        home.task_file("takes", "task.toml", "[params.day]\ntype = 'text'\n");
        let served = Served::start(home);
        let made = home.runbay(&["trigger", "add", "ci", "takes", "--param", "day=/day"]);
        made.exits(0);
        let url = made.out.trim().to_owned();
        let path = url.split_once("/api/").unwrap().1;
        let sent = json!({ "day": "$(id)", "more": ["ü", 1.5, null] });
        let path = format!("/api/{path}&wait=60");
        let fired = served.ask("POST", &path, Some(sent.clone())).json(200);
        assert_eq!(fired["outcome"], "succeeded", "{fired}");
        let run = fired["run"].as_str().unwrap();
        let shown = home.runbay(&["show", run]);
        shown
            .exits(0)
            .prints(&sent.to_string())
            .prints("38 B of application/json");
        let rerun = format!("/api/v1/runs/{run}/rerun?wait=60");
        let again = served.ask("POST", &rerun, Some(json!({}))).run();
        let first = served
            .ask("GET", &format!("/api/v1/runs/{run}"), None)
            .json(200);
        let first = serde_json::from_value(first["run"].clone()).unwrap();
        for run in [first, again] {
            let log: Vec<String> = home.log(&run).into_iter().map(|line| line.text).collect();
            assert_eq!(log, ["day $(id)".to_owned(), sent.to_string()]);
        }
        served.stop();
    });
}

#[test]
fn a_report_says_why_a_run_failed() {
    home(|home| {
        home.task("broken", "raise ValueError('no such thing')");
        let served = Served::start(home);
        let run = served.ask("POST", "/api/v1/tasks/broken/runs", None).run();
        served.until(&run, |run| run.state == RunState::Finished);
        let report = served.ask("GET", "/api/v1/report", None).json(200);
        let text = report["text"].as_str().unwrap();
        let told = "broken: failed: exit code 1: ValueError: no such thing";
        assert!(text.contains(told), "{text}");
    });
}
