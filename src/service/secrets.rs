//! The secrets that come with a request to run.

use super::{App, Error, Field};
use crate::domain::ids::TaskName;
use crate::domain::run::{Run, Trigger};
use crate::domain::secret::{Secret, Secrets};
use crate::domain::task::Task;

/// The secrets a task needs, from `lookup`; else the names of those it lacks.
///
/// # Errors
/// The names.
pub fn of(task: &Task, lookup: impl Fn(&str) -> Option<String>) -> Result<Secrets, Vec<String>> {
    let mut found = Secrets::new();
    let mut missing = Vec::new();
    for name in &task.manifest.secrets {
        match lookup(name) {
            Some(value) => {
                found.insert(name.clone(), Secret::new(value));
            }
            None => missing.push(name.clone()),
        }
    }
    if missing.is_empty() {
        Ok(found)
    } else {
        Err(missing)
    }
}

/// “needs the secrets A and B”.
#[must_use]
pub fn lacks(task: &TaskName, missing: &[String]) -> String {
    let plural = if missing.len() == 1 { "" } else { "s" };
    format!("{task} needs the secret{plural} {}", missing.join(", "))
}

/// Whether the secrets that came are those the task names. A schedule brings
/// none, and its run says what it lacked.
pub(super) fn check(app: &App, run: &Run, given: &Secrets) -> Result<(), Error> {
    check_of(&app.catalogue.load(&run.task)?, run, given)
}

/// [`check`] for a task that was just read.
pub(super) fn check_of(task: &Task, run: &Run, given: &Secrets) -> Result<(), Error> {
    let known = |name: &String| task.manifest.secrets.contains(name);
    if let Some(name) = given.keys().find(|name| !known(name)) {
        return Err(Error::Fields(vec![Field::body(
            format!("/secrets/{name}"),
            format!("{} has no such secret in its task.toml", task.name),
        )]));
    }
    if run.trigger == Trigger::Schedule {
        return Ok(());
    }
    let has = |name: &str| given.get(name).map(|secret| secret.reveal().to_owned());
    of(task, has).map(drop).map_err(|missing| {
        let field = |name: &String| {
            let message = format!("{} needs this secret", task.name);
            Field::body(format!("/secrets/{name}"), message)
        };
        Error::Fields(missing.iter().map(field).collect())
    })
}
