//! What hooks cost those who run things: 10,000 messages to a receiver that is down
//! and then back.

use super::sample::{Limit, Pair, Row, quiet};
use super::served::{Client, Served};
use super::start::SPEAK;
use super::world::World;
use anyhow::Context;
use runbay::store::Store;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Messages.
const EVENTS: usize = 10_000;
/// Tasks that they are about: each is a lane of its own.
const TASKS: usize = 100;
/// Runs that are measured, of each kind.
const RUNS: usize = 10;
/// How long each part may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// What came in, in its order: the id of each message, its task, and which it was.
type Heard = Arc<Mutex<Vec<(String, String, u64)>>>;

/// A run beside nothing, beside 10,000 messages that wait, and beside 10,000 that are
/// sent; what arrives of them, and the memory of the service at its most.
pub(crate) fn ten_thousand(world: &World) -> anyhow::Result<Vec<Row>> {
    world.write("noop/main.py", SPEAK)?;
    world.prepare("noop")?;
    world.write("../runbay.toml", "[notify]\nallow = [\"127.0.0.1\"]\n")?;
    // A port that nobody listens at, until somebody does.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let served = Served::start(world.home(), true)?;
    let mut client = served.connect()?;
    let spec = json!({ "kind": "standard", "url": format!("http://{address}/in"), "events": ["slot.missed"] });
    client.ask("PUT", "/api/v1/hooks/ops", &spec.to_string())?;
    let alone = runs(&mut client, RUNS)?;
    happen(world)?;
    client = until(&served, |hook| hook["waiting"] == EVENTS)?;
    let beside_waiting = runs(&mut client, RUNS)?;
    let heard = listen(TcpListener::bind(address)?);
    let (_, log) = client.get("/api/v1/hooks/ops/deliveries?limit=1")?;
    let one = log["items"][0]["id"].as_str().context("no delivery")?;
    // Somebody who knows that it is back need not wait until it is tried.
    client.ask(
        "POST",
        &format!("/api/v1/hooks/ops/deliveries/{one}/redeliver"),
        "{}",
    )?;
    let beside_sent = runs(&mut client, RUNS)?;
    let during = heard.lock().map_or(0, |heard| heard.len());
    anyhow::ensure!(
        during < EVENTS,
        "all were sent before the last run was measured"
    );
    until(&served, |hook| hook["waiting"] == 0)?;
    let memory = served.memory("VmHWM")?;
    drop(served);
    let times = [alone, beside_waiting, beside_sent];
    Ok(rows(times, judge(&heard)?, memory))
}

fn rows(
    [alone, beside_waiting, beside_sent]: [f64; 3],
    (arrived, ordered): (f64, f64),
    memory: f64,
) -> Vec<Row> {
    let row = |measure: &str, unit, limit, pair: (f64, f64)| Row {
        measure: format!("hooks: {measure}"),
        unit,
        limit,
        pairs: vec![Pair {
            ours: pair.0,
            reference: pair.1,
        }],
    };
    let all = EVENTS as f64;
    vec![
        row(
            "a run beside 10,000 messages that wait, vs beside none",
            "ms",
            Limit::AtMost(1.1),
            (beside_waiting, alone),
        ),
        row(
            "a run beside messages that are sent, vs beside none",
            "ms",
            Limit::AtMost(1.5),
            (beside_sent, alone),
        ),
        row(
            "messages that arrived, vs events",
            "",
            Limit::AtLeast(1.0),
            (arrived, all),
        ),
        row(
            "of these in the order of their task, vs events",
            "",
            Limit::AtLeast(1.0),
            (ordered, all),
        ),
        row(
            "memory of the service at its most, vs allowed",
            "MB",
            Limit::AtMost(1.0),
            (memory, 100.0),
        ),
    ]
}

/// The median of some runs, from the request to the end, in milliseconds.
fn runs(client: &mut Client, count: usize) -> anyhow::Result<f64> {
    quiet();
    let mut times = Vec::new();
    for _ in 0..=count {
        let (took, run) = client.ask("POST", "/api/v1/tasks/noop/runs?wait=60", "{}")?;
        anyhow::ensure!(run["outcome"] == "succeeded", "{run}");
        times.push(took);
    }
    // The first is not like the others.
    times.remove(0);
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// Tells of so many slots that were missed, as another process would.
fn happen(world: &World) -> anyhow::Result<()> {
    let store = Store::open(&world.home().join("data/runbay.db"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        for number in 0..EVENTS {
            let task = format!("task-{:03}", number % TASKS);
            let payload = json!({ "task": task, "count": number, "detail": "x".repeat(200) });
            store.tell("slot.missed", payload).await?;
        }
        anyhow::Ok(())
    })
}

/// Waits until the hook is as wanted. The service closes connections that are silent,
/// so what follows has a new one.
fn until(served: &Served, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Client> {
    let begun = Instant::now();
    loop {
        let mut client = served.connect()?;
        let (_, hook) = client.get("/api/v1/hooks/ops")?;
        if wanted(&hook) {
            return Ok(client);
        }
        anyhow::ensure!(begun.elapsed() < PATIENCE, "never as wanted: {hook}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// How many different messages came, and how many of them not before an earlier one
/// of their task.
fn judge(heard: &Heard) -> anyhow::Result<(f64, f64)> {
    let heard = heard
        .lock()
        .map_err(|_| anyhow::anyhow!("a receiver failed"))?;
    let (mut ids, mut last) = (HashMap::new(), HashMap::new());
    let mut ordered = 0_u32;
    for (id, task, number) in heard.iter() {
        // What came twice came under its id.
        let before = ids.insert(id, *number);
        anyhow::ensure!(
            before.is_none_or(|before| before == *number),
            "{id} has two meanings"
        );
        if before.is_none() {
            let earlier = last.insert(task, *number);
            ordered += u32::from(earlier.is_none_or(|earlier| earlier < *number));
        }
    }
    Ok((ids.len() as f64, f64::from(ordered)))
}

fn listen(listener: TcpListener) -> Heard {
    let heard = Heard::default();
    let kept = heard.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let kept = kept.clone();
            // Connections are kept open: one thread for each of the few there are.
            std::thread::spawn(move || take(&mut BufReader::new(stream), &kept));
        }
    });
    heard
}

fn take(stream: &mut BufReader<TcpStream>, heard: &Heard) -> Option<()> {
    loop {
        let (mut id, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "webhook-id" => id = value.trim().to_owned(),
                "content-length" => length = value.trim().parse().ok()?,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        let body: Value = serde_json::from_slice(&body).ok()?;
        let task = body["data"]["task"].as_str()?.to_owned();
        heard
            .lock()
            .ok()?
            .push((id, task, body["data"]["count"].as_u64()?));
        let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
        stream.get_mut().write_all(answer).ok()?;
    }
}
