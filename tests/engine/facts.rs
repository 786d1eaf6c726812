//! What the engine says of itself.

use crate::support::bench;
use runbay::engine::{Engine, EngineError, known_holes};

#[tokio::test]
async fn the_engine_says_what_it_is() {
    bench(async |bench| {
        let facts = bench.engine.facts().await.unwrap();
        assert!(["Docker", "Podman"].contains(&facts.name.as_str()));
        for (what, text) in [
            ("version", &facts.version),
            ("api", &facts.api),
            ("runc", &facts.runc),
            ("kernel", &facts.kernel),
            ("storage", &facts.storage_driver),
        ] {
            assert!(
                text.contains(|c: char| c.is_ascii_alphanumeric()),
                "{what}: {text}"
            );
        }
        assert!(facts.ncpu > 0 && facts.memory_bytes > 0);
        assert!(["1", "2"].contains(&facts.cgroup_version.as_str()));
        assert!(facts.runtimes.iter().any(|r| r == "runc"));
        let apart = facts.engine_time.unwrap() - chrono::Utc::now();
        assert!(apart.num_hours().abs() < 24);
        for hole in known_holes(&facts) {
            assert!(hole.ends_with('.'), "{hole}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_missing_socket_tells_what_to_do() {
    let error = Engine::connect(Some("unix:///nonexistent/docker.sock"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, EngineError::Unavailable { .. }),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(text.contains("/nonexistent/docker.sock"), "{text}");
    assert!(text.contains("does not exist") && text.contains("DOCKER_HOST"));
}

#[tokio::test]
async fn a_dead_socket_tells_that_nobody_listens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dead.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let host = format!("unix://{}", path.display());
    let error = Engine::connect(Some(&host)).await.unwrap_err();
    assert!(error.to_string().contains("nobody listens"), "{error}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn an_address_of_no_known_form_is_refused_with_the_right_one() {
    for (host, advice) in [
        ("/var/run/docker.sock", "unix:///path"),
        ("ssh://me@host", "ssh -L"),
        ("nonsense", "tcp://host:port"),
    ] {
        let error = Engine::connect(Some(host)).await.unwrap_err();
        assert!(matches!(error, EngineError::Address { .. }));
        assert!(error.to_string().contains(advice), "{error}");
    }
}
