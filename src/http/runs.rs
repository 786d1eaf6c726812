//! Runs: lists, single ones with their attempts, what they kept, and how they
//! differ. What starts and stops them is in [`super::launch`].

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, Path, Query};
use super::range::Download;
use super::route::{Route, get, patch};
use crate::domain::access::Permission::{LogsRead, RunsPin, RunsRead};
use crate::domain::access::Principal;
use crate::domain::audit::Actor;
use crate::domain::filepath::FilePath;
use crate::domain::run::{Artifact, Attempt, Run};
use crate::service::access::Client;
use crate::service::history::{self, RunsQuery};
use crate::service::inspect::{self, RunDetail, Since};
use crate::service::page::Page;
use crate::service::usage::{self, Usage};
use crate::service::{App, runs};
use axum::extract;
use axum::http::HeaderMap;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/runs", RunsRead, "List runs, newest first", list),
        get("/api/v1/runs/{run}", RunsRead, "Show a run", show),
        patch(
            "/api/v1/runs/{run}",
            RunsPin,
            "Keep a run whatever housekeeping thinks, or no longer",
            pin,
        ),
        get(
            "/api/v1/runs/{run}/attempts",
            RunsRead,
            "List the attempts of a run, first to last",
            attempts,
        ),
        get(
            "/api/v1/runs/{run}/changes",
            RunsRead,
            "Tell what changed since another run of the task",
            changes,
        ),
        get(
            "/api/v1/runs/{run}/usage",
            RunsRead,
            "Tell what an attempt used over time",
            used,
        ),
        get(
            "/api/v1/runs/{run}/result",
            LogsRead,
            "Read what the script left as its result",
            result,
        ),
        get(
            "/api/v1/runs/{run}/artifacts",
            RunsRead,
            "List the files kept from a run",
            artifacts,
        ),
        get(
            "/api/v1/runs/{run}/artifacts/{*path}",
            LogsRead,
            "Download a file kept from a run, whole or a range of it",
            download,
        ),
    ]
}

/// A run of the path.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct OneRun {
    /// An id, its beginning or end of 4 digits or more, a task for its newest
    /// run, or `last`.
    pub(super) run: String,
}

/// What to change of a run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Pin {
    /// Whether it is kept, with its log, its files and its code.
    pinned: bool,
}

/// A file of a run, of the path.
#[derive(Debug, Deserialize, JsonSchema)]
struct RunFile {
    /// An id, its beginning or end of 4 digits or more.
    run: String,
    /// The path of a kept file.
    path: FilePath,
}

/// With what a run is compared.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Against {
    /// The other run, named like the first.
    since: String,
}

/// A run by how people name it, if it exists for them.
pub(super) async fn find(app: &App, caller: &Principal, text: &str) -> Result<Run, Problem> {
    let run = runs::find(app, text).await?;
    match caller.sees(&run.task) {
        true => Ok(run),
        false => Err(runs::unknown(text).into()),
    }
}

/// Which attempt of a run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OneAttempt {
    /// Which attempt of the run; without it, the newest.
    #[schemars(range(min = 1))]
    attempt: Option<u32>,
}

type AppState = extract::State<State>;

async fn list(
    extract::State(state): AppState,
    Caller(caller): Caller,
    Query(query): Query<RunsQuery>,
) -> Result<Json<Page<Run>>, Problem> {
    Ok(Json(history::list(&state.app, &caller, &query).await?))
}

async fn show(
    extract::State(state): AppState,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
) -> Result<Json<RunDetail>, Problem> {
    let run = find(&state.app, &caller, &of.run).await?;
    let mut detail = inspect::run(&state.app, run).await?;
    if caller.may(LogsRead).is_err() {
        detail.run.result = None;
        if let Some(sent) = &mut detail.sent {
            sent.preview.clear();
            sent.cut = true;
        }
    }
    Ok(Json(detail))
}

async fn pin(
    extract::State(state): AppState,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OneRun>,
    Json(pin): Json<Pin>,
) -> Result<Json<Run>, Problem> {
    let run = find(&state.app, &caller, &of.run).await?;
    let by = Actor::of(&caller, client.address);
    let mut run = history::pin(&state.app, by, &run, pin.pinned).await?;
    if caller.may(LogsRead).is_err() {
        run.result = None;
    }
    Ok(Json(run))
}

async fn attempts(
    extract::State(state): AppState,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
) -> Result<Json<Vec<Attempt>>, Problem> {
    let run = find(&state.app, &caller, &of.run).await?;
    Ok(Json(inspect::run(&state.app, run).await?.attempts))
}

async fn changes(
    extract::State(state): AppState,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
    Query(against): Query<Against>,
) -> Result<Json<Since>, Problem> {
    let now = find(&state.app, &caller, &of.run).await?;
    let then = find(&state.app, &caller, &against.since).await?;
    Ok(Json(history::between(&state.app, &then, &now).await?))
}

async fn used(
    extract::State(state): AppState,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
    Query(which): Query<OneAttempt>,
) -> Result<Json<Usage>, Problem> {
    let run = find(&state.app, &caller, &of.run).await?;
    Ok(Json(usage::of(&state.app, run.id, which.attempt).await?))
}

async fn result(
    extract::State(state): AppState,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
) -> Result<Json<serde_json::Value>, Problem> {
    let run = find(&state.app, &caller, &of.run).await?;
    run.result.map(Json).ok_or_else(|| {
        Problem::not_found(format!(
            "run {} left no result: its script writes one to the file $RUNBAY_RESULT",
            run.id.short()
        ))
    })
}

async fn artifacts(
    extract::State(state): AppState,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
) -> Result<Json<Vec<Artifact>>, Problem> {
    let run = find(&state.app, &caller, &of.run).await?;
    Ok(Json(inspect::run(&state.app, run).await?.artifacts))
}

async fn download(
    extract::State(state): AppState,
    Caller(caller): Caller,
    Path(of): Path<RunFile>,
    headers: HeaderMap,
) -> Result<Download, Problem> {
    let run = find(&state.app, &caller, &of.run).await?;
    let (file, bytes) = history::artifact(&state.app, run.id, &of.path).await?;
    Download::of(file, bytes, of.path.name(), &headers)
}
