//! Hooks: who is told of what happens, what was sent, and what was not taken.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, Path, Query};
use super::reply::Done;
use super::route::{Route, delete, get, post, put};
use crate::domain::access::Permission;
use crate::domain::audit::Actor;
use crate::domain::hook::{Delivery, DeliveryTries, Hook, HookName, HookSpec};
use crate::service::access::Client;
use crate::service::hooks::{self, DeliveriesQuery, Trial};
use crate::service::page::Page;
use crate::service::report::{self, ReportPreview};
use axum::extract;
use chrono::Utc;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes() -> Vec<Route> {
    use Permission::SystemWrite;
    vec![
        get("/api/v1/hooks", SystemWrite, "List hooks", list),
        get(
            "/api/v1/hooks/{hook}",
            SystemWrite,
            "Show a hook, and how it stands",
            show,
        ),
        put(
            "/api/v1/hooks/{hook}",
            SystemWrite,
            "Make a hook, or put another in its place",
            save,
        ),
        delete(
            "/api/v1/hooks/{hook}",
            SystemWrite,
            "Remove a hook with its deliveries",
            remove,
        ),
        post(
            "/api/v1/hooks/{hook}/test",
            SystemWrite,
            "Send something to a hook now, to see whether it arrives",
            test,
        ),
        get(
            "/api/v1/hooks/{hook}/deliveries",
            SystemWrite,
            "List the deliveries of a hook, newest first",
            deliveries,
        ),
        get(
            "/api/v1/hooks/{hook}/deliveries/{delivery}",
            SystemWrite,
            "Show a delivery, and each try of it",
            delivery,
        ),
        post(
            "/api/v1/hooks/{hook}/deliveries/{delivery}/redeliver",
            SystemWrite,
            "Have a delivery sent again",
            redeliver_one,
        ),
        post(
            "/api/v1/hooks/{hook}/redeliver",
            SystemWrite,
            "Have all deliveries of a hook sent again that were given up",
            redeliver_dead,
        ),
        get(
            "/api/v1/report",
            SystemWrite,
            "Show the report of the last 24 hours, as it is mailed",
            preview,
        ),
    ]
}

/// The hook in the path.
#[derive(Deserialize, JsonSchema)]
struct OfHook {
    hook: HookName,
}

/// The hook and the delivery in the path.
#[derive(Deserialize, JsonSchema)]
struct OfDelivery {
    hook: HookName,
    delivery: String,
}

async fn list(extract::State(state): extract::State<State>) -> Result<Json<Vec<Hook>>, Problem> {
    Ok(Json(hooks::list(&state.app).await?))
}

async fn show(
    extract::State(state): extract::State<State>,
    Path(of): Path<OfHook>,
) -> Result<Json<Hook>, Problem> {
    Ok(Json(hooks::show(&state.app, &of.hook).await?))
}

async fn save(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfHook>,
    Json(spec): Json<HookSpec>,
) -> Result<Json<Hook>, Problem> {
    let actor = Actor::of(&caller, client.address);
    Ok(Json(hooks::put(&state.app, &actor, &of.hook, spec).await?))
}

async fn remove(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfHook>,
) -> Result<Done, Problem> {
    let actor = Actor::of(&caller, client.address);
    hooks::remove(&state.app, &actor, &of.hook).await?;
    Ok(Done)
}

async fn test(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfHook>,
) -> Result<Json<Trial>, Problem> {
    let actor = Actor::of(&caller, client.address);
    Ok(Json(
        Box::pin(hooks::test(&state.app, &actor, &of.hook)).await?,
    ))
}

async fn deliveries(
    extract::State(state): extract::State<State>,
    Path(of): Path<OfHook>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<Page<Delivery>>, Problem> {
    Ok(Json(hooks::deliveries(&state.app, &of.hook, query).await?))
}

async fn delivery(
    extract::State(state): extract::State<State>,
    Path(of): Path<OfDelivery>,
) -> Result<Json<DeliveryTries>, Problem> {
    let found = hooks::delivery(&state.app, &of.hook, &of.delivery);
    Ok(Json(found.await?))
}

/// How many deliveries are sent again.
#[derive(Serialize, JsonSchema)]
struct Redelivered {
    /// Deliveries.
    redelivered: usize,
}

async fn redeliver_one(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfDelivery>,
) -> Result<Json<Redelivered>, Problem> {
    let actor = Actor::of(&caller, client.address);
    let again = hooks::redeliver(&state.app, &actor, &of.hook, Some(of.delivery));
    let redelivered = again.await?;
    Ok(Json(Redelivered { redelivered }))
}

async fn redeliver_dead(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfHook>,
) -> Result<Json<Redelivered>, Problem> {
    let actor = Actor::of(&caller, client.address);
    let redelivered = hooks::redeliver(&state.app, &actor, &of.hook, None).await?;
    Ok(Json(Redelivered { redelivered }))
}

async fn preview(
    extract::State(state): extract::State<State>,
) -> Result<Json<ReportPreview>, Problem> {
    Ok(Json(
        Box::pin(report::preview(&state.app, Utc::now())).await?,
    ))
}
