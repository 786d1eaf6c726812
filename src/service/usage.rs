//! What an attempt used over time, for the chart of a run.

use super::{App, Error, blocking};
use crate::domain::ids::{AttemptId, RunId};
use crate::domain::measure::Sample;
use crate::samples;
use schemars::JsonSchema;
use serde::Serialize;

/// What an attempt used over time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Usage {
    /// The attempt.
    pub attempt: u32,
    /// First to last, 300 at most: one a second at first, later fewer. None of an
    /// attempt that was over within two seconds.
    pub samples: Vec<Sample>,
}

/// What an attempt of a run used until now; without a number, the newest one.
///
/// # Errors
/// When there is no such attempt, the database fails, or the samples cannot be
/// read.
pub async fn of(app: &App, run: RunId, number: Option<u32>) -> Result<Usage, Error> {
    let attempts = app.store.attempts(run).await?;
    let found = match number {
        Some(number) => attempts.iter().find(|one| one.id.number == number),
        None => attempts.last(),
    };
    let Some(attempt) = found.map(|found| found.id.number) else {
        let run = run.short();
        return Err(Error::NotFound(match number {
            Some(number) => format!("run {run} has no attempt {number}"),
            None => format!("run {run} has no attempt yet: it has not begun"),
        }));
    };
    let id = AttemptId {
        run,
        number: attempt,
    };
    let path = samples::path_of(&app.config.data_dir, id);
    let samples = blocking(move || samples::read(&path)).await?;
    let samples = samples.map_err(Error::io("what the run used cannot be read"))?;
    Ok(Usage { attempt, samples })
}
