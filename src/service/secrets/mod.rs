//! Secrets: set, listed by name, granted to tasks and given to runs; never read
//! back. Every value is sealed by [`crate::vault`] before the database sees it.
//!
//! What serves several tasks or none (receivers of webhooks, the mail server)
//! takes a value by [`value`], and passes every text it makes of strangers'
//! words through the [`masker`] of all values.

mod checkup;
mod given;
mod keys;
#[cfg(test)]
mod tests;
mod view;

pub use checkup::{Checkup, check};
pub(super) use given::{check_given, sealed};
pub use given::{give, give_for};
pub use keys::{KeyError, Keys, Rotated, forget, new_key, rotate_master, verify};
pub use view::{SecretRun, SecretTask, SecretView, list, runs, show};

use super::{App, Error, Field};
use crate::catalogue::CatalogueError;
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::{Digest, TaskName};
use crate::domain::secret::{LEAST_MASKED, Secret, SecretName};
use crate::logs::Masker;
use crate::store::{Removal, StoreError};
use crate::threads::off_thread;
use chrono::Utc;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of setting a secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct SecretSet {
    /// Its name.
    pub name: SecretName,
    /// The number of its value: one more than before, and 1 of a new secret.
    pub version: u32,
    /// What is to be known about the value; none when nothing is.
    pub warning: Option<String>,
}

/// Gives a secret a value, making the secret if there is none, and lets these
/// tasks have it.
///
/// # Errors
/// When the value is none a script can be given, there is no such task, or the
/// master key cannot be used.
pub async fn set(
    app: &App,
    actor: &Actor,
    (name, value): (&SecretName, Secret),
    tasks: &[TaskName],
) -> Result<SecretSet, Error> {
    if let Some(fault) = value.fault() {
        return Err(Error::Fields(vec![Field::body("/value", fault)]));
    }
    for task in tasks {
        exists(app, task).await?;
    }
    let warning = (!value.is_masked()).then(|| {
        format!(
            "the value is too short to be told from other text: logs show it (from {LEAST_MASKED} bytes on it is masked)"
        )
    });
    let ring = keys::ring(app).await?;
    let instance = app.store.instance();
    let seal = move |id: i64, version: u32| {
        let bound = keys::bound(
            &instance,
            &["secret", &id.to_string(), &version.to_string()],
        );
        let sealed = ring.seal(&bound, &value);
        sealed.map_err(|error| StoreError::Conflict(error.to_string()))
    };
    let note = Note::done(actor.clone(), "secret.set").on(name);
    let set = app.store.set_secret(name.clone(), seal, (note, Utc::now()));
    let version = set.await?;
    for task in tasks {
        grant(app, actor, name, task).await?;
    }
    Ok(SecretSet {
        name: name.clone(),
        version,
        warning,
    })
}

/// Removes a secret with its value and its grants.
///
/// # Errors
/// When there is none, a run that is not over was given it, or a hook or trigger uses it.
pub async fn remove(app: &App, actor: &Actor, name: &SecretName) -> Result<(), Error> {
    if let Some(user) = user(app, name).await? {
        let text = format!("the {user} uses {name}: change or remove it first");
        return Err(Error::Conflict(text));
    }
    let note = Note::done(actor.clone(), "secret.remove").on(name);
    match app.store.remove_secret(name, note, Utc::now()).await? {
        Removal::Done => Ok(()),
        Removal::Missing => Err(unknown(app, name).await?),
        Removal::InUse(run) => Err(Error::Conflict(format!(
            "run {} was given {name} and is not over: wait for its end, or cancel it",
            run.short()
        ))),
    }
}

/// A hook or trigger that uses a secret, in words.
async fn user(app: &App, name: &SecretName) -> Result<Option<String>, Error> {
    if let Some(hook) = super::hooks::users(app, name).await?.first() {
        return Ok(Some(format!("hook {hook}")));
    }
    let triggers = super::triggers::list(app).await?;
    let mut triggers = triggers.iter();
    let found = triggers.find(|one| one.spec.secret.as_ref() == Some(name));
    Ok(found.map(|one| format!("trigger {}", one.name)))
}

/// Lets a task have a secret; whether it might not before.
///
/// # Errors
/// When there is no such secret or task.
pub async fn grant(
    app: &App,
    actor: &Actor,
    name: &SecretName,
    task: &TaskName,
) -> Result<bool, Error> {
    exists(app, task).await?;
    let note = noted(actor, "secret.grant", name, task);
    let granted = app.store.grant_secret(name, task, note).await;
    or_unknown(app, name, granted).await
}

/// Lets a task have a secret no longer; whether it might before. Runs that were
/// given it keep it to their end.
///
/// # Errors
/// When there is no such secret.
pub async fn revoke(
    app: &App,
    actor: &Actor,
    name: &SecretName,
    task: &TaskName,
) -> Result<bool, Error> {
    let note = noted(actor, "secret.revoke", name, task);
    let revoked = app.store.revoke_secret(name, task, note).await;
    or_unknown(app, name, revoked).await
}

fn noted(
    actor: &Actor,
    action: &'static str,
    name: &SecretName,
    task: &TaskName,
) -> (Note, chrono::DateTime<Utc>) {
    let note = Note::done(actor.clone(), action).on(name);
    (note.saying(format!("task {task}")), Utc::now())
}

/// The present value of a secret, for the service's own use; none when it has
/// none. Whoever takes it here must be listed by [`show`] as a user of it.
///
/// # Errors
/// When the value cannot be opened.
pub async fn value(app: &App, name: &SecretName) -> Result<Option<Secret>, Error> {
    let Some(kept) = app.store.secret_value(name).await? else {
        return Ok(None);
    };
    let (id, version) = (kept.secret.to_string(), kept.version.to_string());
    let parts = ["secret", &id, &version];
    keys::open(app, name.as_str(), &parts, &kept.value)
        .await
        .map(Some)
}

/// What masks every value that is kept, for texts that leave the service: mails
/// and bodies of webhooks. None when there is nothing to mask.
///
/// # Errors
/// When a value cannot be opened.
pub async fn masker(app: &App) -> Result<Option<Masker>, Error> {
    let mut values = Vec::new();
    for kept in app.store.secret_values().await? {
        let (id, version) = (kept.secret.to_string(), kept.version.to_string());
        let parts = ["secret", &id, &version];
        values.push(keys::open(app, kept.name.as_str(), &parts, &kept.value).await?);
    }
    Ok(Masker::new(values.iter().map(Secret::reveal)))
}

/// Refuses the name of a task that is not there. One with mistakes is.
pub(super) async fn exists(app: &App, task: &TaskName) -> Result<(), Error> {
    let (catalogue, name) = (app.catalogue.clone(), task.clone());
    match off_thread(move || catalogue.load(&name)).await {
        Err(error @ CatalogueError::UnknownTask { .. }) => Err(error.into()),
        _ => Ok(()),
    }
}

async fn or_unknown<T>(
    app: &App,
    name: &SecretName,
    result: Result<T, StoreError>,
) -> Result<T, Error> {
    match result {
        Err(StoreError::NotFound { .. }) => Err(unknown(app, name).await?),
        other => Ok(other?),
    }
}

/// There is no such secret; perhaps one of a similar name is meant.
async fn unknown(app: &App, name: &SecretName) -> Result<Error, Error> {
    let all = app.store.secrets().await?;
    let near = crate::domain::suggest::nearest(
        name.as_str(),
        all.iter().map(|secret| secret.name.as_str()),
    );
    let meant = near.map_or_else(String::new, |near| format!(": did you mean {near}?"));
    Ok(Error::NotFound(format!("there is no secret {name}{meant}")))
}

/// What an audit entry says of a key, without telling the key.
fn key_digest(id: &crate::domain::secret::KeyId) -> Digest {
    Digest::of(id.0.as_bytes())
}
