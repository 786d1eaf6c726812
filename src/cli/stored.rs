//! Secrets and variables: of a running service, or of this folder.

use super::backend::Backend;
use super::error::Error;
use crate::domain::access::Principal;
use crate::domain::audit::Actor;
use crate::domain::ids::TaskName;
use crate::domain::secret::{Secret, SecretName};
use crate::domain::variable::{Level, Resolved, Variable, VariableName};
use crate::service::page::Limit;
use crate::service::secrets::{self, Checkup, Rotated, SecretRun, SecretSet, SecretView};
use crate::service::variables;

impl Backend {
    pub(super) async fn secrets(&self) -> Result<Vec<SecretView>, Error> {
        match self {
            Self::There(client) => Ok(client.secrets().await?),
            Self::Here(app) => Ok(secrets::list(app).await?),
        }
    }

    pub(super) async fn set_secret(
        &self,
        name: &SecretName,
        value: Secret,
        tasks: &[TaskName],
    ) -> Result<SecretSet, Error> {
        match self {
            Self::There(client) => Ok(client.set_secret(name, &value, tasks).await?),
            Self::Here(app) => Ok(secrets::set(app, &Actor::local(), (name, value), tasks).await?),
        }
    }

    pub(super) async fn remove_secret(&self, name: &SecretName) -> Result<(), Error> {
        match self {
            Self::There(client) => Ok(client.remove_secret(name).await?),
            Self::Here(app) => Ok(secrets::remove(app, &Actor::local(), name).await?),
        }
    }

    pub(super) async fn grant_secret(
        &self,
        name: &SecretName,
        task: &TaskName,
        granted: bool,
    ) -> Result<(), Error> {
        let actor = Actor::local();
        match self {
            Self::There(client) => client.grant_secret(name, task, granted).await?,
            Self::Here(app) if granted => {
                secrets::grant(app, &actor, name, task).await?;
            }
            Self::Here(app) => {
                secrets::revoke(app, &actor, name, task).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn secret_runs(
        &self,
        name: &SecretName,
        limit: Limit,
    ) -> Result<Vec<SecretRun>, Error> {
        match self {
            Self::There(client) => Ok(client.secret_runs(name, limit.0).await?),
            Self::Here(app) => Ok(secrets::runs(app, name, (None, limit)).await?.items),
        }
    }

    pub(super) async fn check_secrets(&self) -> Result<Checkup, Error> {
        match self {
            Self::There(client) => Ok(client.check_secrets().await?),
            Self::Here(app) => Ok(secrets::check(app).await?),
        }
    }

    pub(super) async fn rotate_master_key(&self) -> Result<Rotated, Error> {
        match self {
            Self::There(client) => Ok(client.rotate_master_key().await?),
            Self::Here(app) => Ok(secrets::rotate_master(app, &Actor::local()).await?),
        }
    }

    pub(super) async fn variables(&self) -> Result<Vec<Variable>, Error> {
        match self {
            Self::There(client) => Ok(client.variables().await?),
            Self::Here(app) => Ok(variables::list(app, &Principal::local()).await?),
        }
    }

    pub(super) async fn variables_of(&self, task: &TaskName) -> Result<Vec<Resolved>, Error> {
        match self {
            Self::There(client) => Ok(client.variables_of(task).await?),
            Self::Here(app) => Ok(variables::of_task(app, task).await?),
        }
    }

    pub(super) async fn set_variable(
        &self,
        (name, level): (VariableName, Level),
        value: String,
    ) -> Result<Variable, Error> {
        match self {
            Self::There(client) => Ok(client.set_variable((&name, &level), &value).await?),
            Self::Here(app) => {
                Ok(variables::set(app, &Actor::local(), (name, level), value).await?)
            }
        }
    }

    pub(super) async fn remove_variable(
        &self,
        (name, level): (VariableName, Level),
    ) -> Result<(), Error> {
        match self {
            Self::There(client) => Ok(client.remove_variable(&name, &level).await?),
            Self::Here(app) => Ok(variables::remove(app, &Actor::local(), (name, level)).await?),
        }
    }
}
