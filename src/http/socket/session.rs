//! One WebSocket: what its client asks for, and what it is told.

mod subscribe;

use crate::domain::access::Permission;
use crate::domain::event::Topic;
use crate::http::error::Problem;
use crate::http::live::hears;
use crate::http::stream::{KEEP_ALIVE, RECHECK, Watcher};
use crate::http::{State, extract};
use crate::service::Error;
use crate::service::events::{Listener, Told};
use crate::service::follow::{Form, Item};
use crate::service::usage::Usage;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::future::AbortHandle;
use futures::stream::{BoxStream, SelectAll, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;
use subscribe::Subscribe;
use tokio::time::{Instant, Interval, interval_at, timeout};

/// How long a client may take nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a client asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Ask {
    Subscribe(Subscribe),
    Unsubscribe { id: String },
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
    Item(String, Result<News, Error>),
    Ping,
    Recheck,
}

/// What a subscription with an end tells.
enum News {
    /// Of a log.
    Log(Item),
    /// Of what an attempt uses.
    Used(Usage),
    /// Nothing more comes, and that is all there is to say.
    End,
}

type Items = BoxStream<'static, (String, Result<News, Error>)>;

/// A subscription with an end.
struct Followed {
    /// What one must be allowed for it.
    needs: Permission,
    abort: AbortHandle,
}

/// One socket.
pub(super) struct Session {
    state: State,
    watcher: Watcher,
    socket: WebSocket,
    /// The one listener for all topics.
    listener: Option<Listener>,
    topics: BTreeMap<String, Topic>,
    items: SelectAll<Items>,
    followed: BTreeMap<String, Followed>,
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
            followed: BTreeMap::new(),
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
                    needs.extend(self.followed.values().map(|one| one.needs));
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

    /// Ends a subscription; whether there was one.
    fn forget(&mut self, id: &str) -> bool {
        if let Some(followed) = self.followed.remove(id) {
            followed.abort.abort();
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

    async fn item(&mut self, id: String, item: Result<News, Error>) -> Result<(), Over> {
        let message = match item {
            // It was ended while this was on its way.
            _ if !self.followed.contains_key(&id) => return Ok(()),
            Ok(News::Log(item)) => return self.log(id, item).await,
            Ok(News::Used(usage)) => with("samples", &id, json!(usage)),
            Ok(News::End) => {
                self.forget(&id);
                json!({ "type": "end", "id": id })
            }
            Err(error) => {
                self.forget(&id);
                return self.refuse(Some(id), error.into()).await;
            }
        };
        self.say(&message).await
    }

    async fn log(&mut self, id: String, item: Item) -> Result<(), Over> {
        let message = match item {
            Item::Lines(chunk) => {
                let lines = chunk.form(Form::Json, |chunk| json!(chunk.lines).to_string().into());
                let lines = String::from_utf8_lossy(&lines);
                let (id, attempt) = (json!(id), chunk.attempt);
                let text = format!(
                    "{{\"type\":\"lines\",\"id\":{id},\"attempt\":{attempt},\"lines\":{lines}}}"
                );
                return self.put(Message::Text(text.into())).await;
            }
            Item::Partial {
                attempt,
                stream,
                text,
            } => json!({
                "type": "partial", "id": id, "attempt": attempt, "stream": stream, "text": &*text,
            }),
            Item::Step { attempt, step } => {
                json!({ "type": "step", "id": id, "attempt": attempt, "step": step })
            }
            Item::Gap(gap) => with("gap", &id, json!(gap)),
            Item::Built(work) => {
                self.forget(&id);
                with("end", &id, json!(work))
            }
            Item::End(end) => {
                self.forget(&id);
                with("end", &id, json!(end))
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
