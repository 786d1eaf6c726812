//! What all streams have in common: a seat, an end, and the form of
//! server-sent events.

use super::State;
use super::describe::{Input, Operation, Schemas};
use super::error::Problem;
use super::extract::{Caller, Recheck};
use crate::domain::access::{Credential, Permission, Principal};
use crate::domain::ids::TaskName;
use crate::service::streams::Seat;
use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use futures::stream::{self, Stream, StreamExt};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

/// How often a stream says that it is still there.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often it is asked whether who watches still may.
pub(super) const RECHECK: Duration = Duration::from_secs(60);

/// Somebody who watches.
pub(super) struct Watcher {
    /// Who.
    pub(super) who: Principal,
    seat: Seat,
    recheck: Option<Recheck>,
}

impl FromRequestParts<State> for Watcher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let Caller(who) = Caller::from_request_parts(parts, state).await?;
        let seat = state.app.live.streams.sit(who.name())?;
        let recheck = parts.extensions.get::<Recheck>().cloned();
        Ok(Self { who, seat, recheck })
    }
}

impl Input for Watcher {}

impl Watcher {
    /// Resolves when the service ends.
    pub(super) async fn closed(&self) {
        self.seat.closed().await;
    }

    /// Whether who watches may still do all of this, for the same tasks.
    pub(super) async fn still(&self, needs: &[Permission]) -> bool {
        let Some(Recheck(ask)) = &self.recheck else {
            return true;
        };
        let now = match ask().await {
            Some(Some(now)) => now,
            Some(None) => return false,
            None => return true,
        };
        needs.iter().all(|needs| now.may(*needs).is_ok()) && tasks(&now) == tasks(&self.who)
    }

    /// Resolves when the stream shall end: the service does, or who watches may
    /// no longer do all of this. The seat is taken until then.
    pub(super) fn ended(self, needs: Vec<Permission>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            loop {
                tokio::select! {
                    () = self.closed() => return,
                    () = tokio::time::sleep(RECHECK) => {}
                }
                if !self.still(&needs).await {
                    return;
                }
            }
        })
    }
}

/// The tasks that somebody's token is for, if not for all.
fn tasks(of: &Principal) -> Option<&BTreeSet<TaskName>> {
    match &of.credential {
        Credential::Token { tasks, .. } => tasks.as_ref(),
        _ => None,
    }
}

/// One server-sent event. JSON has no line breaks, so one line of data is it.
pub(super) fn event(id: Option<&str>, kind: Option<&str>, data: &impl Serialize) -> String {
    let mut text = String::new();
    if let Some(id) = id {
        text.push_str(&format!("id: {id}\n"));
    }
    if let Some(kind) = kind {
        text.push_str(&format!("event: {kind}\n"));
    }
    let data = serde_json::to_string(data).expect("plain data can be written as JSON");
    text.push_str(&format!("data: {data}\n\n"));
    text
}

/// A failure as the last event.
pub(super) fn failed(error: crate::service::Error) -> Bytes {
    let problem = Problem::from(error);
    problem.log(None);
    event(None, Some("error"), &problem).into()
}

/// Server-sent events (the HTML standard, 9.2).
pub(super) struct EventStream(Body);

impl EventStream {
    /// The events that are given, each piece one or more of them, until `ended`.
    pub(super) fn new(
        events: impl Stream<Item = Bytes> + Send + 'static,
        ended: BoxFuture<'static, ()>,
    ) -> Self {
        let events: Pin<Box<dyn Stream<Item = Bytes> + Send>> = events.boxed();
        let pieces = stream::unfold((events, ended), |(mut events, mut ended)| async {
            let piece = tokio::select! {
                biased;
                () = &mut ended => None,
                piece = events.next() => piece,
                () = tokio::time::sleep(KEEP_ALIVE) => Some(Bytes::from_static(b":\n\n")),
            };
            piece.map(|piece| (Ok::<_, std::convert::Infallible>(piece), (events, ended)))
        });
        // So that the head goes out now, not with the first event.
        let first = stream::once(async { Ok(Bytes::from_static(b"retry: 3000\n\n")) });
        Self(Body::from_stream(first.chain(pieces)))
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-store"),
            // Or nginx would keep events until it has a page of them.
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ];
        (headers, self.0).into_response()
    }
}

impl EventStream {
    /// Adds it to an operation, with a sentence about its events.
    pub(super) fn told_as(operation: &mut Operation, text: &str) {
        let schema = json!({ "type": "string" });
        operation.answers(StatusCode::OK, text, "text/event-stream", &schema);
    }
}

/// `Last-Event-ID`: where a stream that broke off goes on.
pub(super) struct LastEventId(pub(super) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let id = parts.headers.get("last-event-id");
        let id = id.map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
        Ok(Self(id.filter(|id| !id.is_empty())))
    }
}

impl Input for LastEventId {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.parameters.push(json!({
            "name": "Last-Event-ID",
            "in": "header",
            "required": false,
            "description": "The id of the last event that came: the stream goes on behind it. Browsers send it by themselves.",
            "schema": { "type": "string" },
        }));
    }
}
