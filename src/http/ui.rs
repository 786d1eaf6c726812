//! The web interface: files that were built into the binary, and nothing that
//! depends on who asks. What they ask for goes through the API like everything.

use super::error::Problem;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use std::io::Read;

/// A file of the interface.
struct File {
    /// Its path, without a `/` before it.
    path: &'static str,
    /// Its media type.
    media: &'static str,
    /// Its entity tag, with quotes.
    etag: &'static str,
    /// As it is; empty where it is kept only compressed.
    plain: &'static [u8],
    /// Compressed by gzip; empty where that does not help.
    gzip: &'static [u8],
    /// Compressed by Brotli; empty where that does not help.
    brotli: &'static [u8],
}

/// `FILES`, made by `build.rs` from `web/dist/`.
mod built {
    use super::File;
    include!(concat!(env!("OUT_DIR"), "/ui.rs"));
}

/// Scripts and connections only from and to here; no page may be put into one of
/// another site; strings become neither code nor markup (Trusted Types). Styles
/// may be set by scripts, since both code editors do.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; \
    manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// The page for binaries that were built without the interface.
const ABSENT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Runbay</title>\
    <h1>Runbay is running</h1><p>This binary was built without the web interface: <code>make web</code> \
    builds it, then <code>cargo build</code> takes it in. The <a href=\"/api/docs\">API</a> and the \
    command line work.";

/// Answers what no route of the API does: a file of the interface, or, since its
/// pages have addresses of their own, the page that shows them all.
pub(super) async fn serve(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    let ours = path.split('/').next() != Some("api");
    if !looks || !ours {
        return Problem::not_found("there is nothing at this path").into_response();
    }
    let found = file(path);
    // What was built into an earlier binary: the page reloads itself then.
    if found.is_none() && (path.starts_with("assets/") || path.starts_with("icons/")) {
        return Problem::not_found("this version of the interface has no such file")
            .into_response();
    }
    match found.or_else(|| file("index.html")) {
        Some(file) => answer(file, request.headers()),
        None => page(ABSENT),
    }
}

fn file(path: &str) -> Option<&'static File> {
    let all = built::FILES;
    let at = all.binary_search_by(|file| file.path.cmp(path)).ok()?;
    all.get(at)
}

fn page(text: &'static str) -> Response {
    // Once the interface is built, no browser shall show this in its place.
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

fn answer(file: &File, asked: &HeaderMap) -> Response {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CSP);
    set(header::CONTENT_TYPE, file.media);
    set(header::ETAG, file.etag);
    set(header::VARY, "accept-encoding");
    // Names of assets hold a hash of what is in them.
    set(
        header::CACHE_CONTROL,
        match file.path.starts_with("assets/") {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        },
    );
    let known = asked.get(header::IF_NONE_MATCH);
    let known = known.and_then(|known| known.to_str().ok()).unwrap_or("");
    // Compression between us and the browser may have marked it as weak.
    if known
        .split(',')
        .any(|tag| tag.trim().trim_start_matches("W/") == file.etag)
    {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let takes = asked.get(header::ACCEPT_ENCODING);
    let takes = takes.and_then(|takes| takes.to_str().ok()).unwrap_or("");
    for (name, bytes) in [("br", file.brotli), ("gzip", file.gzip)] {
        if !bytes.is_empty() && accepts(takes, name) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
            return (headers, bytes).into_response();
        }
    }
    if file.plain.is_empty() && !file.gzip.is_empty() {
        let mut plain = Vec::new();
        // What was compressed when this was built cannot be broken.
        if GzDecoder::new(file.gzip).read_to_end(&mut plain).is_ok() {
            return (headers, Body::from(plain)).into_response();
        }
    }
    (headers, file.plain).into_response()
}

/// Whether a header `Accept-Encoding` (RFC 9110, 12.5.3) names a coding.
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        let refused = |word: &str| matches!(word.strip_prefix("q="), Some(q) if q.trim_matches(['0', '.']).is_empty());
        words.next() == Some(coding) && !words.any(refused)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_taken_as_they_are_offered() {
        assert!(accepts("gzip, deflate, br;q=0.9", "br"));
        assert!(accepts("gzip;q=1.0", "gzip"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("gzip;q=0.000", "gzip"));
        assert!(!accepts("", "gzip"));
        assert!(!accepts("xbr", "br"));
    }

    #[tokio::test]
    async fn pages_have_addresses_of_their_own_and_the_api_has_its_own() {
        let get = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            serve(request).await
        };
        for path in ["/", "/runs/0193", "/tasks/a?tab=code", "/index.html"] {
            let response = get(path).await;
            assert_eq!(response.status(), 200, "{path}");
            assert!(
                response.headers()["content-type"]
                    .to_str()
                    .unwrap()
                    .starts_with("text/html")
            );
        }
        for path in ["/api", "/api/v1/nothing", "/assets/gone-12345678.js"] {
            assert_eq!(get(path).await.status(), 404, "{path}");
        }
        let post = Request::post("/").body(Body::empty()).unwrap();
        assert_eq!(serve(post).await.status(), 404);
    }

    #[test]
    fn files_are_in_order_and_say_what_they_are() {
        assert!(built::FILES.is_sorted_by_key(|file| file.path));
        for file in built::FILES {
            assert!(
                file.etag.starts_with('"') && file.etag.len() > 10,
                "{}",
                file.path
            );
            assert!(
                !file.plain.is_empty() || !file.gzip.is_empty(),
                "{}",
                file.path
            );
        }
    }
}
