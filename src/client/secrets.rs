//! Secrets and variables of a service.

use super::{Call, Client, Error};
use crate::domain::ids::TaskName;
use crate::domain::secret::{Secret, SecretName};
use crate::domain::variable::{Level, Resolved, Variable, VariableName};
use crate::service::secrets::{Checkup, Rotated, SecretRun, SecretSet, SecretView};
use reqwest::Method;
use serde_json::json;

impl Client {
    /// Every secret.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn secrets(&self) -> Result<Vec<SecretView>, Error> {
        self.ask(Call::get(&["secrets"])).await
    }

    /// Sets a secret, and lets these tasks have it.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn set_secret(
        &self,
        name: &SecretName,
        value: &Secret,
        tasks: &[TaskName],
    ) -> Result<SecretSet, Error> {
        let body = json!({ "value": value.reveal(), "tasks": tasks });
        let call = Call::new(Method::PUT, &["secrets", name.as_str()]);
        self.ask(call.json(&body)).await
    }

    /// Removes a secret.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn remove_secret(&self, name: &SecretName) -> Result<(), Error> {
        self.tell(Call::new(Method::DELETE, &["secrets", name.as_str()]))
            .await
    }

    /// Lets a task have a secret, or no longer.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn grant_secret(
        &self,
        name: &SecretName,
        task: &TaskName,
        granted: bool,
    ) -> Result<(), Error> {
        let method = if granted { Method::PUT } else { Method::DELETE };
        let path = ["secrets", name.as_str(), "tasks", task.as_str()];
        self.tell(Call::new(method, &path)).await
    }

    /// The newest runs that were given a secret.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn secret_runs(
        &self,
        name: &SecretName,
        limit: u32,
    ) -> Result<Vec<SecretRun>, Error> {
        let call = || Call::get(&["secrets", name.as_str(), "runs"]);
        self.all(Some(limit), call).await
    }

    /// Has every secret opened.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn check_secrets(&self) -> Result<Checkup, Error> {
        self.ask(Call::get(&["secret-key"])).await
    }

    /// Has a new master key made.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn rotate_master_key(&self) -> Result<Rotated, Error> {
        self.ask(Call::post(&["secret-key", "rotate"])).await
    }

    /// Every variable.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn variables(&self) -> Result<Vec<Variable>, Error> {
        self.ask(Call::get(&["variables"])).await
    }

    /// What runs of a task get.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn variables_of(&self, task: &TaskName) -> Result<Vec<Resolved>, Error> {
        self.ask(Call::get(&["tasks", task.as_str(), "variables"]))
            .await
    }

    /// Sets a variable.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn set_variable(
        &self,
        (name, level): (&VariableName, &Level),
        value: &str,
    ) -> Result<Variable, Error> {
        let (tag, task) = whose(level);
        let body = json!({ "value": value, "tag": tag, "task": task });
        let call = Call::new(Method::PUT, &["variables", name.as_str()]);
        self.ask(call.json(&body)).await
    }

    /// Removes a variable.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn remove_variable(&self, name: &VariableName, level: &Level) -> Result<(), Error> {
        let (tag, task) = whose(level);
        let call = Call::new(Method::DELETE, &["variables", name.as_str()]);
        self.tell(call.with("tag", tag).with("task", task)).await
    }
}

fn whose(level: &Level) -> (Option<&str>, Option<&str>) {
    match level {
        Level::Global => (None, None),
        Level::Tag(tag) => (Some(tag), None),
        Level::Task(task) => (None, Some(task.as_str())),
    }
}
