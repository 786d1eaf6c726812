//! Hooks over the API: made, changed, shown, refused.

use crate::world::World;
use serde_json::{Value, json};

const HOOK: &str = "/api/v1/hooks/ops";

fn world() -> World {
    let world = World::new();
    world.task("one");
    world
}

#[tokio::test]
async fn a_hook_is_made_shown_changed_and_removed() {
    let world = world();
    let url = "https://example.org/in";
    let made = world
        .json("PUT", HOOK, &json!({ "kind": "standard", "url": url }))
        .await
        .ok(200);
    assert_eq!(
        made["spec"]["events"],
        json!(["run.failed", "run.recovered"])
    );
    assert_eq!(
        (&made["waiting"], &made["failures"]),
        (&json!(0), &json!(0))
    );
    // What is shown can be sent back.
    let mut spec = world.get(HOOK).await.ok(200)["spec"].clone();
    spec["tags"] = json!(["night"]);
    spec["events"] = json!(["run.finished", "disk.low"]);
    let changed = world.json("PUT", HOOK, &spec).await.ok(200);
    assert_eq!(changed["spec"]["tags"], json!(["night"]));
    let all = world.get("/api/v1/hooks").await.ok(200);
    assert_eq!(all.as_array().unwrap().len(), 1);
    let log = world
        .get(&format!("{HOOK}/deliveries?state=dead&limit=1"))
        .await
        .ok(200);
    assert_eq!(log, json!({ "items": [], "next": null }));
    let again = world
        .json("POST", &format!("{HOOK}/redeliver"), &Value::Null)
        .await;
    assert_eq!(again.ok(200), json!({ "redelivered": 0 }));
    world.json("DELETE", HOOK, &Value::Null).await.ok(204);
    world.json("DELETE", HOOK, &Value::Null).await.problem(404);
    let audit = world.get("/api/v1/audit").await.ok(200).to_string();
    for action in ["hook.put", "hook.remove"] {
        assert!(audit.contains(action), "{audit}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_hook_is_named() {
    let world = world();
    for (asked, pointer) in [
        (json!({ "kind": "standard" }), "/url"),
        (json!({ "kind": "standrad" }), "/kind"),
        (
            json!({ "kind": "slack", "url": "http://example.org/" }),
            "/url",
        ),
        (
            json!({ "kind": "slack", "url": "https://127.0.0.1/" }),
            "/url",
        ),
        (
            json!({ "kind": "slack", "url": "https://[::ffff:10.0.0.1]/" }),
            "/url",
        ),
        (
            json!({ "kind": "slack", "url_secret": "NONE" }),
            "/url_secret",
        ),
        (
            json!({ "kind": "slack", "url": "https://a.b/", "secret": "NONE" }),
            "/secret",
        ),
        (
            json!({ "kind": "slack", "url": "https://a.b/", "events": ["test"] }),
            "/events",
        ),
        (
            json!({ "kind": "slack", "url": "https://a.b/", "events": ["run.fialed"] }),
            "/events/0",
        ),
        (
            json!({ "kind": "slack", "url": "https://a.b/", "template": "{{ x" }),
            "/template",
        ),
        (
            json!({ "kind": "email", "to": ["a@b\r\nBcc: c@d"] }),
            "/to/0",
        ),
        (json!({ "kind": "email", "to": ["a@b.org"] }), "/kind"),
        (
            json!({ "kind": "slack", "url": "https://a.b/", "evnets": [] }),
            "/evnets",
        ),
    ] {
        let answer = world.json("PUT", HOOK, &asked).await;
        assert_eq!(answer.pointer(422), pointer, "{asked}");
    }
    assert_eq!(world.get("/api/v1/hooks").await.ok(200), json!([]));
}

#[tokio::test]
async fn a_hook_that_is_not_there_is_not_found() {
    let world = world();
    let slack = json!({ "kind": "slack", "url": "https://a.b/" });
    let name = "/api/v1/hooks/Not%20A%20Name";
    world.json("PUT", name, &slack).await.problem(422);
    for path in [HOOK, "/api/v1/hooks/ops/deliveries"] {
        world.get(path).await.problem(404);
    }
    for path in ["test", "redeliver", "deliveries/msg_1/redeliver"] {
        world
            .json("POST", &format!("{HOOK}/{path}"), &Value::Null)
            .await
            .problem(404);
    }
}

#[tokio::test]
async fn a_report_can_be_looked_at_before_anybody_gets_it() {
    let world = world();
    let report = world.get("/api/v1/report").await.ok(200);
    assert_eq!(report["subject"], "Runbay: nothing ran");
    assert!(
        report["html"]
            .as_str()
            .unwrap()
            .contains("The last 14 days")
    );
    assert!(report["text"].as_str().unwrap().contains("Runbay uses"));
}
