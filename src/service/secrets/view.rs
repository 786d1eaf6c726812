//! What can be known of secrets: everything but their values.

use super::super::page::{Limit, Page};
use super::super::{App, Error};
use crate::catalogue::Found;
use crate::domain::hook::{Hook, HookName};
use crate::domain::ids::{RunId, TaskName};
use crate::domain::run::Outcome;
use crate::domain::secret::SecretName;
use crate::domain::trigger::TriggerName;
use crate::store::{KeptSecret, Received};
use crate::threads::off_thread;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A secret, without its value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct SecretView {
    /// Its name.
    pub name: SecretName,
    /// The number of its value; none when it has none.
    pub version: Option<u32>,
    /// When it was first set.
    pub created_at: DateTime<Utc>,
    /// When its value was set.
    pub set_at: Option<DateTime<Utc>>,
    /// By whom.
    pub set_by: Option<String>,
    /// The tasks that may have it, or name it in their manifest.
    pub tasks: Vec<SecretTask>,
    /// The hooks that use it.
    pub hooks: Vec<HookName>,
    /// The triggers whose callers sign with it.
    pub triggers: Vec<TriggerName>,
    /// The newest run that was given it.
    pub last_run: Option<RunId>,
}

/// A task and a secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct SecretTask {
    /// The task.
    pub task: TaskName,
    /// Whether it may have the secret.
    pub granted: bool,
    /// Whether its manifest names the secret.
    pub named: bool,
}

/// A run that was given a secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct SecretRun {
    /// The run.
    pub run: RunId,
    /// Its task.
    pub task: TaskName,
    /// The number of the value it was given.
    pub version: u32,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// How the run ended; none while it is not over.
    pub outcome: Option<Outcome>,
}

impl From<Received> for SecretRun {
    fn from(received: Received) -> Self {
        Self {
            run: received.run,
            task: received.task,
            version: received.version,
            given_at: received.at,
            outcome: received.outcome,
        }
    }
}

/// Every secret, by name.
///
/// # Errors
/// When the database fails, or `tasks/` cannot be listed.
pub async fn list(app: &App) -> Result<Vec<SecretView>, Error> {
    let named = named(app).await?;
    let all = app.store.secrets().await?.into_iter();
    let hooks = app.store.hooks().await?;
    let triggers = app.store.triggers().await?;
    let view = |secret: KeptSecret| {
        let signed = triggers.iter().map(|row| &row.trigger);
        let signed = signed.filter(|one| one.spec.secret.as_ref() == Some(&secret.name));
        let signed = signed.map(|one| one.name.clone()).collect();
        view(secret, &named, (&hooks, signed))
    };
    Ok(all.map(view).collect())
}

/// One secret.
///
/// # Errors
/// When there is none, or as [`list`].
pub async fn show(app: &App, name: &SecretName) -> Result<SecretView, Error> {
    let found = list(app).await?.into_iter().find(|s| s.name == *name);
    match found {
        Some(found) => Ok(found),
        None => Err(super::unknown(app, name).await?),
    }
}

/// Runs that were given a secret, newest first.
///
/// # Errors
/// When there is no such secret.
pub async fn runs(
    app: &App,
    name: &SecretName,
    (cursor, limit): (Option<RunId>, Limit),
) -> Result<Page<SecretRun>, Error> {
    let found = app.store.secret_runs(name, (cursor, limit.0 + 1)).await;
    let found = super::or_unknown(app, name, found).await?;
    let items = found.into_iter().map(SecretRun::from).collect();
    Ok(Page::cut(items, limit, |run: &SecretRun| {
        run.run.to_string()
    }))
}

/// The secrets that tasks name, with the tasks.
pub(super) async fn named(app: &App) -> Result<BTreeMap<String, Vec<TaskName>>, Error> {
    let catalogue = app.catalogue.clone();
    let found = off_thread(move || catalogue.scan()).await?;
    let mut named: BTreeMap<String, Vec<TaskName>> = BTreeMap::new();
    for found in found {
        if let Found::Task(task) = found {
            for used in &task.manifest.secrets {
                named
                    .entry(used.name.clone())
                    .or_default()
                    .push(task.name.clone());
            }
        }
    }
    Ok(named)
}

fn view(
    secret: KeptSecret,
    named: &BTreeMap<String, Vec<TaskName>>,
    (hooks, triggers): (&[Hook], Vec<TriggerName>),
) -> SecretView {
    let none = Vec::new();
    let naming = named.get(secret.name.as_str()).unwrap_or(&none);
    let mut tasks: Vec<TaskName> = secret.tasks.iter().chain(naming).cloned().collect();
    tasks.sort();
    tasks.dedup();
    let tasks = tasks.into_iter().map(|task| SecretTask {
        granted: secret.tasks.contains(&task),
        named: naming.contains(&task),
        task,
    });
    let (set_at, set_by) = secret.set.unzip();
    let using = hooks
        .iter()
        .filter(|hook| hook.spec.secrets().any(|name| *name == secret.name));
    SecretView {
        triggers,
        hooks: using.map(|hook| hook.name.clone()).collect(),
        tasks: tasks.collect(),
        name: secret.name,
        version: secret.version,
        created_at: secret.created_at,
        set_at,
        set_by,
        last_run: secret.last_run,
    }
}
