//! Schedules: what the manifests say about when, what comes next, and what
//! became of every slot.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, MaybeJson, Named, OfTask, Query};
use super::reply::Done;
use super::route::{Route, delete, get, post, put};
use super::tasks::OneTask;
use crate::domain::access::Permission::{SchedulesPause, SchedulesWrite, TasksRead};
use crate::domain::ids::TaskName;
use crate::domain::run::Run;
use crate::domain::schedule::{Decision, LedgerEntry, Schedule};
use crate::service::page::{Limit, Words};
use crate::service::schedules::{self, LedgerFilter, Preview, ScheduleView};
use axum::extract;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[expect(clippy::too_many_lines, reason = "it is one list")]
pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/v1/schedules",
            TasksRead,
            "List the schedules of all tasks",
            list_all,
        ),
        post(
            "/api/v1/schedules/preview",
            TasksRead,
            "Tell what a schedule would do, with its next slots",
            preview,
        ),
        post(
            "/api/v1/schedules/pause",
            SchedulesPause,
            "Pause all schedules, or let them go on",
            pause_all,
        ),
        get(
            "/api/v1/slots",
            TasksRead,
            "Tell what became of slots, newest first",
            ledger,
        ),
        get(
            "/api/v1/tasks/{task}/schedules",
            TasksRead,
            "List the schedules of a task",
            list,
        ),
        post(
            "/api/v1/tasks/{task}/schedules",
            SchedulesWrite,
            "Add a schedule to a task's manifest",
            add,
        ),
        put(
            "/api/v1/tasks/{task}/schedules/{schedule}",
            SchedulesWrite,
            "Write another schedule instead of this one",
            replace,
        ),
        delete(
            "/api/v1/tasks/{task}/schedules/{schedule}",
            SchedulesWrite,
            "Remove a schedule from a task's manifest; its ledger stays",
            remove,
        ),
        post(
            "/api/v1/tasks/{task}/schedules/{schedule}/pause",
            SchedulesPause,
            "Pause a schedule, or let it go on",
            pause,
        ),
        post(
            "/api/v1/tasks/{task}/schedules/{schedule}/make-up",
            SchedulesPause,
            "Run what a schedule missed",
            make_up,
        ),
    ]
}

/// A schedule of the path.
#[derive(Debug, Deserialize, JsonSchema)]
struct OneSchedule {
    /// The name of a task.
    task: TaskName,
    /// The key of one of its schedules: its name, or its rule.
    schedule: String,
}

impl OfTask for OneSchedule {
    fn task(&self) -> &TaskName {
        &self.task
    }
}

/// Whether to pause.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Pause {
    /// `false` lets it go on.
    #[serde(default = "yes")]
    paused: bool,
}

fn yes() -> bool {
    true
}

impl Default for Pause {
    fn default() -> Self {
        Self { paused: true }
    }
}

impl Pause {
    fn since(&self) -> Option<DateTime<Utc>> {
        self.paused.then(Utc::now)
    }
}

/// What became of a wish to pause.
#[derive(Debug, Serialize, JsonSchema)]
struct Paused {
    /// Whether it is paused now.
    paused: bool,
    /// Whether it was not so before.
    changed: bool,
}

/// A schedule that need not be anybody's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Draft {
    /// The schedule, as in a manifest.
    schedule: Schedule,
    /// How many slots to tell of; 100 at most.
    #[serde(default = "five")]
    #[schemars(range(max = 100))]
    count: u8,
    /// From when on; now, if left out.
    #[serde(default)]
    after: Option<DateTime<Utc>>,
}

fn five() -> u8 {
    5
}

/// How much to make up for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Missed {
    /// How many of the newest missed slots; 100 at most.
    #[schemars(range(min = 1, max = 100))]
    count: u8,
}

/// Which slots to tell of.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Slots {
    /// Of this task.
    task: Option<TaskName>,
    /// Of the schedule with this key.
    schedule: Option<String>,
    /// With one of these ends, with commas between them.
    decision: Words<Decision>,
    /// Slots before this instant: the last of the part before.
    before: Option<DateTime<Utc>>,
    /// Slots from this instant on.
    since: Option<DateTime<Utc>>,
    /// How many at most.
    limit: Limit,
}

type App = extract::State<State>;

async fn list_all(
    extract::State(state): App,
    Caller(caller): Caller,
) -> Result<Json<Vec<ScheduleView>>, Problem> {
    let mut all = schedules::list(&state.app, None).await?;
    all.retain(|view| caller.sees(&view.task));
    Ok(Json(all))
}

async fn list(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
) -> Result<Json<Vec<ScheduleView>>, Problem> {
    of_task(&state.app, &task).await.map(Json)
}

async fn of_task(app: &crate::service::App, task: &TaskName) -> Result<Vec<ScheduleView>, Problem> {
    // A task whose files changed a moment ago has the schedules of now.
    schedules::sync_task(app, task, Utc::now()).await?;
    let views = schedules::list(app, Some(task)).await?;
    if views.is_empty() {
        // A task without schedules is another thing than none.
        app.catalogue
            .locate(task)
            .map_err(crate::service::Error::from)?;
    }
    Ok(views)
}

async fn preview(
    extract::State(state): App,
    Json(draft): Json<Draft>,
) -> Result<Json<Preview>, Problem> {
    let after = draft.after.unwrap_or_else(Utc::now);
    let found = schedules::preview(&state.app, &draft.schedule, after, draft.count.into());
    found.map(Json).map_err(|error| below("/schedule", error))
}

/// An error whose fields are below another field.
fn below(pointer: &str, error: crate::service::Error) -> Problem {
    let mut problem = Problem::from(error);
    for field in &mut problem.errors {
        field.pointer.insert_str(0, pointer);
    }
    problem
}

async fn add(
    extract::State(state): App,
    Named(OneTask { task }): Named<OneTask>,
    Json(schedule): Json<Schedule>,
) -> Result<Json<Vec<ScheduleView>>, Problem> {
    schedules::set(&state.app, &task, None, &schedule, Utc::now()).await?;
    of_task(&state.app, &task).await.map(Json)
}

async fn replace(
    extract::State(state): App,
    Named(of): Named<OneSchedule>,
    Json(schedule): Json<Schedule>,
) -> Result<Json<Vec<ScheduleView>>, Problem> {
    let key = Some(of.schedule.as_str());
    schedules::set(&state.app, &of.task, key, &schedule, Utc::now()).await?;
    of_task(&state.app, &of.task).await.map(Json)
}

async fn remove(
    extract::State(state): App,
    Named(of): Named<OneSchedule>,
) -> Result<Done, Problem> {
    schedules::remove(&state.app, &of.task, &of.schedule, Utc::now()).await?;
    Ok(Done)
}

async fn pause(
    extract::State(state): App,
    Named(of): Named<OneSchedule>,
    MaybeJson(pause): MaybeJson<Pause>,
) -> Result<Json<Paused>, Problem> {
    let which = (&of.task, of.schedule.as_str());
    let changed = schedules::pause(&state.app, which, pause.since()).await?;
    Ok(Json(Paused {
        paused: pause.paused,
        changed,
    }))
}

async fn pause_all(
    extract::State(state): App,
    Caller(caller): Caller,
    MaybeJson(pause): MaybeJson<Pause>,
) -> Result<Json<Paused>, Problem> {
    if !caller.sees_all() {
        return Err(Problem::forbidden(crate::domain::access::Denied::Task));
    }
    let changed = schedules::pause_all(&state.app, pause.since()).await?;
    Ok(Json(Paused {
        paused: pause.paused,
        changed,
    }))
}

async fn make_up(
    extract::State(state): App,
    Caller(caller): Caller,
    Named(of): Named<OneSchedule>,
    Json(missed): Json<Missed>,
) -> Result<Json<Vec<Run>>, Problem> {
    let which = (&of.task, of.schedule.as_str());
    let by = caller.name();
    let made = schedules::make_up(&state.app, which, missed.count.into(), &by).await?;
    Ok(Json(made))
}

async fn ledger(
    extract::State(state): App,
    Caller(caller): Caller,
    Query(slots): Query<Slots>,
) -> Result<Json<Vec<LedgerEntry>>, Problem> {
    let filter = LedgerFilter {
        task: slots.task,
        schedule: slots.schedule,
        decisions: slots.decision.0,
        before: slots.before,
        since: slots.since,
        limit: Some(slots.limit.0),
    };
    let mut found = schedules::ledger(&state.app, &filter).await?;
    found.retain(|line| caller.sees(&line.task));
    Ok(Json(found))
}
