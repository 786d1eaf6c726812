//! What can be asked of a service.

use super::{Call, Client, Error};
use crate::domain::ids::{RunId, TaskName};
use crate::domain::run::{Run, RunState};
use crate::domain::secret::Secrets;
use crate::domain::size::Span;
use crate::service::create::NewTask;
use crate::service::doctor::Report;
use crate::service::inspect::RunDetail;
use crate::service::prune::{Options, Plan, Swept};
use crate::service::system::System;
use crate::service::tasks::{TaskItem, TaskView};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long housekeeping may take.
const LONG: Duration = Duration::from_secs(3600);

/// A run as it is asked for.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The task.
    pub task: TaskName,
    /// Parameter values, unchecked.
    pub params: BTreeMap<String, Value>,
    /// Arguments after those of the manifest.
    pub args: Vec<String>,
    /// Values of the secrets that the task names.
    pub secrets: Secrets,
    /// What tells this request from others: asked again with the same key, it
    /// is the same run.
    pub key: String,
}

/// Which runs to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct RunsWanted {
    /// Runs of this task.
    pub task: Option<TaskName>,
    /// Runs in one of these states; none for all.
    pub states: Vec<RunState>,
    /// Only runs that are pinned.
    pub pinned: bool,
    /// How many at most.
    pub limit: u32,
}

impl Client {
    /// Asks for a run.
    ///
    /// # Errors
    /// As the service says, or when it does not answer.
    pub async fn start(&self, launch: &Launch) -> Result<Run, Error> {
        let mut body = json!({ "params": launch.params, "args": launch.args });
        add_secrets(&mut body, &launch.secrets);
        let call = Call::post(&["tasks", launch.task.as_str(), "runs"])
            .header("idempotency-key", Some(launch.key.clone()))
            .json(&body);
        self.ask(call).await
    }

    /// Asks for a run like an earlier one, which is named as people name it.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn rerun(
        &self,
        run: &str,
        same_image: bool,
        secrets: &Secrets,
    ) -> Result<Run, Error> {
        let mut body = json!({ "same_image": same_image });
        add_secrets(&mut body, secrets);
        self.ask(Call::post(&["runs", run, "rerun"]).json(&body))
            .await
    }

    /// Asks for the end of a run.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn cancel(&self, run: &str) -> Result<Run, Error> {
        self.ask(Call::post(&["runs", run, "cancel"])).await
    }

    /// Keeps a run whatever housekeeping thinks, or no longer.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn pin(&self, run: &str, pinned: bool) -> Result<Run, Error> {
        let call = Call::new(Method::PATCH, &["runs", run]).json(&json!({ "pinned": pinned }));
        self.ask(call).await
    }

    /// Lists runs.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn runs(&self, wanted: &RunsWanted) -> Result<Vec<Run>, Error> {
        let states: Vec<_> = wanted.states.iter().map(|state| state.as_str()).collect();
        let states = (!states.is_empty()).then(|| states.join(","));
        self.all(Some(wanted.limit), || {
            Call::get(&["runs"])
                .with("task", wanted.task.as_ref())
                .with("state", states.as_ref())
                .with("pinned", wanted.pinned.then_some(true))
        })
        .await
    }

    /// All that is known of a run, which is named as people name it.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn run(&self, run: &str) -> Result<RunDetail, Error> {
        self.ask(Call::get(&["runs", run])).await
    }

    /// Lists tasks, and what is none and why.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn tasks(&self, tag: Option<&str>) -> Result<Vec<TaskItem>, Error> {
        self.all(None, || Call::get(&["tasks"]).with("tag", tag))
            .await
    }

    /// All that is known of a task.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn task(&self, task: &TaskName) -> Result<TaskView, Error> {
        self.ask(Call::get(&["tasks", task.as_str()])).await
    }

    /// Makes a task from a template.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn create(&self, new: &NewTask) -> Result<TaskView, Error> {
        let mut body = json!({ "name": new.name, "template": new.start.as_str() });
        if let Some(environment) = &new.environment {
            body["environment"] = json!(environment.to_string());
        }
        self.ask(Call::post(&["tasks"]).json(&body)).await
    }

    /// The service as a whole.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn system(&self) -> Result<System, Error> {
        self.ask(Call::get(&["system"])).await
    }

    /// Examines the machine of the service, its engine and its settings.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn doctor(&self) -> Result<Report, Error> {
        self.ask(Call::post(&["system", "doctor"])).await
    }

    /// What housekeeping would remove.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn plan(&self, options: Options) -> Result<Plan, Error> {
        let call = Call::get(&["prune"])
            .with("keep_runs", options.keep_runs)
            .with("older_than", options.older_than.map(Span));
        self.ask(call).await
    }

    /// Removes what is no longer needed.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn prune(&self, options: Options) -> Result<Swept, Error> {
        let body = json!({
            "keep_runs": options.keep_runs,
            "older_than": options.older_than.map(|span| Span(span).to_string()),
        });
        let call = Call::post(&["prune"]).json(&body).within(LONG);
        self.ask(call).await
    }

    /// Follows the output of a run from its beginning, or as `from` says.
    #[must_use]
    pub fn follow(&self, run: RunId, from: super::follow::From) -> super::Follow {
        super::Follow::new(self.clone(), super::follow::Of::Run(run), from)
    }
}

fn add_secrets(body: &mut Value, secrets: &Secrets) {
    let named = secrets.iter();
    let named: BTreeMap<_, _> = named.map(|(name, value)| (name, value.reveal())).collect();
    if !named.is_empty() {
        body["secrets"] = json!(named);
    }
}
