//! The service itself: its version, its engine, its settings, its state.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json};
use super::reply::Tagged;
use super::route::{Route, get, patch, post};
use super::upload::IfMatch;
use crate::config::{LIVE, Setting};
use crate::domain::access::Permission::{SystemRead, SystemWrite};
use crate::domain::audit::Actor;
use crate::service::access::Client;
use crate::service::doctor::Report;
use crate::service::settings;
use crate::service::system::{self, Storage, System};
use axum::extract;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use std::borrow::Cow;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/v1/system",
            SystemRead,
            "Tell the version of the service and how it stands",
            show,
        ),
        get(
            "/api/v1/system/storage",
            SystemRead,
            "Add up what the data folder holds",
            storage,
        ),
        post(
            "/api/v1/system/doctor",
            SystemWrite,
            "Examine machine, engine and settings; takes some seconds",
            doctor,
        ),
        get(
            "/api/v1/settings",
            SystemRead,
            "List all settings, each with its source; the ETag goes into If-Match of a change",
            settings,
        ),
        patch(
            "/api/v1/settings",
            SystemWrite,
            "Change settings in runbay.toml, of those that may be changed while the service runs",
            change,
        ),
    ]
}

type App = extract::State<State>;

async fn show(extract::State(state): App) -> Result<Json<System>, Problem> {
    Ok(Json(system::show(&state.app).await?))
}

async fn storage(extract::State(state): App) -> Result<Json<Storage>, Problem> {
    Ok(Json(system::storage(&state.app).await?))
}

async fn doctor(extract::State(state): App) -> Result<Json<Report>, Problem> {
    Ok(Json(system::doctor(&state.app).await))
}

async fn settings(extract::State(state): App) -> Result<Tagged<Vec<Setting>>, Problem> {
    let (body, etag) = settings::show(&state.app).await?;
    Ok(Tagged { etag: etag.0, body })
}

/// New values by key, as they are written in the file; null is back to the default.
#[derive(Debug, Deserialize)]
struct Changes(settings::Changes);

impl JsonSchema for Changes {
    fn schema_name() -> Cow<'static, str> {
        "SettingChanges".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let value = serde_json::json!({ "type": ["string", "number", "boolean", "null"] });
        let all = LIVE.iter().map(|key| ((*key).to_owned(), value.clone()));
        schemars::json_schema!({
            "type": "object",
            "properties": all.collect::<serde_json::Map<_, _>>(),
            "additionalProperties": false,
            "examples": [{ "keep.runs": 500, "keep.age": "30d", "queue.slots": null }],
        })
    }
}

async fn change(
    extract::State(state): App,
    Caller(caller): Caller,
    client: Client,
    IfMatch(guard): IfMatch,
    Json(Changes(changes)): Json<Changes>,
) -> Result<Tagged<Vec<Setting>>, Problem> {
    let by = Actor::of(&caller, client.address);
    let (body, etag) = settings::change(&state.app, by, changes, guard).await?;
    Ok(Tagged { etag: etag.0, body })
}
