//! The parts of requests that handlers take. What cannot be read is a problem
//! that names the field and, for a name that is not known, the nearest one.

use super::describe::{Input, Operation, Schemas};
use super::error::Problem;
use crate::domain::access::Principal;
use crate::domain::ids::TaskName;
use crate::domain::suggest;
use crate::service::Place;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::sync::Arc;

/// Who asks. The layer of authentication puts it there.
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(Problem::unauthorized)
    }
}

impl Input for Caller {}

/// Finds out anew who asks, for what outlives a request: inner none when what
/// they came with is no longer good, outer none when that cannot be told now.
/// The layer of authentication puts it there.
#[derive(Clone)]
pub struct Recheck(pub Arc<dyn Fn() -> Anew + Send + Sync>);

/// See [`Recheck`].
pub type Anew = BoxFuture<'static, Option<Option<Principal>>>;

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        want(request.headers(), &["application/json"])?;
        let bytes = body(Bytes::from_request(request, state).await)?;
        parse(&bytes).map(Self)
    }
}

impl<T: JsonSchema> Input for Json<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.body = Some((vec!["application/json"], schemas.request::<T>()));
    }
}

/// A JSON body that may be left out, for what has no field that is required.
#[derive(Debug)]
pub struct MaybeJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for MaybeJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let bytes = body(Bytes::from_request(request, state).await)?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        want(&headers, &["application/json"])?;
        parse(&bytes).map(Self)
    }
}

impl<T: JsonSchema> Input for MaybeJson<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Json::<T>::describe(operation, schemas);
        operation.body_may_miss = true;
    }
}

/// Refuses a body of another type. A missing type is another type, too: forms
/// of other sites can send one without asking.
///
/// # Errors
/// 415, naming the types that are taken.
pub(super) fn want(headers: &HeaderMap, types: &[&str]) -> Result<String, Problem> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if types.contains(&given.as_str()) {
        return Ok(given);
    }
    let message = format!(
        "this takes Content-Type: {}, and {}",
        types.join(" or "),
        match given.as_str() {
            "" => "none was given".to_owned(),
            other => format!("“{}” was given", other.escape_debug()),
        }
    );
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Err(Problem::new(status, "media_type", message).at(Place::Header, "/content-type"))
}

pub(super) fn body(read: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    read.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "the body is larger than this route takes",
        ),
        _ => Problem::new(
            StatusCode::BAD_REQUEST,
            "unreadable",
            "the body ended before it was whole",
        ),
    })
}

/// Reads JSON; whatever is wrong, the problem says at which field.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Serde would take a list for the fields of an object, in their order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        let message = "invalid type: sequence, expected an object";
        return Err(Problem::field(Place::Body, "", message));
    }
    let bytes = whole_numbers(bytes);
    let mut json = serde_json::Deserializer::from_slice(&bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        let (line, column) = (inner.line(), inner.column());
        if inner.is_data() {
            let text = inner.to_string();
            let text = text
                .rsplit_once(" at line ")
                .map_or(&*text, |(text, _)| text);
            return refused(Place::Body, pointer, text);
        }
        let text = format!("the body is not JSON: line {line}, column {column} cannot be read");
        Problem::new(StatusCode::BAD_REQUEST, "unreadable", text).at(Place::Body, pointer)
    })?;
    json.end().map_err(|_| {
        let text = "the body goes on after its end: send one JSON value";
        Problem::new(StatusCode::BAD_REQUEST, "unreadable", text)
    })?;
    Ok(read)
}

/// The same JSON with `2.0` as `2`: they are one number, also to JSON Schema,
/// and many programs write the first for the second.
fn whole_numbers(json: &[u8]) -> Cow<'_, [u8]> {
    let mut plain = Cow::Borrowed(json);
    let (mut at, mut kept) = (0, 0);
    let mut in_text = false;
    while let Some(&byte) = json.get(at) {
        match byte {
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            b'.' if !in_text => {
                let zeros = json[at + 1..].iter().take_while(|b| **b == b'0').count();
                let end = at + 1 + zeros;
                let goes_on = matches!(json.get(end), Some(b'0'..=b'9' | b'e' | b'E'));
                if zeros > 0 && !goes_on {
                    let copy = plain.to_mut();
                    if kept == 0 {
                        copy.clear();
                    }
                    copy.extend_from_slice(&json[kept..at]);
                    kept = end;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if kept > 0 {
        plain.to_mut().extend_from_slice(&json[kept..]);
    }
    plain
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        pointer.push('/');
        match segment {
            Segment::Seq { index } => pointer.push_str(&index.to_string()),
            Segment::Map { key } => pointer.push_str(&escape(key)),
            Segment::Enum { variant } => pointer.push_str(&escape(variant)),
            Segment::Unknown => pointer.push('?'),
        }
    }
    pointer
}

/// RFC 6901.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What serde says, with the nearest of the names it would have known.
fn refused(place: Place, pointer: String, text: &str) -> Problem {
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    let mut message = text.to_owned();
    let mut pointer = pointer;
    if let Some((given, known)) = quoted.split_first() {
        let unknown = text.starts_with("unknown field") || text.starts_with("unknown variant");
        if unknown && let Some(near) = suggest::nearest(given, known.iter().copied()) {
            message.push_str(&format!(": did you mean `{near}`?"));
        }
        let own = format!("/{}", escape(given));
        if text.starts_with("missing field") && !pointer.ends_with(&own) {
            pointer.push_str(&own);
        }
    }
    Problem::field(place, pointer, message)
}

/// The query, each name at most once.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(text.as_bytes());
        let read = serde_urlencoded::Deserializer::new(pairs);
        serde_path_to_error::deserialize(read)
            .map(Self)
            .map_err(|error| {
                let pointer = pointer(error.path());
                refused(Place::Query, pointer, &error.into_inner().to_string())
            })
    }
}

impl<T: JsonSchema> Input for Query<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.request::<T>();
        operation.add_fields("query", &schema);
    }
}

/// The parameters of the path, by name.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        use axum::extract::path::ErrorKind;
        use axum::extract::rejection::PathRejection;
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        let read = read.map(|axum::extract::Path(read)| Self(read));
        read.map_err(|rejection| {
            let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
                return Problem::not_found("there is nothing at this path");
            };
            match failed.into_kind() {
                ErrorKind::DeserializeError { key, message, .. } => {
                    refused(Place::Path, format!("/{}", escape(&key)), &message)
                }
                ErrorKind::ParseErrorAtKey { key, value, .. } => {
                    let text = format!("“{}” is not of the kind wanted here", value.escape_debug());
                    refused(Place::Path, format!("/{}", escape(&key)), &text)
                }
                ErrorKind::InvalidUtf8InPathParam { key } => refused(
                    Place::Path,
                    format!("/{}", escape(&key)),
                    "what is behind % is not UTF-8",
                ),
                other => refused(Place::Path, String::new(), &other.to_string()),
            }
        })
    }
}

impl<T: JsonSchema> Input for Path<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.request::<T>();
        operation.add_fields("path", &schema);
    }
}

/// What is about one task.
pub trait OfTask {
    /// The task.
    fn task(&self) -> &TaskName;
}

/// Parameters of the path that name a task which who asks may see. Another is
/// not found, whether it is there or not, so that names cannot be guessed.
#[derive(Debug)]
pub struct Named<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send + OfTask> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(named) = Path::<T>::from_request_parts(parts, state).await?;
        let Caller(principal) = Caller::from_request_parts(parts, state).await?;
        match principal.sees(named.task()) {
            true => Ok(Self(named)),
            false => Err(Problem::not_found(format!(
                "there is no task “{}”",
                named.task()
            ))),
        }
    }
}

impl<T: JsonSchema> Input for Named<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Path::<T>::describe(operation, schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_whole_however_they_are_written() {
        for (given, read) in [
            ("{}", "{}"),
            (r#"{"a": 2.0, "b": -3.00}"#, r#"{"a": 2, "b": -3}"#),
            (
                r#"[1.50, 2.05, 1.0e3, 1.0E3]"#,
                r#"[1.50, 2.05, 1.0e3, 1.0E3]"#,
            ),
            (
                r#"{"a": "2.0", "b\"": "\"1.0"}"#,
                r#"{"a": "2.0", "b\"": "\"1.0"}"#,
            ),
            ("1.0", "1"),
            ("1.", "1."),
        ] {
            let plain = whole_numbers(given.as_bytes());
            assert_eq!(String::from_utf8_lossy(&plain), read);
        }
    }
}
