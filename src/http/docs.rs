//! The API told by itself: the OpenAPI document, and a page for people. The
//! page is plain HTML without scripts, so it works offline and under any
//! content security policy.

use super::document;
use super::error::Problem;
use super::extract::Json;
use super::route::{Route, get};
use crate::domain::access::Permission;
use serde_json::Value;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

pub(super) fn routes() -> Vec<Route> {
    vec![get(
        "/api/v1/openapi.json",
        Permission::SignedIn,
        "The OpenAPI 3.1 document of this API",
        openapi,
    )]
}

async fn openapi() -> Result<Json<&'static Value>, Problem> {
    Ok(Json(&DOCUMENT))
}
