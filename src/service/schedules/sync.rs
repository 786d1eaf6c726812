//! Brings what manifests say into the database.

use super::{App, Error, plan, plan_of, seed};
use crate::catalogue::{CatalogueError, Found, MANIFEST_FILE, schedule_key};
use crate::domain::ids::{Digest, TaskName};
use crate::domain::schedule::{Cause, Decision, Schedule, ScheduleRow};
use crate::service::notices::{Asker, Noticed};
use crate::store::{Dropped, ScheduleChange};
use crate::time::Plan;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What the files of schedules looked like when they were last read, so that
/// looking again costs two `stat`s a task, and nothing for a task in which the
/// kernel says that nothing happened ([`crate::service::notices`]).
#[derive(Debug, Default)]
pub struct Seen {
    tasks: BTreeMap<OsString, Marks>,
    calendars: Option<BTreeMap<OsString, Marks>>,
}

type Marks = Vec<(i64, i64, u64, u64)>;

/// What has changed since somebody last looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// Anything may have.
    All,
    /// The manifests of these tasks, or that there are such tasks.
    Tasks(Vec<TaskName>),
}

impl Seen {
    /// Looks what has changed since the last call. Blocks for some microseconds
    /// a task.
    #[must_use]
    pub fn look(&mut self, app: &App) -> Looked {
        let folder = &app.config.tasks_dir;
        let news = match app.live.notices.take(folder, Asker::Schedules) {
            Noticed::Anything => {
                let now = marks(folder, Some(MANIFEST_FILE));
                let before = std::mem::replace(&mut self.tasks, now);
                differing(&before, &self.tasks)
            }
            // What was heard of has changed, also when it looks the same: two
            // edits may bear the same time.
            Noticed::Entries { mut heard, deaf } => {
                heard.retain(|name| self.look_at(folder, name) || !deaf.contains(name));
                let deaf = deaf.into_iter().filter(|name| self.look_at(folder, name));
                heard.extend(deaf.collect::<Vec<_>>());
                heard
            }
        };
        let calendars = Some(marks(&app.config.calendars_dir, None));
        let all = calendars != self.calendars;
        self.calendars = calendars;
        let names = news.iter().filter_map(|name| {
            let name = name.to_str()?;
            name.strip_suffix(".py").unwrap_or(name).parse().ok()
        });
        let names: BTreeSet<TaskName> = names.collect();
        match all || names.len() > FEW {
            true => Looked::All,
            false => Looked::Tasks(names.into_iter().collect()),
        }
    }

    /// Looks at one entry of `tasks/`; whether it looks otherwise than before.
    fn look_at(&mut self, folder: &Path, name: &OsString) -> bool {
        let now = entry_marks(&folder.join(name), Some(MANIFEST_FILE));
        let before = match now.is_empty() {
            true => self.tasks.remove(name),
            false => self.tasks.insert(name.clone(), now.clone()),
        };
        before.unwrap_or_default() != now
    }
}

/// The entries that are not the same before and now.
fn differing(
    before: &BTreeMap<OsString, Marks>,
    now: &BTreeMap<OsString, Marks>,
) -> BTreeSet<OsString> {
    let names = before.keys().chain(now.keys());
    names
        .filter(|name| before.get(*name) != now.get(*name))
        .cloned()
        .collect()
}

/// The marks of the entries of a folder, and of the file `inner` in each.
fn marks(folder: &Path, inner: Option<&str>) -> BTreeMap<OsString, Marks> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| (entry.file_name(), entry_marks(&entry.path(), inner)))
        .collect()
}

/// The marks of a file or folder, and of the file `inner` in it.
fn entry_marks(path: &Path, inner: Option<&str>) -> Marks {
    let mut marks = mark(path);
    marks.extend(inner.into_iter().flat_map(|file| mark(&path.join(file))));
    marks
}

/// What changes with a file.
fn mark(path: &Path) -> Marks {
    let found = std::fs::metadata(path).ok();
    let found = found.map(|of| (of.mtime(), of.mtime_nsec(), of.size(), of.ino()));
    found.into_iter().collect()
}

/// More changed tasks than this are read together.
const FEW: usize = 20;

/// What a manifest says, or why it says nothing.
type Said = Result<Vec<Schedule>, String>;

/// Brings all tasks into the database. Edits take effect at once; a schedule
/// whose slots are the same keeps its next one. Where a manifest is wrong, the
/// last good one goes on, with the problem noted. How much has changed.
///
/// # Errors
/// When `tasks/` cannot be listed, or the database fails.
pub async fn sync(app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
    let mut said = BTreeMap::new();
    for found in app.catalogue.scan()? {
        let (name, says) = match found {
            Found::Task(task) => (task.name.to_string(), Ok(task.manifest.schedules.clone())),
            Found::NotATask { path, problems } => {
                let name = path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                let first = problems.first().map(ToString::to_string);
                (name, Err(first.unwrap_or_default()))
            }
        };
        if let Ok(name) = name.parse::<TaskName>() {
            said.insert(name, says);
        }
    }
    let rows = app.store.schedules().await?;
    for row in &rows {
        said.entry(row.task.clone())
            .or_insert_with(|| Ok(Vec::new()));
    }
    reconcile(app, &rows, &said, now).await
}

/// [`sync`] for one task.
///
/// # Errors
/// When the database fails.
pub async fn sync_task(app: &App, task: &TaskName, now: DateTime<Utc>) -> Result<usize, Error> {
    let says = match app.catalogue.load(task) {
        Ok(found) => Ok(found.manifest.schedules),
        Err(CatalogueError::UnknownTask { .. }) => Ok(Vec::new()),
        Err(error) => {
            let text = crate::domain::report(&error);
            Err(text.lines().next().unwrap_or_default().to_owned())
        }
    };
    let mut rows = app.store.schedules().await?;
    rows.retain(|row| row.task == *task);
    reconcile(app, &rows, &BTreeMap::from([(task.clone(), says)]), now).await
}

async fn reconcile(
    app: &App,
    rows: &[ScheduleRow],
    said: &BTreeMap<TaskName, Said>,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    let mut changes = Vec::new();
    for (task, says) in said {
        let mut own: Vec<&ScheduleRow> = rows.iter().filter(|row| row.task == *task).collect();
        match says {
            Err(problem) => {
                let news = own
                    .iter()
                    .filter(|row| row.problem.as_ref() != Some(problem));
                changes.extend(news.map(|row| with_problem(row, problem.clone())));
            }
            Ok(schedules) => {
                let mut keys = BTreeSet::new();
                for schedule in schedules {
                    // The catalogue lets no schedule through whose rule is wrong.
                    let Ok(key) = schedule_key(schedule) else {
                        continue;
                    };
                    let row = own.iter().find(|row| row.key == key).copied();
                    changes.extend(changed(app, (task, &key), schedule, row, now).await?);
                    keys.insert(key);
                }
                own.retain(|row| !keys.contains(&row.key));
                changes.extend(own.into_iter().map(|row| ScheduleChange::Remove {
                    id: row.id,
                    dropped: abandoned(app, row, now),
                }));
            }
        }
    }
    let count = changes.len();
    if count > 0 {
        app.store.change_schedules(changes, now).await?;
        app.live.replan();
    }
    Ok(count)
}

/// How one schedule differs from its row.
async fn changed(
    app: &App,
    (task, key): (&TaskName, &str),
    schedule: &Schedule,
    row: Option<&ScheduleRow>,
    now: DateTime<Utc>,
) -> Result<Option<ScheduleChange>, Error> {
    let understood = plan(app, schedule, app.config.timezone, &seed(task, key));
    let plan = match (understood, row) {
        (Ok(plan), _) => plan,
        (Err(fault), Some(row)) => {
            let problem = fault.to_string();
            let news = row.problem.as_ref() != Some(&problem);
            return Ok(news.then(|| with_problem(row, problem)));
        }
        (Err(fault), None) => {
            return Ok(Some(ScheduleChange::Put {
                task: task.clone(),
                key: key.to_owned(),
                spec: Box::new(schedule.clone()),
                timezone: app.config.timezone.to_string(),
                plan: Digest::of(b""),
                next: None,
                problem: Some(fault.to_string()),
                dropped: None,
            }));
        }
    };
    let rests = schedule.enabled == Some(false);
    let digest = Digest::of(format!("{}|{rests}", plan.fingerprint()).as_bytes());
    let zone = plan.zone.to_string();
    let same = row.is_some_and(|row| row.plan == digest);
    if same
        && row.is_some_and(|row| {
            row.spec == *schedule && row.timezone == zone && row.problem.is_none()
        })
    {
        return Ok(None);
    }
    let next = if same {
        None
    } else {
        Some(next(app, (task, key), &plan, now).await?.filter(|_| !rests))
    };
    Ok(Some(ScheduleChange::Put {
        task: task.clone(),
        key: key.to_owned(),
        spec: Box::new(schedule.clone()),
        timezone: zone,
        plan: digest,
        next,
        problem: None,
        dropped: row
            .filter(|_| !same)
            .and_then(|row| abandoned(app, row, now)),
    }))
}

/// The first slot of a plan that is not decided yet, also not by a schedule that
/// was removed and now returns.
async fn next(
    app: &App,
    (task, key): (&TaskName, &str),
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, Error> {
    let before = match app.store.schedule(task, key).await {
        Ok(row) => row.last_slot,
        Err(crate::store::StoreError::NotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let slot = plan.next(before.map_or(now, |last| last.max(now)));
    Ok(slot.map(|slot| (slot, plan.due(slot))))
}

/// The row as it is, with a problem.
fn with_problem(row: &ScheduleRow, problem: String) -> ScheduleChange {
    ScheduleChange::Put {
        task: row.task.clone(),
        key: row.key.clone(),
        spec: Box::new(row.spec.clone()),
        timezone: row.timezone.clone(),
        plan: row.plan.clone(),
        next: None,
        problem: Some(problem),
        dropped: None,
    }
}

/// The slots that were due by what a schedule said before it changed, and that
/// nobody has decided about.
fn abandoned(app: &App, row: &ScheduleRow, now: DateTime<Utc>) -> Option<Dropped> {
    let first = row
        .next_slot
        .filter(|_| row.next_at.is_some_and(|at| at <= now))?;
    let from = first - TimeDelta::seconds(1);
    let known = plan_of(app, row).ok();
    let count = known
        .as_ref()
        .map_or(1, |plan| plan.count(from, now).max(1));
    let last = known.and_then(|plan| plan.newest(from, now, 1).pop());
    let last = last.unwrap_or(first).max(first);
    Some(Dropped {
        first,
        last,
        count,
        decision: Decision::Missed,
        cause: Cause::Changed,
        detail: None,
    })
}
