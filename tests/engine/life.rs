//! Creating, starting, ending, looking, removing.

use crate::support::{bench, eventually, text, until, within};
use runbay::domain::ids::{ContainerId, ImageId};
use runbay::engine::{EngineError, Role, Status, Tmpfs};
use std::time::{Duration, Instant};

const MISSING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// There is no AutoRemove: the exit code is there until we remove it.
#[tokio::test]
async fn v8_the_exit_code_stays_until_the_container_is_removed() {
    bench(async |bench| {
        let (id, code, _) = bench.run(&bench.python("raise SystemExit(7)")).await;
        assert_eq!(code, 7);
        let container = bench.engine.inspect(&id).await.unwrap().unwrap();
        assert_eq!((container.status, container.exit_code), (Status::Exited, 7));
        let took = container.finished_at.unwrap() - container.started_at.unwrap();
        assert!(took.num_seconds().abs() < 60);
        assert_eq!(bench.engine.exited(&id).await.unwrap(), 7);
        bench.engine.remove(&id).await.unwrap();
        assert!(bench.engine.inspect(&id).await.unwrap().is_none());
        bench.engine.remove(&id).await.unwrap();
        assert!(matches!(
            bench.engine.exited(&id).await,
            Err(EngineError::NotFound { .. })
        ));
    })
    .await;
}

/// Which is why nobody may start a container whose `started_at` is set.
#[tokio::test]
async fn v9_start_on_an_exited_container_runs_it_again() {
    bench(async |bench| {
        let id = bench.create(&bench.python("print('ran')")).await;
        let fresh = bench.engine.inspect(&id).await.unwrap().unwrap();
        assert_eq!((fresh.status, fresh.started_at), (Status::Created, None));
        for times in 1..=2 {
            let mut output = bench.engine.attach(&id).await.unwrap().output;
            bench.engine.start(&id).await.unwrap();
            assert_eq!(text(&mut output).await.unwrap(), "ran\n");
            bench.engine.exited(&id).await.unwrap();
            let all = text(&mut bench.engine.logs(&id, false)).await.unwrap();
            assert_eq!(all.lines().count(), times);
        }
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn v9_start_on_a_running_container_changes_nothing() {
    bench(async |bench| {
        let id = bench
            .create(&bench.python("import time; time.sleep(600)"))
            .await;
        bench.engine.start(&id).await.unwrap();
        let before = bench.engine.inspect(&id).await.unwrap().unwrap();
        bench.engine.start(&id).await.unwrap();
        let after = bench.engine.inspect(&id).await.unwrap().unwrap();
        assert_eq!(before, after);
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn v9_a_name_is_given_once() {
    bench(async |bench| {
        let name = bench.name("twice");
        let spec = bench.python("");
        let id = bench.engine.create(&name, &spec).await.unwrap();
        let error = bench.engine.create(&name, &spec).await.unwrap_err();
        assert!(
            matches!(&error, EngineError::NameTaken { name: n } if *n == name),
            "{error:?}"
        );
        let by_name = bench.engine.inspect(&ContainerId(name.clone())).await;
        assert_eq!(by_name.unwrap().unwrap().id, id);
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_image_that_is_gone_is_told_apart_from_all_else() {
    bench(async |bench| {
        let mut spec = bench.python("");
        spec.image = ImageId(format!("sha256:{MISSING}"));
        let error = bench.engine.create("never", &spec).await.unwrap_err();
        assert!(matches!(error, EngineError::ImageGone { .. }), "{error:?}");
    })
    .await;
}

/// The trap under it: for a container that never ran, the engine answers a wait
/// at once, and with 0.
#[tokio::test]
async fn exited_waits_for_a_container_that_is_not_started_yet() {
    bench(async |bench| {
        let id = bench.create(&bench.python("raise SystemExit(3)")).await;
        let mut exited = Box::pin(bench.engine.exited(&id));
        let early = tokio::time::timeout(Duration::from_secs(2), &mut exited).await;
        assert!(early.is_err(), "{early:?}");
        bench.engine.start(&id).await.unwrap();
        assert_eq!(within(exited).await.unwrap(), 3);
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn exited_never_misses_a_short_script() {
    bench(async |bench| {
        for _ in 0..5 {
            let id = bench.create(&bench.spec(Role::Run, &["true"])).await;
            let exited = tokio::spawn(bench.engine.exited(&id));
            bench.engine.start(&id).await.unwrap();
            assert_eq!(within(exited).await.unwrap().unwrap(), 0);
            bench.engine.remove(&id).await.unwrap();
        }
    })
    .await;
}

/// With an init, a missing command is not a refusal but an exit.
#[tokio::test]
async fn a_missing_command_exits_with_127() {
    bench(async |bench| {
        let (id, code, output) = bench
            .run(&bench.spec(Role::Run, &["no-such-command"]))
            .await;
        assert_eq!(code, 127, "{output}");
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_started_is_refused_with_the_reason() {
    bench(async |bench| {
        let mut spec = bench.python("");
        // Nothing can be mounted on a file but a file.
        spec.tmpfs = vec![Tmpfs {
            path: "/etc/passwd".to_owned(),
            size: 1 << 20,
            mode: 0o755,
            uid: 0,
            gid: 0,
            exec: false,
        }];
        let id = bench.create(&spec).await;
        let mut output = bench.engine.attach(&id).await.unwrap().output;
        let error = bench.engine.start(&id).await.unwrap_err();
        assert!(
            matches!(&error, EngineError::StartRefused(why) if why.contains("/etc/passwd")),
            "{error:?}"
        );
        assert_eq!(text(&mut output).await.unwrap(), "");
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn stop_is_a_request_first() {
    bench(async |bench| {
        let id = bench
            .create(&bench.python(
                "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\nprint('ready', flush=True)\ntime.sleep(600)",
            ))
            .await;
        let mut output = bench.engine.attach(&id).await.unwrap().output;
        bench.engine.start(&id).await.unwrap();
        until(&mut output, "ready").await;
        bench.engine.stop(&id, Duration::from_secs(60)).await.unwrap();
        assert_eq!(bench.engine.exited(&id).await.unwrap(), 5);
        bench.engine.stop(&id, Duration::ZERO).await.unwrap();
        bench.engine.kill(&id).await.unwrap();
        bench.engine.remove(&id).await.unwrap();
        bench.engine.stop(&id, Duration::ZERO).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn stop_kills_after_the_grace() {
    bench(async |bench| {
        let id = bench
            .create(&bench.python(
                "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(600)",
            ))
            .await;
        let mut output = bench.engine.attach(&id).await.unwrap().output;
        bench.engine.start(&id).await.unwrap();
        until(&mut output, "ready").await;
        let begun = Instant::now();
        bench.engine.stop(&id, Duration::from_secs(1)).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_secs(1));
        assert_eq!(bench.engine.exited(&id).await.unwrap(), 137);
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_running_container_is_listed_measured_and_removed() {
    bench(async |bench| {
        let id = bench
            .create(&bench.python(
                "x = bytearray(32 << 20)\nprint('ready', flush=True)\nimport time; time.sleep(600)",
            ))
            .await;
        assert_eq!(bench.engine.stats(&id).await.unwrap(), None);
        let mut output = bench.engine.attach(&id).await.unwrap().output;
        bench.engine.start(&id).await.unwrap();
        until(&mut output, "ready").await;
        let usage = bench.engine.stats(&id).await.unwrap().unwrap();
        assert!(usage.memory_bytes > 32 << 20 && usage.memory_bytes < 128 << 20);
        assert!(usage.cpu_ns > 1_000_000 && usage.pids >= 1);
        let listed = bench
            .engine
            .containers(std::slice::from_ref(&bench.label))
            .await
            .unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((&listed[0].id, listed[0].status), (&id, Status::Running));
        assert_eq!(listed[0].labels[&bench.label.0], bench.label.1);
        bench.engine.remove(&id).await.unwrap();
        assert_eq!(bench.engine.stats(&id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_command_in_a_container_tells_its_code_and_output() {
    bench(async |bench| {
        let id = bench
            .create(&bench.python("import time; time.sleep(600)"))
            .await;
        let early = bench.engine.exec(&id, &["true"], "10001").await;
        assert!(
            matches!(early, Err(EngineError::Conflict { .. })),
            "{early:?}"
        );
        bench.engine.start(&id).await.unwrap();
        let argv = ["sh", "-c", "id -u; echo oops >&2; exit 4"];
        let (code, output) = bench.engine.exec(&id, &argv, "10001").await.unwrap();
        let output = String::from_utf8(output).unwrap();
        assert_eq!(code, 4);
        assert!(output.contains("10001\n") && output.contains("oops\n"));
        let flood = ["head", "-c", "200000", "/dev/zero"];
        let (code, output) = bench.engine.exec(&id, &flood, "10001").await.unwrap();
        assert_eq!((code, output.len()), (0, 65536));
        bench.engine.remove(&id).await.unwrap();
        eventually("the container is gone", async || {
            bench.engine.inspect(&id).await.unwrap().is_none()
        })
        .await;
    })
    .await;
}
