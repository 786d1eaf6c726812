//! Schedules and their slots: of the folder on this machine, whether a service
//! runs or not; or of a service elsewhere.

use super::args::Global;
use super::backend::{config, named};
use super::error::Error;
use crate::client::Client;
use crate::domain::ids::TaskName;
use crate::domain::run::Run;
use crate::domain::schedule::{LedgerEntry, Schedule};
use crate::service::schedules::{self, LedgerFilter, Preview, ScheduleView};
use crate::service::{self, App};
use chrono::Utc;

/// Whose schedules.
pub(super) enum Plans {
    /// Those of this folder.
    Here(App),
    /// Those of a service elsewhere.
    There(Client),
}

impl Plans {
    pub(super) async fn find(global: &Global) -> Result<Self, Error> {
        if let Some(client) = named(global)? {
            return Ok(Self::There(client));
        }
        let app = App::open(config(&global.overrides())?)?;
        // The folder may have changed while no service was looking.
        schedules::sync(&app, Utc::now()).await?;
        Ok(Self::Here(app))
    }

    pub(super) async fn list(&self, task: Option<&TaskName>) -> Result<Vec<ScheduleView>, Error> {
        match self {
            Self::Here(app) => {
                if let Some(task) = task {
                    app.catalogue.locate(task).map_err(service::Error::from)?;
                }
                Ok(schedules::list(app, task).await?)
            }
            Self::There(client) => Ok(client.schedules(task).await?),
        }
    }

    /// Whether all schedules are paused; nobody tells of a service elsewhere.
    pub(super) async fn all_paused(&self) -> Result<Option<chrono::DateTime<Utc>>, Error> {
        match self {
            Self::Here(app) => Ok(app.store.all_paused().await.map_err(service::Error::from)?),
            Self::There(_) => Ok(None),
        }
    }

    /// What the manifest of a task says.
    pub(super) async fn written(&self, task: &TaskName) -> Result<Vec<Schedule>, Error> {
        match self {
            Self::Here(app) => {
                let task = app.catalogue.load(task).map_err(service::Error::from)?;
                Ok(task.manifest.schedules)
            }
            Self::There(client) => {
                let all = client.schedules(Some(task)).await?;
                Ok(all.into_iter().map(|one| one.schedule).collect())
            }
        }
    }

    pub(super) async fn preview(&self, of: &Schedule, count: usize) -> Result<Preview, Error> {
        match self {
            Self::Here(app) => Ok(schedules::preview(app, of, Utc::now(), count)?),
            Self::There(client) => Ok(client.preview(of, count).await?),
        }
    }

    /// Writes a schedule into a manifest, instead of another or as a new one; its
    /// key.
    pub(super) async fn set(
        &self,
        task: &TaskName,
        instead_of: Option<&str>,
        schedule: &Schedule,
    ) -> Result<String, Error> {
        match self {
            Self::Here(app) => {
                Ok(schedules::set(app, task, instead_of, schedule, Utc::now()).await?)
            }
            Self::There(client) => {
                client.set_schedule(task, instead_of, schedule).await?;
                let key = crate::catalogue::schedule_key(schedule);
                key.map_err(|fault| Error::invalid(fault.to_string()))
            }
        }
    }

    pub(super) async fn remove(&self, task: &TaskName, key: &str) -> Result<(), Error> {
        match self {
            Self::Here(app) => {
                schedules::remove(app, task, key, Utc::now()).await?;
                Ok(())
            }
            Self::There(client) => Ok(client.remove_schedule(task, key).await?),
        }
    }

    /// Pauses a schedule or lets it go on; `false` when it was so before.
    pub(super) async fn pause(
        &self,
        (task, key): (&TaskName, &str),
        pause: bool,
    ) -> Result<bool, Error> {
        match self {
            Self::Here(app) => {
                let at = pause.then(Utc::now);
                Ok(schedules::pause(app, (task, key), at).await?)
            }
            Self::There(client) => Ok(client.pause_schedule(Some((task, key)), pause).await?),
        }
    }

    /// [`Plans::pause`] for all schedules.
    pub(super) async fn pause_all(&self, pause: bool) -> Result<bool, Error> {
        match self {
            Self::Here(app) => Ok(schedules::pause_all(app, pause.then(Utc::now)).await?),
            Self::There(client) => Ok(client.pause_schedule(None, pause).await?),
        }
    }

    pub(super) async fn make_up(
        &self,
        (task, key): (&TaskName, &str),
        count: u32,
    ) -> Result<Vec<Run>, Error> {
        match self {
            Self::Here(app) => Ok(schedules::make_up(app, (task, key), count, "local").await?),
            Self::There(client) => Ok(client.make_up((task, key), count).await?),
        }
    }

    pub(super) async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<LedgerEntry>, Error> {
        match self {
            Self::Here(app) => Ok(schedules::ledger(app, filter).await?),
            Self::There(client) => Ok(client.slots(filter).await?),
        }
    }
}
