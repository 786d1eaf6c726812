//! Triggers: addresses at which other services start runs.
//!
//! Who calls proves that it may, by a token of which only the digest is kept, or
//! by a signature over the very bytes it sent. What it sent is data: the script
//! finds it in a file, and values for declared parameters are taken from the
//! places that the trigger names and judged like anybody's.

use super::runs::{self, Request, Submitted};
use super::{App, Error, Field, secrets};
use crate::deliver::sign;
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::{Digest, TaskName};
use crate::domain::params::ParamKind;
use crate::domain::run::{self, OnDisconnect};
use crate::domain::secret::Secret;
use crate::domain::trigger::{Trigger, TriggerAuth, TriggerName, TriggerSpec};
use crate::domain::{suggest, token};
use crate::store::TriggerRow;
use chrono::Utc;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How far a signed time may be from ours, seconds.
const STALE: i64 = 300;
/// The longest id of a delivery, characters.
const LONGEST_ID: usize = 200;

/// A trigger that was just made or given a new token.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub struct TriggerMade {
    /// The trigger.
    pub trigger: Trigger,
    /// Where others call it, with the token if it has one. It is shown this once.
    pub url: String,
}

/// What somebody called with.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// The token.
    pub token: Option<Secret>,
    /// `X-Hub-Signature-256`.
    pub github: Option<String>,
    /// `webhook-timestamp` and `webhook-signature`.
    pub standard: Option<(i64, String)>,
    /// What tells this call from others: `X-GitHub-Delivery`, `webhook-id` or
    /// `Idempotency-Key`.
    pub id: Option<String>,
}

/// Who called may not, or there is no such trigger; which of these, is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No trigger is opened by this.
    #[error(
        "no trigger of this name is opened by what you sent: check the token, or the secret that signs"
    )]
    Proof,
    /// What was signed is too old, or from the future.
    #[error(
        "what you sent was signed more than 5 minutes ago or ahead: check the clocks, and send it again"
    )]
    Stale,
}

/// How much of its rate each trigger has left.
#[derive(Debug, Default)]
pub struct Rates(Mutex<HashMap<TriggerName, (Instant, f64)>>);

impl Rates {
    /// Takes one; the seconds until there is one, if there is none.
    fn take(&self, name: &TriggerName, per_minute: u32, now: Instant) -> Result<(), u32> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let most = f64::from(per_minute);
        let (at, left) = all.get(name).copied().unwrap_or((now, most));
        let gained = (now - at).as_secs_f64() * most / 60.0;
        let left = (left + gained).min(most);
        let answer = match left >= 1.0 {
            true => Ok(left - 1.0),
            false => Err(((1.0 - left) * 60.0 / most).ceil() as u32),
        };
        all.insert(name.clone(), (now, answer.unwrap_or(left)));
        answer.map(drop)
    }
}

/// Every trigger, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App) -> Result<Vec<Trigger>, Error> {
    let all = app.store.triggers().await?.into_iter();
    Ok(all.map(|row| row.trigger).collect())
}

/// Makes a trigger, or puts another in its place: one that has a token keeps it,
/// unless `renew` says otherwise. None when no address is to be shown.
///
/// # Errors
/// When something in it is wrong, or there is no such task or secret.
pub async fn put(
    app: &App,
    actor: &Actor,
    name: &TriggerName,
    (spec, renew): (TriggerSpec, bool),
) -> Result<TriggerMade, Error> {
    check(app, &spec).await?;
    let known = app.store.trigger(name).await?.and_then(|row| row.token);
    let address = address(app, name);
    let (digest, url) = match (spec.auth, known) {
        (TriggerAuth::Token, Some(digest)) if !renew => (Some(digest), address),
        (TriggerAuth::Token, _) => {
            let mut bits = [0; 32];
            let random = |error: getrandom::Error| std::io::Error::other(error.to_string());
            let filled = getrandom::fill(&mut bits).map_err(random);
            filled.map_err(Error::io("no random numbers for a token"))?;
            let token = token::key(&bits);
            let digest = Digest::of(token.reveal().as_bytes());
            (Some(digest), format!("{address}?token={}", token.reveal()))
        }
        _ => (None, address),
    };
    let what = if renew {
        "trigger.rotate"
    } else {
        "trigger.put"
    };
    let note = Note::done(actor.clone(), what).on(name);
    let note = note.saying(format!("task {}, {}", spec.task, spec.auth));
    let saved = app
        .store
        .put_trigger(name, (spec, digest), (note, Utc::now()));
    saved.await?;
    let trigger = known_as(app, name).await?.trigger;
    Ok(TriggerMade { trigger, url })
}

/// Where others call a trigger.
fn address(app: &App, name: &TriggerName) -> String {
    format!("{}/api/v1/triggers/{name}/fire", super::hooks::origin(app))
}

async fn check(app: &App, spec: &TriggerSpec) -> Result<(), Error> {
    secrets::exists(app, &spec.task).await?;
    let faults = spec.faults().into_iter();
    let mut wrong: Vec<Field> = faults.map(|(field, why)| Field::body(field, why)).collect();
    if let Some(name) = &spec.secret {
        match secrets::value(app, name).await? {
            None => {
                let why = format!("there is no secret {name}: `runbay secret set {name}` makes it");
                wrong.push(Field::body("/secret", why));
            }
            Some(value) if spec.auth == TriggerAuth::Standard => {
                if let Err(bad) = sign::signature(&value, ("test", 0), b"") {
                    wrong.push(Field::body("/secret", bad.to_string()));
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

/// Gives a trigger a new token; the old one opens nothing from now on.
///
/// # Errors
/// When there is no such trigger, or its callers sign.
pub async fn rotate(app: &App, actor: &Actor, name: &TriggerName) -> Result<TriggerMade, Error> {
    let spec = known_as(app, name).await?.trigger.spec;
    if let Some(secret) = &spec.secret {
        let text = format!(
            "{name} has no token: `runbay secret set {secret}` changes what callers sign with"
        );
        return Err(Error::Conflict(text));
    }
    put(app, actor, name, (spec, true)).await
}

/// Removes a trigger.
///
/// # Errors
/// When there is none.
pub async fn remove(app: &App, actor: &Actor, name: &TriggerName) -> Result<(), Error> {
    let note = Note::done(actor.clone(), "trigger.remove").on(name);
    match app.store.remove_trigger(name, (note, Utc::now())).await? {
        true => Ok(()),
        false => known_as(app, name).await.map(drop),
    }
}

async fn known_as(app: &App, name: &TriggerName) -> Result<TriggerRow, Error> {
    if let Some(found) = app.store.trigger(name).await? {
        return Ok(found);
    }
    let all = list(app).await?;
    let near = suggest::nearest(name.as_str(), all.iter().map(|one| one.name.as_str()));
    let meant = near.map_or_else(String::new, |near| format!(": did you mean {near}?"));
    Err(Error::NotFound(format!(
        "there is no trigger {name}{meant}"
    )))
}

/// Starts a run for somebody who calls, with what they sent.
///
/// # Errors
/// When the trigger rests, is called too often, what was sent is no JSON or holds
/// a value that the task does not take, or as [`runs::submit`].
pub async fn fire(
    app: &App,
    name: &TriggerName,
    (proof, body): (Proof, Vec<u8>),
) -> Result<Result<Submitted, Refused>, Error> {
    let Some(row) = app.store.trigger(name).await? else {
        return Ok(Err(Refused::Proof));
    };
    if let Err(refused) = admit(app, &row, (&proof, &body)).await? {
        return Ok(Err(refused));
    }
    let spec = row.trigger.spec;
    if !spec.enabled {
        return Err(Error::Conflict(format!(
            "the trigger {name} is not enabled"
        )));
    }
    if let Err(seconds) = app.live.rates.take(name, spec.per_minute, Instant::now()) {
        let text = format!(
            "the trigger {name} starts {} runs in a minute at most: call again in {seconds} s",
            spec.per_minute
        );
        return Err(Error::TooOften { text, seconds });
    }
    let request = request(app, &row.trigger.name, (&spec, proof.id), body)?;
    let submitted = runs::submit(app, &request).await?;
    app.store.use_trigger(name, Utc::now()).await?;
    Ok(Ok(submitted))
}

fn request(
    app: &App,
    name: &TriggerName,
    (spec, id): (&TriggerSpec, Option<String>),
    body: Vec<u8>,
) -> Result<Request, Error> {
    let payload = match body.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&body)
            .map_err(|_| Error::Fields(vec![Field::body("", "the body is not JSON")]))?,
    };
    if id.as_ref().is_some_and(|id| id.len() > LONGEST_ID) {
        let text = format!("the id of a delivery has {LONGEST_ID} characters at most");
        return Err(Error::Invalid(text));
    }
    refuse_files(app, &spec.task, spec)?;
    Ok(Request {
        params: spec.values(&payload),
        on_disconnect: OnDisconnect::Continue,
        trigger: run::Trigger::Webhook,
        by: Some(format!("trigger:{name}")),
        key: id.map(|id| format!("trigger:{name}:{id}")),
        payload: (!body.is_empty()).then_some(body),
        ..Request::new(spec.task.clone())
    })
}

/// A parameter that is a file is a path on this machine, which nobody elsewhere
/// may choose.
fn refuse_files(app: &App, task: &TaskName, spec: &TriggerSpec) -> Result<(), Error> {
    let declared = runs::load(&app.catalogue, task)?.manifest.params;
    let is_file = |name: &&String| {
        declared
            .get(*name)
            .is_some_and(|p| p.kind == ParamKind::File)
    };
    match spec.params.keys().find(is_file) {
        None => Ok(()),
        Some(name) => Err(Error::Conflict(format!(
            "the parameter {name} of {task} is a file of this machine: a trigger cannot give it"
        ))),
    }
}

/// Whether what was sent opens the trigger.
async fn admit(
    app: &App,
    row: &TriggerRow,
    (proof, body): (&Proof, &[u8]),
) -> Result<Result<(), Refused>, Error> {
    let spec = &row.trigger.spec;
    let secret = match &spec.secret {
        None => None,
        Some(name) => secrets::value(app, name).await?,
    };
    let holds = match (spec.auth, secret) {
        (TriggerAuth::Token, _) => {
            let given = proof.token.as_ref();
            let given = given.map(|token| Digest::of(token.reveal().as_bytes()));
            matches!((&row.token, given), (Some(kept), Some(given)) if token::same(kept, &given))
        }
        (TriggerAuth::Github, Some(secret)) => {
            let given = proof.github.as_deref();
            given.is_some_and(|given| sign::is_github(&secret, body, given))
        }
        (TriggerAuth::Standard, Some(secret)) => {
            let (Some((at, given)), Some(id)) = (&proof.standard, &proof.id) else {
                return Ok(Err(Refused::Proof));
            };
            // First whether it is signed: a stranger learns nothing of our clock.
            if !sign::is_standard(&secret, (id, *at), body, given) {
                return Ok(Err(Refused::Proof));
            }
            if (Utc::now().timestamp() - at).unsigned_abs() > STALE.unsigned_abs() {
                return Ok(Err(Refused::Stale));
            }
            true
        }
        _ => false,
    };
    Ok(if holds { Ok(()) } else { Err(Refused::Proof) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_rate_is_used_up_and_comes_back() {
        let (rates, name, now) = (Rates::default(), "a".parse().unwrap(), Instant::now());
        for _ in 0..60 {
            assert_eq!(rates.take(&name, 60, now), Ok(()));
        }
        assert_eq!(rates.take(&name, 60, now), Err(1));
        assert_eq!(rates.take(&"b".parse().unwrap(), 60, now), Ok(()));
        let later = now + Duration::from_secs(2);
        assert_eq!(rates.take(&name, 60, later), Ok(()));
        assert_eq!(rates.take(&name, 60, later), Ok(()));
        assert!(rates.take(&name, 60, later).is_err());
    }
}
