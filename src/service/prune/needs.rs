//! Which images are needed by what is written down here: tasks, runs, pins and
//! the grace. What the engine needs is [`super::images`]'s part.

use super::Bounds;
use crate::catalogue::{self, CatalogueError, Found};
use crate::domain::ids::{Digest, ImageId, TaskName};
use crate::domain::image::{ImageKind, ImageRow};
use crate::domain::run::{Outcome, RunState};
use crate::domain::task::Task;
use crate::image::{ImageError, Known, pythons};
use crate::service::{App, Error};
use crate::store::RunFilter;
use crate::threads::off_thread;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Younger images stay: a run that is about to start may have just made one.
pub(super) const YOUNG: TimeDelta = TimeDelta::minutes(10);

/// Who needs which image: for each the first reason that was found.
#[derive(Debug, Default)]
pub(super) struct Needs(pub(super) HashMap<ImageId, String>);

impl Needs {
    pub(super) fn add(&mut self, image: &ImageId, reason: impl FnOnce() -> String) {
        if !self.0.contains_key(image) {
            self.0.insert(image.clone(), reason());
        }
    }
}

/// The tasks as they are on disk now.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    /// Every name, also of those that cannot be understood.
    pub(super) names: BTreeSet<TaskName>,
    known: Vec<(TaskName, Known)>,
    unclear: Vec<TaskName>,
}

/// Looks at the tasks; none if the folder cannot be listed, with the reason.
pub(super) async fn tasks(app: &App) -> Result<Result<Tasks, CatalogueError>, Error> {
    let catalogue = app.catalogue.clone();
    let read = move || -> Result<_, CatalogueError> {
        let found = catalogue.scan()?;
        let snapshot = |task: Arc<Task>| {
            let tree = catalogue::snapshot(&task);
            (task, tree)
        };
        let mut read = (Vec::new(), Vec::new());
        for one in found {
            match one {
                Found::Task(task) => read.0.push(snapshot(task)),
                Found::NotATask { path, .. } => read.1.push(path),
            }
        }
        Ok(read)
    };
    let (readable, others) = match off_thread(read).await {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    let images = &app.driver().await?.images;
    let mut tasks = Tasks::default();
    for (task, tree) in readable {
        tasks.names.insert(task.name.clone());
        let Ok(tree) = tree else {
            tasks.unclear.push(task.name.clone());
            continue;
        };
        match images.known(&task, &tree).await {
            Ok(known) => tasks.known.push((task.name.clone(), known)),
            Err(error @ (ImageError::Engine(_) | ImageError::Store(_))) => return Err(error.into()),
            Err(_) => tasks.unclear.push(task.name.clone()),
        }
    }
    for path in others {
        let name = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(name) = name.and_then(|name| name.parse::<TaskName>().ok()) {
            tasks.names.insert(name.clone());
            tasks.unclear.push(name);
        }
    }
    Ok(Ok(tasks))
}

/// Everything that tasks, runs, pins and the grace need.
pub(super) async fn of(
    app: &App,
    tasks: &Tasks,
    rows: &[ImageRow],
    bounds: Bounds,
) -> Result<Needs, Error> {
    let now = Utc::now();
    let grace = now - TimeDelta::from_std(bounds.older_than).unwrap_or(TimeDelta::MAX);
    let mut needs = Needs::default();
    for row in rows.iter().filter(|row| row.pinned) {
        needs.add(&row.id, || "it is pinned".to_owned());
    }
    for (name, known) in &tasks.known {
        if let Some(id) = &known.task {
            needs.add(id, || format!("{name} runs from it"));
        }
        for id in known.environment.iter().chain(&known.grounds) {
            needs.add(id, || format!("{name} is built on it"));
        }
    }
    for name in &tasks.unclear {
        // Rows come newest first.
        if let Some(row) = rows.iter().find(|row| row.task.as_ref() == Some(name)) {
            needs.add(&row.id, || {
                format!("{name} ran from it, and cannot be read just now")
            });
        }
    }
    newest_runs(app, tasks, rows, (bounds.keep_runs, grace), &mut needs).await?;
    bases(app, rows, &mut needs).await?;
    let uses = last_uses(app).await?;
    for row in rows {
        let mut used = row.created_at;
        if now - used < YOUNG {
            needs.add(&row.id, || "it was made in the last 10 minutes".to_owned());
        }
        if row.kind == ImageKind::Environment {
            let by = row.environment.clone().zip(Some(row.lock.clone()));
            used = by
                .and_then(|by| uses.get(&by))
                .map_or(used, |at| used.max(*at));
            if used >= grace {
                needs.add(&row.id, || format!("it was used {}", ago(now, used)));
            }
        }
    }
    // Read last, so that no run is overlooked that began meanwhile.
    for run in app.store.active_runs().await? {
        for id in run.image.iter().chain(&run.pinned_image) {
            needs
                .0
                .insert(id.clone(), format!("run {} is going on", run.id.short()));
        }
    }
    Ok(needs)
}

/// What the newest runs of each task ran from. Runs whose build failed ran
/// from nothing, so they do not push out those before them.
async fn newest_runs(
    app: &App,
    tasks: &Tasks,
    rows: &[ImageRow],
    (keep, grace): (u32, DateTime<Utc>),
    needs: &mut Needs,
) -> Result<(), Error> {
    let names: BTreeSet<_> = rows.iter().filter_map(|row| row.task.as_ref()).collect();
    for name in names {
        let ran = Outcome::ALL.iter().copied();
        let newest = app
            .store
            .runs(&RunFilter {
                task: Some(name.clone()),
                states: vec![RunState::Finished],
                outcomes: ran.filter(|o| *o != Outcome::BuildFailed).collect(),
                limit: Some(keep),
                ..RunFilter::default()
            })
            .await?;
        for run in newest {
            if let Some(id) = &run.image
                && (tasks.names.contains(name) || run.created_at >= grace)
            {
                needs.add(id, || {
                    format!("run {} of {name} ran from it", run.id.short())
                });
            }
        }
    }
    Ok(())
}

/// The base images that environments would be built on now. Where the image
/// that one is made from is not on the engine, the newest is the one.
async fn bases(app: &App, rows: &[ImageRow], needs: &mut Needs) -> Result<(), Error> {
    let driver = app.driver().await?;
    for python in pythons(&app.config) {
        let why = || format!("it is the base image for Python {python}");
        if let Some(id) = driver.images.known_base(python).await? {
            needs.add(&id, why);
            continue;
        }
        let mut newest: Vec<_> = rows.iter().filter(|r| r.kind == ImageKind::Base).collect();
        newest.sort_by_key(|row| std::cmp::Reverse(row.created_at));
        for row in newest {
            let image = driver.engine.image(&row.id.0).await?;
            let release = image.and_then(|image| image.labels.get("runbay.python").cloned());
            if release.is_some_and(|release| release == python.to_string()) {
                needs.add(&row.id, why);
                break;
            }
        }
    }
    Ok(())
}

type Uses = HashMap<(Digest, Option<Digest>), DateTime<Utc>>;

async fn last_uses(app: &App) -> Result<Uses, Error> {
    let uses = app.store.last_uses().await?;
    let uses = uses
        .into_iter()
        .map(|(environment, lock, at)| ((environment, lock), at));
    Ok(uses.collect())
}

pub(super) fn ago(now: DateTime<Utc>, at: DateTime<Utc>) -> String {
    match (now - at).num_days() {
        i64::MIN..=0 => "today".to_owned(),
        1 => "a day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}
