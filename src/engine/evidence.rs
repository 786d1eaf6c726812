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
use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptionsBuilder;
use chrono::{TimeDelta, Utc};
use futures::{Stream, TryStreamExt as _};
use std::collections::HashMap;
use std::future::ready;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

/// How long an event may be on its way: the engine tells of an exit a moment
/// after it can be seen.
const ON_ITS_WAY: TimeDelta = TimeDelta::seconds(2);

/// How long after a death it may be told that memory was the reason. A busy
/// containerd tells of the two in either order (40 to 115 ms apart were seen in one
/// of 40 deaths), and only of the one that comes first does the container's own
/// state know.
const LATE: Duration = Duration::from_secs(1);

/// Who ended a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// What ran in it: the engine saw the end and sent no signal before it.
    Itself,
    /// The kernel, for want of memory.
    Memory,
    /// A signal that was sent through the engine: by its own shutdown, or by
    /// somebody.
    Signal(i64),
    /// The engine does not know: it was started since, or much has happened.
    Unknown,
}

impl Engine {
    /// Who ended a container that is over, as far as this engine process saw
    /// it. Takes up to two seconds when it did not, and up to one when a SIGKILL
    /// came from nobody.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn ended_by(&self, container: &Container) -> Result<EndedBy, EngineError> {
        let actions = ["kill", "oom", "die"].map(str::to_owned);
        let filters = [
            ("type", vec!["container".to_owned()]),
            ("container", vec![container.id.0.clone()]),
            ("event", actions.to_vec()),
        ];
        let filters: HashMap<_, _> = filters.into();
        let since = container.started_at.map_or(0, |at| at.timestamp());
        let until = (Utc::now() + ON_ITS_WAY).timestamp();
        let options = EventsOptionsBuilder::new()
            .since(&since.to_string())
            .until(&until.to_string())
            .filters(&filters)
            .build();
        let told = who(self.docker.events(Some(options)), container.exit_code).await;
        told.map_err(|error| {
            let doing = format!("asking for events of container {}", container.id);
            self.failed(doing, error)
        })
    }
}

/// Who it was by what the engine tells of a container that ended with this code.
async fn who<E>(
    events: impl Stream<Item = Result<EventMessage, E>>,
    code: i64,
) -> Result<EndedBy, E> {
    let mut events = pin!(events);
    let (mut signal, mut starved) = (None, false);
    loop {
        let Some(event) = events.try_next().await? else {
            return Ok(EndedBy::Unknown);
        };
        match event.action.as_deref() {
            Some("die") => break,
            Some("oom") => starved = true,
            Some("kill") => {
                let told = event.actor.and_then(|actor| actor.attributes);
                let told = told.and_then(|told| told.get("signal")?.parse().ok());
                // Others are messages to the script, such as SIGHUP.
                signal = told.filter(|number| [9, 15].contains(number)).or(signal);
            }
            _ => {}
        }
    }
    if let Some(number) = signal {
        return Ok(EndedBy::Signal(number));
    }
    if code == 137 && !starved {
        let oom = |event: &EventMessage| event.action.as_deref() == Some("oom");
        let late = events.try_skip_while(|event| ready(Ok(!oom(event))));
        // Nothing more may ever come.
        starved = match timeout(LATE, pin!(late).try_next()).await {
            Ok(event) => event?.is_some(),
            Err(_) => false,
        };
    }
    Ok(match starved && code == 137 {
        true => EndedBy::Memory,
        false => EndedBy::Itself,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::EventActor;
    use futures::{StreamExt as _, stream};

    fn event(action: &str, signal: Option<i64>) -> EventMessage {
        let told = signal.map(|number| ("signal".to_owned(), number.to_string()));
        EventMessage {
            action: Some(action.to_owned()),
            actor: Some(EventActor {
                attributes: Some(told.into_iter().collect()),
                ..EventActor::default()
            }),
            ..EventMessage::default()
        }
    }

    /// Who it was by these events, after which the engine tells nothing more.
    async fn told(events: &[(&str, Option<i64>)], code: i64) -> EndedBy {
        let events: Vec<_> = events.iter().map(|(a, s)| Ok(event(a, *s))).collect();
        let events = stream::iter(events).chain(stream::pending());
        let Ok(who) = who::<()>(events, code).await else {
            unreachable!("no event is an error");
        };
        who
    }

    #[tokio::test]
    async fn want_of_memory_may_be_told_before_or_after_the_death() {
        let (oom, die) = (("oom", None), ("die", None));
        for events in [&[oom, die][..], &[die, oom], &[die, ("destroy", None), oom]] {
            assert_eq!(told(events, 137).await, EndedBy::Memory);
        }
        assert_eq!(told(&[die], 137).await, EndedBy::Itself);
        // A child that was killed so is no reason for another end.
        assert_eq!(told(&[oom, die], 143).await, EndedBy::Itself);
    }

    #[tokio::test]
    async fn a_signal_from_outside_comes_first() {
        let (die, oom) = (("die", None), ("oom", None));
        let kill = |number| ("kill", Some(number));
        assert_eq!(
            told(&[kill(15), kill(9), die], 137).await,
            EndedBy::Signal(9)
        );
        assert_eq!(told(&[kill(15), die, oom], 143).await, EndedBy::Signal(15));
        assert_eq!(told(&[kill(1), die], 143).await, EndedBy::Itself);
        let never = who::<()>(stream::iter([Ok(event("oom", None))]), 137).await;
        assert_eq!(never, Ok(EndedBy::Unknown));
    }
}
