//! The service itself: its version, its engine, its settings, its state.

use super::State;
use super::error::Problem;
use super::extract::Json;
use super::route::{Route, get, post};
use crate::config::Setting;
use crate::domain::access::Permission::{SystemRead, SystemWrite};
use crate::service::doctor::Report;
use crate::service::system::{self, Storage, System};
use axum::extract;

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
            "List all settings, each with its source",
            settings,
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

async fn settings(extract::State(state): App) -> Result<Json<Vec<Setting>>, Problem> {
    Ok(Json(state.app.config.settings.clone()))
}
