//! Very many who follow one log, and one who does not read.

use super::stage::Stage;
use std::time::Duration;

const FOLLOWERS: usize = 1_000;
const LINES: usize = 2_000;

/// Resident memory of this process, MB: of the service and its clients.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() / 1024
}

/// One connection is two open files here.
fn allow_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let found = getrlimit(Resource::Nofile);
    let limit = Rlimit {
        current: found.maximum,
        ..found
    };
    setrlimit(Resource::Nofile, limit).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_followers_lose_nothing() {
    allow_files();
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let path = format!("/api/v1/runs/{}/log/stream", stage.run);
    let mut script = stage.begin(1).await;
    script.print("first\n");
    let mut followers = Vec::new();
    for n in 0..FOLLOWERS {
        let who = format!("user{}", n / 20);
        let mut reader = server.stream(&path, &[("x-who", &who)]).await;
        assert_eq!(reader.line().await.1, "first");
        followers.push(tokio::spawn(async move {
            for n in 0..LINES {
                let (id, text) = reader.line().await;
                assert_eq!(id, format!("1.{}", n + 2));
                assert!(text.starts_with(&format!("line {n} ")), "{text}");
            }
            assert_eq!(reader.next().await.unwrap().kind, "end");
        }));
    }
    // One of them never reads, and nobody waits for it.
    let _stuck = server.stream(&path, &[("x-who", "zoe")]).await;
    assert_eq!(stage.app.live.streams.count(), FOLLOWERS + 1);
    let mut most = 0;
    for block in 0..LINES / 20 {
        let lines = (block * 20..).take(20);
        let lines: String = lines
            .map(|n| format!("line {n} {}\n", "x".repeat(80)))
            .collect();
        script.print(&lines);
        tokio::time::sleep(Duration::from_millis(5)).await;
        most = most.max(resident());
    }
    stage.end(script).await;
    for follower in followers {
        follower.await.unwrap();
        most = most.max(resident());
    }
    assert!(most < 300, "{most} MB");
}

/// Who does not read holds up nobody, and what waits for them is little.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_reads_costs_little() {
    let stage = Stage::new().await;
    let server = stage.serve().await;
    let path = format!("/api/v1/runs/{}/log/stream", stage.run);
    let mut script = stage.begin(1).await;
    script.print("first\n");
    let mut stuck = Vec::new();
    for n in 0..40 {
        let who = if n % 2 == 0 { "ann" } else { "bob" };
        stuck.push(server.stream(&path, &[("x-who", who)]).await);
    }
    let before = resident();
    let mut good = server.stream(&path, &[("x-who", "zoe")]).await;
    assert_eq!(good.line().await.1, "first");
    for n in 0..300 {
        let line = format!("{n} {}\n", "y".repeat(1000));
        script.print(&line.repeat(100));
        for _ in 0..100 {
            assert!(good.line().await.1.starts_with(&format!("{n} ")));
        }
    }
    let more = resident().saturating_sub(before);
    assert!(more < 60, "{more} MB for 40 who do not read 30 MB");
}
