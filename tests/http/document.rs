//! The OpenAPI document: that it is the one in the repository, and that it is
//! sound.

use crate::world::World;
use runbay::http::{document, routes};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Clients are made from this file, so a change of the API is a change of it.
/// `RUNBAY_TESTS_UPDATE=1` writes it anew.
#[test]
fn the_document_is_the_one_in_the_repository() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/openapi.json");
    let mut now = serde_json::to_string_pretty(&document()).unwrap();
    now.push('\n');
    if std::env::var("RUNBAY_TESTS_UPDATE").as_deref() == Ok("1") {
        fs::write(&path, &now).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == now,
        "tests/http/openapi.json is not what the code says: if the change is meant, \
         run this test with RUNBAY_TESTS_UPDATE=1 and commit the file"
    );
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("$ref", Value::String(to)) => drop(found.insert(to.clone())),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_route_is_told() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for route in routes() {
        let path = route.path.replace("{*", "{");
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][&path][&method];
        let id = operation["operationId"].as_str();
        assert!(ids.insert(id.unwrap().to_owned()), "{id:?} is there twice");
        assert!(operation["x-permission"].is_string());
        // What is in the path is among the parameters, and the reverse.
        let named: BTreeSet<&str> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        let told: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        assert_eq!(named, told, "{method} {path}");
    }
}

#[tokio::test]
async fn the_document_and_a_page_about_it_are_served() {
    let world = World::new();
    let served = world.get("/api/v1/openapi.json").await.ok(200);
    assert_eq!(served, document());
    let page = world.get("/api/docs").await;
    let html = String::from_utf8(page.ok_bytes().to_vec()).unwrap();
    assert!(page.header("content-type").starts_with("text/html"));
    for route in routes() {
        assert!(html.contains(route.summary), "{}", route.path);
    }
    // It works offline and under a policy that allows no scripts.
    for foreign in ["<script", "http://", "https://", "style=", "onclick"] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    let style = world.get("/api/docs.css").await;
    assert!(style.header("content-type").starts_with("text/css"));
}
