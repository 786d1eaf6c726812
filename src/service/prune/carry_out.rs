//! Doing what a plan says.

use super::runs::Leavings;
use super::{Item, Plan, Target, cache, locks, pressure, runs, versions};
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::ImageId;
use crate::engine::RemoveImage;
use crate::service::{App, Error};
use chrono::Utc;
use futures::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
pub struct Swept {
    /// How many of its items are removed.
    pub removed: usize,
    /// What that freed, bytes; at most, where the plan says so.
    pub bytes: u64,
    /// What is still there.
    pub stayed: Vec<Stayed>,
}

/// Something that was to be removed and is still there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Stayed {
    /// What it is.
    pub what: String,
    /// Why it stays.
    pub why: String,
    /// Whether somebody uses it, which is nobody's fault; else it failed.
    pub in_use: bool,
}

/// Things that go at once: few enough to leave the engine time for runs that begin
/// meanwhile.
const BESIDE: usize = 8;

/// Removes what the plan says, in its order, and notes who did. What cannot be
/// removed is told and does not stop the rest.
///
/// # Errors
/// When the engine or the database is gone altogether.
pub async fn carry_out(app: &App, plan: &Plan, by: &Actor) -> Result<Swept, Error> {
    let mut swept = Swept::default();
    let together = |a: &Item, b: &Item| a.beside.is_some() && a.beside == b.beside;
    for some in plan.remove.chunk_by(together) {
        if some[0].for_room && pressure::is_enough(app) {
            continue;
        }
        for some in some.chunks(BESIDE) {
            let removed = join_all(some.iter().map(|item| remove(app, item)));
            let mut failure = None;
            // What is gone is noted, whatever became of its neighbours.
            for (item, removed) in some.iter().zip(removed.await) {
                let settled = settle(app, (item, removed), by, &mut swept).await;
                failure = failure.or(settled.err());
            }
            if let Some(error) = failure {
                return Err(error);
            }
        }
    }
    Ok(swept)
}

/// Notes what became of one thing.
async fn settle(
    app: &App,
    (item, removed): (&Item, Result<Done, Error>),
    by: &Actor,
    swept: &mut Swept,
) -> Result<(), Error> {
    match removed {
        Ok(Done::Removed(bytes)) => {
            tracing::info!(what = item.what, why = item.reason, "removed");
            let note = Note::done(by.clone(), "prune.remove");
            let note = note.on(&item.what).saying(&item.reason);
            app.store.audit(note, Utc::now()).await?;
            swept.removed += 1;
            swept.bytes += bytes.unwrap_or(item.bytes);
        }
        Ok(Done::InUse(why)) => swept.stayed.push(Stayed {
            what: item.what.clone(),
            why,
            in_use: true,
        }),
        Err(Error::Engine(error)) if !error.is_transient() => {
            swept.stayed.push(failed(item, &error));
        }
        Err(error @ (Error::Io { .. } | Error::Version(_))) => {
            swept.stayed.push(failed(item, &error));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn failed(item: &Item, error: &dyn std::error::Error) -> Stayed {
    Stayed {
        what: item.what.clone(),
        why: crate::domain::report(error),
        in_use: false,
    }
}

/// What became of one thing.
enum Done {
    /// It is gone; how many bytes that freed, where it is known only now.
    Removed(Option<u64>),
    /// Somebody uses it.
    InUse(String),
}

impl From<Option<String>> for Done {
    fn from(in_use: Option<String>) -> Self {
        in_use.map_or(Self::Removed(None), Self::InUse)
    }
}

/// Removes one thing; if somebody uses it, says who.
async fn remove(app: &App, item: &Item) -> Result<Done, Error> {
    let Some(target) = &item.target else {
        return Ok(Done::InUse(
            "another process knows how to remove it".to_owned(),
        ));
    };
    match target {
        Target::Container(id) => app.driver().await?.engine.remove(id).await?,
        Target::Volume(name) => return volume(app, name).await.map(Done::from),
        Target::Image(id) => return image(app, id).await.map(Done::from),
        Target::Records(ids) => {
            for id in ids {
                app.store.forget_image(id).await?;
            }
        }
        Target::Failures(before) => app.store.clear_failures_before(*before).await?,
        Target::Locks(paths) => locks::remove(paths),
        Target::Runs(of) => runs(app, of).await?,
        Target::Logs(of) => {
            for some in of.chunks(AT_ONCE) {
                runs::remove_files(&unpinned(app, some).await?, (true, false)).await?;
            }
        }
        Target::Artifacts(of) => {
            for some in of.chunks(AT_ONCE) {
                let some = unpinned(app, some).await?;
                runs::remove_files(&some, (false, true)).await?;
                let ids = some.iter().map(|one| one.run).collect();
                app.store.forget_artifacts(ids).await?;
            }
        }
        Target::BuildLogs(paths) => {
            for path in paths {
                runs::gone(std::fs::remove_file(path), path)?;
            }
        }
        Target::Versions(of) => {
            return Ok(Done::Removed(Some(versions::remove(app, of).await?)));
        }
        Target::Downloads(name) => {
            return cache::begin_anew(app, name).await.map(Done::from);
        }
    }
    Ok(Done::Removed(None))
}

/// So many rows go in one transaction: others wait for it.
const AT_ONCE: usize = 200;

/// Removes runs. Their files first: a row without files is found again, and files
/// without a row would be taken for those of a newer database.
async fn runs(app: &App, of: &[Leavings]) -> Result<(), Error> {
    for some in of.chunks(AT_ONCE) {
        let some = unpinned(app, some).await?;
        runs::remove_files(&some, (true, true)).await?;
        let ids = some.iter().map(|one| one.run).collect();
        app.store.forget_runs(ids).await?;
    }
    Ok(())
}

/// Those that nobody pinned since the plan was made.
async fn unpinned(app: &App, of: &[Leavings]) -> Result<Vec<Leavings>, Error> {
    let ids = of.iter().map(|one| one.run).collect();
    let pinned = app.store.pinned_among(ids).await?;
    let rest = of.iter().filter(|one| !pinned.contains(&one.run));
    Ok(rest.cloned().collect())
}

async fn volume(app: &App, name: &str) -> Result<Option<String>, Error> {
    match app.driver().await?.engine.remove_volume(name).await {
        Err(crate::engine::EngineError::Conflict { message, .. }) => Ok(Some(message)),
        other => other.map(|()| None).map_err(Error::from),
    }
}

async fn image(app: &App, id: &ImageId) -> Result<Option<String>, Error> {
    // A run that was asked for since the plan was made may need it.
    for run in app.store.active_runs().await? {
        if run.image.as_ref() == Some(id) || run.pinned_image.as_ref() == Some(id) {
            return Ok(Some(format!("run {} is going on", run.id.short())));
        }
    }
    if let RemoveImage::InUse(why) = app.driver().await?.engine.remove_image(id).await? {
        return Ok(Some(why));
    }
    // After the engine: a crash in between leaves a record without an image, which
    // is found again, and not the reverse, which is not.
    app.store.forget_image(id).await?;
    Ok(None)
}
