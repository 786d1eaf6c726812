//! Schedules over the API, in its own words and in those people may know.

use crate::world::World;
use serde_json::{Value, json};
use std::fs;

const TASK: &str = "/api/v1/tasks/one";

#[tokio::test]
async fn a_schedule_is_written_shown_paused_and_removed() {
    let world = World::new();
    world.write("tasks/one/task.toml", "# mine\ntags = [\"a\"]\n");
    world.task("one");
    let path = format!("{TASK}/schedules");
    let new = json!({ "name": "early", "when": "06:00", "timezone": "Europe/Berlin" });
    let views = world.json("POST", &path, &new).await.ok(200);
    assert_eq!(views[0]["key"], "early");
    assert!(views[0]["next"]["slot"].is_string(), "{views}");
    let manifest = fs::read_to_string(world.path("tasks/one/task.toml")).unwrap();
    assert!(
        manifest.starts_with("# mine") && manifest.contains("[[schedules]]"),
        "{manifest}"
    );

    let pause = format!("{path}/early/pause");
    let paused = world.json("POST", &pause, &json!({})).await.ok(200);
    assert_eq!(paused, json!({ "paused": true, "changed": true }));
    let on = world
        .json("POST", &pause, &json!({ "paused": false }))
        .await
        .ok(200);
    assert_eq!(on["paused"], false);
    let later = json!({ "name": "early", "when": "07:00" });
    let views = world
        .json("PUT", &format!("{path}/early"), &later)
        .await
        .ok(200);
    assert_eq!(views.as_array().unwrap().len(), 1);
    let all = world.get("/api/v1/schedules").await.ok(200);
    assert_eq!(all[0]["task"], "one");
    world
        .json("DELETE", &format!("{path}/eraly"), &json!({}))
        .await
        .problem(404);
    world
        .json("DELETE", &format!("{path}/early"), &json!({}))
        .await
        .ok(204);
    assert_eq!(world.get(&path).await.ok(200), json!([]));
    assert_eq!(world.get("/api/v1/slots").await.ok(200), json!([]));
}

#[tokio::test]
async fn a_bad_schedule_names_the_field_and_changes_nothing() {
    let world = World::new();
    world.write("tasks/one/task.toml", "tags = [\"a\"]\n");
    world.task("one");
    let path = format!("{TASK}/schedules");
    let before = fs::read(world.path("tasks/one/task.toml")).unwrap();
    for (schedule, pointer) in [
        (json!({ "when": "61 * * * *" }), "/when"),
        (json!({ "when": "0 0 30 2 *" }), "/when"),
        (
            json!({ "when": "06:00", "timezone": "Europe/Berln" }),
            "/timezone",
        ),
        (json!({ "when": "06:00", "jitter": -1 }), "/jitter"),
        (json!({ "when": "06:00", "catch_up": "some" }), "/catch_up"),
        (json!({ "when": 6 }), "/when"),
        (json!({ "wen": "06:00" }), "/wen"),
    ] {
        let answer = world.json("POST", &path, &schedule).await;
        assert_eq!(answer.pointer(422), pointer, "{schedule}");
        let draft = json!({ "schedule": schedule });
        let answer = world
            .json("POST", "/api/v1/schedules/preview", &draft)
            .await;
        assert_eq!(answer.pointer(422), format!("/schedule{pointer}"));
    }
    assert_eq!(fs::read(world.path("tasks/one/task.toml")).unwrap(), before);
    let draft = json!({ "schedule": { "when": "MON 08:00" }, "count": 3 });
    let seen = world
        .json("POST", "/api/v1/schedules/preview", &draft)
        .await
        .ok(200);
    assert_eq!(seen["next"].as_array().unwrap().len(), 3);
}

/// The request that people know.
async fn put(world: &World, kind: &str, config: Value) -> crate::world::Answer {
    let body = json!({ "schedule_type": kind, "schedule_config": config });
    world.json("PUT", "/api/tasks/1/schedule", &body).await
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one task is followed through all of them"
)]
async fn the_routes_people_know_answer() {
    let world = World::new();
    world.write("tasks/one/task.toml", "# mine\n");
    world.write("tasks/one/requirements.txt", "");
    world.write("tasks/one/req-more.txt", "");
    world.write("tasks/one/venv/pyvenv.cfg", "version = 3.11.2\n");
    world.write("global_envs/base/requirements.txt", "requests\n");
    world.task("one");
    let tasks = world.get("/api/tasks/").await.ok(200);
    assert_eq!(
        (&tasks[0]["id"], &tasks[0]["schedule_type"]),
        (&json!(1), &json!("manual"))
    );

    let text = json!("{\"hour\": 14, \"minute\": 30}");
    let set = put(&world, "daily", text).await.ok(200);
    assert_eq!(set["schedule_config"], json!({ "hour": 14, "minute": 30 }));
    assert!(set["next_run"].as_str().unwrap().contains("14:30"), "{set}");
    for (kind, config, back) in [
        (
            "weekly",
            json!({ "day_of_week": "mon", "hour": 8 }),
            json!({ "day_of_week": 1, "hour": 8, "minute": 0 }),
        ),
        ("hourly", json!({ "minute": 7 }), json!({ "minute": 7 })),
        (
            "custom",
            json!({ "cron_expression": "*/5 * * * *" }),
            json!({ "cron_expression": "*/5 * * * *" }),
        ),
    ] {
        let set = put(&world, kind, config).await.ok(200);
        assert_eq!(
            (&set["schedule_type"], &set["schedule_config"]),
            (&json!(kind), &back)
        );
    }
    let minute = put(&world, "hourly", Value::Null).await.ok(200);
    assert!(minute["schedule_config"]["minute"].is_u64(), "{minute}");

    for (kind, config, pointer) in [
        ("daly", json!({}), "/schedule_type"),
        ("daily", json!({ "hour": 25 }), "/schedule_config"),
        ("daily", json!("nonsense"), "/schedule_config"),
        (
            "custom",
            json!({ "cron_expression": "61 * * * *" }),
            "/schedule_config",
        ),
        (
            "custom",
            json!({ "cron_expression": "0 0 30 2 *" }),
            "/schedule_config",
        ),
    ] {
        let answer = put(&world, kind, config.clone()).await;
        assert_eq!(answer.pointer(422), pointer, "{kind} {config}");
    }
    assert_eq!(
        put(&world, "manual", Value::Null).await.ok(200)["schedule_type"],
        "manual"
    );
    let manifest = fs::read_to_string(world.path("tasks/one/task.toml")).unwrap();
    assert!(
        manifest.starts_with("# mine") && !manifest.contains("schedules"),
        "{manifest}"
    );

    let environments = world.get("/api/tasks/environments").await.ok(200);
    let names: Vec<_> = environments
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["name"])
        .collect();
    assert_eq!(names, ["shared:base", "one/venv"]);
    let requirements = world.get("/api/tasks/requirements").await.ok(200);
    assert_eq!(requirements.as_array().unwrap().len(), 2, "{requirements}");
    assert_eq!(
        world.get("/api/tasks/projects").await.ok(200)[0]["name"],
        "one"
    );
    assert_eq!(world.get("/api/tasks/1/runs").await.ok(200), json!([]));
    world.get("/api/tasks/99").await.problem(404);
    for bad in ["x", "-", "99999999999999999999", "1%00"] {
        assert_eq!(
            world
                .get(&format!("/api/tasks/{bad}/runs"))
                .await
                .pointer(422),
            "/id"
        );
    }
}

#[tokio::test]
async fn what_a_task_runs_in_is_set_with_when_or_not_at_all() {
    let world = World::new();
    world.write("tasks/one/req-a.txt", "");
    world.write("tasks/one/req-b.txt", "");
    world.write("tasks/one/task.toml", "requirements = \"req-a.txt\"\n");
    world.write("tasks/one/venv/pyvenv.cfg", "version = 3.11.2\n");
    world.write("tasks/two/main.py", "");
    world.write("global_envs/base/requirements.txt", "requests\n");
    world.task("one");
    world.get("/api/tasks/").await.ok(200);
    let put = |path: &'static str, body: Value| {
        let world = &world;
        async move { world.json("PUT", path, &body).await }
    };
    let one = "/api/tasks/1/schedule";
    let manifest = || fs::read_to_string(world.path("tasks/one/task.toml")).unwrap();
    let before = manifest();
    for (body, pointer) in [
        (json!({ "environment_path": "../etc" }), "/environment_path"),
        (
            json!({ "environment_path": "tasks/one/venv" }),
            "/environment_path",
        ),
        (
            json!({ "requirements_path": "/etc/passwd" }),
            "/requirements_path",
        ),
        (
            json!({ "requirements_path": "req-b.txt", "schedule_type": "daly" }),
            "/schedule_type",
        ),
        (json!({ "schedul_type": "daily" }), "/schedul_type"),
    ] {
        let answer = put(one, body.clone()).await;
        assert_eq!(answer.pointer(422), pointer, "{body}");
        assert_eq!(manifest(), before, "{body}");
    }
    let both = json!({
        "schedule_type": "daily", "schedule_config": { "hour": 1 },
        "requirements_path": world.path("tasks/one/req-b.txt"),
    });
    let set = put(one, both).await.ok(200);
    assert_eq!(
        (&set["requirements_path"], &set["schedule_type"]),
        (&json!("req-b.txt"), &json!("daily"))
    );
    let shared = json!({ "environment_path": "global_envs/base/" });
    let set = put("/api/tasks/2/schedule", shared).await.ok(200);
    assert_eq!(set["environment_path"], "global_envs/base");
    for (path, valid) in [
        ("shared:base", true),
        ("tasks/one/venv", false),
        ("nothing", false),
    ] {
        let body = json!({ "environment_path": path });
        let verdict = world
            .json("POST", "/api/tasks/validate-environment", &body)
            .await
            .ok(200);
        assert_eq!(verdict["valid"], valid, "{verdict}");
    }
}
