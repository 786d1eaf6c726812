//! Triggers over the API: made, called with and without the right proof, and what
//! the run gets.

use crate::world::{Answer, World};
use axum::http::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const CI: &str = "/api/v1/triggers/ci";
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn world() -> World {
    let world = World::new();
    world.task("one");
    world.write(
        "tasks/one/task.toml",
        "[params.ref]\ntype = \"text\"\n[params.count]\ntype = \"int\"\nmax = 9\n[params.input]\ntype = \"file\"\n",
    );
    world
}

async fn made(world: &World, spec: Value) -> String {
    let made = world.json("PUT", CI, &spec).await.ok(200);
    let url = made["url"].as_str().unwrap().to_owned();
    url.split_once("/api/")
        .map(|(_, rest)| format!("/api/{rest}"))
        .unwrap()
}

async fn call(world: &World, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    world.ask(Method::POST, path, &all, body.to_owned()).await
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = |byte: u8| -> Vec<u8> {
        let mut block = vec![byte; 64];
        block.iter_mut().zip(key).for_each(|(at, k)| *at ^= k);
        block
    };
    let inner = Sha256::digest([&pad(0x36), text].concat());
    Sha256::digest([&pad(0x5c)[..], &inner].concat()).to_vec()
}

async fn secret(world: &World, value: &str) {
    let value = json!({ "value": value });
    world
        .json("PUT", "/api/v1/secrets/HOOK", &value)
        .await
        .ok(200);
}

#[tokio::test]
async fn a_token_opens_its_trigger_and_nothing_else_does() {
    let world = world();
    let spec = json!({ "task": "one", "params": { "ref": "/ref", "count": "/n" } });
    let url = made(&world, spec.clone()).await;
    let (path, token) = url.split_once("?token=").unwrap();
    let body = r#"{"ref": "$(id); ../x", "n": 3}"#;
    let fired = call(&world, &url, &[], body).await.ok(202);
    let run = world
        .get(&format!("/api/v1/runs/{}", fired["run"].as_str().unwrap()))
        .await
        .ok(200);
    let run = &run["run"];
    assert_eq!(run["trigger"], "webhook");
    assert_eq!(run["by"], "trigger:ci");
    assert_eq!(run["params"], json!({ "ref": "$(id); ../x", "count": 3 }));
    call(&world, path, &[("x-runbay-token", token)], body)
        .await
        .ok(202);
    for wrong in [
        path.to_owned(),
        format!("{path}?token=x"),
        format!("{path}?token="),
        "/api/v1/triggers/cj/fire?token=x".into(),
    ] {
        call(&world, &wrong, &[], body).await.problem(401);
    }
    // The same validator as for everybody.
    call(&world, &url, &[], r#"{"ref": "x", "n": 10}"#)
        .await
        .problem(422);
    call(&world, &url, &[], r#"{"ref": ["x"], "n": 1}"#)
        .await
        .problem(422);
    call(&world, &url, &[], "not json").await.problem(422);
    world
        .ask(Method::POST, &url, &[("content-type", "text/plain")], "{}")
        .await
        .problem(415);
    // Saved again it keeps its token; renewed, the old one opens nothing.
    assert_eq!(made(&world, spec).await, path);
    call(&world, &url, &[], body).await.ok(202);
    let renewed = world
        .json("POST", &format!("{CI}/rotate"), &Value::Null)
        .await
        .ok(200);
    call(&world, &url, &[], body).await.problem(401);
    let listed = world.get("/api/v1/triggers").await.ok(200).to_string();
    let new = renewed["url"]
        .as_str()
        .unwrap()
        .split_once("token=")
        .unwrap()
        .1;
    assert!(!listed.contains(new) && !listed.contains(token));
    world.json("DELETE", CI, &Value::Null).await.ok(204);
    world.json("DELETE", CI, &Value::Null).await.problem(404);
}

#[tokio::test]
async fn a_delivery_that_comes_again_starts_nothing_again() {
    let world = world();
    let url = made(&world, json!({ "task": "one" })).await;
    let id = [("x-github-delivery", "72d3162e-cc78-11e3")];
    let first = call(&world, &url, &id, r#"{"a": 1}"#).await.ok(202);
    let again = call(&world, &url, &id, r#"{"a": 1}"#).await.ok(200);
    assert_eq!(
        (&again["run"], &again["replayed"]),
        (&first["run"], &json!(true))
    );
    call(&world, &url, &id, r#"{"a": 2}"#).await.problem(409);
    assert_eq!(
        world.get("/api/v1/runs").await.ok(200)["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn signatures_are_over_what_was_sent_and_not_old() {
    let world = world();
    secret(&world, "a secret of github").await;
    let url = made(
        &world,
        json!({ "task": "one", "auth": "github", "secret": "HOOK" }),
    )
    .await;
    let body = r#"{"ref": "main"}"#;
    let hex = |bytes: Vec<u8>| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let signed = format!(
        "sha256={}",
        hex(hmac(b"a secret of github", body.as_bytes()))
    );
    let head = [("x-hub-signature-256", signed.as_str())];
    call(&world, &url, &head, body).await.ok(202);
    call(&world, &url, &head, r#"{"ref": "main" }"#)
        .await
        .problem(401);
    call(&world, &url, &[], body).await.problem(401);
    let kept = world
        .json("DELETE", "/api/v1/secrets/HOOK", &Value::Null)
        .await
        .problem(409);
    assert!(
        kept["detail"].as_str().unwrap().contains("trigger ci"),
        "{kept}"
    );

    secret(&world, KEY).await;
    let url = made(
        &world,
        json!({ "task": "one", "auth": "standard", "secret": "HOOK" }),
    )
    .await;
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let key = STANDARD
        .decode(KEY.strip_prefix("whsec_").unwrap())
        .unwrap();
    let at = |seconds: i64| (chrono::Utc::now().timestamp() + seconds).to_string();
    for (when, status) in [(at(0), 202), (at(-600), 401), (at(600), 401)] {
        let text = format!("msg_{when}.{when}.{body}");
        let signed = format!("v1,{}", STANDARD.encode(hmac(&key, text.as_bytes())));
        let id = format!("msg_{when}");
        let head = [
            ("webhook-id", id.as_str()),
            ("webhook-timestamp", &when),
            ("webhook-signature", &signed),
        ];
        assert_eq!(
            call(&world, &url, &head, body).await.status,
            status,
            "{when}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_trigger_is_named_and_floods_are_slowed() {
    let world = world();
    for (spec, pointer) in [
        (json!({ "task": "one", "auth": "github" }), "/secret"),
        (
            json!({ "task": "one", "auth": "github", "secret": "NONE" }),
            "/secret",
        ),
        (
            json!({ "task": "one", "params": { "ref": "ref" } }),
            "/params/ref",
        ),
        (json!({ "task": "one", "per_minute": 0 }), "/per_minute"),
        (json!({ "task": "one", "tokn": 1 }), "/tokn"),
    ] {
        let answer = world.json("PUT", CI, &spec).await;
        assert_eq!(answer.pointer(422), pointer, "{spec}");
    }
    world
        .json("PUT", CI, &json!({ "task": "gone" }))
        .await
        .problem(404);
    let spec = json!({ "task": "one", "params": { "input": "/file" } });
    let url = made(&world, spec).await;
    call(&world, &url, &[], r#"{"file": "/etc/passwd"}"#)
        .await
        .problem(409);
    let url = made(&world, json!({ "task": "one", "per_minute": 3 })).await;
    assert!(!url.contains("token="), "it keeps its token: {url}");
    let renewed = world
        .json("POST", &format!("{CI}/rotate"), &Value::Null)
        .await
        .ok(200);
    let url = renewed["url"].as_str().unwrap();
    let url = &url[url.find("/api/").unwrap()..];
    let mut taken = 0;
    for _ in 0..6 {
        let answer = call(&world, url, &[], "{}").await;
        match answer.status.as_u16() {
            202 => taken += 1,
            _ => {
                answer.problem(429);
                let wait: u32 = answer.header("retry-after").parse().unwrap();
                // Three in a minute: one in 20 seconds.
                assert!((6..=20).contains(&wait), "{wait}");
            }
        }
    }
    assert_eq!(taken, 3);
}

/// What a caller floods is one task: it is told when to come again, by whichever
/// door it came, and other tasks have their room.
#[tokio::test]
async fn a_flood_for_one_task_is_refused_at_every_door() {
    let world = World::with_settings("[queue]\nlimit = 4\nper_task = 3\n");
    world.task("one");
    world.task("two");
    let url = made(&world, json!({ "task": "one" })).await;
    let api = |task: &str| format!("/api/v1/tasks/{task}/runs");
    call(&world, &url, &[], "{}").await.ok(202);
    let first = [("x-github-delivery", "a")];
    let known = call(&world, &url, &first, "{}").await.ok(202);
    world.json("POST", &api("one"), &json!({})).await.ok(202);
    let rerun = format!("/api/v1/runs/{}/rerun", known["run"].as_str().unwrap());
    for (path, of) in [
        (url.clone(), "trigger"),
        (api("one"), "api"),
        (rerun, "rerun"),
    ] {
        let refused = call(&world, &path, &[], "{}").await;
        let told = refused.problem(429)["detail"].to_string();
        assert!(
            told.contains("3 runs of one wait") && told.contains("queue.per_task"),
            "{of}: {told}"
        );
        assert!(
            refused.header("retry-after").parse::<u32>().unwrap() > 0,
            "{of}"
        );
    }
    // What was let in before is answered as before.
    let again = call(&world, &url, &first, "{}").await.ok(200);
    assert_eq!(again["run"], known["run"]);
    world.json("POST", &api("two"), &json!({})).await.ok(202);
    let full = world
        .json("POST", &api("two"), &json!({}))
        .await
        .problem(429);
    assert!(
        full["detail"].as_str().unwrap().contains("queue.limit"),
        "{full}"
    );
}

/// What a caller sent is on the page of its run: its beginning, secrets masked, and
/// only for those who may read what runs say.
#[tokio::test]
async fn what_was_sent_is_shown_with_its_run() {
    let world = world();
    let url = made(&world, json!({ "task": "one" })).await;
    secret(&world, "c4nary-in-a-payload-08af").await;
    let body = json!({ "text": "ü c4nary-in-a-payload-08af", "z": "x".repeat(8000) }).to_string();
    let fired = call(&world, &url, &[], &body).await.ok(202);
    let path = format!("/api/v1/runs/{}", fired["run"].as_str().unwrap());
    let sent = &world.get(&path).await.ok(200)["sent"];
    assert_eq!(sent["bytes"], body.len());
    assert_eq!(sent["content_type"], "application/json");
    assert_eq!(sent["cut"], true);
    let preview = sent["preview"].as_str().unwrap();
    assert!(preview.contains("\"text\":\"ü ***\""), "{preview}");
    assert_eq!(preview.chars().count(), 4096);
    // By hand nothing is sent; and an empty body is nothing.
    for (path, body) in [("/api/v1/tasks/one/runs", "{}"), (url.as_str(), "")] {
        let run = call(&world, path, &[], body).await.ok(202);
        let id = run["run"].as_str().or(run["id"].as_str()).unwrap();
        let shown = world.get(&format!("/api/v1/runs/{id}")).await.ok(200);
        assert_eq!(shown["sent"], Value::Null, "{path}");
    }
}
