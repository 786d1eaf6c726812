//! Tasks and their files.

use crate::world::{World, tree};
use axum::body::Body;
use axum::http::Method;
use runbay::domain::access::{Credential, Principal, Role, Scope};
use runbay::domain::ids::TokenId;
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;

const V1: &str = "/api/v1/tasks";

#[tokio::test]
async fn a_task_is_made_shown_changed_and_deleted() {
    let world = World::new();
    let made = world
        .json(
            "POST",
            V1,
            &json!({ "name": "report", "template": "params" }),
        )
        .await;
    let view = made.ok(201);
    assert_eq!(made.header("location"), "/api/v1/tasks/report");
    assert_eq!(
        (&view["number"], &view["problems"]),
        (&json!(1), &json!([]))
    );

    let patch = json!({ "tags": ["a", "b", "a"], "enabled": false, "description": "Weekly" });
    let path = format!("{V1}/report");
    let view = world.json("PATCH", &path, &patch).await.ok(200);
    assert_eq!(view["manifest"]["tags"], json!(["a", "b"]));
    assert_eq!(view["detail"]["enabled"], false);
    let manifest = fs::read_to_string(world.path("tasks/report/task.toml")).unwrap();
    assert!(
        manifest.contains("timeout = \"10m\""),
        "the rest stays: {manifest}"
    );

    let list = world.get(&format!("{V1}?tag=b&text=WEEK")).await.ok(200);
    assert_eq!(list["items"][0]["name"], "report");
    assert_eq!(
        world.get(&format!("{V1}?tag=c")).await.ok(200)["items"],
        json!([])
    );

    let loss = world.get(&format!("{path}/loss")).await.ok(200);
    assert_eq!(loss["files"], 2);
    let gone = world
        .ask(Method::DELETE, &path, &[], Body::empty())
        .await
        .ok(200);
    world.get(&path).await.problem(404);
    assert_eq!(tree(&world.path("tasks")), []);
    let kept = gone["kept_as"].as_str().unwrap();
    let versions = world.get(&format!("{path}/versions")).await.ok(200);
    assert!(
        versions
            .as_array()
            .unwrap()
            .iter()
            .any(|v| v["digest"] == kept)
    );
}

#[tokio::test]
async fn files_make_a_task_whole_or_not_at_all() {
    let world = World::new();
    let body = json!({ "name": "mine", "files": {
        "main.py": { "text": "print('é')\n" },
        "bin/run.sh": { "base64": "ZWNobw==", "executable": true },
    }});
    let view = world.json("POST", V1, &body).await.ok(201);
    assert_eq!(view["problems"], json!([]));
    assert_eq!(
        fs::read(world.path("tasks/mine/bin/run.sh")).unwrap(),
        b"echo"
    );
    let before = tree(&world.path("tasks"));

    for (files, pointer) in [
        (
            json!({ "a.py": { "text": "", "base64": "" } }),
            "/files/a.py",
        ),
        (json!({ "d/a.py": { "base64": "?" } }), "/files/d~1a.py"),
        (json!({ "../a.py": { "text": "" } }), "/files/..~1a.py"),
        (json!({ "a.py": { "txt": "" } }), "/files/a.py/txt"),
    ] {
        let body = json!({ "name": "other", "files": files });
        assert_eq!(world.json("POST", V1, &body).await.pointer(422), pointer);
    }
    let clash = json!({ "name": "other", "files": { "a": { "text": "" }, "a/b": { "text": "" } } });
    world.json("POST", V1, &clash).await.problem(409);
    world.json("POST", V1, &body).await.problem(409);
    assert_eq!(tree(&world.path("tasks")), before);
}

#[tokio::test]
async fn a_file_is_written_only_over_what_somebody_saw() {
    let world = World::new();
    world.task("one");
    let path = format!("{V1}/one/files/main.py");
    let read = world.get(&path).await;
    let etag = read.header("etag").to_owned();
    assert_eq!(read.body, b"print(1)\n");
    assert!(read.header("content-disposition").starts_with("attachment"));

    let put = |headers: Vec<(&'static str, String)>, text: &'static str| {
        let (world, path) = (&world, &path);
        async move {
            let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            world.ask(Method::PUT, path, &headers, text).await
        }
    };
    let mine = put(vec![("if-match", etag.clone())], "print(2)\n").await;
    let written = mine.ok(200);
    assert_eq!(written["created"], false);
    assert_eq!(
        mine.header("etag"),
        format!("\"{}\"", written["etag"].as_str().unwrap())
    );

    let stale = put(vec![("if-match", etag)], "print(3)\n")
        .await
        .problem(412);
    assert_eq!(stale["content"], "print(2)\n");
    assert_eq!(stale["etag"], written["etag"]);
    let there = put(vec![("if-none-match", "*".into())], "x").await;
    there.problem(412);
    assert_eq!(
        put(vec![("if-match", "W/x".into())], "x")
            .await
            .pointer(422),
        "/if-match"
    );
    let form = put(vec![("content-type", "text/plain".into())], "x").await;
    assert_eq!(form.pointer(415), "/content-type");
    assert_eq!(
        fs::read(world.path("tasks/one/main.py")).unwrap(),
        b"print(2)\n"
    );

    // What was there before is kept, and can be compared.
    let versions = world.get(&format!("{V1}/one/versions")).await.ok(200);
    let first = versions[0]["digest"].as_str().unwrap();
    assert_eq!(versions[0]["present"], false);
    let old = world
        .get(&format!("{V1}/one/versions/{}/files/main.py", &first[..8]))
        .await;
    assert_eq!(old.body, b"print(1)\n");
    let diff = world
        .get(&format!("{V1}/one/diff?from={first}"))
        .await
        .ok(200);
    assert_eq!(diff["files"][0]["fate"], "changed");
    assert!(
        diff["files"][0]["unified"]
            .as_str()
            .unwrap()
            .contains("+print(2)")
    );
}

#[tokio::test]
async fn files_are_made_renamed_and_removed_and_problems_told() {
    let world = World::new();
    world.task("one");
    let files = format!("{V1}/one/files");
    let path = format!("{files}/lib%2Fdeep/a.txt");
    let made = world.ask(Method::PUT, &path, &[], "text").await.ok(201);
    assert_eq!(made["path"], "lib/deep/a.txt");
    let bad = world
        .ask(
            Method::PUT,
            &format!("{files}/task.toml"),
            &[],
            "timout = 1\n",
        )
        .await
        .ok(201);
    let said = bad["problems"][0].to_string();
    assert!(said.contains("timeout"), "{said}");
    let shown = world.get(&format!("{V1}/one")).await.ok(200);
    assert_eq!(shown["detail"], json!(null));
    assert!(!shown["problems"].as_array().unwrap().is_empty());

    let rename = format!("{V1}/one/rename-file");
    let there = json!({ "from": "task.toml", "to": "main.py" });
    world.json("POST", &rename, &there).await.problem(409);
    let away = json!({ "from": "task.toml", "to": "old/task.txt" });
    let renamed = world.json("POST", &rename, &away).await.ok(200);
    assert_eq!(renamed["problems"], json!([]));
    let missing = json!({ "from": "nothing", "to": "new/x" });
    world.json("POST", &rename, &missing).await.problem(404);
    assert!(!world.path("tasks/one/new").exists());

    let full = format!("{files}/lib");
    world
        .ask(Method::DELETE, &full, &[], Body::empty())
        .await
        .problem(409);
    world
        .ask(Method::DELETE, &path, &[], Body::empty())
        .await
        .ok(200);
    let list = world.get(&files).await.ok(200);
    let paths: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["path"].clone())
        .collect();
    assert_eq!(paths, ["lib", "lib/deep", "main.py", "old", "old/task.txt"]);
}

#[tokio::test]
async fn no_path_leads_out_of_a_task() {
    let world = World::new();
    world.task("one");
    world.write("secret", "canary");
    symlink(world.path("secret"), world.path("tasks/one/link")).unwrap();
    symlink(world.path(""), world.path("tasks/one/out")).unwrap();
    let before = tree(&world.path(""));
    for path in [
        "../../secret",
        "..%2f..%2fsecret",
        "%2e%2e/%2e%2e/secret",
        "%2fetc%2fpasswd",
        "a%00b",
        "a%5c..%5cb",
        "a//b",
        "./main.py",
        "%ff",
        "C:x",
        "a%0ab",
        "link",
        "out/secret",
        "%e2%80%a8",
    ] {
        let path = format!("{V1}/one/files/{path}");
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            if method == Method::DELETE && path.ends_with("/link") {
                continue;
            }
            let answer = world.ask(method.clone(), &path, &[], "x").await;
            let status = answer.status.as_u16();
            assert!((400..500).contains(&status), "{method} {path}: {status}");
            answer.problem(status);
            assert!(!String::from_utf8_lossy(&answer.body).contains("canary"));
        }
        for to in ["../x", "out/x", "link/x"] {
            let body = json!({ "from": "main.py", "to": to });
            let answer = world
                .json("POST", &format!("{V1}/one/rename-file"), &body)
                .await;
            assert!(answer.status.is_client_error(), "{to}: {answer:?}");
        }
    }
    for name in [
        "..", "%2e%2e", "..%2fone", "ONE", "one%00", "%ff", "a.b", "é",
    ] {
        let answer = world.get(&format!("{V1}/{name}")).await;
        assert!(answer.status.is_client_error(), "{name}: {answer:?}");
        answer.problem(answer.status.as_u16());
    }
    let mut after = tree(&world.path(""));
    let data =
        |(path, _): &(String, Vec<u8>)| !path.starts_with("data") && !path.contains("runbay.db");
    after.retain(data);
    let before: Vec<_> = before.into_iter().filter(data).collect();
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_single_file_is_a_task_of_one_file() {
    let world = World::new();
    world.write("tasks/solo.py", "print(1)\n");
    let files = format!("{V1}/solo/files");
    let list = world.get(&files).await.ok(200);
    assert_eq!(list[0]["path"], "solo.py");
    world.get(&format!("{files}/solo.py")).await.ok_bytes();
    world.write("tasks/other.py", "print(2)\n");
    world.get(&format!("{files}/other.py")).await.problem(404);
    let gone = format!("{files}/solo.py");
    world
        .ask(Method::DELETE, &gone, &[], Body::empty())
        .await
        .problem(409);
    let tags = json!({ "tags": ["x"] });
    let view = world
        .json("PATCH", &format!("{V1}/solo"), &tags)
        .await
        .ok(200);
    assert_eq!(view["manifest"]["tags"], json!(["x"]));
    let copy = json!({ "name": "copy" });
    let copied = world
        .json("POST", &format!("{V1}/solo/duplicate"), &copy)
        .await
        .ok(201);
    assert_eq!(
        (&copied["single_file"], &copied["problems"]),
        (&json!(true), &json!([]))
    );
    let to = json!({ "name": "moved" });
    let moved = world
        .json("POST", &format!("{V1}/solo/rename"), &to)
        .await
        .ok(200);
    assert_eq!(moved["number"], 1);
    assert!(world.path("tasks/moved.py").exists() && !world.path("tasks/solo.py").exists());
    world
        .json("POST", &format!("{V1}/moved/rename"), &copy)
        .await
        .problem(409);
}

#[tokio::test]
async fn a_token_for_some_tasks_sees_no_others() {
    let world = World::asked_by(Some(Principal {
        role: Role::Admin,
        credential: Credential::Token {
            id: TokenId::from_number(1),
            scopes: Scope::ALL.iter().copied().collect(),
            tasks: Some(["mine".parse().unwrap()].into()),
        },
        ..Principal::local()
    }));
    world.task("mine");
    world.task("theirs");
    world.write("tasks/broken/nothing.txt", "");
    let list = world.get(V1).await.ok(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    for path in ["", "/files", "/files/main.py", "/versions", "/loss"] {
        let there = world.get(&format!("{V1}/theirs{path}")).await.problem(404);
        let nowhere = world.get(&format!("{V1}/thiers{path}")).await.problem(404);
        let told = |problem: serde_json::Value| problem["detail"].to_string();
        assert_eq!(told(there).replace("theirs", "thiers"), told(nowhere));
    }
    let new = json!({ "name": "new" });
    world.json("POST", V1, &new).await.problem(403);
    world
        .json("POST", &format!("{V1}/mine/duplicate"), &new)
        .await
        .problem(403);
}
