//! Server-sent events.

use super::stage::{Stage, queue};
use runbay::service::streams::SEATS;
use serde_json::Value;

#[tokio::test]
async fn a_log_streams_and_goes_on_where_it_broke_off() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let path = format!("/api/v1/runs/{}/log/stream", stage.run);
    let mut script = stage.begin(1).await;
    script.print("one\ntwo\nthree\n");
    let mut reader = server.stream(&path, &[]).await;
    assert_eq!(reader.status, 200);
    assert_eq!(reader.line().await, ("1.1".to_owned(), "one".to_owned()));
    assert_eq!(reader.line().await, ("1.2".to_owned(), "two".to_owned()));
    drop(reader);

    script.print("Password: ");
    let mut reader = server.stream(&path, &[("Last-Event-ID", "1.2")]).await;
    assert_eq!(reader.line().await.1, "three");
    let partial = reader.next().await.unwrap();
    assert_eq!((&*partial.kind, &partial.id), ("partial", &None));
    assert_eq!(partial.data["text"], "Password: ");
    script.print("secret\n");
    let (id, text) = reader.line().await;
    assert_eq!((&*id, &*text), ("1.4", "Password: secret"));

    script.finish();
    let mut script = stage.begin(2).await;
    script.print("again\n");
    assert_eq!(reader.line().await, ("2.1".to_owned(), "again".to_owned()));
    stage.end(script).await;
    let end = reader.next().await.unwrap();
    assert_eq!((&*end.kind, &*end.id.unwrap()), ("end", "2.1.end"));
    assert_eq!(end.data["outcome"], "failed");
    assert_eq!(reader.next().await, None);

    // A browser comes again by itself, and is told not to.
    let reader = server.stream(&path, &[("Last-Event-ID", "2.1.end")]).await;
    assert_eq!(reader.status, 204);
    let tail = server
        .stream(&format!("{path}?tail=1"), &[])
        .await
        .line()
        .await;
    assert_eq!(tail.1, "again");
}

#[tokio::test]
async fn what_cannot_be_streamed_is_a_problem() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let path = format!("/api/v1/runs/{}/log/stream", stage.run);
    let reader = server.stream(&path, &[("Last-Event-ID", "x")]).await;
    assert_eq!(reader.status, 422);
    assert_eq!(reader.json()["errors"][0]["pointer"], "/last-event-id");
    for (path, pointer) in [
        (format!("{path}?attempt=0"), "/attempt"),
        (format!("{path}?after=-1"), "/after"),
        (format!("{path}?afer=1"), "/afer"),
        ("/api/v1/events?topics=run".to_owned(), "/topics"),
    ] {
        let reader = server.stream(&path, &[]).await;
        assert_eq!(reader.status, 422, "{path}");
        assert_eq!(reader.json()["errors"][0]["pointer"], pointer, "{path}");
    }
    let other = "/api/v1/runs/00000000000000000000000000000000/log/stream";
    assert_eq!(server.stream(other, &[]).await.status, 404);
}

#[tokio::test]
async fn events_stream_and_go_on_where_they_broke_off() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let mut reader = server.stream("/api/v1/events?topics=runs", &[]).await;
    let ready = reader.next().await.unwrap();
    assert_eq!(ready.kind, "ready");
    let run = queue(&stage.app).await;
    let event = reader.next().await.unwrap();
    assert_eq!(event.data["kind"], "run.queued");
    assert_eq!(event.data["run"], run.to_string());
    let last = event.id.unwrap();
    drop(reader);

    let missed = queue(&stage.app).await;
    let changed = serde_json::json!({ "task": "talk" });
    stage.app.store.tell("task.changed", changed).await.unwrap();
    let path = "/api/v1/events?topics=runs,task:talk,task:other";
    let mut reader = server.stream(path, &[("Last-Event-ID", &last)]).await;
    let kinds = [
        reader.next().await.unwrap(),
        reader.next().await.unwrap(),
        reader.next().await.unwrap(),
    ];
    assert_eq!(kinds[0].kind, "ready");
    assert_eq!(kinds[1].data["run"], missed.to_string());
    assert_eq!(kinds[2].data["kind"], "task.changed");
}

/// The broadcast holds some thousand events; who is further behind reads the
/// table.
#[tokio::test]
async fn who_listens_too_slowly_misses_nothing() {
    let stage = Stage::new().await;
    let mut listener = runbay::service::events::listen(&stage.app, None)
        .await
        .unwrap();
    let _server = stage.serve().await;
    for n in 0..1500 {
        let payload = serde_json::json!({ "n": n });
        stage.app.store.tell("system.test", payload).await.unwrap();
    }
    for n in 0..1500 {
        let next = tokio::time::timeout(super::stage::PATIENCE, listener.next());
        let event = next.await.unwrap().unwrap().unwrap();
        assert_eq!(event.payload["n"], n);
    }
}

#[tokio::test]
async fn streams_end_with_the_service_and_are_counted_for_each() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let path = "/api/v1/events?topics=runs";
    let mut readers = Vec::new();
    for _ in 0..SEATS {
        let mut reader = server.stream(path, &[]).await;
        assert_eq!(reader.next().await.unwrap().kind, "ready");
        readers.push(reader);
    }
    assert_eq!(server.stream(path, &[]).await.status, 429);
    let mut other = server.stream(path, &[("x-who", "bob")]).await;
    assert_eq!(other.next().await.unwrap().kind, "ready");
    assert_eq!(stage.app.live.streams.count(), SEATS + 1);

    stage.app.live.streams.close();
    assert_eq!(other.next().await, None);
    for mut reader in readers {
        assert_eq!(reader.next().await, None);
    }
    assert_eq!(stage.app.live.streams.count(), 0);
}

#[tokio::test]
async fn lines_are_told_as_they_were_printed() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let mut script = stage.begin(1).await;
    script.print("\u{1b}[31m<b>\u{7} data: x\n\n");
    let path = format!("/api/v1/runs/{}/log/stream", stage.run);
    let mut reader = server.stream(&path, &[]).await;
    assert_eq!(reader.line().await.1, "\u{1b}[31m<b>\u{7} data: x");
    let sent = reader.next().await.unwrap();
    assert_eq!(sent.data["text"], "");
    assert_eq!(sent.data["stream"], Value::from("stdout"));
}
