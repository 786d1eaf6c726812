//! Environments, images, versions, failures, and how people name runs.

use super::*;
use crate::domain::environment::{Environment, Lock, Policy};
use crate::domain::ids::{Digest, ImageId};
use crate::domain::image::{ImageKind, ImageRow, RunImage, Version};

fn recipe(key: &Digest) -> Environment {
    Environment {
        key: key.clone(),
        python: "3.11".parse().unwrap(),
        template: Some("data".into()),
        requirements: vec!["numpy>=2".into()],
        policy: Policy::Curated,
        lock: None,
        image: None,
        image_bytes: None,
        created_at: at(0),
    }
}

#[tokio::test]
async fn an_environment_goes_from_lock_to_lock_and_back() {
    let (_folder, store) = scratch();
    let key = Digest::of(b"recipe");
    assert_eq!(store.environment(&key).await.unwrap(), None);
    let first = Lock::new("numpy==2.0".into(), at(1));
    let early = store.set_lock(&key, &first).await;
    assert!(
        matches!(early, Err(StoreError::NotFound { .. })),
        "{early:?}"
    );

    let mut expected = recipe(&key);
    store.save_environment(&expected).await.unwrap();
    assert_eq!(
        store.environment(&key).await.unwrap(),
        Some(expected.clone())
    );

    store.set_lock(&key, &first).await.unwrap();
    let image = ImageId("sha256:one".into());
    store
        .set_environment_image(&key, &first.digest, &image, 77)
        .await
        .unwrap();
    let second = Lock::new("numpy==2.1".into(), at(2));
    store.set_lock(&key, &second).await.unwrap();
    expected.lock = Some(second.clone());
    assert_eq!(
        store.environment(&key).await.unwrap(),
        Some(expected.clone())
    );
    assert_eq!(store.locks(&key).await.unwrap(), [second, first.clone()]);

    // Back to the first, which was built already.
    store.set_lock(&key, &first).await.unwrap();
    expected.lock = Some(first);
    (expected.image, expected.image_bytes) = (Some(image.clone()), Some(77));
    assert_eq!(store.environments().await.unwrap(), [expected.clone()]);

    store.forget_image(&image).await.unwrap();
    (expected.image, expected.image_bytes) = (None, None);
    // Saving what is there changes nothing.
    let mut again = recipe(&key);
    (again.created_at, again.policy) = (at(50), Policy::Open);
    again.lock = Some(Lock::new("numpy==3".into(), at(50)));
    store.save_environment(&again).await.unwrap();
    assert_eq!(store.environment(&key).await.unwrap(), Some(expected));
}

#[tokio::test]
async fn a_whole_environment_is_saved_at_once() {
    let (_folder, store) = scratch();
    let mut whole = recipe(&Digest::of(b"whole"));
    whole.lock = Some(Lock::new("six==1".into(), at(1)));
    (whole.image, whole.image_bytes) = (Some(ImageId("sha256:w".into())), Some(5));
    store.save_environment(&whole).await.unwrap();
    assert_eq!(store.environment(&whole.key).await.unwrap(), Some(whole));
}

#[tokio::test]
async fn the_newest_image_of_a_key_is_the_one_in_use() {
    let (_folder, store) = scratch();
    let key = Digest::of(b"key");
    let image = |id: &str, created| ImageRow {
        id: ImageId(id.into()),
        kind: ImageKind::Task,
        key: key.clone(),
        task: Some("report".parse().unwrap()),
        environment: Some(Digest::of(b"e")),
        lock: None,
        version: Some(Digest::of(b"v")),
        bytes: 1 << 33,
        created_at: at(created),
        pinned: id == "pinned",
    };
    let find = |kind| store.image_by_key(kind, &key);
    for (id, created) in [("pinned", 5), ("old", 1), ("new", 9)] {
        store.record_image(&image(id, created)).await.unwrap();
    }
    assert_eq!(find(ImageKind::Task).await.unwrap(), Some(image("new", 9)));
    assert_eq!(find(ImageKind::Base).await.unwrap(), None);
    store.forget_image(&ImageId("new".into())).await.unwrap();
    assert_eq!(
        find(ImageKind::Task).await.unwrap(),
        Some(image("pinned", 5))
    );

    let mut again = image("pinned", 5);
    again.pinned = false;
    store.record_image(&again).await.unwrap();
    let found = find(ImageKind::Task).await.unwrap().unwrap();
    assert!(found.pinned, "recording an image again does not release it");
    let all = store.images().await.unwrap();
    let ids: Vec<_> = all.iter().map(|row| row.id.0.as_str()).collect();
    assert_eq!(ids, ["pinned", "old"]);
}

#[tokio::test]
async fn versions_and_failures_are_remembered() {
    let (_folder, store) = scratch();
    let version = |task: &str, text: &[u8], seconds| Version {
        digest: Digest::of(text),
        task: task.parse().unwrap(),
        files: 2,
        bytes: 300,
        created_at: at(seconds),
    };
    let all = [
        version("a", b"1", 1),
        version("a", b"2", 2),
        version("b", b"1", 3),
    ];
    for version in &all {
        store.record_version(version).await.unwrap();
    }
    store.record_version(&version("a", b"1", 99)).await.unwrap();
    let of_a = store.versions(&"a".parse().unwrap()).await.unwrap();
    assert_eq!(of_a, [all[1].clone(), all[0].clone()]);
    assert_eq!(
        store.version(&all[2].digest).await.unwrap(),
        Some(all[0].clone())
    );

    let key = Digest::of(b"key");
    store
        .record_failure(&key, "no such package", None, at(1))
        .await
        .unwrap();
    assert_eq!(store.failure(&key, at(2)).await.unwrap(), None);
    store
        .record_failure(&key, "no such package", Some("see run 1"), at(5))
        .await
        .unwrap();
    let found = store.failure(&key, at(5)).await.unwrap();
    assert_eq!(
        found,
        Some(("no such package\nsee run 1".to_owned(), at(5)))
    );
    store.clear_failure(&key).await.unwrap();
    assert_eq!(store.failure(&key, at(0)).await.unwrap(), None);
}

#[tokio::test]
async fn people_name_runs_by_either_end() {
    let (_folder, store) = scratch();
    let id = |text: &str| text.parse::<RunId>().unwrap();
    let ids = [
        id("0190aaaabbbb7ccc8dddeeee12345678"),
        id("0190aaaabbbb7ccc8dddeeeeff345678"),
        id("0191aaaabbbb7ccc8dddeeee1234abcd"),
    ];
    for id in ids {
        store.insert_run(&Run { id, ..new_run("t") }).await.unwrap();
    }
    let find = async |text: &str| store.find_runs(text).await.unwrap();
    assert_eq!(find(&ids[0].to_string()).await, [ids[0]]);
    assert_eq!(find("0190").await, [ids[1], ids[0]]);
    assert_eq!(find("5678").await, [ids[1], ids[0]]);
    assert_eq!(find("12345678").await, [ids[0]]);
    assert_eq!(find("eeee12345678").await, [ids[0]]);
    assert_eq!(find("1234").await, [ids[2], ids[0]], "as short ids begin");
    assert_eq!(find(" 0190AAAA-BBBB-7ccc ").await, [ids[1], ids[0]]);
    for nothing in [
        "",
        "678",
        "xyzw",
        "99999",
        "%%%%",
        "' OR 1=1",
        "0190aaaabbbb7ccc8dddeeee123456789",
    ] {
        assert_eq!(find(nothing).await, [], "{nothing}");
    }
    for _ in 0..20 {
        saved(&store, "many").await;
    }
    assert_eq!(find("01").await.len(), 0);
    let newest = store.last_run(None).await.unwrap().unwrap().id;
    let many = find(&newest.to_string()[..4]).await;
    assert_eq!((many.len(), many[0]), (10, newest));
}

#[tokio::test]
async fn small_things_last() {
    let (_folder, store) = scratch();
    let [a, b] = ["a", "b"].map(|name| name.parse::<TaskName>().unwrap());
    let numbers = (
        store.task_number(&a).await.unwrap(),
        store.task_number(&b).await.unwrap(),
    );
    assert_ne!(numbers.0, numbers.1);
    assert_eq!(store.task_number(&a).await.unwrap(), numbers.0);

    let run = saved(&store, "a").await;
    let from = RunImage {
        version: Digest::of(b"v"),
        environment: Digest::of(b"e"),
        lock: None,
        image: ImageId("sha256:i".into()),
    };
    store.set_image(run.id, &from).await.unwrap();
    let found = store.run(run.id).await.unwrap();
    assert_eq!(
        (found.version, found.image),
        (Some(from.version), Some(from.image))
    );

    let events = store.events(0, 10).await.unwrap();
    assert_eq!(
        events[0].payload,
        serde_json::json!({ "task": "a", "trigger": "manual" })
    );
    assert_eq!(store.events(events[0].seq, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_container_is_forgotten_only_before_user_code_begins() {
    let (_folder, store) = scratch();
    let run = new_run("hello");
    store.insert_run(&run).await.unwrap();
    let attempt = new_attempt(run.id, 1);
    store.insert_attempt(&attempt).await.unwrap();
    for state in [RunState::Building, RunState::Starting] {
        assert!(store.advance(run.id, state).await.unwrap());
    }
    let container = crate::domain::ids::ContainerId("c1".into());
    let known = async || store.attempt(attempt.id).await.unwrap().container_id;
    store.set_container(attempt.id, &container).await.unwrap();
    store.forget_container(attempt.id).await.unwrap();
    assert_eq!(known().await, None);
    store.set_container(attempt.id, &container).await.unwrap();
    assert!(
        store
            .set_attempt_started(attempt.id, at(1), &Measurements::default())
            .await
            .unwrap()
    );
    store.forget_container(attempt.id).await.unwrap();
    assert_eq!(known().await, Some(container));
}
