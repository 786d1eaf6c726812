//! Which runs and versions are too old or too many.

use super::*;
use crate::domain::image::Version;

/// A run that ended as it began.
async fn ended(store: &Store, task: &str, seconds: i64, outcome: Outcome) -> RunId {
    let mut run = new_run(task);
    run.created_at = at(seconds);
    store.insert_run(&run).await.unwrap();
    let end = Ended::because(outcome, "");
    let used = Measurements::default();
    let done = store.finish(Ending::Run(run.id), &end, &used, &[], at(seconds));
    assert!(done.await.unwrap());
    run.id
}

fn rule(least: u32, most: u32, before: i64) -> RunRule {
    RunRule {
        least,
        most,
        before: at(before),
        settled: at(1000),
    }
}

async fn surplus(store: &Store, rule: RunRule) -> Vec<(RunId, bool)> {
    let found = store.surplus_runs(rule, 100).await.unwrap();
    found
        .into_iter()
        .map(|one| (one.run, one.too_many))
        .collect()
}

#[tokio::test]
async fn what_is_old_or_too_much_goes_and_the_last_success_stays() {
    let (_folder, store) = scratch();
    let mut all = Vec::new();
    for second in 0..6 {
        let outcome = match second {
            1 => Outcome::Succeeded,
            _ => Outcome::Failed,
        };
        all.push(ended(&store, "one", second, outcome).await);
    }
    let other = ended(&store, "other", 0, Outcome::Failed).await;
    let waits = new_run("one");
    store.insert_run(&waits).await.unwrap();
    let old = surplus(&store, rule(1, 100, 4)).await;
    assert_eq!(old, [(all[0], false), (all[2], false), (all[3], false)]);
    let many = surplus(&store, rule(1, 2, -1)).await;
    assert_eq!(many, [(all[0], true), (all[2], true), (all[3], true)]);
    let mut unsettled = rule(0, 1, 100);
    unsettled.settled = at(2);
    assert_eq!(
        surplus(&store, unsettled).await,
        [(all[0], true), (other, false)]
    );

    let gone = store.forget_runs(vec![all[0], waits.id]).await.unwrap();
    assert_eq!(gone, 1, "what is not over is not forgotten");
    assert!(store.run(waits.id).await.is_ok());
    let known = vec![all[0], all[1], waits.id];
    let mut known = store.ended_before(known, at(100)).await.unwrap();
    known.sort();
    assert_eq!(known, [(all[1], true), (waits.id, false)]);
}

#[tokio::test]
async fn a_run_that_is_pinned_stays_and_counts_like_any_other() {
    let (_folder, store) = scratch();
    let mut all = Vec::new();
    for second in 0..5 {
        all.push(ended(&store, "one", second, Outcome::Failed).await);
    }
    assert!(store.pin_run(all[0], true).await.unwrap());
    assert!(!store.pin_run(all[0], true).await.unwrap(), "it is already");
    assert!(store.pin_run(all[4], true).await.unwrap());
    let old = surplus(&store, rule(1, 100, 100)).await;
    assert_eq!(old, [1, 2, 3].map(|n| (all[n], false)));
    let many = surplus(&store, rule(0, 2, -1)).await;
    assert_eq!(many, [1, 2].map(|n| (all[n], true)), "two newer ones stay");
    assert_eq!(
        store.pinned_among(all.clone()).await.unwrap(),
        [all[0], all[4]].into()
    );
    // Somebody may pin one while it is on its way out.
    assert_eq!(store.forget_runs(all.clone()).await.unwrap(), 3);
    assert!(store.run(all[0]).await.unwrap().pinned);
    assert!(store.pin_run(all[0], false).await.unwrap());
    assert_eq!(store.forget_runs(all.clone()).await.unwrap(), 1);
    let gone = store.pin_run(all[0], true).await.unwrap_err();
    assert!(matches!(gone, StoreError::NotFound { .. }), "{gone:?}");
}

#[tokio::test]
async fn a_version_goes_with_its_last_task_and_never_before_its_runs() {
    let (_folder, store) = scratch();
    let version = |task: &str, name: &str, seconds| Version {
        digest: Digest::of(name.as_bytes()),
        task: task.parse().unwrap(),
        files: 1,
        bytes: 1,
        created_at: at(seconds),
    };
    for (n, name) in ["ran", "shared", "alone", "new"].into_iter().enumerate() {
        let one = version("one", name, n as i64);
        store.record_version(&one).await.unwrap();
    }
    store
        .record_version(&version("other", "shared", 9))
        .await
        .unwrap();
    let mut run = new_run("one");
    run.version = Some(Digest::of(b"ran"));
    store.insert_run(&run).await.unwrap();
    let found = store.surplus_versions(1, at(100), 10).await.unwrap();
    let digests = |of: &[&str]| -> Vec<Digest> {
        let mut all: Vec<_> = of.iter().map(|name| Digest::of(name.as_bytes())).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    let names: Vec<_> = found.iter().map(|one| one.digest.clone()).collect();
    assert_eq!(names, digests(&["shared", "alone"]));
    let sole = store.sole_versions(found.clone()).await.unwrap();
    assert_eq!(sole.into_iter().collect::<Vec<_>>(), digests(&["alone"]));
    let ran = SurplusVersion {
        task: "one".parse().unwrap(),
        digest: Digest::of(b"ran"),
    };
    store
        .forget_versions([found, vec![ran]].concat())
        .await
        .unwrap();
    let left = store.versions(&"one".parse().unwrap()).await.unwrap();
    let left: Vec<_> = left.into_iter().map(|version| version.digest).collect();
    assert_eq!(left, [Digest::of(b"new"), Digest::of(b"ran")]);
    let young = store.surplus_versions(0, at(0), 10).await.unwrap();
    assert_eq!(young, []);
}
