//! Tasks: list, look, make, change, delete.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, Named, OfTask, Query};
use super::reply::Created;
use super::route::{Route, delete, get, patch, post};
use crate::domain::access::Permission::{TasksRead, TasksWrite};
use crate::domain::access::{Denied, Principal};
use crate::domain::ids::TaskName;
use crate::service::page::Page;
use crate::service::tasks::{self, Create, Deleted, Loss, Patch, TaskItem, TaskView, TasksQuery};
use axum::extract;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/tasks", TasksRead, "List tasks, by name", list),
        post(
            "/api/v1/tasks",
            TasksWrite,
            "Make a task from a template or from given files",
            create,
        )
        .with_body_up_to(CREATE_BODY),
        get("/api/v1/tasks/{task}", TasksRead, "Show a task", show),
        patch(
            "/api/v1/tasks/{task}",
            TasksWrite,
            "Change description, tags, or whether new runs are allowed",
            change,
        ),
        delete(
            "/api/v1/tasks/{task}",
            TasksWrite,
            "Delete a task; its runs, logs and versions are kept",
            remove,
        ),
        get(
            "/api/v1/tasks/{task}/loss",
            TasksRead,
            "Tell what deleting a task would take away",
            loss,
        ),
        post(
            "/api/v1/tasks/{task}/rename",
            TasksWrite,
            "Give a task another name; its history comes along",
            rename,
        ),
        post(
            "/api/v1/tasks/{task}/duplicate",
            TasksWrite,
            "Make a task with the same code",
            duplicate,
        ),
    ]
}

/// Files of 16 MiB grow by a third in base 64.
pub(super) const CREATE_BODY: u64 = 32 * 1024 * 1024;

/// A task of the path.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct OneTask {
    /// The name of a task.
    pub(super) task: TaskName,
}

impl OfTask for OneTask {
    fn task(&self) -> &TaskName {
        &self.task
    }
}

/// A new name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewName {
    /// The name, which must be free.
    name: TaskName,
}

/// What happens to runs that are not over.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Removal {
    /// Cancels them, instead of refusing.
    #[serde(default)]
    cancel_runs: bool,
}

/// The address of a task.
pub(super) fn address(task: &TaskName) -> String {
    format!("/api/v1/tasks/{task}")
}

/// A token for some tasks makes no others.
fn allow(principal: &Principal, name: &TaskName) -> Result<(), Problem> {
    match principal.sees(name) {
        true => Ok(()),
        false => Err(Problem::forbidden(Denied::Task)),
    }
}

type App = extract::State<State>;

async fn list(
    extract::State(state): App,
    Caller(principal): Caller,
    Query(query): Query<TasksQuery>,
) -> Result<Json<Page<TaskItem>>, Problem> {
    Ok(Json(tasks::list(&state.app, &principal, &query).await?))
}

async fn create(
    extract::State(state): App,
    Caller(principal): Caller,
    Json(new): Json<Create>,
) -> Result<Created<TaskView>, Problem> {
    allow(&principal, &new.name)?;
    let view = tasks::create(&state.app, new).await?;
    Ok(Created(address(&view.name), view))
}

async fn show(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
) -> Result<Json<TaskView>, Problem> {
    Ok(Json(tasks::show(&state.app, &task).await?))
}

async fn change(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
    Json(patch): Json<Patch>,
) -> Result<Json<TaskView>, Problem> {
    Ok(Json(tasks::patch(&state.app, &task, patch).await?))
}

async fn remove(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
    Query(removal): Query<Removal>,
) -> Result<Json<Deleted>, Problem> {
    let deleted = tasks::delete(&state.app, &task, removal.cancel_runs).await?;
    Ok(Json(deleted))
}

async fn loss(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
) -> Result<Json<Loss>, Problem> {
    Ok(Json(tasks::loss(&state.app, &task).await?))
}

async fn rename(
    extract::State(state): App,
    Caller(principal): Caller,
    Named(OneTask { task }): Named<OneTask>,
    Json(to): Json<NewName>,
) -> Result<Json<TaskView>, Problem> {
    allow(&principal, &to.name)?;
    Ok(Json(tasks::rename(&state.app, &task, &to.name).await?))
}

async fn duplicate(
    extract::State(state): App,
    Caller(principal): Caller,
    Named(OneTask { task }): Named<OneTask>,
    Json(to): Json<NewName>,
) -> Result<Created<TaskView>, Problem> {
    allow(&principal, &to.name)?;
    let view = tasks::duplicate(&state.app, &task, &to.name).await?;
    Ok(Created(address(&view.name), view))
}
