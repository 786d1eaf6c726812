//! Connections: how many at once, and how long one may take to say what it
//! wants. Who sends one byte a minute, or opens connections and says nothing,
//! must not keep others out.

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tower_http::timeout::RequestBodyTimeoutLayer;

/// Connections at once; the next wait in the system's queue.
const CONNECTIONS: usize = 1024;
/// How long the head of a request may take, and how long a connection may be
/// kept without one.
const HEAD: Duration = Duration::from_secs(10);
/// The most bytes of a head; beyond, the answer is 431.
const HEAD_BYTES: usize = 16 * 1024;
/// How long a body may pause.
const PAUSE: Duration = Duration::from_secs(30);

/// Answers requests until `stop` is cancelled; those that were begun are
/// finished then. What never ends by itself must end at `stop`, too.
pub async fn listen(listener: TcpListener, router: Router, stop: CancellationToken) {
    let router = router.layer(RequestBodyTimeoutLayer::new(PAUSE));
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let connections = TaskTracker::new();
    loop {
        let next = async {
            let place = Arc::clone(&room).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    converse(stream, peer, router, stop).await;
                    drop(place);
                });
            }
            // Out of file descriptors, most likely: it passes.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    connections.close();
    connections.wait().await;
}

async fn converse(stream: TcpStream, peer: SocketAddr, router: Router, stop: CancellationToken) {
    // Lines of a log are small and must not wait for one another.
    drop(stream.set_nodelay(true));
    let answer = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), answer)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection broke off");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    struct Served {
        at: SocketAddr,
        stop: CancellationToken,
        done: tokio::task::JoinHandle<()>,
    }

    async fn serve() -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let who = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string();
        let router = Router::new()
            .route("/", get(who))
            .route("/", post(async |body: String| body));
        let done = tokio::spawn(listen(listener, router, stop.clone()));
        Served { at, stop, done }
    }

    async fn say(at: SocketAddr, text: &str) -> (String, String) {
        let mut stream = TcpStream::connect(at).await.unwrap();
        let me = stream.local_addr().unwrap().to_string();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // It may break off while we still write.
        let _ = stream.read_to_end(&mut answer).await;
        (String::from_utf8_lossy(&answer).into_owned(), me)
    }

    #[tokio::test]
    async fn handlers_know_the_peer_and_the_end_is_orderly() {
        let served = serve().await;
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let (answer, me) = say(served.at, request).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(&me));
        // A connection that is kept open does not hold the end up.
        let idle = TcpStream::connect(served.at).await.unwrap();
        served.stop.cancel();
        tokio::time::timeout(Duration::from_secs(5), served.done)
            .await
            .unwrap()
            .unwrap();
        drop(idle);
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_refused() {
        let served = serve().await;
        let long = "x".repeat(HEAD_BYTES);
        let (answer, _) = say(served.at, &format!("GET / HTTP/1.1\r\nA: {long}\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
        served.stop.cancel();
    }
}
