//! Which images, records and locks go, and which stay.

use crate::home::{Home, eventually, home};
use crate::stage::{an_hour_later, images, inventory, locks, prune, words};
use chrono::{TimeDelta, Utc};
use runbay::domain::ids::{Digest, RunId};
use runbay::domain::image::ImageKind;
use std::fs;

/// A script as no other test has it, so that its layer is in no other image.
fn unlike_others(script: &str) -> String {
    format!("{script} # {}", RunId::new())
}

/// Runs `one` in two versions; returns the image of the first.
fn two_versions(home: &Home) -> String {
    home.task("one", &unlike_others("print('first')"));
    let (said, first) = home.run(&["one"]);
    said.exits(0);
    home.task("one", "print('second')");
    home.run(&["one"]).0.exits(0);
    first.image.unwrap().0
}

#[test]
fn looking_changes_nothing_and_doing_does_what_was_said() {
    home(|home| {
        let first = two_versions(home);
        an_hour_later(home);
        let before = inventory(home);
        let looked = prune(home, &["--dry-run", "--keep-runs", "1"]);
        assert_eq!(inventory(home), before);
        assert_eq!(looked["done"], serde_json::Value::Null);
        let did = prune(home, &["--keep-runs", "1"]);
        assert_eq!(did["plan"], looked["plan"]);
        let left = images(home, ImageKind::Task);
        assert!(left.len() == 1 && !left.contains(&first), "{left:?}");
        // One small file; its layer alone, and not the layers below.
        let freed = did["done"]["bytes"].as_u64().unwrap();
        assert!((1..10_000).contains(&freed), "{did}");
        assert_eq!(did["plan"]["exact"], true);
        let again = prune(home, &["--keep-runs", "1"]);
        assert_eq!(again["plan"]["remove"], serde_json::json!([]));
        home.run(&["one"]).0.exits(0).prints("second");
    });
}

#[test]
fn what_the_newest_runs_ran_from_stays() {
    home(|home| {
        two_versions(home);
        an_hour_later(home);
        let answer = prune(home, &[]);
        let kinds = words(&answer["plan"]["remove"], "kind");
        assert!(!kinds.contains(&"image".to_owned()), "{answer}");
        assert_eq!(images(home, ImageKind::Task).len(), 2);
        let run = home.last("one").unwrap();
        home.runbay(&["rerun", &run.id.short(), "--same-image"])
            .exits(0);
    });
}

#[test]
fn what_was_just_made_stays_for_a_while() {
    home(|home| {
        home.task("one", &unlike_others("print('hello')"));
        home.runbay(&["build", "one"]).exits(0);
        fs::remove_dir_all(home.path().join("tasks/one")).unwrap();
        let all = ["--keep-runs", "0", "--older-than", "0s"];
        let young = prune(home, &all);
        let why = words(&young["plan"]["keep"], "reason").join("\n");
        assert!(why.contains("made in the last 10 minutes"), "{why}");
        assert_eq!(images(home, ImageKind::Task).len(), 1);
        an_hour_later(home);
        prune(home, &all);
        assert_eq!(images(home, ImageKind::Task).len(), 0);
    });
}

#[test]
fn what_a_run_uses_stays_until_it_is_over() {
    home(|home| {
        home.task(
            "one",
            &unlike_others("import time\nprint('up', flush=True)\ntime.sleep(600)"),
        );
        home.runbay(&["run", "-d", "one"]).exits(0);
        let run = home.until_printed("one", "up");
        fs::remove_dir_all(home.path().join("tasks/one")).unwrap();
        an_hour_later(home);
        let all = ["--keep-runs", "0", "--older-than", "0s"];
        let answer = prune(home, &all);
        let why = words(&answer["plan"]["keep"], "reason").join("\n");
        let going = format!("run {} is going on", run.id.short());
        assert!(why.contains(&going), "{why}");
        home.runbay(&["cancel", "one"]).exits(0);
        home.until("one", |run| run.outcome.is_some());
        // Its driver may still be removing the container.
        eventually("its image goes", || {
            prune(home, &all);
            images(home, ImageKind::Task).is_empty()
        });
    });
}

#[test]
fn two_tasks_with_the_same_code_do_not_keep_each_other() {
    home(|home| {
        let script = unlike_others("print('same')");
        for name in ["one", "two"] {
            home.task(name, &script);
            home.runbay(&["build", name]).exits(0);
        }
        an_hour_later(home);
        fs::remove_dir_all(home.path().join("tasks/two")).unwrap();
        let answer = prune(home, &["--keep-runs", "0", "--older-than", "0s"]);
        let gone = words(&answer["plan"]["remove"], "what").join("\n");
        let left = images(home, ImageKind::Task);
        // The key of an image says nothing of its task: they may be one.
        assert_eq!(left.len(), 1, "{gone}");
        home.run(&["one"]).0.exits(0).prints("same");
    });
}

#[test]
fn a_task_that_is_gone_takes_its_images_along_children_first() {
    home(|home| {
        home.task("one", &unlike_others("print('hello')"));
        home.runbay(&["build", "--fresh", "one"]).exits(0);
        assert_eq!(images(home, ImageKind::Environment).len(), 1);
        an_hour_later(home);
        let needed = prune(home, &["--keep-runs", "0", "--older-than", "0s"]);
        let why = words(&needed["plan"]["keep"], "reason");
        for text in ["one runs from it", "one is built on it"] {
            assert!(why.iter().any(|why| why == text), "{why:?}");
        }
        fs::remove_dir_all(home.path().join("tasks/one")).unwrap();
        let in_grace = prune(home, &["--keep-runs", "0"]);
        let gone = words(&in_grace["plan"]["remove"], "what").join("\n");
        assert!(
            gone.contains("of task one") && !gone.contains("environment"),
            "{gone}"
        );
        assert_eq!(images(home, ImageKind::Environment).len(), 1);
        let after = prune(home, &["--keep-runs", "0", "--older-than", "0s"]);
        assert_eq!(images(home, ImageKind::Environment).len(), 0, "{after}");
        // The base is another instance's, which made it for all homes.
        let notes = after["plan"]["notes"].to_string();
        assert!(notes.contains("without our label"), "{notes}");
        home.task("one", "print('back')");
        home.run(&["one"]).0.exits(0).prints("back");
    });
}

#[test]
fn tasks_that_cannot_be_read_keep_their_images() {
    home(|home| {
        home.task("one", "print('hello')");
        home.runbay(&["build", "one"]).exits(0);
        an_hour_later(home);
        let all = ["--keep-runs", "0", "--older-than", "0s"];
        home.task_file("one", "task.toml", "nonsense = 1");
        let answer = prune(home, &all);
        assert_eq!(images(home, ImageKind::Task).len(), 1, "{answer}");
        // As when a disk is not mounted.
        let (tasks, away) = (home.path().join("tasks"), home.path().join("away"));
        fs::rename(&tasks, &away).unwrap();
        let answer = prune(home, &all);
        assert_eq!(images(home, ImageKind::Task).len(), 1, "{answer}");
        let notes = answer["plan"]["notes"].to_string();
        assert!(notes.contains("images stay as they are"), "{notes}");
        fs::rename(&away, &tasks).unwrap();
    });
}

#[test]
fn records_failures_and_locks_go_unless_somebody_holds_them() {
    home(|home| {
        home.task("one", "print('hello')");
        let (_, run) = home.run(&["one"]);
        let image = run.image.unwrap();
        let (status, _) = home.docker("DELETE", &format!("/images/{image}?noprune=1"));
        assert_eq!(status, 200);
        let (old, fresh) = (Digest::of(b"old"), Digest::of(b"fresh"));
        let hour = Utc::now() - TimeDelta::hours(1);
        home.wait(async {
            let store = &home.store;
            store
                .record_failure(&old, "failed", None, hour)
                .await
                .unwrap();
            store
                .record_failure(&fresh, "failed", None, Utc::now())
                .await
                .unwrap();
        });
        let held = home.write(&format!("data/locks/{old}.lock"), "");
        home.write(&format!("data/locks/{fresh}.lock"), "");
        home.write(&format!("data/locks/run-{}.lock", run.id), "");
        home.write("data/locks/notes.txt", "");
        let held = fs::File::open(held).unwrap();
        held.lock().unwrap();
        prune(home, &[]);
        let mut left = locks(home);
        left.sort();
        assert_eq!(
            left,
            [format!("lock {old}.lock"), "lock notes.txt".to_owned()]
        );
        home.wait(async {
            let failure = async |key| home.store.failure(key, hour).await.unwrap();
            assert!(failure(&old).await.is_none() && failure(&fresh).await.is_some());
            let rows = home.store.images().await.unwrap();
            assert!(rows.iter().all(|row| row.id != image), "{rows:?}");
        });
        drop(held);
        home.run(&["one"]).0.exits(0).prints("hello");
    });
}

#[test]
fn people_are_told_what_goes_what_stays_and_why() {
    home(|home| {
        two_versions(home);
        an_hour_later(home);
        let said = home.runbay(&["prune", "--dry-run", "--keep-runs", "0"]);
        said.exits(0)
            .tells("nothing was removed; without --dry-run this frees");
        for text in [
            "WOULD GO",
            "of task one",
            "its code has changed",
            "STAYS",
            "one runs from it",
        ] {
            assert!(said.out.contains(text), "{text}: {said}");
        }
        home.runbay(&["prune", "--keep-runs", "0"])
            .exits(0)
            .tells("freed");
        home.runbay(&["prune"])
            .exits(0)
            .tells("there is nothing to remove");
    });
}

/// A build is no use: only what a run used is told as used.
#[test]
fn the_last_use_of_an_environment_is_that_of_a_run() {
    home(|home| {
        home.task("plain", "");
        home.runbay(&["build", "plain"]).exits(0);
        let used = || {
            let said = home.runbay(&["env", "ls", "--json"]);
            let all: serde_json::Value = serde_json::from_str(&said.exits(0).out).unwrap();
            let one = all.as_array().unwrap().iter();
            let mut one = one.filter(|e| e["tasks"] == serde_json::json!(["plain"]));
            one.next().unwrap()["used_at"].clone()
        };
        assert_eq!(used(), serde_json::Value::Null);
        let (_, run) = home.run(&["plain"]);
        let at: chrono::DateTime<Utc> = serde_json::from_value(used()).unwrap();
        assert_eq!(at.timestamp_micros(), run.created_at.timestamp_micros());
    });
}

#[test]
fn an_image_that_is_pinned_stays_until_it_is_not() {
    home(|home| {
        home.task("one", &unlike_others("print('hello')"));
        home.runbay(&["build", "one"]).exits(0);
        fs::remove_dir_all(home.path().join("tasks/one")).unwrap();
        an_hour_later(home);
        let image = images(home, ImageKind::Task).pop_first().unwrap();
        let short = &image["sha256:".len()..][..12];
        let said = home.runbay(&["image", "pin", short]);
        assert!(
            said.exits(0).err.contains("stays until it is unpinned"),
            "{said}"
        );
        let listed = home.runbay(&["image", "ls"]);
        let row = listed
            .out
            .lines()
            .find(|line| line.contains(short))
            .unwrap();
        assert!(row.contains("one") && row.contains("pinned"), "{listed}");
        let all = ["--keep-runs", "0", "--older-than", "0s"];
        let answer = prune(home, &all);
        let why = words(&answer["plan"]["keep"], "reason");
        assert!(why.contains(&"it is pinned".to_owned()), "{why:?}");
        home.runbay(&["image", "unpin", short]).exits(0);
        prune(home, &all);
        assert!(images(home, ImageKind::Task).is_empty());
        home.runbay(&["image", "pin", short])
            .exits(66)
            .tells("there is no image");
        let audit = home.runbay(&["audit", "--json"]);
        assert!(audit.out.contains("image.pin") && audit.out.contains("image.unpin"));
    });
}
