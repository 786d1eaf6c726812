use super::*;
use crate::domain::limits::Limits;
use crate::domain::size::{Bytes, GIB};
use chrono::Utc;
use proptest::prelude::*;
use serde_json::json;

fn run() -> Run {
    let params = BTreeMap::from([("kept".to_owned(), json!(1))]);
    Run {
        version: Some(Digest("v1".to_owned())),
        environment: Some(Digest("e1".to_owned())),
        lock: Some(Digest("l1".to_owned())),
        image: Some(ImageId("sha256:i1".to_owned())),
        ..Run::new("t".parse().unwrap(), params, Limits::default(), Utc::now())
    }
}

fn side<'a>(run: &'a Run, lock: &'a Lock) -> Side<'a> {
    Side {
        run,
        python: Some("3.11".parse().unwrap()),
        lock: Some(lock),
        run_ms: Some(1000.0),
    }
}

fn lock(text: &str) -> Lock {
    Lock::new(text.to_owned(), Utc::now())
}

#[test]
fn nothing_changed_is_nothing_said() {
    let lock = lock("a==1 \\\n    --hash=sha256:00\n");
    let (was, is) = (run(), run());
    assert_eq!(changes(side(&was, &lock), side(&is, &lock)), []);
}

#[test]
fn each_kind_of_change_is_told_once() {
    let (old, new) = (lock("a==1\nb==1\n"), lock("b==2\nc==1\n"));
    let was = run();
    let mut is = run();
    is.version = Some(Digest("v2".to_owned()));
    is.lock = Some(Digest("l2".to_owned()));
    is.image = Some(ImageId("sha256:i2".to_owned()));
    is.params = BTreeMap::from([("new".to_owned(), json!("x"))]);
    is.args = vec!["--all".to_owned()];
    is.limits.memory = Bytes(GIB);
    let then = side(&was, &old);
    let now = Side {
        run_ms: Some(9000.0),
        python: Some("3.13".parse().unwrap()),
        ..side(&is, &new)
    };
    insta::assert_json_snapshot!(changes(then, now));
}

#[test]
fn another_image_of_the_same_things_means_a_new_base() {
    let lock = lock("");
    let was = run();
    let mut is = run();
    is.image = Some(ImageId("sha256:i2".to_owned()));
    let found = changes(side(&was, &lock), side(&is, &lock));
    assert!(matches!(found[..], [Change::Base { .. }]), "{found:?}");
}

#[test]
fn other_files_of_the_same_versions_are_told() {
    let (old, new) = (lock("a==1 --hash=sha256:00"), lock("a==1 --hash=sha256:11"));
    let (was, is) = (run(), run());
    let found = changes(side(&was, &old), side(&is, &new));
    assert!(matches!(found[..], [Change::Hashes { .. }]), "{found:?}");
}

#[test]
fn what_is_unknown_of_one_side_is_no_change() {
    let some = lock("a==1");
    let was = run();
    let mut is = run();
    (is.version, is.lock, is.image) = (None, None, None);
    let now = Side {
        run: &is,
        python: None,
        lock: None,
        run_ms: None,
    };
    assert_eq!(changes(side(&was, &some), now), []);
}

#[test]
fn small_and_short_differences_of_time_are_none() {
    assert_eq!(duration(Some(10.0), Some(100.0)), None);
    assert_eq!(duration(Some(10_000.0), Some(11_000.0)), None);
    assert!(duration(Some(10_000.0), Some(20_000.0)).is_some());
    assert!(duration(Some(20_000.0), Some(10_000.0)).is_some());
}

fn packages() -> impl Strategy<Value = Vec<LockedPackage>> {
    proptest::collection::btree_map("[a-e]", "[0-9]", 0..5).prop_map(|map| {
        map.into_iter()
            .map(|(name, version)| LockedPackage { name, version })
            .collect()
    })
}

proptest! {
    /// A diff applied to the older set is the newer set.
    #[test]
    fn a_diff_leads_from_one_to_the_other(from in packages(), to in packages()) {
        let diff = PackageDiff::between(&from, &to);
        let mut made: BTreeMap<_, _> = from.into_iter().map(|p| (p.name, p.version)).collect();
        for package in &diff.removed {
            prop_assert!(made.remove(&package.name).is_some());
        }
        for package in &diff.added {
            prop_assert!(made.insert(package.name.clone(), package.version.clone()).is_none());
        }
        for change in &diff.changed {
            let old = made.insert(change.name.clone(), change.to.clone());
            prop_assert_eq!(old.as_ref(), Some(&change.from));
        }
        let to: BTreeMap<_, _> = to.into_iter().map(|p| (p.name, p.version)).collect();
        prop_assert_eq!(made, to);
    }
}
