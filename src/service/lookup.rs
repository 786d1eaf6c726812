//! Finding the run that a person means.

use super::{App, Error};
use crate::domain::ids::TaskName;
use crate::domain::run::Run;

/// The run that a person means: an id or the beginning or end of one, `last`,
/// or the name of a task for its last run.
///
/// # Errors
/// When none or several fit.
pub async fn find(app: &App, text: &str) -> Result<Run, Error> {
    if text == "last" {
        return app.store.last_run(None).await?.ok_or_else(|| {
            Error::NotFound("there is no run yet; `runbay run <task>` makes one".to_owned())
        });
    }
    let hex = text.len() >= 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if hex {
        let found = app.store.find_runs(text).await?;
        match found.as_slice() {
            [one] => return Ok(app.store.run(*one).await?),
            [] => {}
            many => {
                let ids: Vec<String> = many.iter().map(|id| id.short()).collect();
                return Err(Error::Conflict(format!(
                    "“{text}” fits several runs: {}",
                    ids.join(", ")
                )));
            }
        }
    }
    if let Ok(name) = text.parse::<TaskName>()
        && let Some(run) = app.store.last_run(Some(&name)).await?
    {
        return Ok(run);
    }
    Err(unknown(text))
}

/// There is no run that a person means, or none that they may see.
#[must_use]
pub fn unknown(text: &str) -> Error {
    Error::NotFound(format!(
        "no run fits “{}”: give an id from `runbay ps --all`, a task that has run, or “last”",
        text.escape_debug()
    ))
}
