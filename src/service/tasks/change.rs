//! Changing, renaming and deleting whole tasks.

use super::super::{App, Error, Field, runs};
use super::{TaskView, keep_present, list_files, show};
use crate::catalogue::{MANIFEST_FILE, edit::edit_manifest};
use crate::domain::ids::{RunId, TaskName};
use crate::domain::run::RunState;
use crate::store::RunFilter;
use crate::threads::off_thread;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;
use toml_edit::{Array, Table, value};

/// What to change of a manifest; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Patch {
    /// What the task is for; an empty text removes it.
    #[schemars(length(max = 1000), regex(pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"))]
    pub description: Option<String>,
    /// All words to group it by, instead of those before.
    #[schemars(
        length(max = 50),
        inner(
            length(max = 63),
            regex(pattern = r"^[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$")
        )
    )]
    pub tags: Option<Vec<String>>,
    /// Whether new runs are allowed.
    pub enabled: Option<bool>,
}

/// Changes the manifest of a task where it is written: in `task.toml`, or in the
/// script of a single-file task. Comments and order stay.
///
/// # Errors
/// When the result would not be a valid manifest, or cannot be written.
pub async fn patch(app: &App, task: &TaskName, patch: Patch) -> Result<TaskView, Error> {
    check_texts(&patch)?;
    let _lock = app.edits.lock().await;
    let path = app.catalogue.locate(task)?;
    keep_present(app, task, &path).await?;
    off_thread(move || {
        let manifest = match path.is_dir() {
            true => path.join(MANIFEST_FILE),
            false => path,
        };
        edit_manifest(&manifest, |table| apply(table, &patch))
    })
    .await?;
    show(app, task).await
}

/// Refuses texts that no one line can show.
fn check_texts(patch: &Patch) -> Result<(), Error> {
    let mut fields = Vec::new();
    let odd = |text: &str| text.chars().any(char::is_control);
    let description = patch.description.as_deref().unwrap_or_default();
    if odd(description) || description.chars().count() > 1000 {
        let message = "must be one line of at most 1000 characters, without control characters";
        fields.push(Field::body("/description", message));
    }
    for (at, tag) in patch.tags.iter().flatten().enumerate() {
        if tag.trim().is_empty() || odd(tag) || tag.chars().count() > 63 {
            let message = "must be a word of 1 to 63 characters, without control characters";
            fields.push(Field::body(format!("/tags/{at}"), message));
        }
    }
    if patch.tags.as_ref().is_some_and(|tags| tags.len() > 50) {
        fields.push(Field::body("/tags", "must be at most 50"));
    }
    match fields.is_empty() {
        true => Ok(()),
        false => Err(Error::Fields(fields)),
    }
}

fn apply(table: &mut Table, patch: &Patch) {
    match patch.description.as_deref() {
        Some("") => drop(table.remove("description")),
        Some(text) => drop(table.insert("description", value(text))),
        None => {}
    }
    if let Some(tags) = &patch.tags {
        let mut seen = std::collections::BTreeSet::new();
        let once = tags.iter().filter(|tag| seen.insert(tag.as_str()));
        table.insert("tags", value(once.map(String::as_str).collect::<Array>()));
    }
    if let Some(enabled) = patch.enabled {
        table.insert("enabled", value(enabled));
    }
}

/// Gives a task another name. Its history comes along: number, runs, versions,
/// images and schedules go by the new name from then on.
///
/// The folder comes first. Should the service be killed before the database
/// follows, the history is still there, under the old name.
///
/// # Errors
/// When the new name is taken, now or by the history of a task that is gone; or
/// runs of the task are not over.
pub async fn rename(app: &App, from: &TaskName, to: &TaskName) -> Result<TaskView, Error> {
    let _lock = app.edits.lock().await;
    let path = app.catalogue.locate(from)?;
    let tasks = &app.config.tasks_dir;
    let (folder, file) = (tasks.join(to.as_str()), tasks.join(format!("{to}.py")));
    if folder.symlink_metadata().is_ok() || file.symlink_metadata().is_ok() {
        return Err(Error::Conflict(format!(
            "there is a task {to} already: choose another name"
        )));
    }
    refuse_active(app, from).await?;
    keep_present(app, from, &path).await?;
    let target = if path.is_dir() { folder } else { file };
    move_path(&path, &target)?;
    if let Err(error) = app.store.rename_task(from, to).await {
        // The folder goes back, so that nothing is half done.
        move_path(&target, &path)?;
        return Err(error.into());
    }
    show(app, to).await
}

fn move_path(from: &Path, to: &Path) -> Result<(), Error> {
    renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(|errno| match errno {
        rustix::io::Errno::ACCESS | rustix::io::Errno::PERM | rustix::io::Errno::ROFS => {
            Error::Conflict(format!("{} is read-only here", from.display()))
        }
        errno => Error::io(format!("cannot rename {}", from.display()))(errno.into()),
    })
}

/// The runs of a task that are not over.
async fn active(app: &App, task: &TaskName) -> Result<Vec<RunId>, Error> {
    let live = |state: &RunState| *state != RunState::Finished;
    let filter = RunFilter {
        task: Some(task.clone()),
        states: RunState::ALL.iter().copied().filter(live).collect(),
        limit: Some(u32::MAX),
        ..RunFilter::default()
    };
    let found = app.store.runs(&filter).await?;
    Ok(found.into_iter().map(|run| run.id).collect())
}

async fn refuse_active(app: &App, task: &TaskName) -> Result<(), Error> {
    let active = active(app, task).await?;
    if active.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = active.iter().take(5).map(|id| id.short()).collect();
    Err(Error::Conflict(format!(
        "{} of {task} {} not over ({}{}): wait, or cancel first",
        if active.len() == 1 { "1 run" } else { "runs" },
        if active.len() == 1 { "is" } else { "are" },
        ids.join(", "),
        if active.len() > 5 { ", …" } else { "" },
    )))
}

/// What deleting a task takes away. Its runs, their logs and its versions stay, as
/// long as housekeeping keeps them; what is pinned, until it is not.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Loss {
    /// The task.
    pub task: TaskName,
    /// How many files go.
    pub files: usize,
    /// Their sizes together, bytes.
    pub bytes: u64,
    /// Files among them that no version keeps, since the ignore rules leave
    /// them out; the first hundred.
    pub unkept: Vec<String>,
    /// Runs that are not over.
    pub active_runs: Vec<RunId>,
}

/// What would be lost with a task.
///
/// # Errors
/// When there is no such task, or the database fails.
pub async fn loss(app: &App, task: &TaskName) -> Result<Loss, Error> {
    let mut entries = list_files(app, task).await?;
    entries.retain(|entry| entry.kind == super::EntryKind::File);
    let unkept = entries.iter().filter(|entry| entry.ignored);
    Ok(Loss {
        task: task.clone(),
        files: entries.len(),
        bytes: entries.iter().map(|entry| entry.bytes).sum(),
        unkept: unkept.take(100).map(|entry| entry.path.clone()).collect(),
        active_runs: active(app, task).await?,
    })
}

/// A task that is gone.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Deleted {
    /// What went with it.
    #[serde(flatten)]
    pub loss: Loss,
    /// The version its code is kept as; none when no image could hold it.
    pub kept_as: Option<crate::domain::ids::Digest>,
}

/// Deletes a task. Its present code is kept as a version.
///
/// # Errors
/// When runs of it are not over, unless they are to be cancelled.
pub async fn delete(app: &App, task: &TaskName, cancel_runs: bool) -> Result<Deleted, Error> {
    let _lock = app.edits.lock().await;
    let loss = loss(app, task).await?;
    if !cancel_runs {
        refuse_active(app, task).await?;
    }
    let path = app.catalogue.locate(task)?;
    let kept_as = keep_present(app, task, &path).await?;
    for run in &loss.active_runs {
        runs::cancel(app, *run).await.or_else(over_by_now)?;
    }
    // Gone from the catalogue in one step; what is left of it has no name.
    let gone = format!(".deleted-{}", uuid::Uuid::new_v4().simple());
    let gone = app.config.tasks_dir.join(gone);
    app.store.strip_task(task).await?;
    move_path(&path, &gone)?;
    let removed = off_thread(move || match gone.is_dir() {
        true => fs::remove_dir_all(&gone),
        false => fs::remove_file(&gone),
    });
    if let Err(error) = removed.await {
        tracing::warn!(%task, %error, "a deleted task could not be removed whole");
    }
    Ok(Deleted { loss, kept_as })
}

fn over_by_now(error: Error) -> Result<(), Error> {
    match error {
        Error::Conflict(_) => Ok(()),
        other => Err(other),
    }
}
