//! From deliveries to receivers: what is tried now, and what becomes of it.
//!
//! A message that the receiver refuses is tried 12 times, 5 s · 2ⁿ apart, then it
//! is dead. A receiver that is not there is no fault of a message: after 5 tries
//! in a row that failed so, the hook rests, and one delivery at a time tries
//! whether it is back. What waited 3 days is dead, too.

use super::super::{App, Error, mail, secrets};
use super::facts;
use crate::deliver::body::Message;
use crate::deliver::{Answer, Fault};
use crate::domain::hook::{Delivery, DeliveryState, Hook, HookKind, HookSpec};
use crate::logs::Masker;
use crate::store::Tried;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use std::time::Duration;

/// Deliveries that are sent at once to one hook, each of another lane.
const AT_ONCE: u32 = 8;
/// How often a message is refused before it is dead.
const MOST_REFUSALS: u32 = 12;
/// How many failures in a row make a hook rest.
const PATIENCE: u32 = 5;
/// The first pause, and the longest of a message and of a hook.
const PAUSE: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(3600);
const LONGEST_REST: Duration = Duration::from_secs(600);
/// How long a delivery may wait.
const TOO_OLD: TimeDelta = TimeDelta::days(3);

/// Sends what is due to each hook, hooks beside each other; `true` when there may
/// be more to send at once.
///
/// # Errors
/// When the database fails.
pub async fn send_due(app: &App, now: DateTime<Utc>) -> Result<bool, Error> {
    let hooks = app.store.hooks().await?;
    let awake = hooks.iter().filter(|hook| {
        let rests = hook.resting_until.is_some_and(|until| until > now);
        hook.spec.enabled && hook.waiting > 0 && !rests
    });
    let awake: Vec<&Hook> = awake.collect();
    if awake.is_empty() {
        return Ok(false);
    }
    let masker = secrets::masker(app).await?;
    let sent = join_all(
        awake
            .into_iter()
            .map(|hook| Box::pin(round(app, (hook, masker.as_ref()), now))),
    )
    .await;
    let mut more = false;
    for sent in sent {
        more |= sent? > 0;
    }
    Ok(more)
}

/// One round of a hook: the first of each lane that is due. How many there were.
async fn round(
    app: &App,
    (hook, masker): (&Hook, Option<&Masker>),
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    let limit = if hook.failures >= PATIENCE {
        1
    } else {
        AT_ONCE
    };
    let due = app.store.due_deliveries(hook.id, now, limit).await?;
    let answers = join_all(
        due.iter()
            .map(|delivery| Box::pin(one(app, (hook, masker), (delivery, now)))),
    )
    .await;
    let mut failures = hook.failures;
    let mut rest = None;
    for answer in answers {
        let answer = answer?;
        match answer.fault {
            Fault::Receiver => failures = failures.saturating_add(1),
            _ => failures = 0,
        }
        rest = rest.max(answer.retry_after);
    }
    if failures >= PATIENCE {
        rest = rest.max(Some(backoff(failures - PATIENCE + 2, LONGEST_REST)));
    }
    if !due.is_empty() && (failures != hook.failures || rest.is_some()) {
        let until = rest.map(|rest| now + rest);
        app.store.set_hook_health(hook.id, failures, until).await?;
    }
    Ok(due.len())
}

/// One try of one delivery.
async fn one(
    app: &App,
    (hook, masker): (&Hook, Option<&Masker>),
    (delivery, now): (&Delivery, DateTime<Utc>),
) -> Result<Answer, Error> {
    let message = Message {
        id: delivery.id.clone(),
        event: delivery.event,
        at: delivery.at,
        data: delivery.data.clone(),
    };
    let answer = send(app, &hook.spec, (message, masker)).await?;
    // While the hook rests, its receiver is to blame and not the message.
    let refused = match answer.fault {
        Fault::None => false,
        Fault::Receiver => hook.failures < PATIENCE,
        Fault::Message | Fault::Gone => true,
    };
    let refusals = delivery.refusals + u32::from(refused);
    let hopeless =
        answer.fault == Fault::Gone || refusals >= MOST_REFUSALS || now - delivery.since > TOO_OLD;
    let state = match answer.fault {
        Fault::None => DeliveryState::Delivered,
        _ if hopeless => DeliveryState::Dead,
        _ => DeliveryState::Waiting,
    };
    if state == DeliveryState::Dead {
        let (hook, id) = (hook.name.as_str(), &delivery.id);
        let problem = answer.problem.as_deref().unwrap_or_default();
        tracing::warn!(hook, id, problem, "a delivery is given up");
    }
    let pause = answer.retry_after.unwrap_or_default();
    let tried = Tried {
        seq: delivery.seq,
        at: now,
        state,
        refused,
        next_at: now + pause.max(backoff(delivery.tries, LONGEST)),
        status: answer.status,
        problem: answer.problem.clone(),
    };
    app.store.tried(tried).await?;
    Ok(answer)
}

/// Sends a message in the form of a hook.
pub(super) async fn send(
    app: &App,
    spec: &HookSpec,
    (mut message, masker): (Message, Option<&Masker>),
) -> Result<Answer, Error> {
    // A secret may be newer than the facts.
    facts::mask(masker, &mut message.data);
    let mut answer = match spec.kind {
        HookKind::Email => Box::pin(mail::send(app, spec, &message)).await?,
        _ => match super::dress(app, spec, &message).await? {
            Err(why) => Answer::failed(Fault::Message, why),
            Ok(dressed) => {
                let ca = app.config.extra_ca.as_deref();
                app.live.poster.post(&super::guard(app), ca, dressed).await
            }
        },
    };
    if let (Some(masker), Some(problem)) = (masker, &mut answer.problem) {
        *problem = masker.mask(problem);
    }
    Ok(answer)
}

/// 5 s · 2ⁿ and up to a fifth more, so that not everybody comes at once.
fn backoff(n: u32, longest: Duration) -> Duration {
    let pause = PAUSE.saturating_mul(2u32.saturating_pow(n.min(16)));
    let pause = pause.min(longest);
    pause + pause.mul_f64(f64::from(getrandom::u32().unwrap_or(0)) / f64::from(u32::MAX) / 5.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_are_bounded() {
        for (n, least) in [(0, 5), (1, 10), (5, 160), (10, 3600), (u32::MAX, 3600)] {
            let pause = backoff(n, LONGEST).as_secs_f64();
            let least = f64::from(least);
            assert!((least..=least * 1.2).contains(&pause), "{n}: {pause}");
        }
    }
}
