//! What is told of hooks, and to whom.

use super::socket::Socket;
use super::stage::{Server, Stage};
use chrono::{TimeDelta, Utc};
use runbay::domain::hook::{Delivery, DeliveryState, HookEvent, Try};
use runbay::store::{Heard, NewDelivery, Tried};
use serde_json::{Value, json};

/// The next event: its kind and its facts.
async fn told(socket: &mut Socket) -> (String, Value) {
    let message = socket.told().await;
    assert_eq!(message["type"], "event", "{message}");
    let event = &message["event"];
    (
        event["kind"].as_str().unwrap().to_owned(),
        event["payload"].clone(),
    )
}

const OPS: &str = "/api/v1/hooks/ops";

fn spec() -> Value {
    json!({ "kind": "standard", "url": "https://example.org/in" })
}

/// What is told of the hook, or of its one delivery.
fn of_hook(kind: &str) -> (String, Value) {
    (kind.to_owned(), json!({ "hook": "ops" }))
}

fn of_delivery(kind: &str) -> (String, Value) {
    let payload = json!({ "hook": "ops", "delivery": "d1" });
    (kind.to_owned(), payload)
}

/// Somebody who listens to these topics, each by its own name.
async fn listens(server: &Server, topics: &[&str]) -> Socket {
    let mut socket = Socket::open(server).await;
    for topic in topics {
        let ask = json!({ "op": "subscribe", "id": topic, "topic": topic });
        assert_eq!(socket.ask(&ask).await["type"], "subscribed");
    }
    socket
}

#[tokio::test]
async fn a_hook_tells_of_its_changes() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let mut socket = listens(&server, &["hook", "hook:ops"]).await;
    for kind in ["hook.created", "hook.changed"] {
        stage.world.json("PUT", OPS, &spec()).await.ok(200);
        assert_eq!(told(&mut socket).await, of_hook(kind));
    }
    // One that is about another hook comes to whoever listens to all.
    let other = "/api/v1/hooks/people";
    stage.world.json("PUT", other, &spec()).await.ok(200);
    let message = socket.told().await;
    assert_eq!(message["ids"], json!(["hook"]));
    stage.world.json("DELETE", OPS, &Value::Null).await.ok(204);
    assert_eq!(told(&mut socket).await, of_hook("hook.deleted"));
}

#[tokio::test]
async fn a_hook_tells_what_becomes_of_its_deliveries() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    stage.world.json("PUT", OPS, &spec()).await.ok(200);
    let mut socket = listens(&server, &["hook:ops"]).await;
    let store = &stage.app.store;
    let hook = store.hooks().await.unwrap().remove(0);
    let new = NewDelivery {
        id: "d1".to_owned(),
        hook: hook.id,
        event: HookEvent::RunFailed,
        at: Utc::now(),
        task: Some("talk".parse().unwrap()),
        run: None,
        data: json!({}),
    };
    let heard = Heard {
        deliveries: vec![new],
        ..Heard::default()
    };
    store.hear(heard).await.unwrap();
    assert_eq!(told(&mut socket).await, of_delivery("hook.waiting"));
    let found = store.deliveries(hook.id, (None, None), 1).await.unwrap();
    for state in [
        DeliveryState::Waiting,
        DeliveryState::Dead,
        DeliveryState::Delivered,
    ] {
        store.tried(tried(&found[0], hook.id, state)).await.unwrap();
        let kind = format!("hook.{state}");
        assert_eq!(told(&mut socket).await, of_delivery(&kind));
    }
    let until = Utc::now() + TimeDelta::minutes(1);
    store.rest_hook(hook.id, until).await.unwrap();
    assert_eq!(told(&mut socket).await, of_hook("hook.resting"));
    let again = format!("{OPS}/deliveries/d1/redeliver");
    stage.world.json("POST", &again, &Value::Null).await.ok(200);
    assert_eq!(told(&mut socket).await, of_delivery("hook.waiting"));
    assert_eq!(told(&mut socket).await, of_hook("hook.awake"));
}

/// A try that ended so.
fn tried(delivery: &Delivery, hook: i64, state: DeliveryState) -> Tried {
    Tried {
        hook,
        seq: delivery.seq,
        state,
        refused: false,
        unwell: true,
        next_at: Utc::now(),
        how: Try {
            at: Utc::now(),
            took_ms: 1,
            status: Some(503),
            problem: Some("it is busy".to_owned()),
            answer: None,
        },
    }
}

#[tokio::test]
async fn whoever_may_not_look_at_hooks_hears_nothing_of_them() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    for (who, status) in [("ann", 200), ("viewer", 403)] {
        let path = "/api/v1/events?topics=hook";
        let reader = server.stream(path, &[("x-who", who)]).await;
        assert_eq!(reader.status, status, "{who}");
    }
}
