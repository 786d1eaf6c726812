//! What is told of an event: its facts, as JSON.

use super::super::access::invitation::address;
use super::super::door::Door;
use super::super::{App, Error};
use crate::deliver::body::Message;
use crate::domain::event::Event;
use crate::domain::hook::{Happened, HookEvent};
use crate::domain::ids::{RunId, TaskName};
use crate::domain::run::{Outcome, Run};
use crate::logs::Masker;
use crate::store::StoreError;
use crate::threads::off_thread;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What happened, and the facts.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) happened: Happened,
    pub(super) at: DateTime<Utc>,
    pub(super) task: Option<TaskName>,
    pub(super) tags: Vec<String>,
    pub(super) run: Option<RunId>,
    pub(super) data: Value,
}

/// What no other delivery is called.
pub(crate) fn new_id() -> String {
    format!("msg_{}", uuid::Uuid::now_v7().simple())
}

/// Where browsers reach the service: where it listens by now, which need not be
/// what the settings say (port 0), or else would.
pub(crate) fn origin(app: &App) -> String {
    let server = &app.config.server;
    let listens = match server.external_url {
        Some(_) => None,
        None => Door::find(&app.config.data_dir),
    };
    listens.map_or_else(|| address(server, server.bind), |door| door.url)
}

/// Something to try a template with.
pub(super) fn sample(app: &App) -> Message {
    let run = RunId::new();
    Message {
        id: new_id(),
        event: HookEvent::RunFailed,
        at: Utc::now(),
        data: json!({
            "task": "example", "tags": ["example"], "run": run, "trigger": "schedule",
            "schedule": "daily", "scheduled_at": Utc::now(), "outcome": "failed",
            "exit_code": 1, "reason": "an example", "created_at": Utc::now(),
            "started_at": Utc::now(), "finished_at": Utc::now(), "seconds": 1.5,
            "failures": 1, "url": format!("{}/runs/{run}", origin(app)),
            "slot": Utc::now(), "last": Utc::now(), "count": 1, "cause": "overlap",
            "detail": null, "aim": null,
        }),
    }
}

/// Replaces every secret in the texts of some facts.
pub(super) fn mask(masker: Option<&Masker>, data: &mut Value) {
    let Some(masker) = masker else { return };
    match data {
        Value::String(text) => *text = masker.mask(text),
        Value::Array(list) => list.iter_mut().for_each(|item| mask(Some(masker), item)),
        Value::Object(map) => map.values_mut().for_each(|item| mask(Some(masker), item)),
        _ => {}
    }
}

/// What hooks may be told of an event; none when it is nothing to them.
pub(super) async fn of(app: &App, event: &Event) -> Result<Option<Facts>, Error> {
    let Some(happened) = happened(event) else {
        return Ok(None);
    };
    let mut data = event.payload.clone();
    if let Some(id) = event.run {
        match app.store.run(id).await {
            Ok(run) if run.trial => return Ok(None),
            Ok(run) => fill(&mut data, &run),
            // It was forgotten already; the event says what there is to say.
            Err(StoreError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        data["run"] = json!(id);
        data["url"] = json!(format!("{}/runs/{id}", origin(app)));
    } else {
        data["url"] = json!(match event.task() {
            Some(task) => format!("{}/tasks/{task}", origin(app)),
            None => origin(app),
        });
    }
    if let Some(problem) = event.payload.get("problem") {
        data["reason"] = problem.clone();
    }
    let task = event.task();
    let tags = match &task {
        Some(task) => tags(app, task).await?,
        None => Vec::new(),
    };
    data["tags"] = json!(tags);
    Ok(Some(Facts {
        happened,
        at: event.at,
        run: event.run,
        task,
        tags,
        data,
    }))
}

fn happened(event: &Event) -> Option<Happened> {
    let word = |name: &str| event.payload.get(name).and_then(Value::as_str);
    Some(match event.kind.as_str() {
        "run.started" => Happened::Started,
        "run.finished" => Happened::Ended(word("outcome")?.parse::<Outcome>().ok()?),
        "build.finished" if word("state") == Some("failed") => {
            Happened::Other(HookEvent::BuildFailed)
        }
        "slot.missed" => Happened::Other(HookEvent::SlotMissed),
        "slot.skipped" => Happened::Other(HookEvent::SlotSkipped),
        "system.disk_low" => Happened::Other(HookEvent::DiskLow),
        _ => return None,
    })
}

fn fill(data: &mut Value, run: &Run) {
    data["trigger"] = json!(run.trigger);
    data["schedule"] = json!(run.schedule);
    data["scheduled_at"] = json!(run.scheduled_at);
    data["created_at"] = json!(run.created_at);
    data["started_at"] = json!(run.started_at);
    data["finished_at"] = json!(run.finished_at);
    let begun = run.started_at.unwrap_or(run.created_at);
    let took = run.finished_at.map(|end| (end - begun).as_seconds_f64());
    data["seconds"] = json!(took);
}

pub(crate) async fn tags(app: &App, task: &TaskName) -> Result<Vec<String>, Error> {
    let (catalogue, task) = (app.catalogue.clone(), task.clone());
    // A task that is gone or cannot be read has none.
    let loaded = off_thread(move || catalogue.load(&task)).await;
    Ok(loaded.map(|task| task.manifest.tags).unwrap_or_default())
}
