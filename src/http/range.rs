//! Downloads of files, whole or a range of their bytes (RFC 9110 §14).

use super::describe::{Operation, Output, Schemas, bytes};
use super::error::Problem;
use super::reply::attachment;
use axum::body::Body;
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::ops::RangeInclusive;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

/// A file on its way to somebody. It is read as fast as they take it.
#[derive(Debug)]
pub struct Download {
    file: File,
    name: String,
    /// All of the file, bytes.
    size: u64,
    /// The part that is wanted.
    range: Option<RangeInclusive<u64>>,
}

impl Download {
    /// A file of `size` bytes, or the range of it that the headers ask for.
    ///
    /// # Errors
    /// 416 for a range that begins behind its end.
    pub fn of(file: File, size: u64, name: &str, headers: &HeaderMap) -> Result<Self, Problem> {
        let text = headers
            .get(header::RANGE)
            .and_then(|range| range.to_str().ok());
        // Without an ETag we cannot know that the rest would fit.
        let text = text.filter(|_| !headers.contains_key(header::IF_RANGE));
        let range = match text.map(|text| range(text, size)) {
            None | Some(Asked::Whole) => None,
            Some(Asked::Part(part)) => Some(part),
            Some(Asked::Nothing) => {
                let text = format!("the file has {size} bytes, and none of them is in this range");
                let status = StatusCode::RANGE_NOT_SATISFIABLE;
                return Err(Problem::new(status, "range", text));
            }
        };
        Ok(Self {
            file,
            name: name.to_owned(),
            size,
            range,
        })
    }
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Everything; also where we do not understand it, as the RFC has it.
    Whole,
    /// One part.
    Part(RangeInclusive<u64>),
    /// A part that is not there.
    Nothing,
}

/// What a header asks for of so many bytes.
pub(super) fn range(text: &str, size: u64) -> Asked {
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|rest| rest.split_once('-'))
    else {
        return Asked::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>();
    let (from, to) = match (number(first), number(last)) {
        (Ok(from), Ok(to)) if from <= to => (from, to.min(size.saturating_sub(1))),
        (Ok(from), Err(_)) if last.trim().is_empty() => (from, size.saturating_sub(1)),
        (Err(_), Ok(count)) if first.trim().is_empty() => match count {
            0 => return Asked::Nothing,
            count => (size.saturating_sub(count), size.saturating_sub(1)),
        },
        // Several ranges, or nonsense.
        _ => return Asked::Whole,
    };
    match from < size {
        true => Asked::Part(from..=to),
        false => Asked::Nothing,
    }
}

impl IntoResponse for Download {
    fn into_response(mut self) -> Response {
        let mut headers = attachment(&self.name);
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let (status, first, count) = match &self.range {
            None => (StatusCode::OK, 0, self.size),
            Some(range) => {
                let (first, last) = (*range.start(), *range.end());
                let told = format!("bytes {first}-{last}/{}", self.size);
                if let Ok(told) = HeaderValue::from_str(&told) {
                    headers.insert(header::CONTENT_RANGE, told);
                }
                (StatusCode::PARTIAL_CONTENT, first, last - first + 1)
            }
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(count));
        if self.file.seek(SeekFrom::Start(first)).is_err() {
            let text = "the file cannot be read";
            return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text)
                .into_response();
        }
        let part = tokio::fs::File::from_std(self.file).take(count);
        let body = Body::from_stream(ReaderStream::with_capacity(part, 64 * 1024));
        (status, headers, body).into_response()
    }
}

impl Output for Download {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let media = "application/octet-stream";
        operation.answers(StatusCode::OK, "The file", media, &bytes());
        let part = StatusCode::PARTIAL_CONTENT;
        operation.answers(part, "The range of it", media, &bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_rfc() {
        for (text, expected) in [
            ("bytes=0-0", Asked::Part(0..=0)),
            ("bytes=2-", Asked::Part(2..=9)),
            ("bytes=-3", Asked::Part(7..=9)),
            ("bytes=-99", Asked::Part(0..=9)),
            ("bytes=5-99", Asked::Part(5..=9)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=5-2", Asked::Whole),
            ("bytes=0-1,4-5", Asked::Whole),
            ("lines=0-1", Asked::Whole),
            ("bytes=99999999999999999999-", Asked::Whole),
        ] {
            assert_eq!(range(text, 10), expected, "{text}");
        }
        assert_eq!(range("bytes=0-", 0), Asked::Nothing);
    }
}
