//! Pages of a large log over HTTP.

use super::sample::{Limit, Pair, Row, quiet};
use super::world::World;
use anyhow::Context;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use chrono::Utc;
use http_body_util::BodyExt;
use runbay::config::{Config, Overrides};
use runbay::domain::access::Principal;
use runbay::domain::ids::AttemptId;
use runbay::domain::limits::Limits;
use runbay::domain::log::Stream;
use runbay::domain::params::Params;
use runbay::domain::retry::Overlap;
use runbay::domain::run::Run;
use runbay::domain::size::{Bytes, GIB};
use runbay::http::extract::Caller;
use runbay::http::{State, router, with_layers};
use runbay::logs::{Bounds, Writer, path_of};
use runbay::service::App;
use runbay::store::Rules;
use std::time::Instant;
use tower::ServiceExt;

/// 200 MB, and a half.
const LINES: u64 = 2_000_000;
/// What any page may take.
const LIMIT_MS: f64 = 50.0;

/// Pages of 500 lines from all over a log of 200 MB, each as the slowest of
/// ten; and a search through all of it.
pub(crate) fn of_a_large_log(world: &World) -> anyhow::Result<Vec<Row>> {
    let flags = Overrides {
        home: Some(world.home().to_owned()),
        ..Overrides::default()
    };
    let app = App::open(Config::load(&flags)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(measure(app))
}

async fn measure(app: App) -> anyhow::Result<Vec<Row>> {
    let task = "pages".parse()?;
    let run = Run::new(task, Params::default(), Limits::default(), Utc::now());
    let rules = Rules {
        overlap: Overlap::Allow,
        key: None,
        queue_limit: 10,
        task_limit: 10,
        slot: None,
        claim: false,
        given: Vec::new(),
        payload: None,
    };
    app.store.admit(&run, &rules).await?;
    let id = AttemptId {
        run: run.id,
        number: 1,
    };
    write(&app, id)?;
    let asks = from_fn(|mut request: Request, next: Next| {
        request.extensions_mut().insert(Caller(Principal::local()));
        next.run(request)
    });
    let router = with_layers(router(State { app: app.clone() }).layer(asks));
    let path = format!("/api/v1/runs/{}/log", run.id);
    let mut rows = Vec::new();
    for (name, query) in [
        ("first", "?after=0".to_owned()),
        ("middle", format!("?after={}", LINES / 2 + 77)),
        ("last", "?tail=500".to_owned()),
        ("raw megabyte", "/raw?".to_owned()),
    ] {
        quiet();
        let mut slowest = 0.0_f64;
        for _ in 0..10 {
            let begun = Instant::now();
            let range = format!("bytes={}-{}", 150_000_000, 150_999_999);
            let request = Request::get(format!("{path}{query}")).header("range", range);
            let response = router.clone().oneshot(request.body(Body::empty())?).await?;
            let status = response.status();
            let bytes = response.into_body().collect().await?.to_bytes();
            anyhow::ensure!(status.is_success() && bytes.len() > 10_000, "{status}");
            slowest = slowest.max(begun.elapsed().as_secs_f64() * 1e3);
        }
        rows.push(Row {
            measure: format!("pages: the {name} of a log of 200 MB, vs allowed"),
            unit: "ms",
            limit: Limit::AtMost(1.0),
            pairs: vec![Pair {
                ours: slowest,
                reference: LIMIT_MS,
            }],
        });
    }
    rows.push(search(&router, &path).await?);
    std::fs::remove_file(path_of(&app.config.data_dir, id)).context("the log")?;
    app.store.request_cancel(run.id, Utc::now()).await?;
    Ok(rows)
}

/// A search that finds nothing reads everything.
async fn search(router: &axum::Router, path: &str) -> anyhow::Result<Row> {
    quiet();
    let begun = Instant::now();
    let request = Request::get(format!("{path}/search?q=nowhere"));
    let response = router.clone().oneshot(request.body(Body::empty())?).await?;
    let body = response.into_body().collect().await?.to_bytes();
    let found: serde_json::Value = serde_json::from_slice(&body)?;
    anyhow::ensure!(found["next"].is_null(), "not all was searched: {found}");
    Ok(Row {
        measure: "pages: a search through all of it, vs allowed".to_owned(),
        unit: "s",
        limit: Limit::AtMost(1.0),
        pairs: vec![Pair {
            ours: begun.elapsed().as_secs_f64(),
            reference: 2.0,
        }],
    })
}

fn write(app: &App, id: AttemptId) -> anyhow::Result<()> {
    let bounds = Bounds {
        cap: Bytes(GIB),
        spare: Bytes(0),
    };
    let mut log = Writer::open(&path_of(&app.config.data_dir, id), bounds)?;
    let text = "x".repeat(90);
    for n in 0..LINES {
        log.append(Utc::now(), Stream::Stdout, &format!("{n:09} {text}"));
    }
    log.finish();
    Ok(())
}
