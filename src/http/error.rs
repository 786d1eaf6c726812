//! Errors as RFC 9457 problems: the one place where a failure becomes a status
//! code. Bad input is always a 4xx that names the field; a 5xx tells nothing of
//! our insides, only the request's id under which the log has them.

use super::describe::{Operation, Schemas};
use crate::domain::access::Denied;
use crate::domain::report;
use crate::service::access::AccessError;
use crate::service::{self, Field, Kind, Place};
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The media type of RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not answered as hoped (RFC 9457).
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Problem {
    /// Which kind of problem: a fragment of the page of the API.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do next, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Field>,
    /// The id under which the log of the service tells of this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Facts that help to go on, such as the present content of a file.
    #[serde(flatten)]
    pub more: Map<String, Value>,
    /// Seconds after which to try again.
    #[serde(skip)]
    retry_after: Option<u32>,
    /// What only the log is told.
    #[serde(skip)]
    cause: Option<String>,
}

impl Problem {
    /// A problem with a sentence about it.
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/api/docs#{kind}"),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            detail: Some(detail.into()),
            errors: Vec::new(),
            request_id: None,
            more: Map::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// One field that is wrong.
    #[must_use]
    pub fn field(place: Place, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![Field::new(place, pointer, message)])
    }

    /// Fields that are wrong.
    #[must_use]
    pub fn fields(errors: Vec<Field>) -> Self {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        Self {
            errors,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid",
                lines.join("\n"),
            )
        }
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn unauthorized() -> Self {
        let how = "sign in, or send a token: Authorization: Bearer …";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", how)
    }

    /// Who asks may not do this.
    #[must_use]
    pub fn forbidden(denied: Denied) -> Self {
        let kind = match denied {
            // What can be mended on the spot.
            Denied::StepUp => "step_up",
            _ => "forbidden",
        };
        Self::new(StatusCode::FORBIDDEN, kind, denied.to_string())
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// This problem, at a field.
    #[must_use]
    pub fn at(mut self, place: Place, pointer: impl Into<String>) -> Self {
        let message = self.detail.clone().unwrap_or_default();
        self.errors.push(Field::new(place, pointer, message));
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// Tells the log what the answer does not tell.
    pub(super) fn log(&self, request_id: Option<&str>) {
        if self.status >= 500 {
            tracing::error!(
                request = request_id,
                status = self.status,
                cause = self.cause.as_deref().or(self.detail.as_deref()),
                "a request failed"
            );
        }
    }

    /// Completes it with the id of its request, and tells the log what the
    /// answer does not tell.
    pub(super) fn finish(mut self, request_id: Option<&str>) -> Response {
        self.log(request_id);
        self.request_id = request_id.map(str::to_owned);
        self.into_response()
    }
}

impl From<service::Error> for Problem {
    fn from(error: service::Error) -> Self {
        let (status, kind) = match error.kind() {
            Kind::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Kind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Kind::Conflict => (StatusCode::CONFLICT, "conflict"),
            Kind::Stale => (StatusCode::PRECONDITION_FAILED, "stale"),
            Kind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Kind::Full => (StatusCode::TOO_MANY_REQUESTS, "full"),
            Kind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Kind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        let mut problem = Self::new(status, kind, report(&error));
        match error.kind() {
            Kind::Internal => {
                problem.cause = problem.detail.take();
                problem.detail = Some("something failed here; the log has more".to_owned());
            }
            Kind::Full | Kind::Unavailable => problem.retry_after = Some(5),
            _ => {}
        }
        if let service::Error::TooOften { seconds, .. } = error {
            problem.retry_after = Some(seconds);
        }
        problem.errors = error.fields();
        if let service::Error::Stale { etag, content, .. } = error {
            problem = problem.with("etag", etag).with("content", content);
        }
        problem
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        let text = error.to_string();
        match error {
            AccessError::Unknown(_) => Self::new(StatusCode::UNAUTHORIZED, "unauthorized", text),
            AccessError::Denied(denied) => Self::forbidden(denied),
            AccessError::Invalid { field, message } => {
                Self::field(Place::Body, format!("/{field}"), message)
            }
            AccessError::Gone(_) => Self::new(StatusCode::GONE, "gone", text),
            AccessError::TooMany { wait } => {
                let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "slow_down", text);
                // Rounded up: a moment too early is too early.
                let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                problem.retry_after = Some(u32::try_from(whole.max(1)).unwrap_or(u32::MAX));
                problem
            }
            other => service::Error::from(other).into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            // Basic is for scripts; naming it here would make browsers ask.
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The problems that any operation may answer with.
const ANY: [(StatusCode, &str); 12] = [
    (StatusCode::BAD_REQUEST, "The request cannot be read"),
    (StatusCode::UNAUTHORIZED, "Nobody is signed in"),
    (StatusCode::FORBIDDEN, "Who asks may not do this"),
    (StatusCode::NOT_FOUND, "There is no such thing"),
    (StatusCode::CONFLICT, "Not in the present state"),
    (StatusCode::GONE, "What works once was used, or ran out"),
    (StatusCode::PRECONDITION_FAILED, "Changed meanwhile"),
    (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Another type is wanted"),
    (StatusCode::UNPROCESSABLE_ENTITY, "A field is not valid"),
    (StatusCode::TOO_MANY_REQUESTS, "Too much at once"),
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "The engine does not answer",
    ),
];

/// Adds those problems to an operation.
pub(super) fn describe(operation: &mut Operation) {
    for (status, _) in ANY {
        let status = status.as_u16();
        let shared = json!({ "$ref": format!("#/components/responses/{status}") });
        operation.responses.entry(status).or_insert(shared);
    }
}

/// Those problems, as parts that operations share.
pub(super) fn responses(schemas: &mut Schemas) -> Map<String, Value> {
    let schema = schemas.answer::<Problem>();
    let of = |(status, text): (StatusCode, &str)| {
        let content = json!({ PROBLEM_JSON: { "schema": schema } });
        let response = json!({ "description": text, "content": content });
        (status.as_u16().to_string(), response)
    };
    ANY.into_iter().map(of).collect()
}
