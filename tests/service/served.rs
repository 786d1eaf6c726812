//! A service on a home, and requests to it.

use crate::home::{Child, Home, PATIENCE, Said, eventually};
use runbay::domain::run::{Run, RunState};
use runbay::service::door::Door;
use rustix::process::Signal;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

/// A running service.
pub(crate) struct Served<'a> {
    home: &'a Home,
    child: Child,
    door: Door,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    /// Its JSON, if the status is as expected.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The run it tells of.
    #[track_caller]
    pub(crate) fn run(&self) -> Run {
        assert!(matches!(self.status, 200 | 202), "{self:?}");
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl<'a> Served<'a> {
    /// Starts a service on a home and waits until it listens.
    pub(crate) fn start(home: &'a Home) -> Self {
        Self::start_with(home, |_| {})
    }

    /// As [`Served::start`], with something said to the command.
    pub(crate) fn start_with(home: &'a Home, say: impl FnOnce(&mut Command)) -> Self {
        let mut command = home.command(&["-v", "serve", "--bind", "127.0.0.1:0"]);
        say(&mut command);
        let mut child = Child::spawn(command);
        let data = home.data();
        let mut door = None;
        eventually("the service listens", || {
            assert!(
                !child.is_over(),
                "the service ended at once: {}",
                child.told()
            );
            door = Door::find(&data).filter(|door| door.pid == child.pid());
            door.is_some()
        });
        Self {
            home,
            child,
            door: door.unwrap(),
        }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.door.url
    }

    /// `kill -9`.
    pub(crate) fn kill(self) -> Said {
        self.child.signal(Signal::KILL);
        self.child.end()
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// SIGABRT, as when it breaks.
    pub(crate) fn abort(self) -> Said {
        self.child.signal(Signal::ABORT);
        self.child.end()
    }

    /// SIGTERM, and waits for the end.
    pub(crate) fn stop(self) -> Said {
        self.child.signal(Signal::TERM);
        self.child.end()
    }

    /// Waits until its log has these words.
    pub(crate) fn tells(&self, words: &str) {
        eventually(&format!("its log tells “{words}”"), || {
            self.child.told().contains(words)
        });
    }

    /// The most memory it had resident, bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.child.peak_memory().unwrap()
    }

    /// A request as the owner of the data folder; a body is JSON.
    pub(crate) fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.ask_with(method, path, "", body)
    }

    /// As [`Served::ask`], with more headers, each ended by CRLF.
    pub(crate) fn ask_with(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: Option<Value>,
    ) -> Answer {
        let host = self.door.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let kind = match body.is_empty() {
            true => "",
            false => "Content-Type: application/json\r\n",
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {}\r\n{kind}{headers}Content-Length: {}\r\n\r\n{body}",
            self.door.token,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            headers: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// Asks for a run.
    pub(crate) fn launch(&self, task: &str) -> Run {
        self.ask("POST", &format!("/api/v1/tasks/{task}/runs"), None)
            .run()
    }

    /// Asks for the end of a run.
    pub(crate) fn cancel(&self, run: &Run) -> Answer {
        let path = format!("/api/v1/runs/{}/cancel", run.id);
        self.ask("POST", &path, None)
    }

    /// A run as soon as it is as wanted.
    pub(crate) fn until(&self, run: &Run, wanted: impl Fn(&Run) -> bool) -> Run {
        until(self.home, run, wanted)
    }

    /// A run once it is over.
    pub(crate) fn end_of(&self, run: &Run) -> Run {
        self.until(run, |run| run.state == RunState::Finished)
    }
}

/// A run as soon as it is as wanted.
pub(crate) fn until(home: &Home, run: &Run, wanted: impl Fn(&Run) -> bool) -> Run {
    let mut now = run.clone();
    eventually("the run is as wanted", || {
        now = home.wait(home.store.run(run.id)).unwrap();
        assert!(
            wanted(&now) || now.state != RunState::Finished,
            "over too early: {now:?}"
        );
        wanted(&now)
    });
    now
}
