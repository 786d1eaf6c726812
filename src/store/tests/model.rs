//! The state machine: whatever is asked of a run, in any order and from two
//! handles, it does what a dozen lines of plain Rust say.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
enum Act {
    Advance(RunState),
    Start,
    Cancel,
    Intend(Outcome),
    FinishRun(Outcome),
    FinishAttempt(Outcome),
}

fn act() -> impl Strategy<Value = Act> {
    let state = || proptest::sample::select(&RunState::ALL[1..5]);
    let outcome = || proptest::sample::select(Outcome::ALL);
    prop_oneof![
        6 => state().prop_map(Act::Advance),
        2 => Just(Act::Start),
        1 => Just(Act::Cancel),
        1 => outcome().prop_map(Act::Intend),
        1 => outcome().prop_map(Act::FinishRun),
        1 => outcome().prop_map(Act::FinishAttempt),
    ]
}

/// What a run should be.
#[derive(Debug, PartialEq)]
struct Model {
    state: RunState,
    outcome: Option<Outcome>,
    intent: Option<Outcome>,
    cancelled: bool,
    started: bool,
    events: Vec<&'static str>,
}

impl Model {
    fn may(&mut self, to: RunState) -> bool {
        let may = self.state.may_become(to);
        if may {
            self.state = to;
            self.events.extend(match to {
                RunState::Building => Some("run.building"),
                RunState::Starting => Some("run.starting"),
                RunState::Stopping => Some("run.stopping"),
                _ => None,
            });
        }
        may
    }

    /// Does the act and tells whether it should have worked.
    fn apply(&mut self, act: Act) -> bool {
        match act {
            Act::Advance(to) => self.may(to),
            Act::Start => {
                let may = self.may(RunState::Running);
                self.started |= may;
                if may {
                    self.events.push("run.started");
                }
                may
            }
            Act::Cancel => {
                let live = self.outcome.is_none();
                self.cancelled |= live;
                live
            }
            Act::Intend(intent) => {
                self.outcome.is_none() && *self.intent.get_or_insert(intent) == intent
            }
            Act::FinishRun(outcome) | Act::FinishAttempt(outcome) => {
                let may = self.may(RunState::Finished);
                if may {
                    self.outcome = Some(outcome);
                    self.events.push("run.finished");
                }
                may
            }
        }
    }
}

async fn apply(store: &Store, id: AttemptId, act: Act) -> bool {
    match act {
        Act::Advance(to) => store.advance(id.run, to).await.unwrap(),
        Act::Start => store
            .set_attempt_started(id, at(2), &Measurements::default())
            .await
            .unwrap(),
        Act::Cancel => store.request_cancel(id.run, at(3)).await.unwrap(),
        Act::Intend(intent) => store.set_intent(id, intent).await.unwrap(),
        Act::FinishRun(outcome) => end(store, id.run, outcome).await,
        Act::FinishAttempt(outcome) => end(store, id, outcome).await,
    }
}

async fn observe(store: &Store, id: AttemptId) -> Model {
    let (run, attempt) = (
        store.run(id.run).await.unwrap(),
        store.attempt(id).await.unwrap(),
    );
    assert_eq!(
        attempt.outcome, run.outcome,
        "the attempt ends with its run"
    );
    assert_eq!(attempt.started_at, run.started_at);
    assert_eq!(attempt.finished_at, run.finished_at);
    let events = store.events(0, u32::MAX).await.unwrap();
    let kinds = [
        "run.queued",
        "run.building",
        "run.starting",
        "run.started",
        "run.stopping",
        "run.finished",
    ];
    let events = events.iter().filter(|event| event.run == Some(run.id));
    Model {
        state: run.state,
        outcome: run.outcome,
        intent: attempt.intent,
        cancelled: run.cancel_requested_at.is_some(),
        started: run.started_at.is_some(),
        events: events
            .map(|event| *kinds.iter().find(|kind| **kind == event.kind).unwrap())
            .collect(),
    }
}

#[test]
fn a_run_does_what_the_model_says() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (folder, store) = scratch();
    let other = Store::open(&folder.path().join("data/runbay.db")).unwrap();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(48)
    };
    proptest!(config, |(acts in proptest::collection::vec((any::<bool>(), act()), 1..16))| {
        runtime.block_on(async {
            let run = saved(&store, "model").await;
            let attempt = new_attempt(run.id, 1);
            store.insert_attempt(&attempt).await.unwrap();
            let mut model = Model {
                state: RunState::Queued,
                outcome: None,
                intent: None,
                cancelled: false,
                started: false,
                events: vec!["run.queued"],
            };
            for (here, act) in acts {
                // Half of the acts come from another handle of the same file.
                let did = apply(if here { &store } else { &other }, attempt.id, act).await;
                assert_eq!(did, model.apply(act), "{act:?}");
            }
            assert_eq!(observe(&store, attempt.id).await, model);
        });
    });
}

#[tokio::test]
async fn finishing_twice_changes_nothing() {
    let (_folder, store) = scratch();
    let run = saved(&store, "once").await;
    assert!(end(&store, run.id, Outcome::BuildFailed).await);
    let before = dump(&store).await;
    assert!(!end(&store, run.id, Outcome::Succeeded).await);
    assert!(!store.request_cancel(run.id, at(99)).await.unwrap());
    assert!(!store.advance(run.id, RunState::Running).await.unwrap());
    assert_eq!(dump(&store).await, before);
}

#[tokio::test]
async fn an_end_closes_every_attempt_and_measures_one() {
    let (_folder, store) = scratch();
    let run = saved(&store, "twice").await;
    for number in 1..=2 {
        store
            .insert_attempt(&new_attempt(run.id, number))
            .await
            .unwrap();
    }
    let measurements = Measurements {
        queue_ms: Some(1.0),
        ..Measurements::default()
    };
    let ended = Ended::because(Outcome::Lost, "gone");
    assert!(
        store
            .finish(run.id, &ended, &measurements, &[], at(9))
            .await
            .unwrap()
    );
    let attempts = store.attempts(run.id).await.unwrap();
    assert!(attempts.iter().all(|a| a.outcome == Some(Outcome::Lost)));
    assert_eq!(attempts[0].measurements, Measurements::default());
    assert_eq!(attempts[1].measurements, measurements);
}

#[tokio::test]
async fn of_many_who_claim_a_run_one_gets_it() {
    let (folder, store) = scratch();
    let other = Store::open(&folder.path().join("data/runbay.db")).unwrap();
    let run = saved(&store, "claimed").await;
    let claims = (0..40).map(|n| {
        let store = if n % 2 == 0 {
            store.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move { store.advance(run.id, RunState::Building).await.unwrap() })
    });
    let won = futures::future::join_all(claims).await;
    assert_eq!(
        won.into_iter().filter(|won| *won.as_ref().unwrap()).count(),
        1
    );
}

#[tokio::test]
async fn a_change_that_fails_does_not_take_its_neighbours_along() {
    let (_folder, store) = scratch();
    let good: Vec<Run> = (0..50).map(|_| new_run("group")).collect();
    let work = good.iter().enumerate().map(|(n, run)| {
        let store = store.clone();
        async move {
            // Every second save is of a run that is there already by then.
            store.insert_run(run).await.unwrap();
            let again = store.insert_run(run).await;
            assert!(
                matches!(again, Err(StoreError::Conflict(_))),
                "{n}: {again:?}"
            );
        }
    });
    let half = (0..50).map(|n| {
        store.write(move |db| {
            db.execute("INSERT INTO tasks (name) VALUES (?1)", [n])?;
            Err::<(), _>(StoreError::Closed)
        })
    });
    let (_, half) = tokio::join!(
        futures::future::join_all(work),
        futures::future::join_all(half)
    );
    assert!(half.iter().all(Result::is_err));
    assert!(!dump(&store).await.contains("\ntasks"), "undone as a whole");
    assert_eq!(store.active_runs().await.unwrap().len(), good.len());
    assert_eq!(store.events(0, 1000).await.unwrap().len(), good.len());
}

#[tokio::test]
async fn what_is_not_there_is_an_error_that_names_it() {
    let (_folder, store) = scratch();
    let id = AttemptId {
        run: RunId::new(),
        number: 3,
    };
    let errors = [
        store.run(id.run).await.unwrap_err(),
        store.attempt(id).await.unwrap_err(),
        store.advance(id.run, RunState::Building).await.unwrap_err(),
        store.cancel_requested(id.run).await.unwrap_err(),
        store.set_intent(id, Outcome::Lost).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, StoreError::NotFound { .. }), "{error:?}");
        assert!(error.to_string().contains(&id.run.to_string()), "{error}");
    }
    let orphan = store.insert_attempt(&new_attempt(id.run, 1)).await;
    assert!(matches!(orphan, Err(StoreError::Conflict(_))), "{orphan:?}");
    let unexplained = store
        .advance(saved(&store, "t").await.id, RunState::Finished)
        .await;
    assert!(matches!(unexplained, Err(StoreError::Conflict(_))));
}
