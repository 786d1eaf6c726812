//! What is built for a task, while it is built.

use super::socket::Socket;
use super::stage::{PATIENCE, Stage};
use chrono::Utc;
use runbay::domain::log::Stream;
use runbay::logs::{Pump, ReadyLine};
use runbay::service::work::{self, Aim, Making, WorkState};
use serde_json::json;
use tokio::net::UnixListener;

/// A stage whose engine takes connections and says nothing, so that what is
/// built for its task goes on until it is closed.
async fn stage() -> (Stage, UnixListener) {
    let stage = Stage::new().await;
    let engine = UnixListener::bind(stage.world.path("no.sock")).unwrap();
    (stage, engine)
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one build is followed in many ways")]
async fn a_build_is_followed_line_by_line_to_its_end() {
    let (stage, engine) = stage().await;
    let server = stage.serve().await;
    let task = "talk".parse().unwrap();
    let path = "/api/v1/tasks/talk/build/log/stream";
    assert_eq!(server.stream(path, &[]).await.status, 404, "none yet");
    let aim = Aim::Image(Making { anew: false });
    let begun = work::start(&stage.app, &task, aim).await.unwrap();
    assert_eq!(begun.state, WorkState::Building);
    let log = stage.app.works.log(&task).unwrap();
    let mut pump = Pump::new(log.clone(), ReadyLine::new("n"));
    let mut print = |text: &str| {
        pump.push(Stream::Stdout, text.as_bytes(), Utc::now());
        pump.settle();
    };
    print("one\n");
    let mut reader = server.stream(path, &[]).await;
    assert_eq!(reader.line().await, ("1.1".to_owned(), "one".to_owned()));
    print("two\n");
    assert_eq!(reader.line().await.1, "two", "while it is built");
    let mut later = server.stream(path, &[("Last-Event-ID", "1.1")]).await;
    assert_eq!(later.line().await.1, "two");
    let mut tail = server.stream(&format!("{path}?tail=1"), &[]).await;
    assert_eq!(tail.line().await.1, "two");

    let mut socket = Socket::open(&server).await;
    let follow =
        json!({ "op": "subscribe", "id": "b", "topic": "log", "task": "talk", "after": 1 });
    assert_eq!(socket.ask(&follow).await["type"], "subscribed");
    let lines = socket.told().await;
    assert_eq!(
        (&lines["type"], &lines["id"]),
        (&json!("lines"), &json!("b"))
    );
    assert_eq!(lines["lines"][0]["text"], "two");

    // The engine goes away, and the build fails.
    drop(engine);
    work::cancel(&stage.app, &task).unwrap();
    let end = loop {
        let sent = reader.next().await.expect("an end");
        if sent.kind == "end" {
            break sent;
        }
    };
    assert!(end.id.unwrap().ends_with(".end"));
    assert_eq!(
        (&end.data["task"], &end.data["state"]),
        (&json!("talk"), &json!("failed"))
    );
    assert_eq!(reader.next().await, None);
    let told = async {
        loop {
            let told = socket.told().await;
            if told["type"] == "end" {
                break told;
            }
        }
    };
    let told = tokio::time::timeout(PATIENCE, told).await.unwrap();
    assert_eq!(
        (&told["id"], &told["state"]),
        (&json!("b"), &json!("failed"))
    );
    // Who comes later gets the same, at once.
    let mut again = server.stream(path, &[]).await;
    assert_eq!(again.line().await.1, "one");
}

#[tokio::test]
async fn what_is_no_build_is_a_problem() {
    let (stage, _engine) = stage().await;
    let server = stage.serve().await;
    let mut socket = Socket::open(&server).await;
    for (message, status) in [
        (json!({ "task": "talk" }), 404),
        (json!({ "task": "../x" }), 404),
        (json!({ "task": "talk", "attempt": 1 }), 422),
        (json!({ "task": "talk", "run": stage.run }), 422),
        (json!({}), 422),
    ] {
        let mut asked = message.clone();
        asked["op"] = "subscribe".into();
        asked["id"] = "b".into();
        asked["topic"] = "log".into();
        let answer = socket.ask(&asked).await;
        assert_eq!(answer["type"], "error", "{message}: {answer}");
        assert_eq!(answer["problem"]["status"], status, "{message}: {answer}");
    }
}
