//! Following the output of a run, also when the service goes away and comes
//! back: the log is where it left off, since every part of it has a number.

use super::sse::{Event, Parser};
use super::{Call, Client, Error};
use crate::domain::ids::RunId;
use crate::domain::log::Line;
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
    End,
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

/// Lines that cannot be told.
#[derive(Debug, Clone, Deserialize)]
pub struct Gap {
    /// Of which attempt.
    pub attempt: u32,
    /// The first of them.
    pub from: u64,
    /// The last of them; none when nobody knows.
    pub to: Option<u64>,
    /// Why.
    pub reason: String,
}

/// A line of an attempt.
#[derive(Debug, Deserialize)]
struct LineOf {
    attempt: u32,
    #[serde(flatten)]
    line: Line,
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
    /// Since when the service is away, and since when it was told so.
    away: Option<Instant>,
    back: Option<Duration>,
    pause: Duration,
    over: bool,
}

#[derive(Debug)]
struct Open {
    response: reqwest::Response,
    parser: Parser,
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
            back: None,
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
            if let Some(away) = self.back.take() {
                return Ok(Some(News::Back(away)));
            }
            let failed = match self.hear().await {
                Ok(Some(event)) => match self.read(event)? {
                    Some(news) => return Ok(Some(news)),
                    None => continue,
                },
                Ok(None) => None,
                Err(error) if error.is_gone() => Some(error),
                Err(error) => return Err(error),
            };
            self.open = None;
            if let Some(news) = self.miss(failed).await? {
                return Ok(Some(news));
            }
        }
        Ok(None)
    }

    /// The next event; none when the stream ended without saying why.
    async fn hear(&mut self) -> Result<Option<Event>, Error> {
        let place = self.client.place.find()?;
        if self.open.is_none() {
            let sent = self.client.send(&place, self.call());
            let sent = tokio::time::timeout(super::PATIENCE, sent).await;
            let response = sent.map_err(|_| Error::slow(&place, super::PATIENCE))??;
            if let Some(since) = self.away.take() {
                self.back = Some(since.elapsed());
                self.pause = PAUSES.0;
            }
            self.open = Some(Open {
                response,
                parser: Parser::default(),
            });
        }
        let Some(open) = &mut self.open else {
            return Ok(None);
        };
        loop {
            if let Some(event) = open.parser.next() {
                return Ok(Some(event));
            }
            let chunk = tokio::time::timeout(SILENCE, open.response.chunk()).await;
            let chunk = chunk.map_err(|_| Error::slow(&place, SILENCE))?;
            match chunk.map_err(|error| Error::broken(&place, error))? {
                Some(chunk) if open.parser.feed(&chunk) => {}
                Some(_) => {
                    let what = "sends an event that never ends".to_owned();
                    return Err(Error::foreign(&place, what));
                }
                None => return Ok(None),
            }
        }
    }

    fn call(&self) -> Call {
        let run = self.run.to_string();
        let call = Call::get(&["runs", &run, "log", "stream"]);
        if self.last.is_empty() {
            return call
                .with("attempt", self.from.attempt)
                .with("tail", self.from.tail);
        }
        call.header("last-event-id", Some(self.last.clone()))
    }

    /// The stream broke off. Tells so, once, and waits a little.
    async fn miss(&mut self, error: Option<Error>) -> Result<Option<News>, Error> {
        let Some(since) = self.away else {
            self.away = Some(Instant::now());
            return Ok(Some(News::Away(AWAY)));
        };
        if let Some(error) = error
            && since.elapsed() >= AWAY
        {
            return Err(error);
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSES.1);
        Ok(None)
    }

    fn read(&mut self, event: Event) -> Result<Option<News>, Error> {
        let news = match event.kind.as_str() {
            "line" => parse::<LineOf>(&event).map(|of| News::Lines(of.attempt, vec![of.line])),
            "partial" => parse(&event).map(News::Partial),
            "step" => parse::<Step>(&event).map(|step| News::Step(step.step)),
            "gap" => parse(&event).map(News::Gap),
            "end" => {
                self.over = true;
                Ok(News::End)
            }
            // A newer service may tell more.
            _ => return Ok(None),
        };
        self.last = event.id;
        match news {
            Ok(news) => Ok(Some(news)),
            Err(error) => Err(Error::strange(&self.client.place.find()?, &error)),
        }
    }
}

fn parse<T: serde::de::DeserializeOwned>(event: &Event) -> serde_json::Result<T> {
    serde_json::from_str(&event.data)
}
