//! What an attempt used over time, for the chart of a run.

use super::{App, Error};
use crate::domain::ids::RunId;
use crate::domain::measure::Sample;
use crate::samples;
use crate::threads::off_thread;
use chrono::{DateTime, Utc};
use futures::stream::{self, Stream};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// How often the samples of an attempt that goes on are looked at: at most one a
/// second is taken, and they are in a file that nobody tells of.
const LOOK: Duration = Duration::from_secs(1);

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
    Ok(look(app, run, number).await?.0)
}

/// What an attempt uses while it goes on: first all that is known, then what came
/// since, to its end. Without a number it is the newest attempt, and stays that
/// one.
pub fn follow(
    app: &App,
    run: RunId,
    number: Option<u32>,
) -> impl Stream<Item = Result<Usage, Error>> + Send + use<> {
    let follower = Follower {
        app: app.clone(),
        run,
        number,
        last: None,
        stands: Stands::Begins,
    };
    stream::unfold(follower, |mut follower| async {
        let next = follower.next().await;
        if next.is_err() {
            follower.stands = Stands::Over;
        }
        next.transpose().map(|next| (next, follower))
    })
}

/// Who looks at the samples of one attempt.
struct Follower {
    app: App,
    run: RunId,
    number: Option<u32>,
    /// When the last sample that was told was taken.
    last: Option<DateTime<Utc>>,
    stands: Stands,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Begins,
    GoesOn,
    Over,
}

impl Follower {
    async fn next(&mut self) -> Result<Option<Usage>, Error> {
        while self.stands != Stands::Over {
            if self.stands == Stands::GoesOn {
                tokio::time::sleep(LOOK).await;
            }
            let (mut usage, over) = look(&self.app, self.run, self.number).await?;
            self.number = Some(usage.attempt);
            self.stands = if over { Stands::Over } else { Stands::GoesOn };
            let last = self.last;
            usage
                .samples
                .retain(|sample| last.is_none_or(|last| sample.at > last));
            if let Some(sample) = usage.samples.last() {
                self.last = Some(sample.at);
                return Ok(Some(usage));
            }
        }
        Ok(None)
    }
}

/// What an attempt used until now, and whether it was over by then.
async fn look(app: &App, run: RunId, number: Option<u32>) -> Result<(Usage, bool), Error> {
    let attempts = app.store.attempts(run).await?;
    let found = match number {
        Some(number) => attempts.iter().find(|one| one.id.number == number),
        None => attempts.last(),
    };
    let Some(attempt) = found else {
        let run = run.short();
        return Err(Error::NotFound(match number {
            Some(number) => format!("run {run} has no attempt {number}"),
            None => format!("run {run} has no attempt yet: it has not begun"),
        }));
    };
    let (id, over) = (attempt.id, attempt.finished_at.is_some());
    let path = samples::path_of(&app.config.data_dir, id);
    let samples = off_thread(move || samples::read(&path)).await;
    let samples = samples.map_err(Error::io("what the run used cannot be read"))?;
    let attempt = id.number;
    Ok((Usage { attempt, samples }, over))
}
