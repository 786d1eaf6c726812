//! What a large clean-up costs the engine, and whoever asks the service meanwhile.

use super::sample::{Limit, Pair, Row};
use super::served::{Client, Served, history};
use super::world::World;
use anyhow::Context;
use chrono::{TimeDelta, Utc};
use futures::stream::{self, StreamExt, TryStreamExt};
use runbay::attempt::container_name;
use runbay::domain::ids::{AttemptId, Digest, ImageId, InstanceId};
use runbay::domain::image::{ImageKind, ImageRow};
use runbay::engine::{ContainerSpec, Engine, ImageConfig, Role, Volume};
use runbay::store::{RunFilter, Store};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Containers with a volume each, whose runs are over.
const CONTAINERS: usize = 1_000;
/// Images of code that nobody has any more.
const IMAGES: usize = 300;

/// A service that starts among a thousand containers and 300 images that nobody
/// needs: how long until all of them are gone, and how long answers take until
/// then.
pub(crate) fn of_a_thousand_containers(_: &World) -> anyhow::Result<Vec<Row>> {
    // A place of its own: it would take what other measures have made.
    let place = World::new()?;
    let measured = measure(&place);
    place.sweep()?;
    measured
}

fn measure(place: &World) -> anyhow::Result<Vec<Row>> {
    place.write("one/main.py", "print('hello')\n")?;
    let image = place.prepare("one")?;
    history(place.home(), CONTAINERS as u64)?;
    std::fs::write(
        place.home().join("runbay.toml"),
        "[keep]\nautomatic = false\n",
    )?;
    place.with_store(async |store| make(&store, &image).await)??;
    super::sample::quiet();
    let begun = Instant::now();
    let served = Served::start(place.home(), true)?;
    let over = AtomicBool::new(false);
    let (gone, waits) = std::thread::scope(|scope| {
        let asks = scope.spawn(|| ask(&served, &over));
        let gone = place.with_store(async |store| remove(&store, &served, begun).await);
        over.store(true, Ordering::Relaxed);
        let waits = asks.join().map_err(|_| anyhow::anyhow!("asking failed"))?;
        anyhow::Ok((gone??, waits?))
    })?;
    eprintln!(
        "containers were gone after {:.1} s, and the images {:.1} s later; {} answers meanwhile",
        gone.0.as_secs_f64(),
        gone.1.as_secs_f64(),
        waits.len()
    );
    let row = |measure: &str, unit, ours, allowed| Row {
        measure: measure.to_owned(),
        unit,
        limit: Limit::AtMost(1.0),
        pairs: vec![Pair {
            ours,
            reference: allowed,
        }],
    };
    let p99 = waits[waits.len() * 99 / 100];
    Ok(vec![
        row(
            "sweep: 1,000 containers and 300 images, vs allowed",
            "s",
            (gone.0 + gone.1).as_secs_f64(),
            10.0,
        ),
        row(
            "sweep: p99 of answers meanwhile, vs allowed",
            "ms",
            p99,
            50.0,
        ),
    ])
}

/// Makes what is to be removed.
async fn make(store: &Store, image: &ImageId) -> anyhow::Result<()> {
    let engine = Engine::connect(None).await?;
    let (instance, filter) = (store.instance(), RunFilter::default());
    let filter = RunFilter {
        limit: Some(u32::try_from(CONTAINERS)?),
        ..filter
    };
    let runs = store.runs(&filter).await?;
    let (engine, instance) = (&engine, &instance);
    let made = stream::iter(runs).map(|run| async move {
        let mut spec = ContainerSpec::new(image.clone(), Role::Run, vec!["true".to_owned()]);
        spec.labels = labels(instance, &[("kind", "run"), ("run", &run.id.to_string())]);
        spec.volumes = vec![Volume::Anonymous {
            path: "/artifacts".to_owned(),
        }];
        let attempt = AttemptId {
            run: run.id,
            number: 1,
        };
        let name = container_name(instance, attempt);
        engine.create(&name, &spec).await
    });
    let made: Vec<_> = made.buffer_unordered(8).try_collect().await?;
    let of = made.first().context("no container was made")?;
    for number in 0..IMAGES {
        let config = ImageConfig {
            cmd: vec!["true".to_owned(), number.to_string()],
            user: "10001:10001".to_owned(),
            workdir: "/".to_owned(),
            labels: labels(instance, &[]),
            ..ImageConfig::default()
        };
        let row = ImageRow {
            id: engine.commit(of, &config).await?,
            kind: ImageKind::Task,
            key: Digest::of(format!("key {number}").as_bytes()),
            task: Some("gone".parse()?),
            environment: None,
            lock: None,
            version: None,
            bytes: 1,
            created_at: Utc::now() - TimeDelta::days(60),
            pinned: false,
        };
        store.record_image(&row).await?;
    }
    Ok(())
}

fn labels(instance: &InstanceId, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = ("instance", instance.0.as_str());
    let all = [own].into_iter().chain(more.iter().copied());
    all.map(|(key, value)| (format!("runbay.{key}"), value.to_owned()))
        .collect()
}

/// Waits until the service has removed the containers, which it does by itself,
/// and has it remove the images; how long each took.
async fn remove(
    store: &Store,
    served: &Served,
    begun: Instant,
) -> anyhow::Result<(Duration, Duration)> {
    let engine = Engine::connect(None).await?;
    let of = [("runbay.instance".to_owned(), store.instance().0)];
    while !engine.containers(&of).await?.is_empty() {
        anyhow::ensure!(
            begun.elapsed() < Duration::from_secs(120),
            "containers stay"
        );
        // Listing a thousand of them costs the engine something, too.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let containers = begun.elapsed();
    let body = r#"{"keep_runs": 0, "older_than": "0s"}"#;
    let (_, swept) = served.connect()?.ask("POST", "/api/v1/prune", body)?;
    let removed = swept["removed"].as_u64().unwrap_or(0);
    anyhow::ensure!(removed >= IMAGES as u64, "{swept}");
    Ok((containers, begun.elapsed() - containers))
}

/// Asks for runs until all is over; how many milliseconds each answer took, the
/// quickest first.
fn ask(served: &Served, over: &AtomicBool) -> anyhow::Result<Vec<f64>> {
    let mut client: Client = served.connect()?;
    let mut waits = Vec::new();
    while !over.load(Ordering::Relaxed) {
        waits.push(client.get("/api/v1/runs?limit=20")?.0);
        std::thread::sleep(Duration::from_millis(5));
    }
    waits.sort_by(f64::total_cmp);
    anyhow::ensure!(!waits.is_empty(), "nobody asked");
    Ok(waits)
}
