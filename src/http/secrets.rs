//! Secrets: set, granted, listed. No answer holds a value.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, Path, Query};
use super::reply::Done;
use super::route::{Route, delete, get, post, put};
use crate::domain::access::Permission;
use crate::domain::audit::Actor;
use crate::domain::ids::{RunId, TaskName};
use crate::domain::secret::{Secret, SecretName};
use crate::service::access::Client;
use crate::service::page::{Limit, Page};
use crate::service::secrets::{self, Checkup, Rotated, SecretRun, SecretSet, SecretView};
use axum::extract;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    use Permission::{SecretsRead, SecretsWrite};
    vec![
        get(
            "/api/v1/secrets",
            SecretsRead,
            "List secrets, without their values",
            list,
        ),
        get(
            "/api/v1/secrets/{secret}",
            SecretsRead,
            "Show a secret, without its value",
            show,
        ),
        put(
            "/api/v1/secrets/{secret}",
            SecretsWrite,
            "Give a secret a value, making it if there is none",
            set,
        ),
        delete(
            "/api/v1/secrets/{secret}",
            SecretsWrite,
            "Remove a secret with its grants",
            remove,
        ),
        get(
            "/api/v1/secrets/{secret}/runs",
            SecretsRead,
            "List the runs that were given a secret, newest first",
            runs,
        ),
        put(
            "/api/v1/secrets/{secret}/tasks/{task}",
            SecretsWrite,
            "Let a task have a secret",
            grant,
        ),
        delete(
            "/api/v1/secrets/{secret}/tasks/{task}",
            SecretsWrite,
            "Let a task have a secret no longer",
            revoke,
        ),
        get(
            "/api/v1/secret-key",
            SecretsRead,
            "See whether every secret opens and every task has what it names",
            check,
        ),
        post(
            "/api/v1/secret-key/rotate",
            SecretsWrite,
            "Seal all with a new master key: the newest of the key file, or one that is made",
            rotate,
        ),
    ]
}

/// The secret in the path.
#[derive(Deserialize, JsonSchema)]
struct OfSecret {
    secret: SecretName,
}

/// The secret and the task in the path.
#[derive(Deserialize, JsonSchema)]
struct OfGrant {
    secret: SecretName,
    task: TaskName,
}

async fn list(
    extract::State(state): extract::State<State>,
) -> Result<Json<Vec<SecretView>>, Problem> {
    Ok(Json(secrets::list(&state.app).await?))
}

async fn show(
    extract::State(state): extract::State<State>,
    Path(of): Path<OfSecret>,
) -> Result<Json<SecretView>, Problem> {
    Ok(Json(secrets::show(&state.app, &of.secret).await?))
}

/// The value of a secret.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Value {
    /// 1 byte to 64 KiB without NUL. It is never told again.
    #[schemars(length(min = 1, max = 65_536))]
    value: String,
    /// Tasks that may have the secret from now on, besides those that may.
    #[serde(default)]
    tasks: Vec<TaskName>,
}

async fn set(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfSecret>,
    Json(asked): Json<Value>,
) -> Result<Json<SecretSet>, Problem> {
    let actor = Actor::of(&caller, client.address);
    let value = Secret::new(asked.value);
    let set = secrets::set(&state.app, &actor, (&of.secret, value), &asked.tasks);
    Ok(Json(set.await?))
}

async fn remove(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfSecret>,
) -> Result<Done, Problem> {
    let actor = Actor::of(&caller, client.address);
    secrets::remove(&state.app, &actor, &of.secret).await?;
    Ok(Done)
}

/// Which part of the runs.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Part {
    /// What `next` said before.
    cursor: Option<RunId>,
    /// At most so many.
    limit: Limit,
}

async fn runs(
    extract::State(state): extract::State<State>,
    Path(of): Path<OfSecret>,
    Query(part): Query<Part>,
) -> Result<Json<Page<SecretRun>>, Problem> {
    let part = (part.cursor, part.limit);
    Ok(Json(secrets::runs(&state.app, &of.secret, part).await?))
}

async fn grant(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfGrant>,
) -> Result<Done, Problem> {
    let actor = Actor::of(&caller, client.address);
    secrets::grant(&state.app, &actor, &of.secret, &of.task).await?;
    Ok(Done)
}

async fn revoke(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfGrant>,
) -> Result<Done, Problem> {
    let actor = Actor::of(&caller, client.address);
    secrets::revoke(&state.app, &actor, &of.secret, &of.task).await?;
    Ok(Done)
}

async fn check(extract::State(state): extract::State<State>) -> Result<Json<Checkup>, Problem> {
    Ok(Json(secrets::check(&state.app).await?))
}

async fn rotate(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
) -> Result<Json<Rotated>, Problem> {
    let actor = Actor::of(&caller, client.address);
    let rotated = Box::pin(secrets::rotate_master(&state.app, &actor)).await?;
    Ok(Json(rotated))
}
