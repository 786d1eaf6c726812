//! The WebSocket.

use super::stage::{PATIENCE, Server, Stage, queue};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(super) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(super) async fn open(server: &Server) -> Self {
        let url = format!("ws://{}/api/v1/live", server.at);
        Self(connect_async(url).await.unwrap().0)
    }

    async fn say(&mut self, message: &Value) {
        let text = Message::Text(message.to_string().into());
        self.0.send(text).await.unwrap();
    }

    async fn next(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.0.next());
        next.await.expect("a message")?.ok()
    }

    /// The next message of the protocol.
    pub(super) async fn told(&mut self) -> Value {
        loop {
            match self.next().await.expect("a message") {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub(super) async fn ask(&mut self, message: &Value) -> Value {
        self.say(message).await;
        self.told().await
    }

    async fn closed(&mut self) -> u16 {
        loop {
            match self.next().await {
                Some(Message::Close(Some(frame))) => return frame.code.into(),
                Some(_) => {}
                None => panic!("closed without a word"),
            }
        }
    }
}

#[tokio::test]
async fn topics_and_logs_come_over_one_socket() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let mut socket = Socket::open(&server).await;
    let runs = json!({ "op": "subscribe", "id": "r", "topic": "runs" });
    let answer = socket.ask(&runs).await;
    assert_eq!(answer["type"], "subscribed");
    let seq = answer["seq"].as_i64().unwrap();
    let one = json!({ "op": "subscribe", "id": "1", "topic": format!("run:{}", stage.run) });
    assert_eq!(socket.ask(&one).await["type"], "subscribed");

    let other = queue(&stage.app).await;
    let event = socket.told().await;
    assert_eq!(
        (&event["type"], &event["ids"]),
        (&json!("event"), &json!(["r"]))
    );
    assert_eq!(event["event"]["run"], other.to_string());
    assert_eq!(event["event"]["seq"], seq + 1);

    let mut script = stage.begin(1).await;
    let begun = socket.told().await;
    assert_eq!(begun["event"]["kind"], "run.building");
    assert_eq!(begun["ids"], json!(["1", "r"]));
    script.print("one\n");
    let log = json!({ "op": "subscribe", "id": "l", "topic": "log", "run": stage.run, "after": 1 });
    assert_eq!(socket.ask(&log).await["type"], "subscribed");
    script.print("two\nthr");
    let lines = socket.told().await;
    assert_eq!(
        (&lines["type"], &lines["attempt"]),
        (&json!("lines"), &json!(1))
    );
    assert_eq!(lines["lines"][0]["text"], "two");
    assert_eq!(lines["lines"][0]["number"], 2);
    let partial = socket.told().await;
    assert_eq!(
        (&partial["type"], &partial["text"]),
        (&json!("partial"), &json!("thr"))
    );
    stage.end(script).await;
    let mut kinds = Vec::new();
    for _ in 0..3 {
        let told = socket.told().await;
        if told["type"] == "event" {
            assert_eq!(told["ids"], json!(["1", "r"]));
        }
        kinds.push(told["type"].as_str().unwrap().to_owned());
    }
    kinds.sort();
    assert_eq!(kinds, ["end", "event", "lines"]);

    let answer = socket.ask(&json!({ "op": "unsubscribe", "id": "r" })).await;
    assert_eq!(answer["type"], "unsubscribed");
    let answer = socket.ask(&json!({ "op": "unsubscribe", "id": "l" })).await;
    assert_eq!(answer["problem"]["status"], 404, "it ended with the run");
}

#[tokio::test]
async fn what_an_attempt_uses_comes_as_it_is_measured_to_its_end() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let mut socket = Socket::open(&server).await;
    let ask = json!({ "op": "subscribe", "id": "u", "topic": "usage", "run": stage.run });
    assert_eq!(socket.ask(&ask).await["type"], "subscribed");
    assert_eq!(socket.told().await["problem"]["status"], 404, "not begun");
    let script = stage.begin(1).await;
    let measure = |text: &str| {
        let path = stage.world.path(&format!("data/logs/{}-1.use", stage.run));
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    measure("1700000000000 1000 10 1 2\n1700000001000 2000 20 1 2\n");
    assert_eq!(socket.ask(&ask).await["type"], "subscribed", "again");
    let told = socket.told().await;
    assert_eq!(
        (&told["type"], &told["attempt"]),
        (&json!("samples"), &json!(1))
    );
    let used = |told: &Value| -> Vec<u64> {
        let samples = told["samples"].as_array().unwrap().iter();
        samples
            .map(|one| one["memory_bytes"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(used(&told), [1000, 2000]);
    measure("1700000002000 3000 30 1 2\n");
    let told = socket.told().await;
    assert_eq!(used(&told), [3000], "only what is new");
    measure("1700000003000 4000 40 1 2\n");
    stage.end(script).await;
    let told = socket.told().await;
    assert_eq!(used(&told), [4000], "what was measured last, too");
    assert_eq!(socket.told().await, json!({ "type": "end", "id": "u" }));
    let answer = socket.ask(&json!({ "op": "unsubscribe", "id": "u" })).await;
    assert_eq!(answer["problem"]["status"], 404, "it ended");
    let tail =
        json!({ "op": "subscribe", "id": "u", "topic": "usage", "run": stage.run, "tail": 1 });
    assert_eq!(socket.ask(&tail).await["problem"]["status"], 422);
}

#[tokio::test]
async fn what_cannot_be_done_is_said_and_the_socket_goes_on() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let mut socket = Socket::open(&server).await;
    let nobody = "00000000000000000000000000000000";
    for (asked, status, pointer) in [
        (json!("subscribe"), 422, Some("")),
        (json!({ "op": "subscibe", "id": "a" }), 422, Some("/op")),
        (
            json!({ "op": "subscribe", "id": "", "topic": "runs" }),
            422,
            Some("/id"),
        ),
        (
            json!({ "op": "subscribe", "id": "a", "topic": "run" }),
            422,
            Some("/topic"),
        ),
        (
            json!({ "op": "subscribe", "id": "a", "topic": "log" }),
            422,
            Some("/run"),
        ),
        (
            json!({ "op": "subscribe", "id": "a", "topic": "runs", "tail": 1 }),
            422,
            Some("/topic"),
        ),
        (
            json!({ "op": "subscribe", "id": "a", "topic": "log", "run": nobody, "after": -1 }),
            422,
            Some("/after"),
        ),
        (
            json!({ "op": "subscribe", "id": "a", "topic": "log", "run": nobody }),
            404,
            None,
        ),
        (json!({ "op": "unsubscribe", "id": "a" }), 404, None),
    ] {
        let answer = socket.ask(&asked).await;
        assert_eq!(answer["type"], "error", "{asked}: {answer}");
        assert_eq!(answer["problem"]["status"], status, "{asked}: {answer}");
        if let Some(pointer) = pointer.filter(|pointer| *pointer != "/op") {
            let found = &answer["problem"]["errors"][0]["pointer"];
            assert_eq!(found, pointer, "{asked}: {answer}");
        }
    }
    socket.0.send(Message::Text("{".into())).await.unwrap();
    assert_eq!(socket.told().await["problem"]["status"], 400);
    let known = json!({ "op": "subscribe", "id": "a", "topic": "system", "after": 0 });
    assert_eq!(socket.ask(&known).await["type"], "subscribed");
    let lagged = socket.told().await;
    assert_eq!(
        (&lagged["type"], &lagged["from"], &lagged["to"]),
        (&json!("lagged"), &json!(1), &json!(1))
    );
    assert_eq!(
        socket.ask(&known).await["problem"]["errors"][0]["pointer"],
        "/id"
    );
}

#[tokio::test]
async fn a_socket_is_closed_with_a_reason() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let mut socket = Socket::open(&server).await;
    socket
        .0
        .send(Message::Binary(vec![0].into()))
        .await
        .unwrap();
    assert_eq!(socket.closed().await, 1003);
    let mut socket = Socket::open(&server).await;
    stage.app.live.streams.close();
    assert_eq!(socket.closed().await, 1001);
    let plain = server.stream("/api/v1/live", &[]).await;
    assert_eq!(plain.status, 426);
}

/// A client that is slow gets every line all the same, and of events the
/// numbers of those it missed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_socket_loses_no_line_and_is_told_of_lost_events() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let mut socket = Socket::open(&server).await;
    let system = json!({ "op": "subscribe", "id": "s", "topic": "system" });
    assert_eq!(socket.ask(&system).await["type"], "subscribed");
    let log = json!({ "op": "subscribe", "id": "l", "topic": "log", "run": stage.run });
    assert_eq!(socket.ask(&log).await["type"], "subscribed");
    let mut script = stage.begin(1).await;
    let lines = 40_000;
    let text = format!("{}\n", "z".repeat(400)).repeat(lines);
    script.print(&text);
    // The socket is full of lines before the first of these is told.
    for n in 0..3000 {
        let payload = json!({ "n": n });
        stage.app.store.tell("system.test", payload).await.unwrap();
    }
    stage.end(script).await;
    let (mut seen, mut heard, mut missed) = (0, 0, 0);
    loop {
        let told = socket.told().await;
        match told["type"].as_str().unwrap() {
            "lines" => {
                for line in told["lines"].as_array().unwrap() {
                    seen += 1;
                    assert_eq!(line["number"], seen);
                }
            }
            "event" => heard += 1,
            "lagged" => {
                missed += told["to"].as_i64().unwrap() - told["from"].as_i64().unwrap() + 1;
            }
            "end" => break,
            _ => {}
        }
    }
    assert_eq!(seen, lines as u64);
    assert!(missed > 0, "heard {heard}, missed {missed}");
}
