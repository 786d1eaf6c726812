//! A run whose script is the test, served over real HTTP.

use crate::world::World;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use chrono::Utc;
use runbay::domain::access::{Credential, Principal, Role, Who};
use runbay::domain::ids::{AttemptId, RunId, UserId};
use runbay::domain::limits::Limits;
use runbay::domain::log::Stream;
use runbay::domain::measure::Measurements;
use runbay::domain::params::Params;
use runbay::domain::run::{Attempt, Ended, Outcome, Run, RunState};
use runbay::domain::size::{Bytes, GIB};
use runbay::http::extract::Caller;
use runbay::http::{self, State, router, with_layers};
use runbay::logs::{Bounds, Pump, ReadyLine, SharedLog, path_of};
use runbay::service::live::Presence;
use runbay::service::{App, events};
use runbay::store::Rules;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// What a test waits for at most.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A service and a run in it.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) app: App,
    pub(super) run: RunId,
}

/// An attempt that goes on.
pub(super) struct Script {
    pub(super) log: Arc<SharedLog>,
    pump: Pump,
    presence: Presence,
    id: AttemptId,
}

impl Stage {
    /// With a run that is queued.
    pub(super) async fn new() -> Self {
        let world = World::new();
        world.task("talk");
        let app = world.app.clone();
        let run = queue(&app).await;
        Self { world, app, run }
    }

    /// Begins an attempt.
    pub(super) async fn begin(&self, number: u32) -> Script {
        let id = AttemptId {
            run: self.run,
            number,
        };
        let store = &self.app.store;
        if number == 1 {
            store.advance(self.run, RunState::Building).await.unwrap();
        }
        let script = self.resume(id);
        let attempt = Attempt {
            id,
            container_name: format!("c-{id}"),
            container_id: None,
            nonce: "n".to_owned(),
            deadline: None,
            intent: None,
            outcome: None,
            exit_code: None,
            reason: None,
            measurements: Measurements::default(),
            created_at: Utc::now(),
            started_at: None,
            finished_at: None,
        };
        store.insert_attempt(&attempt).await.unwrap();
        script
    }

    /// Goes on with an attempt whose driver died.
    pub(super) fn resume(&self, id: AttemptId) -> Script {
        let bounds = Bounds {
            cap: Bytes(GIB),
            spare: Bytes(0),
        };
        let log = SharedLog::open(&path_of(&self.app.config.data_dir, id), bounds, None).unwrap();
        let cancel = CancellationToken::new();
        Script {
            pump: Pump::new(log.clone(), ReadyLine::new("n")),
            presence: self.app.live.attend(id, log.clone(), cancel),
            log,
            id,
        }
    }

    /// Ends the run.
    pub(super) async fn end(&self, script: Script) {
        script.finish();
        let ended = Ended::because(Outcome::Failed, "the test is over");
        let measured = Measurements::default();
        self.app
            .store
            .finish(self.run, &ended, &measured, &[], Utc::now())
            .await
            .unwrap();
    }

    /// Serves over HTTP; who asks says it in the header `x-who`, and is an admin
    /// unless they are called `viewer`.
    pub(super) async fn serve(&self) -> Server {
        let stop = CancellationToken::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let asks = from_fn(|mut request: Request, next: Next| {
            let name = request.headers().get("x-who");
            let name = name.map_or("ann", |name| name.to_str().unwrap());
            let role = match name {
                "viewer" => Role::Viewer,
                _ => Role::Admin,
            };
            let who = Principal {
                who: Who::User(UserId(1), name.parse().unwrap()),
                role,
                reads_logs: true,
                credential: Credential::Password,
            };
            request.extensions_mut().insert(Caller(who));
            next.run(request)
        });
        let app = self.app.clone();
        let router = with_layers(router(State { app: app.clone() }).layer(asks));
        tokio::spawn(http::listen(listener, router, stop.clone()));
        tokio::spawn(events::run(app, stop.clone()));
        Server {
            at,
            _stop: stop.drop_guard(),
        }
    }
}

/// A queued run of the task.
pub(super) async fn queue(app: &App) -> RunId {
    let task = "talk".parse().unwrap();
    let run = Run::new(task, Params::default(), Limits::default(), Utc::now());
    let rules = Rules {
        overlap: runbay::domain::retry::Overlap::Allow,
        key: None,
        queue_limit: 1000,
        task_limit: 1000,
        slot: None,
        claim: false,
        given: Vec::new(),
        payload: None,
    };
    app.store.admit(&run, &rules).await.unwrap();
    run.id
}

impl Script {
    /// Prints, with newlines or without.
    pub(super) fn print(&mut self, text: &str) {
        self.pump.push(Stream::Stdout, text.as_bytes(), Utc::now());
        self.pump.settle();
    }

    /// The driver dies: nobody ends the log.
    pub(super) fn die(self) -> AttemptId {
        drop(self.presence);
        self.id
    }

    /// The attempt is over; the run is not.
    pub(super) fn finish(self) {
        drop(self.pump.finish());
        self.log.finish();
        drop(self.presence);
    }
}

/// A service that is served.
pub(super) struct Server {
    pub(super) at: SocketAddr,
    _stop: tokio_util::sync::DropGuard,
}

/// One server-sent event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sent {
    pub(super) id: Option<String>,
    pub(super) kind: String,
    pub(super) data: serde_json::Value,
}

/// Somebody who reads server-sent events, byte by byte.
pub(super) struct Reader {
    stream: BufReader<TcpStream>,
    pub(super) status: u16,
    body: Vec<u8>,
    over: bool,
}

impl Server {
    /// Asks for a stream.
    pub(super) async fn stream(&self, path: &str, headers: &[(&str, &str)]) -> Reader {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        let mut head = format!("GET {path} HTTP/1.1\r\nHost: x\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut stream = BufReader::with_capacity(4096, stream);
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut length = None;
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length: ") {
                length = Some(value.trim().parse::<usize>().unwrap());
            }
        }
        let mut reader = Reader {
            stream,
            status,
            body: Vec::new(),
            over: length.is_some() || status == 204,
        };
        if let Some(length) = length {
            reader.body.resize(length, 0);
            reader.stream.read_exact(&mut reader.body).await.unwrap();
        }
        reader
    }
}

impl Reader {
    /// The next event; none at the end.
    pub(super) async fn next(&mut self) -> Option<Sent> {
        let next = tokio::time::timeout(PATIENCE, self.event());
        next.await.expect("an event or the end")
    }

    async fn event(&mut self) -> Option<Sent> {
        loop {
            let Some(end) = self.body.windows(2).position(|two| two == b"\n\n") else {
                if !self.chunk().await {
                    return None;
                }
                continue;
            };
            let text: Vec<u8> = self.body.drain(..end + 2).collect();
            let mut sent = Sent::default();
            let mut data = None;
            for line in String::from_utf8(text).unwrap().lines() {
                match line.split_once(": ") {
                    Some(("id", id)) => sent.id = Some(id.to_owned()),
                    Some(("event", kind)) => kind.clone_into(&mut sent.kind),
                    Some(("data", text)) => data = Some(serde_json::from_str(text).unwrap()),
                    _ => {}
                }
            }
            if let Some(data) = data {
                sent.data = data;
                return Some(sent);
            }
        }
    }

    /// Reads a chunk of the body; whether there was one.
    async fn chunk(&mut self) -> bool {
        let mut size = String::new();
        if self.over || self.stream.read_line(&mut size).await.unwrap_or(0) == 0 {
            return false;
        }
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        self.over = self.stream.read_exact(&mut chunk).await.is_err() || size == 0;
        self.body.extend_from_slice(&chunk[..size]);
        !self.over
    }

    /// The whole of what is no stream.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The next line of the log, and its id.
    pub(super) async fn line(&mut self) -> (String, String) {
        loop {
            let sent = self.next().await.expect("a line");
            match sent.kind.as_str() {
                "line" => {
                    let text = sent.data["text"].as_str().unwrap().to_owned();
                    return (sent.id.unwrap(), text);
                }
                "partial" | "step" => {}
                _ => panic!("{sent:?}"),
            }
        }
    }
}
