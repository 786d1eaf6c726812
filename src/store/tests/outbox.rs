//! What is told with what it tells of, and how long that is kept.

use super::schedules::{dropped, due, put, scheduled, settlement, slot};
use super::*;
use crate::domain::event::Event;
use crate::domain::schedule::Cause;

/// Kinds and payloads of the events of slots.
async fn told(store: &Store) -> Vec<Event> {
    let mut events = store.events(0, u32::MAX).await.unwrap();
    events.retain(|event| event.kind.starts_with("slot."));
    events
}

#[tokio::test]
async fn slots_without_a_run_are_told_with_their_line() {
    let (_folder, store) = scratch();
    let id = scheduled(&store).await;
    let missed = Settlement {
        dropped: vec![dropped(0, 2, Cause::TooLate)],
        slot: None,
        ..settlement(id, 0, 3)
    };
    assert!(store.settle(&missed).await.unwrap());
    // Somebody else has decided: nothing is written, and nothing told.
    assert!(!store.settle(&missed).await.unwrap());
    let skip = Rules {
        overlap: Overlap::Skip,
        ..due(settlement(id, 3, 4))
    };
    let run = saved(&store, "t").await;
    let answer = store.admit(&new_run("t"), &skip).await.unwrap();
    assert_eq!(answer, Admission::Skipped(run.id));
    let events = told(&store).await;
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["slot.missed", "slot.skipped"]);
    let payload = &events[0].payload;
    assert_eq!(
        (&payload["task"], &payload["schedule"]),
        (&"t".into(), &"k".into())
    );
    assert_eq!(
        (&payload["count"], &payload["cause"]),
        (&3.into(), &"too_late".into())
    );
    assert_eq!(payload["slot"], serde_json::json!(slot(0)));
    assert_eq!(payload["last"], serde_json::json!(slot(2)));
    assert_eq!(events[1].payload["cause"], "overlap");
    assert_eq!(events[1].task(), Some("t".parse().unwrap()));
}

#[tokio::test]
async fn pausing_is_told_when_it_changes_something() {
    let (_folder, store) = scratch();
    let id = scheduled(&store).await;
    for pause in [Some(slot(0)), Some(slot(1)), None, None] {
        store.pause_schedule(id, pause).await.unwrap();
        store.pause_all(pause).await.unwrap();
    }
    let mut events = store.events(0, u32::MAX).await.unwrap();
    events.retain(|event| event.kind.starts_with("schedule."));
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    let told = ["paused", "all_paused", "resumed", "all_resumed"];
    assert_eq!(kinds, told.map(|kind| format!("schedule.{kind}")));
    let of_one = serde_json::json!({ "task": "t", "schedule": "k" });
    assert_eq!(events[0].payload, of_one);
    assert_eq!(events[1].task(), None);
}

#[tokio::test]
async fn a_pause_is_told_once_and_other_causes_each_time() {
    let (_folder, store) = scratch();
    let id = scheduled(&store).await;
    for minute in 0..6 {
        let cause = if minute < 3 {
            Cause::Paused
        } else {
            Cause::TooLate
        };
        let settlement = Settlement {
            dropped: vec![dropped(minute, minute, cause)],
            slot: None,
            ..settlement(id, minute, minute + 1)
        };
        assert!(store.settle(&settlement).await.unwrap());
    }
    let causes: Vec<_> = told(&store)
        .await
        .iter()
        .map(|event| event.payload["cause"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(causes, ["paused", "too_late", "too_late", "too_late"]);
}

#[tokio::test]
async fn each_step_of_a_run_is_told_once() {
    let (_folder, store) = scratch();
    let run = saved(&store, "t").await;
    let attempt = new_attempt(run.id, 1);
    store.insert_attempt(&attempt).await.unwrap();
    for state in [RunState::Building, RunState::Building, RunState::Starting] {
        store.advance(run.id, state).await.unwrap();
    }
    store
        .set_attempt_started(attempt.id, at(1), &Measurements::default())
        .await
        .unwrap();
    store.advance(run.id, RunState::Stopping).await.unwrap();
    assert!(end(&store, run.id, Outcome::Succeeded).await);
    assert!(!store.advance(run.id, RunState::Stopping).await.unwrap());
    let events = store.events(0, u32::MAX).await.unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    let steps = [
        "queued", "building", "starting", "started", "stopping", "finished",
    ];
    assert_eq!(kinds, steps.map(|step| format!("run.{step}")));
    assert!(events.iter().all(|event| event.payload["task"] == "t"));
}

#[tokio::test]
async fn old_events_are_forgotten_in_steps_and_numbers_only_grow() {
    let (_folder, store) = scratch();
    let tell = async |kind| store.tell(kind, serde_json::json!({})).await.unwrap();
    for _ in 0..2500 {
        tell("system.test").await;
    }
    tell("system.disk_low").await;
    let newest = store.last_event().await.unwrap();
    let kinds = &["system.disk_ok", "system.disk_low"];
    let found = store.newest_of(kinds).await.unwrap();
    assert_eq!(found.unwrap().kind, "system.disk_low");
    assert!(
        store
            .newest_of(&["system.disk_ok"])
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        !store
            .forget_events(Utc::now() - TimeDelta::days(1))
            .await
            .unwrap()
    );
    assert_eq!(store.events(0, u32::MAX).await.unwrap().len(), 2501);
    let later = Utc::now() + TimeDelta::days(1);
    assert!(store.forget_events(later).await.unwrap(), "there is more");
    assert!(!store.forget_events(later).await.unwrap());
    let left = store.events(0, u32::MAX).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(store.last_event().await.unwrap(), newest);
}

#[tokio::test]
async fn the_ledger_is_bounded_by_age_and_by_number() {
    let (_folder, store) = scratch();
    let id = scheduled(&store).await;
    for minute in 0..30 {
        let run = new_run("t");
        let due = due(settlement(id, minute, minute + 1));
        store.admit(&run, &due).await.unwrap();
    }
    let mut other = put("other", Some(0));
    if let ScheduleChange::Put { dropped: line, .. } = &mut other {
        *line = Some(dropped(0, 9, Cause::TooLate));
    }
    store.change_schedules(vec![other], at(0)).await.unwrap();
    let slots = async |key: &str| {
        let filter = LedgerFilter {
            schedule: Some(key.to_owned()),
            ..LedgerFilter::default()
        };
        let lines = store.ledger(&filter).await.unwrap();
        lines.iter().map(|line| line.slot).collect::<Vec<_>>()
    };
    assert!(!store.forget_slots(slot(0), 100).await.unwrap());
    assert_eq!(slots("k").await.len(), 30);
    // By age.
    store.forget_slots(slot(10), 100).await.unwrap();
    assert_eq!(slots("k").await.len(), 20);
    assert_eq!(slots("k").await.last(), Some(&slot(10)));
    assert_eq!(slots("other").await, [slot(0)], "its newest line stays");
    // By number.
    store.forget_slots(slot(0), 5).await.unwrap();
    assert_eq!(slots("k").await.len(), 5);
    assert_eq!(slots("k").await.first(), Some(&slot(29)));
    store.forget_slots(slot(1000), 1).await.unwrap();
    assert_eq!(slots("k").await, [slot(29)]);
    assert!(!store.forget_slots(slot(1000), 1).await.unwrap());
}
