//! Runs that are kept whatever housekeeping thinks: who may say so, and how they
//! are found.

use crate::runs::{ids, over};
use crate::world::World;
use runbay::domain::access::{Credential, Principal, Role, Scope};
use runbay::domain::ids::TokenId;
use runbay::domain::run::Outcome;
use runbay::service::access::AuditFilter;
use serde_json::json;

#[tokio::test]
async fn a_run_is_pinned_found_and_let_go() {
    let world = World::new();
    world.task("one");
    let old = over(&world, "one", Outcome::Succeeded, None).await;
    let new = over(&world, "one", Outcome::Failed, None).await;
    let path = format!("/api/v1/runs/{old}");
    let pin = |pinned: bool| {
        let (world, path) = (&world, &path);
        async move {
            let body = json!({ "pinned": pinned });
            world.json("PATCH", path, &body).await.ok(200)["pinned"].clone()
        }
    };
    let listed = |query: &'static str| {
        let world = &world;
        async move { ids(&world.get(&format!("/api/v1/runs?{query}")).await.ok(200)) }
    };
    assert_eq!(world.get(&path).await.ok(200)["run"]["pinned"], false);
    assert_eq!(pin(true).await, true);
    assert_eq!(pin(true).await, true);
    assert_eq!(world.get(&path).await.ok(200)["run"]["pinned"], true);
    assert_eq!(listed("pinned=true").await, [old.to_string()]);
    assert_eq!(listed("pinned=false").await, [new.to_string()]);
    assert_eq!(listed("pinned=true&outcome=failed").await, [""; 0]);
    assert_eq!(listed("").await.len(), 2);
    world.get("/api/v1/runs?pinned=perhaps").await.problem(422);
    assert_eq!(pin(false).await, false);
    assert_eq!(listed("pinned=true").await, [""; 0]);
    let audit = world.app.store.audit_entries(&AuditFilter::default()).await;
    let acts: Vec<_> = { audit.unwrap().into_iter() }
        .filter(|row| row.object.as_deref() == Some(&*format!("one {old}")))
        .map(|row| row.action)
        .collect();
    assert_eq!(
        acts,
        ["run.unpin", "run.pin"],
        "what changed nothing is no act"
    );
    for wrong in [
        json!({}),
        json!({ "pinned": "yes" }),
        json!({ "pinned": true, "for": "ever" }),
    ] {
        world.json("PATCH", &path, &wrong).await.problem(422);
    }
    let (missing, body) = ("/api/v1/runs/00000000", json!({ "pinned": true }));
    world.json("PATCH", missing, &body).await.problem(404);
}

#[tokio::test]
async fn who_may_pin_a_run() {
    let token = |scope, tasks: Option<&str>| Credential::Token {
        id: TokenId::from_number(1),
        scopes: [scope, Scope::RunsRead].into(),
        tasks: tasks.map(|task| [task.parse().unwrap()].into()),
    };
    let folder = || Credential::Folder;
    for (role, credential, expected) in [
        (Role::Viewer, folder(), 403),
        (Role::Operator, folder(), 200),
        (Role::Operator, token(Scope::RunsPin, None), 200),
        (Role::Operator, token(Scope::RunsPin, Some("one")), 200),
        (Role::Admin, token(Scope::RunsCancel, None), 403),
        (Role::Admin, token(Scope::RunsPin, Some("other")), 404),
    ] {
        let world = World::asked_by(Some(Principal {
            role,
            credential: credential.clone(),
            ..Principal::local()
        }));
        world.task("one");
        let run = over(&world, "one", Outcome::Succeeded, Some(json!("private"))).await;
        let path = format!("/api/v1/runs/{run}");
        let body = json!({ "pinned": true });
        let answer = world.json("PATCH", &path, &body).await;
        assert_eq!(answer.status, expected, "{role} {credential:?}");
        let pinned = world.app.store.run(run).await.unwrap().pinned;
        assert_eq!(pinned, expected == 200, "{role} {credential:?}");
        if matches!(credential, Credential::Token { .. }) && expected == 200 {
            let told = answer.ok(200);
            assert_eq!(told["result"], json!(null), "a result takes logs:read");
        }
    }
}
