//! What is answered instead of everything else while the database is damaged: what
//! happened, where, and what to do. Nothing is read from the database, nothing
//! written, and nothing begins.

use super::error::{PROBLEM_JSON, Problem};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Answers every request with a text; `told` is all of it, for this machine
/// alone, where others may get in too.
pub fn notice(told: &str) -> Router {
    let told = told.to_owned();
    Router::new().fallback(move |request: Request| {
        let told = told.clone();
        async move { answer(&request, &told) }
    })
}

fn answer(request: &Request, told: &str) -> Response {
    // The process is alive, and a new one would do no better.
    if request.uri().path() == "/livez" {
        return "ok\n".into_response();
    }
    let status = StatusCode::SERVICE_UNAVAILABLE;
    if wants_page(request.headers()) {
        let html = "text/html; charset=utf-8";
        let csp = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        return (
            status,
            [
                (header::CONTENT_TYPE, HeaderValue::from_static(html)),
                (
                    header::CONTENT_SECURITY_POLICY,
                    HeaderValue::from_static(csp),
                ),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
            page(told),
        )
            .into_response();
    }
    let mut answer = Problem::new(status, "unavailable", told).into_response();
    let kind = HeaderValue::from_static(PROBLEM_JSON);
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT);
    accepts.is_some_and(|a| a.to_str().is_ok_and(|a| a.contains("text/html")))
}

fn page(told: &str) -> String {
    let text = told
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Runbay stands still</title>\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:12vh auto;padding:0 1rem;\
         color-scheme:light dark}}pre{{white-space:pre-wrap;overflow-wrap:anywhere}}</style>\
         <h1>Runbay stands still</h1><pre>{text}</pre></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    async fn ask(path: &str, accept: &str) -> (StatusCode, String) {
        let request = axum::http::Request::get(path).header("accept", accept);
        let answer =
            notice("the file <a> is damaged").oneshot(request.body(Body::empty()).unwrap());
        let (head, body) = answer.await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn whoever_asks_is_told_in_their_way() {
        let (status, page) = ask("/tasks", "text/html,*/*").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(page.contains("the file &lt;a&gt; is damaged"), "{page}");
        let (status, problem) = ask("/api/v1/runs", "application/json").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(problem.contains("the file <a> is damaged"), "{problem}");
        assert_eq!(ask("/readyz", "").await.0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ask("/livez", "").await.0, StatusCode::OK);
    }
}
