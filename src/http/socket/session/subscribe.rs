//! What a client may ask to be told, and whether it may.

use super::{Followed, News, Session};
use crate::domain::access::Permission;
use crate::domain::event::{BadTopic, Topic};
use crate::domain::ids::TaskName;
use crate::http::error::Problem;
use crate::http::live::may;
use crate::http::runs::find;
use crate::service::follow::{self, follow, follow_build};
use crate::service::{Error, Place, events, usage};
use axum::http::StatusCode;
use futures::stream::{self, Stream, StreamExt, TryStreamExt, abortable};
use serde::Deserialize;

/// How many subscriptions one socket may have.
const SUBSCRIPTIONS: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subscribe {
    pub(super) id: String,
    topic: String,
    run: Option<String>,
    task: Option<String>,
    attempt: Option<u32>,
    after: Option<i64>,
    tail: Option<u64>,
}

impl Session {
    /// Takes a subscription on; the last event the client knows.
    pub(super) async fn subscribe(&mut self, asked: Subscribe) -> Result<Option<i64>, Problem> {
        let wrong = |name: &str, text: &str| Problem::field(Place::Body, format!("/{name}"), text);
        if !(1..=64).contains(&asked.id.chars().count()) {
            return Err(wrong("id", "a name of 1 to 64 characters"));
        }
        if self.topics.contains_key(&asked.id) || self.followed.contains_key(&asked.id) {
            return Err(wrong("id", "this subscription is there already"));
        }
        if self.topics.len() + self.followed.len() >= SUBSCRIPTIONS {
            let text = format!("{SUBSCRIPTIONS} subscriptions are the most: end one first");
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Err(Problem::new(status, "full", text));
        }
        match &*asked.topic {
            "log" => return self.subscribe_log(asked).await.map(|()| None),
            "usage" => return self.subscribe_usage(asked).await.map(|()| None),
            _ => {}
        }
        let of_log = asked.run.is_some() || asked.task.is_some();
        if of_log || asked.attempt.is_some() || asked.tail.is_some() {
            let text = "run, task, attempt and tail are of the topics “log” and “usage”";
            return Err(wrong("topic", text));
        }
        let topic: Topic = asked
            .topic
            .parse()
            .map_err(|error: BadTopic| wrong("topic", &format!("{error}, log and usage")))?;
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
        let Ok(after) = u64::try_from(asked.after.unwrap_or(0)) else {
            return Err(wrong("after", "the number of a line, or 0"));
        };
        if asked.attempt == Some(0) {
            return Err(wrong("attempt", "attempts count from 1"));
        }
        let from = follow::From {
            attempt: asked.attempt,
            after,
            tail: asked.tail,
        };
        let app = &self.state.app;
        let items = match (&asked.run, &asked.task) {
            (Some(run), None) => {
                let run = find(app, who, run).await?;
                follow(app, run.id, from).boxed()
            }
            (None, Some(task)) => {
                let none = || Problem::not_found(format!("there is no task “{task}”"));
                let task: TaskName = task.parse().map_err(|_| none())?;
                if !who.sees(&task) {
                    return Err(none());
                }
                if asked.attempt.is_some() {
                    return Err(wrong("attempt", "a build has no attempts"));
                }
                follow_build(app, &task, from).await?.boxed()
            }
            _ => return Err(wrong("run", "the log of a run, or of a build for a task?")),
        };
        self.follow(asked.id, Permission::LogsRead, items.map_ok(News::Log));
        Ok(())
    }

    async fn subscribe_usage(&mut self, asked: Subscribe) -> Result<(), Problem> {
        let wrong = |name: &str, text: &str| Problem::field(Place::Body, format!("/{name}"), text);
        let who = &self.watcher.who;
        who.may(Permission::RunsRead).map_err(Problem::forbidden)?;
        if asked.task.is_some() || asked.after.is_some() || asked.tail.is_some() {
            let text = "task, after and tail are of the topic “log”";
            return Err(wrong("topic", text));
        }
        let Some(run) = &asked.run else {
            return Err(wrong("run", "what which run uses?"));
        };
        let app = &self.state.app;
        let run = find(app, who, run).await?;
        let used = usage::follow(app, run.id, asked.attempt).map_ok(News::Used);
        let end = stream::once(async { Ok(News::End) });
        self.follow(asked.id, Permission::RunsRead, used.chain(end));
        Ok(())
    }

    /// Tells what comes of something until it ends.
    fn follow(
        &mut self,
        id: String,
        needs: Permission,
        items: impl Stream<Item = Result<News, Error>> + Send + 'static,
    ) {
        let (items, abort) = abortable(items);
        let of = id.clone();
        let items = items.map(move |item| (of.clone(), item));
        self.items.push(items.boxed());
        self.followed.insert(id, Followed { needs, abort });
    }
}
