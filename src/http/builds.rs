//! Builds: images of tasks and newer locks, made while nobody waits.

use super::State;
use super::error::Problem;
use super::extract::{Json, MaybeJson, Named};
use super::reply::Accepted;
use super::route::{Route, delete, get, post};
use super::tasks::{OneTask, address};
use crate::domain::access::Permission::{RunsTrigger, TasksRead, TasksWrite};
use crate::domain::ids::{Digest, TaskName};
use crate::service::work::{self, Aim, Work};
use axum::extract;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        post(
            "/api/v1/tasks/{task}/build",
            RunsTrigger,
            "Build the image of a task",
            start,
        ),
        get(
            "/api/v1/tasks/{task}/build",
            TasksRead,
            "Tell how the last build of a task, or of its lock, stands",
            show,
        ),
        delete(
            "/api/v1/tasks/{task}/build",
            RunsTrigger,
            "Stop a build",
            cancel,
        ),
        post(
            "/api/v1/tasks/{task}/environment/proposal",
            TasksWrite,
            "Resolve the requirements of a task anew; nothing changes yet",
            propose,
        ),
        post(
            "/api/v1/tasks/{task}/environment/adoption",
            TasksWrite,
            "Build a proposed lock, and make it the one in use",
            adopt,
        ),
    ]
}

/// How to build.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Manner {
    /// Builds the environment although it is there, on the base of today.
    anew: bool,
}

/// A lock that was proposed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ProposedLock {
    /// Its digest.
    lock: Digest,
}

type App = extract::State<State>;

async fn begin(
    app: &crate::service::App,
    task: &TaskName,
    aim: Aim,
) -> Result<Accepted<Work>, Problem> {
    let work = work::start(app, task, aim).await?;
    Ok(Accepted(format!("{}/build", address(task)), work))
}

async fn start(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
    MaybeJson(manner): MaybeJson<Manner>,
) -> Result<Accepted<Work>, Problem> {
    begin(&state.app, &task, Aim::Image { anew: manner.anew }).await
}

async fn show(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
) -> Result<Json<Work>, Problem> {
    Ok(Json(work::show(&state.app, &task)?))
}

async fn cancel(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
) -> Result<Json<Work>, Problem> {
    Ok(Json(work::cancel(&state.app, &task)?))
}

async fn propose(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
) -> Result<Accepted<Work>, Problem> {
    begin(&state.app, &task, Aim::Proposal).await
}

async fn adopt(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
    Json(proposed): Json<ProposedLock>,
) -> Result<Accepted<Work>, Problem> {
    begin(
        &state.app,
        &task,
        Aim::Adoption {
            lock: proposed.lock,
        },
    )
    .await
}
