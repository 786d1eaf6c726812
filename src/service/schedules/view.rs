//! Schedules as people see them.

use super::{App, Error, invalid, plan, plan_of};
use crate::catalogue::CatalogueError;
use crate::domain::ids::TaskName;
use crate::domain::schedule::{LedgerEntry, Schedule, ScheduleRow};
use crate::domain::suggest::ranked;
use crate::store::LedgerFilter;
use crate::time::Occurrence;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A schedule and where it stands.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct ScheduleView {
    /// The task.
    pub task: TaskName,
    /// What tells it from the others of its task.
    pub key: String,
    /// What its manifest says, when it was last good.
    pub schedule: Schedule,
    /// One sentence that says when it fires; none when it cannot be understood.
    pub description: Option<String>,
    /// The zone it is in.
    pub timezone: String,
    /// The next slot; none when there is none or it rests.
    pub next: Option<Occurrence>,
    /// Since when it is paused.
    pub paused_at: Option<DateTime<Utc>>,
    /// Why it cannot be used just now.
    pub problem: Option<String>,
    /// The newest line of its ledger.
    pub last: Option<LedgerEntry>,
}

/// What a schedule would do.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct Preview {
    /// What tells it from others, should it have no name: its rule, in its
    /// shortest form.
    pub rule: String,
    /// One sentence that says when it fires.
    pub description: String,
    /// The zone it is in.
    pub timezone: String,
    /// Its next slots.
    pub next: Vec<Occurrence>,
    /// What is odd about its times of day in the next two years.
    pub notes: Vec<String>,
}

/// All schedules, or those of one task, by task and key.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, task: Option<&TaskName>) -> Result<Vec<ScheduleView>, Error> {
    let (rows, mut lines) = tokio::try_join!(app.store.schedules(), app.store.last_lines(task))?;
    let rows = rows.into_iter();
    let own = rows.filter(|row| task.is_none_or(|task| row.task == *task));
    Ok(own
        .map(|row| {
            let last = lines.remove(&row.id);
            view(app, row, last)
        })
        .collect())
}

/// The schedules of a task, as its files say at this moment.
///
/// # Errors
/// When there is no such task, or the database fails.
pub async fn of_task(app: &App, task: &TaskName) -> Result<Vec<ScheduleView>, Error> {
    super::sync_task(app, task, Utc::now()).await?;
    let views = list(app, Some(task)).await?;
    match app.catalogue.load(task) {
        Err(unknown @ CatalogueError::UnknownTask { .. }) => Err(unknown.into()),
        _ => Ok(views),
    }
}

fn view(app: &App, row: ScheduleRow, last: Option<LedgerEntry>) -> ScheduleView {
    let plan = plan_of(app, &row).ok();
    let before = row
        .next_slot
        .map(|slot| slot - chrono::TimeDelta::seconds(1));
    let next = plan
        .as_ref()
        .zip(before)
        .and_then(|(plan, before)| plan.upcoming(before, 1).pop());
    ScheduleView {
        description: plan.map(|plan| plan.describe()),
        task: row.task,
        key: row.key,
        schedule: row.spec,
        timezone: row.timezone,
        next,
        paused_at: row.paused_at,
        problem: row.problem,
        last,
    }
}

/// What a schedule would do after an instant; at most `n` slots, and no more
/// than 100. The schedule need not be anybody's.
///
/// # Errors
/// Names the key that is wrong.
pub fn preview(
    app: &App,
    schedule: &Schedule,
    after: DateTime<Utc>,
    n: usize,
) -> Result<Preview, Error> {
    let plan = plan(app, schedule, app.config.timezone, "").map_err(|fault| invalid(&fault))?;
    Ok(Preview {
        rule: plan.rule.to_string(),
        description: plan.describe(),
        timezone: plan.zone.to_string(),
        next: plan.upcoming(after, n.min(100)),
        notes: plan
            .lint(after)
            .into_iter()
            .map(|note| note.message)
            .collect(),
    })
}

/// Lines of the ledger, newest slot first, 1000 at most.
///
/// # Errors
/// When the database fails.
pub async fn ledger(app: &App, filter: &LedgerFilter) -> Result<Vec<LedgerEntry>, Error> {
    let limit = Some(filter.limit.unwrap_or(100).min(1000));
    Ok(app
        .store
        .ledger(&LedgerFilter {
            limit,
            ..filter.clone()
        })
        .await?)
}

/// The schedule of a task with this key.
///
/// # Errors
/// `NotFound`, with the keys there are.
pub async fn find(app: &App, task: &TaskName, key: &str) -> Result<ScheduleRow, Error> {
    let rows = app.store.schedules().await?;
    let own: Vec<ScheduleRow> = rows.into_iter().filter(|row| row.task == *task).collect();
    if let Some(row) = own.iter().find(|row| row.key == key) {
        return Ok(row.clone());
    }
    let keys = || own.iter().map(|row| row.key.as_str());
    let hint = match (ranked(key, keys()).first(), own.len()) {
        (_, 0) => "it has no schedules".to_owned(),
        (Some(near), _) => format!("did you mean “{near}”?"),
        (None, _) => format!("it has {}", keys().collect::<Vec<_>>().join(", ")),
    };
    let key = key.escape_debug();
    Err(Error::NotFound(format!(
        "{task} has no schedule “{key}”: {hint}"
    )))
}
