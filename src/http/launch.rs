//! Starting, repeating and cancelling runs.

use super::State;
use super::describe::{Input, Operation, Schemas};
use super::error::Problem;
use super::extract::{Caller, Json, MaybeJson, Named, Path, Query};
use super::reply::Launched;
use super::route::{Route, post};
use super::runs::{OneRun, find};
use super::tasks::{CREATE_BODY, OneTask};
use crate::domain::access::{Credential, Permission, Principal};
use crate::domain::filepath::FilePath;
use crate::domain::ids::TaskName;
use crate::domain::retry::Overlap;
use crate::domain::run::{OnDisconnect, Run, Trigger};
use crate::domain::secret::{Secret, Secrets};
use crate::service::runs::{self, Again, Request, Submitted};
use crate::service::tasks::NewFile;
use crate::service::{App, Field, Place, drive};
use axum::extract::{self, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) fn routes() -> Vec<Route> {
    use Permission::{RunsCancel, RunsTrigger};
    vec![
        post(
            "/api/v1/tasks/{task}/runs",
            RunsTrigger,
            "Run a task; with files, try them without saving them",
            start,
        )
        .with_body_up_to(CREATE_BODY),
        post(
            "/api/v1/runs/{run}/rerun",
            RunsTrigger,
            "Run again what an earlier run did",
            rerun,
        ),
        post(
            "/api/v1/runs/{run}/cancel",
            RunsCancel,
            "Stop a run",
            cancel,
        ),
        post(
            "/api/v1/runs/cancel",
            RunsCancel,
            "Stop all runs that wait or go on",
            cancel_all,
        ),
    ]
}

/// How a run shall be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Start {
    /// Values of declared parameters, by name.
    params: BTreeMap<String, Value>,
    /// Arguments after those of the manifest.
    args: Vec<String>,
    /// Instead of the task's own priority.
    #[schemars(range(min = -100, max = 100))]
    priority: Option<i32>,
    /// Instead of the task's own overlap policy.
    overlap: Option<Overlap>,
    /// Values of secrets that the task names, instead of those that are kept. They
    /// are kept, sealed, until the run is over.
    secrets: BTreeMap<String, String>,
    /// Files to lay over the task's own, by path, for this run alone: nothing is
    /// saved. Only those who may change the task may do this.
    // Few generators of clients know names that follow a pattern.
    #[schemars(with = "BTreeMap<String, NewFile>")]
    files: BTreeMap<FilePath, NewFile>,
}

/// How long to wait for the end of a run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Waiting {
    /// Seconds to wait for the end before answering, 3600 at most.
    #[schemars(range(min = 0, max = 3600))]
    #[serde(deserialize_with = "an_hour_at_most")]
    wait: u32,
}

fn an_hour_at_most<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let wait = u32::deserialize(from)?;
    if wait > 3600 {
        return Err(D::Error::custom("it waits for 3600 seconds at most"));
    }
    Ok(wait)
}

/// What is asked for beside a run itself.
struct Manner {
    waiting: Waiting,
    /// The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).
    key: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Manner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(waiting) = Query::from_request_parts(parts, state).await?;
        let key = key(&parts.headers)?;
        Ok(Self { waiting, key })
    }
}

impl Input for Manner {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Query::<Waiting>::describe(operation, schemas);
        operation.parameters.push(json!({
            "name": KEY,
            "in": "header",
            "required": false,
            "description": "Makes asking twice the same as asking once, for a day: the second answer is the first one's run.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        }));
    }
}

const KEY: &str = "Idempotency-Key";

async fn start(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    Named(of): Named<OneTask>,
    Manner { waiting, key }: Manner,
    MaybeJson(asked): MaybeJson<Start>,
) -> Result<Launched, Problem> {
    let app = &state.app;
    if let Some(priority) = asked.priority.filter(|p| !(-100..=100).contains(p)) {
        let message = format!("{priority} is not from -100 to 100");
        return Err(Problem::field(Place::Body, "/priority", message));
    }
    if !asked.files.is_empty() {
        caller
            .may(Permission::TasksWrite)
            .map_err(Problem::forbidden)?;
    }
    let request = Request {
        params: asked.params,
        args: asked.args,
        on_disconnect: OnDisconnect::Continue,
        trigger: trigger(&caller),
        by: Some(caller.name()),
        secrets: secrets(asked.secrets),
        files: asked.files,
        priority: asked.priority,
        overlap: asked.overlap,
        key,
        ..Request::new(of.task)
    };
    let (run, replayed) = match runs::submit(app, &request).await? {
        Submitted::Queued(run) => (run, false),
        Submitted::Replayed(run) => (run, true),
    };
    launched(app, run, replayed, &waiting).await
}

/// What a run again shall be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Repeat {
    /// From the very image of the earlier run, not from the task's present code.
    same_image: bool,
    /// Values of secrets that the task names, instead of those that are kept.
    secrets: BTreeMap<String, String>,
}

async fn rerun(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
    Query(waiting): Query<Waiting>,
    MaybeJson(asked): MaybeJson<Repeat>,
) -> Result<Launched, Problem> {
    let app = &state.app;
    let earlier = find(app, &caller, &of.run).await?;
    let again = Again {
        of: earlier.id,
        same_image: asked.same_image,
        on_disconnect: OnDisconnect::Continue,
        by: Some(caller.name()),
        secrets: secrets(asked.secrets),
    };
    let run = runs::resubmit(app, &again).await?;
    launched(app, run, false, &waiting).await
}

async fn cancel(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
    Query(waiting): Query<Waiting>,
) -> Result<Launched, Problem> {
    let app = &state.app;
    let run = find(app, &caller, &of.run).await?;
    runs::cancel(app, run.id).await?;
    let run = runs::find(app, &run.id.to_string()).await?;
    launched(app, run, false, &waiting).await
}

/// Which runs to cancel.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Which {
    /// Only runs of this task.
    task: Option<TaskName>,
    /// Only runs that have not begun.
    queued: bool,
}

/// How many runs were asked to stop.
#[derive(Debug, Serialize, JsonSchema)]
struct Cancelled {
    /// Runs.
    cancelled: usize,
}

async fn cancel_all(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    Json(which): Json<Which>,
) -> Result<Json<Cancelled>, Problem> {
    let sees = |task: &TaskName| caller.sees(task);
    let cancelled = runs::cancel_all(&state.app, which.task.as_ref(), which.queued, sees).await?;
    Ok(Json(Cancelled { cancelled }))
}

/// Waits for the end of a run as long as asked, and answers.
async fn launched(
    app: &App,
    run: Run,
    replayed: bool,
    waiting: &Waiting,
) -> Result<Launched, Problem> {
    let patience = Duration::from_secs(waiting.wait.into());
    let run = match waiting.wait {
        0 => run,
        _ => drive::finished(app, run.id, patience).await?,
    };
    Ok(Launched { run, replayed })
}

fn secrets(given: BTreeMap<String, String>) -> Secrets {
    let given = given.into_iter();
    given
        .map(|(name, value)| (name, Secret::new(value)))
        .collect()
}

/// People click and type; programs send tokens and passwords.
fn trigger(caller: &Principal) -> Trigger {
    match caller.credential {
        Credential::Session { .. } | Credential::Folder => Trigger::Manual,
        Credential::Token { .. } | Credential::Password => Trigger::Api,
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(KEY) else {
        return Ok(None);
    };
    let text = value.to_str().map(str::trim).unwrap_or_default();
    let text = text.trim_matches('"');
    if (1..=255).contains(&text.len()) {
        return Ok(Some(text.to_owned()));
    }
    let message = "1 to 255 visible ASCII characters";
    let field = Field::new(Place::Header, "/idempotency-key", message);
    Err(Problem::fields(vec![field]))
}
