//! From events to deliveries.

use super::super::{App, Error, secrets};
use super::facts::{self, Facts};
use crate::domain::hook::{Hook, Streak, judge};
use crate::domain::ids::TaskName;
use crate::store::{Heard, NewDelivery};
use std::collections::HashMap;

/// Events that are read at once.
const PAGE: u32 = 256;

/// How far the hooks have heard, also of what led to nothing and was not worth a
/// commit.
#[derive(Debug, Default)]
pub struct Hearing(HashMap<i64, i64>);

/// Turns what is new in the outbox into deliveries, a page of it at most; `true`
/// when there may be more. Nothing is read while there are no hooks.
///
/// # Errors
/// When the database or a secret cannot be read; then nothing was heard.
pub async fn listen_once(app: &App, hearing: &mut Hearing) -> Result<bool, Error> {
    let hooks = app.store.hooks().await?;
    let upto = |hook: &Hook| {
        let known = hearing.0.get(&hook.id).copied().unwrap_or(0);
        known.max(hook.heard)
    };
    let Some(after) = hooks.iter().map(upto).min() else {
        hearing.0.clear();
        return Ok(false);
    };
    let events = app.store.events(after, PAGE).await?;
    let Some(last) = events.last().map(|event| event.seq) else {
        return Ok(false);
    };
    let masker = secrets::masker(app).await?;
    let from: HashMap<i64, i64> = hooks.iter().map(|hook| (hook.id, upto(hook))).collect();
    let mut page = Pending::default();
    for event in &events {
        let hears = |hook: &&Hook| from[&hook.id] < event.seq && hook.spec.enabled;
        if !hooks.iter().any(|hook| hears(&hook)) {
            continue;
        }
        let Some(mut facts) = facts::of(app, event).await? else {
            continue;
        };
        facts::mask(masker.as_ref(), &mut facts.data);
        for hook in hooks.iter().filter(hears) {
            page.take(app, hook, &facts).await?;
        }
    }
    // What led to nothing is looked at again after a restart, so it is noted
    // when it was much.
    if !page.heard.deliveries.is_empty() || !page.streaks.is_empty() || events.len() >= 128 {
        let behind = hooks.iter().filter(|hook| hook.heard < last);
        page.heard.hooks = behind.map(|hook| (hook.id, hook.heard, last)).collect();
        let streaks = page.streaks.into_iter();
        page.heard.streaks = streaks.map(|((hook, task), s)| (hook, task, s)).collect();
        app.store.hear(page.heard).await?;
        app.live.wake_hooks();
    }
    hearing.0 = hooks
        .iter()
        .map(|hook| (hook.id, from[&hook.id].max(last)))
        .collect();
    Ok(events.len() == PAGE as usize)
}

/// What a page of events leads to.
#[derive(Default)]
struct Pending {
    heard: Heard,
    streaks: HashMap<(i64, TaskName), Streak>,
}

impl Pending {
    async fn take(&mut self, app: &App, hook: &Hook, facts: &Facts) -> Result<(), Error> {
        if !hook.spec.is_about(facts.task.as_ref(), &facts.tags) {
            return Ok(());
        }
        let key = facts.task.clone().map(|task| (hook.id, task));
        let before = match &key {
            None => Streak::default(),
            Some(key) => match self.streaks.get(key) {
                Some(known) => *known,
                None => app.store.streak(key.0, &key.1).await?,
            },
        };
        let judged = judge(&hook.spec, facts.happened, before);
        if let Some(key) = key.filter(|_| judged.streak != before) {
            self.streaks.insert(key, judged.streak);
        }
        if let Some(event) = judged.tell {
            let mut data = facts.data.clone();
            data["failures"] = judged.failures.into();
            self.heard.deliveries.push(NewDelivery {
                id: facts::new_id(),
                hook: hook.id,
                event,
                at: facts.at,
                task: facts.task.clone(),
                run: facts.run,
                data,
            });
        }
        Ok(())
    }
}
