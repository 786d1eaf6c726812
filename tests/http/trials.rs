//! Code that is tried without being saved.

use crate::world::{World, tree};
use runbay::domain::access::{Principal, Role};
use serde_json::{Value, json};

const RUNS: &str = "/api/v1/tasks/one/runs";

fn with(files: &Value) -> Value {
    json!({ "files": files })
}

#[tokio::test]
async fn unsaved_code_is_a_version_and_no_file() {
    let world = World::new();
    world.task("one");
    world.write("tasks/one/lib/run.sh", "echo");
    let before = tree(&world.path("tasks"));
    let files =
        json!({ "main.py": { "text": "print(2)\n" }, "new/data.bin": { "base64": "AAE=" } });
    let run = world.json("POST", RUNS, &with(&files)).await.ok(202);
    assert_eq!(run["trial"], true);
    assert_eq!(tree(&world.path("tasks")), before);

    let version = run["version"].as_str().unwrap();
    let kept = format!("/api/v1/tasks/one/versions/{version}");
    let read = |path: &str| {
        let (world, path) = (&world, format!("{kept}/files/{path}"));
        async move { world.get(&path).await.ok_bytes().to_vec() }
    };
    assert_eq!(read("main.py").await, b"print(2)\n");
    assert_eq!(read("lib/run.sh").await, b"echo");
    assert_eq!(read("new/data.bin").await, [0, 1]);

    let listed = world.get("/api/v1/runs").await.ok(200);
    assert_eq!(listed["items"][0]["trial"], true);
    let overview = world.get("/api/v1/overview").await.ok(200);
    assert_eq!(overview["week"]["runs"], 0, "{overview}");
    let plain = world.json("POST", RUNS, &json!({})).await.ok(202);
    assert_eq!(
        (&plain["trial"], &plain["version"]),
        (&json!(false), &Value::Null)
    );
    let overview = world.get("/api/v1/overview").await.ok(200);
    assert_eq!(overview["week"]["runs"], 1, "{overview}");
}

#[tokio::test]
async fn what_is_tried_decides_what_is_asked_for() {
    let world = World::new();
    world.task("one");
    world.write("tasks/one/task.toml", "this is no manifest");
    world.json("POST", RUNS, &json!({})).await.problem(422);
    // The mistake is only in the folder.
    let manifest = "secrets = [\"KEY\"]\n[params.n]\ntype = \"int\"\nrequired = true\n";
    let files = json!({ "task.toml": { "text": manifest } });
    let refused = world.json("POST", RUNS, &with(&files)).await;
    assert_eq!(refused.pointer(422), "/params/n");
    let mut asked = json!({ "files": files, "params": { "n": 1 } });
    assert_eq!(
        world.json("POST", RUNS, &asked).await.pointer(422),
        "/secrets/KEY"
    );
    asked["secrets"] = json!({ "KEY": "k" });
    world.json("POST", RUNS, &asked).await.ok(202);
}

#[tokio::test]
async fn what_could_not_be_saved_cannot_be_tried() {
    let world = World::new();
    world.task("one");
    world.write("tasks/single.py", "print(1)\n");
    for (files, status, told) in [
        (json!({ "../a.py": { "text": "" } }), 422, "/files/..~1a.py"),
        (json!({ "main.py": {} }), 422, "/files/main.py"),
        (
            json!({ "main.py/x": { "text": "" } }),
            409,
            "part of this path",
        ),
        (
            json!({ "task.toml": { "text": "nmae = 1" } }),
            422,
            "tasks/one/task.toml",
        ),
        (
            json!({ "task.toml": { "text": "enabled = false" } }),
            409,
            "disabled",
        ),
    ] {
        let answer = world.json("POST", RUNS, &with(&files)).await;
        let problem = answer.problem(status).to_string();
        assert!(problem.contains(told), "{files}: {problem}");
    }
    let single = "/api/v1/tasks/single/runs";
    let other = with(&json!({ "other.py": { "text": "" } }));
    world.json("POST", single, &other).await.problem(404);
    assert_eq!(world.get("/api/v1/runs").await.ok(200)["items"], json!([]));
    assert!(!world.path("data/spool").exists() || tree(&world.path("data/spool")).is_empty());

    let own = with(&json!({ "single.py": { "text": "print(2)\n" } }));
    world.json("POST", single, &own).await.ok(202);
    let nobodys = with(&json!({ "main.py": { "text": "" } }));
    world
        .json("POST", "/api/v1/tasks/none/runs", &nobodys)
        .await
        .problem(404);
}

#[tokio::test]
async fn who_may_not_change_code_may_not_try_any() {
    let world = World::asked_by(Some(Principal {
        role: Role::Operator,
        ..Principal::local()
    }));
    world.task("one");
    let files = json!({ "main.py": { "text": "print(2)\n" } });
    world.json("POST", RUNS, &with(&files)).await.problem(403);
    world.json("POST", RUNS, &with(&json!({}))).await.ok(202);
}
