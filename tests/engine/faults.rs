//! What a connection that breaks looks like to us.

use crate::support::chaos::ChaosSocket;
use crate::support::{Bench, bench, next, text, until, within};
use runbay::domain::ids::ContainerId;
use runbay::engine::{Attached, Engine, EngineError};

/// An engine behind a proxy, and a container of it that has said `ready` and
/// runs on.
async fn running(bench: &Bench) -> (ChaosSocket, Engine, ContainerId, Attached) {
    let chaos = ChaosSocket::before(bench.engine.address());
    let engine = Engine::connect(Some(&chaos.address())).await.unwrap();
    let spec = bench.python("print('ready', flush=True); import time; time.sleep(600)");
    let id = bench.create(&spec).await;
    let mut attached = engine.attach(&id).await.unwrap();
    engine.start(&id).await.unwrap();
    until(&mut attached.output, "ready").await;
    (chaos, engine, id, attached)
}

fn assert_unavailable<T: std::fmt::Debug>(result: Result<T, EngineError>) {
    match result {
        Err(EngineError::Unavailable { .. }) => {}
        other => panic!("not Unavailable: {other:?}"),
    }
}

#[tokio::test]
async fn output_that_is_cut_off_is_not_output_that_ended() {
    bench(async |bench| {
        let (chaos, engine, id, mut attached) = running(&bench).await;
        chaos.sever();
        assert_unavailable(next(&mut attached.output).await.unwrap());
        assert!(next(&mut attached.output).await.is_none());
        assert_unavailable(engine.inspect(&id).await);
        chaos.restore();
        assert!(engine.inspect(&id).await.unwrap().unwrap().pid > 0);
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn output_that_is_cut_off_for_a_moment_is_not_output_that_ended() {
    bench(async |bench| {
        let (chaos, engine, id, mut attached) = running(&bench).await;
        chaos.sever();
        chaos.restore();
        assert_unavailable(next(&mut attached.output).await.unwrap());
        // The engine's log has what was missed, from the beginning.
        until(&mut engine.logs(&id, true), "ready").await;
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn output_that_is_cut_in_the_middle_is_unavailable_too() {
    bench(async |bench| {
        let chaos = ChaosSocket::before(bench.engine.address());
        let engine = Engine::connect(Some(&chaos.address())).await.unwrap();
        let id = bench.create(&bench.python("print('x' * 99999)")).await;
        chaos.cut("/attach", 50_000);
        let mut output = engine.attach(&id).await.unwrap().output;
        engine.start(&id).await.unwrap();
        assert_unavailable(text(&mut output).await);
        assert_eq!(within(bench.engine.exited(&id)).await.unwrap(), 0);
        // So is a log, whose end HTTP marks.
        chaos.cut("/logs", 50_000);
        assert_unavailable(text(&mut engine.logs(&id, true)).await);
        let whole = text(&mut engine.logs(&id, true)).await.unwrap();
        assert_eq!(whole.len(), 100_000);
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_wait_that_is_cut_off_is_not_an_exit() {
    bench(async |bench| {
        let (chaos, engine, id, _attached) = running(&bench).await;
        let exited = tokio::spawn(engine.exited(&id));
        crate::support::eventually("the wait is sent", async || chaos.requests("/wait") > 0).await;
        chaos.sever();
        assert_unavailable(within(exited).await.unwrap());
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_refused_connection_leaves_the_others_alone() {
    bench(async |bench| {
        let (chaos, engine, id, mut attached) = running(&bench).await;
        chaos.refuse();
        assert_unavailable(engine.inspect(&id).await);
        bench.engine.kill(&id).await.unwrap();
        chaos.restore();
        assert_eq!(text(&mut attached.output).await.unwrap(), "");
        assert_eq!(engine.exited(&id).await.unwrap(), 137);
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_stalls_goes_on_where_it_was() {
    bench(async |bench| {
        let (chaos, engine, id, _attached) = running(&bench).await;
        chaos.stall();
        let looking = tokio::spawn({
            let (engine, id) = (engine.clone(), id.clone());
            async move { engine.inspect(&id).await }
        });
        crate::support::eventually("it was asked", async || {
            chaos.requests(&format!("/containers/{id}/json")) > 0
        })
        .await;
        assert!(!looking.is_finished());
        chaos.restore();
        assert!(within(looking).await.unwrap().unwrap().is_some());
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

/// The answer to a create may be lost though the container was made: its name
/// is how we find out.
#[tokio::test]
async fn a_create_whose_answer_is_lost_is_found_by_its_name() {
    bench(async |bench| {
        let chaos = ChaosSocket::before(bench.engine.address());
        let engine = Engine::connect(Some(&chaos.address())).await.unwrap();
        let name = bench.name("lost");
        chaos.cut("/containers/create", 0);
        assert_unavailable(engine.create(&name, &bench.python("")).await);
        let found = engine.inspect(&ContainerId(name)).await.unwrap().unwrap();
        assert_eq!(found.started_at, None);
        bench.engine.remove(&found.id).await.unwrap();
    })
    .await;
}
