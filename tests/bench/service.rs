//! What a service with a past costs, and how soon it answers.

use super::sample::{Limit, Pair, Row, quiet};
use super::served::{Client, Served, history, home};
use super::world::World;
use anyhow::Context;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Runs in the past.
const RUNS: u64 = 10_000;
/// Those who follow one log.
const FOLLOWERS: usize = 1_000;
/// The most streams that one token may have open.
const OF_ONE: usize = 20;
/// Lines of that log.
const LINES: usize = 2_000;

fn row(measure: &str, unit: &'static str, ours: f64, allowed: f64) -> Row {
    Row {
        measure: measure.to_owned(),
        unit,
        limit: Limit::AtMost(1.0),
        pairs: vec![Pair {
            ours,
            reference: allowed,
        }],
    }
}

/// 100 tasks and 10,000 runs: the memory of a service that has nothing to do,
/// its lists, and how long it takes until a run that is asked for is safe.
pub(crate) fn with_a_past(_: &World) -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::Builder::new().prefix("runbay-bench-").tempdir()?;
    home(folder.path(), 100, "description = \"a task\"\n")?;
    history(folder.path(), RUNS)?;
    let served = Served::start(folder.path(), false)?;
    // What is done at the start only is not what an idle service costs.
    std::thread::sleep(Duration::from_secs(5));
    let mut rows = vec![row(
        "service: idle memory, 100 tasks and 10,000 runs, vs allowed",
        "MB",
        served.memory("VmRSS")?,
        60.0,
    )];
    let mut client = served.connect()?;
    let (_, newest) = client.get("/api/v1/runs?limit=1")?;
    let newest = newest["items"][0]["id"].as_str().context("no run")?;
    for (name, path) in [
        ("50 runs", "/api/v1/runs".to_owned()),
        ("500 runs", "/api/v1/runs?limit=500".to_owned()),
        ("failed runs", "/api/v1/runs?outcome=failed".to_owned()),
        ("runs by text", "/api/v1/runs?text=task-0042".to_owned()),
        ("runs by no text", "/api/v1/runs?text=nowhere".to_owned()),
        ("a run", format!("/api/v1/runs/{newest}")),
        ("100 tasks", "/api/v1/tasks?limit=100".to_owned()),
        ("tasks with numbers", "/api/tasks/".to_owned()),
    ] {
        let slowest = slowest(&mut client, &path)?;
        let measure = format!("service: {name}, slowest of 20, vs allowed");
        rows.push(row(&measure, "ms", slowest, 50.0));
    }
    rows.push(durable(&mut client)?);
    rows.push(row(
        "service: memory after that, vs allowed",
        "MB",
        served.memory("VmRSS")?,
        100.0,
    ));
    Ok(rows)
}

fn slowest(client: &mut Client, path: &str) -> anyhow::Result<f64> {
    quiet();
    let mut slowest = 0.0_f64;
    for _ in 0..20 {
        slowest = slowest.max(client.get(path)?.0);
    }
    Ok(slowest)
}

/// From the request to the answer, which is given once the run is on disk.
fn durable(client: &mut Client) -> anyhow::Result<Row> {
    quiet();
    let mut times = Vec::new();
    for number in 0..1_000 {
        let path = format!("/api/v1/tasks/task-{:04}/runs", number % 100);
        times.push(client.ask("POST", &path, "{}")?.0);
    }
    times.sort_by(f64::total_cmp);
    let measure = "service: a run asked for is on disk, p99 of 1,000, vs allowed";
    Ok(row(measure, "ms", times[989], 10.0))
}

/// 1,000 tasks with schedules that are not due: processor time of a service
/// that has nothing else to do, by the second.
pub(crate) fn with_many_schedules(_: &World) -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::Builder::new().prefix("runbay-bench-").tempdir()?;
    let schedule = "[[schedules]]\nwhen = \"0 3 1 1 *\"\n";
    home(folder.path(), 1_000, schedule)?;
    let served = Served::start(folder.path(), false)?;
    let begun = Instant::now();
    let mut client = served.connect()?;
    while client.get("/api/v1/schedules")?.1.as_array().map(Vec::len) != Some(1_000) {
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(120), "no schedules");
        std::thread::sleep(Duration::from_millis(500));
    }
    std::thread::sleep(Duration::from_secs(5));
    let (begun, before) = (Instant::now(), served.processor()?);
    std::thread::sleep(Duration::from_secs(30));
    let used = (served.processor()? - before) / begun.elapsed().as_secs_f64() * 100.0;
    Ok(vec![row(
        "idle: 1,000 tasks with schedules, share of a core, vs allowed",
        "%",
        used,
        1.0,
    )])
}

/// 1,000 clients that follow the log of one run while it is written.
pub(crate) fn followed(world: &World) -> anyhow::Result<Vec<Row>> {
    let script = format!(
        "import time\ntime.sleep(5)\nfor n in range({LINES}):\n    print('line', n, 'x' * 60, flush=True)\n    time.sleep(0.002)\n"
    );
    world.write("followed/main.py", &script)?;
    world.prepare("followed")?;
    let served = Served::start(world.home(), true)?;
    let mut client = served.connect()?;
    let mut tokens = Vec::new();
    for number in 0..FOLLOWERS.div_ceil(OF_ONE) {
        let body =
            format!(r#"{{"name": "follower {number}", "scopes": ["logs:read", "runs:read"]}}"#);
        let (_, made) = client.ask("POST", "/api/v1/tokens", &body)?;
        tokens.push(made["secret"].as_str().context("no token")?.to_owned());
    }
    let (_, run) = client.ask("POST", "/api/v1/tasks/followed/runs", "{}")?;
    let run = run["id"].as_str().context("no run")?.to_owned();
    let address: Arc<str> = served.door.url.trim_start_matches("http://").into();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let missed = runtime.block_on(async {
        let follow = |number: usize| {
            let token = tokens[number / OF_ONE].clone();
            tokio::spawn(follower(address.clone(), run.clone(), token))
        };
        let all: Vec<_> = (0..FOLLOWERS).map(follow).collect();
        let mut missed = 0;
        for one in all {
            missed += LINES.saturating_sub(one.await??);
        }
        anyhow::Ok(missed)
    })?;
    // The service has closed the first connection, which was silent for so long.
    let (_, over) = served.connect()?.get(&format!("/api/v1/runs/{run}"))?;
    anyhow::ensure!(over["run"]["outcome"] == "succeeded", "{over}");
    let lines = (LINES * FOLLOWERS) as f64;
    Ok(vec![
        Row {
            measure: "followers: lines that 1,000 of one log got, vs written".to_owned(),
            unit: "",
            limit: Limit::AtLeast(1.0),
            pairs: vec![Pair {
                ours: lines - missed as f64,
                reference: lines,
            }],
        },
        row(
            "followers: memory of the service at its most, vs allowed",
            "MB",
            served.memory("VmHWM")?,
            300.0,
        ),
    ])
}

/// Follows a log to its end; how many lines came.
async fn follower(address: Arc<str>, run: String, token: String) -> anyhow::Result<usize> {
    let mut stream = tokio::net::TcpStream::connect(&*address).await?;
    let request = format!(
        "GET /api/v1/runs/{run}/log/stream HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let (line, end) = (b"\"stream\":\"stdout\"", b"\nevent: end\n");
    let mut seen = Vec::new();
    let mut lines = 0;
    loop {
        let before = seen.len();
        let count = stream.read_buf(&mut seen).await?;
        anyhow::ensure!(count > 0, "the stream broke off after {lines} lines");
        if before == 0 && lines == 0 {
            let head = String::from_utf8_lossy(&seen[..seen.len().min(300)]);
            anyhow::ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
        }
        lines += memchr::memmem::find_iter(&seen, line).count();
        if memchr::memmem::find(&seen, end).is_some() {
            return Ok(lines);
        }
        // What may be the beginning of more.
        let kept = seen.len().saturating_sub(line.len() - 1);
        seen.drain(..kept);
    }
}
