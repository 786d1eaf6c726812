//! Who listens hears every event, in order, once.
//!
//! The outbox is the truth: one loop reads what is new in it and hands it on to
//! all listeners. A listener that is too slow for that loses nothing: it reads
//! on in the outbox by itself from where it was.

use super::{App, Error};
use crate::domain::event::Event;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

/// Events a listener may be behind before it has to read the outbox.
const BEHIND: usize = 1024;
/// Events that are read at once.
const PAGE: u32 = 256;
/// How often the outbox is looked at for what other processes tell.
const LOOK: Duration = Duration::from_secs(1);

/// The way from the loop to the listeners.
#[derive(Debug)]
pub struct Events(broadcast::Sender<Arc<Event>>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(BEHIND).0)
    }
}

/// Hands on what is new in the outbox until told to stop. A listener hears
/// nothing while nobody runs this.
pub async fn run(app: App, stop: CancellationToken) {
    let mut commits = app.store.commits();
    let mut last = None;
    loop {
        if let Err(error) = pass(&app, &mut last).await {
            let error = crate::domain::report(&error);
            tracing::warn!(error, "events cannot be read");
        }
        tokio::select! {
            // Fails only when the database is closed; then time has to do.
            Ok(()) = commits.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Hands on everything after `last`, or finds out what that is.
async fn pass(app: &App, last: &mut Option<i64>) -> Result<(), Error> {
    let mut after = match *last {
        Some(last) => last,
        None => *last.insert(app.store.last_event().await?),
    };
    loop {
        let page = app.store.events(after, PAGE).await?;
        let Some(newest) = page.last() else {
            return Ok(());
        };
        after = newest.seq;
        *last = Some(after);
        for event in page {
            // Without listeners there is nobody to miss it.
            drop(app.live.events.0.send(Arc::new(event)));
        }
        app.live.metrics.set_handed_on(after);
    }
}

/// Somebody who listens.
#[derive(Debug)]
pub struct Listener {
    app: App,
    heard: broadcast::Receiver<Arc<Event>>,
    last: i64,
    /// What was read in the outbox and not yet told.
    read: VecDeque<Arc<Event>>,
    /// The outbox holds what `heard` does not.
    reads: bool,
    /// Some of what was to be heard is gone.
    lags: bool,
}

/// What a listener is told.
#[derive(Debug, Clone)]
pub enum Told {
    /// The next event.
    Event(Arc<Event>),
    /// The listener was too slow: it did not hear these events, from and to.
    Lagged(i64, i64),
}

/// Listens to what happens from now on, or after the event numbered `after`.
///
/// # Errors
/// When the database cannot be read.
pub async fn listen(app: &App, after: Option<i64>) -> Result<Listener, Error> {
    // Heard before looked at, so that nothing is between the two.
    let heard = app.live.events.0.subscribe();
    let newest = app.store.last_event().await?;
    Ok(Listener {
        app: app.clone(),
        heard,
        last: after.unwrap_or(newest).min(newest),
        read: VecDeque::new(),
        reads: after.is_some_and(|after| after < newest),
        lags: false,
    })
}

impl Listener {
    /// The number of the last event that was told.
    #[must_use]
    pub fn last(&self) -> i64 {
        self.last
    }

    /// The next event; none when there will be no more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next(&mut self) -> Result<Option<Arc<Event>>, Error> {
        loop {
            match self.hear().await? {
                None => return Ok(None),
                Some(Told::Event(event)) => return Ok(Some(event)),
                Some(Told::Lagged(from, _)) => {
                    self.last = from - 1;
                    self.reads = true;
                }
            }
        }
    }

    /// The next event, or that some were missed because this was not called
    /// often enough; none when there will be no more. Nothing is lost when the
    /// future is dropped.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn hear(&mut self) -> Result<Option<Told>, Error> {
        loop {
            if self.lags {
                let (from, newest) = (self.last + 1, self.app.store.last_event().await?);
                self.lags = false;
                if newest >= from {
                    self.last = newest;
                    return Ok(Some(Told::Lagged(from, newest)));
                }
            }
            if self.reads && self.read.is_empty() {
                let page = self.app.store.events(self.last, PAGE).await?;
                self.reads = !page.is_empty();
                self.read.extend(page.into_iter().map(Arc::new));
            }
            let event = match self.read.pop_front() {
                Some(event) => event,
                None if self.reads => continue,
                None => match self.heard.recv().await {
                    Ok(event) => event,
                    Err(RecvError::Closed) => return Ok(None),
                    Err(RecvError::Lagged(_)) => {
                        self.lags = true;
                        continue;
                    }
                },
            };
            if event.seq > self.last {
                self.last = event.seq;
                return Ok(Some(Told::Event(event)));
            }
        }
    }
}
