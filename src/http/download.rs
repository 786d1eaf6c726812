//! Logs as files, whole or in part.

use super::State;
use super::describe::{Input, Operation, Output, Schemas};
use super::error::{PROBLEM_JSON, Problem};
use super::extract::{Caller, Named, Path, Query};
use super::logs;
use super::range::{self, Asked};
use super::reply::attachment;
use super::runs::OneRun;
use super::tasks::OneTask;
use crate::service::logs::{Text, Whose, open};
use crate::service::{App, Field, Place};
use axum::body::{Body, Bytes};
use axum::extract::{self, FromRequestParts};
use axum::http::header::{self, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::stream;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Which attempt of a run.
#[derive(Debug, Default, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OfAttempt {
    /// Its number; without it, the newest.
    #[schemars(range(min = 1))]
    attempt: Option<u32>,
}

/// The part of a text that is asked for (RFC 9110, 14).
pub(super) struct Ranged {
    /// `Range`.
    range: Option<String>,
    /// `If-Range`.
    only_if: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Ranged {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = |name| {
            let value = parts.headers.get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        Ok(Self {
            range: text(header::RANGE),
            only_if: text(header::IF_RANGE),
        })
    }
}

impl Input for Ranged {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.parameters.push(json!({
            "name": "Range",
            "in": "header",
            "required": false,
            "description": "The bytes that are wanted, such as bytes=0-1023, bytes=1024- or bytes=-1024. Anything else is as if it were not said.",
            "schema": { "type": "string" },
        }));
    }
}

pub(super) async fn of_run(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
    Query(attempt): Query<OfAttempt>,
    ranged: Ranged,
) -> Result<Download, Problem> {
    let whose = logs::run(&state.app, &caller, &of, attempt.attempt).await?;
    raw(&state.app, &whose, &ranged).await
}

pub(super) async fn of_build(
    extract::State(state): extract::State<State>,
    Named(OneTask { task }): Named<OneTask>,
    ranged: Ranged,
) -> Result<Download, Problem> {
    raw(&state.app, &Whose::Build(task), &ranged).await
}

async fn raw(app: &App, whose: &Whose, ranged: &Ranged) -> Result<Download, Problem> {
    let text = Text::of(open(app, whose).await?).await?;
    let bytes = text.bytes();
    // A log only grows: its length tells one state of it from another.
    let etag = format!("\"{}-{bytes}\"", text.name);
    let same = ranged.only_if.as_ref().is_none_or(|only| *only == etag);
    let range = ranged.range.as_deref().filter(|_| same);
    let part = match range.map(|text| range::range(text, bytes)) {
        None | Some(Asked::Whole) => None,
        Some(Asked::Part(part)) => Some((*part.start(), part.end() + 1)),
        Some(Asked::Nothing) => {
            let message = format!("there are {bytes} bytes");
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            let field = Field::new(Place::Header, "/range", message.clone());
            let mut problem = Problem::new(status, "range", message).with("bytes", bytes);
            problem.errors.push(field);
            return Err(problem);
        }
    };
    let (from, end) = part.unwrap_or((0, bytes));
    Ok(Download {
        whole: part.is_none(),
        text,
        from,
        end,
        etag,
    })
}

/// A log on its way to a file.
pub(super) struct Download {
    whole: bool,
    text: Text,
    from: u64,
    end: u64,
    etag: String,
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        let mut headers: HeaderMap = attachment(&format!("{}.log", self.text.name));
        let mut set = |name, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        };
        set(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned());
        set(header::ACCEPT_RANGES, "bytes".to_owned());
        set(header::ETAG, self.etag);
        set(header::CONTENT_LENGTH, (self.end - self.from).to_string());
        let mut status = StatusCode::OK;
        if !self.whole {
            status = StatusCode::PARTIAL_CONTENT;
            let (from, last, all) = (self.from, self.end - 1, self.text.bytes());
            set(header::CONTENT_RANGE, format!("bytes {from}-{last}/{all}"));
        }
        let (end, begin) = (self.end, (self.text, self.from));
        let pieces = stream::try_unfold(begin, move |(mut text, from)| async move {
            if from >= end {
                return Ok(None);
            }
            let piece = text.read(from, end).await?;
            // The file was removed or cut: an answer that stops short says so.
            if piece.is_empty() {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
            let from = from + piece.len() as u64;
            Ok::<_, axum::BoxError>(Some((Bytes::from(piece), (text, from))))
        });
        (status, headers, Body::from_stream(pieces)).into_response()
    }
}

impl Output for Download {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = json!({ "type": "string" });
        let media = "text/plain";
        operation.answers(StatusCode::OK, "The whole text", media, &schema);
        operation.answers(StatusCode::PARTIAL_CONTENT, "A part of it", media, &schema);
        let problem = schemas.answer::<Problem>();
        let status = StatusCode::RANGE_NOT_SATISFIABLE;
        operation.answers(status, "There is no such part", PROBLEM_JSON, &problem);
    }
}
