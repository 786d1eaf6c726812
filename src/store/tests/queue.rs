//! Who is let in, who begins, and in which order.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn rules(overlap: Overlap) -> Rules {
    Rules { overlap, ..OPEN }
}

/// Claims whatever may begin, as the dispatcher does, and tells the tasks.
async fn claim_all(store: &Store, room: Room, now: DateTime<Utc>) -> Vec<RunId> {
    let mut taken = Vec::new();
    loop {
        let before = taken.len();
        for id in store.queue_heads(now).await.unwrap() {
            match store.claim(id, Some(room), now).await.unwrap() {
                Claim::Taken => taken.push(id),
                Claim::NoRoom => return taken,
                Claim::TaskBusy | Claim::Gone => {}
            }
        }
        if taken.len() == before {
            return taken;
        }
    }
}

const ROOMY: Room = Room {
    slots: 1000,
    memory: u64::MAX,
};

#[tokio::test]
async fn a_hundred_who_ask_at_once_make_one_run() {
    let (_folder, store) = scratch();
    for (overlap, keyed) in [(Overlap::Skip, false), (Overlap::Allow, true)] {
        let task = format!("t{keyed}");
        let rules = Rules {
            key: keyed.then(|| RequestKey {
                key: "k".into(),
                request: Digest::of(b"same"),
            }),
            ..rules(overlap)
        };
        let asked = (0..100).map(|_| {
            let (store, rules, run) = (store.clone(), rules.clone(), new_run(&task));
            tokio::spawn(async move { store.admit(&run, &rules).await.unwrap() })
        });
        let answers = futures::future::join_all(asked).await;
        let answers: Vec<Admission> = answers.into_iter().map(Result::unwrap).collect();
        let queued = answers.iter().filter(|a| **a == Admission::Queued).count();
        let run = store.last_run(Some(&task.parse().unwrap())).await.unwrap();
        let other = run.unwrap().id;
        let refused = if keyed {
            Admission::Replayed(other)
        } else {
            Admission::Skipped(other)
        };
        assert_eq!(queued, 1);
        assert_eq!(answers.iter().filter(|a| **a == refused).count(), 99);
    }
}

#[tokio::test]
async fn who_drives_a_run_itself_claims_it_with_the_same_commit() {
    let (_folder, store) = scratch();
    let rules = Rules {
        claim: true,
        ..OPEN
    };
    let alone = |task: &str| Run {
        concurrency: Some(1),
        ..new_run(task)
    };
    let (first, second) = (alone("one"), alone("one"));
    for (run, state, admitted) in [
        (first, RunState::Building, Admission::Claimed),
        (second, RunState::Queued, Admission::Queued),
    ] {
        assert_eq!(store.admit(&run, &rules).await.unwrap(), admitted);
        assert_eq!(store.run(run.id).await.unwrap().state, state);
    }
}

#[tokio::test]
async fn a_key_is_for_one_request_and_one_day() {
    let (_folder, store) = scratch();
    let with = |text: &str| Rules {
        key: Some(RequestKey {
            key: "k".into(),
            request: Digest::of(text.as_bytes()),
        }),
        ..OPEN
    };
    let first = new_run("t");
    assert_eq!(
        store.admit(&first, &with("a")).await.unwrap(),
        Admission::Queued
    );
    let taken = store.admit(&new_run("t"), &with("b")).await.unwrap();
    assert_eq!(taken, Admission::KeyTaken(first.id));
    let other_task = store.admit(&new_run("u"), &with("b")).await.unwrap();
    assert_eq!(other_task, Admission::Queued);
    let tomorrow = Run {
        created_at: at(86_401),
        ..new_run("t")
    };
    let again = store.admit(&tomorrow, &with("b")).await.unwrap();
    assert_eq!(again, Admission::Queued);
}

#[tokio::test]
async fn replace_ends_who_waits_and_asks_who_runs() {
    let (_folder, store) = scratch();
    let (running, waiting) = (saved(&store, "t").await, saved(&store, "t").await);
    assert_eq!(
        store.claim(running.id, None, at(1)).await.unwrap(),
        Claim::Taken
    );
    let new = Run {
        concurrency: Some(1),
        ..new_run("t")
    };
    let admitted = store.admit(&new, &rules(Overlap::Replace)).await.unwrap();
    assert_eq!(admitted, Admission::Queued);
    let running = store.run(running.id).await.unwrap();
    assert_eq!(running.state, RunState::Building);
    assert!(running.cancel_requested_at.is_some());
    let waiting = store.run(waiting.id).await.unwrap();
    assert_eq!(waiting.outcome, Some(Outcome::Cancelled));
    assert_eq!(
        store.claim(new.id, None, at(1)).await.unwrap(),
        Claim::TaskBusy
    );
    end(&store, running.id, Outcome::Cancelled).await;
    assert_eq!(
        store.claim(new.id, None, at(1)).await.unwrap(),
        Claim::Taken
    );
}

#[tokio::test]
async fn a_full_queue_refuses() {
    let (_folder, store) = scratch();
    let rules = Rules {
        queue_limit: 2,
        ..OPEN
    };
    for expected in [Admission::Queued, Admission::Queued, Admission::Full(2)] {
        let admitted = store.admit(&new_run("t"), &rules).await.unwrap();
        assert_eq!(admitted, expected);
    }
}

#[tokio::test]
async fn a_flood_for_one_task_leaves_room_for_others() {
    let (_folder, store) = scratch();
    let rules = Rules {
        queue_limit: 4,
        task_limit: 2,
        ..OPEN
    };
    let full = Admission::TaskFull(2);
    for expected in [Admission::Queued, Admission::Queued, full.clone(), full] {
        let admitted = store.admit(&new_run("flooded"), &rules).await.unwrap();
        assert_eq!(admitted, expected);
    }
    for expected in [Admission::Queued, Admission::Queued, Admission::Full(4)] {
        let admitted = store.admit(&new_run("quiet"), &rules).await.unwrap();
        assert_eq!(admitted, expected);
    }
}

#[tokio::test]
async fn memory_is_shared_out_and_a_giant_runs_alone() {
    let (_folder, store) = scratch();
    let room = Room {
        slots: 10,
        memory: 1 << 30,
    };
    let with = |task: &str, memory: u64, priority| Run {
        limits: Limits {
            memory: crate::domain::size::Bytes(memory),
            ..Limits::default()
        },
        priority,
        ..new_run(task)
    };
    let giant = with("giant", 4 << 30, 1);
    let small: Vec<Run> = (0..3)
        .map(|n| with(&format!("s{n}"), 400 << 20, 0))
        .collect();
    for run in small.iter().chain([&giant]) {
        store.insert_run(run).await.unwrap();
    }
    assert_eq!(claim_all(&store, room, at(1)).await, [giant.id]);
    end(&store, giant.id, Outcome::Succeeded).await;
    assert_eq!(
        claim_all(&store, room, at(1)).await,
        [small[0].id, small[1].id]
    );
}

#[tokio::test]
async fn a_run_that_is_tried_again_waits_and_keeps_its_history() {
    let (_folder, store) = scratch();
    let run = saved(&store, "t").await;
    let attempt = new_attempt(run.id, 1);
    store.claim(run.id, None, at(0)).await.unwrap();
    let ended = Ended {
        exit_code: Some(3),
        ..Ended::because(Outcome::Failed, "boom")
    };
    assert!(store.retry(&attempt, &ended, at(60)).await.unwrap());
    let waiting = store.run(run.id).await.unwrap();
    assert_eq!(
        (waiting.state, waiting.outcome, waiting.not_before),
        (RunState::Queued, None, Some(at(60)))
    );
    let kept = store.attempts(run.id).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (
            kept[0].outcome,
            kept[0].exit_code,
            kept[0].reason.as_deref()
        ),
        (Some(Outcome::Failed), Some(3), Some("boom"))
    );
    assert_eq!(store.queue_wakes(at(0)).await.unwrap(), Some(at(60)));
    assert_eq!(store.queue_heads(at(59)).await.unwrap(), []);
    assert_eq!(
        store.claim(run.id, None, at(59)).await.unwrap(),
        Claim::Gone
    );
    assert_eq!(store.queue_heads(at(60)).await.unwrap(), [run.id]);
    // While it waits, a cancel is its end.
    assert!(store.request_cancel(run.id, at(30)).await.unwrap());
    let over = store.run(run.id).await.unwrap();
    assert_eq!(over.outcome, Some(Outcome::Cancelled));
    assert!(!store.retry(&attempt, &ended, at(60)).await.unwrap());
}

#[tokio::test]
async fn ten_thousand_that_wait_are_cheap_to_look_at() {
    let (_folder, store) = scratch();
    let all = (0..10_000).map(|n| new_run(&format!("t{}", n % 3)));
    let all: Vec<Run> = all.collect();
    for part in all.chunks(64) {
        let saved = part.iter().map(|run| store.insert_run(run));
        futures::future::join_all(saved).await;
    }
    let plan = store.read(|db| {
        let mut explain = db.prepare(&format!(
            "EXPLAIN QUERY PLAN {}",
            crate::store::queue::HEADS
        ))?;
        let lines = explain.query_map([0], |row| row.get::<_, String>("detail"))?;
        Ok(lines.collect::<Result<Vec<_>, _>>()?)
    });
    for line in plan.await.unwrap() {
        let table = line.contains("runs") || line.contains("head");
        let by_index = line.starts_with("SEARCH") || line.contains("COVERING INDEX");
        assert!(!table || by_index, "{line}");
    }
    assert_eq!(store.queue_heads(at(1)).await.unwrap().len(), 3);
}

/// What the queue should do, in a few lines.
#[derive(Debug, Default)]
struct Model {
    queued: Vec<(i32, RunId, String)>,
    active: BTreeMap<String, usize>,
}

impl Model {
    fn next(&self, slots: usize, concurrency: &BTreeMap<String, usize>) -> Vec<RunId> {
        let (mut model, mut taken) = (
            Self {
                queued: self.queued.clone(),
                active: self.active.clone(),
            },
            Vec::new(),
        );
        model
            .queued
            .sort_by_key(|(priority, id, _)| (-priority, *id));
        loop {
            let mut heads: Vec<(i32, RunId, String)> = Vec::new();
            for run in &model.queued {
                if !heads.iter().any(|head| head.2 == run.2) {
                    heads.push(run.clone());
                }
            }
            let active = |model: &Self, task: &str| model.active.get(task).copied().unwrap_or(0);
            heads.sort_by_key(|(priority, id, task)| (-priority, active(&model, task), *id));
            let before = taken.len();
            for (_, id, task) in heads {
                if model.active.values().sum::<usize>() >= slots {
                    return taken;
                }
                if active(&model, &task) < concurrency[&task] {
                    *model.active.entry(task).or_default() += 1;
                    model.queued.retain(|run| run.1 != id);
                    taken.push(id);
                }
            }
            if taken.len() == before {
                return taken;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_order_is_that_of_the_model(
        runs in proptest::collection::vec((0usize..4, -1i32..2), 1..24),
        most in proptest::collection::vec(1usize..4, 4),
        slots in 1usize..12,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (_folder, store) = scratch();
            let concurrency: BTreeMap<String, usize> =
                most.iter().enumerate().map(|(n, most)| (format!("t{n}"), *most)).collect();
            let mut model = Model::default();
            for (task, priority) in runs {
                let task = format!("t{task}");
                let run = Run {
                    priority,
                    concurrency: Some(concurrency[&task] as u32),
                    ..new_run(&task)
                };
                store.insert_run(&run).await.unwrap();
                model.queued.push((priority, run.id, task));
            }
            let expected = model.next(slots, &concurrency);
            let room = Room { slots: slots as u32, memory: u64::MAX };
            assert_eq!(claim_all(&store, room, at(1)).await, expected);
        });
    }
}

#[tokio::test]
async fn whoever_is_roomy_takes_all() {
    let (_folder, store) = scratch();
    let mut runs = Vec::new();
    for task in ["b", "a", "b"] {
        runs.push(saved(&store, task).await.id);
    }
    assert_eq!(claim_all(&store, ROOMY, at(1)).await.len(), 3);
}
