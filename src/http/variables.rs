//! Plain variables of runs.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, Named, Path, Query};
use super::reply::Done;
use super::route::{Route, delete, get, put};
use super::tasks::OneTask;
use crate::domain::access::Permission;
use crate::domain::audit::Actor;
use crate::domain::ids::TaskName;
use crate::domain::variable::{Level, Resolved, Variable, VariableName};
use crate::service::Place;
use crate::service::access::Client;
use crate::service::variables;
use axum::extract;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    use Permission::{SystemWrite, TasksRead};
    vec![
        get("/api/v1/variables", TasksRead, "List variables", list),
        get(
            "/api/v1/tasks/{task}/variables",
            TasksRead,
            "Show the variables that runs of a task get, and where each is from",
            of_task,
        ),
        put(
            "/api/v1/variables/{variable}",
            SystemWrite,
            "Set a variable of all tasks, of those with a tag, or of one",
            set,
        ),
        delete(
            "/api/v1/variables/{variable}",
            SystemWrite,
            "Remove a variable of all tasks, of those with a tag, or of one",
            remove,
        ),
    ]
}

async fn list(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
) -> Result<Json<Vec<Variable>>, Problem> {
    Ok(Json(variables::list(&state.app, &caller).await?))
}

async fn of_task(
    extract::State(state): extract::State<State>,
    Named(of): Named<OneTask>,
) -> Result<Json<Vec<Resolved>>, Problem> {
    Ok(Json(variables::of_task(&state.app, &of.task).await?))
}

/// The variable in the path.
#[derive(Deserialize, JsonSchema)]
struct OfVariable {
    variable: VariableName,
}

/// Whose variable: of all tasks, if neither is said.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Whose {
    /// Of the tasks with this tag.
    tag: Option<String>,
    /// Of this task.
    task: Option<TaskName>,
}

fn level(at: Place, tag: Option<String>, task: Option<TaskName>) -> Result<Level, Problem> {
    match (tag, task) {
        (None, None) => Ok(Level::Global),
        (Some(tag), None) => Ok(Level::Tag(tag)),
        (None, Some(task)) => Ok(Level::Task(task)),
        (Some(_), Some(_)) => {
            let message = "a variable is of a tag or of a task, not of both";
            Err(Problem::field(at, "/tag", message))
        }
    }
}

/// The value of a variable, and whose it is: of all tasks, if neither is said.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Value {
    /// 32 KiB at most, without NUL. Everybody who may look at tasks sees it.
    #[schemars(length(max = 32_768))]
    value: String,
    /// Of the tasks with this tag.
    #[serde(default)]
    tag: Option<String>,
    /// Of this task.
    #[serde(default)]
    task: Option<TaskName>,
}

async fn set(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfVariable>,
    Json(asked): Json<Value>,
) -> Result<Json<Variable>, Problem> {
    let actor = Actor::of(&caller, client.address);
    let level = level(Place::Body, asked.tag, asked.task)?;
    let which = (of.variable, level);
    let set = variables::set(&state.app, &actor, which, asked.value);
    Ok(Json(set.await?))
}

async fn remove(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfVariable>,
    Query(whose): Query<Whose>,
) -> Result<Done, Problem> {
    let actor = Actor::of(&caller, client.address);
    let which = (of.variable, level(Place::Query, whose.tag, whose.task)?);
    variables::remove(&state.app, &actor, which).await?;
    Ok(Done)
}
