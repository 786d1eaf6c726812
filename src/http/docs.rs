//! The API told by itself: the OpenAPI document, and a page for people. The
//! page is plain HTML without scripts, so it works offline and under any
//! content security policy.

use super::document;
use super::error::Problem;
use super::extract::Json;
use super::reply::Asset;
use super::route::{Route, get};
use crate::domain::access::Permission;
use serde_json::Value;
use std::fmt::Write;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);
static PAGE: LazyLock<String> = LazyLock::new(|| page(&DOCUMENT));
const STYLE: &str = include_str!("docs.css");

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/v1/openapi.json",
            Permission::SignedIn,
            "The OpenAPI 3.1 document of this API",
            openapi,
        ),
        get("/api/docs", Permission::SignedIn, "This page", show),
        get(
            "/api/docs.css",
            Permission::SignedIn,
            "How this page looks",
            style,
        ),
    ]
}

async fn openapi() -> Result<Json<&'static Value>, Problem> {
    Ok(Json(&DOCUMENT))
}

async fn show() -> Result<Asset, Problem> {
    Ok(Asset {
        media: "text/html; charset=utf-8",
        text: &PAGE,
    })
}

async fn style() -> Result<Asset, Problem> {
    Ok(Asset {
        media: "text/css; charset=utf-8",
        text: STYLE,
    })
}

/// The kinds of problems, by the fragment that a problem's `type` leads to.
const KINDS: [(&str, &str); 17] = [
    (
        "unreadable",
        "The request cannot be read: it is cut off or not JSON.",
    ),
    (
        "unauthorized",
        "Nobody is signed in, or the token is not valid.",
    ),
    (
        "forbidden",
        "The role or the token of who asks does not allow it.",
    ),
    (
        "not_found",
        "There is no such thing, or none that who asks may see.",
    ),
    (
        "method",
        "The path does not take this method; Allow names those it takes.",
    ),
    ("upgrade", "A WebSocket is wanted here."),
    (
        "forwarded",
        "A proxy that is not trusted says who asks: see the setting trusted_proxies.",
    ),
    (
        "foreign_page",
        "A page of another site sent this; a browser does that without asking.",
    ),
    (
        "conflict",
        "It cannot be done in the present state; the text says why.",
    ),
    (
        "stale",
        "Somebody else changed the file: the problem holds what it holds now, as content and etag.",
    ),
    (
        "too_large",
        "The body, or what is in it, is larger than is taken.",
    ),
    ("media_type", "The body is of another type than is taken."),
    ("range", "None of the bytes asked for is there."),
    (
        "invalid",
        "Fields are not valid; errors lists each with its place.",
    ),
    (
        "full",
        "Too much at once: try again after the seconds of Retry-After.",
    ),
    (
        "unavailable",
        "The engine or the database does not answer: try again after the seconds of Retry-After.",
    ),
    (
        "internal",
        "A failure of the service; its log tells more under the request_id.",
    ),
];

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// A text of a JSON value, ready for HTML.
fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn page(document: &Value) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Runbay API</title>\
         <link rel=\"stylesheet\" href=\"/api/docs.css\"></head><body><h1>Runbay API</h1>\
         <p>Every route, made from the code. For programs there is the \
         <a href=\"/api/v1/openapi.json\">OpenAPI 3.1 document</a>.</p>",
    );
    let paths = document["paths"].as_object().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            describe(&mut html, path, method, operation);
        }
    }
    html.push_str("<h2>Problems</h2><dl>");
    for (kind, about) in KINDS {
        // Writing to a text cannot fail.
        let _ = write!(
            html,
            "<dt id=\"{kind}\"><code>{kind}</code></dt><dd>{}</dd>",
            escape(about)
        );
    }
    html.push_str("</dl></body></html>");
    html
}

fn describe(html: &mut String, path: &str, method: &str, operation: &Value) {
    let _ = write!(
        html,
        "<section id=\"{id}\"><h3><b>{}</b> <code>{}</code></h3><p>{}<br><small>needs <code>{}</code></small></p>",
        method.to_uppercase(),
        escape(path),
        text(&operation["summary"]),
        text(&operation["x-permission"]),
        id = text(&operation["operationId"]),
    );
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let mut rows: Vec<String> = parameters
        .map(|parameter| {
            let need = match parameter["required"] == true {
                true => ", required",
                false => "",
            };
            row(
                &text(&parameter["name"]),
                &format!("{}{need}", text(&parameter["in"])),
                parameter,
            )
        })
        .collect();
    let bodies = operation["requestBody"]["content"]
        .as_object()
        .into_iter()
        .flatten();
    for (media, content) in bodies {
        let fields = content["schema"]["properties"].as_object();
        rows.extend(
            fields
                .into_iter()
                .flatten()
                .map(|(name, field)| row(&escape(name), &escape(media), field)),
        );
        if fields.is_none() {
            rows.push(row("the body", &escape(media), content));
        }
    }
    if !rows.is_empty() {
        let _ = write!(html, "<table>{}</table>", rows.concat());
    }
    html.push_str("</section>");
}

fn row(name: &str, place: &str, about: &Value) -> String {
    let text = text(&about["description"]);
    format!("<tr><td><code>{name}</code></td><td>{place}</td><td>{text}</td></tr>")
}
