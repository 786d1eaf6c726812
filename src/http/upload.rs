//! Bodies that are no JSON, and the conditions that come with them.

use super::State;
use super::describe::{Input, Operation, Schemas, bytes};
use super::error::Problem;
use super::extract::{body, want};
use crate::domain::ids::Digest;
use crate::service::Place;
use crate::service::tasks::{self, Form, Guard};
use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt;
use serde_json::json;
use std::fs::File;
use tokio::io::AsyncWriteExt;

/// A body of any bytes, whole.
#[derive(Debug)]
pub(super) struct Raw(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // `curl -T` names no type; what names one means it.
        if request.headers().contains_key(header::CONTENT_TYPE) {
            want(request.headers(), &["application/octet-stream"])?;
        }
        body(Bytes::from_request(request, state).await).map(Self)
    }
}

impl Input for Raw {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let schema = bytes();
        operation.body = Some((vec!["application/octet-stream"], schema));
    }
}

/// What must hold of a file for it to be changed: `If-Match` with the ETag it
/// had, `If-None-Match: *` for a new one, or nothing in particular.
#[derive(Debug)]
pub(super) struct IfMatch(pub(super) Guard);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        guard(&parts.headers).map(Self)
    }
}

fn guard(headers: &HeaderMap) -> Result<Guard, Problem> {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("?").trim())
    };
    match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
        (None, None) => Ok(Guard::Any),
        (None, Some("*")) => Ok(Guard::New),
        (Some(etag), None) => {
            let digits = etag
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'));
            match digits {
                Some(digits) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
                    Ok(Guard::Same(Digest(digits.to_owned())))
                }
                _ => Err(Problem::field(
                    Place::Header,
                    "/if-match",
                    "give one ETag as it was answered, with its quotes",
                )),
            }
        }
        (Some(_), Some(_)) => Err(Problem::field(
            Place::Header,
            "/if-match",
            "not together with If-None-Match",
        )),
        (None, Some(_)) => Err(Problem::field(
            Place::Header,
            "/if-none-match",
            "only * is taken: the file must not be there",
        )),
    }
}

impl Input for IfMatch {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        for (name, text, pattern) in [
            (
                "If-Match",
                "Changes it only if it still has this ETag",
                "^\"[0-9a-f]*\"$",
            ),
            (
                "If-None-Match",
                "`*` writes the file only if it is not there",
                r"^\*$",
            ),
        ] {
            operation.parameters.push(json!({
                "name": name, "in": "header", "required": false, "description": text,
                "schema": { "type": "string", "pattern": pattern },
            }));
        }
    }
}

/// An archive, received whole into a file without a name.
#[derive(Debug)]
pub(super) struct Archive {
    /// The file.
    pub(super) file: File,
    /// How it is packed.
    pub(super) form: Form,
}

/// The types of archives.
const FORMS: [(&str, Form); 3] = [
    ("application/x-tar", Form::Tar),
    ("application/gzip", Form::TarGz),
    ("application/zip", Form::Zip),
];

impl FromRequest<State> for Archive {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &State) -> Result<Self, Problem> {
        let given = want(request.headers(), &FORMS.map(|(media, _)| media))?;
        let form = FORMS.iter().find(|(media, _)| *media == given);
        let form = form.map_or(Form::Tar, |(_, form)| *form);
        let failed = |error| {
            Problem::from(crate::service::Error::io("the upload cannot be kept")(
                error,
            ))
        };
        let file = tasks::receive(&state.app)?;
        let mut kept = tokio::fs::File::from_std(file);
        let mut stream = request.with_limited_body().into_body().into_data_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| {
                let text = "the archive is larger than 100 MiB, or its upload broke off";
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", text)
            })?;
            kept.write_all(&chunk).await.map_err(failed)?;
        }
        kept.flush().await.map_err(failed)?;
        let file = kept.into_std().await;
        Ok(Self { file, form })
    }
}

impl Input for Archive {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let types = FORMS.iter().map(|(media, _)| *media).collect();
        operation.body = Some((types, bytes()));
    }
}
