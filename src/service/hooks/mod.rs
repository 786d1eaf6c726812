//! Hooks: who is told of what happens. Kept in the database, told by
//! [`crate::worker`], and every value they need is a named secret.
//!
//! The events of the outbox are written with what they tell of. `fanout` turns
//! them into deliveries, in one transaction with how far it has heard; `send`
//! tries deliveries until they arrive or are given up. So whatever is killed
//! whenever, each event reaches each hook that asked for it at least once, and
//! under one id.

mod facts;
mod fanout;
mod send;
#[cfg(test)]
mod tests;

pub(super) use facts::{new_id, origin, tags};
pub use fanout::{Hearing, listen_once};
pub use send::Sending;
#[cfg(test)]
pub(crate) use send::send_due;

use super::page::{Limit, Page};
use super::{App, Error, Field, secrets};
use crate::deliver::body::{Form, Message, outgoing, render};
use crate::deliver::guard::Guard;
use crate::domain::audit::{Actor, Note};
use crate::domain::hook::{
    Delivery, DeliveryState, DeliveryTries, Hook, HookEvent, HookKind, HookName, HookSpec, address,
};
use crate::domain::secret::SecretName;
use crate::domain::suggest;
use chrono::Utc;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What became of trying a hook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Trial {
    /// Whether the receiver took it.
    pub taken: bool,
    /// The status it answered with, if it answered.
    pub status: Option<u16>,
    /// Why it was not taken.
    pub problem: Option<String>,
    /// How long it took, milliseconds.
    pub took_ms: u64,
}

/// Every hook, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App) -> Result<Vec<Hook>, Error> {
    Ok(app.store.hooks().await?)
}

/// One hook.
///
/// # Errors
/// When there is none.
pub async fn show(app: &App, name: &HookName) -> Result<Hook, Error> {
    let all = app.store.hooks().await?;
    if let Some(found) = all.iter().find(|hook| hook.name == *name) {
        return Ok(found.clone());
    }
    let near = suggest::nearest(name.as_str(), all.iter().map(|hook| hook.name.as_str()));
    let meant = near.map_or_else(String::new, |near| format!(": did you mean {near}?"));
    Err(Error::NotFound(format!("there is no hook {name}{meant}")))
}

/// Saves a hook, made or changed.
///
/// # Errors
/// When something in it is wrong, or a secret that it names is not there.
pub async fn put(app: &App, actor: &Actor, name: &HookName, spec: HookSpec) -> Result<Hook, Error> {
    check(app, &spec).await?;
    let note = Note::done(actor.clone(), "hook.put").on(name);
    let note = note.saying(spec.kind.to_string());
    app.store.put_hook(name, spec, (note, Utc::now())).await?;
    app.live.wake_hooks();
    show(app, name).await
}

async fn check(app: &App, spec: &HookSpec) -> Result<(), Error> {
    let mut wrong: Vec<Field> = Vec::new();
    for (field, why) in spec.faults() {
        wrong.push(Field::body(field, why));
    }
    if let Some(Ok(url)) = spec.url.as_deref().map(address)
        && let Err(refused) = guard(app).check(&url)
    {
        wrong.push(Field::body("/url", refused.to_string()));
    }
    if let Some(template) = &spec.template
        && let Err(why) = render(template, &facts::sample(app))
    {
        wrong.push(Field::body("/template", why.to_string()));
    }
    if spec.kind == HookKind::Email {
        wrong.extend(super::mail::faults(app, spec));
    }
    let fields = [("/url_secret", &spec.url_secret), ("/secret", &spec.secret)];
    for (field, name) in fields {
        let Some(name) = name else { continue };
        match secrets::value(app, name).await? {
            None => {
                let why = format!("there is no secret {name}: `runbay secret set {name}` makes it");
                wrong.push(Field::body(field, why));
            }
            Some(value) if field == "/secret" && spec.kind == HookKind::Standard => {
                if let Err(bad) = crate::deliver::sign::signature(&value, ("test", 0), b"") {
                    wrong.push(Field::body(field, bad.to_string()));
                }
            }
            Some(_) => {}
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Error::Fields(wrong)),
    }
}

/// Removes a hook with its deliveries.
///
/// # Errors
/// When there is none.
pub async fn remove(app: &App, actor: &Actor, name: &HookName) -> Result<(), Error> {
    let note = Note::done(actor.clone(), "hook.remove").on(name);
    match app.store.remove_hook(name, (note, Utc::now())).await? {
        true => Ok(()),
        false => Err(show(app, name).await.err().unwrap_or_else(|| {
            Error::Conflict(format!("somebody else made {name} anew just now"))
        })),
    }
}

/// Sends something to a hook now, to see whether it arrives. Nothing is kept of
/// it, and a hook that rests or is not enabled is tried too.
///
/// # Errors
/// When there is no such hook.
pub async fn test(app: &App, actor: &Actor, name: &HookName) -> Result<Trial, Error> {
    let hook = show(app, name).await?;
    let begun = std::time::Instant::now();
    let message = Message {
        id: new_id(),
        event: HookEvent::Test,
        at: Utc::now(),
        data: json!({
            "hook": name,
            "reason": format!("{} tries the hook {name}: it works", actor.name),
            "url": origin(app),
        }),
    };
    let masker = secrets::masker(app).await?;
    let answer = send::send(app, &hook.spec, (message, masker.as_ref())).await?;
    Ok(Trial {
        taken: answer.problem.is_none(),
        status: answer.status,
        problem: answer.problem,
        took_ms: begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
    })
}

/// Which deliveries are listed.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeliveriesQuery {
    /// Only those that stand so.
    pub state: Option<DeliveryState>,
    /// What `next` said before.
    pub cursor: Option<i64>,
    /// At most so many.
    pub limit: Limit,
}

/// The deliveries of a hook, newest first.
///
/// # Errors
/// When there is no such hook.
pub async fn deliveries(
    app: &App,
    name: &HookName,
    query: DeliveriesQuery,
) -> Result<Page<Delivery>, Error> {
    let hook = show(app, name).await?;
    let (which, most) = ((query.state, query.cursor), query.limit.0 + 1);
    let mut found = app.store.deliveries(hook.id, which, most).await?;
    let masker = secrets::masker(app).await?;
    for delivery in &mut found {
        facts::mask(masker.as_ref(), &mut delivery.data);
    }
    Ok(Page::cut(found, query.limit, |delivery| {
        delivery.seq.to_string()
    }))
}

/// A delivery of a hook, and how it was tried.
///
/// # Errors
/// When there is no such hook or delivery.
pub async fn delivery(app: &App, name: &HookName, id: &str) -> Result<DeliveryTries, Error> {
    let hook = show(app, name).await?;
    let found = app.store.delivery(hook.id, id).await?;
    let mut found = found.ok_or_else(|| no_delivery(name, id))?;
    // A secret may be newer than what was kept.
    let masker = secrets::masker(app).await?;
    facts::mask(masker.as_ref(), &mut found.delivery.data);
    if let Some(masker) = masker {
        for one in &mut found.history {
            let texts = [&mut one.problem, &mut one.answer];
            for text in texts.into_iter().flatten() {
                *text = masker.mask(text);
            }
        }
    }
    Ok(found)
}

fn no_delivery(name: &HookName, id: &str) -> Error {
    let id = id.escape_debug();
    let text = format!("{name} has no delivery {id}: `runbay hook log {name}` lists them");
    Error::NotFound(text)
}

/// Has one delivery sent again, or all that are not tried any more; how many.
///
/// # Errors
/// When there is no such hook or delivery.
pub async fn redeliver(
    app: &App,
    actor: &Actor,
    name: &HookName,
    which: Option<String>,
) -> Result<usize, Error> {
    let hook = show(app, name).await?;
    let found = app
        .store
        .redeliver(hook.id, which.clone(), Utc::now())
        .await?;
    if found == 0
        && let Some(id) = which
    {
        return Err(no_delivery(name, &id));
    }
    if found > 0 {
        let note = Note::done(actor.clone(), "hook.redeliver").on(name);
        app.store
            .audit(note.saying(format!("{found} deliveries")), Utc::now())
            .await?;
        app.store.wake_hook(hook.id).await?;
    }
    app.live.wake_hooks();
    Ok(found)
}

/// The hooks that use a secret.
///
/// # Errors
/// When the database fails.
pub async fn users(app: &App, secret: &SecretName) -> Result<Vec<HookName>, Error> {
    let mut users = app.store.hooks().await?;
    users.retain(|hook| hook.spec.secrets().any(|name| name == secret));
    Ok(users.into_iter().map(|hook| hook.name).collect())
}

fn guard(app: &App) -> Guard {
    Guard::new(app.config.notify.allow.clone())
}

/// A message as it goes out, with what the hook keeps secret.
async fn dress(
    app: &App,
    spec: &HookSpec,
    message: &Message,
) -> Result<Result<crate::deliver::Outgoing, String>, Error> {
    let missing =
        |name: &SecretName| format!("the secret {name} is gone: `runbay secret set {name}`");
    let text = match (&spec.url, &spec.url_secret) {
        (Some(url), _) => url.clone(),
        (None, Some(name)) => match secrets::value(app, name).await? {
            Some(value) => value.reveal().trim().to_owned(),
            None => return Ok(Err(missing(name))),
        },
        (None, None) => return Ok(Err("it has no address".to_owned())),
    };
    let url = match address(&text) {
        Ok(url) => url,
        Err(why) => return Ok(Err(why)),
    };
    let secret = match &spec.secret {
        None => None,
        Some(name) => match secrets::value(app, name).await? {
            Some(value) => Some(value),
            None => return Ok(Err(missing(name))),
        },
    };
    let form = Form {
        kind: spec.kind,
        template: spec.template.as_deref(),
        secret: secret.as_ref(),
    };
    let dressed = outgoing(message, form, url, Utc::now());
    Ok(dressed.map_err(|error| error.to_string()))
}
