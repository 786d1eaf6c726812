//! Schedules and the ledger of their slots.

use super::*;
use crate::domain::retry::Overlap;
use crate::domain::schedule::{Cause, Decision, Schedule, ScheduleId};
use crate::store::slots::query;
use proptest::prelude::*;

fn slot(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_020 + minutes * 60, 0).unwrap()
}

fn put(key: &str, next: Option<i64>) -> ScheduleChange {
    ScheduleChange::Put {
        task: "t".parse().unwrap(),
        key: key.into(),
        spec: Box::new(Schedule::new("* * * * *")),
        timezone: "UTC".into(),
        plan: Digest::of(b""),
        next: Some(next.map(|at| (slot(at), slot(at)))),
        problem: None,
        dropped: None,
    }
}

async fn scheduled(store: &Store) -> ScheduleId {
    store
        .change_schedules(vec![put("k", Some(0))], at(0))
        .await
        .unwrap();
    store.schedule(&"t".parse().unwrap(), "k").await.unwrap().id
}

fn settlement(id: ScheduleId, expected: i64, next: i64) -> Settlement {
    Settlement {
        schedule: id,
        expected: slot(expected),
        paused: false,
        dropped: Vec::new(),
        slot: Some(slot(expected)),
        late_ms: 12,
        next: Some((slot(next), slot(next))),
        at: at(0),
    }
}

fn dropped(first: i64, last: i64, cause: Cause) -> Dropped {
    Dropped {
        first: slot(first),
        last: slot(last),
        count: (last - first + 1) as u64,
        decision: Decision::Missed,
        cause,
        detail: None,
    }
}

fn due(of: Settlement) -> Rules {
    Rules {
        slot: Some(ForSlot::Due(of)),
        ..OPEN
    }
}

/// The ledger, oldest first: first slot, last, count, what became of it.
async fn told(store: &Store) -> Vec<(i64, i64, u64, Decision)> {
    let mut lines = store.ledger(&LedgerFilter::default()).await.unwrap();
    lines.reverse();
    let minute = |at: DateTime<Utc>| (at - slot(0)).num_minutes();
    lines
        .iter()
        .map(|line| {
            (
                minute(line.slot),
                minute(line.last),
                line.count,
                line.decision,
            )
        })
        .collect()
}

#[tokio::test]
async fn of_many_who_claim_a_slot_one_makes_its_run() {
    let (_folder, store) = scratch();
    let id = scheduled(&store).await;
    let tries = (0..50).map(|_| async {
        store
            .admit(&new_run("t"), &due(settlement(id, 0, 1)))
            .await
            .unwrap()
    });
    let answers = futures::future::join_all(tries).await;
    let queued = answers
        .iter()
        .filter(|answer| **answer == Admission::Queued)
        .count();
    assert_eq!(queued, 1);
    assert!(
        answers
            .iter()
            .all(|a| matches!(a, Admission::Queued | Admission::Settled))
    );
    assert_eq!(store.active_runs().await.unwrap().len(), 1);
    assert_eq!(told(&store).await, [(0, 0, 1, Decision::Ran)]);
    let row = store.schedules().await.unwrap().remove(0);
    assert_eq!(
        (row.next_slot, row.last_slot),
        (Some(slot(1)), Some(slot(0)))
    );
    assert_eq!(store.next_due().await.unwrap(), Some(slot(1)));
}

#[tokio::test]
async fn why_a_slot_has_no_run_is_kept_and_folded() {
    let (_folder, store) = scratch();
    let id = scheduled(&store).await;
    let skip = |of| Rules {
        overlap: Overlap::Skip,
        ..due(of)
    };
    store
        .admit(&new_run("t"), &skip(settlement(id, 0, 1)))
        .await
        .unwrap();
    for minute in 1..4 {
        let rules = skip(settlement(id, minute, minute + 1));
        let answer = store.admit(&new_run("t"), &rules).await.unwrap();
        assert!(matches!(answer, Admission::Skipped(_)), "{answer:?}");
    }
    let full = Rules {
        queue_limit: 1,
        ..due(settlement(id, 4, 5))
    };
    assert_eq!(
        store.admit(&new_run("t"), &full).await.unwrap(),
        Admission::Full(1)
    );
    let lines = store.ledger(&LedgerFilter::default()).await.unwrap();
    let causes: Vec<_> = lines.iter().map(|line| (line.cause, line.count)).collect();
    assert_eq!(
        causes,
        [
            (Some(Cause::QueueFull), 1),
            (Some(Cause::Overlap), 3),
            (None, 1)
        ]
    );
    assert!(lines[1].detail.as_ref().unwrap().contains("is not over"));
}

#[tokio::test]
async fn a_pause_between_the_look_and_the_claim_wins() {
    let (_folder, store) = scratch();
    let id = scheduled(&store).await;
    assert!(store.pause_all(Some(at(0))).await.unwrap());
    assert!(!store.pause_all(Some(at(1))).await.unwrap());
    assert_eq!(store.all_paused().await.unwrap(), Some(at(0)));
    let answer = store
        .admit(&new_run("t"), &due(settlement(id, 0, 1)))
        .await
        .unwrap();
    assert_eq!(answer, Admission::Settled);
    assert!(told(&store).await.is_empty());
    let paused = Settlement {
        paused: true,
        slot: None,
        ..settlement(id, 0, 1)
    };
    assert!(store.settle(&paused).await.unwrap());
    assert!(!store.settle(&paused).await.unwrap(), "once");
    assert!(store.pause_all(None).await.unwrap());
    assert!(store.pause_schedule(id, Some(at(2))).await.unwrap());
    assert!(!store.pause_schedule(id, Some(at(3))).await.unwrap());
    let answer = store
        .admit(&new_run("t"), &due(settlement(id, 1, 2)))
        .await
        .unwrap();
    assert_eq!(answer, Admission::Settled);
}

#[tokio::test]
async fn a_slot_that_ran_never_runs_again_though_the_clock_goes_back() {
    let (_folder, store) = scratch();
    let id = scheduled(&store).await;
    store
        .admit(&new_run("t"), &due(settlement(id, 0, 1000)))
        .await
        .unwrap();
    let ahead = Settlement {
        dropped: vec![dropped(1, 999, Cause::Superseded)],
        slot: Some(slot(1000)),
        ..settlement(id, 1000, 1001)
    };
    store.admit(&new_run("t"), &due(ahead)).await.unwrap();
    assert_eq!(store.schedules_ahead(slot(400)).await.unwrap().len(), 1);
    store
        .rewind_schedule(id, slot(10), Some((slot(11), slot(11))))
        .await
        .unwrap();
    let lines = told(&store).await;
    assert_eq!(lines[0], (0, 0, 1, Decision::Ran));
    assert_eq!(
        (lines[1].0, lines[1].1, lines[1].3),
        (1, 10, Decision::Missed)
    );
    assert!((8..=10).contains(&lines[1].2), "{lines:?}");
    assert_eq!(lines[2], (1000, 1000, 1, Decision::Ran));
    let again = Settlement {
        slot: Some(slot(1000)),
        ..settlement(id, 11, 1001)
    };
    assert_eq!(
        store.admit(&new_run("t"), &due(again)).await.unwrap(),
        Admission::Settled
    );
    assert_eq!(
        store.schedules().await.unwrap()[0].next_slot,
        Some(slot(1001))
    );
    assert_eq!(store.active_runs().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_missed_slot_is_made_up_for_once() {
    let (_folder, store) = scratch();
    let id = scheduled(&store).await;
    let missed = Settlement {
        dropped: vec![dropped(0, 2, Cause::TooLate)],
        slot: None,
        ..settlement(id, 0, 3)
    };
    assert!(store.settle(&missed).await.unwrap());
    let line = store
        .ledger(&LedgerFilter::default())
        .await
        .unwrap()
        .remove(0);
    let make_up = Rules {
        slot: Some(ForSlot::Missed(MakeUp {
            schedule: id,
            line,
            late_ms: 5,
            before: Some((slot(1), 2)),
        })),
        ..OPEN
    };
    assert_eq!(
        store.admit(&new_run("t"), &make_up).await.unwrap(),
        Admission::Queued
    );
    assert_eq!(
        store.admit(&new_run("t"), &make_up).await.unwrap(),
        Admission::Settled
    );
    assert_eq!(
        told(&store).await,
        [(0, 1, 2, Decision::Missed), (2, 2, 1, Decision::Ran)]
    );
    let full = Rules {
        queue_limit: 0,
        ..make_up
    };
    let missed = LedgerFilter {
        decisions: vec![Decision::Missed],
        ..LedgerFilter::default()
    };
    let line = store.ledger(&missed).await.unwrap().remove(0);
    let full = Rules {
        slot: Some(ForSlot::Missed(MakeUp {
            schedule: id,
            line,
            late_ms: 5,
            before: Some((slot(0), 1)),
        })),
        ..full
    };
    assert!(store.admit(&new_run("t"), &full).await.is_err());
    assert_eq!(
        told(&store).await[0],
        (0, 1, 2, Decision::Missed),
        "it stays missed"
    );
}

#[tokio::test]
async fn a_removed_schedule_keeps_its_ledger_and_may_return() {
    let (_folder, store) = scratch();
    let id = scheduled(&store).await;
    store
        .admit(&new_run("t"), &due(settlement(id, 0, 1)))
        .await
        .unwrap();
    let gone = ScheduleChange::Remove {
        id,
        dropped: Some(dropped(1, 5, Cause::Changed)),
    };
    store.change_schedules(vec![gone], at(9)).await.unwrap();
    assert!(store.schedules().await.unwrap().is_empty());
    assert_eq!(store.next_due().await.unwrap(), None);
    assert_eq!(
        told(&store).await,
        [(0, 0, 1, Decision::Ran), (1, 5, 5, Decision::Missed)]
    );
    assert!(store.pause_schedule(id, Some(at(9))).await.is_err());
    store
        .change_schedules(vec![put("k", Some(7))], at(10))
        .await
        .unwrap();
    let back = store.schedules().await.unwrap().remove(0);
    assert_eq!(
        (back.id, back.next_slot, back.last_slot),
        (id, Some(slot(7)), Some(slot(5)))
    );
}

#[tokio::test]
async fn the_ledger_is_read_by_its_indexes() {
    let (_folder, store) = scratch();
    let filters = [
        LedgerFilter::default(),
        LedgerFilter {
            decisions: vec![Decision::Missed],
            ..LedgerFilter::default()
        },
        LedgerFilter {
            before: Some(slot(5)),
            ..LedgerFilter::default()
        },
        LedgerFilter {
            task: Some("t".parse().unwrap()),
            schedule: Some("k".into()),
            limit: Some(1),
            ..LedgerFilter::default()
        },
    ];
    for filter in filters {
        let (sql, values) = query(&filter);
        let plan = store.read(move |db| {
            let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let values: Vec<&dyn rusqlite::ToSql> = values.iter().map(|v| &**v as _).collect();
            let lines = explain.query_map(&*values, |row| row.get::<_, String>("detail"))?;
            Ok(lines.collect::<Result<Vec<_>, _>>()?)
        });
        for line in plan.await.unwrap() {
            assert!(
                !line.starts_with("SCAN slots") || line.contains("USING INDEX"),
                "{filter:?}\n{line}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn the_ledger_accounts_for_every_slot_once(steps in proptest::collection::vec((0i64..4, any::<bool>(), 0usize..3), 1..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (_folder, store) = scratch();
            let id = scheduled(&store).await;
            let mut expected = 0;
            for (missed, runs, cause) in steps {
                let cause = [Cause::Superseded, Cause::TooLate, Cause::NoCatchUp][cause];
                let slot_at = expected + missed;
                let next = slot_at + i64::from(runs);
                let of = Settlement {
                    dropped: if missed > 0 { vec![dropped(expected, slot_at - 1, cause)] } else { vec![] },
                    slot: runs.then(|| slot(slot_at)),
                    ..settlement(id, expected, next)
                };
                if runs {
                    store.admit(&new_run("t"), &due(of)).await.unwrap();
                } else {
                    store.settle(&of).await.unwrap();
                }
                expected = next;
            }
            let lines = told(&store).await;
            let mut reached = 0;
            for (first, last, count, decision) in lines {
                assert_eq!(first, reached, "no gap and no overlap");
                assert_eq!(count, (last - first + 1) as u64);
                assert!(decision != Decision::Ran || count == 1);
                reached = last + 1;
            }
            assert_eq!(reached, expected);
        });
    }
}
