//! Triggers of a service.

use super::{Call, Client, Error};
use crate::domain::trigger::{Trigger, TriggerName, TriggerSpec};
use crate::service::triggers::TriggerMade;
use reqwest::Method;

impl Client {
    /// Every trigger.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn triggers(&self) -> Result<Vec<Trigger>, Error> {
        self.ask(Call::get(&["triggers"])).await
    }

    /// Saves a trigger.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn put_trigger(
        &self,
        name: &TriggerName,
        spec: &TriggerSpec,
    ) -> Result<TriggerMade, Error> {
        let call = Call::new(Method::PUT, &["triggers", name.as_str()]);
        self.ask(call.json(spec)).await
    }

    /// Gives a trigger a new token.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn rotate_trigger(&self, name: &TriggerName) -> Result<TriggerMade, Error> {
        self.ask(Call::post(&["triggers", name.as_str(), "rotate"]))
            .await
    }

    /// Removes a trigger.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn remove_trigger(&self, name: &TriggerName) -> Result<(), Error> {
        let call = Call::new(Method::DELETE, &["triggers", name.as_str()]);
        self.tell(call).await
    }
}
