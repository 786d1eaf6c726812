//! Runs that are pinned: they stay whatever there is a rule for, until they are not.

use crate::home::{Home, home, home_on_disk};
use crate::retention::{age_versions, files, old_run, runs};
use crate::stage::{an_hour_later, images, prune, words};
use runbay::domain::ids::RunId;
use runbay::domain::image::ImageKind;
use runbay::domain::run::Outcome;
use serde_json::Value;
use std::fs;

fn pin(home: &Home, run: RunId) {
    let said = home.runbay(&["pin", &run.to_string()]);
    said.exits(0).tells("stays until it is unpinned");
}

fn unpin(home: &Home, run: RunId) {
    let said = home.runbay(&["unpin", &run.to_string()]);
    said.exits(0).tells("may go when it is old");
}

/// What a plan says of why a run stays.
fn why(answer: &Value, run: RunId) -> Option<String> {
    let kept = answer["plan"]["keep"].as_array().unwrap().iter();
    let mut kept = kept.filter(|kept| kept["id"] == run.to_string());
    Some(kept.next()?["reason"].as_str().unwrap().to_owned())
}

#[test]
fn neither_age_nor_count_takes_a_run_that_is_pinned() {
    for setting in ["age = \"30d\"", "runs = 3"] {
        home(|home| {
            home.settings(&format!("[keep]\n{setting}\n"));
            let failed = (Outcome::Failed, 1000);
            let all: Vec<_> = (0..14)
                .map(|n| old_run(home, "one", 100 - n, failed))
                .collect();
            pin(home, all[0]);
            let looked = prune(home, &["--dry-run"]);
            assert_eq!(why(&looked, all[0]).as_deref(), Some(KEPT), "{looked}");
            assert_eq!(why(&looked, all[1]), None, "{looked}");
            prune(home, &[]);
            let left = runs(home);
            assert!(left.contains(&all[0]), "{setting}");
            assert!(!left.contains(&all[1]), "{setting}");
            assert_eq!(files(home, all[0]), (3, true), "{setting}");
            let kept = home.wait(home.store.artifacts(all[0])).unwrap();
            assert_eq!(kept.len(), 1, "{setting}");
            unpin(home, all[0]);
            prune(home, &[]);
            assert!(!runs(home).contains(&all[0]), "{setting}");
            assert_eq!(files(home, all[0]), (0, false), "{setting}");
        });
    }
}

const KEPT: &str = "it is pinned, with its log, its files and its code";

#[test]
fn logs_and_files_of_a_run_that_is_pinned_stay_with_it() {
    home(|home| {
        home.settings("[keep]\nlogs = \"5d\"\nartifacts = \"5d\"\n");
        let of = (Outcome::Succeeded, 1);
        let [pinned, other] = [30, 20].map(|days| old_run(home, "one", days, of));
        pin(home, pinned);
        prune(home, &[]);
        assert_eq!(files(home, pinned), (3, true));
        assert_eq!(files(home, other), (0, false));
        let shown = home.runbay(&["show", &pinned.to_string()]);
        let told = "pinned: with its log, files and code";
        assert!(shown.exits(0).out.contains(told), "{shown}");
        let listed = home.runbay(&["ps", "--pinned"]).exits(0).out.clone();
        let short = pinned.short();
        let row = listed.lines().find(|line| line.contains(&short)).unwrap();
        assert!(row.contains("pinned"), "{listed}");
        assert!(!listed.contains(&other.short()), "{listed}");
        unpin(home, pinned);
        prune(home, &[]);
        assert_eq!(files(home, pinned), (0, false));
        home.runbay(&["ps", "--pinned"])
            .exits(0)
            .tells("no run is pinned");
        let audit = home.runbay(&["audit", "--json"]);
        assert!(audit.out.contains("run.pin") && audit.out.contains("run.unpin"));
    });
}

#[test]
fn on_a_full_disk_what_is_pinned_stays_and_the_next_goes() {
    home_on_disk(64, |home, _| {
        home.settings(
            "free_space = \"16M\"\n[keep]\nlow_space = \"34M\"\nenough_space = \"42M\"\n",
        );
        let of = (Outcome::Succeeded, 8 << 20);
        let all: Vec<_> = (0..4).map(|n| old_run(home, "one", 9 - n, of)).collect();
        pin(home, all[0]);
        let answer = prune(home, &[]);
        // Logs are small, and what is enough is enough.
        let left = || -> Vec<_> { all.iter().map(|run| files(home, *run).1).collect() };
        assert_eq!(left(), [true, false, false, true], "{answer}");
        assert_eq!(files(home, all[0]), (3, true), "{answer}");
        assert!(why(&answer, all[0]).is_some(), "{answer}");
        unpin(home, all[0]);
        home.settings(
            "free_space = \"16M\"\n[keep]\nlow_space = \"50M\"\nenough_space = \"52M\"\n",
        );
        prune(home, &[]);
        assert_eq!(left(), [false, false, false, true]);
    });
}

#[test]
fn the_code_of_a_run_that_is_pinned_outlives_its_task_and_its_image() {
    home(|home| {
        home.settings("[keep]\nversions = 1\nruns = 1\n[limits]\nnetwork = \"none\"\n");
        home.task("one", "print('what was pinned')");
        let (_, first) = home.run(&["one"]);
        pin(home, first.id);
        home.task("one", "print('later')");
        home.run(&["one"]).0.exits(0);
        let code = home.path().join("tasks/one");
        fs::remove_dir_all(&code).unwrap();
        an_hour_later(home);
        let task = "one".parse().unwrap();
        age_versions(home, &home.wait(home.store.versions(&task)).unwrap());
        let all = ["--keep-runs", "0", "--older-than", "0s"];
        let answer = prune(home, &all);
        let said = why(&answer, first.id).unwrap();
        assert!(said.contains("its image goes"), "{said}");
        assert!(images(home, ImageKind::Task).is_empty(), "{answer}");
        assert!(home.wait(home.store.run(first.id)).unwrap().pinned);
        let left = home.wait(home.store.versions(&task)).unwrap();
        assert!(
            left.iter()
                .any(|one| Some(&one.digest) == first.version.as_ref())
        );
        let log = home.runbay(&["logs", &first.id.short()]);
        log.exits(0).prints("what was pinned");
        // Its code comes back from what was kept, and its image is built again.
        let version = first.version.clone().unwrap();
        home.runbay(&["restore", "one", version.short()]).exits(0);
        let again = home.runbay(&["rerun", &first.id.short(), "--same-image"]);
        again.exits(0).prints("what was pinned");
        assert_eq!(words(&answer["done"]["stayed"], "what"), [""; 0]);
    });
}
