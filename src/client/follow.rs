//! Following the output of a run, also when the service goes away and comes
//! back: the log is where it left off, since every part of it has a number.

use super::place::Address;
use super::sse::{Event, Parser};
use super::{Call, Client, Error};
use crate::domain::ids::RunId;
use crate::domain::log::Line;
use crate::service::follow::{End, Gap};
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;

/// A service says something at least every 15 seconds.
const SILENCE: Duration = Duration::from_secs(45);
/// How long a service may be away.
const AWAY: Duration = Duration::from_secs(30);
/// The pauses between two attempts to find it, first and longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Where to begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct From {
    /// The attempt; none is the first, or with `tail` the newest.
    pub attempt: Option<u32>,
    /// Only so many of the lines that are there.
    pub tail: Option<u64>,
}

/// What one who follows a run is told.
#[derive(Debug, Clone)]
pub enum News {
    /// Lines of an attempt, in their order.
    Lines(u32, Vec<Line>),
    /// An unfinished line as it stands now; empty when it is gone.
    Partial(Partial),
    /// So many steps of a build have begun.
    Step(u64),
    /// Lines that cannot be told.
    Gap(Gap),
    /// The service is gone, for so long at most before it is given up.
    Away(Duration),
    /// It is back, after so long.
    Back(Duration),
    /// The run is over; nothing more comes.
    End(End),
}

/// An unfinished line.
#[derive(Debug, Clone, Deserialize)]
pub struct Partial {
    /// What there is of it.
    pub text: String,
}

/// Steps of a build.
#[derive(Debug, Deserialize)]
struct Step {
    step: u64,
}

/// Follows the output of a run.
#[derive(Debug)]
pub struct Follow {
    client: Client,
    run: RunId,
    from: From,
    /// The place in the log behind which it goes on.
    last: String,
    open: Option<Open>,
    /// Since when the service is away, if it is.
    away: Option<Instant>,
    /// It was told that the service is away.
    told: bool,
    pause: Duration,
    over: bool,
}

/// An open stream.
#[derive(Debug)]
struct Open {
    address: Address,
    response: reqwest::Response,
    parser: Parser,
    /// What came after lines that were told together.
    next: Option<Event>,
}

impl Follow {
    pub(super) fn new(client: Client, run: RunId, from: From) -> Self {
        Self {
            client,
            run,
            from,
            last: String::new(),
            open: None,
            away: None,
            told: false,
            pause: PAUSES.0,
            over: false,
        }
    }

    /// What comes next; none behind the end.
    ///
    /// # Errors
    /// When the service refuses, or stays away for too long.
    pub async fn next(&mut self) -> Result<Option<News>, Error> {
        while !self.over {
            let failed = match &mut self.open {
                None => match self.connect().await {
                    Ok(None) => continue,
                    Ok(Some(news)) => return Ok(Some(news)),
                    Err(error) => Some(error),
                },
                Some(open) => match open.hear().await {
                    Ok(Some(event)) => match self.read(&event)? {
                        Some(news) => return Ok(Some(news)),
                        None => continue,
                    },
                    Ok(None) => None,
                    Err(error) => Some(error),
                },
            };
            self.open = None;
            if let Some(news) = self.miss(failed).await? {
                return Ok(Some(news));
            }
        }
        Ok(None)
    }

    /// Opens the stream where the last one broke off.
    async fn connect(&mut self) -> Result<Option<News>, Error> {
        let address = self.client.place.find()?;
        let run = self.run.to_string();
        let mut call = Call::get(&["runs", &run, "log", "stream"]);
        if self.last.is_empty() {
            call = call.with("attempt", self.from.attempt);
            call = call.with("tail", self.from.tail);
        } else {
            call = call.header("last-event-id", Some(self.last.clone()));
        }
        let sent = self.client.send(&address, call);
        let sent = tokio::time::timeout(super::PATIENCE, sent).await;
        let response = sent.map_err(|_| Error::slow(&address))??;
        self.open = Some(Open {
            address,
            response,
            parser: Parser::default(),
            next: None,
        });
        let away = self.away.take().map(|since| since.elapsed());
        let away = away.filter(|_| std::mem::take(&mut self.told));
        Ok(away.map(News::Back))
    }

    /// The stream broke off, or there is none. Waits a little; tells so, once,
    /// when the service cannot be found at once.
    async fn miss(&mut self, error: Option<Error>) -> Result<Option<News>, Error> {
        match error {
            // Others of ours watch so much that we have to wait.
            Some(Error::Refused(refusal)) if refusal.status == 429 => self.pause = PAUSES.1,
            Some(error) if !error.is_gone() => return Err(error),
            Some(error) => {
                let first = self.away.is_none();
                let since = *self.away.get_or_insert_with(Instant::now);
                if since.elapsed() >= AWAY {
                    return Err(error);
                }
                if !first && !std::mem::replace(&mut self.told, true) {
                    return Ok(Some(News::Away(AWAY)));
                }
            }
            // A service that ends tells nobody.
            None => {}
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSES.1);
        Ok(None)
    }

    fn read(&mut self, event: &Event) -> Result<Option<News>, Error> {
        let Some(open) = &mut self.open else {
            return Ok(None);
        };
        self.pause = PAUSES.0;
        self.last.clone_from(&event.id);
        let news = match event.kind.as_str() {
            "line" => {
                let attempt = attempt_of(&event.id);
                open.lines(attempt, event, &mut self.last)
                    .map(|lines| News::Lines(attempt, lines))
            }
            "partial" => parse(event).map(News::Partial),
            "step" => parse::<Step>(event).map(|step| News::Step(step.step)),
            "gap" => parse(event).map(News::Gap),
            "end" => {
                self.over = true;
                parse(event).map(News::End)
            }
            "error" => {
                let refusal = parse(event).map(Error::Refused);
                return Err(refusal.unwrap_or_else(|error| Error::strange(&open.address, &error)));
            }
            // A newer service may tell more.
            _ => return Ok(None),
        };
        match news {
            Ok(news) => Ok(Some(news)),
            Err(error) => Err(Error::strange(&open.address, &error)),
        }
    }
}

impl Open {
    /// The next event; none when the stream ended.
    async fn hear(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.next.take().or_else(|| self.parser.next()) {
                return Ok(Some(event));
            }
            let chunk = tokio::time::timeout(SILENCE, self.response.chunk()).await;
            let chunk = chunk.map_err(|_| Error::slow(&self.address))?;
            match chunk.map_err(|error| Error::broken(&self.address, error))? {
                Some(chunk) if self.parser.feed(&chunk) => {}
                Some(_) => {
                    let what = "sends an event that never ends".to_owned();
                    return Err(Error::foreign(&self.address, what));
                }
                None => return Ok(None),
            }
        }
    }

    /// A line, and those after it that are here already.
    fn lines(
        &mut self,
        attempt: u32,
        first: &Event,
        last: &mut String,
    ) -> serde_json::Result<Vec<Line>> {
        let mut lines = vec![parse(first)?];
        while let Some(event) = self.parser.next() {
            if event.kind != "line" || attempt_of(&event.id) != attempt {
                self.next = Some(event);
                break;
            }
            lines.push(parse(&event)?);
            *last = event.id;
        }
        Ok(lines)
    }
}

/// Ids are `<attempt>.<line>`.
fn attempt_of(id: &str) -> u32 {
    let attempt = id.split('.').next().and_then(|number| number.parse().ok());
    attempt.unwrap_or(1)
}

fn parse<T: serde::de::DeserializeOwned>(event: &Event) -> serde_json::Result<T> {
    serde_json::from_str(&event.data)
}
