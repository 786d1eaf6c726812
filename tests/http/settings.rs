//! Changing settings while the service runs: what may be, what of it is written,
//! and from when it counts.

use crate::world::World;
use runbay::config::LIVE;
use runbay::domain::size::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const FILE: &str = "\
# ours
timezone = \"Europe/Oslo\"   # where we are

[keep]
runs = 100 # enough
[queue] # quick
slots = 3
";

async fn setting(world: &World, key: &str) -> Value {
    let all = world.get("/api/v1/settings").await.ok(200);
    let found = all.as_array().unwrap().iter().find(|one| one["key"] == key);
    found.unwrap().clone()
}

async fn change(world: &World, body: &Value) -> crate::world::Answer {
    world.json("PATCH", "/api/v1/settings", body).await
}

#[tokio::test]
async fn a_change_is_written_where_people_write_and_counts_at_once() {
    let world = World::new();
    world.write("runbay.toml", FILE);
    let body = json!({
        "keep.runs": 500, "keep.age": "30d", "queue.slots": null, "limits.memory": "1G",
        "keep.automatic": false, "limits.cpus": 1.5,
    });
    let answer = change(&world, &body).await;
    let tag = answer.header("etag").to_owned();
    answer.ok(200);
    let text = fs::read_to_string(world.path("runbay.toml")).unwrap();
    assert_eq!(
        text,
        "\
# ours
timezone = \"Europe/Oslo\"   # where we are

[keep]
runs = 500 # enough
age = \"30d\"
automatic = false
[queue] # quick

[limits]
cpus = 1.5
memory = \"1G\"
"
    );
    let now = world.app.settings();
    assert_eq!((now.keep.runs, now.queue.slots), (500, None));
    assert_eq!(now.limits.memory, Bytes(1 << 30));
    // What the process began with, and what is not for change, stays.
    assert_eq!(world.app.config.keep.runs, 1000);
    let found = setting(&world, "keep.runs").await;
    assert_eq!(
        found,
        json!({"key": "keep.runs", "value": 500, "source": "runbay.toml", "live": true})
    );
    assert_eq!(setting(&world, "queue.slots").await["source"], "default");
    assert_eq!(setting(&world, "server.bind").await["live"], false);
    let again = world.get("/api/v1/settings").await;
    assert_eq!(again.header("etag"), tag);
    let audit = world.get("/api/v1/audit").await.ok(200);
    let told: Vec<_> = { audit["items"].as_array().unwrap().iter() }
        .map(|entry| {
            format!(
                "{} {} {}",
                entry["action"], entry["object"], entry["detail"]
            )
        })
        .collect();
    assert!(
        told.contains(&r#""settings.change" "keep.runs" "to 500""#.to_owned()),
        "{told:?}"
    );
    assert_eq!(told.len(), 6);
    world.task("one");
    let run = world
        .json("POST", "/api/v1/tasks/one/runs", &json!({}))
        .await;
    assert_eq!(run.ok(202)["limits"]["memory"], 1 << 30);
}

#[tokio::test]
async fn every_setting_that_is_for_change_can_be_changed_and_taken_back() {
    let world = World::new();
    for key in LIVE {
        let before = setting(&world, key).await;
        let value = match &before["value"] {
            Value::Bool(flag) => json!(!flag),
            // Watermarks are compared with each other.
            _ if *key == "keep.enough_space" => json!("64G"),
            _ if key.ends_with("space") || key.ends_with("memory") => json!("3G"),
            _ if *key == "limits.cpus" => json!(0.5),
            Value::Number(_) => json!(77_000),
            _ if *key == "queue.slots" => json!(5),
            _ => json!("3d"),
        };
        let value = match *key {
            "limits.pids" => json!(300),
            "limits.log" | "limits.scratch" => json!("77M"),
            _ => value,
        };
        change(&world, &json!({ *key: value })).await.ok(200);
        let now = setting(&world, key).await;
        assert_eq!(now["source"], "runbay.toml", "{key}");
        assert_ne!(now["value"], before["value"], "{key}");
        change(&world, &json!({ *key: null })).await.ok(200);
        assert_eq!(setting(&world, key).await, before, "{key}");
    }
}

#[tokio::test]
async fn what_does_not_do_is_refused_by_field_and_nothing_is_written() {
    let world = World::new();
    world.write("runbay.toml", FILE);
    for (body, pointer, words) in [
        (
            json!({"keep.runz": 1}),
            "/keep.runz",
            "did you mean “keep.runs”",
        ),
        (
            json!({"server.bind": "0.0.0.0:7000"}),
            "/server.bind",
            "start the service anew",
        ),
        (
            json!({"limits.network": "none"}),
            "/limits.network",
            "start the service anew",
        ),
        (
            json!({"docker_host": "unix:///x"}),
            "/docker_host",
            "start the service anew",
        ),
        (
            json!({"keep.age": "soon"}),
            "/keep.age",
            "is not a duration",
        ),
        (json!({"keep.runs": -1}), "/keep.runs", ""),
        (json!({"keep.runs": 1e300}), "/keep.runs", ""),
        (
            json!({"keep.runs": [1]}),
            "/keep.runs",
            "must be a text, a number",
        ),
        (json!({"keep.runs": 0}), "/keep.runs", "the least is 1"),
        (
            json!({"limits.memory": "1K", "keep.runs": 7}),
            "/limits.memory",
            "too little",
        ),
        (
            json!({"keep.low_space": "8G", "keep.enough_space": "7G"}),
            "/keep.enough_space",
            "nothing would be enough",
        ),
        (json!({"a/b~c": 1}), "/a~1b~0c", "no such setting"),
    ] {
        let answer = change(&world, &body).await;
        let problem = answer.problem(422);
        assert!(problem.to_string().contains(words), "{body}: {problem}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        let text = fs::read_to_string(world.path("runbay.toml")).unwrap();
        assert_eq!(text, FILE, "{body}");
    }
    assert_eq!(world.app.settings().keep.runs, 1000);
    for body in [json!([]), json!("x"), json!(7)] {
        change(&world, &body).await.problem(422);
    }
}

#[tokio::test]
async fn a_file_that_somebody_else_changed_or_broke_is_not_written_over() {
    let world = World::new();
    world.write("runbay.toml", FILE);
    let tag = world
        .get("/api/v1/settings")
        .await
        .header("etag")
        .to_owned();
    let send = async |tag: &str| {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        let body = json!({"keep.runs": 7}).to_string();
        let method = axum::http::Method::PATCH;
        world.ask(method, "/api/v1/settings", &headers, body).await
    };
    let other = format!("{FILE}# by hand\n");
    world.write("runbay.toml", &other);
    let problem = send(&tag).await.problem(412);
    assert!(
        problem["content"].is_null(),
        "it may hold a password: {problem}"
    );
    let fresh = format!("\"{}\"", problem["etag"].as_str().unwrap());
    send(&fresh).await.ok(200);

    world.write("runbay.toml", "[keep\n");
    let broken = change(&world, &json!({"keep.runs": 8})).await.problem(422);
    assert!(broken.to_string().contains("runbay.toml"), "{broken}");
    assert_eq!(
        fs::read_to_string(world.path("runbay.toml")).unwrap(),
        "[keep\n"
    );
    assert_eq!(world.app.settings().keep.runs, 7, "what counted counts on");
    // A mistake by hand elsewhere is told, not written around.
    world.write("runbay.toml", "free_space = \"1K\"\n");
    let elsewhere = change(&world, &json!({"keep.runs": 8})).await.problem(422);
    assert!(elsewhere.to_string().contains("free_space"), "{elsewhere}");
}

#[tokio::test]
async fn what_waits_for_the_next_start_does_not_come_along_with_a_change() {
    let world = World::new();
    world.write(
        "runbay.toml",
        "[limits]\nnetwork = \"none\"\n[keep]\nruns = 9\n",
    );
    change(&world, &json!({"keep.images": 2})).await.ok(200);
    let now = world.app.settings();
    assert_eq!(now.keep.runs, 9, "what is for change does");
    assert_eq!(now.limits.network, world.app.config.limits.network);
    let network = setting(&world, "limits.network").await;
    assert_eq!(network["value"], "egress");
}

#[tokio::test]
async fn a_file_is_made_if_there_is_none_and_one_that_may_not_be_written_is_told_of() {
    let world = World::new();
    change(&world, &json!({"backup.nightly": 3})).await.ok(200);
    let text = fs::read_to_string(world.path("runbay.toml")).unwrap();
    assert_eq!(text, "[backup]\nnightly = 3\n");
    let target = world.path("elsewhere.toml");
    fs::rename(world.path("runbay.toml"), &target).unwrap();
    std::os::unix::fs::symlink(&target, world.path("runbay.toml")).unwrap();
    let link = change(&world, &json!({"backup.nightly": 4}))
        .await
        .problem(422);
    assert!(link.to_string().contains("not a regular file"), "{link}");
    let mode = fs::metadata(&target).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}

#[tokio::test]
async fn settings_and_storage_are_told() {
    let world = World::new();
    let settings = world.get("/api/v1/settings").await.ok(200);
    let settings: BTreeMap<_, _> = settings
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["key"].as_str().unwrap().to_owned(), s["source"].clone()))
        .collect();
    assert_eq!(settings["docker_host"], "--docker-host");
    assert_eq!(settings["build.policy"], "default");
    let storage = world.get("/api/v1/system/storage").await.ok(200);
    assert!(
        storage["parts"].to_string().contains("runbay.db"),
        "{storage}"
    );
}
