//! Pages, searches and downloads of logs.

use super::stage::Stage;
use axum::body::Body;
use axum::http::Method;
use serde_json::Value;
use std::time::{Duration, Instant};

/// A run that printed the numbers from 1 on, every third to standard error.
async fn numbers(count: u64) -> (Stage, String) {
    let stage = Stage::new().await;
    let mut script = stage.begin(1).await;
    let text: String = (1..=count).map(|n| format!("line {n}\n")).collect();
    script.print(&text);
    script.log.note("the system says");
    stage.end(script).await;
    let path = format!("/api/v1/runs/{}/log", stage.run);
    (stage, path)
}

fn span(page: &Value) -> (u64, u64, u64) {
    let lines = page["lines"].as_array().unwrap();
    let number = |line: &Value| line["number"].as_u64().unwrap();
    let all: Vec<u64> = lines.iter().map(number).collect();
    assert!(all.windows(2).all(|two| two[0] + 1 == two[1]));
    let (first, last) = (all[0], all[all.len() - 1]);
    assert_eq!(
        (&page["first"], &page["last"]),
        (&first.into(), &last.into())
    );
    assert_eq!(page["more_before"], first > 1);
    assert_eq!(page["more_after"], last < page["total"].as_u64().unwrap());
    (first, last, page["total"].as_u64().unwrap())
}

#[tokio::test]
async fn any_page_can_be_asked_for() {
    let (stage, path) = numbers(3000).await;
    for (query, first, last) in [
        ("", 2502, 3001),
        ("?tail=1", 3001, 3001),
        ("?tail=5000", 1, 3001),
        ("?after=0", 1, 500),
        ("?after=1000&limit=10", 1001, 1010),
        ("?after=2990", 2991, 3001),
        ("?before=1000", 500, 999),
        ("?before=3&limit=5000", 1, 2),
        ("?before=99999&limit=2", 3000, 3001),
        ("?from=257&to=257", 257, 257),
        ("?from=100&to=2099", 100, 2099),
        ("?from=2900&to=9999", 2900, 3001),
    ] {
        let page = stage.world.get(&format!("{path}{query}")).await.ok(200);
        assert_eq!(span(&page), (first, last, 3001), "{query}");
        assert_eq!(page["attempt"], 1);
    }
    let empty = stage.world.get(&format!("{path}?after=3001")).await.ok(200);
    assert_eq!(empty["lines"], serde_json::json!([]));
    assert_eq!(
        (&empty["more_before"], &empty["more_after"]),
        (&true.into(), &false.into())
    );
    let ours = stage
        .world
        .get(&format!("{path}?stream=system"))
        .await
        .ok(200);
    assert_eq!(ours["lines"].as_array().unwrap().len(), 1);
    assert_eq!(ours["lines"][0]["number"], 3001);
    let theirs = format!("{path}?stream=stdout&after=2999");
    let theirs = stage.world.get(&theirs).await.ok(200);
    assert_eq!(
        (&theirs["lines"][0]["number"], &theirs["last"]),
        (&3000.into(), &3001.into())
    );
}

#[tokio::test]
async fn what_is_no_page_names_its_field() {
    let (stage, path) = numbers(3).await;
    for (query, pointer) in [
        ("?tail=0", "/tail"),
        ("?tail=5001", "/tail"),
        ("?tail=-1", "/tail"),
        ("?limit=99999999999999999999", "/limit"),
        ("?before=0", "/before"),
        ("?from=0", "/from"),
        ("?from=5&to=4", "/to"),
        ("?to=4", "/to"),
        ("?tail=1&after=3", "/after"),
        ("?attempt=0", "/attempt"),
        ("?stream=stdin", "/stream"),
        ("?q=x", "/q"),
    ] {
        let answer = stage.world.get(&format!("{path}{query}")).await;
        assert_eq!(answer.pointer(422), pointer, "{query}");
    }
    stage
        .world
        .get(&format!("{path}?attempt=2"))
        .await
        .problem(404);
    let build = "/api/v1/tasks/talk/build/log";
    stage.world.get(build).await.problem(404);
    assert_eq!(
        stage
            .world
            .get(&format!("{build}?attempt=1"))
            .await
            .pointer(422),
        "/attempt"
    );
}

#[tokio::test]
async fn searches_go_from_the_end_to_the_beginning() {
    let (stage, path) = numbers(5000).await;
    let search = |query: &str| {
        let path = format!("{path}/search?{query}");
        let world = &stage.world;
        async move { world.get(&path).await }
    };
    let found = search("q=line+4&limit=500").await.ok(200);
    let hits = found["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 500);
    assert_eq!(hits[0]["number"], 4999);
    assert_eq!(hits[0]["places"], serde_json::json!([[0, 6]]));
    assert_eq!(
        (&found["stopped"], &found["next"]),
        (&"limit".into(), &4500.into())
    );
    let mut numbers: Vec<u64> = Vec::new();
    let mut before = String::new();
    loop {
        let found = search(&format!("q=7$&regex=true&limit=77{before}"))
            .await
            .ok(200);
        let hits = found["hits"].as_array().unwrap();
        numbers.extend(hits.iter().map(|hit| hit["number"].as_u64().unwrap()));
        match found["next"].as_u64() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    let expected: Vec<u64> = (1..=5000).rev().filter(|n| n % 10 == 7).collect();
    assert_eq!(numbers, expected);
    let none = search("q=LINE").await.ok(200);
    assert_eq!(
        (none["hits"].as_array().unwrap().len(), &none["next"]),
        (0, &Value::Null)
    );
    let any = search("q=LINE+17&ignore_case=true&limit=1").await.ok(200);
    assert_eq!(any["hits"][0]["number"], 1799);
    // Only in the texts: a record's own time and stream are not found.
    let ours = search("q=o+line").await.ok(200);
    assert_eq!(ours["hits"].as_array().unwrap().len(), 0);
    let system = search("q=s&stream=system").await.ok(200);
    assert_eq!(system["hits"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn expressions_that_would_hold_up_others_are_refused_or_cut_short() {
    let (stage, path) = numbers(10).await;
    for query in [
        "q=",
        "q=(((a{99}){99}){99})&regex=true",
        "q=(&regex=true",
        "q=(%3F%3Da)&regex=true",
        "q=x&limit=501",
        "regex=true",
    ] {
        let answer = stage.world.get(&format!("{path}/search?{query}")).await;
        let pointer = answer.pointer(422);
        let expected = if query.contains("limit") {
            "/limit"
        } else {
            "/q"
        };
        assert_eq!(pointer, expected, "{query}");
    }
    let long = "a".repeat(1001);
    let answer = stage.world.get(&format!("{path}/search?q={long}")).await;
    assert_eq!(answer.pointer(422), "/q");

    let stage = Stage::new().await;
    let mut script = stage.begin(1).await;
    script.print(&format!("{}!\n", "a".repeat(10_000)).repeat(500));
    stage.end(script).await;
    let begun = Instant::now();
    let path = format!("/api/v1/runs/{}/log/search", stage.run);
    let found = stage
        .world
        .get(&format!("{path}?q=(a%2B)%2B$&regex=true"))
        .await;
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    assert!([200, 422].contains(&found.status.as_u16()), "{found:?}");
}

#[tokio::test]
async fn the_text_can_be_had_whole_and_in_part() {
    let (stage, path) = numbers(2000).await;
    let path = format!("{path}/raw");
    let whole = stage.world.get(&path).await;
    assert_eq!(whole.status, 200);
    let mut expected: String = (1..=2000).map(|n| format!("line {n}\n")).collect();
    expected.push_str("the system says\n");
    assert_eq!(String::from_utf8_lossy(&whole.body), expected);
    assert_eq!(whole.header("content-type"), "text/plain; charset=utf-8");
    assert!(
        whole
            .header("content-disposition")
            .starts_with("attachment; ")
    );
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let length = expected.len();
    let etag = whole.header("etag").to_owned();
    let part = |range: String, only: String| {
        let (world, path) = (&stage.world, &path);
        async move {
            let headers = [("range", &*range), ("if-range", &*only)];
            world.ask(Method::GET, path, &headers, Body::empty()).await
        }
    };
    for (from, end) in [
        (0, 1),
        (0, length),
        (1, 7),
        (5_000, 9_001),
        (length - 3, length),
    ] {
        let answer = part(format!("bytes={from}-{}", end - 1), etag.clone()).await;
        assert_eq!(answer.status, 206);
        assert_eq!(answer.body, expected.as_bytes()[from..end], "{from} {end}");
        let range = format!("bytes {from}-{}/{length}", end - 1);
        assert_eq!(answer.header("content-range"), range);
        assert_eq!(answer.header("content-length"), (end - from).to_string());
    }
    let tail = part("bytes=-16".to_owned(), etag.clone()).await;
    assert_eq!(tail.body, b"the system says\n");
    assert_eq!(
        part("bytes=0-1".to_owned(), "\"x\"".to_owned())
            .await
            .status,
        200
    );
    let beyond = part(format!("bytes={length}-"), etag).await;
    assert_eq!(beyond.problem(416)["bytes"], length);
}
