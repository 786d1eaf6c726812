//! Environments: lists, packages, locks, and requirements before they are in a
//! task. Newer locks are proposed and adopted as work on a task: see
//! [`super::builds`].

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, Path, Query};
use super::reply::Text;
use super::route::{Route, get, post};
use crate::domain::access::Permission::TasksRead;
use crate::domain::access::Principal;
use crate::service::environments::{self, Comparison, Detail, Summary};
use crate::service::validation::{self, Draft, Verdict};
use axum::extract;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/v1/environments",
            TasksRead,
            "List environments, last used first",
            list,
        ),
        post(
            "/api/v1/environments/validate",
            TasksRead,
            "Look for mistakes in requirements, without resolving them",
            validate,
        ),
        get(
            "/api/v1/environments/{environment}",
            TasksRead,
            "Show an environment and its packages",
            show,
        ),
        get(
            "/api/v1/environments/{environment}/lock",
            TasksRead,
            "Read the lock of an environment as a requirements file with hashes",
            lock,
        ),
        get(
            "/api/v1/environments/{environment}/diff",
            TasksRead,
            "Compare the locks of two environments, or a lock with the one before",
            diff,
        ),
    ]
}

/// An environment of the path.
#[derive(Debug, Deserialize, JsonSchema)]
struct OneEnvironment {
    /// The name of a task, or the beginning of a key, of 4 digits or more.
    environment: String,
}

/// With what an environment is compared.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Against {
    /// Another task, key or run; none is the lock before.
    #[serde(default)]
    with: Option<String>,
}

type App = extract::State<State>;

/// Whether an environment exists for somebody: some task of theirs needs it.
fn seen(caller: &Principal, summary: &Summary) -> bool {
    caller.sees_all() || summary.tasks.iter().any(|task| caller.sees(task))
}

/// The environment, if it exists for who asks; without the tasks that do not.
async fn find(
    app: &crate::service::App,
    caller: &Principal,
    text: &str,
) -> Result<Detail, Problem> {
    let mut detail = environments::show(app, text).await?;
    if !seen(caller, &detail.summary) {
        return Err(environments::unknown(text).into());
    }
    detail.summary.tasks.retain(|task| caller.sees(task));
    Ok(detail)
}

async fn list(
    extract::State(state): App,
    Caller(caller): Caller,
) -> Result<Json<Vec<Summary>>, Problem> {
    let mut all = environments::list(&state.app).await?;
    all.retain(|summary| seen(&caller, summary));
    for summary in &mut all {
        summary.tasks.retain(|task| caller.sees(task));
    }
    Ok(Json(all))
}

async fn show(
    extract::State(state): App,
    Caller(caller): Caller,
    Path(of): Path<OneEnvironment>,
) -> Result<Json<Detail>, Problem> {
    find(&state.app, &caller, &of.environment).await.map(Json)
}

async fn lock(
    extract::State(state): App,
    Caller(caller): Caller,
    Path(of): Path<OneEnvironment>,
) -> Result<Text, Problem> {
    find(&state.app, &caller, &of.environment).await?;
    Ok(Text(environments::lock(&state.app, &of.environment).await?))
}

async fn diff(
    extract::State(state): App,
    Caller(caller): Caller,
    Path(of): Path<OneEnvironment>,
    Query(against): Query<Against>,
) -> Result<Json<Comparison>, Problem> {
    // Each side may be named by a run, too; only who sees all may guess at ids.
    if !caller.sees_all() {
        find(&state.app, &caller, &of.environment).await?;
        if let Some(with) = &against.with {
            find(&state.app, &caller, with).await?;
        }
    }
    let with = against.with.as_deref();
    let found = environments::diff(&state.app, &of.environment, with).await?;
    Ok(Json(found))
}

async fn validate(
    extract::State(state): App,
    Json(draft): Json<Draft>,
) -> Result<Json<Verdict>, Problem> {
    Ok(Json(validation::validate(&state.app, &draft)?))
}
