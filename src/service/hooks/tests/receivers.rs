//! Receivers that refuse, ask for a pause, are away, lead elsewhere, or hang.

use super::*;
use axum::body::Body;
use std::collections::BTreeSet;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test]
async fn what_is_refused_is_tried_twelve_times_and_can_be_sent_again() {
    let (mut world, receiver) = (world(), Receiver::new().await);
    world.hook("ops", to(&receiver)).await;
    let canary = "c4nary-that-comes-back-55e1";
    world.secret("TOKEN", canary).await;
    receiver.says(move |_| {
        let echo = format!("no such room\r\n\u{1b}[2J{canary} {}", "x".repeat(5000));
        (StatusCode::UNPROCESSABLE_ENTITY, echo).into_response()
    });
    world.ends("one", Outcome::Failed, "").await;
    world.listen().await;
    for _ in 0..20 {
        world.later(TimeDelta::hours(2)).await;
    }
    let [dead] = &world.log("ops").await[..] else {
        panic!()
    };
    assert_eq!(
        (dead.state, dead.tries, dead.status),
        (DeliveryState::Dead, 12, Some(422))
    );
    let name = "ops".parse().unwrap();
    let shown = delivery(&world.app, &name, &dead.id).await.unwrap();
    assert_eq!(shown.history.len(), 12);
    for (one, before) in shown.history.iter().zip(&shown.history[1..]) {
        assert!(one.at > before.at, "newest first");
        assert_eq!(one.status, Some(422));
        assert!(one.problem.as_ref().unwrap().contains("422"), "{one:?}");
        let answer = one.answer.as_ref().unwrap();
        assert!(answer.starts_with("no such room [2J*** xxx"), "{answer}");
        assert!(answer.chars().count() <= 200, "{answer}");
    }
    let ids: BTreeSet<String> = receiver.heard().iter().map(Heard::id).collect();
    assert_eq!((receiver.heard().len(), ids.len()), (12, 1));
    assert_eq!(world.at("ops").await.dead, 1);
    receiver.answers(204);
    assert_eq!(
        redeliver(&world.app, &Actor::local(), &name, None)
            .await
            .unwrap(),
        1
    );
    world.later(TimeDelta::zero()).await;
    assert_eq!(world.log("ops").await[0].state, DeliveryState::Delivered);
    let unknown = redeliver(&world.app, &Actor::local(), &name, Some("msg_x".into())).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))));
    // Whoever says 410 is not asked again.
    receiver.answers(410);
    world.ends("two", Outcome::Failed, "").await;
    world.listen().await;
    world.later(TimeDelta::zero()).await;
    assert_eq!(world.log("ops").await[0].state, DeliveryState::Dead);
}

#[tokio::test]
async fn a_receiver_that_asks_for_a_pause_gets_it() {
    let (mut world, receiver) = (world(), Receiver::new().await);
    world.hook("ops", to(&receiver)).await;
    receiver.says(|_| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "600")]).into_response());
    world.ends("one", Outcome::Failed, "").await;
    world.ends("two", Outcome::Failed, "").await;
    world.listen().await;
    world.send().await;
    let asked = receiver.heard().len();
    assert!(asked <= 2);
    receiver.answers(200);
    world.later(TimeDelta::seconds(500)).await;
    assert_eq!(receiver.heard().len(), asked);
    world.later(TimeDelta::seconds(120)).await;
    assert_eq!(receiver.heard().len(), asked + 2);
}

/// Many events to a receiver that is down and comes back: each arrives, none is
/// given up meanwhile, those of a task arrive in their order, and hardly anything
/// is sent into the void.
#[tokio::test]
async fn a_receiver_that_was_away_gets_everything_in_order() {
    let count: usize = std::env::var("RUNBAY_TESTS_EVENTS").map_or(300, |n| n.parse().unwrap());
    let (mut world, receiver) = (world(), Receiver::new().await);
    let spec = HookSpec {
        every_failure: true,
        ..to(&receiver)
    };
    world.hook("ops", spec).await;
    receiver.answers(503);
    for n in 0..count {
        let task = ["one", "two", "gone-a", "gone-b"][n % 4];
        world.ends(task, Outcome::Failed, &n.to_string()).await;
    }
    world.listen().await;
    let begun = world.now;
    while world.now - begun < TimeDelta::hours(1) {
        world.later(TimeDelta::seconds(20)).await;
    }
    let into_the_void = receiver.heard().len();
    assert!(into_the_void < 40, "{into_the_void} tries");
    assert_eq!(world.at("ops").await.waiting, count as u64);
    receiver.answers(200);
    world.later(TimeDelta::minutes(13)).await;
    let heard = receiver.heard().split_off(into_the_void);
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for heard in &heard {
        let data = heard.json()["data"].clone();
        let n: usize = data["reason"].as_str().unwrap().parse().unwrap();
        let task = data["task"].as_str().unwrap().to_owned();
        if let Some(before) = last.insert(task, n) {
            assert!(before < n, "{before} before {n}");
        }
        assert!(ids.insert(heard.id()));
    }
    assert_eq!(ids.len(), count);
    assert_eq!(world.at("ops").await.waiting, 0);
}

#[tokio::test]
async fn nothing_follows_a_redirect_or_reads_without_end() {
    let (mut world, receiver, inside) = (world(), Receiver::new().await, Receiver::new().await);
    world.hook("ops", to(&receiver)).await;
    let name = "ops".parse().unwrap();
    for status in [301, 302, 303, 307, 308] {
        for target in [&inside.url, "http://169.254.169.254/latest/meta-data/"] {
            let target = target.to_owned();
            let status = StatusCode::from_u16(status).unwrap();
            receiver.says(move |_| (status, [("location", target.clone())]).into_response());
            let tried = test(&world.app, &Actor::local(), &name).await.unwrap();
            assert_eq!((tried.taken, tried.status), (false, Some(status.as_u16())));
            let told = tried.problem.unwrap();
            assert!(
                told.contains("redirects are not followed") && !told.contains("169"),
                "{told}"
            );
        }
    }
    assert!(inside.heard().is_empty());
    assert_eq!(receiver.heard().len(), 10);
    // An answer without an end is cut, and its status stands.
    receiver.says(|_| {
        let chunk = || Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 16 * 1024]));
        let endless = futures::stream::repeat_with(chunk);
        Response::new(Body::from_stream(endless))
    });
    let tried = test(&world.app, &Actor::local(), &name).await.unwrap();
    assert!(tried.taken && tried.took_ms < 5_000, "{tried:?}");
    world.ends("one", Outcome::Failed, "").await;
    world.listen().await;
    world.send().await;
    assert_eq!(world.log("ops").await[0].state, DeliveryState::Delivered);
}

/// Says this to whoever comes, and then nothing more, or a byte now and then, for
/// ever.
async fn hangs(says: &'static str, drips: bool) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut asked = Vec::new();
                while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                    stream.read_buf(&mut asked).await.ok().filter(|n| *n > 0)?;
                }
                stream.write_all(says.as_bytes()).await.ok()?;
                let mut ticks = tokio::time::interval(std::time::Duration::from_millis(50));
                loop {
                    ticks.tick().await;
                    if drips {
                        stream.write_all(b"x").await.ok()?;
                    }
                }
                #[expect(unreachable_code, reason = "the type of a block that ends by `?`")]
                Some(())
            });
        }
    });
    url
}

/// Five events of each of two tasks.
async fn ten_events(world: &mut World) {
    for n in 0..5 {
        for task in ["one", "two"] {
            world.ends(task, Outcome::Failed, &n.to_string()).await;
        }
    }
    world.listen().await;
}

fn in_order(heard: &[Heard], task: &str) {
    let of = heard
        .iter()
        .map(Heard::json)
        .filter(|body| body["data"]["task"] == task);
    let told: Vec<Value> = of.map(|body| body["data"]["reason"].clone()).collect();
    assert_eq!(told, ["0", "1", "2", "3", "4"], "{task}");
}

/// What is noted of the first try of each of those who hang.
async fn each_has_its_verdict(world: &World) {
    for (name, status, problem) in [
        ("a-silent", None, Some("no answer within 10 seconds")),
        ("b-drips", None, Some("no answer within 10 seconds")),
        (
            "c-half",
            Some(503),
            Some("it answers “503 Service Unavailable”"),
        ),
        ("d-taken", Some(200), None),
    ] {
        let log = world.log(name).await;
        let first = log.last().unwrap();
        assert_eq!(
            (first.status, first.problem.as_deref()),
            (status, problem),
            "{name}"
        );
        let shown = delivery(&world.app, &name.parse().unwrap(), &first.id)
            .await
            .unwrap();
        let [one] = &shown.history[..] else {
            panic!("{name}: {shown:?}")
        };
        assert_eq!(one.status, status);
        let answer = (name == "c-half").then_some("not today");
        assert!(
            name == "d-taken" || one.answer.as_deref() == answer,
            "{one:?}"
        );
    }
}

/// Everything is told to one who listens while others have not answered yet; and
/// those are not waited for without end.
#[tokio::test]
async fn receivers_that_hang_hold_up_nobody_else() {
    let (mut world, well) = (world(), Receiver::new().await);
    let all = |url: &str| HookSpec {
        every_failure: true,
        url: Some(url.to_owned()),
        ..HookSpec::new(HookKind::Standard)
    };
    let half = "HTTP/1.1 503 No\r\ncontent-length: 100\r\n\r\nnot today";
    let taken = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
    for (name, says, drips) in [
        ("a-silent", "", false),
        ("b-drips", "HTTP/1.1 200 OK\r\nx-long: ", true),
        ("c-half", half, false),
        ("d-taken", taken, true),
    ] {
        world.hook(name, all(&hangs(says, drips).await)).await;
    }
    world.hook("well", all(&well.url)).await;
    ten_events(&mut world).await;
    let (mut sending, now) = (Sending::default(), Utc::now());
    while well.heard().len() < 10 {
        sending.begin(&world.app, now).await.unwrap();
        sending.ended().await.unwrap().unwrap();
    }
    in_order(&well.heard(), "one");
    in_order(&well.heard(), "two");
    for name in ["a-silent", "b-drips"] {
        assert!(
            world.log(name).await.iter().all(|one| one.tries == 0),
            "{name}"
        );
    }
    while let Some(tried) = sending.ended().await {
        tried.unwrap();
    }
    each_has_its_verdict(&world).await;
    assert_eq!(world.at("a-silent").await.failures, 2, "once for each task");
}

/// A receiver that hangs at what one task has to tell hears of the others.
#[tokio::test]
async fn one_lane_that_hangs_holds_up_no_other() {
    let (mut world, receiver) = (world(), Receiver::new().await);
    receiver.says(|heard| match heard.json()["data"]["task"] == "one" {
        true => [(HANGS, "1")].into_response(),
        false => StatusCode::OK.into_response(),
    });
    let spec = HookSpec {
        every_failure: true,
        ..to(&receiver)
    };
    world.hook("ops", spec).await;
    ten_events(&mut world).await;
    let (mut sending, now) = (Sending::default(), Utc::now());
    let of_two = || {
        let heard = receiver.heard();
        heard
            .iter()
            .filter(|heard| heard.json()["data"]["task"] == "two")
            .count()
    };
    while of_two() < 5 {
        sending.begin(&world.app, now).await.unwrap();
        sending.ended().await.unwrap().unwrap();
    }
    in_order(&receiver.heard(), "two");
    let log = world.log("ops").await;
    let one = log
        .iter()
        .filter(|delivery| delivery.task == Some("one".parse().unwrap()));
    assert!(one.clone().count() == 5 && one.clone().all(|delivery| delivery.tries == 0));
}

/// Of a delivery that is tried for days the last tries are kept.
#[tokio::test]
async fn the_tries_of_a_delivery_are_bounded() {
    let (mut world, receiver) = (world(), Receiver::new().await);
    world.hook("ops", to(&receiver)).await;
    world.ends("one", Outcome::Failed, "").await;
    world.listen().await;
    let hook = world.at("ops").await;
    let known = world.log("ops").await.remove(0);
    for n in 0..60 {
        let how = crate::domain::hook::Try {
            at: Utc::now(),
            took_ms: n,
            status: None,
            problem: None,
            answer: None,
        };
        let tried = crate::store::Tried {
            hook: hook.id,
            seq: known.seq,
            state: DeliveryState::Waiting,
            refused: false,
            unwell: true,
            next_at: Utc::now(),
            how,
        };
        assert_eq!(
            u64::from(world.app.store.tried(tried).await.unwrap()),
            n + 1
        );
    }
    let shown = delivery(&world.app, &hook.name, &known.id).await.unwrap();
    let took: Vec<u64> = shown.history.iter().map(|one| one.took_ms).collect();
    assert_eq!(took, (10..60).rev().collect::<Vec<_>>());
    assert_eq!(shown.delivery.tries, 60);
    let gone = delivery(&world.app, &hook.name, "msg_x").await.unwrap_err();
    assert!(gone.to_string().contains("runbay hook log ops"), "{gone}");
}

#[tokio::test]
async fn pings_have_the_paths_of_healthchecks() {
    let (mut world, receiver) = (world(), Receiver::new().await);
    let spec = HookSpec {
        url: Some(receiver.url.clone()),
        ..HookSpec::new(HookKind::Healthchecks)
    };
    world.hook("check", spec).await;
    world.ends("one", Outcome::Succeeded, "").await;
    let run = world.ends("one", Outcome::Failed, "").await;
    world.listen().await;
    world.send().await;
    let paths: Vec<String> = receiver
        .heard()
        .iter()
        .map(|h| h.uri.path().to_owned())
        .collect();
    assert_eq!(paths, ["/in", "/in/3"]);
    let query = receiver.heard()[1].uri.query().unwrap().to_owned();
    assert_eq!(query, format!("rid={}", run.uuid().hyphenated()));
}
