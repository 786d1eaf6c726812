//! The disk of the data folder is full: before a run, under a run, under what it
//! leaves, and under a build. Whatever happens is told, nothing is stuck or
//! damaged, and with room all is as before.

use crate::home::{Child, Disk, Home, eventually, home_on_disk, processes, until_gone};
use runbay::disk::Reserve;
use runbay::domain::ids::Digest;
use runbay::domain::log::Stream;
use runbay::domain::run::{Outcome, Run, RunState};
use rustix::process::Signal;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// The size of the disk, MiB.
const DISK: u64 = 48;
const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// A test on a small disk whose last 2 MiB are left alone, and on which runs
/// begin with 16 MiB. At its end runs work again, and the database is sound.
fn on_small_disk(test: impl FnOnce(&Home, &Disk)) {
    home_on_disk(DISK, |home, disk| {
        home.settings("free_space = \"16M\"\n[limits]\nnetwork = \"none\"\n");
        test(home, disk);
        disk.empty();
        home.task("again", "print('works')");
        home.runbay(&["run", "-q", "again"])
            .exits(0)
            .prints("works");
        assert_sound(home);
    });
}

#[expect(
    clippy::disallowed_types,
    reason = "the database is looked at from outside"
)]
fn assert_sound(home: &Home) {
    let db = rusqlite::Connection::open(home.data().join("runbay.db")).unwrap();
    let said: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(said, "ok");
}

/// A task that prints a thousand numbers in each of three parts, and waits
/// before the second and the third until it is let go.
fn three_parts(home: &Home, name: &str, end: &str) {
    let script = format!(
        "
import os, sys, time
for part in range(3):
    while part and not os.path.exists(f'/tmp/{{part}}'): time.sleep(0.01)
    for n in range(1000): print(part * 1000 + n)
    sys.stdout.flush()
    open(f'/tmp/said-{{part}}', 'w')
{end}
"
    );
    home.task(name, &script);
}

fn exec(home: &Home, run: &Run, argv: &[&str]) -> i64 {
    let container = home.attempt(run).unwrap().container_id.unwrap();
    let user = "10001:10001";
    let (code, _) = home.wait(home.engine.exec(&container, argv, user)).unwrap();
    code
}

/// Lets the script go on with a part.
fn begin(home: &Home, run: &Run, part: usize) {
    assert_eq!(exec(home, run, &["touch", &format!("/tmp/{part}")]), 0);
}

/// The numbers that the script printed, as far as the log has them.
fn numbers(home: &Home, run: &Run) -> Vec<u64> {
    let log = home.log(run);
    let printed = log.iter().filter(|l| l.stream == Stream::Stdout);
    printed.map(|l| l.text.parse().unwrap()).collect()
}

/// What Runbay itself says in the log.
fn words(home: &Home, run: &Run) -> String {
    let log = home.log(run);
    let ours = log.iter().filter(|l| l.stream == Stream::System);
    ours.map(|l| format!("{}\n", l.text)).collect()
}

#[test]
fn nothing_begins_on_a_disk_that_is_nearly_full() {
    on_small_disk(|home, disk| {
        home.task("waits", "print('began')");
        for free in [4 * MIB, 0] {
            disk.fill_up_to(free);
            for verb in ["run", "build"] {
                let said = home.runbay(&[verb, "waits"]);
                said.exits(75)
                    .tells("nearly full: of 48 MiB")
                    .tells("only with 16 MiB")
                    .tells(home.data().to_str().unwrap())
                    .tells("runbay prune")
                    .tells("free_space");
                assert!(!said.out.contains("began"), "{said}");
            }
            assert!(home.last("waits").is_none());
            home.runbay(&["ps", "--all"]).exits(0);
            home.runbay(&["ls"]).exits(0);
        }
        let said = home.runbay(&["doctor"]);
        assert!(said.out.contains("of 48 MiB free"), "{said}");
        assert!(said.out.contains("no run begins below 16 MiB"), "{said}");
        disk.empty();
        home.runbay(&["run", "waits"]).exits(0).prints("began");
        let reserve = fs::metadata(home.data().join("reserve")).unwrap();
        assert_eq!(reserve.len(), MIB);
    });
}

/// Nobody else has the database open, and opening it may take a bit of room:
/// the reserve has it.
#[test]
fn without_a_byte_left_the_database_can_be_read_but_not_made() {
    on_small_disk(|home, disk| {
        home.task("waits", "print('began')");
        let at = |folder: &str, args: &[&str]| {
            let mut command = home.command(args);
            command.env("RUNBAY_DATA_DIR", home.data().join(folder));
            Child::spawn(command).end()
        };
        at("there", &["ps"]).exits(0);
        let reserve = Reserve::of(&home.data().join("there"));
        reserve.hold(MIB).unwrap();
        disk.fill_up_to(0);
        at("there", &["ps", "--all"]).exits(0);
        at("there", &["run", "waits"]).exits(75);
        disk.fill_up_to(0);
        for args in [&["ps"][..], &["run", "waits"]] {
            let said = at("new", args);
            said.exits(74)
                .tells("the disk that holds the database is full");
        }
        disk.empty();
        for folder in ["there", "new"] {
            at(folder, &["ps"]).exits(0);
        }
    });
}

#[test]
fn output_that_the_disk_cannot_take_is_counted_and_the_log_says_where() {
    on_small_disk(|home, disk| {
        three_parts(home, "talks", "sys.exit(7)");
        let child = home.spawn(&["run", "talks"]);
        let run = home.until_printed("talks", "999");
        disk.fill_up_to(512 * KIB);
        begin(home, &run, 1);
        eventually("the log says that it pauses", || {
            words(home, &run).contains("counted and not kept from here on")
        });
        // All of it, not only its first lines, comes before there is room.
        eventually("the part is printed", || {
            exec(home, &run, &["test", "-e", "/tmp/said-1"]) == 0
        });
        assert!(numbers(home, &run).into_iter().eq(0..1000));
        disk.empty();
        begin(home, &run, 2);
        let said = child.end();
        said.exits(7).tells("counted and not kept from here on");
        let run = home.last("talks").unwrap();
        assert_eq!(
            (run.outcome, run.exit_code),
            (Some(Outcome::Failed), Some(7))
        );
        let kept = numbers(home, &run);
        assert!(kept[..1000].iter().copied().eq(0..1000));
        assert!(kept.is_sorted_by(|a, b| a < b), "a line is there twice");
        assert_eq!(kept.last(), Some(&2999));
        let missing = 3000 - kept.len();
        let told = words(home, &run);
        assert!(missing >= 1000, "{missing}");
        assert!(
            told.contains(&format!("… {missing} lines (")),
            "{missing}: {told}"
        );
    });
}

/// The end of a run is written down though nothing else can be: that is what the
/// reserve is for.
#[test]
fn a_run_ends_as_it_should_without_a_byte_left() {
    on_small_disk(|home, disk| {
        three_parts(home, "talks", "sys.exit(7)");
        let child = home.spawn(&["run", "talks"]);
        let run = home.until_printed("talks", "999");
        assert!(home.data().join("reserve").exists());
        disk.fill_up_to(0);
        begin(home, &run, 1);
        begin(home, &run, 2);
        child.end().exits(7);
        let run = home.last("talks").unwrap();
        assert_eq!(
            (run.state, run.outcome, run.exit_code),
            (RunState::Finished, Some(Outcome::Failed), Some(7))
        );
        assert!(!home.data().join("reserve").exists());
        // What was there before is whole, and what is not there is told.
        assert!(numbers(home, &run).into_iter().eq(0..1000));
        let told = words(home, &run);
        assert!(told.contains("… 2000 lines ("), "{told}");
        home.runbay(&["logs", "talks"]).exits(0).prints("999");
    });
}

#[test]
fn a_run_whose_command_is_killed_without_a_byte_left_is_ended_by_its_guard() {
    on_small_disk(|home, disk| {
        three_parts(home, "talks", "");
        let child = home.spawn(&["run", "--keep", "talks"]);
        let run = home.until_printed("talks", "999");
        disk.fill_up_to(0);
        child.signal(Signal::KILL);
        child.end();
        begin(home, &run, 1);
        begin(home, &run, 2);
        until_gone(&["drive", &run.id.to_string()]);
        let run = home.last("talks").unwrap();
        assert_eq!(run.outcome, Some(Outcome::Succeeded), "{run:?}");
        assert!(numbers(home, &run).into_iter().eq(0..1000));
    });
}

#[test]
fn files_that_would_fill_the_disk_are_left_out_and_told() {
    on_small_disk(|home, disk| {
        let script = "
import json, os, time
for n in range(4):
    with open(f\"{os.environ['RUNBAY_ARTIFACTS']}/{n}.bin\", 'wb') as file:
        file.write(os.urandom(1 << 20))
print('written', flush=True)
while not os.path.exists('/tmp/go'): time.sleep(0.01)
";
        home.task("leaves", script);
        let child = home.spawn(&["run", "leaves"]);
        let run = home.until_printed("leaves", "written");
        disk.fill_up_to(4 * MIB + MIB / 2);
        assert_eq!(exec(home, &run, &["touch", "/tmp/go"]), 0);
        let said = child.end();
        said.exits(0)
            .tells("could not be kept")
            .tells("has 1 MiB")
            .tells("the last 2 MiB are left alone");
        let kept = home.wait(home.store.artifacts(run.id)).unwrap();
        let folder = home.data().join("artifacts").join(run.id.to_string());
        assert_eq!(kept.len(), 2);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        for file in kept {
            let bytes = fs::read(folder.join(&file.path)).unwrap();
            assert_eq!(Digest::of(&bytes), file.digest);
        }
    });
}

/// Files below a folder.
fn files(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let count = |path: &Path| if path.is_dir() { files(path) } else { 1 };
    entries.map(|entry| count(&entry.unwrap().path())).sum()
}

/// Code that the disk cannot hold is no fault of the code.
#[test]
fn a_build_that_fills_the_disk_fails_for_it_and_leaves_nothing() {
    on_small_disk(|home, disk| {
        home.task("large", "print('began')");
        // Of bytes that no compression makes less.
        let mut large = vec![0; 24 << 20];
        File::open("/dev/urandom")
            .unwrap()
            .read_exact(&mut large)
            .unwrap();
        home.write("tasks/large/data.bin", &large);
        disk.fill_up_to(20 * MIB);
        let (said, run) = home.run(&["large"]);
        said.exits(125).tells("could not be kept").tells("No space");
        assert_eq!(
            (run.outcome, run.started_at),
            (Some(Outcome::InfraError), None)
        );
        assert_eq!(files(&home.data().join("versions/files")), 0, "{said}");
        assert!(disk.free() > 16 * MIB);
        let said = home.runbay(&["build", "large"]);
        said.exits(74).tells("No space");
        disk.empty();
        home.runbay(&["run", "large"]).exits(0).prints("began");
        assert!(processes(&[home.path().to_str().unwrap()]).is_empty());
    });
}
