//! Hooks of a service.

use super::{Call, Client, Error};
use crate::domain::hook::{Delivery, DeliveryState, DeliveryTries, Hook, HookName, HookSpec};
use crate::service::hooks::Trial;
use crate::service::report::ReportPreview;
use reqwest::Method;
use serde::Deserialize;
use std::time::Duration;

/// Mail may take half a minute, and a report looks at all that is kept.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Deserialize)]
struct Redelivered {
    redelivered: usize,
}

impl Client {
    /// Every hook.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn hooks(&self) -> Result<Vec<Hook>, Error> {
        self.ask(Call::get(&["hooks"])).await
    }

    /// One hook.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn hook(&self, name: &HookName) -> Result<Hook, Error> {
        self.ask(Call::get(&["hooks", name.as_str()])).await
    }

    /// Saves a hook.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn put_hook(&self, name: &HookName, spec: &HookSpec) -> Result<Hook, Error> {
        let call = Call::new(Method::PUT, &["hooks", name.as_str()]);
        self.ask(call.json(spec)).await
    }

    /// Removes a hook.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn remove_hook(&self, name: &HookName) -> Result<(), Error> {
        let call = Call::new(Method::DELETE, &["hooks", name.as_str()]);
        self.tell(call).await
    }

    /// Tries a hook.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn test_hook(&self, name: &HookName) -> Result<Trial, Error> {
        let call = Call::post(&["hooks", name.as_str(), "test"]);
        self.ask(call.within(PATIENCE)).await
    }

    /// The newest deliveries of a hook.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn deliveries(
        &self,
        name: &HookName,
        state: Option<DeliveryState>,
        limit: u32,
    ) -> Result<Vec<Delivery>, Error> {
        let path = ["hooks", name.as_str(), "deliveries"];
        let call = || Call::get(&path).with("state", state);
        self.all(Some(limit), call).await
    }

    /// A delivery of a hook, and each try of it.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn delivery(&self, name: &HookName, id: &str) -> Result<DeliveryTries, Error> {
        let path = ["hooks", name.as_str(), "deliveries", id];
        self.ask(Call::get(&path)).await
    }

    /// Has one delivery sent again, or all that were given up.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn redeliver(&self, name: &HookName, which: Option<&str>) -> Result<usize, Error> {
        let name = name.as_str();
        let call = match which {
            Some(id) => Call::post(&["hooks", name, "deliveries", id, "redeliver"]),
            None => Call::post(&["hooks", name, "redeliver"]),
        };
        let done: Redelivered = self.ask(call).await?;
        Ok(done.redelivered)
    }

    /// The report of the last 24 hours.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn report(&self) -> Result<ReportPreview, Error> {
        self.ask(Call::get(&["report"]).within(PATIENCE)).await
    }
}
