//! Environments and builds, as a service has and makes them.

use super::{Call, Client, Error, Log};
use crate::domain::ids::{Digest, TaskName};
use crate::service::environments::{Comparison, Detail, Summary};
use crate::service::work::{Aim, Work};
use reqwest::Method;
use serde_json::json;

impl Client {
    /// Every environment, last used first.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn environments(&self) -> Result<Vec<Summary>, Error> {
        self.ask(Call::get(&["environments"])).await
    }

    /// An environment: of a task, or by the beginning of its key.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn environment(&self, what: &str) -> Result<Detail, Error> {
        self.ask(Call::get(&["environments", what])).await
    }

    /// The lock of an environment, as a requirements file with hashes.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn lock(&self, what: &str) -> Result<String, Error> {
        self.text(Call::get(&["environments", what, "lock"])).await
    }

    /// Compares two environments, or one with its lock before.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn compare(&self, from: &str, to: Option<&str>) -> Result<Comparison, Error> {
        let call = Call::get(&["environments", from, "diff"]).with("with", to);
        self.ask(call).await
    }

    /// Begins work on a task. What goes on already is not begun again.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn begin(&self, task: &TaskName, aim: &Aim) -> Result<Work, Error> {
        let name = task.as_str();
        let call = match aim {
            Aim::Image { anew } => {
                Call::post(&["tasks", name, "build"]).json(&json!({ "anew": anew }))
            }
            Aim::Proposal => Call::post(&["tasks", name, "environment", "proposal"]),
            Aim::Adoption { lock } => adoption(name, lock),
        };
        self.ask(call).await
    }

    /// How the last work on a task stands.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn work(&self, task: &TaskName) -> Result<Work, Error> {
        self.ask(Call::get(&["tasks", task.as_str(), "build"]))
            .await
    }

    /// Stops the work on a task.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn stop_work(&self, task: &TaskName) -> Result<Work, Error> {
        let path = ["tasks", task.as_str(), "build"];
        self.ask(Call::new(Method::DELETE, &path)).await
    }

    /// The log of the last work on a task.
    #[must_use]
    pub fn work_log(&self, task: &TaskName) -> Log {
        Log::of_work(self.clone(), task)
    }
}

fn adoption(task: &str, lock: &Digest) -> Call {
    Call::post(&["tasks", task, "environment", "adoption"]).json(&json!({ "lock": lock }))
}
