#![doc = include_str!("live-protocol.md")]

mod session;

use super::State;
use super::describe::{Input, Operation, Output, Schemas};
use super::error::Problem;
use super::route::{Route, get};
use super::stream::Watcher;
use crate::domain::access::Permission;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{self, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use session::Session;

const PROTOCOL: &str = include_str!("live-protocol.md");
/// The most bytes of a message of a client.
const MESSAGE_BYTES: usize = 4096;

pub(super) fn routes() -> Vec<Route> {
    vec![get(
        "/api/v1/live",
        Permission::SignedIn,
        "Follow several things over one WebSocket",
        open,
    )]
}

/// A request to speak WebSocket.
struct Upgrade(WebSocketUpgrade);

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = WebSocketUpgrade::from_request_parts(parts, state).await;
        asked.map(Self).map_err(|rejection| {
            let status = StatusCode::UPGRADE_REQUIRED;
            let text = format!("this takes a WebSocket (RFC 6455): {rejection}");
            Problem::new(status, "upgrade", text)
        })
    }
}

impl Input for Upgrade {}

/// The answer after which both speak WebSocket.
struct Upgraded(Response);

impl IntoResponse for Upgraded {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Output for Upgraded {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let status = StatusCode::SWITCHING_PROTOCOLS.as_u16();
        let answer = json!({ "description": PROTOCOL });
        operation.responses.insert(status, answer);
        let status = StatusCode::UPGRADE_REQUIRED;
        let problem = schemas.answer::<Problem>();
        let media = super::error::PROBLEM_JSON;
        operation.answers(status, "A WebSocket is wanted", media, &problem);
    }
}

async fn open(
    extract::State(state): extract::State<State>,
    Upgrade(upgrade): Upgrade,
    watcher: Watcher,
) -> Result<Upgraded, Problem> {
    let upgrade = upgrade
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES)
        // What is kept for a client that is slow is little.
        .read_buffer_size(MESSAGE_BYTES)
        .write_buffer_size(0);
    Ok(Upgraded(upgrade.on_upgrade(async move |socket| {
        Session::new(state, watcher, socket).run().await;
    })))
}
