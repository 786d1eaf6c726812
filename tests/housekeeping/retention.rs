//! Runs, logs, artifacts and versions that are too old or too many, by hand and by
//! the service; and what goes while the disk is nearly full.

use crate::home::{Child, Home, eventually, home, home_on_disk};
use crate::stage::{container, prune, words};
use chrono::{DateTime, TimeDelta, Utc};
use runbay::domain::ids::{AttemptId, Digest, RunId};
use runbay::domain::image::Version;
use runbay::domain::limits::Limits;
use runbay::domain::measure::Measurements;
use runbay::domain::params::Params;
use runbay::domain::retry::Overlap;
use runbay::domain::run::{Artifact, Ended, Outcome, Run};
use runbay::engine::{ContainerSpec, Role, Volume};
use runbay::logs::path_of;
use runbay::store::{Ending, Rules, RunFilter};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// A run of long ago, with a log and a kept file of so many bytes.
pub(crate) fn old_run(
    home: &Home,
    task: &str,
    days: i64,
    (outcome, bytes): (Outcome, usize),
) -> RunId {
    let at = Utc::now() - TimeDelta::days(days) - TimeDelta::hours(1);
    let mut run = Run::new(
        task.parse().unwrap(),
        Params::default(),
        Limits::default(),
        at,
    );
    run.id = id_of(at);
    run.by = Some("local".to_owned());
    let rules = Rules {
        claim: false,
        overlap: Overlap::Allow,
        key: None,
        queue_limit: u32::MAX,
        task_limit: u32::MAX,
        slot: None,
        given: Vec::new(),
        payload: None,
    };
    let kept = Artifact {
        path: "report.txt".to_owned(),
        bytes: bytes as u64,
        digest: Digest::of(b""),
    };
    home.wait(async {
        let store = &home.store;
        store.admit(&run, &rules).await.unwrap();
        let (end, used) = (Ended::because(outcome, ""), Measurements::default());
        let of = Ending::Run(run.id);
        assert!(store.finish(of, &end, &used, &[kept], at).await.unwrap());
    });
    for file in log_files(home, run.id) {
        home.write(file.to_str().unwrap(), "1780000000000000 o hello\n");
    }
    let file = format!("data/artifacts/{}/report.txt", run.id);
    home.write(&file, vec![b'x'; bytes]);
    run.id
}

/// An id that was made then.
fn id_of(at: DateTime<Utc>) -> RunId {
    let seconds = at.timestamp().try_into().unwrap();
    let then = uuid::Timestamp::from_unix(uuid::NoContext, seconds, at.timestamp_subsec_nanos());
    RunId::from_uuid(uuid::Uuid::new_v7(then))
}

fn log_files(home: &Home, run: RunId) -> [PathBuf; 3] {
    let log = path_of(&home.data(), AttemptId { run, number: 1 });
    [
        log.clone(),
        log.with_extension("idx"),
        log.with_extension("use"),
    ]
}

pub(crate) fn runs(home: &Home) -> Vec<RunId> {
    let filter = RunFilter {
        limit: Some(1000),
        ..RunFilter::default()
    };
    let runs = home.wait(home.store.runs(&filter)).unwrap();
    runs.into_iter().map(|run| run.id).collect()
}

/// What is left of the files of a run: its three log files, and its artifacts.
pub(crate) fn files(home: &Home, run: RunId) -> (usize, bool) {
    let logs = log_files(home, run)
        .iter()
        .filter(|path| path.exists())
        .count();
    let folder = home.data().join("artifacts").join(run.to_string());
    (logs, folder.exists())
}

#[test]
fn runs_go_with_all_that_is_theirs_when_they_are_old() {
    home(|home| {
        home.settings("[keep]\nage = \"30d\"\n");
        let success = old_run(home, "one", 400, (Outcome::Succeeded, 10));
        let gone = old_run(home, "one", 300, (Outcome::Failed, 1000));
        let failed = (Outcome::Failed, 10);
        let newest: Vec<_> = (0..10)
            .map(|n| old_run(home, "one", 200 - n, failed))
            .collect();
        let young = old_run(home, "one", 1, failed);
        // Not known here: a newer copy of this database may know it.
        let strange = id_of(Utc::now() - TimeDelta::days(500));
        let file = log_files(home, strange)[0].clone();
        home.write(file.to_str().unwrap(), "");
        let looked = prune(home, &["--dry-run"]);
        assert_eq!(runs(home).len(), 13);
        let answer = prune(home, &[]);
        assert_eq!(answer["plan"], looked["plan"]);
        let what = words(&answer["plan"]["remove"], "what");
        // The eleventh by age is beyond the newest ten.
        assert!(what.contains(&"2 runs of task one".to_owned()), "{what:?}");
        let left = runs(home);
        assert!(left.contains(&success), "what a failure is compared with");
        assert!(!left.contains(&gone) && !left.contains(&newest[0]));
        assert!(left.contains(&newest[1]) && left.contains(&young));
        assert_eq!(files(home, gone), (0, false));
        assert_eq!(files(home, newest[1]), (3, true));
        assert!(answer["done"]["bytes"].as_u64().unwrap() > 1000, "{answer}");
        assert!(file.exists(), "what is not known is left alone");
        let notes = answer["plan"]["notes"].to_string();
        assert!(notes.contains("logs and artifacts of 1 run in"), "{notes}");
        let audit = home.runbay(&["audit", "--json"]);
        assert!(audit.out.contains("prune.remove"), "{audit}");
        assert!(audit.out.contains("2 runs of task one"), "{audit}");
        let again = prune(home, &[]);
        assert_eq!(again["plan"]["remove"], serde_json::json!([]), "{again}");
    });
}

#[test]
fn more_runs_than_are_kept_go_however_new() {
    home(|home| {
        home.settings("[keep]\nruns = 3\n");
        let of = (Outcome::Succeeded, 1);
        let all: Vec<_> = (0..5).map(|n| old_run(home, "one", 5 - n, of)).collect();
        let other = old_run(home, "other", 50, of);
        let answer = prune(home, &[]);
        let why = words(&answer["plan"]["remove"], "reason");
        assert_eq!(why, ["there are 3 newer ones"]);
        let mut left = runs(home);
        left.sort();
        assert_eq!(left, [&[other], &all[2..]].concat());
    });
}

#[test]
fn logs_and_artifacts_may_go_before_their_run() {
    home(|home| {
        home.settings("[keep]\nlogs = \"20d\"\nartifacts = \"5d\"\n");
        let of = (Outcome::Succeeded, 1);
        let [old, middle, young] = [30, 10, 1].map(|days| old_run(home, "one", days, of));
        prune(home, &[]);
        assert_eq!(files(home, old), (0, false));
        assert_eq!(files(home, middle), (3, false));
        assert_eq!(files(home, young), (3, true));
        assert_eq!(runs(home).len(), 3);
        let kept = |run| home.wait(home.store.artifacts(run)).unwrap().len();
        assert_eq!((kept(old), kept(middle), kept(young)), (0, 0, 1));
        let said = home.runbay(&["logs", &old.short()]);
        assert_eq!(said.out, "", "{said}");
        home.runbay(&["show", &old.short()]).exits(0);
    });
}

#[test]
fn versions_that_nobody_ran_go_when_there_are_many() {
    home(|home| {
        home.settings("[keep]\nversions = 1\n[limits]\nnetwork = \"none\"\n");
        for n in 0..3 {
            home.task("one", &format!("print({n})"));
            home.runbay(&["build", "one"]).exits(0);
        }
        home.task("one", "print('ran')");
        let (_, ran) = home.run(&["one"]);
        home.task("one", "print('now')");
        home.runbay(&["build", "one"]).exits(0);
        let of_task = || {
            home.wait(home.store.versions(&"one".parse().unwrap()))
                .unwrap()
        };
        let all = of_task();
        assert_eq!(all.len(), 5);
        prune(home, &[]);
        assert_eq!(of_task().len(), 5, "an hour has to pass");
        age_versions(home, &all[1..]);
        let answer = prune(home, &[]);
        let what = words(&answer["plan"]["remove"], "what");
        assert!(
            what.contains(&"3 versions of tasks' code".to_owned()),
            "{what:?}"
        );
        let left: Vec<_> = of_task()
            .into_iter()
            .map(|version| version.digest)
            .collect();
        assert_eq!(left, [all[0].digest.clone(), ran.version.clone().unwrap()]);
        let trees = fs::read_dir(home.data().join("versions/trees"))
            .unwrap()
            .count();
        assert_eq!(trees, 2);
        // What was run can be run again.
        let (status, _) = home.docker(
            "DELETE",
            &format!("/images/{}?noprune=1", ran.image.unwrap()),
        );
        assert_eq!(status, 200);
        let again = home.runbay(&["rerun", &ran.id.short(), "--same-image"]);
        again.exits(0).prints("ran");
    });
}

/// Makes versions, their rows and their files, as old as a day.
pub(crate) fn age_versions(home: &Home, all: &[Version]) {
    let day = TimeDelta::days(1);
    let gone: Vec<_> = { all.iter() }
        .map(|version| runbay::store::SurplusVersion {
            task: version.task.clone(),
            digest: version.digest.clone(),
        })
        .collect();
    home.wait(async {
        // Those that a run ran cannot be forgotten, and need not be.
        home.store.forget_versions(gone).await.unwrap();
        for version in all.iter().rev() {
            let mut version = version.clone();
            version.created_at -= day;
            home.store.record_version(&version).await.unwrap();
        }
    });
    let old = std::time::SystemTime::now() - day.to_std().unwrap();
    for entry in fs::read_dir(home.data().join("versions/trees")).unwrap() {
        let file = fs::File::options().write(true).open(entry.unwrap().path());
        file.unwrap().set_modified(old).unwrap();
    }
}

#[test]
fn the_service_does_it_by_itself_unless_told_not_to() {
    home(|home| {
        home.settings("[keep]\nruns = 1\nevery = \"1s\"\n");
        for days in [3, 2, 1] {
            old_run(home, "one", days, (Outcome::Succeeded, 1));
        }
        let served: Child = home.spawn(&["serve", "--bind", "127.0.0.1:0"]);
        eventually("old runs go", || runs(home).len() == 1);
        served.signal(Signal::TERM);
        served.end().exits(0);
        let audit = home.runbay(&["audit", "--json"]);
        assert!(audit.out.contains("the service"), "{audit}");

        home.settings("[keep]\nruns = 1\nevery = \"1s\"\nautomatic = false\n");
        let old = old_run(home, "one", 9, (Outcome::Succeeded, 1));
        let served: Child = home.spawn(&["serve", "--bind", "127.0.0.1:0"]);
        eventually("it serves", || home.data().join("server.json").exists());
        let looked = home.runbay(&["prune", "--dry-run"]);
        assert!(looked.out.contains("1 run of task one"), "{looked}");
        served.signal(Signal::TERM);
        served.end().exits(0);
        assert!(runs(home).contains(&old));
    });
}

#[test]
fn on_a_full_disk_the_oldest_files_go_until_there_is_room() {
    home_on_disk(64, |home, _| {
        home.settings(
            "free_space = \"16M\"\n[keep]\nlow_space = \"34M\"\nenough_space = \"42M\"\n",
        );
        let of = (Outcome::Succeeded, 8 << 20);
        let all: Vec<_> = (0..4).map(|n| old_run(home, "one", 9 - n, of)).collect();
        let last = old_run(home, "other", 20, (Outcome::Succeeded, 1 << 20));
        let looked = prune(home, &["--dry-run"]);
        let notes = looked["plan"]["notes"].to_string();
        assert!(notes.contains("is nearly full"), "{looked}");
        let answer = prune(home, &[]);
        let left: Vec<_> = all.iter().map(|run| files(home, *run).1).collect();
        assert_eq!(left, [false, false, true, true], "{answer}");
        assert_eq!(files(home, last), (3, true), "the last run of a task stays");
        assert_eq!(runs(home).len(), 5);
        let again = prune(home, &[]);
        assert!(
            !again["plan"]["notes"].to_string().contains("full"),
            "{again}"
        );
    });
}

/// As after an old copy of the database was put back.
#[test]
fn what_a_newer_database_may_know_is_told_and_stays() {
    home(|home| {
        let instance = home.store.instance();
        let (full, short) = (instance.to_string(), instance.short().to_owned());
        let run = id_of(Utc::now() - TimeDelta::days(1));
        let name = format!("runbay-{short}-{run}-1");
        let strange = container(home, &name, &full, run);
        let answer = prune(home, &[]);
        let notes = answer["plan"]["notes"].to_string();
        let there = home.wait(home.engine.inspect(&strange)).unwrap().is_some();
        home.wait(home.engine.remove(&strange)).unwrap();
        assert!(there && notes.contains(&name), "{answer}");
    });
}

#[test]
fn a_sweep_goes_on_without_a_byte_left_and_leaves_nothing_half_done() {
    home_on_disk(64, |home, disk| {
        home.settings("free_space = \"16M\"\n[keep]\nage = \"5d\"\n");
        let of = (Outcome::Failed, 100_000);
        let all: Vec<_> = (0..30).map(|n| old_run(home, "one", 60 - n, of)).collect();
        disk.fill_up_to(0);
        let said = home.runbay(&["prune"]);
        // Whatever it could do: what is gone is gone with all that is theirs, and
        // what is not can be seen.
        let left = runs(home);
        for run in &all {
            let (logs, kept) = files(home, *run);
            match left.contains(run) {
                true => home.runbay(&["show", &run.short()]).exits(0),
                false => {
                    assert_eq!((logs, kept), (0, false), "{said}");
                    continue;
                }
            };
        }
        assert_eq!(home.wait(home.store.check()).unwrap(), [""; 0]);
        disk.empty();
        prune(home, &[]);
        assert_eq!(runs(home).len(), 10, "the newest ten stay");
        assert_eq!(home.wait(home.store.check()).unwrap(), [""; 0]);
    });
}

#[test]
fn downloads_begin_anew_when_they_are_old_and_nobody_uses_them() {
    home(|home| {
        home.task("one", "print('hello')");
        home.run(&["one"]).0.exits(0);
        let (name, labels) = (
            format!("runbay-{}-cache", home.store.instance().short()),
            |kind: &str| {
                [
                    ("runbay.instance", home.store.instance().0),
                    ("runbay.kind", kind.to_owned()),
                ]
                .map(|(key, value)| (key.to_owned(), value))
            },
        );
        home.wait(home.engine.ensure_volume(&name, &labels("cache")))
            .unwrap();
        let found = || {
            let all = home.wait(home.engine.volumes(&labels("cache"))).unwrap();
            assert_eq!(all.len(), 1);
            all[0].created_at.unwrap()
        };
        let listed = |answer: &Value| {
            words(&answer["plan"]["remove"], "kind").contains(&"downloads".to_owned())
        };
        assert!(!listed(&prune(home, &[])), "they are young");
        home.settings("[keep]\ncache = \"1s\"\n");
        let old = || listed(&prune(home, &["--dry-run"]));
        eventually("they are old", old);
        // Somebody has them, which the engine takes for their beginning.
        let image = home.last("one").unwrap().image.unwrap();
        let mut spec = ContainerSpec::new(image, Role::Run, vec!["true".to_owned()]);
        spec.volumes = vec![Volume::Named {
            name: name.clone(),
            path: "/cache".to_owned(),
        }];
        let user = home
            .wait(home.engine.create(&format!("{name}-user"), &spec))
            .unwrap();
        eventually("they are old again", old);
        let made = found();
        let kept = prune(home, &[]);
        assert!(kept["done"].to_string().contains("in use"), "{kept}");
        assert_eq!(found(), made);
        home.wait(home.engine.remove(&user)).unwrap();
        assert!(listed(&prune(home, &[])));
        assert!(found() > made);
    });
}
