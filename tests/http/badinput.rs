//! Bad input, on every route there is: the document says what each takes, and
//! the tests send something else.

use crate::world::{World, tree};
use axum::body::Body;
use axum::http::{Method, Request};
use proptest::prelude::*;
use runbay::http::{document, routes};
use serde_json::{Value, json};

/// A path whose parameters are filled in.
fn path(template: &str, fill: impl Fn(&str) -> String) -> String {
    template
        .split('/')
        .map(|part| match part.strip_prefix('{') {
            Some(name) => fill(name.trim_start_matches('*').trim_end_matches('}')),
            None => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

fn usual(name: &str) -> String {
    match name {
        "task" => "one".to_owned(),
        "path" => "main.py".to_owned(),
        "id" => "1".to_owned(),
        "secret" | "variable" => "ABCD".to_owned(),
        _ => "abcd".to_owned(),
    }
}

/// The operations of the document: method, path, operation.
fn operations() -> Vec<(Method, String, Value)> {
    let document = document();
    let of = |route: &runbay::http::route::Route| {
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = document["paths"][route.path.replace("{*", "{")][&method].clone();
        (route.method.clone(), route.path.to_owned(), operation)
    };
    let all = routes();
    // What goes on until somebody leaves has tests of its own.
    let ends = |(_, _, operation): &(Method, String, Value)| {
        !operation["responses"]
            .to_string()
            .contains("text/event-stream")
    };
    all.iter().map(of).filter(ends).collect()
}

fn takes_json(operation: &Value) -> bool {
    operation["requestBody"]["content"]["application/json"].is_object()
}

#[tokio::test]
async fn a_body_of_another_type_or_shape_is_told_where_it_is_wrong() {
    let world = World::new();
    world.task("one");
    let before = tree(&world.path("tasks"));
    let mut seen = 0;
    for (method, template, operation) in operations() {
        // What a trigger is sent is looked at once it is known who sent it.
        if !takes_json(&operation) || template.ends_with("/fire") {
            continue;
        }
        seen += 1;
        let path = path(&template, usual);
        let send = |media: &'static str, body: Vec<u8>| {
            let (world, path, method) = (&world, &path, method.clone());
            async move {
                world
                    .ask(method, path, &[("content-type", media)], body)
                    .await
            }
        };
        for media in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "nonsense",
        ] {
            let answer = send(media, b"{}".to_vec()).await;
            assert_eq!(answer.pointer(415), "/content-type", "{method} {path}");
        }
        let json = "application/json";
        for (body, status) in [
            (&b"{"[..], 400),
            (b"{} x", 400),
            (b"\xff", 400),
            (b"{\"zzz\": 1}", 422),
            (b"[]", 422),
            (b"7", 422),
            (b"\"\"", 422),
        ] {
            let answer = send(json, body.to_vec()).await;
            // What is behind the end is found only when all before it is good.
            let status = match body {
                b"{} x" if answer.status == 422 => 422,
                _ => status,
            };
            let problem = answer.problem(status);
            let shown = String::from_utf8_lossy(body).into_owned();
            assert!(
                !problem["detail"].is_null(),
                "{method} {path} {shown}: {problem}"
            );
        }
        let deep = "[".repeat(100_000).into_bytes();
        assert!(send(json, deep).await.status.is_client_error());
        let large = vec![b' '; 33 * 1024 * 1024];
        send(json, large).await.problem(413);
    }
    assert!(seen > 5, "only {seen} routes take JSON");
    assert_eq!(tree(&world.path("tasks")), before);
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "every route is tried in the same ways"
)]
async fn a_query_is_read_strictly() {
    let world = World::new();
    world.task("one");
    let mut seen = 0;
    for (method, template, operation) in operations() {
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let query: Vec<_> = parameters.iter().filter(|p| p["in"] == "query").collect();
        if query.is_empty() {
            continue;
        }
        seen += 1;
        let path = path(&template, usual);
        let ask = |query: String| {
            let (world, method) = (&world, method.clone());
            let path = format!("{path}?{query}");
            async move { world.ask(method, &path, &[], Body::empty()).await }
        };
        let unknown = ask("zzz=1".to_owned()).await;
        assert_eq!(unknown.status, 422, "{method} {path}");
        let text = unknown.problem(422).to_string();
        assert!(text.contains("zzz"), "{path}: {text}");
        for parameter in query {
            let name = parameter["name"].as_str().unwrap();
            let kinds = parameter["schema"]["type"].to_string();
            let bad: &[&str] = match &parameter["schema"] {
                _ if kinds.contains("integer") => {
                    &["x", "1e3", "99999999999999999999", "1.5", "%00", ""]
                }
                _ if kinds.contains("boolean") => &["maybe", "1", "%00"],
                schema if schema["format"] == "date-time" => {
                    &["yesterday", "2026", "99999-01-01T00:00:00Z"]
                }
                schema if schema["type"] == "array" && name != "tags" => &["nonsense", "a,b"],
                _ => &[],
            };
            for value in bad {
                let answer = ask(format!("{name}={value}")).await;
                assert_eq!(answer.status, 422, "{method} {path} {name}={value}");
                let pointer = answer.pointer(422);
                assert_eq!(
                    pointer,
                    format!("/{name}"),
                    "{method} {path} {name}={value}"
                );
            }
            let twice = ask(format!("{name}=1&{name}=1")).await;
            assert!(twice.status.is_client_error(), "{path} {name} twice");
            // Text that would mean something to SQL means nothing here.
            for value in [
                "'%20OR%201=1--",
                "%22;DROP%20TABLE%20runs",
                "%25",
                "_",
                "%f0%9f%92%a9",
            ] {
                let answer = ask(format!("{name}={value}")).await;
                let status = answer.status.as_u16();
                assert!(
                    status < 500 || status == 503,
                    "{path} {name}={value}: {answer:?}"
                );
            }
        }
    }
    assert!(seen > 5, "only {seen} routes take a query");
    world.get("/api/v1/runs").await.ok(200);
}

#[tokio::test]
async fn an_unknown_field_brings_the_nearest_to_mind() {
    let world = World::new();
    world.task("one");
    let typo = json!({ "tgas": [] });
    let problem = world
        .json("PATCH", "/api/v1/tasks/one", &typo)
        .await
        .problem(422);
    let text = problem["errors"][0]["message"].as_str().unwrap();
    assert!(text.contains("did you mean `tags`?"), "{text}");
    assert_eq!(problem["errors"][0]["in"], "body");
    let nested = json!({ "tags": ["a", 7] });
    let answer = world.json("PATCH", "/api/v1/tasks/one", &nested).await;
    assert_eq!(answer.pointer(422), "/tags/1");
    let missing = world
        .json("POST", "/api/v1/tasks/one/rename", &json!({}))
        .await;
    assert_eq!(missing.pointer(422), "/name");
    let control = json!({ "tags": ["a\u{7}"], "description": "a\nb" });
    let answer = world.json("PATCH", "/api/v1/tasks/one", &control).await;
    assert_eq!(answer.problem(422)["errors"].as_array().unwrap().len(), 2);
}

#[test]
fn no_path_or_query_makes_the_service_fail() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = World::new();
    world.task("one");
    let all = operations();
    let odd = "(%[0-9a-f]{2}|[-a-z0-9._~!$&'()*+,;=:@/?]|one|last|\\.\\./){0,24}";
    let config = ProptestConfig {
        cases: 600,
        ..ProptestConfig::default()
    };
    proptest!(config, |(which in any::<prop::sample::Index>(), part in odd, query in odd)| {
        let (method, template, _) = which.get(&all);
        // What takes seconds and an engine has tests of its own.
        prop_assume!(!template.ends_with("doctor"));
        let part = part.replace(['?', '#'], "");
        let target = format!("{}?{query}", path(template, |_| part.clone()));
        let Ok(request) = Request::builder().method(method.clone()).uri(&target).body(Body::empty()) else {
            return Ok(());
        };
        let answer = runtime.block_on(world.send(request));
        let status = answer.status.as_u16();
        prop_assert!(status < 500 || status == 503, "{method} {target}: {answer:?}");
        // What asks for health wants to read its reasons, not a problem.
        if status >= 400 && *template != "/readyz" {
            answer.problem(status);
        }
    });
    assert!(world.path("tasks").exists());
}
