//! What handlers answer with.

use super::describe::{Operation, Output, Schemas};
use super::extract::Json;
use crate::domain::run::{Run, RunState};
use axum::body::Bytes;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        // Answers tell of this moment, and some only of who asks.
        let fresh = [(header::CACHE_CONTROL, "no-store")];
        (fresh, axum::Json(self.0)).into_response()
    }
}

impl<T: JsonSchema> Output for Json<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.answer::<T>();
        operation.answers(StatusCode::OK, "As asked", "application/json", &schema);
    }
}

/// Something new, and where it is.
#[derive(Debug)]
pub struct Created<T>(pub String, pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        located(StatusCode::CREATED, &self.0, self.1)
    }
}

impl<T: JsonSchema> Output for Created<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.answer::<T>();
        operation.answers(StatusCode::CREATED, "Made", "application/json", &schema);
    }
}

/// Something that goes on after the answer, and where to look at it.
#[derive(Debug)]
pub struct Accepted<T>(pub String, pub T);

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        located(StatusCode::ACCEPTED, &self.0, self.1)
    }
}

impl<T: JsonSchema> Output for Accepted<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.answer::<T>();
        operation.answers(
            StatusCode::ACCEPTED,
            "It goes on",
            "application/json",
            &schema,
        );
    }
}

/// A run that was asked for: over already (200), or still to be looked at (202).
#[derive(Debug)]
pub struct Launched {
    /// The run as it stands.
    pub run: Run,
    /// The same request was answered with it before.
    pub replayed: bool,
}

impl IntoResponse for Launched {
    fn into_response(self) -> Response {
        let status = match self.run.state {
            RunState::Finished => StatusCode::OK,
            _ if self.replayed => StatusCode::OK,
            _ => StatusCode::ACCEPTED,
        };
        let location = format!("/api/v1/runs/{}", self.run.id);
        let mut response = located(status, &location, self.run);
        if self.replayed {
            let name = HeaderName::from_static("idempotent-replay");
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static("true"));
        }
        response
    }
}

impl Output for Launched {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.answer::<Run>();
        let json = "application/json";
        operation.answers(StatusCode::OK, "Over, or asked for before", json, &schema);
        operation.answers(StatusCode::ACCEPTED, "It waits or goes on", json, &schema);
    }
}

fn located<T: Serialize>(status: StatusCode, location: &str, body: T) -> Response {
    let mut response = (status, Json(body)).into_response();
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// Something that is now as asked, new or not.
#[derive(Debug)]
pub struct Put<T> {
    /// Whether it was not there before.
    pub created: bool,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
    /// What is to be said.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Put<T> {
    fn into_response(self) -> Response {
        let status = match self.created {
            true => StatusCode::CREATED,
            false => StatusCode::OK,
        };
        let mut response = (status, Json(self.body)).into_response();
        let etag = self.etag.map(|etag| format!("\"{etag}\""));
        if let Some(Ok(etag)) = etag.map(HeaderValue::try_from) {
            response.headers_mut().insert(header::ETAG, etag);
        }
        response
    }
}

impl<T: JsonSchema> Output for Put<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.answer::<T>();
        for (status, text) in [(StatusCode::OK, "Changed"), (StatusCode::CREATED, "Made")] {
            operation.answers(status, text, "application/json", &schema);
        }
    }
}

/// Something that may be changed, as it is now.
#[derive(Debug)]
pub struct Tagged<T> {
    /// Its entity tag, without quotes.
    pub etag: String,
    /// What it is.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let (created, etag) = (false, Some(self.etag));
        let body = self.body;
        Put {
            created,
            etag,
            body,
        }
        .into_response()
    }
}

impl<T: JsonSchema> Output for Tagged<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Json::<T>::describe(operation, schemas);
    }
}

/// Done, and nothing to say.
#[derive(Debug)]
pub struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl Output for Done {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let answer = serde_json::json!({ "description": "Done" });
        let status = StatusCode::NO_CONTENT.as_u16();
        operation.responses.insert(status, answer);
    }
}

/// Plain text.
#[derive(Debug)]
pub struct Text(pub String);

impl IntoResponse for Text {
    fn into_response(self) -> Response {
        let fresh = [(header::CACHE_CONTROL, "no-store")];
        (fresh, self.0).into_response()
    }
}

impl Output for Text {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let schema = serde_json::json!({ "type": "string" });
        operation.answers(StatusCode::OK, "As asked", "text/plain", &schema);
    }
}

/// A page of ours, for browsers.
#[derive(Debug)]
pub struct Page(pub &'static str);

/// How pages of ours look.
#[derive(Debug)]
pub struct Style(pub &'static str);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        asset("text/html; charset=utf-8", self.0)
    }
}

impl IntoResponse for Style {
    fn into_response(self) -> Response {
        asset("text/css; charset=utf-8", self.0)
    }
}

fn asset(media: &'static str, text: &'static str) -> Response {
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

impl Output for Page {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let schema = serde_json::json!({ "type": "string" });
        operation.answers(StatusCode::OK, "As asked", "text/html", &schema);
    }
}

impl Output for Style {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let schema = serde_json::json!({ "type": "string" });
        operation.answers(StatusCode::OK, "As asked", "text/css", &schema);
    }
}

/// A whole file that somebody wrote. A browser shall keep it, not show it:
/// whatever is in it cannot act as a page of ours.
#[derive(Debug)]
pub struct FileBody {
    /// Its content.
    pub bytes: Bytes,
    /// Its name when it is kept.
    pub name: String,
    /// Its entity tag, without quotes.
    pub etag: String,
}

impl IntoResponse for FileBody {
    fn into_response(self) -> Response {
        let mut headers = attachment(&self.name);
        if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", self.etag)) {
            headers.insert(header::ETAG, etag);
        }
        (headers, self.bytes).into_response()
    }
}

impl Output for FileBody {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let schema = super::describe::bytes();
        let media = "application/octet-stream";
        operation.answers(StatusCode::OK, "The file", media, &schema);
    }
}

/// The headers of a download.
#[must_use]
pub fn attachment(name: &str) -> HeaderMap {
    let plain: String = name
        .chars()
        .map(|c| match c {
            ' '..='~' if !matches!(c, '"' | '\\' | '%') => c,
            _ => '_',
        })
        .collect();
    // RFC 8187, for names that are not plain.
    let full: String = form_urlencoded::byte_serialize(name.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
        .replace('*', "%2A");
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}");
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, "application/octet-stream");
    set(header::CONTENT_DISPOSITION, &disposition);
    set(
        header::CONTENT_SECURITY_POLICY,
        "sandbox; default-src 'none'",
    );
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CACHE_CONTROL, "no-store");
    headers
}
