//! What runs leave in the data folder, and which of it goes.

use super::needs::Tasks;
use super::{Bounds, Item, Kept, Plan, Target};
use crate::domain::counted;
use crate::domain::ids::{RunId, TaskName};
use crate::domain::run::Run;
use crate::domain::size::Span;
use crate::service::{App, Error};
use crate::store::{RunFilter, RunRule, Surplus};
use crate::threads::off_thread;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A run that ended less than this ago may still be looked at by its driver.
pub(super) const SETTLED: TimeDelta = TimeDelta::minutes(10);
/// So many of the newest runs of each task stay, however old.
const LEAST: u32 = 10;
/// So many runs go at once; the next look finds the rest.
const AT_ONCE: u32 = 5000;

/// The files of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leavings {
    pub(super) run: RunId,
    /// Log, index and samples of its attempts.
    pub(super) logs: Vec<PathBuf>,
    pub(super) log_bytes: u64,
    /// The folder of its artifacts, if it has one.
    pub(super) artifacts: Option<PathBuf>,
    pub(super) artifact_bytes: u64,
}

/// What runs left.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// The files of all runs whose end is settled and that may lose them, the
    /// oldest first.
    pub(super) settled: BTreeMap<RunId, Leavings>,
    /// Runs that are pinned, the newest first, with the bytes of their files.
    pinned: Vec<(Run, u64)>,
    unknown: u64,
}

/// Looks at the files of runs.
pub(super) async fn look(app: &App) -> Result<Left, Error> {
    let data = app.config.data_dir.clone();
    let mut all = off_thread(move || list(&data)).await?;
    let mut left = Left::default();
    for run in pinned(app).await? {
        let files = all.remove(&run.id);
        let bytes = files.map_or(0, |one| one.log_bytes + one.artifact_bytes);
        left.pinned.push((run, bytes));
    }
    let ids: Vec<RunId> = all.keys().copied().collect();
    let known = app.store.ended_before(ids, Utc::now() - SETTLED).await?;
    let known: BTreeMap<_, _> = known.into_iter().collect();
    for (run, leavings) in all {
        match known.get(&run) {
            Some(true) => drop(left.settled.insert(run, leavings)),
            Some(false) => {}
            None => left.unknown += 1,
        }
    }
    Ok(left)
}

async fn pinned(app: &App) -> Result<Vec<Run>, Error> {
    let filter = RunFilter {
        pinned: Some(true),
        limit: Some(u32::MAX),
        ..RunFilter::default()
    };
    Ok(app.store.runs(&filter).await?)
}

fn list(data: &Path) -> Result<BTreeMap<RunId, Leavings>, Error> {
    let mut all = BTreeMap::new();
    for (path, name) in entries(&data.join("logs"))? {
        let stem = name.split_once('.').map_or("", |(stem, _)| stem);
        let Some((run, _)) = stem.split_once('-') else {
            continue;
        };
        if let Some(of) = of(&mut all, run) {
            of.log_bytes += fs::metadata(&path).map_or(0, |found| found.len());
            of.logs.push(path);
        }
    }
    for (path, name) in entries(&data.join("artifacts"))? {
        if let Some(of) = of(&mut all, &name) {
            of.artifact_bytes = size(&path);
            of.artifacts = Some(path);
        }
    }
    Ok(all)
}

/// The entry of a run, made if it is not there; none for what names no run.
fn of<'a>(all: &'a mut BTreeMap<RunId, Leavings>, run: &str) -> Option<&'a mut Leavings> {
    let run: RunId = run.parse().ok()?;
    Some(all.entry(run).or_insert_with(|| nothing(run)))
}

fn nothing(run: RunId) -> Leavings {
    Leavings {
        run,
        logs: Vec::new(),
        log_bytes: 0,
        artifacts: None,
        artifact_bytes: 0,
    }
}

/// What is in a folder, with its names; nothing when it is not there.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, String)>, Error> {
    let failed = || Error::io(format!("{} could not be listed", folder.display()));
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed())?,
    };
    let named = entries.map(|entry| {
        let entry = entry.map_err(failed())?;
        Ok((
            entry.path(),
            entry.file_name().to_string_lossy().into_owned(),
        ))
    });
    named.collect()
}

/// The bytes of a file, or of all in a folder.
fn size(path: &Path) -> u64 {
    let Ok(found) = path.symlink_metadata() else {
        return 0;
    };
    if !found.is_dir() {
        return found.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum()
}

/// Adds runs, and logs and artifacts of runs that stay.
pub(super) async fn add(app: &App, left: &Left, plan: &mut Plan) -> Result<(), Error> {
    let now = Utc::now();
    let ago = |span: Span| now - TimeDelta::from_std(span.0).unwrap_or(TimeDelta::MAX);
    let keep = &app.settings().keep;
    let rule = RunRule {
        least: LEAST.min(keep.runs),
        most: keep.runs,
        before: ago(keep.age),
        settled: now - SETTLED,
    };
    let surplus = app.store.surplus_runs(rule, AT_ONCE).await?;
    let going: HashSet<RunId> = surplus.iter().map(|one| one.run).collect();
    runs(app, left, surplus, plan);
    let stays = || {
        left.settled
            .values()
            .filter(|one| !going.contains(&one.run))
    };
    if let Some(most) = keep.logs {
        let old = stays().filter(|one| begun(one.run) < ago(most) && !one.logs.is_empty());
        logs(old.cloned().collect(), format!("older than {most}"), plan);
    }
    if let Some(most) = keep.artifacts {
        let old = stays().filter(|one| begun(one.run) < ago(most) && one.artifacts.is_some());
        artifacts(old.cloned().collect(), format!("older than {most}"), plan);
    }
    if left.unknown > 0 {
        plan.notes.push(format!(
            "left alone, since this database does not know them: logs and artifacts of {} in {}",
            counted(left.unknown, "run"),
            app.config.data_dir.display()
        ));
    }
    Ok(())
}

/// Tells which runs stay because they are pinned, and whether their images do; when
/// all that goes is known.
pub(super) fn tell_pinned(left: &Left, plan: &mut Plan) {
    for (run, bytes) in &left.pinned {
        let goes = |image| plan.remove.iter().any(|item| item.id == image);
        let image = run
            .image
            .as_ref()
            .is_some_and(|image| goes(image.0.as_str()));
        let more = match image {
            true => "; its image goes, and is built again from its lock when a run wants it",
            false => "",
        };
        plan.keep.push(Kept {
            id: run.id.to_string(),
            what: format!("run {} of task {}", run.id.short(), run.task),
            reason: format!("it is pinned, with its log, its files and its code{more}"),
            bytes: *bytes,
        });
    }
}

/// One item for each task and reason.
fn runs(app: &App, left: &Left, surplus: Vec<Surplus>, plan: &mut Plan) {
    let keep = &app.settings().keep;
    let mut groups: BTreeMap<(TaskName, bool), Vec<Leavings>> = BTreeMap::new();
    for one in surplus {
        let files = left.settled.get(&one.run).cloned();
        let group = groups.entry((one.task, one.too_many)).or_default();
        group.push(files.unwrap_or_else(|| nothing(one.run)));
    }
    for ((task, too_many), runs) in groups {
        let what = format!("{} of task {task}", counted(runs.len(), "run"));
        let why = match too_many {
            true => format!("there are {} newer ones", keep.runs),
            false => format!("older than {}, and not among the newest {LEAST}", keep.age),
        };
        let bytes = runs.iter().map(|one| one.log_bytes + one.artifact_bytes);
        let bytes = bytes.sum();
        let item = Item::new("runs", what, why, Target::Runs(runs));
        plan.remove.push(item.with_id(task.as_str()).freeing(bytes));
    }
}

/// An item of logs, if there are any.
pub(super) fn logs(of: Vec<Leavings>, why: String, plan: &mut Plan) {
    if !of.is_empty() {
        let bytes = of.iter().map(|one| one.log_bytes).sum();
        let what = format!("the logs of {}", counted(of.len(), "run"));
        let item = Item::new("logs", what, why, Target::Logs(of));
        plan.remove.push(item.freeing(bytes));
    }
}

/// An item of artifacts, if there are any.
pub(super) fn artifacts(of: Vec<Leavings>, why: String, plan: &mut Plan) {
    if !of.is_empty() {
        let bytes = of.iter().map(|one| one.artifact_bytes).sum();
        let what = format!("the files kept from {}", counted(of.len(), "run"));
        let item = Item::new("artifacts", what, why, Target::Artifacts(of));
        plan.remove.push(item.freeing(bytes));
    }
}

/// When a run was asked for; its id says so.
fn begun(run: RunId) -> DateTime<Utc> {
    let unix = run.uuid().get_timestamp().map(|at| at.to_unix());
    let time = unix.and_then(|(s, n)| DateTime::from_timestamp(i64::try_from(s).ok()?, n));
    // An id of another kind was never made here: it does not become old.
    time.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Adds the logs of builds for tasks that are gone.
pub(super) fn build_logs(
    app: &App,
    tasks: &Tasks,
    bounds: Bounds,
    plan: &mut Plan,
) -> Result<(), Error> {
    let mut old = Vec::new();
    let mut bytes = 0;
    for (path, name) in entries(&app.config.data_dir.join("logs"))? {
        let stem = name.split_once('.').map_or("", |(stem, _)| stem);
        let task = stem.strip_prefix("build-");
        let task = task.and_then(|task| task.parse::<TaskName>().ok());
        let Some(found) = fs::metadata(&path).ok() else {
            continue;
        };
        let modified = found.modified().unwrap_or(SystemTime::now());
        let age = modified.elapsed().unwrap_or_default();
        if task.is_some_and(|task| !tasks.names.contains(&task)) && age >= bounds.older_than {
            bytes += found.len();
            old.push(path);
        }
    }
    if !old.is_empty() {
        let what = "the logs of builds".to_owned();
        let item = Item::new("logs", what, "their tasks are gone", Target::BuildLogs(old));
        plan.remove.push(item.freeing(bytes));
    }
    Ok(())
}

/// Removes files of runs: their logs, their artifacts, or both.
pub(super) async fn remove_files(
    of: &[Leavings],
    (logs, artifacts): (bool, bool),
) -> Result<(), Error> {
    let of = of.to_vec();
    off_thread(move || {
        for one in of {
            for path in one.logs.iter().filter(|_| logs) {
                gone(fs::remove_file(path), path)?;
            }
            if let Some(folder) = one.artifacts.filter(|_| artifacts) {
                gone(fs::remove_dir_all(&folder), &folder)?;
            }
        }
        Ok(())
    })
    .await
}

/// What somebody else removed is removed.
pub(super) fn gone(result: io::Result<()>, path: &Path) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(format!(
            "{} could not be removed",
            path.display()
        ))(error)),
        _ => Ok(()),
    }
}
