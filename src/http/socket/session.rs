//! One WebSocket: what its client asks for, and what it is told.

use crate::domain::access::Permission;
use crate::domain::event::{BadTopic, Topic};
use crate::http::error::Problem;
use crate::http::live::{hears, may};
use crate::http::runs::find;
use crate::http::stream::{KEEP_ALIVE, RECHECK, Watcher};
use crate::http::{State, extract};
use crate::service::events::{self, Listener, Told};
use crate::service::follow::{self, Form, Item, follow};
use crate::service::{Error, Place};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::http::StatusCode;
use futures::future::AbortHandle;
use futures::stream::{BoxStream, SelectAll, StreamExt, abortable};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{Instant, Interval, interval_at, timeout};

/// How many subscriptions one socket may have.
const SUBSCRIPTIONS: usize = 64;
/// How long a client may take nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a client asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Ask {
    Subscribe(Subscribe),
    Unsubscribe { id: String },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscribe {
    id: String,
    topic: String,
    run: Option<String>,
    attempt: Option<u32>,
    after: Option<i64>,
    tail: Option<u64>,
}

/// Why a socket is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// The client is gone.
    Gone,
    /// The service ends.
    Ends,
    /// A message was no text.
    NoText,
    /// Who watches may no longer.
    Lost,
    /// The client took nothing for too long.
    Stuck,
}

/// What happens next at a socket.
enum Next {
    Over(Over),
    Asked(Message),
    Told(Result<Option<Told>, Error>),
    Item(String, Result<Item, Error>),
    Ping,
    Recheck,
}

type Items = BoxStream<'static, (String, Result<Item, Error>)>;

/// One socket.
pub(super) struct Session {
    state: State,
    watcher: Watcher,
    socket: WebSocket,
    /// The one listener for all topics.
    listener: Option<Listener>,
    topics: BTreeMap<String, Topic>,
    items: SelectAll<Items>,
    logs: BTreeMap<String, AbortHandle>,
    ping: Interval,
    recheck: Interval,
}

impl Session {
    pub(super) fn new(state: State, watcher: Watcher, socket: WebSocket) -> Self {
        let every = |period| interval_at(Instant::now() + period, period);
        Self {
            state,
            watcher,
            socket,
            listener: None,
            topics: BTreeMap::new(),
            items: SelectAll::new(),
            logs: BTreeMap::new(),
            ping: every(KEEP_ALIVE),
            recheck: every(RECHECK),
        }
    }

    /// Serves the socket to its end.
    pub(super) async fn run(mut self) {
        let Err(over) = self.serve().await;
        self.close(over).await;
    }

    async fn serve(&mut self) -> Result<Infallible, Over> {
        loop {
            match self.next().await {
                Next::Over(over) => return Err(over),
                Next::Asked(message) => self.asked(message).await?,
                Next::Told(told) => self.told(told).await?,
                Next::Item(id, item) => self.item(id, item).await?,
                Next::Ping => self.put(Message::Ping(Default::default())).await?,
                Next::Recheck => {
                    let mut needs: Vec<_> = self.topics.values().map(Topic::permission).collect();
                    needs.extend((!self.logs.is_empty()).then_some(Permission::LogsRead));
                    if !self.watcher.still(&needs).await {
                        return Err(Over::Lost);
                    }
                }
            }
        }
    }

    /// Nothing is asked of a log or of events before what was told is taken: a
    /// client that is slow is told less often, and keeps no memory here.
    async fn next(&mut self) -> Next {
        let listens = !self.topics.is_empty();
        let hear = async {
            match &mut self.listener {
                Some(listener) if listens => listener.hear().await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.watcher.closed() => Next::Over(Over::Ends),
            message = self.socket.recv() => match message {
                Some(Ok(message)) => Next::Asked(message),
                _ => Next::Over(Over::Gone),
            },
            told = hear => Next::Told(told),
            Some((id, item)) = self.items.next() => Next::Item(id, item),
            _ = self.ping.tick() => Next::Ping,
            _ = self.recheck.tick() => Next::Recheck,
        }
    }

    async fn asked(&mut self, message: Message) -> Result<(), Over> {
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Over::NoText),
            Message::Close(_) => return Err(Over::Gone),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        let ask = match extract::parse::<Ask>(text.as_bytes()) {
            Ok(ask) => ask,
            Err(problem) => return self.refuse(None, problem).await,
        };
        match ask {
            Ask::Unsubscribe { id } => {
                let known = self.forget(&id);
                if !known {
                    let problem = Problem::not_found("there is no such subscription");
                    return self.refuse(Some(id), problem).await;
                }
                self.say(&json!({ "type": "unsubscribed", "id": id })).await
            }
            Ask::Subscribe(asked) => {
                let id = asked.id.clone();
                match self.subscribe(asked).await {
                    Ok(after) => {
                        let seq = self.listener.as_ref().map(Listener::last);
                        self.say(&json!({ "type": "subscribed", "id": id, "seq": seq }))
                            .await?;
                        match (after, seq) {
                            (Some(after), Some(seq)) if after < seq => {
                                self.lagged(after + 1, seq).await
                            }
                            _ => Ok(()),
                        }
                    }
                    Err(problem) => self.refuse(Some(id), problem).await,
                }
            }
        }
    }

    /// Takes a subscription on; the last event the client knows.
    async fn subscribe(&mut self, asked: Subscribe) -> Result<Option<i64>, Problem> {
        let wrong = |name: &str, text: &str| Problem::field(Place::Body, format!("/{name}"), text);
        if !(1..=64).contains(&asked.id.chars().count()) {
            return Err(wrong("id", "a name of 1 to 64 characters"));
        }
        if self.topics.contains_key(&asked.id) || self.logs.contains_key(&asked.id) {
            return Err(wrong("id", "this subscription is there already"));
        }
        if self.topics.len() + self.logs.len() >= SUBSCRIPTIONS {
            let text = format!("{SUBSCRIPTIONS} subscriptions are the most: end one first");
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Err(Problem::new(status, "full", text));
        }
        if asked.topic == "log" {
            return self.subscribe_log(asked).await.map(|()| None);
        }
        if asked.run.is_some() || asked.attempt.is_some() || asked.tail.is_some() {
            let text = "run, attempt and tail are of the topic “log”";
            return Err(wrong("topic", text));
        }
        let topic: Topic = asked
            .topic
            .parse()
            .map_err(|error: BadTopic| wrong("topic", &format!("{error}, and log")))?;
        may(&self.watcher.who, &topic)?;
        if self.topics.is_empty() {
            self.listener = Some(events::listen(&self.state.app, None).await?);
        }
        self.topics.insert(asked.id, topic);
        Ok(asked.after)
    }

    async fn subscribe_log(&mut self, asked: Subscribe) -> Result<(), Problem> {
        let wrong = |name: &str, text: &str| Problem::field(Place::Body, format!("/{name}"), text);
        let who = &self.watcher.who;
        who.may(Permission::LogsRead).map_err(Problem::forbidden)?;
        let Some(run) = &asked.run else {
            return Err(wrong("run", "which run’s log?"));
        };
        let Ok(after) = u64::try_from(asked.after.unwrap_or(0)) else {
            return Err(wrong("after", "the number of a line, or 0"));
        };
        if asked.attempt == Some(0) {
            return Err(wrong("attempt", "attempts count from 1"));
        }
        let run = find(&self.state.app, who, run).await?;
        let from = follow::From {
            attempt: asked.attempt,
            after,
            tail: asked.tail,
        };
        let (items, abort) = abortable(follow(&self.state.app, run.id, from));
        let id = asked.id.clone();
        self.items
            .push(items.map(move |item| (id.clone(), item)).boxed());
        self.logs.insert(asked.id, abort);
        Ok(())
    }

    /// Ends a subscription; whether there was one.
    fn forget(&mut self, id: &str) -> bool {
        if let Some(log) = self.logs.remove(id) {
            log.abort();
            return true;
        }
        self.topics.remove(id).is_some()
    }

    async fn told(&mut self, told: Result<Option<Told>, Error>) -> Result<(), Over> {
        match told {
            Ok(Some(Told::Lagged(from, to))) => self.lagged(from, to).await,
            Ok(Some(Told::Event(event))) => {
                if !hears(&self.watcher.who, &event) {
                    return Ok(());
                }
                let held = self.topics.iter().filter(|(_, topic)| topic.holds(&event));
                let ids: Vec<&String> = held.map(|(id, _)| id).collect();
                if ids.is_empty() {
                    return Ok(());
                }
                let message = json!({ "type": "event", "ids": ids, "event": *event });
                self.say(&message).await
            }
            Ok(None) => Err(Over::Ends),
            Err(error) => {
                self.listener = None;
                self.topics.clear();
                self.refuse(None, error.into()).await
            }
        }
    }

    async fn lagged(&mut self, from: i64, to: i64) -> Result<(), Over> {
        self.say(&json!({ "type": "lagged", "from": from, "to": to }))
            .await
    }

    async fn item(&mut self, id: String, item: Result<Item, Error>) -> Result<(), Over> {
        let message = match item {
            // It was ended while this was on its way.
            _ if !self.logs.contains_key(&id) => return Ok(()),
            Ok(Item::Lines(chunk)) => {
                let lines = chunk.form(Form::Json, |chunk| json!(chunk.lines).to_string().into());
                let lines = String::from_utf8_lossy(&lines);
                let (id, attempt) = (json!(id), chunk.attempt);
                let text = format!(
                    "{{\"type\":\"lines\",\"id\":{id},\"attempt\":{attempt},\"lines\":{lines}}}"
                );
                return self.put(Message::Text(text.into())).await;
            }
            Ok(Item::Partial {
                attempt,
                stream,
                text,
            }) => json!({
                "type": "partial", "id": id, "attempt": attempt, "stream": stream, "text": &*text,
            }),
            Ok(Item::Step { attempt, step }) => {
                json!({ "type": "step", "id": id, "attempt": attempt, "step": step })
            }
            Ok(Item::Gap(gap)) => with("gap", &id, json!(gap)),
            Ok(Item::End(end)) => {
                self.forget(&id);
                with("end", &id, json!(end))
            }
            Err(error) => {
                self.forget(&id);
                return self.refuse(Some(id), error.into()).await;
            }
        };
        self.say(&message).await
    }

    async fn refuse(&mut self, id: Option<String>, problem: Problem) -> Result<(), Over> {
        problem.log(None);
        self.say(&json!({ "type": "error", "id": id, "problem": problem }))
            .await
    }

    async fn say(&mut self, message: &Value) -> Result<(), Over> {
        self.put(Message::Text(message.to_string().into())).await
    }

    /// Waits until the client has taken it, or the system for it.
    async fn put(&mut self, message: Message) -> Result<(), Over> {
        tokio::select! {
            sent = timeout(PATIENCE, self.socket.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(Over::Gone),
                Err(_) => Err(Over::Stuck),
            },
            () = self.watcher.closed() => Err(Over::Ends),
        }
    }

    async fn close(mut self, over: Over) {
        let (code, reason) = match over {
            Over::Gone => return,
            Over::Ends => (1001, "the service ends"),
            Over::NoText => (1003, "messages are JSON texts"),
            Over::Lost => (4001, "you are no longer signed in, or no longer allowed"),
            Over::Stuck => (4002, "nothing was taken for a minute"),
        };
        let close = Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        }));
        // Who is gone or stuck does not hear it.
        drop(timeout(Duration::from_secs(1), self.socket.send(close)).await);
    }
}

fn with(kind: &str, id: &str, mut message: Value) -> Value {
    message["type"] = kind.into();
    message["id"] = id.into();
    message
}
