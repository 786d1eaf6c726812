//! Users, tokens and the audit log of a service.

use super::{Call, Client, Error};
use crate::domain::account::{ApiToken, User};
use crate::domain::audit::Entry;
use crate::domain::ids::{Digest, TokenId, UserName};
use crate::domain::secret::Secret;
use crate::service::access::{TokenOrder, UserOrder};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// A token that was just made.
#[derive(Deserialize)]
pub struct MadeToken {
    /// What it is.
    #[serde(flatten)]
    pub token: ApiToken,
    /// The token itself, shown this once.
    pub secret: String,
}

/// What reading the whole audit log found.
#[derive(Debug, Deserialize)]
pub struct Verified {
    /// How many entries are sound, from the first.
    pub sound: i64,
    /// The digest of the last sound entry.
    pub head: Option<Digest>,
    /// The place of the first entry that is not sound.
    pub broken: Option<i64>,
    /// What is wrong with it.
    pub fault: Option<String>,
}

impl Client {
    /// Every user.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        self.ask(Call::get(&["users"])).await
    }

    /// A user.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn user(&self, name: &UserName) -> Result<User, Error> {
        self.ask(Call::get(&["users", name.as_str()])).await
    }

    /// Makes a user.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn add_user(&self, order: &UserOrder) -> Result<User, Error> {
        let body = json!({
            "name": order.name,
            "role": order.role,
            "reads_logs": order.reads_logs,
            "password": order.password.reveal(),
        });
        self.ask(Call::post(&["users"]).json(&body)).await
    }

    /// Changes fields of a user: `role`, `reads_logs`, `disabled`.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn change_user(&self, name: &UserName, change: &Value) -> Result<User, Error> {
        let call = Call::new(Method::PATCH, &["users", name.as_str()]);
        self.ask(call.json(change)).await
    }

    /// Sets a password.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn set_password(&self, name: &UserName, password: &Secret) -> Result<(), Error> {
        let call = Call::new(Method::PUT, &["users", name.as_str(), "password"]);
        let body = json!({ "password": password.reveal() });
        self.tell(call.json(&body)).await
    }

    /// Removes a user.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn remove_user(&self, name: &UserName) -> Result<(), Error> {
        self.tell(Call::new(Method::DELETE, &["users", name.as_str()]))
            .await
    }

    /// Everybody's tokens.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, Error> {
        self.ask(Call::get(&["all-tokens"])).await
    }

    /// Makes a token for who asks.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn mint(&self, order: &TokenOrder) -> Result<MadeToken, Error> {
        let body = json!({
            "name": order.name,
            "scopes": order.scopes,
            "tasks": order.tasks,
            "expires_in_days": order.days,
        });
        self.ask(Call::post(&["tokens"]).json(&body)).await
    }

    /// Revokes anybody's token.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn revoke(&self, token: &TokenId) -> Result<(), Error> {
        let path = ["all-tokens", &token.to_string()];
        self.tell(Call::new(Method::DELETE, &path)).await
    }

    /// What was done, newest first.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn audit(&self, actor: Option<&str>, limit: u32) -> Result<Vec<Entry>, Error> {
        self.all(Some(limit), || Call::get(&["audit"]).with("actor", actor))
            .await
    }

    /// Has the whole audit log read, which holds this entry if it is known.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn verify_audit(&self, known: Option<(i64, &Digest)>) -> Result<Verified, Error> {
        let call = Call::get(&["audit", "verify"])
            .with("seq", known.map(|(seq, _)| seq))
            .with("hash", known.map(|(_, hash)| hash));
        self.ask(call).await
    }
}
