//! Runs as they are listed and shown, their files, environments, images,
//! settings.

use crate::world::World;
use axum::body::Body;
use axum::http::Method;
use runbay::domain::access::{Credential, Principal, Role, Scope};
use runbay::domain::ids::{AttemptId, Digest, RunId, TokenId};
use runbay::domain::measure::Measurements;
use runbay::domain::run::{Artifact, Attempt, Ended, Outcome, Run};
use runbay::service::runs::{Request, Submitted, submit};
use serde_json::{Value, json};

/// A queued run.
pub(crate) async fn run(world: &World, task: &str) -> Run {
    let request = Request::new(task.parse().unwrap());
    match submit(&world.app, &request).await.unwrap() {
        Submitted::Queued(run) => run,
        Submitted::Replayed(run) => panic!("{run:?}"),
    }
}

/// A run that is over and kept a file.
pub(crate) async fn over(
    world: &World,
    task: &str,
    outcome: Outcome,
    result: Option<Value>,
) -> RunId {
    let id = run(world, task).await.id;
    let mut ended = Ended::because(outcome, "because");
    ended.result = result;
    let kept = [Artifact {
        path: "out/a.html".to_owned(),
        bytes: 10,
        digest: Digest::of(b"0123456789"),
    }];
    let now = chrono::Utc::now();
    let store = &world.app.store;
    store
        .finish(id, &ended, &Measurements::default(), &kept, now)
        .await
        .unwrap();
    world.write(&format!("data/artifacts/{id}/out/a.html"), "0123456789");
    world.write(&format!("data/artifacts/{id}/unlisted"), "x");
    id
}

pub(crate) fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|run| run["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn runs_are_found_by_everything_they_are() {
    let world = World::new();
    world.write(
        "tasks/one/task.toml",
        "tags = [\"daily\"]\noverlap = \"allow\"\n",
    );
    world.task("one");
    world.task("two");
    let good = over(&world, "one", Outcome::Succeeded, None).await;
    let bad = over(&world, "two", Outcome::Failed, None).await;
    let queued = run(&world, "one").await.id;
    let all = [queued, bad, good].map(|id| id.to_string());
    let list = |query: String| {
        let world = &world;
        async move { ids(&world.get(&format!("/api/v1/runs?{query}")).await.ok(200)) }
    };
    let tail = &all[2][20..];
    for (query, expected) in [
        (String::new(), vec![0, 1, 2]),
        ("task=one".into(), vec![0, 2]),
        ("tag=daily".into(), vec![0, 2]),
        ("tag=none".into(), vec![]),
        ("state=queued".into(), vec![0]),
        ("outcome=failed,succeeded".into(), vec![1, 2]),
        ("outcome=lost".into(), vec![]),
        ("trigger=manual".into(), vec![0, 1, 2]),
        ("trigger=rerun,schedule".into(), vec![]),
        ("text=TW".into(), vec![1]),
        (format!("text={tail}"), vec![2]),
        ("text=%25".into(), vec![]),
        ("from=2000-01-01T00:00:00Z".into(), vec![0, 1, 2]),
        ("to=2000-01-01T00:00:00Z".into(), vec![]),
        ("from=2100-01-01T00:00:00%2B01:00".into(), vec![]),
        (format!("cursor={}", all[1]), vec![2]),
    ] {
        let expected: Vec<_> = expected.iter().map(|at| all[*at].clone()).collect();
        assert_eq!(list(query.clone()).await, expected, "{query}");
    }
    let mut walked = Vec::new();
    let mut next = Some(String::new());
    while let Some(cursor) = next {
        let page = world
            .get(&format!("/api/v1/runs?limit=1{cursor}"))
            .await
            .ok(200);
        walked.extend(ids(&page));
        next = page["next"].as_str().map(|next| format!("&cursor={next}"));
    }
    assert_eq!(walked, all);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one run is looked at from all sides")]
async fn a_run_is_shown_with_what_it_kept() {
    let world = World::new();
    world.task("one");
    let id = over(
        &world,
        "one",
        Outcome::Succeeded,
        Some(json!({ "rows": 3 })),
    )
    .await;
    let short = &id.to_string()[24..];
    let shown = world.get(&format!("/api/v1/runs/{short}")).await.ok(200);
    assert_eq!(shown["run"]["outcome"], "succeeded");
    assert_eq!(shown["artifacts"][0]["path"], "out/a.html");
    let result = world
        .get(&format!("/api/v1/runs/{id}/result"))
        .await
        .ok(200);
    assert_eq!(result, json!({ "rows": 3 }));
    assert_eq!(
        world
            .get(&format!("/api/v1/runs/{id}/attempts"))
            .await
            .ok(200),
        json!([])
    );

    let path = format!("/api/v1/runs/{id}/artifacts/out/a.html");
    let whole = world.get(&path).await;
    assert_eq!(whole.ok_bytes(), b"0123456789");
    assert!(
        whole
            .header("content-disposition")
            .starts_with("attachment; filename=\"a.html\"")
    );
    assert!(whole.header("content-security-policy").contains("sandbox"));
    assert_eq!(whole.header("content-type"), "application/octet-stream");
    let part = |range: &'static str| {
        let (world, path) = (&world, &path);
        async move {
            world
                .ask(Method::GET, path, &[("range", range)], Body::empty())
                .await
        }
    };
    let some = part("bytes=2-4").await;
    assert_eq!((some.status.as_u16(), &some.body[..]), (206, &b"234"[..]));
    assert_eq!(some.header("content-range"), "bytes 2-4/10");
    part("bytes=10-").await.problem(416);
    for missing in [
        "unlisted",
        "out",
        "out/b",
        "../../runbay.db",
        "..%2f..%2frunbay.db",
    ] {
        let answer = world
            .get(&format!("/api/v1/runs/{id}/artifacts/{missing}"))
            .await;
        assert!(answer.status.is_client_error(), "{missing}: {answer:?}");
    }

    let again = over(&world, "one", Outcome::Failed, None).await;
    let changes = format!("/api/v1/runs/{again}/changes?since={id}");
    assert_eq!(world.get(&changes).await.ok(200)["run"], id.to_string());
    world
        .get(&format!("/api/v1/runs/{again}/result"))
        .await
        .problem(404);
    for nobody in ["zzzz", "0000", "%00", "'--"] {
        world
            .get(&format!("/api/v1/runs/{nobody}"))
            .await
            .problem(404);
    }
}

#[tokio::test]
async fn a_run_of_another_task_is_not_there() {
    let limited = Principal {
        role: Role::Admin,
        credential: Credential::Token {
            id: TokenId::from_number(1),
            scopes: Scope::ALL.iter().copied().collect(),
            tasks: Some(["mine".parse().unwrap()].into()),
        },
        ..Principal::local()
    };
    let world = World::asked_by(Some(limited));
    world.task("mine");
    world.task("theirs");
    let theirs = over(&world, "theirs", Outcome::Succeeded, None).await;
    let mine = over(&world, "mine", Outcome::Succeeded, None).await;
    let list = world.get("/api/v1/runs").await.ok(200);
    assert_eq!(ids(&list), [mine.to_string()]);
    assert_eq!(
        ids(&world.get("/api/v1/runs?task=theirs").await.ok(200)),
        [""; 0]
    );
    let nowhere = RunId::new().to_string();
    for below in [
        "",
        "/attempts",
        "/artifacts",
        "/artifacts/out/a.html",
        "/result",
    ] {
        let ask = |id: String| {
            let world = &world;
            async move {
                world
                    .get(&format!("/api/v1/runs/{id}{below}"))
                    .await
                    .problem(404)
            }
        };
        let there = ask(theirs.to_string()).await["detail"].to_string();
        let missing = ask(nowhere.clone()).await["detail"].to_string();
        assert_eq!(there.replace(&theirs.to_string(), &nowhere), missing);
    }
    // What is about the whole service is closed to such tokens.
    world.get("/api/v1/images").await.problem(403);
}

#[tokio::test]
async fn a_viewer_looks_and_an_operator_changes_no_code() {
    for (role, allowed) in [
        (Role::Viewer, false),
        (Role::Operator, false),
        (Role::Admin, true),
    ] {
        let world = World::asked_by(Some(Principal {
            role,
            ..Principal::local()
        }));
        world.task("one");
        world
            .get("/api/v1/tasks/one/files/main.py")
            .await
            .ok_bytes();
        let patch = json!({ "enabled": false });
        let answer = world.json("PATCH", "/api/v1/tasks/one", &patch).await;
        assert_eq!(answer.status == 200, allowed, "{role}");
    }
}

#[tokio::test]
async fn requirements_are_looked_at_before_anybody_has_them() {
    let world = World::new();
    let ask = |body: Value| {
        let world = &world;
        async move {
            world
                .json("POST", "/api/v1/environments/validate", &body)
                .await
        }
    };
    let good = ask(json!({ "requirements": "Requests >= 2\n# note\n" }))
        .await
        .ok(200);
    assert_eq!(
        (&good["ok"], &good["requirements"]),
        (&json!(true), &json!(["requests>=2"]))
    );
    let bad = ask(json!({ "requirements": "ok==1\n--index-url https://x\n-e .\n" }))
        .await
        .ok(200);
    assert_eq!(bad["ok"], false);
    assert_eq!(bad["problems"][0]["line"], 2, "{bad}");
    ask(json!({ "template": "none" })).await.problem(404);
    let long = json!({ "requirements": "x".repeat(600 * 1024) });
    assert_eq!(ask(long).await.pointer(422), "/requirements");
}

#[tokio::test]
async fn without_an_engine_it_says_so_and_with_none_at_hand_lists_what_it_knows() {
    let world = World::new();
    world.task("one");
    for path in ["environments", "images"] {
        assert_eq!(
            world.get(&format!("/api/v1/{path}")).await.ok(200),
            json!([])
        );
    }
    world.get("/api/v1/environments/one").await.problem(404);
    world
        .get("/api/v1/environments/zzzz/lock")
        .await
        .problem(404);
    world.get("/api/v1/images/abcd").await.problem(404);
    let prune = world.get("/api/v1/prune").await;
    prune.problem(503);
    assert_eq!(prune.header("retry-after"), "5");

    let build = "/api/v1/tasks/one/build";
    world.get(build).await.problem(404);
    world.get(&format!("{build}/log")).await.problem(404);
    let started = world.ask(Method::POST, build, &[], Body::empty()).await;
    started.ok(202);
    assert_eq!(started.header("location"), build);
    let failed = loop {
        let work = world.get(build).await.ok(200);
        if work["state"] != "building" {
            break work;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(failed["state"], "failed");
    assert!(
        failed["problem"]
            .as_str()
            .unwrap()
            .contains("Docker Engine"),
        "{failed}"
    );
    let adopt = json!({ "lock": "00" });
    let path = "/api/v1/tasks/one/environment/adoption";
    let refused = world.json("POST", path, &adopt).await;
    assert_eq!(refused.pointer(422), "/lock");
    world
        .get(&format!("{build}/log?limit=5&after=99"))
        .await
        .ok(200);
}

#[tokio::test]
async fn what_a_run_used_is_told_by_attempt() {
    let world = World::new();
    world.task("one");
    let id = run(&world, "one").await.id;
    let path = format!("/api/v1/runs/{id}/usage");
    let problem = world.get(&path).await.problem(404);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("no attempt yet"),
        "{problem}"
    );
    let attempt = Attempt {
        id: AttemptId { run: id, number: 1 },
        container_name: "nobody".to_owned(),
        container_id: None,
        nonce: "nonce".to_owned(),
        deadline: None,
        intent: None,
        outcome: None,
        exit_code: None,
        reason: None,
        measurements: Measurements::default(),
        created_at: chrono::Utc::now(),
        started_at: None,
        finished_at: None,
    };
    world.app.store.insert_attempt(&attempt).await.unwrap();
    let none = world.get(&path).await.ok(200);
    assert_eq!(none, json!({ "attempt": 1, "samples": [] }));
    let line = "1700000000123 1048576 250 10 20\n";
    world.write(
        &format!("data/logs/{id}-1.use"),
        &format!("{line}what is this\n17000"),
    );
    let told = world.get(&format!("{path}?attempt=1")).await.ok(200);
    let sample = json!({
        "at": "2023-11-14T22:13:20.123Z", "memory_bytes": 1_048_576, "cpu_ms": 250,
        "network_rx_bytes": 10, "network_tx_bytes": 20,
    });
    assert_eq!(told["samples"], json!([sample]));
    world.get(&format!("{path}?attempt=2")).await.problem(404);
    for bad in ["attempt=-1", "attempt=x", "attemt=1"] {
        world.get(&format!("{path}?{bad}")).await.problem(422);
    }
}
