//! What is left of many runs: after housekeeping as much as before them.

use crate::home::{Home, home};
use crate::stage::{an_hour_later, prune};
use runbay::domain::image::ImageKind;
use std::fs;
use std::path::Path;

/// What stays of each task: as many of its newest runs, with all that is theirs.
const KEPT: usize = 2;
/// How far the use of the disk may be off, percent.
const MARGIN: u64 = 5;

#[test]
fn the_disk_holds_what_is_kept_and_no_more_however_many_runs_there_were() {
    home(|home| returns_to_what_is_kept(home, 2, 7));
}

#[test]
#[ignore = "takes minutes; `make bench` has it"]
fn after_500_runs_of_20_tasks_the_disk_holds_what_is_kept() {
    home(|home| returns_to_what_is_kept(home, 20, 25));
}

/// Runs each of so many tasks so many times, each time with other code.
fn returns_to_what_is_kept(home: &Home, tasks: usize, runs: usize) {
    home.settings(&format!(
        "free_space = \"16M\"\n[limits]\nnetwork = \"none\"\n[keep]\nruns = {KEPT}\nimages = {KEPT}\nversions = 1\n"
    ));
    let run = |edit: usize| {
        for task in 0..tasks {
            edited(home, &format!("task-{task}"), edit);
            home.run(&[&format!("task-{task}")]).0.exits(0);
        }
    };
    (0..KEPT).for_each(run);
    let kept = swept(home);
    (KEPT..runs).for_each(run);
    let before = used(home);
    let after = swept(home);
    assert!(before > kept * 2, "{kept} {before}");
    let fine = kept * (100 - MARGIN) / 100..=kept * (100 + MARGIN) / 100;
    assert!(
        fine.contains(&after),
        "kept {kept}, before housekeeping {before}, after it {after}"
    );
}

/// A task whose code is like that of no other edit, also of another home, whose
/// image would keep ours; it leaves a file of 256 KiB, and has one.
fn edited(home: &Home, task: &str, edit: usize) {
    let script = format!(
        "import os\nopen(os.environ['RUNBAY_ARTIFACTS'] + '/report', 'wb').write(os.urandom(1 << 18))\nfor n in range(500): print('{task}', {edit}, n)\n"
    );
    home.task(task, &script);
    // Of what no compression makes less.
    let seed = format!("{} {task} {edit}", home.store.instance());
    let mut state = seed.bytes().fold(0_u64, |state, byte| {
        state.wrapping_mul(31).wrapping_add(byte.into())
    });
    let noise = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u8
    });
    let path = format!("tasks/{task}/data.bin");
    home.write(&path, noise.take(1 << 18).collect::<Vec<_>>());
}

/// What is used once housekeeping was there, two hours from now.
fn swept(home: &Home) -> u64 {
    an_hour_later(home);
    two_hours_later(home);
    prune(home, &[]);
    // Trees that had a reason to stay until their last run was forgotten.
    prune(home, &[]);
    used(home)
}

/// Makes runs and versions older, whose youth would keep them.
#[expect(
    clippy::disallowed_types,
    reason = "the store lets nobody change when a run was"
)]
fn two_hours_later(home: &Home) {
    let database = rusqlite::Connection::open(home.data().join("runbay.db")).unwrap();
    let hours: i64 = 2 * 3_600_000_000;
    database
        .execute("UPDATE runs SET finished_at = finished_at - ?1", [hours])
        .unwrap();
    database
        .execute("UPDATE versions SET created_at = created_at - ?1", [hours])
        .unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    age(&home.data().join("versions"), old);
}

/// Makes the files below a folder so old.
fn age(folder: &Path, to: std::time::SystemTime) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            age(&path, to);
        } else {
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(to).unwrap();
        }
    }
}

/// Bytes of the data folder, and of what task images add to the engine.
fn used(home: &Home) -> u64 {
    let images = home.wait(async {
        let label = [("runbay.instance".to_owned(), home.store.instance().0)];
        let ours = home.engine.images(&label).await.unwrap();
        let rows = home.store.images().await.unwrap();
        let environments = rows.iter().filter(|row| row.kind == ImageKind::Environment);
        let below = environments.map(|row| row.bytes).max().unwrap();
        let tasks = ours.iter().filter(|image| {
            rows.iter()
                .any(|row| row.kind == ImageKind::Task && row.id == image.id)
        });
        tasks.map(|image| image.bytes - below).sum::<u64>()
    });
    images + bytes(&home.data())
}

fn bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let sizes = entries.map(|entry| match entry.metadata().unwrap() {
        found if found.is_dir() => bytes(&entry.path()),
        // A working file of the database, of one size whatever it holds.
        _ if entry.path().extension().is_some_and(|it| it == "db-wal") => 0,
        found => found.len(),
    });
    sizes.sum()
}
