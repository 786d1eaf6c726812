//! Users, tokens and the audit log: of the database of this folder, as its
//! owner and whether a service runs or not; or of a service elsewhere.

use super::args::Global;
use super::backend::{config, named};
use super::error::Error;
use crate::client::Client;
use crate::domain::access::{Principal, Role};
use crate::domain::account::{ApiToken, User};
use crate::domain::audit::{Actor, Entry};
use crate::domain::ids::{Digest, TokenId, UserName};
use crate::domain::secret::Secret;
use crate::service::access::{self, AuditFilter, TokenOrder, UserOrder};
use crate::service::{self, App};
use crate::store::Audited;
use serde_json::json;

/// Whose users, tokens and audit log.
pub(super) enum People {
    /// Those of this folder.
    Here(App),
    /// Those of a service elsewhere.
    There(Client),
}

impl People {
    pub(super) fn find(global: &Global) -> Result<Self, Error> {
        match named(global)? {
            Some(client) => Ok(Self::There(client)),
            None => Ok(Self::Here(App::open(config(&global.overrides())?)?)),
        }
    }

    /// The application, for what only the owner of the folder can do.
    pub(super) fn here(&self) -> Result<&App, Error> {
        match self {
            Self::Here(app) => Ok(app),
            Self::There(client) => Err(Error::invalid(format!(
                "only the owner of the folder can do this: run it on the machine of {}, without --url",
                client.url()
            ))),
        }
    }

    pub(super) async fn users(&self) -> Result<Vec<User>, Error> {
        match self {
            Self::Here(app) => Ok(app.access.users().await.map_err(service::Error::from)?),
            Self::There(client) => Ok(client.users().await?),
        }
    }

    pub(super) async fn user(&self, name: &UserName) -> Result<User, Error> {
        match self {
            Self::Here(app) => Ok(app.access.user(name).await.map_err(service::Error::from)?),
            Self::There(client) => Ok(client.user(name).await?),
        }
    }

    pub(super) async fn add_user(&self, order: UserOrder) -> Result<User, Error> {
        match self {
            Self::Here(app) => {
                let added = app.access.add_user(Actor::local(), order).await;
                Ok(added.map_err(service::Error::from)?)
            }
            Self::There(client) => Ok(client.add_user(&order).await?),
        }
    }

    pub(super) async fn set_password(
        &self,
        name: &UserName,
        password: &Secret,
    ) -> Result<(), Error> {
        match self {
            Self::Here(app) => {
                let set = app.access.set_password(Actor::local(), name, password);
                Ok(set.await.map_err(service::Error::from)?)
            }
            Self::There(client) => Ok(client.set_password(name, password).await?),
        }
    }

    pub(super) async fn set_role(
        &self,
        name: &UserName,
        role: Role,
        logs: Option<bool>,
    ) -> Result<User, Error> {
        match self {
            Self::Here(app) => {
                let set = app.access.set_role(Actor::local(), name, (role, logs));
                Ok(set.await.map_err(service::Error::from)?)
            }
            Self::There(client) => {
                let change = json!({ "role": role, "reads_logs": logs });
                Ok(client.change_user(name, &change).await?)
            }
        }
    }

    pub(super) async fn set_disabled(&self, name: &UserName, disabled: bool) -> Result<(), Error> {
        match self {
            Self::Here(app) => {
                let set = app.access.set_disabled(Actor::local(), name, disabled);
                set.await.map_err(service::Error::from)?;
            }
            Self::There(client) => {
                let change = json!({ "disabled": disabled });
                client.change_user(name, &change).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn remove_user(&self, name: &UserName) -> Result<(), Error> {
        match self {
            Self::Here(app) => {
                let removed = app.access.remove_user(Actor::local(), name).await;
                Ok(removed.map_err(service::Error::from)?)
            }
            Self::There(client) => Ok(client.remove_user(name).await?),
        }
    }

    /// A new token, and its text.
    pub(super) async fn mint(&self, order: TokenOrder) -> Result<(ApiToken, Secret), Error> {
        match self {
            Self::Here(app) => {
                let (owner, client) = (Principal::local(), access::Client::default());
                let made = app.access.mint(&owner, order, &client).await;
                let made = made.map_err(service::Error::from)?;
                Ok((made.token, Secret::new(made.text.reveal().to_owned())))
            }
            Self::There(client) => {
                let made = client.mint(&order).await?;
                Ok((made.token, Secret::new(made.secret)))
            }
        }
    }

    /// Everybody's tokens.
    pub(super) async fn tokens(&self) -> Result<Vec<ApiToken>, Error> {
        match self {
            Self::Here(app) => {
                let tokens = app.access.tokens(&Principal::local(), true).await;
                Ok(tokens.map_err(service::Error::from)?)
            }
            Self::There(client) => Ok(client.tokens().await?),
        }
    }

    pub(super) async fn revoke(&self, token: &TokenId) -> Result<(), Error> {
        match self {
            Self::Here(app) => {
                let (owner, client) = (Principal::local(), access::Client::default());
                let revoked = app.access.revoke(&owner, (token, true), &client).await;
                Ok(revoked.map_err(service::Error::from)?)
            }
            Self::There(client) => Ok(client.revoke(token).await?),
        }
    }

    /// What was done, newest first.
    pub(super) async fn audit(
        &self,
        actor: Option<String>,
        limit: u32,
    ) -> Result<Vec<Entry>, Error> {
        match self {
            Self::Here(app) => {
                let filter = AuditFilter {
                    before: None,
                    actor,
                    limit: Some(limit),
                };
                let entries = app.access.audit(&filter).await;
                Ok(entries.map_err(service::Error::from)?)
            }
            Self::There(client) => Ok(client.audit(actor.as_deref(), limit).await?),
        }
    }

    pub(super) async fn verify_audit(
        &self,
        known: Option<(i64, &Digest)>,
    ) -> Result<Audited, Error> {
        match self {
            Self::Here(app) => {
                let found = app.access.verify_audit(known).await;
                Ok(found.map_err(service::Error::from)?)
            }
            Self::There(client) => {
                let found = client.verify_audit(known).await?;
                Ok(Audited {
                    sound: found.sound,
                    head: found.head,
                    broken: found.broken.zip(found.fault),
                })
            }
        }
    }
}
