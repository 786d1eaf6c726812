//! What a run is given: secrets that its task names and may have, in the version
//! they had when it began, and values that came with its request.
//!
//! All of it is kept, sealed, until the run is over. Whoever drives the run next,
//! in whatever process, gives it the same and masks the same.

use super::super::{App, Error, Field};
use super::keys;
use crate::domain::ids::RunId;
use crate::domain::run::{Run, RunState, Trigger};
use crate::domain::secret::{Lacking, Secrets};
use crate::domain::task::Task;
use crate::store::Given;
use crate::threads::off_thread;
use chrono::Utc;

/// Whether the secrets that come with a request are those the task names, and
/// the others are there for it. A schedule brings none, and its run says what
/// it lacked.
///
/// # Errors
/// When one that came is not named or is no value, or one is missing.
pub(in crate::service) async fn check_given(
    app: &App,
    task: &Task,
    run: &Run,
    given: &Secrets,
) -> Result<(), Error> {
    let uses = &task.manifest.secrets;
    let mut wrong = Vec::new();
    for (name, value) in given {
        let fault = match uses.iter().any(|used| used.name == *name) {
            true => value.fault().map(str::to_owned),
            false => Some(format!("{} has no such secret in its task.toml", task.name)),
        };
        let field = |fault| Field::body(format!("/secrets/{name}"), fault);
        wrong.extend(fault.map(field));
    }
    if !wrong.is_empty() {
        return Err(Error::Fields(wrong));
    }
    if run.trigger == Trigger::Schedule {
        return Ok(());
    }
    let names = uses.iter().map(|used| &used.name);
    let names: Vec<String> = names
        .filter(|name| !given.contains_key(*name))
        .cloned()
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let lacking = app.store.lacking(&task.name, names).await?;
    if lacking.is_empty() {
        return Ok(());
    }
    let field = |lack: &Lacking| {
        let name = &lack.name;
        Field::body(format!("/secrets/{name}"), lack.advice(&task.name))
    };
    Err(Error::Fields(lacking.iter().map(field).collect()))
}

/// What came with the request of a run, as it is kept.
pub(in crate::service) async fn sealed(
    app: &App,
    run: RunId,
    came: &Secrets,
) -> Result<Vec<Given>, Error> {
    if came.is_empty() {
        return Ok(Vec::new());
    }
    let ring = keys::ring(app).await?;
    let (instance, id) = (app.store.instance(), run.to_string());
    let seal = |(name, value): (&String, _)| {
        let bound = keys::bound(&instance, &["run", &id, name]);
        let value = ring.seal(&bound, value).map_err(keys::KeyError::from)?;
        Ok(Given {
            name: name.clone(),
            of: None,
            value: Some(value),
        })
    };
    came.iter().map(seal).collect()
}

/// Gives a run that is about to begin, or that is taken over, its secrets: those
/// of its task that it does not hold yet in their present version, all others as
/// they were. What it cannot have is told in words.
///
/// # Errors
/// When the database fails, or a value cannot be opened.
pub async fn give(app: &App, run: &Run) -> Result<Result<Secrets, String>, Error> {
    // What has begun holds what it was given, whatever its task says now.
    if !matches!(run.state, RunState::Queued | RunState::Building) {
        return Ok(Ok(opened(app, run, app.store.given(run.id).await?).await?));
    }
    let (config, catalogue, which) = (app.config.clone(), app.catalogue.clone(), run.clone());
    let load = move || crate::attempt::task_to_begin(&config, &catalogue, &which);
    match off_thread(load).await {
        Ok(task) => give_for(app, run, &task).await,
        // What is wrong with the task is told by who drives the run.
        Err(_) => Ok(Ok(Secrets::new())),
    }
}

/// [`give`] for a run of a task that was just read.
///
/// # Errors
/// As [`give`].
pub async fn give_for(app: &App, run: &Run, task: &Task) -> Result<Result<Secrets, String>, Error> {
    let uses = &task.manifest.secrets;
    if uses.is_empty() {
        return Ok(Ok(Secrets::new()));
    }
    let names = uses.iter().map(|used| used.name.clone()).collect();
    let given = app.store.give((run.id, &run.task), names, Utc::now());
    match given.await? {
        Ok(held) => Ok(Ok(opened(app, run, held).await?)),
        Err(lacking) => {
            let lines = lacking.iter().map(|lack| lack.advice(&run.task));
            Ok(Err(lines.collect::<Vec<_>>().join("\n")))
        }
    }
}

/// The values of what a run holds, as far as they are still there.
async fn opened(app: &App, run: &Run, held: Vec<Given>) -> Result<Secrets, Error> {
    let mut secrets = Secrets::new();
    for given in held {
        let Some(value) = &given.value else { continue };
        let parts = match given.of {
            None => ["run".to_owned(), run.id.to_string(), given.name.clone()],
            Some((id, version)) => ["secret".to_owned(), id.to_string(), version.to_string()],
        };
        let parts = parts.each_ref().map(String::as_str);
        let opened = keys::open(app, &given.name, &parts, value).await?;
        secrets.insert(given.name, opened);
    }
    Ok(secrets)
}
