//! Plain variables of runs: of the service, of tags, of tasks.

use super::{App, Error, Field};
use crate::domain::access::Principal;
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::TaskName;
use crate::domain::variable::{Level, MOST_BYTES, Resolved, Variable, VariableName, resolve};
use crate::threads::off_thread;
use chrono::Utc;

/// Every variable that somebody may see, by level and name. Who sees only some
/// tasks sees only theirs.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, principal: &Principal) -> Result<Vec<Variable>, Error> {
    let mut all = app.store.variables().await?;
    all.retain(|variable| match &variable.level {
        Level::Task(task) => principal.sees(task),
        Level::Global | Level::Tag(_) => principal.sees_all(),
    });
    Ok(all)
}

/// What runs of a task get, each with where it is from and what it won over.
///
/// # Errors
/// When there is no such task, something is wrong with it, or the database fails.
pub async fn of_task(app: &App, name: &TaskName) -> Result<Vec<Resolved>, Error> {
    let (catalogue, task) = (app.catalogue.clone(), name.clone());
    let task = off_thread(move || catalogue.load(&task)).await?;
    let set = app.store.variables().await?;
    let (tags, env) = (&task.manifest.tags, &task.manifest.env);
    Ok(resolve((name, tags), env, &set))
}

/// Sets a variable. Runs that have begun keep what they got.
///
/// # Errors
/// When the value is none a script can be given, or there is no such task.
pub async fn set(
    app: &App,
    actor: &Actor,
    (name, level): (VariableName, Level),
    value: String,
) -> Result<Variable, Error> {
    let fault = match value.as_str() {
        text if text.contains('\0') => Some("a variable cannot hold a NUL character"),
        text if text.len() > MOST_BYTES => Some("the value is larger than 32 KiB"),
        _ => None,
    };
    if let Some(fault) = fault {
        return Err(Error::Fields(vec![Field::body("/value", fault)]));
    }
    match &level {
        Level::Task(task) => super::secrets::exists(app, task).await?,
        Level::Tag(tag) if tag.trim().is_empty() => {
            let field = Field::body("/tag", "the tag is empty");
            return Err(Error::Fields(vec![field]));
        }
        Level::Tag(_) | Level::Global => {}
    }
    let note = Note::done(actor.clone(), "variable.set").on(&name);
    let note = note.saying(level.to_string());
    let variable = Variable {
        name,
        level,
        value,
        set_at: Utc::now(),
        set_by: actor.name.clone(),
    };
    app.store.set_variable(variable.clone(), note).await?;
    Ok(variable)
}

/// Removes a variable.
///
/// # Errors
/// When there is none.
pub async fn remove(
    app: &App,
    actor: &Actor,
    (name, level): (VariableName, Level),
) -> Result<(), Error> {
    let note = Note::done(actor.clone(), "variable.remove").on(&name);
    let note = note.saying(level.to_string());
    let missing = format!("there is no variable {name} ({level})");
    let removed = app.store.remove_variable((name, level), note, Utc::now());
    match removed.await? {
        true => Ok(()),
        false => Err(Error::NotFound(missing)),
    }
}
