//! Schedules and their slots, as a service has them.

use super::{Call, Client, Error};
use crate::domain::ids::TaskName;
use crate::domain::run::Run;
use crate::domain::schedule::{Decision, LedgerEntry, Schedule};
use crate::service::schedules::{LedgerFilter, Preview, ScheduleView};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

/// What became of a wish to pause.
#[derive(Debug, Deserialize)]
struct Paused {
    changed: bool,
}

impl Client {
    /// The schedules of a task, or of all.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn schedules(&self, task: Option<&TaskName>) -> Result<Vec<ScheduleView>, Error> {
        let call = match task {
            Some(task) => Call::get(&["tasks", task.as_str(), "schedules"]),
            None => Call::get(&["schedules"]),
        };
        self.ask(call).await
    }

    /// What a schedule would do from now on.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn preview(&self, of: &Schedule, count: usize) -> Result<Preview, Error> {
        let body = json!({ "schedule": of, "count": count.min(100) });
        self.ask(Call::post(&["schedules", "preview"]).json(&body))
            .await
    }

    /// Writes a schedule into a manifest, instead of the one with a key or as a
    /// new one.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn set_schedule(
        &self,
        task: &TaskName,
        instead_of: Option<&str>,
        schedule: &Schedule,
    ) -> Result<Vec<ScheduleView>, Error> {
        let call = match instead_of {
            Some(key) => Call::new(Method::PUT, &["tasks", task.as_str(), "schedules", key]),
            None => Call::post(&["tasks", task.as_str(), "schedules"]),
        };
        self.ask(call.json(&json!(schedule))).await
    }

    /// Removes a schedule from its manifest.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn remove_schedule(&self, task: &TaskName, key: &str) -> Result<(), Error> {
        let path = ["tasks", task.as_str(), "schedules", key];
        self.tell(Call::new(Method::DELETE, &path)).await
    }

    /// Pauses a schedule, or all, or lets them go on; `false` when it was so
    /// before.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn pause_schedule(
        &self,
        which: Option<(&TaskName, &str)>,
        pause: bool,
    ) -> Result<bool, Error> {
        let call = match which {
            Some((task, key)) => Call::post(&["tasks", task.as_str(), "schedules", key, "pause"]),
            None => Call::post(&["schedules", "pause"]),
        };
        let body = json!({ "paused": pause });
        let answer: Paused = self.ask(call.json(&body)).await?;
        Ok(answer.changed)
    }

    /// Runs the newest of what a schedule missed.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn make_up(
        &self,
        (task, key): (&TaskName, &str),
        count: u32,
    ) -> Result<Vec<Run>, Error> {
        let path = ["tasks", task.as_str(), "schedules", key, "make-up"];
        let body = json!({ "count": count });
        self.ask(Call::post(&path).json(&body)).await
    }

    /// What became of slots, newest first.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn slots(&self, filter: &LedgerFilter) -> Result<Vec<LedgerEntry>, Error> {
        let decisions: Vec<&str> = filter
            .decisions
            .iter()
            .map(|d: &Decision| d.as_str())
            .collect();
        let decisions = (!decisions.is_empty()).then(|| decisions.join(","));
        let call = Call::get(&["slots"])
            .with("task", filter.task.as_ref())
            .with("schedule", filter.schedule.as_ref())
            .with("decision", decisions)
            .with("limit", filter.limit);
        self.ask(call).await
    }
}
