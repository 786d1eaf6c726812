//! What holds for every route.

use crate::world::World;
use axum::body::Body;
use axum::http::Method;
use runbay::domain::access::Permission;
use runbay::http::routes;

/// A path of a route, its parameters filled in with something that may be.
fn example(path: &str) -> String {
    path.split('/')
        .map(|part| match part.starts_with('{') {
            true => "main.py",
            false => part,
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn nobody_gets_in_anywhere_but_to_what_is_public() {
    let world = World::asked_by(None);
    for route in routes() {
        if route.permission == Permission::Public {
            continue;
        }
        let answer = world
            .ask(
                route.method.clone(),
                &example(route.path),
                &[],
                Body::empty(),
            )
            .await;
        assert_eq!(answer.status, 401, "{} {}", route.method, route.path);
        answer.problem(401);
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_taken_are_problems() {
    let world = World::new();
    world.get("/api/v1/nothing").await.problem(404);
    let answer = world
        .ask(Method::DELETE, "/api/v1/system", &[], Body::empty())
        .await;
    answer.problem(405);
    assert!(answer.header("allow").contains("GET"), "{answer:?}");
}

#[tokio::test]
async fn the_service_tells_of_itself_without_an_engine() {
    let world = World::new();
    let system = world.get("/api/v1/system").await.ok(200);
    assert_eq!(system["engine"]["ready"], false);
    assert_eq!(system["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn an_id_that_somebody_sends_is_not_taken_for_ours() {
    let world = World::new();
    let headers = [("x-request-id", "mine")];
    let answer = world
        .ask(Method::GET, "/api/v1/system", &headers, Body::empty())
        .await;
    assert_ne!(answer.header("x-request-id"), "mine");
    assert_eq!(answer.header("x-request-id").len(), 36);
}
