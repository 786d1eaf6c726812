//! The versions of a task's code, as a service keeps them.

use super::{Call, Client, Error};
use crate::domain::ids::TaskName;
use crate::service::tasks::versions::{VersionDiff, VersionItem};
use crate::service::tasks::{Guard, Restored};

impl Client {
    /// The versions of a task, newest first.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn versions(&self, task: &TaskName) -> Result<Vec<VersionItem>, Error> {
        self.ask(Call::get(&["tasks", task.as_str(), "versions"]))
            .await
    }

    /// What restoring a version would change of the folder.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn restoration(&self, task: &TaskName, version: &str) -> Result<VersionDiff, Error> {
        let call = Call::get(&["tasks", task.as_str(), "diff"]).with("to", Some(version));
        self.ask(call).await
    }

    /// Brings a version back.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn restore(
        &self,
        task: &TaskName,
        version: &str,
        guard: &Guard,
    ) -> Result<Restored, Error> {
        let path = ["tasks", task.as_str(), "versions", version, "restore"];
        let (seen, new) = match guard {
            Guard::Any => (None, None),
            Guard::New => (None, Some("*".to_owned())),
            Guard::Same(seen) => (Some(format!("\"{seen}\"")), None),
        };
        let call = Call::post(&path).header("if-match", seen);
        self.ask(call.header("if-none-match", new)).await
    }
}
