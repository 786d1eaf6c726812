//! Secrets and variables over the API: set, granted, listed, and never told.

use crate::world::World;
use serde_json::{Value, json};

const CANARY: &str = "c4nary-over-http-51e8";

fn world() -> World {
    let world = World::new();
    world.task("one");
    world.write(
        "tasks/one/task.toml",
        "secrets = [\"TOKEN\"]\ntags = [\"t\"]\n",
    );
    world.task("two");
    world
}

#[tokio::test]
async fn a_secret_goes_in_and_never_comes_out() {
    let world = world();
    let run = "/api/v1/tasks/one/runs";
    world.json("POST", run, &json!({})).await.problem(422);
    let path = "/api/v1/secrets/TOKEN";
    let asked = json!({ "value": CANARY, "tasks": ["one"] });
    let set = world.json("PUT", path, &asked).await.ok(200);
    assert_eq!(
        set,
        json!({ "name": "TOKEN", "version": 1, "warning": null })
    );
    world.json("POST", run, &json!({})).await.ok(202);
    let task = world.get("/api/v1/tasks/one").await.ok(200);
    assert_eq!(task["detail"]["secret_uses"][0]["lack"], Value::Null);
    let mut told = task.to_string();
    for path in [
        "/api/v1/secrets",
        path,
        "/api/v1/secrets/TOKEN/runs",
        "/api/v1/secret-key",
        "/api/v1/audit",
        "/api/v1/runs",
    ] {
        told.push_str(&world.get(path).await.ok(200).to_string());
    }
    assert!(!told.contains(CANARY), "{told}");
    // Neither what was refused.
    let wrong = json!({ "value": CANARY, "tasks": ["gone"] });
    let refused = world
        .json("PUT", path, &wrong)
        .await
        .problem(404)
        .to_string();
    let refused = refused
        + &world
            .json("PUT", path, &json!({ "value": { "a": CANARY } }))
            .await
            .problem(422)
            .to_string();
    assert!(!refused.contains(CANARY), "{refused}");
}

#[tokio::test]
async fn grants_are_given_and_taken() {
    let world = world();
    let value = json!({ "value": CANARY });
    world
        .json("PUT", "/api/v1/secrets/TOKEN", &value)
        .await
        .ok(200);
    let grant = "/api/v1/secrets/TOKEN/tasks/two";
    world.json("PUT", grant, &Value::Null).await.ok(204);
    world.json("PUT", grant, &Value::Null).await.ok(204);
    let shown = world.get("/api/v1/secrets/TOKEN").await.ok(200);
    assert_eq!(
        shown["tasks"],
        json!([
            { "task": "one", "granted": false, "named": true },
            { "task": "two", "granted": true, "named": false },
        ])
    );
    world.json("DELETE", grant, &Value::Null).await.ok(204);
    for (method, path, status) in [
        ("PUT", "/api/v1/secrets/TOKEM/tasks/two", 404),
        ("PUT", "/api/v1/secrets/TOKEN/tasks/gone", 404),
        ("PUT", "/api/v1/secrets/lower/tasks/two", 422),
        ("DELETE", "/api/v1/secrets/TOKEM", 404),
        ("GET", "/api/v1/secrets/TOKEM/runs", 404),
    ] {
        world.json(method, path, &Value::Null).await.problem(status);
    }
    let key = world.get("/api/v1/secret-key").await.ok(200)["key"].clone();
    let rotated = world
        .json("POST", "/api/v1/secret-key/rotate", &Value::Null)
        .await;
    assert_ne!(rotated.ok(200)["key"], key);
    world
        .json("DELETE", "/api/v1/secrets/TOKEN", &Value::Null)
        .await
        .ok(204);
    assert_eq!(world.get("/api/v1/secrets").await.ok(200), json!([]));
}

#[tokio::test]
async fn variables_are_told_with_their_origin() {
    let world = world();
    let path = "/api/v1/variables/REGION";
    for asked in [
        json!({ "value": "eu" }),
        json!({ "value": "us", "tag": "t" }),
        json!({ "value": "asia", "task": "two" }),
    ] {
        world.json("PUT", path, &asked).await.ok(200);
    }
    let both = json!({ "value": "x", "tag": "t", "task": "two" });
    assert_eq!(world.json("PUT", path, &both).await.pointer(422), "/tag");
    let all = world.get("/api/v1/variables").await.ok(200);
    assert_eq!(all.as_array().unwrap().len(), 3, "{all}");
    let of = world.get("/api/v1/tasks/one/variables").await.ok(200);
    assert_eq!(
        of,
        json!([{
            "name": "REGION", "value": "us", "level": "tag", "of": "t",
            "hidden": [{ "value": "eu", "level": "global" }],
        }])
    );
    let rm = "/api/v1/variables/REGION?task=two";
    world.json("DELETE", rm, &Value::Null).await.ok(204);
    world.json("DELETE", rm, &Value::Null).await.problem(404);
    let path = "/api/v1/variables/PATH";
    world
        .json("PUT", path, &json!({ "value": "/x" }))
        .await
        .problem(422);
}
