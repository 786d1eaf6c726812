//! The REST API. Handlers are thin: they read a request, call one use case of
//! [`crate::service`] and say what it said. There are no rules here, no SQL and
//! no engine; who may do what is in [`crate::domain::access`].
//!
//! [`routes`] is the one list of all routes, each with the permission it needs.
//! From it are made the router, the OpenAPI document and the page about it, and
//! the test that tries every role on every route.

mod admin;
mod auth;
mod builds;
pub mod describe;
mod docs;
mod download;
mod environments;
pub mod error;
pub mod extract;
mod files;
pub mod guard;
mod hooks;
mod images;
mod launch;
mod listen;
mod live;
mod logs;
mod metrics;
mod notice;
mod openapi;
mod overview;
pub mod range;
pub mod reply;
pub mod route;
mod runs;
mod schedules;
mod secrets;
mod sessions;
mod simple;
mod socket;
mod stream;
mod system;
mod tasks;
mod triggers;
mod ui;
mod upload;
mod variables;
mod versions;

pub use auth::protect;
pub use guard::Site;
pub use listen::listen;
pub use notice::notice;
pub use openapi::document;

use crate::service::App;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use error::Problem;
use route::Route;
use std::any::Any;
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::{DefaultOnResponse, OnResponse as _, TraceLayer};

/// The most a body may hold, bytes, where a route does not say otherwise.
const MAX_BODY: usize = 1024 * 1024;
/// Ids are ours: one sent by somebody else could forge lines of the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What handlers work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct State {
    /// The use cases.
    pub app: App,
}

/// Every route, each with the permission it needs.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut all = Vec::new();
    all.extend(tasks::routes());
    all.extend(files::routes());
    all.extend(versions::routes());
    all.extend(schedules::routes());
    all.extend(simple::routes());
    all.extend(environments::routes());
    all.extend(builds::routes());
    all.extend(images::routes());
    all.extend(system::routes());
    all.extend(runs::routes());
    all.extend(overview::routes());
    all.extend(launch::routes());
    all.extend(sessions::routes());
    all.extend(admin::routes());
    all.extend(secrets::routes());
    all.extend(variables::routes());
    all.extend(hooks::routes());
    all.extend(triggers::routes());
    all.extend(logs::routes());
    all.extend(live::routes());
    all.extend(socket::routes());
    all.extend(metrics::routes());
    all.extend(docs::routes());
    all
}

/// The service as it stands behind authentication: whoever serves it puts a
/// layer around it that says who asks ([`extract::Caller`]). Without one,
/// nobody gets in anywhere but to what is public.
pub fn router(state: State) -> Router {
    let mut router = Router::new();
    for route in routes() {
        router = router.route(route.path, route.guarded());
    }
    router
        .fallback(ui::serve)
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                "this path does not take this method; Allow names those it takes",
            )
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(state.clone(), metrics::count))
        .with_state(state)
}

/// What stands around everything, also around authentication: ids, the log,
/// compression, and that a panic becomes an answer.
pub fn with_layers(router: Router) -> Router {
    // Events must arrive when they happen, and downloads may be asked for in
    // ranges, which count plain bytes.
    let compressed = DefaultPredicate::new()
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::const_new("application/octet-stream"));
    let plain = SetResponseHeaderLayer::if_not_present(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let trace = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_response(answered);
    router.layer(
        ServiceBuilder::new()
            .map_request(|mut request: Request| {
                request.headers_mut().remove(REQUEST_ID);
                request
            })
            .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
            .layer(trace)
            .layer(PropagateRequestIdLayer::new(REQUEST_ID))
            .layer(CompressionLayer::new().compress_when(compressed))
            .layer(plain)
            .layer(from_fn(finish_problems))
            .layer(CatchPanicLayer::custom(panicked)),
    )
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(REQUEST_ID).and_then(|id| id.to_str().ok())
}

/// The path alone: a query may hold what is nobody's business.
fn span(request: &Request) -> tracing::Span {
    tracing::debug_span!(
        "request",
        id = request_id(request.headers()),
        method = %request.method(),
        path = request.uri().path(),
        status = tracing::field::Empty,
        otel.kind = "server",
    )
}

fn answered<B>(response: &axum::http::Response<B>, took: Duration, span: &tracing::Span) {
    span.record("status", response.status().as_u16());
    DefaultOnResponse::default().on_response(response, took, span);
}

async fn finish_problems(request: Request, next: Next) -> Response {
    let id = request_id(request.headers()).map(str::to_owned);
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let mut finished = problem.finish(id.as_deref());
    // Written anew, but with what others have said about it.
    for (name, value) in response.headers() {
        if !finished.headers().contains_key(name) && *name != header::CONTENT_LENGTH {
            finished.headers_mut().insert(name, value.clone());
        }
    }
    finished
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // The panic hook has told the log already.
    let detail = "something failed here; the log has more";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).into_response()
}
