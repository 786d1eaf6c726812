//! The files of tasks: tree, read, write, rename, remove, and whole archives.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, Named, OfTask, Path, Query};
use super::range::Download;
use super::reply::{Created, FileBody, Put};
use super::route::{Route, delete, get, post, put};
use super::tasks::{OneTask, address};
use super::upload::{Archive, IfMatch, Raw};
use crate::domain::access::Denied;
use crate::domain::access::Permission::{TasksRead, TasksWrite};
use crate::domain::filepath::FilePath;
use crate::domain::ids::TaskName;
use crate::service::tasks::{self, Entry, FileChange, MAX_FILE, MAX_UPLOAD, TaskView, Written};
use axum::extract;
use axum::http::HeaderMap;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/v1/tasks/{task}/files",
            TasksRead,
            "List the files of a task",
            list,
        ),
        get(
            "/api/v1/tasks/{task}/files/{*path}",
            TasksRead,
            "Read a file of a task; its ETag goes into If-Match when it is written back",
            read,
        ),
        put(
            "/api/v1/tasks/{task}/files/{*path}",
            TasksWrite,
            "Write a file of a task; what it held before is kept as a version",
            write,
        )
        .with_body_up_to(MAX_FILE),
        delete(
            "/api/v1/tasks/{task}/files/{*path}",
            TasksWrite,
            "Remove a file, or an empty folder, of a task",
            remove,
        ),
        post(
            "/api/v1/tasks/{task}/rename-file",
            TasksWrite,
            "Give a file or folder of a task another name",
            rename,
        ),
        get(
            "/api/v1/tasks/{task}/archive",
            TasksRead,
            "Download a task's code as a tar.gz, of which the same task can be made",
            pack,
        ),
        put(
            "/api/v1/tasks/{task}/archive",
            TasksWrite,
            "Make a task of a tar, tar.gz or zip",
            upload,
        )
        .with_body_up_to(MAX_UPLOAD),
    ]
}

/// A file of a task, of the path.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct OneFile {
    /// The name of a task.
    pub(super) task: TaskName,
    /// The path of a file below its folder.
    pub(super) path: FilePath,
}

impl OfTask for OneFile {
    fn task(&self) -> &TaskName {
        &self.task
    }
}

/// Two names of one file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Move {
    /// Its present path.
    from: FilePath,
    /// Its path from now on, which must be free.
    to: FilePath,
}

/// What happens to a task of that name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Replacing {
    /// Replaces it, instead of refusing; its present code is kept as a version.
    #[serde(default)]
    replace: bool,
}

type App = extract::State<State>;

async fn list(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
) -> Result<Json<Vec<Entry>>, Problem> {
    Ok(Json(tasks::list_files(&state.app, &task).await?))
}

async fn read(
    extract::State(state): App,
    Named(OneFile { task, path }): Named<OneFile>,
) -> Result<FileBody, Problem> {
    let file = tasks::read_file(&state.app, &task, &path).await?;
    Ok(FileBody {
        bytes: file.bytes.into(),
        name: path.name().to_owned(),
        etag: file.etag.0,
    })
}

async fn write(
    extract::State(state): App,
    Named(OneFile { task, path }): Named<OneFile>,
    IfMatch(guard): IfMatch,
    Raw(bytes): Raw,
) -> Result<Put<Written>, Problem> {
    let file = (bytes.to_vec(), guard);
    let written = tasks::write_file(&state.app, &task, &path, file).await?;
    Ok(Put {
        created: written.created,
        etag: Some(written.etag.0.clone()),
        body: written,
    })
}

async fn remove(
    extract::State(state): App,
    Named(OneFile { task, path }): Named<OneFile>,
    IfMatch(guard): IfMatch,
) -> Result<Json<FileChange>, Problem> {
    let removed = tasks::remove_file(&state.app, &task, &path, guard).await?;
    Ok(Json(removed))
}

async fn rename(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
    Json(to): Json<Move>,
) -> Result<Json<FileChange>, Problem> {
    let renamed = tasks::rename_file(&state.app, &task, &to.from, &to.to).await?;
    Ok(Json(renamed))
}

async fn pack(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
    headers: HeaderMap,
) -> Result<Download, Problem> {
    let (file, bytes) = tasks::pack(&state.app, &task).await?;
    Download::of(file, bytes, &format!("{task}.tar.gz"), &headers)
}

async fn upload(
    extract::State(state): App,
    Caller(principal): Caller,
    Path(OneTask { task }): Path<OneTask>,
    Query(replacing): Query<Replacing>,
    archive: Archive,
) -> Result<Created<TaskView>, Problem> {
    if !principal.sees(&task) {
        return Err(Problem::forbidden(Denied::Task));
    }
    let archive = (archive.file, archive.form);
    let view = tasks::upload(&state.app, &task, archive, replacing.replace).await?;
    Ok(Created(address(&task), view))
}
