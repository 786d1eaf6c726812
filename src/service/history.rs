//! Runs of the past and present, as lists and side by side.

use super::inspect::{self, Since};
use super::page::{Limit, Page, Words};
use super::{App, Error};
use crate::catalogue::Found;
use crate::domain::access::{Credential, Principal};
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::{RunId, TaskName};
use crate::domain::run::{Outcome, Run, RunState, Trigger};
use crate::store::RunFilter;
use crate::threads::off_thread;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use std::fs::File;

/// Which runs to list; newest first.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunsQuery {
    /// Runs of this task.
    pub task: Option<TaskName>,
    /// Runs of tasks that have this tag now.
    pub tag: Option<String>,
    /// Runs in one of these states, with commas between them.
    pub state: Words<RunState>,
    /// Runs that ended in one of these ways, with commas between them.
    pub outcome: Words<Outcome>,
    /// Runs that exist for one of these reasons, with commas between them.
    pub trigger: Words<Trigger>,
    /// Only runs that are pinned, or only those that are not.
    pub pinned: Option<bool>,
    /// Runs asked for at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Runs asked for before this moment.
    pub to: Option<DateTime<Utc>>,
    /// Runs whose task's name, or whose id, holds this text.
    pub text: Option<String>,
    /// Where the part before ended.
    pub cursor: Option<RunId>,
    /// How many at most.
    pub limit: Limit,
}

/// The runs that pass a query and that somebody may see, newest first.
///
/// # Errors
/// When the database fails, or `tasks/` cannot be listed for a tag.
pub async fn list(app: &App, principal: &Principal, query: &RunsQuery) -> Result<Page<Run>, Error> {
    let mut tasks = match &query.tag {
        Some(tag) => Some(tagged(app, tag).await?),
        None => None,
    };
    if let Credential::Token {
        tasks: Some(seen), ..
    } = &principal.credential
    {
        let all = tasks.unwrap_or_else(|| seen.iter().cloned().collect());
        tasks = Some(all.into_iter().filter(|task| seen.contains(task)).collect());
    }
    let filter = RunFilter {
        task: query.task.clone(),
        tasks,
        states: query.state.0.clone(),
        outcomes: query.outcome.0.clone(),
        triggers: query.trigger.0.clone(),
        trial: None,
        pinned: query.pinned,
        from: query.from,
        to: query.to,
        text: query.text.clone().filter(|text| !text.trim().is_empty()),
        before: query.cursor,
        // One more tells whether there is a next part.
        limit: Some(query.limit.0 + 1),
    };
    let runs = app.store.runs(&filter).await?;
    Ok(Page::cut(runs, query.limit, |run| run.id.to_string()))
}

async fn tagged(app: &App, tag: &str) -> Result<Vec<TaskName>, Error> {
    let catalogue = app.catalogue.clone();
    let found = off_thread(move || catalogue.listing()).await?;
    let has = |found| match found {
        Found::Task(task) if task.manifest.tags.iter().any(|t| t == tag) => Some(task.name.clone()),
        _ => None,
    };
    Ok(found.into_iter().filter_map(has).collect())
}

/// What changed between two runs.
///
/// # Errors
/// When they are of different tasks, or the database fails.
pub async fn between(app: &App, then: &Run, now: &Run) -> Result<Since, Error> {
    if then.task != now.task {
        return Err(Error::Conflict(format!(
            "run {} is of {}, and run {} of {}: only runs of one task are compared",
            then.id.short(),
            then.task,
            now.id.short(),
            now.task
        )));
    }
    inspect::since(app, then, now).await
}

/// Keeps a run whatever housekeeping thinks, or no longer; how it is then.
///
/// # Errors
/// When the run is gone meanwhile, or the database fails.
pub async fn pin(app: &App, by: Actor, run: &Run, pinned: bool) -> Result<Run, Error> {
    if app.store.pin_run(run.id, pinned).await? {
        let action = if pinned { "run.pin" } else { "run.unpin" };
        let note = Note::done(by, action).on(format!("{} {}", run.task, run.id));
        app.store.audit(note, Utc::now()).await?;
    }
    Ok(app.store.run(run.id).await?)
}

/// A file kept from a run, open for reading, and its size in bytes.
///
/// # Errors
/// When the run kept no such file, or it is gone.
pub async fn artifact(
    app: &App,
    run: RunId,
    path: &crate::domain::filepath::FilePath,
) -> Result<(File, u64), Error> {
    let known = app.store.artifacts(run).await?;
    if !known.iter().any(|artifact| artifact.path == path.as_str()) {
        return Err(Error::NotFound(format!(
            "run {} kept no {path}",
            run.short()
        )));
    }
    let (folder, path) = (crate::attempt::artifact_dir(&app.config, run), path.clone());
    off_thread(move || {
        let shown = format!("the files of run {}", run.short());
        let file = super::beneath::Beneath::open(&folder, shown)?.file(&path)?;
        let size = file
            .metadata()
            .map_err(Error::io("a kept file cannot be read"))?
            .len();
        Ok((file, size))
    })
    .await
}
