//! What a large sweep costs: the engine, and whoever asks the service meanwhile.

use crate::home::{Child, Home, eventually, home};
use crate::retention::old_run;
use crate::stage::{container_of, prune};
use chrono::{TimeDelta, Utc};
use runbay::attempt::container_name;
use runbay::domain::ids::{AttemptId, Digest, ImageId, RunId};
use runbay::domain::image::{ImageKind, ImageRow};
use runbay::domain::run::Outcome;
use runbay::engine::ImageConfig;
use runbay::service::door::Door;
use rustix::process::Signal;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const CONTAINERS: usize = 1000;
const IMAGES: usize = 300;

#[test]
#[ignore = "takes minutes: it makes a thousand containers and 300 images"]
fn a_sweep_over_a_thousand_containers_is_quick_and_keeps_nobody_waiting() {
    home(|home| {
        home.task("one", "print('hello')");
        let (said, run) = home.run(&["one"]);
        said.exits(0);
        let image = run.image.unwrap();
        let full = home.store.instance().to_string();
        for _ in 0..CONTAINERS {
            let run = old_run(home, "one", 1, (Outcome::Succeeded, 1));
            let name = container_name(&home.store.instance(), AttemptId { run, number: 1 });
            container_of(home, &name, (&full, run), &image);
        }
        old_images(home, &image, &full);
        home.settings("[keep]\nautomatic = false\n");
        let served: Child = home.spawn(&["serve", "--bind", "127.0.0.1:0"]);
        let mut door = None;
        eventually("it serves", || {
            door = Door::find(&home.data());
            door.is_some()
        });
        // What the service itself finds at its start, it removes; so all of it is
        // there again, or gone, before the clock runs.
        let begun = Instant::now();
        let (swept, waits) = while_asking(&door.unwrap(), || {
            eventually("all containers are gone", || left(home) == 0);
            prune(home, &["--keep-runs", "0", "--older-than", "0s"])
        });
        let took = begun.elapsed();
        served.signal(Signal::TERM);
        served.end().exits(0);
        let p99 = waits[waits.len() * 99 / 100];
        println!(
            "{CONTAINERS} containers and {IMAGES} images in {took:?}; {} requests, p99 {p99:?}",
            waits.len()
        );
        let freed = swept["done"]["removed"].as_u64().unwrap();
        assert!(freed >= IMAGES as u64, "{}", swept["done"]);
        assert!(p99 < Duration::from_millis(50), "{p99:?}");
    });
}

fn left(home: &Home) -> usize {
    let label = [("runbay.instance".to_owned(), home.store.instance().0)];
    home.wait(home.engine.containers(&label)).unwrap().len()
}

/// Images of code that nobody has any more.
fn old_images(home: &Home, of: &ImageId, instance: &str) {
    let holder = container_of(
        home,
        &format!("holder-{}", RunId::new()),
        ("x", RunId::new()),
        of,
    );
    for n in 0..IMAGES {
        let config = ImageConfig {
            cmd: vec!["true".to_owned(), n.to_string()],
            user: "10001:10001".to_owned(),
            workdir: "/".to_owned(),
            labels: vec![("runbay.instance".to_owned(), instance.to_owned())],
            ..ImageConfig::default()
        };
        let id = home.wait(home.engine.commit(&holder, &config)).unwrap();
        let row = ImageRow {
            id,
            kind: ImageKind::Task,
            key: Digest::of(format!("key {n}").as_bytes()),
            task: Some("gone".parse().unwrap()),
            environment: None,
            lock: None,
            version: None,
            bytes: 1,
            created_at: Utc::now() - TimeDelta::days(60),
            pinned: false,
        };
        home.wait(home.store.record_image(&row)).unwrap();
    }
    home.wait(home.engine.remove(&holder)).unwrap();
}

/// Does something while somebody asks for runs all the time; how long each answer
/// took, the quickest first.
fn while_asking<T>(door: &Door, work: impl FnOnce() -> T) -> (T, Vec<Duration>) {
    let over = AtomicBool::new(false);
    let at = door.url.strip_prefix("http://").unwrap();
    std::thread::scope(|scope| {
        let asks = scope.spawn(|| {
            let mut waits = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let mut stream = TcpStream::connect(at).unwrap();
                let token = &door.token;
                write!(
                    stream,
                    "GET /api/v1/runs?limit=20 HTTP/1.0\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\n\r\n"
                )
                .unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                assert!(answer.contains(" 200 "), "{answer}");
                waits.push(begun.elapsed());
                std::thread::sleep(Duration::from_millis(5));
            }
            waits.sort();
            waits
        });
        let done = work();
        over.store(true, Ordering::Relaxed);
        (done, asks.join().unwrap())
    })
}

/// Runs of 100 tasks, an hour apart.
#[expect(
    clippy::disallowed_types,
    reason = "ten thousand runs one by one would take minutes"
)]
fn history(home: &Home, runs: u64) {
    use uuid::{NoContext, Timestamp, Uuid};
    let mut database = rusqlite::Connection::open(home.data().join("runbay.db")).unwrap();
    let limits = serde_json::to_string(&runbay::domain::limits::Limits::default()).unwrap();
    let retries = serde_json::to_string(&runbay::domain::retry::Retries::default()).unwrap();
    let now = u64::try_from(Utc::now().timestamp()).unwrap();
    let all = database.transaction().unwrap();
    for number in 0..runs {
        let at = now - (runs - number) * 60;
        let id = Uuid::new_v7(Timestamp::from_unix(NoContext, at, 0));
        let id = id.simple().to_string();
        all.execute(
            "INSERT INTO runs (id, task, \"trigger\", state, outcome, params, args, limits, \
             created_at, started_at, finished_at, on_disconnect, priority, retries) \
             VALUES (?1, ?2, 'schedule', 'finished', 'succeeded', '{}', '[]', ?3, ?4, ?4, ?4, \
             'continue', 0, ?5)",
            (
                &id,
                format!("task-{:04}", number % 100),
                &limits,
                i64::try_from(at * 1_000_000).unwrap(),
                &retries,
            ),
        )
        .unwrap();
    }
    all.commit().unwrap();
}

#[test]
fn ten_thousand_runs_are_copied_in_seconds_while_runs_go_on() {
    home(|home| {
        history(home, 10_000);
        home.task(
            "one",
            "import time\nprint('up', flush=True)\ntime.sleep(600)",
        );
        home.runbay(&["run", "-d", "one"]).exits(0);
        let run = home.until_printed("one", "up");
        let file = home.path().join("large.backup");
        let said = home.runbay(&["backup", file.to_str().unwrap()]);
        said.exits(0);
        assert!(said.err.contains("10001 runs"), "{said}");
        // It takes some tenths of a second; the rest is for busy machines.
        assert!(said.took < Duration::from_secs(10), "{:?}", said.took);
        home.runbay(&["cancel", &run.id.short()]).exits(0);
        home.until("one", |run| run.outcome.is_some());
    });
}
