//! For those who watch the service: metrics, and whether it lives and is ready.

use super::State;
use super::describe::{Operation, Output, Schemas};
use super::error::Problem;
use super::extract::Caller;
use super::route::{Route, get};
use crate::domain::access::Permission;
use crate::service::health::{self, Readiness};
use crate::service::metrics::{self, Request as Answered};
use axum::extract::{self, FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::convert::Infallible;
use std::time::Instant;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/metrics",
            Permission::SystemRead,
            "Tell what is counted and measured, for Prometheus",
            show,
        ),
        get(
            "/livez",
            Permission::Public,
            "Answer as long as the service lives",
            lives,
        ),
        get(
            "/readyz",
            Permission::Public,
            "Tell whether runs can begin, and to those who are signed in why not",
            ready,
        ),
    ]
}

/// Counts the answers of every route.
pub(super) async fn count(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    state.app.live.metrics.answered(&Answered {
        method: method.as_str(),
        // What is at no route has no template, and any number of names.
        route: route.as_ref().map_or("", MatchedPath::as_str),
        status: response.status().as_u16(),
        took: begun.elapsed(),
    });
    response
}

/// OpenMetrics, as text.
struct Exposition(String);

impl IntoResponse for Exposition {
    fn into_response(self) -> Response {
        let media = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        let headers = [
            (header::CONTENT_TYPE, media),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (headers, self.0).into_response()
    }
}

impl Output for Exposition {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let schema = json!({ "type": "string" });
        let media = "application/openmetrics-text";
        operation.answers(StatusCode::OK, "OpenMetrics 1.0", media, &schema);
    }
}

async fn show(extract::State(state): extract::State<State>) -> Result<Exposition, Problem> {
    Ok(Exposition(metrics::render(&state.app).await?))
}

/// It lives.
struct Lives;

impl IntoResponse for Lives {
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, "no-store")], "ok\n").into_response()
    }
}

impl Output for Lives {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let schema = json!({ "type": "string" });
        operation.answers(StatusCode::OK, "It lives", "text/plain", &schema);
    }
}

async fn lives() -> Result<Lives, Problem> {
    Ok(Lives)
}

/// Whether somebody is signed in.
struct SignedIn(bool);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Caller>();
        let may = caller.is_some_and(|Caller(who)| who.may(Permission::SystemRead).is_ok());
        Ok(Self(may))
    }
}

impl super::describe::Input for SignedIn {}

/// Whether it is ready.
struct Ready {
    found: Readiness,
    /// Why not is nobody else's business.
    reasons: bool,
}

impl IntoResponse for Ready {
    fn into_response(self) -> Response {
        let status = match self.found.ready {
            true => StatusCode::OK,
            false => StatusCode::SERVICE_UNAVAILABLE,
        };
        let body = match self.reasons {
            true => json!(self.found),
            false => json!({ "ready": self.found.ready }),
        };
        let fresh = [(header::CACHE_CONTROL, "no-store")];
        (status, fresh, axum::Json(body)).into_response()
    }
}

impl Output for Ready {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let mut schema = schemas.answer::<Readiness>();
        // Only those who are signed in are told what was looked at.
        let checks = json!({ "type": "object", "required": ["ready"], "properties": { "ready": { "type": "boolean" } } });
        schema = json!({ "anyOf": [schema, checks] });
        let json = "application/json";
        operation.answers(StatusCode::OK, "Runs can begin", json, &schema);
        let status = StatusCode::SERVICE_UNAVAILABLE;
        operation.answers(status, "Something is amiss", json, &schema);
    }
}

async fn ready(
    extract::State(state): extract::State<State>,
    SignedIn(reasons): SignedIn,
) -> Result<Ready, Problem> {
    let found = health::readiness(&state.app).await;
    Ok(Ready { found, reasons })
}
