//! Runs whose driver died, and containers nobody answers for.
//!
//! A run that is not over and whose lock is free has no driver. A container is
//! a leftover if it carries our instance label, its name is the one of an attempt
//! of its run, and that run is over and undriven; a
//! container of a build, whose name begins as ours do, is one if nobody holds
//! the lock of what it builds. Anonymous volumes that carry our labels are left
//! over with their run, too: somebody removed the container without them.

use super::runlock::RunLock;
use super::{App, Error};
use crate::attempt::container_name;
use crate::domain::ids::{AttemptId, Digest, RunId};
use crate::domain::run::RunState;
use crate::engine::{Listed, Owned, labels};
use crate::image;
use crate::store::StoreError;
use chrono::Utc;
use futures::stream::{self, StreamExt};
use std::collections::HashMap;

/// Runs that are not over and that nobody drives, with the right to do so.
/// Those that wait in the queue of the service are not among them.
///
/// # Errors
/// When the database or a lock file fails.
pub async fn abandoned(app: &App) -> Result<Vec<(RunId, RunLock)>, Error> {
    let mut found = Vec::new();
    for run in app.store.active_runs().await? {
        let data = &app.config.data_dir;
        if run.state == RunState::Queued && run.by.is_some() {
            continue;
        }
        let Some(lock) = RunLock::try_take(data, run.id)? else {
            continue;
        };
        // It may have ended since it was listed.
        if app.store.run(run.id).await?.state == RunState::Finished {
            lock.dispose(data, run.id);
        } else {
            found.push((run.id, lock));
        }
    }
    Ok(found)
}

/// Containers that carry our label and that nobody drives.
#[derive(Debug, Default)]
pub struct Leftovers {
    /// Those that no driver will remove.
    pub over: Vec<Listed>,
    /// Those of runs that are not known here. A newer copy of this database may
    /// know them, as after an old one was restored.
    pub unknown: Vec<Listed>,
}

/// Containers of ours that no driver will remove.
///
/// # Errors
/// When the engine or the database fails.
pub async fn leftovers(app: &App) -> Result<Leftovers, Error> {
    let instance = app.store.instance();
    let engine = &app.driver().await?.engine;
    let label = [(labels::INSTANCE.to_owned(), instance.to_string())];
    let ours = format!("runbay-{}-", instance.short());
    let mut found = Leftovers::default();
    for container in engine.containers(&label).await? {
        // A container that somebody else starts from one of our images inherits
        // the image's labels; the name and the row tell it apart.
        if !container.name.starts_with(&ours) {
            continue;
        }
        let over = match container.labels.get(labels::KIND).map(String::as_str) {
            Some("run") => match run_of(&container.labels) {
                Some(run)
                    if app
                        .store
                        .ended_before(vec![run], Utc::now())
                        .await?
                        .is_empty() =>
                {
                    found.unknown.push(container);
                    continue;
                }
                Some(run) => is_of(app, run, &container.name).await? && is_over(app, run).await?,
                None => false,
            },
            Some("build") => build_is_over(app, &container)?,
            _ => false,
        };
        if over {
            found.over.push(container);
        }
    }
    Ok(found)
}

/// Anonymous volumes of runs that are over, whether or not a container still
/// holds them.
///
/// # Errors
/// When the engine or the database fails.
pub async fn leftover_volumes(app: &App) -> Result<Vec<(RunId, Owned)>, Error> {
    let label = [
        (
            labels::INSTANCE.to_owned(),
            app.store.instance().to_string(),
        ),
        (labels::KIND.to_owned(), "run".to_owned()),
    ];
    let anonymous = |name: &str| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let mut found = Vec::new();
    for volume in app.driver().await?.engine.volumes(&label).await? {
        if let Some(run) = run_of(&volume.labels)
            && anonymous(&volume.name)
            && is_over(app, run).await?
        {
            found.push((run, volume));
        }
    }
    Ok(found)
}

/// The run that an object on the engine says it belongs to.
pub(super) fn run_of(of: &HashMap<String, String>) -> Option<RunId> {
    of.get(labels::RUN)?.parse().ok()
}

/// Whether a container has the name of an attempt at a run: of one that was
/// written down, or of the next, which may have got as far as its container.
async fn is_of(app: &App, run: RunId, container: &str) -> Result<bool, Error> {
    let last = app.store.attempts(run).await?.pop();
    let next = last.map_or(1, |last| last.id.number + 1);
    let instance = app.store.instance();
    let name = |number| container_name(&instance, AttemptId { run, number });
    Ok((1..=next).any(|number| name(number) == container))
}

/// Whether a run has ended and nobody is still busy with its end.
async fn is_over(app: &App, run: RunId) -> Result<bool, Error> {
    match app.store.run(run).await {
        Ok(row) if row.finished_at.is_none() => Ok(false),
        // Its driver removes it after the end is recorded, while it holds the lock.
        Ok(_) => Ok(
            RunLock::try_take(&app.config.data_dir, run)?.is_some_and(|lock| {
                lock.dispose(&app.config.data_dir, run);
                true
            }),
        ),
        // No row: it may belong to a newer copy of this database.
        Err(StoreError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// A build container works for whoever holds the lock of its key.
fn build_is_over(app: &App, container: &Listed) -> Result<bool, Error> {
    let Some(key) = container.labels.get(image::BUILDS) else {
        return Ok(false);
    };
    image::is_free(&app.config.data_dir, &Digest(key.clone()))
        .map_err(Error::io("the lock of a build could not be read"))
}

/// Containers that are removed at once: few enough to leave the engine time for
/// runs that begin meanwhile.
const REMOVED_AT_ONCE: usize = 8;

/// Removes what [`leftovers`] and [`leftover_volumes`] find.
///
/// # Errors
/// When the engine or the database fails.
pub async fn sweep(app: &App) -> Result<(), Error> {
    let engine = &app.driver().await?.engine;
    let over = leftovers(app).await?.over.into_iter();
    let removed = stream::iter(over.map(|container| async move {
        tracing::info!(
            container = container.name,
            "removing a container that nobody answers for"
        );
        engine.remove(&container.id).await
    }));
    let mut removed = removed.buffer_unordered(REMOVED_AT_ONCE);
    while let Some(removed) = removed.next().await {
        removed?;
    }
    for (run, volume) in leftover_volumes(app).await? {
        tracing::info!(%run, volume = volume.name, "removing a volume whose run is over");
        engine.remove_volume(&volume.name).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Overrides};
    use crate::service::runs::{self, Request};

    #[tokio::test]
    async fn a_run_is_abandoned_only_once_its_maker_lets_go() {
        let home = tempfile::tempdir().unwrap();
        let task = home.path().join("tasks/one");
        std::fs::create_dir_all(&task).unwrap();
        std::fs::write(task.join("main.py"), "").unwrap();
        let flags = Overrides {
            home: Some(home.path().to_owned()),
            ..Overrides::default()
        };
        let app = App::open(Config::load(&flags).unwrap()).unwrap();
        let request = Request::new("one".parse().unwrap());
        let one = runs::load(&app.catalogue, &request.task).unwrap();
        let (run, lock) = runs::request(&app, &one, &request).await.unwrap();
        assert!(abandoned(&app).await.unwrap().is_empty());
        drop(lock);
        let found = abandoned(&app).await.unwrap();
        assert_eq!(
            found.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            [run.id]
        );
        // Whoever finds it has it.
        assert!(abandoned(&app).await.unwrap().is_empty());
    }
}
