//! Live streams as server-sent events: the log of a run, and what happens. For
//! several of them over one connection there is [`super::socket`].

use super::State;
use super::describe::{Operation, Output, Schemas};
use super::error::Problem;
use super::extract::{Named, Path, Query};
use super::reply::Done;
use super::route::{Route, get};
use super::runs::{OneRun, find};
use super::stream::{EventStream, LastEventId, Watcher, event, failed};
use super::tasks::OneTask;
use crate::domain::access::{Permission, Principal};
use crate::domain::event::{BadTopic, Event, Topic};
use crate::service::events::{self, Listener};
use crate::service::follow::{self, Chunk, Form, Item, follow, follow_build};
use crate::service::{Field, Place};
use axum::body::Bytes;
use axum::extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/v1/runs/{run}/log/stream",
            Permission::LogsRead,
            "Follow the log of a run to its end, as server-sent events",
            log,
        ),
        get(
            "/api/v1/tasks/{task}/build/log/stream",
            Permission::LogsRead,
            "Follow what is built for a task, or was built last, to its end, as server-sent events",
            build,
        ),
        get(
            "/api/v1/events",
            Permission::SignedIn,
            "Follow what happens, as server-sent events",
            happenings,
        ),
    ]
}

/// Where to begin. `Last-Event-ID` says more.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Begin {
    /// The attempt; without it, the first one, or with `tail` the newest.
    #[schemars(range(min = 1))]
    attempt: Option<u32>,
    /// The lines of that attempt up to this one are known.
    after: u64,
    /// Only so many of the lines that are there.
    tail: Option<u64>,
}

async fn log(
    extract::State(state): extract::State<State>,
    Path(of): Path<OneRun>,
    Query(begin): Query<Begin>,
    LastEventId(last): LastEventId,
    watcher: Watcher,
) -> Result<LogStream, Problem> {
    if begin.attempt == Some(0) {
        let message = "attempts count from 1";
        return Err(Problem::field(Place::Query, "/attempt", message));
    }
    let run = find(&state.app, &watcher.who, &of.run).await?;
    let from = match last.as_deref().map(parse_id).transpose()? {
        // Told to end, and come again by itself.
        Some((_, _, true)) => return Ok(LogStream::Over),
        Some((attempt, after, false)) => follow::From {
            attempt: Some(attempt),
            after,
            tail: None,
        },
        None => follow::From {
            attempt: begin.attempt,
            after: begin.after,
            tail: begin.tail,
        },
    };
    let items = follow(&state.app, run.id, from).scan((1, 0), |at, item| {
        let piece = item.map_or_else(failed, |item| piece(&item, at));
        std::future::ready(Some(piece))
    });
    let ended = watcher.ended(vec![Permission::LogsRead]);
    Ok(LogStream::Goes(EventStream::new(items, ended)))
}

/// Where to begin in the log of a build. `Last-Event-ID` says more.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct BeginBuild {
    /// The lines up to this one are known.
    after: u64,
    /// Only so many of the lines that are there.
    tail: Option<u64>,
}

async fn build(
    extract::State(state): extract::State<State>,
    Named(of): Named<OneTask>,
    Query(begin): Query<BeginBuild>,
    LastEventId(last): LastEventId,
    watcher: Watcher,
) -> Result<LogStream, Problem> {
    let mut from = follow::From {
        attempt: None,
        after: begin.after,
        tail: begin.tail,
    };
    match last.as_deref().map(parse_id).transpose()? {
        Some((_, _, true)) => return Ok(LogStream::Over),
        Some((_, after, false)) => (from.after, from.tail) = (after, None),
        None => {}
    }
    let items = follow_build(&state.app, &of.task, from).await?;
    let items = items.scan((1, 0), |at, item| {
        let piece = item.map_or_else(failed, |item| piece(&item, at));
        std::future::ready(Some(piece))
    });
    let ended = watcher.ended(vec![Permission::LogsRead]);
    Ok(LogStream::Goes(EventStream::new(items, ended)))
}

/// `<attempt>.<line>`, and whether it is that of the end.
fn parse_id(id: &str) -> Result<(u32, u64, bool), Problem> {
    let mut parts = id.split('.');
    let attempt = parts.next().and_then(|n| n.parse().ok());
    let line = parts.next().and_then(|n| n.parse().ok());
    match (attempt.filter(|n| *n > 0), line, parts.next(), parts.next()) {
        (Some(attempt), Some(line), None, None) => Ok((attempt, line, false)),
        (Some(attempt), Some(line), Some("end"), None) => Ok((attempt, line, true)),
        _ => {
            let message = "not an id of this stream: <attempt>.<line>";
            let field = Field::new(Place::Header, "/last-event-id", message);
            Err(Problem::fields(vec![field]))
        }
    }
}

/// An item as events; `at` is the last line that was told.
fn piece(item: &Item, at: &mut (u32, u64)) -> Bytes {
    match item {
        Item::Lines(chunk) => {
            let last = chunk.lines.last().map_or(0, |line| line.number);
            *at = (chunk.attempt, last);
            chunk.form(Form::EventStream, lines)
        }
        Item::Partial {
            attempt,
            stream,
            text,
        } => {
            let data = json!({ "attempt": attempt, "stream": stream, "text": &**text });
            event(None, Some("partial"), &data).into()
        }
        Item::Step { attempt, step } => {
            let data = json!({ "attempt": attempt, "step": step });
            event(None, Some("step"), &data).into()
        }
        Item::Gap(gap) => {
            *at = (gap.attempt, gap.to.unwrap_or(at.1));
            event(None, Some("gap"), gap).into()
        }
        Item::Built(work) => {
            let id = format!("{}.{}.end", at.0, at.1);
            event(Some(&id), Some("end"), work).into()
        }
        Item::End(end) => {
            let id = format!("{}.{}.end", at.0, at.1);
            event(Some(&id), Some("end"), end).into()
        }
    }
}

fn lines(chunk: &Chunk) -> Bytes {
    let mut text = String::new();
    for line in &chunk.lines {
        let id = format!("{}.{}", chunk.attempt, line.number);
        text.push_str(&event(Some(&id), Some("line"), line));
    }
    text.into()
}

/// The log of a run as events.
enum LogStream {
    Goes(EventStream),
    /// All was told; 204 keeps browsers from coming again.
    Over,
}

impl IntoResponse for LogStream {
    fn into_response(self) -> Response {
        match self {
            Self::Goes(events) => events.into_response(),
            Self::Over => StatusCode::NO_CONTENT.into_response(),
        }
    }
}

impl Output for LogStream {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let text = "Events: `line`, whose id is the attempt and the number of the line with a dot \
            between them; `partial`, the unfinished line as it stands; `step`, of a build; `gap`, \
            lines that cannot be told; `end`, after which nothing comes; `error`, likewise";
        EventStream::told_as(operation, text);
        Done::describe(operation, schemas);
    }
}

/// What to listen to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listen {
    /// Topics with commas between them: `runs`, `run:<id>`, `task`,
    /// `task:<name>`, `build`, `build:<name>`, `slot`, `slot:<name>`, `schedule`,
    /// `schedule:<name>`, `hook`, `hook:<name>`, `system`.
    topics: String,
    /// Also those that happened after the event of this number.
    #[schemars(range(min = 0))]
    after: Option<i64>,
}

async fn happenings(
    extract::State(state): extract::State<State>,
    Query(listen): Query<Listen>,
    LastEventId(last): LastEventId,
    watcher: Watcher,
) -> Result<Happenings, Problem> {
    let wrong = |message: String| Problem::field(Place::Query, "/topics", message);
    let topics = listen.topics.split(',').map(str::parse);
    let topics: Vec<Topic> = topics
        .collect::<Result<_, _>>()
        .map_err(|error: BadTopic| wrong(error.to_string()))?;
    for topic in &topics {
        may(&watcher.who, topic)?;
    }
    let last = last.map(|id| id.parse::<i64>()).transpose().map_err(|_| {
        let field = Field::new(
            Place::Header,
            "/last-event-id",
            "not the number of an event",
        );
        Problem::fields(vec![field])
    })?;
    let listener = events::listen(&state.app, last.or(listen.after)).await?;
    let needs = topics.iter().map(Topic::permission).collect();
    let told = told(listener, topics, watcher.who.clone());
    Ok(Happenings(EventStream::new(told, watcher.ended(needs))))
}

/// What happens, as events.
struct Happenings(EventStream);

impl IntoResponse for Happenings {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl Output for Happenings {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let text = "First `ready`, with the number at which it begins; then what happens, without \
            a name, each with its number as id";
        EventStream::told_as(operation, text);
    }
}

/// Whether somebody may listen.
pub(super) fn may(who: &Principal, topic: &Topic) -> Result<(), Problem> {
    who.may(topic.permission()).map_err(Problem::forbidden)?;
    match topic {
        Topic::Task(Some(task))
        | Topic::Build(Some(task))
        | Topic::Slot(Some(task))
        | Topic::Schedule(Some(task))
            if !who.sees(task) =>
        {
            Err(Problem::not_found(format!("there is no task “{task}”")))
        }
        _ => Ok(()),
    }
}

/// Whether an event is for somebody who listens to these topics.
pub(super) fn hears(who: &Principal, event: &Event) -> bool {
    event.task().is_none_or(|task| who.sees(&task))
}

/// The number at which it begins, then the events.
fn told(listener: Listener, topics: Vec<Topic>, who: Principal) -> impl Stream<Item = Bytes> {
    let number = listener.last().to_string();
    let ready = event(
        Some(&number),
        Some("ready"),
        &json!({ "seq": listener.last() }),
    );
    let next = async |(mut listener, topics, who): (Listener, Arc<[Topic]>, Principal)| {
        loop {
            let event = match listener.next().await {
                Ok(event) => event?,
                Err(error) => return Some((failed(error), (listener, topics, who))),
            };
            if topics.iter().any(|topic| topic.holds(&event)) && hears(&who, &event) {
                let number = event.seq.to_string();
                let piece = self::event(Some(&number), None, &*event);
                return Some((piece.into(), (listener, topics, who)));
            }
        }
    };
    let first = stream::once(std::future::ready(Bytes::from(ready)));
    first.chain(stream::unfold((listener, topics.into(), who), next))
}

#[cfg(test)]
mod tests {
    use super::parse_id;

    #[test]
    fn ids_name_an_attempt_and_a_line() {
        assert_eq!(parse_id("2.17").unwrap(), (2, 17, false));
        assert_eq!(parse_id("1.0.end").unwrap(), (1, 0, true));
        for id in ["", "2", "0.1", "1.-1", "1.1.1", "1.1.end.", "a.b"] {
            assert_eq!(parse_id(id).unwrap_err().status, 422, "{id}");
        }
    }
}
