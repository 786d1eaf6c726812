//! The versions of a task's code.

use super::State;
use super::error::Problem;
use super::extract::{Json, Named, OfTask, Query};
use super::reply::FileBody;
use super::route::{Route, get, post};
use super::tasks::OneTask;
use super::upload::IfMatch;
use crate::domain::access::Permission::{TasksRead, TasksWrite};
use crate::domain::filepath::FilePath;
use crate::domain::ids::{Digest, TaskName};
use crate::service::tasks::versions::{self, VersionDiff, VersionFile, VersionItem};
use crate::service::tasks::{self, Restored};
use axum::extract;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/v1/tasks/{task}/versions",
            TasksRead,
            "List the versions of a task's code, newest first",
            list,
        ),
        get(
            "/api/v1/tasks/{task}/versions/{version}",
            TasksRead,
            "List the files of a version",
            show,
        ),
        get(
            "/api/v1/tasks/{task}/versions/{version}/files/{*path}",
            TasksRead,
            "Read a file of a version",
            read,
        ),
        post(
            "/api/v1/tasks/{task}/versions/{version}/restore",
            TasksWrite,
            "Bring a version back into the folder of its task; what that holds is kept as a version",
            restore,
        ),
        get(
            "/api/v1/tasks/{task}/diff",
            TasksRead,
            "Compare two versions, or one with the folder as it is now",
            diff,
        ),
    ]
}

/// A version of the path.
#[derive(Debug, Deserialize, JsonSchema)]
struct OneVersion {
    /// The name of a task.
    task: TaskName,
    /// A digest, or the beginning of one, of 4 digits or more.
    version: String,
}

/// A file of a version, of the path.
#[derive(Debug, Deserialize, JsonSchema)]
struct VersionPath {
    /// The name of a task.
    task: TaskName,
    /// A digest, or the beginning of one, of 4 digits or more.
    version: String,
    /// The path of a file.
    path: FilePath,
}

/// Two versions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sides {
    /// The one to begin with, as a rule the older: a digest or the beginning of
    /// one; left out, it is the folder as it is now.
    #[serde(default)]
    from: Option<String>,
    /// The other; left out, it is the folder as it is now.
    #[serde(default)]
    to: Option<String>,
}

/// A version and its files.
#[derive(Debug, Serialize, JsonSchema)]
struct VersionDetail {
    /// Its digest.
    digest: Digest,
    /// Its files, by path.
    files: Vec<VersionFile>,
}

impl OfTask for OneVersion {
    fn task(&self) -> &TaskName {
        &self.task
    }
}

impl OfTask for VersionPath {
    fn task(&self) -> &TaskName {
        &self.task
    }
}

type App = extract::State<State>;

async fn list(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
) -> Result<Json<Vec<VersionItem>>, Problem> {
    Ok(Json(versions::list(&state.app, &task).await?))
}

async fn show(
    extract::State(state): App,
    Named(OneVersion { task, version }): Named<OneVersion>,
) -> Result<Json<VersionDetail>, Problem> {
    let digest = versions::find(&state.app, &task, &version).await?;
    let files = versions::files(&state.app, &digest).await?;
    Ok(Json(VersionDetail { digest, files }))
}

async fn read(
    extract::State(state): App,
    Named(at): Named<VersionPath>,
) -> Result<FileBody, Problem> {
    let digest = versions::find(&state.app, &at.task, &at.version).await?;
    let file = versions::read(&state.app, &digest, &at.path).await?;
    Ok(FileBody {
        bytes: file.bytes.into(),
        name: at.path.name().to_owned(),
        etag: file.etag.0,
    })
}

async fn diff(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
    Query(sides): Query<Sides>,
) -> Result<Json<VersionDiff>, Problem> {
    let find = async |side: Option<String>| match side {
        Some(side) => versions::find(&state.app, &task, &side).await.map(Some),
        None => Ok(None),
    };
    let sides = (find(sides.from).await?, find(sides.to).await?);
    let diff = versions::diff(&state.app, &task, sides).await?;
    Ok(Json(diff))
}

async fn restore(
    extract::State(state): App,
    Named(OneVersion { task, version }): Named<OneVersion>,
    IfMatch(guard): IfMatch,
) -> Result<Json<Restored>, Problem> {
    let digest = versions::find(&state.app, &task, &version).await?;
    let restored = tasks::restore(&state.app, &task, &digest, &guard).await?;
    Ok(Json(restored))
}
