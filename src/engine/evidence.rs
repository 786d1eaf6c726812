//! What an engine remembers of the end of a container.
//!
//! An exit code alone does not tell who ended a container: an engine that is
//! stopped, or that finds after a crash what it no longer watches, ends it with
//! the same codes as a script that ends itself. The engine's own events tell
//! the two apart, as long as the same engine process lives: it keeps the last
//! 256 of them in memory, and another process begins with none.

use super::connect::Engine;
use super::container::Container;
use super::error::EngineError;
use bollard::query_parameters::EventsOptionsBuilder;
use chrono::{TimeDelta, Utc};
use futures::StreamExt;
use std::collections::HashMap;
use std::pin::pin;

/// How long an event may be on its way: the engine tells of an exit a moment
/// after it can be seen.
const ON_ITS_WAY: TimeDelta = TimeDelta::seconds(2);

/// Who ended a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// What ran in it: the engine saw the end and sent no signal before it.
    Itself,
    /// A signal that was sent through the engine: by its own shutdown, or by
    /// somebody.
    Signal(i64),
    /// The engine does not know: it was started since, or much has happened.
    Unknown,
}

impl Engine {
    /// Who ended a container that is over, as far as this engine process saw
    /// it. Takes up to two seconds when it did not.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn ended_by(&self, container: &Container) -> Result<EndedBy, EngineError> {
        let filters = [
            ("type", vec!["container".to_owned()]),
            ("container", vec![container.id.0.clone()]),
            ("event", vec!["kill".to_owned(), "die".to_owned()]),
        ];
        let filters: HashMap<_, _> = filters.into();
        let since = container.started_at.map_or(0, |at| at.timestamp());
        let until = (Utc::now() + ON_ITS_WAY).timestamp();
        let options = EventsOptionsBuilder::new()
            .since(&since.to_string())
            .until(&until.to_string())
            .filters(&filters)
            .build();
        let mut events = pin!(self.docker.events(Some(options)));
        let mut signal = None;
        while let Some(event) = events.next().await {
            let doing = || format!("asking for events of container {}", container.id);
            let event = event.map_err(|error| self.failed(doing(), error))?;
            match event.action.as_deref() {
                Some("die") => return Ok(signal.map_or(EndedBy::Itself, EndedBy::Signal)),
                Some("kill") => {
                    let told = event.actor.and_then(|actor| actor.attributes);
                    let told = told.and_then(|told| told.get("signal")?.parse().ok());
                    // Others are messages to the script, such as SIGHUP.
                    signal = told.filter(|number| [9, 15].contains(number)).or(signal);
                }
                _ => {}
            }
        }
        Ok(EndedBy::Unknown)
    }
}
