//! Metrics and health.

use super::stage::{PATIENCE, Stage, queue};
use crate::world::World;
use runbay::service::{events, metrics};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn what_happens_is_counted() {
    let stage = Stage::new().await;
    let stop = CancellationToken::new();
    tokio::spawn(events::run(stage.app.clone(), stop.clone()));
    let counting = tokio::spawn(metrics::run(stage.app.clone(), stop.clone()));
    let script = stage.begin(1).await;
    let text = async |wanted: &[&str]| loop {
        let answer = stage.world.get("/metrics").await;
        let text = String::from_utf8(answer.body.clone()).unwrap();
        if wanted.iter().all(|line| text.contains(line)) {
            return (answer, text);
        }
        tokio::task::yield_now().await;
    };
    // Those who count may begin later than this test.
    let heard = async {
        loop {
            queue(&stage.app).await;
            let (_, text) = text(&[]).await;
            if text.contains("runbay_runs_queued_total{trigger=\"manual\"}") {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.unwrap();
    stage.end(script).await;
    let wanted = [
        "runbay_runs_finished_total{outcome=\"failed\",trigger=\"manual\"} 1",
        "runbay_engine_up 0",
        "runbay_http_requests_total{method=\"GET\",route=\"/metrics\",status=\"200\"}",
        "runbay_queue_length",
        "process_resident_memory_bytes",
        "# EOF",
    ];
    let found = tokio::time::timeout(PATIENCE, text(&wanted)).await;
    let (answer, text) = found.expect("all of these are told");
    assert!(
        answer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    assert!(!text.contains("talk"), "no names of tasks: {text}");
    stop.cancel();
    counting.await.unwrap();
}

#[tokio::test]
async fn health_is_public_and_its_reasons_are_not() {
    let world = World::asked_by(None);
    let lives = world.get("/livez").await;
    assert_eq!((lives.status.as_u16(), &*lives.body), (200, &b"ok\n"[..]));
    let ready = world.get("/readyz").await;
    assert_eq!(ready.json(), serde_json::json!({ "ready": false }));
    assert_eq!(ready.status, 503);
    world.get("/metrics").await.problem(401);
    let ready = World::new().get("/readyz").await.ok(503);
    assert_eq!(ready["checks"][0]["name"], "engine");
    assert!(ready["checks"][0]["fault"].as_str().unwrap().len() > 10);
    assert_eq!(ready["checks"][1]["fault"], serde_json::Value::Null);
}
