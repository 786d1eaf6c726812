//! The task-centred routes that other runners of scripts made usual. They
//! translate to the same use cases as the others.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, Path};
use super::route::{Route, get, post, put};
use crate::domain::access::Permission::{RunsRead, SchedulesWrite, TasksRead, TasksWrite};
use crate::service::simple::{
    self, SimpleCheck, SimpleEnvironment, SimpleProject, SimpleRequirements, SimpleRun,
    SimpleSchedule, SimpleTask, SimpleVerdict,
};
use axum::extract;
use schemars::JsonSchema;
use serde::Deserialize;

/// The most runs that are listed.
const RUNS: u32 = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/tasks/",
            TasksRead,
            "List tasks by name, with their numbers",
            list,
        ),
        get(
            "/api/tasks/environments",
            TasksRead,
            "List environments that are there as folders",
            environments,
        ),
        get(
            "/api/tasks/requirements",
            TasksRead,
            "List the places where requirements are written",
            requirements,
        ),
        get(
            "/api/tasks/projects",
            TasksRead,
            "List the folders of tasks",
            projects,
        ),
        post(
            "/api/tasks/validate-environment",
            TasksRead,
            "Look whether a task can name an environment",
            validate,
        ),
        get(
            "/api/tasks/{id}",
            TasksRead,
            "Show the task with this number",
            show,
        ),
        get(
            "/api/tasks/{id}/runs",
            RunsRead,
            "List the newest runs of the task with this number",
            runs,
        ),
        put(
            "/api/tasks/{id}/schedule",
            SchedulesWrite,
            "Set when the task with this number runs, and in what",
            schedule,
        ),
    ]
}

/// A task of the path.
#[derive(Debug, Deserialize, JsonSchema)]
struct Numbered {
    /// The number of a task.
    id: i64,
}

type App = extract::State<State>;

async fn list(
    extract::State(state): App,
    Caller(caller): Caller,
) -> Result<Json<Vec<SimpleTask>>, Problem> {
    Ok(Json(simple::tasks(&state.app, &caller).await?))
}

async fn show(
    extract::State(state): App,
    Caller(caller): Caller,
    Path(of): Path<Numbered>,
) -> Result<Json<SimpleTask>, Problem> {
    let name = simple::named(&state.app, &caller, of.id).await?;
    Ok(Json(simple::task(&state.app, &name).await?))
}

async fn runs(
    extract::State(state): App,
    Caller(caller): Caller,
    Path(of): Path<Numbered>,
) -> Result<Json<Vec<SimpleRun>>, Problem> {
    let name = simple::named(&state.app, &caller, of.id).await?;
    Ok(Json(simple::runs(&state.app, &name, RUNS).await?))
}

async fn schedule(
    extract::State(state): App,
    Caller(caller): Caller,
    Path(of): Path<Numbered>,
    Json(wanted): Json<SimpleSchedule>,
) -> Result<Json<SimpleTask>, Problem> {
    let name = simple::named(&state.app, &caller, of.id).await?;
    // What it runs in is the task's own business, not its schedule's.
    if wanted.environment_path.is_some() || wanted.requirements_path.is_some() {
        caller.may(TasksWrite).map_err(Problem::forbidden)?;
    }
    let set = simple::set_schedule(&state.app, &caller, &name, &wanted).await?;
    Ok(Json(set))
}

async fn environments(
    extract::State(state): App,
    Caller(caller): Caller,
) -> Result<Json<Vec<SimpleEnvironment>>, Problem> {
    Ok(Json(simple::environments(&state.app, &caller).await?))
}

async fn requirements(
    extract::State(state): App,
    Caller(caller): Caller,
) -> Result<Json<Vec<SimpleRequirements>>, Problem> {
    Ok(Json(simple::requirements(&state.app, &caller).await?))
}

async fn projects(
    extract::State(state): App,
    Caller(caller): Caller,
) -> Result<Json<Vec<SimpleProject>>, Problem> {
    Ok(Json(simple::projects(&state.app, &caller).await?))
}

async fn validate(
    extract::State(state): App,
    Caller(caller): Caller,
    Json(check): Json<SimpleCheck>,
) -> Result<Json<SimpleVerdict>, Problem> {
    let verdict = simple::check_environment(&state.app, &caller, &check).await?;
    Ok(Json(verdict))
}
