//! Triggers: addresses at which other services start runs.

use super::State;
use super::describe::{Input, Operation, Output, Schemas};
use super::error::Problem;
use super::extract::{self as ours, Caller, Json, Path, Query};
use super::reply::Done;
use super::route::{Route, delete, get, post, put};
use crate::domain::access::Permission;
use crate::domain::audit::Actor;
use crate::domain::ids::RunId;
use crate::domain::run::{Outcome, Run, RunState};
use crate::domain::secret::Secret;
use crate::domain::trigger::{Trigger, TriggerName, TriggerSpec};
use crate::service::Place;
use crate::service::access::Client;
use crate::service::drive;
use crate::service::runs::Submitted;
use crate::service::triggers::{self, Proof, TriggerMade};
use axum::body::Bytes;
use axum::extract::{self, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

pub(super) fn routes() -> Vec<Route> {
    use Permission::{Public, SystemWrite};
    vec![
        get("/api/v1/triggers", SystemWrite, "List triggers", list),
        put(
            "/api/v1/triggers/{trigger}",
            SystemWrite,
            "Make a trigger, or put another in its place; a new token is shown once",
            save,
        ),
        delete(
            "/api/v1/triggers/{trigger}",
            SystemWrite,
            "Remove a trigger",
            remove,
        ),
        post(
            "/api/v1/triggers/{trigger}/rotate",
            SystemWrite,
            "Give a trigger a new token, which is shown once",
            rotate,
        ),
        post(
            "/api/v1/triggers/{trigger}/fire",
            Public,
            "Start a run, with the token of the trigger or a signature",
            fire,
        ),
    ]
}

/// The trigger in the path.
#[derive(Deserialize, JsonSchema)]
struct OfTrigger {
    trigger: TriggerName,
}

async fn list(extract::State(state): extract::State<State>) -> Result<Json<Vec<Trigger>>, Problem> {
    Ok(Json(triggers::list(&state.app).await?))
}

async fn save(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfTrigger>,
    Json(spec): Json<TriggerSpec>,
) -> Result<Json<TriggerMade>, Problem> {
    let actor = Actor::of(&caller, client.address);
    let made = triggers::put(&state.app, &actor, &of.trigger, (spec, false));
    Ok(Json(made.await?))
}

async fn remove(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfTrigger>,
) -> Result<Done, Problem> {
    let actor = Actor::of(&caller, client.address);
    triggers::remove(&state.app, &actor, &of.trigger).await?;
    Ok(Done)
}

async fn rotate(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfTrigger>,
) -> Result<Json<TriggerMade>, Problem> {
    let actor = Actor::of(&caller, client.address);
    Ok(Json(
        triggers::rotate(&state.app, &actor, &of.trigger).await?,
    ))
}

/// What is sent, byte for byte: signatures are over these bytes.
struct Sent(Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let bytes = ours::body(Bytes::from_request(request, state).await)?;
        if !bytes.is_empty() {
            ours::want(&headers, &["application/json"])?;
        }
        Ok(Self(bytes.to_vec()))
    }
}

/// Any JSON: what it means is the script's business.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Anything(#[expect(dead_code, reason = "it is only described")] serde_json::Value);

impl Input for Sent {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.body = Some((vec!["application/json"], schemas.request::<Anything>()));
        operation.body_may_miss = true;
    }
}

/// What is asked for beside a run.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    /// The token of the trigger; `X-Runbay-Token` may hold it instead.
    token: Option<String>,
    /// Seconds to wait for the end before answering, 3600 at most.
    #[schemars(range(min = 0, max = 3600))]
    wait: u32,
}

/// A run that somebody started from outside: no more than they need.
#[derive(Serialize, JsonSchema)]
struct Fired {
    /// The run.
    run: RunId,
    /// Where it stands.
    state: RunState,
    /// How it ended; set exactly when finished.
    outcome: Option<Outcome>,
    /// The script's exit code, when it had one.
    exit_code: Option<i64>,
    /// The same call came before, and made this run.
    replayed: bool,
}

impl IntoResponse for Fired {
    fn into_response(self) -> Response {
        let status = match self.state {
            RunState::Finished => StatusCode::OK,
            _ if self.replayed => StatusCode::OK,
            _ => StatusCode::ACCEPTED,
        };
        (status, Json(self)).into_response()
    }
}

impl Output for Fired {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.answer::<Self>();
        let json = "application/json";
        operation.answers(StatusCode::OK, "Over, or asked for before", json, &schema);
        operation.answers(StatusCode::ACCEPTED, "It waits or goes on", json, &schema);
    }
}

async fn fire(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    Path(of): Path<OfTrigger>,
    Query(asked): Query<Asked>,
    Sent(body): Sent,
) -> Result<Fired, Problem> {
    let wait = bounded(asked.wait)?;
    let fired = triggers::fire(
        &state.app,
        &of.trigger,
        (proof(&headers, asked.token), body),
    );
    let submitted = Box::pin(fired).await?.map_err(|refused| {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            refused.to_string(),
        )
    })?;
    let (run, replayed) = match submitted {
        Submitted::Queued(run) => (run, false),
        Submitted::Replayed(run) => (run, true),
    };
    let run: Run = match wait.is_zero() {
        true => run,
        false => drive::finished(&state.app, run.id, wait).await?,
    };
    Ok(Fired {
        run: run.id,
        state: run.state,
        outcome: run.outcome,
        exit_code: run.exit_code,
        replayed,
    })
}

fn proof(headers: &HeaderMap, token: Option<String>) -> Proof {
    let text = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let stamp = text("webhook-timestamp").and_then(|at| at.parse().ok());
    Proof {
        token: token.or_else(|| text("x-runbay-token")).map(Secret::new),
        github: text("x-hub-signature-256"),
        standard: stamp.zip(text("webhook-signature")),
        id: text("webhook-id")
            .or_else(|| text("x-github-delivery"))
            .or_else(|| text("idempotency-key")),
    }
}

/// The wish to wait, if it is not for too long.
fn bounded(seconds: u32) -> Result<Duration, Problem> {
    match seconds {
        0..=3600 => Ok(Duration::from_secs(seconds.into())),
        _ => {
            let why = "it waits for 3600 seconds at most";
            Err(Problem::field(Place::Query, "/wait", why))
        }
    }
}
