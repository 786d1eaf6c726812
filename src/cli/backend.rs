//! Who does what a command asks for: this process, or a running service.
//!
//! A service that works on the data folder is asked first, because it knows
//! what it is doing right now; without one, the same use cases run here. Either
//! way the answer is the same struct, so commands print it without knowing.

use super::args::Global;
use super::drive;
use super::error::Error;
use crate::client::{self, Client, Place, RunsWanted};
use crate::config::{Config, Overrides};
use crate::domain::access::Principal;
use crate::domain::audit::Actor;
use crate::domain::ids::{Digest, TaskName};
use crate::domain::run::Run;
use crate::domain::secret::Secret;
use crate::service::door::Door;
use crate::service::environments::{self, Comparison, Detail, Summary};
use crate::service::history;
use crate::service::inspect::{self, RunDetail, TaskDetail};
use crate::service::page::Limit;
use crate::service::prune::{self, Options, Plan, Swept};
use crate::service::tasks::versions::{self, VersionDiff, VersionItem};
use crate::service::tasks::{self, Guard, Restored, TaskItem, TasksQuery};
use crate::service::{self, App, runs};
use crate::store::RunFilter;
use std::path::{Path, PathBuf};

/// Who does it.
pub(super) enum Backend {
    /// This process, on the data folder.
    Here(App),
    /// A service.
    There(Client),
}

impl Backend {
    /// The service that was named, or the one of the home folder; else nobody
    /// but this process.
    pub(super) fn find(global: &Global) -> Result<Self, Error> {
        Ok(match elsewhere(global)? {
            Found::There(client) => Self::There(client),
            Found::Nobody(config) => Self::Here(App::open(*config)?),
        })
    }

    /// Runs, newest first; in one of some states, or all.
    pub(super) async fn runs(&self, wanted: RunsWanted) -> Result<Vec<Run>, Error> {
        match self {
            Self::There(client) => Ok(client.runs(&wanted).await?),
            Self::Here(app) => {
                let filter = RunFilter {
                    task: wanted.task,
                    states: wanted.states,
                    pinned: wanted.pinned.then_some(true),
                    limit: Some(wanted.limit),
                    ..RunFilter::default()
                };
                Ok(app
                    .store
                    .runs(&filter)
                    .await
                    .map_err(service::Error::from)?)
            }
        }
    }

    /// All that is known of a run, by how people name it.
    pub(super) async fn run(&self, text: &str) -> Result<RunDetail, Error> {
        match self {
            Self::There(client) => Ok(client.run(text).await?),
            Self::Here(app) => Ok(inspect::run(app, runs::find(app, text).await?).await?),
        }
    }

    /// Asks for the end of a run, by how people name it.
    pub(super) async fn cancel(&self, text: &str) -> Result<Run, Error> {
        match self {
            Self::There(client) => Ok(client.cancel(text).await?),
            Self::Here(app) => {
                let run = runs::find(app, text).await?;
                runs::cancel(app, run.id).await?;
                Ok(run)
            }
        }
    }

    /// Keeps a run, by how people name it, or no longer.
    pub(super) async fn pin(&self, text: &str, pinned: bool) -> Result<Run, Error> {
        match self {
            Self::There(client) => Ok(client.pin(text, pinned).await?),
            Self::Here(app) => {
                let run = runs::find(app, text).await?;
                Ok(history::pin(app, Actor::local(), &run, pinned).await?)
            }
        }
    }

    /// Sees to runs whose driver died. A service does so by itself.
    pub(super) async fn adopt_abandoned(&self, global: &Global) -> Result<(), Error> {
        match self {
            Self::There(_) => Ok(()),
            Self::Here(app) => Ok(drive::adopt_abandoned(app, global).await?),
        }
    }

    /// Everything in `tasks/`, or the tasks with a tag.
    pub(super) async fn tasks(&self, tag: Option<&str>) -> Result<Vec<TaskItem>, Error> {
        let app = match self {
            Self::There(client) => return Ok(client.tasks(tag).await?),
            Self::Here(app) => app,
        };
        let mut query = TasksQuery {
            tag: tag.map(str::to_owned),
            limit: Limit(500),
            ..TasksQuery::default()
        };
        let mut all = Vec::new();
        loop {
            let page = tasks::list(app, &Principal::local(), &query).await?;
            all.extend(page.items);
            query.cursor = page.next;
            if query.cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// All that is known of a task.
    pub(super) async fn task(&self, name: &TaskName) -> Result<TaskDetail, Error> {
        let client = match self {
            Self::Here(app) => return Ok(inspect::task(app, name).await?),
            Self::There(client) => client,
        };
        let view = client.task(name).await?;
        view.detail.ok_or_else(|| {
            let problems: Vec<_> = view.problems.iter().map(ToString::to_string).collect();
            Error::invalid(problems.join("\n"))
        })
    }

    /// The key of the environment that a task needs; none while that cannot be
    /// decided.
    pub(super) async fn environment_key(&self, name: &TaskName) -> Result<Option<Digest>, Error> {
        Ok(self.task(name).await?.environment.key)
    }

    /// Every environment, last used first.
    pub(super) async fn environments(&self) -> Result<Vec<Summary>, Error> {
        match self {
            Self::There(client) => Ok(client.environments().await?),
            Self::Here(app) => Ok(environments::list(app).await?),
        }
    }

    /// The environment of a task, or by the beginning of its key.
    pub(super) async fn environment(&self, what: &str) -> Result<Detail, Error> {
        match self {
            Self::There(client) => Ok(client.environment(what).await?),
            Self::Here(app) => Ok(environments::show(app, what).await?),
        }
    }

    /// Its lock, as a requirements file with hashes.
    pub(super) async fn lock(&self, what: &str) -> Result<String, Error> {
        match self {
            Self::There(client) => Ok(client.lock(what).await?),
            Self::Here(app) => Ok(environments::lock(app, what).await?),
        }
    }

    /// Compares two environments, or one with its lock before.
    pub(super) async fn compare(&self, from: &str, to: Option<&str>) -> Result<Comparison, Error> {
        match self {
            Self::There(client) => Ok(client.compare(from, to).await?),
            Self::Here(app) => Ok(environments::diff(app, from, to).await?),
        }
    }

    /// The versions of a task, newest first.
    pub(super) async fn versions(&self, task: &TaskName) -> Result<Vec<VersionItem>, Error> {
        match self {
            Self::There(client) => Ok(client.versions(task).await?),
            Self::Here(app) => Ok(versions::list(app, task).await?),
        }
    }

    /// What restoring a version would change of the folder.
    pub(super) async fn restoration(
        &self,
        task: &TaskName,
        version: &str,
    ) -> Result<VersionDiff, Error> {
        match self {
            Self::There(client) => Ok(client.restoration(task, version).await?),
            Self::Here(app) => {
                let version = versions::find(app, task, version).await?;
                Ok(versions::diff(app, task, (None, Some(version))).await?)
            }
        }
    }

    /// Brings a version back.
    pub(super) async fn restore(
        &self,
        task: &TaskName,
        version: &str,
        guard: &Guard,
    ) -> Result<Restored, Error> {
        match self {
            Self::There(client) => Ok(client.restore(task, version, guard).await?),
            Self::Here(app) => {
                let version = versions::find(app, task, version).await?;
                Ok(tasks::restore(app, task, &version, guard).await?)
            }
        }
    }

    /// What housekeeping would remove.
    pub(super) async fn plan(&self, options: Options) -> Result<Plan, Error> {
        match self {
            Self::There(client) => Ok(client.plan(options).await?),
            Self::Here(app) => Ok(prune::plan(app, options).await?),
        }
    }

    /// Removes what is no longer needed. A service makes its own plan anew.
    pub(super) async fn prune(&self, options: Options, plan: &Plan) -> Result<Swept, Error> {
        match self {
            Self::There(client) => Ok(client.prune(options).await?),
            Self::Here(app) => Ok(prune::carry_out(app, plan, &Actor::local()).await?),
        }
    }
}

/// Who does it, before anything was opened.
pub(super) enum Found {
    /// A service.
    There(Client),
    /// Nobody but this process, with these settings.
    Nobody(Box<Config>),
}

/// Looks for the service that was named, or the one of the home folder.
pub(super) fn elsewhere(global: &Global) -> Result<Found, Error> {
    if let Some(client) = named(global)? {
        return Ok(Found::There(client));
    }
    let config = config(&global.overrides())?;
    Ok(match there(&config.data_dir)? {
        Some(client) => Found::There(client),
        None => Found::Nobody(Box::new(config)),
    })
}

/// The settings of the home folder.
pub(super) fn config(flags: &Overrides) -> Result<Config, service::Error> {
    Config::load(flags).map_err(|error| service::Error::Invalid(error.to_string()))
}

/// The service of a data folder, if one runs.
pub(super) fn there(data_dir: &Path) -> Result<Option<Client>, Error> {
    Ok(match Door::find(data_dir) {
        Some(_) => Some(Client::new(Place::Folder(data_dir.to_owned()))?),
        None => None,
    })
}

/// The service that `--url` or `RUNBAY_URL` names. A folder that is named wins
/// over the variable, which may have been set for other commands.
pub(super) fn named(global: &Global) -> Result<Option<Client>, Error> {
    let variable = || variable("RUNBAY_URL").filter(|_| global.home.is_none());
    let Some(url) = global.url.clone().or_else(variable) else {
        return Ok(None);
    };
    let ca = std::env::var_os("RUNBAY_EXTRA_CA").filter(|path| !path.is_empty());
    let place = Place::at(&url, token()?, ca.map(PathBuf::from))?;
    Ok(Some(Client::new(place)?))
}

/// A token is never an argument: every user of the machine can read those.
fn token() -> Result<Option<Secret>, Error> {
    let given = (variable("RUNBAY_TOKEN"), variable("RUNBAY_TOKEN_FILE"));
    let text = match given {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let text = "RUNBAY_TOKEN and RUNBAY_TOKEN_FILE are both set: keep one of them";
            return Err(Error::invalid(text));
        }
        (Some(token), None) => token,
        (None, Some(path)) => std::fs::read_to_string(&path).map_err(service::Error::io(
            format!("RUNBAY_TOKEN_FILE: {path} cannot be read"),
        ))?,
    };
    let text = text.trim().to_owned();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let error = client::Error::Settings("the token is not one: a token is a word of letters, digits and signs, as `runbay token create` prints it".to_owned());
        return Err(error.into());
    }
    Ok(Some(Secret::new(text)))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}
