//! Images, and the housekeeping of them.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, MaybeJson, Path, Query};
use super::route::{Route, get, patch, post};
use crate::domain::access::Permission::{SystemRead, SystemWrite};
use crate::domain::audit::Actor;
use crate::domain::size::Span;
use crate::service::access::Client;
use crate::service::images::{self, ImageItem};
use crate::service::prune::{self, Options, Plan, Swept};
use axum::extract;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/v1/images",
            SystemRead,
            "List images, newest first",
            list,
        ),
        get("/api/v1/images/{image}", SystemRead, "Show an image", show),
        patch(
            "/api/v1/images/{image}",
            SystemWrite,
            "Keep an image whatever housekeeping thinks, or no longer",
            pin,
        ),
        get(
            "/api/v1/prune",
            SystemRead,
            "Tell what housekeeping would remove, and why",
            plan,
        ),
        post(
            "/api/v1/prune",
            SystemWrite,
            "Remove what is no longer needed",
            carry_out,
        ),
    ]
}

/// An image of the path.
#[derive(Debug, Deserialize, JsonSchema)]
struct OneImage {
    /// The beginning of an id, of 4 digits or more.
    image: String,
}

/// What to change of an image.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Pin {
    /// Whether it is kept.
    pinned: bool,
}

/// What is still needed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Needed {
    /// How many of the newest runs of each task keep their image; none is
    /// `keep.images` of the settings.
    #[schemars(range(max = 1000))]
    #[serde(deserialize_with = "a_thousand_at_most")]
    keep_runs: Option<u16>,
    /// How long what no task needs is kept after its last use, such as `12h` or
    /// `30d`; none is `keep.unused` of the settings.
    older_than: Option<Span>,
}

fn a_thousand_at_most<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u16>, D::Error> {
    let runs = Option::<u16>::deserialize(from)?;
    match runs {
        Some(1001..) => Err(D::Error::custom("this is 1000 at most")),
        _ => Ok(runs),
    }
}

impl From<Needed> for Options {
    fn from(needed: Needed) -> Self {
        Self {
            keep_runs: needed.keep_runs.map(u32::from),
            older_than: needed.older_than.map(|span| span.0),
        }
    }
}

type App = extract::State<State>;

async fn list(extract::State(state): App) -> Result<Json<Vec<ImageItem>>, Problem> {
    Ok(Json(images::list(&state.app).await?))
}

async fn show(
    extract::State(state): App,
    Path(of): Path<OneImage>,
) -> Result<Json<ImageItem>, Problem> {
    Ok(Json(images::find(&state.app, &of.image).await?))
}

async fn pin(
    extract::State(state): App,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OneImage>,
    Json(pin): Json<Pin>,
) -> Result<Json<ImageItem>, Problem> {
    let by = Actor::of(&caller, client.address);
    let pinned = images::pin(&state.app, by, &of.image, pin.pinned).await?;
    Ok(Json(pinned))
}

async fn plan(
    extract::State(state): App,
    Query(needed): Query<Needed>,
) -> Result<Json<Plan>, Problem> {
    Ok(Json(prune::plan(&state.app, needed.into()).await?))
}

async fn carry_out(
    extract::State(state): App,
    Caller(caller): Caller,
    client: Client,
    MaybeJson(needed): MaybeJson<Needed>,
) -> Result<Json<Swept>, Problem> {
    let plan = prune::plan(&state.app, needed.into()).await?;
    let by = Actor::of(&caller, client.address);
    Ok(Json(prune::carry_out(&state.app, &plan, &by).await?))
}
