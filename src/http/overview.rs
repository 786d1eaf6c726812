//! How everything was lately, in one answer.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, Query};
use super::route::{Route, get};
use crate::domain::access::Permission::RunsRead;
use crate::service::Place;
use crate::service::overview::{self, Overview};
use axum::extract;
use chrono::{FixedOffset, Utc};
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![get(
        "/api/v1/overview",
        RunsRead,
        "Tell how everything was lately, and what comes next",
        show,
    )]
}

/// On whose clock.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Clock {
    /// How far the clock of who asks is before UTC, minutes; days are told by it.
    #[schemars(range(min = -1439, max = 1439))]
    offset: i32,
}

async fn show(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    Query(clock): Query<Clock>,
) -> Result<Json<Overview>, Problem> {
    let seconds = clock.offset.checked_mul(60);
    let Some(clock) = seconds.and_then(FixedOffset::east_opt) else {
        let message = "this is not from -1439 to 1439";
        return Err(Problem::field(Place::Query, "/offset", message));
    };
    let overview = overview::show(&state.app, &caller, clock, Utc::now()).await?;
    Ok(Json(overview))
}
