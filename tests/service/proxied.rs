//! The main scenarios behind `deploy/socket-proxy.cfg`, which lets through what
//! Runbay asks of the engine, and nothing else: what is missing in it shows here.

use crate::home::{Home, eventually, home};
use crate::served::Served;
use runbay::domain::log::Stream;
use runbay::domain::run::{Outcome, Run, RunState};
use serde_json::json;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The filter; ends with its value.
struct Proxy {
    child: Child,
    address: String,
}

impl Proxy {
    /// None where it is said that there is none.
    fn start(home: &Home) -> Option<Self> {
        if std::env::var("RUNBAY_TESTS_WITHOUT_HAPROXY").as_deref() == Ok("1") {
            let name = std::thread::current().name().unwrap_or("?").to_owned();
            let line = format!("left out, since RUNBAY_TESTS_WITHOUT_HAPROXY=1: {name}\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            return None;
        }
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = free.local_addr().unwrap();
        drop(free);
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/socket-proxy.cfg");
        let engine = home.engine.address().strip_prefix("unix://").unwrap();
        let child = Command::new("haproxy")
            .args(["-db", "-f"])
            .arg(config)
            .env("RUNBAY_PROXY_BIND", at.to_string())
            .env("RUNBAY_PROXY_ENGINE", engine)
            .stdin(Stdio::null())
            .stderr(fs::File::create(home.path().join("haproxy.log")).unwrap())
            .spawn()
            .expect("haproxy is part of this test (apt-get install haproxy); to leave it out, set RUNBAY_TESTS_WITHOUT_HAPROXY=1");
        eventually("the filter listens", || TcpStream::connect(at).is_ok());
        Some(Self {
            child,
            address: format!("tcp://{at}"),
        })
    }

    fn serve<'a>(&self, home: &'a Home) -> Served<'a> {
        Served::start_with(home, |command| {
            command.env("DOCKER_HOST", &self.address);
        })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn texts(home: &Home, run: &Run) -> String {
    let lines = home.log(run).into_iter();
    let own = lines.filter(|line| line.stream == Stream::Stdout);
    own.map(|line| line.text).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn ends(served: &Served<'_>, task: &str, wanted: Outcome) -> Run {
    let run = served.end_of(&served.launch(task));
    assert_eq!(run.outcome, Some(wanted), "{run:?}");
    run
}

/// Asks for what Runbay never asks for.
fn refused(address: &str) {
    let mut stream = TcpStream::connect(address.strip_prefix("tcp://").unwrap()).unwrap();
    stream
        .write_all(b"GET /secrets HTTP/1.0\r\nHost: docker\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 403 "), "{answer}");
}

/// An environment anew, housekeeping, and a look at it all.
fn looked_after(served: &Served<'_>) {
    let built = served.ask(
        "POST",
        "/api/v1/tasks/report/build",
        Some(json!({"anew": true})),
    );
    built.json(202);
    eventually("it is built", || {
        let build = served
            .ask("GET", "/api/v1/tasks/report/build", None)
            .json(200);
        assert_ne!(build["state"], "failed", "{build}");
        build["state"] == "succeeded"
    });
    served
        .ask("POST", "/api/v1/prune", Some(json!({"keep_runs": 0})))
        .json(200);
    let report = served.ask("POST", "/api/v1/system/doctor", None).json(200);
    let tried = report["checks"].as_array().unwrap().iter();
    let network: Vec<_> = tried.filter(|check| check["name"] == "network").collect();
    assert_eq!(network.len(), 3, "{report}");
}

#[test]
fn what_a_service_does_passes_through_the_filter_before_the_socket() {
    home(|home| {
        let Some(proxy) = Proxy::start(home) else {
            return;
        };
        // With a network, a result, files and a limit of disk.
        home.settings("[limits]\nnetwork = \"egress\"\n");
        let served = proxy.serve(home);
        home.task(
            "report",
            "import json, os\nprint('hello')\nopen(os.environ['RUNBAY_ARTIFACTS'] + '/a.txt', 'w').write('kept')\njson.dump({'n': 1}, open(os.environ['RUNBAY_RESULT'], 'w'))\n",
        );
        let run = ends(&served, "report", Outcome::Succeeded);
        assert!(texts(home, &run).contains("hello"));
        let file = home.data().join(format!("artifacts/{}/a.txt", run.id));
        assert_eq!(fs::read_to_string(file).unwrap(), "kept");

        home.task("fails", "raise SystemExit(3)");
        assert_eq!(ends(&served, "fails", Outcome::Failed).exit_code, Some(3));
        home.task(
            "slow",
            "import time\nprint('up', flush=True)\ntime.sleep(600)",
        );
        home.task_file("slow", "task.toml", "timeout = \"2s\"\n");
        ends(&served, "slow", Outcome::TimedOut);
        home.task("eats", "x = bytearray(1 << 30)");
        home.task_file("eats", "task.toml", "memory = \"32M\"\n");
        ends(&served, "eats", Outcome::OutOfMemory);

        // Cancelled; and taken over by the next service.
        home.task_file("slow", "task.toml", "");
        let run = served.launch("slow");
        served.until(&run, |run| run.state == RunState::Running);
        served.cancel(&run).json(202);
        assert_eq!(served.end_of(&run).outcome, Some(Outcome::Cancelled));
        home.task(
            "steps",
            "import time\nfor n in range(30):\n    print(n, flush=True)\n    time.sleep(0.1)\n",
        );
        let run = served.launch("steps");
        eventually("it has begun", || texts(home, &run).contains('3'));
        served.kill();
        let served = proxy.serve(home);
        assert_eq!(served.end_of(&run).outcome, Some(Outcome::Succeeded));
        let all: Vec<String> = (0..30).map(|n| n.to_string()).collect();
        assert_eq!(texts(home, &run), all.join("\n"));

        looked_after(&served);
        served.stop().exits(0);
        // Nothing was refused, or the filter would tell, as it does of this.
        refused(&proxy.address);
        let told = || fs::read_to_string(home.path().join("haproxy.log")).unwrap();
        eventually("the filter tells what it refused", || {
            told().contains("GET /secrets")
        });
        let told = told();
        let lines: Vec<_> = told.lines().filter(|line| line.contains(" 403 ")).collect();
        assert_eq!(lines.len(), 1, "{told}");
    });
}
