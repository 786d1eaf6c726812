//! What tests on a real engine share: finding it, cleaning up after a test and
//! proving that nothing is left, and a proxy that breaks the connection.
//!
//! An engine is part of the test set-up: without one the tests fail, unless
//! `RUNBAY_TESTS_WITHOUT_DOCKER=1` says that they may be left out.

pub(crate) mod chaos;

use futures::FutureExt;
use runbay::domain::ids::{ContainerId, ImageId};
use runbay::engine::{ContainerSpec, Engine, EngineError, Frame, FrameStream, Role, StdStream};
use std::future::Future;
use std::io::Write;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The label by which a test's objects are found again.
const LABEL: &str = "runbay.test";

/// The image containers of tests are made from.
pub(crate) fn image_name() -> String {
    std::env::var("RUNBAY_TEST_IMAGE").unwrap_or_else(|_| "runbay/python:3.11".to_owned())
}

/// The engine; none if tests with it are to be left out.
pub(crate) async fn engine() -> Option<Engine> {
    if std::env::var("RUNBAY_TESTS_WITHOUT_DOCKER").as_deref() == Ok("1") {
        let test = std::thread::current().name().unwrap_or("?").to_owned();
        // Not `eprintln!`, which is shown for failing tests only.
        let line = format!("left out, since RUNBAY_TESTS_WITHOUT_DOCKER=1: {test}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return None;
    }
    match Engine::connect(None).await {
        Ok(engine) => Some(engine),
        Err(error) => {
            panic!("{error}\nTo leave these tests out, set RUNBAY_TESTS_WITHOUT_DOCKER=1.")
        }
    }
}

/// What one test works with.
pub(crate) struct Bench {
    /// The engine.
    pub(crate) engine: Engine,
    /// The image to make containers from.
    pub(crate) image: ImageId,
    /// The label that every object of this test must carry.
    pub(crate) label: (String, String),
}

/// Runs a test. Whatever it leaves on the engine is removed; unless the test
/// failed already, leaving anything is a failure of its own.
pub(crate) async fn bench<F: Future<Output = ()>>(test: impl FnOnce(std::sync::Arc<Bench>) -> F) {
    let Some(engine) = engine().await else { return };
    let name = image_name();
    let image = engine.image(&name).await.unwrap().unwrap_or_else(|| {
        panic!("image {name} is not on the engine; make it, or name another in RUNBAY_TEST_IMAGE")
    });
    let bench = std::sync::Arc::new(Bench {
        engine,
        image: image.id,
        label: (LABEL.to_owned(), uuid::Uuid::new_v4().simple().to_string()),
    });
    let result = AssertUnwindSafe(test(bench.clone())).catch_unwind().await;
    let left = bench.sweep().await;
    if let Err(panic) = result {
        resume_unwind(panic);
    }
    assert!(left.is_empty(), "left on the engine: {left:?}");
}

impl Bench {
    /// A name no other test uses.
    pub(crate) fn name(&self, what: &str) -> String {
        format!("runbay-test-{}-{what}", &self.label.1[..12])
    }

    /// A small container with this command and our label.
    pub(crate) fn spec(&self, role: Role, cmd: &[&str]) -> ContainerSpec {
        let cmd = cmd.iter().map(|word| (*word).to_owned()).collect();
        let mut spec = ContainerSpec::new(self.image.clone(), role, cmd);
        spec.labels = vec![self.label.clone()];
        spec.memory = 128 << 20;
        spec.shm = 16 << 20;
        spec
    }

    /// A container that runs this Python.
    pub(crate) fn python(&self, code: &str) -> ContainerSpec {
        self.spec(Role::Run, &["python3", "-c", code])
    }

    /// Creates it under a name of its own.
    pub(crate) async fn create(&self, spec: &ContainerSpec) -> ContainerId {
        let name = self.name(&uuid::Uuid::new_v4().simple().to_string()[..8]);
        self.engine.create(&name, spec).await.unwrap()
    }

    /// Runs it to its end: exit code and output. The container remains.
    pub(crate) async fn run(&self, spec: &ContainerSpec) -> (ContainerId, i64, String) {
        let id = self.create(spec).await;
        let mut attached = self.engine.attach(&id).await.unwrap();
        let exited = tokio::spawn(self.engine.exited(&id));
        self.engine.start(&id).await.unwrap();
        let output = text(&mut attached.output).await.unwrap();
        (id, exited.await.unwrap().unwrap(), output)
    }

    /// Removes all that carries our label; returns what that was.
    async fn sweep(&self) -> Vec<String> {
        let (engine, labels) = (&self.engine, [self.label.clone()]);
        let mut left = Vec::new();
        for container in engine.containers(&labels).await.unwrap() {
            engine.remove(&container.id).await.unwrap();
            left.push(format!("container {}", container.name));
        }
        for volume in engine.volumes(&labels).await.unwrap() {
            engine.remove_volume(&volume.name).await.unwrap();
            left.push(format!("volume {}", volume.name));
        }
        for network in engine.networks(&labels).await.unwrap() {
            engine.remove_network(&network.name).await.unwrap();
            left.push(format!("network {}", network.name));
        }
        for image in engine.images(&labels).await.unwrap() {
            let removed = engine.remove_image(&image.id).await.unwrap();
            left.push(format!("image {} ({removed:?})", image.id));
        }
        left
    }
}

/// All output until its end.
pub(crate) async fn text(output: &mut FrameStream) -> Result<String, EngineError> {
    let mut all = Vec::new();
    while let Some(frame) = next(output).await {
        all.extend_from_slice(&frame?.bytes);
    }
    Ok(String::from_utf8_lossy(&all).into_owned())
}

/// Output until `word` has come on standard output.
pub(crate) async fn until(output: &mut FrameStream, word: &str) {
    let mut seen = String::new();
    while !seen.contains(word) {
        let frame = next(output).await.expect("output ended").unwrap();
        if frame.stream == StdStream::Out {
            seen.push_str(&String::from_utf8_lossy(&frame.bytes));
        }
    }
}

/// The next frame, which must come within a minute.
pub(crate) async fn next(output: &mut FrameStream) -> Option<Result<Frame, EngineError>> {
    use futures::StreamExt;
    within(output.next()).await
}

/// The result of something that must come within a minute.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .expect("it took more than a minute")
}

/// Waits until `condition` holds, for a minute at most.
pub(crate) async fn eventually<F: Future<Output = bool>>(
    what: &str,
    mut condition: impl FnMut() -> F,
) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The body of a GET on the engine's own API, for what ours does not tell.
pub(crate) async fn raw_get(engine: &Engine, path: &str) -> String {
    let socket = engine.address().strip_prefix("unix://").unwrap();
    let mut stream = tokio::net::UnixStream::connect(socket).await.unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{head}");
    body.to_owned()
}

/// Takes a name off an image that is kept. Over the engine's own API, since
/// ours never touches a name that somebody else gave.
pub(crate) async fn untag(engine: &Engine, name: &str) {
    let socket = engine.address().strip_prefix("unix://").unwrap();
    let mut stream = tokio::net::UnixStream::connect(socket).await.unwrap();
    let request = format!("DELETE /images/{name}?noprune=1 HTTP/1.0\r\nHost: docker\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains(" 200 "), "{answer}");
}
