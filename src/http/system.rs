//! The service itself: its version, its engine, its state.

use super::State;
use super::error::Problem;
use super::extract::Json;
use super::route::{Route, get};
use crate::domain::access::Permission;
use crate::service::system::{self, System};
use axum::extract;

pub(super) fn routes() -> Vec<Route> {
    vec![get(
        "/api/v1/system",
        Permission::SystemRead,
        "Tell the version of the service and what is in it",
        show,
    )]
}

async fn show(extract::State(state): extract::State<State>) -> Result<Json<System>, Problem> {
    Ok(Json(system::show(&state.app).await?))
}
