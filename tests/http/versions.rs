//! Versions of a task's code, brought back.

use crate::world::{Answer, World, tree};
use axum::body::Body;
use axum::http::Method;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

const ONE: &str = "/api/v1/tasks/one";

/// A task with two versions; the digest of the first.
async fn edited(world: &World) -> String {
    world.task("one");
    world.write("tasks/one/lib/old.py", "OLD = 1\n");
    world.write("tasks/one/.gitignore", "data/\nnotes.txt\n");
    let path = format!("{ONE}/files/main.py");
    world
        .ask(Method::PUT, &path, &[], "print(2)\n")
        .await
        .ok(200);
    versions(world).await[0]["digest"].as_str().unwrap().into()
}

async fn versions(world: &World) -> Vec<Value> {
    let found = world.get(&format!("{ONE}/versions")).await.ok(200);
    found.as_array().unwrap().clone()
}

async fn restore(world: &World, version: &str, seen: Option<&str>) -> Answer {
    let seen = seen.map(|seen| format!("\"{seen}\""));
    let headers: Vec<_> = seen.iter().map(|seen| ("if-match", &**seen)).collect();
    let path = format!("{ONE}/versions/{version}/restore");
    world
        .ask(Method::POST, &path, &headers, Body::empty())
        .await
}

fn read(world: &World, file: &str) -> String {
    fs::read_to_string(world.path(&format!("tasks/{file}"))).unwrap()
}

/// Nothing of what was laid out stays beside the tasks.
fn is_tidy(world: &World) {
    let names = fs::read_dir(world.path("tasks")).unwrap();
    let hidden: Vec<_> = names
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with('.'))
        .collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}

#[tokio::test]
async fn a_version_comes_back_and_what_it_replaced_does_too() {
    let world = World::new();
    let first = edited(&world).await;
    fs::remove_dir_all(world.path("tasks/one/lib")).unwrap();
    world.write("tasks/one/new.py", "");
    world.write("tasks/one/run.sh", "echo\n");
    fs::set_permissions(
        world.path("tasks/one/run.sh"),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    // What no version holds.
    world.write("tasks/one/data/deep/table.csv", "1;2\n");
    world.write("tasks/one/notes.txt", "mine");
    world.write("tasks/one/.venv/pyvenv.cfg", "version = 3.11.2\n");
    symlink("notes.txt", world.path("tasks/one/data/link")).unwrap();
    fs::create_dir(world.path("tasks/one/empty")).unwrap();
    let before = tree(&world.path("tasks/one"));

    let done = restore(&world, &first[..8], None).await.ok(200);
    assert_eq!(
        (&done["version"], &done["changed"]),
        (&first.clone().into(), &true.into())
    );
    assert_eq!(done["problems"], serde_json::json!([]));
    let beside: Vec<&str> = done["beside"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| path.as_str().unwrap())
        .collect();
    assert_eq!(
        beside,
        [
            ".venv/pyvenv.cfg",
            "data/deep/table.csv",
            "data/link",
            "notes.txt"
        ]
    );
    assert_eq!(read(&world, "one/main.py"), "print(1)\n");
    assert_eq!(read(&world, "one/lib/old.py"), "OLD = 1\n");
    assert_eq!(read(&world, "one/data/deep/table.csv"), "1;2\n");
    assert!(!world.path("tasks/one/new.py").exists());
    assert!(world.path("tasks/one/empty").is_dir());
    is_tidy(&world);
    let present: Vec<Value> = versions(&world).await;
    let of = |digest: &str| present.iter().find(|v| v["digest"] == digest).unwrap();
    assert_eq!(of(&first)["present"], true);

    // Once more changes nothing, and the way back leads to the same bytes.
    let again = restore(&world, &first, None).await.ok(200);
    assert_eq!(again["changed"], false);
    let kept = done["kept_as"].as_str().unwrap();
    restore(&world, kept, None).await.ok(200);
    assert_eq!(tree(&world.path("tasks/one")), before);
    let mode = fs::metadata(world.path("tasks/one/run.sh")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o755);
}

#[tokio::test]
async fn who_did_not_see_the_last_edit_is_shown_it() {
    let world = World::new();
    let first = edited(&world).await;
    let diff = world.get(&format!("{ONE}/diff?to={first}")).await.ok(200);
    let seen = diff["present"].as_str().unwrap().to_owned();
    assert_eq!(
        (&diff["from"], &diff["to"]),
        (&Value::Null, &first.clone().into())
    );
    // In an editor of its own, behind the back of the service.
    world.write("tasks/one/main.py", "print(3)\n");
    let before = tree(&world.path("tasks"));
    // What was seen is a version only once somebody kept it.
    let stale = restore(&world, &first, Some(&seen)).await.problem(412);
    assert_ne!(stale["etag"], seen);
    assert_eq!(tree(&world.path("tasks")), before, "nothing was changed");
    let now = stale["etag"].as_str().unwrap();
    world.write("tasks/one/main.py", "print(4)\n");
    let stale = restore(&world, &first, Some(now)).await.problem(412);
    let told = stale["content"].as_str().unwrap();
    assert!(told.contains("-print(3)\n+print(4)"), "{told}");
    let now = stale["etag"].as_str().unwrap();
    restore(&world, &first, Some(now)).await.ok(200);
    assert_eq!(read(&world, "one/main.py"), "print(1)\n");
}

#[tokio::test]
async fn what_would_be_lost_is_in_the_way() {
    let world = World::new();
    let first = edited(&world).await;
    // The version has a folder where a file of no version lies now.
    fs::remove_dir_all(world.path("tasks/one/lib")).unwrap();
    world.write("tasks/one/lib", "not code");
    world.write("tasks/one/.gitignore", "lib\n");
    let before = tree(&world.path("tasks"));
    let problem = restore(&world, &first, None).await.problem(409);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("lib is part of no version"), "{detail}");
    assert_eq!(tree(&world.path("tasks")), before);
    // What no version can hold is not replaced either.
    fs::remove_file(world.path("tasks/one/lib")).unwrap();
    symlink("/etc/passwd", world.path("tasks/one/lib")).unwrap();
    world.write("tasks/one/.gitignore", "\n");
    let before = tree(&world.path("tasks"));
    let refused = restore(&world, &first, None).await;
    assert!(refused.status.is_client_error(), "{refused:?}");
    assert_eq!(tree(&world.path("tasks")), before);
    restore(&world, "abcd", None).await.problem(404);
    restore(&world, &first, Some("zz")).await.pointer(422);
}

#[tokio::test]
async fn a_damaged_version_changes_nothing() {
    let world = World::new();
    let first = edited(&world).await;
    let before = tree(&world.path("tasks"));
    let list = world.path(&format!("data/versions/trees/{first}.json"));
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.replace("lib/old.py", "../../lib/old.py")).unwrap();
    restore(&world, &first, None).await.problem(409);
    assert_eq!(tree(&world.path("tasks")), before);
    fs::write(&list, text.replace("\"bytes\":9", "\"bytes\":8")).unwrap();
    fs::remove_dir_all(world.path("data/versions/files")).unwrap();
    let failed = restore(&world, &first, None).await;
    assert!(!failed.status.is_success());
    assert_eq!(tree(&world.path("tasks")), before);
}

#[tokio::test]
async fn deleted_tasks_and_single_files_come_back() {
    let world = World::new();
    let first = edited(&world).await;
    let gone = world
        .ask(Method::DELETE, ONE, &[], Body::empty())
        .await
        .ok(200);
    let done = restore(&world, gone["kept_as"].as_str().unwrap(), None).await;
    assert_eq!(done.ok(200)["kept_as"], Value::Null);
    assert_eq!(read(&world, "one/main.py"), "print(2)\n");
    restore(&world, &first, None).await.ok(200);
    world
        .ask(Method::DELETE, ONE, &[], Body::empty())
        .await
        .ok(200);

    world.write("tasks/one.py", "print('a')\n");
    let path = format!("{ONE}/files/one.py");
    world
        .ask(Method::PUT, &path, &[], "print('b')\n")
        .await
        .ok(200);
    let script = versions(&world).await[0]["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    restore(&world, &script, None).await.ok(200);
    assert_eq!(read(&world, "one.py"), "print('a')\n");
    let problem = restore(&world, &first, None).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("single file"));
    world
        .ask(Method::DELETE, ONE, &[], Body::empty())
        .await
        .ok(200);
    restore(&world, &script, None).await.ok(200);
    assert_eq!(read(&world, "one.py"), "print('a')\n");
    is_tidy(&world);
}
