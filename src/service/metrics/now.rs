//! How things stand when somebody asks.

use super::super::{App, Error, health, system};
use super::families::Named;
use crate::domain::run::RunState;
use std::path::Path;

/// Looks at everything that is a state, not a count.
pub(super) async fn look(app: &App) -> Result<(), Error> {
    let now = &app.live.metrics.now;
    let runs = app.store.active_runs().await?;
    let waiting = runs.iter().filter(|run| run.state == RunState::Queued);
    let waiting = waiting.count();
    now.queue.set(number(waiting));
    now.active.set(number(runs.len() - waiting));
    now.driven.set(number(app.live.count()));
    now.followers.set(number(app.live.streams.count()));
    let up = health::engine(app).await.is_ok();
    now.engine_up.set(i64::from(up));
    let slots = match up {
        true => system::room(app).await.map_or(0, |room| room.slots),
        false => app.settings().queue.slots.unwrap_or(0),
    };
    now.slots.set(i64::from(slots));
    let newest = app.store.last_event().await?;
    now.outbox_lag.set(app.live.metrics.lag(newest));
    for (name, age) in app.live.beats() {
        now.loop_age
            .get_or_create(&Named { name })
            .set(age.as_secs_f64());
    }
    disk(app);
    process(app);
    Ok(())
}

fn disk(app: &App) {
    let now = &app.live.metrics.now;
    let database = app.config.database();
    let mut journal = database.clone().into_os_string();
    journal.push("-wal");
    for (name, path) in [
        ("database", database.as_path()),
        ("journal", journal.as_ref()),
    ] {
        let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
        now.file_bytes
            .get_or_create(&Named { name })
            .set(size(bytes));
    }
    if let Ok(found) = rustix::fs::statvfs(&app.config.data_dir) {
        let free = found.f_bavail.saturating_mul(found.f_frsize);
        now.disk_free.set(size(free));
    }
}

/// What `proc(5)` says of this process.
fn process(app: &App) {
    let now = &app.live.metrics.now;
    let proc = Path::new("/proc/self");
    let read = |file: &str| std::fs::read_to_string(proc.join(file)).unwrap_or_default();
    let pages = read("statm");
    let pages = pages.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok());
    let page = rustix::param::page_size() as u64;
    now.resident.set(size(pages.unwrap_or(0) * page));
    let files = std::fs::read_dir(proc.join("fd")).map_or(0, Iterator::count);
    now.open_files.set(number(files));
    // The name of the program, in brackets, may hold anything.
    let stat = read("stat");
    let ticks = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = ticks.split(' ').skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|n| n.parse::<u64>().ok()).sum();
    now.cpu
        .set(ticks as f64 / rustix::param::clock_ticks_per_second() as f64);
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
