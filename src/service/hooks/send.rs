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
use crate::domain::hook::{Delivery, DeliveryState, Hook, HookKind, HookSpec, Try};
use crate::domain::ids::TaskName;
use crate::logs::Masker;
use crate::store::Tried;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Deliveries that are sent at once to one hook, each of another lane.
const AT_ONCE: usize = 8;
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

/// A hook and a lane of it: of these one delivery is on its way at most.
type Lane = (i64, Option<TaskName>);

/// Deliveries on their way, beside each other: a receiver that takes its time
/// holds up nothing but what is to follow in the same lane.
#[derive(Default)]
pub struct Sending {
    lanes: HashSet<Lane>,
    tries: FuturesUnordered<BoxFuture<'static, (Lane, Result<(), Error>)>>,
}

impl Sending {
    /// Sends what is due and may be sent beside what is on its way already.
    ///
    /// # Errors
    /// When the database or a secret cannot be read.
    pub async fn begin(&mut self, app: &App, now: DateTime<Utc>) -> Result<(), Error> {
        let mut masker = None;
        for hook in app.store.hooks().await? {
            let rests = hook.resting_until.is_some_and(|until| until > now);
            let busy = self.lanes.iter().filter(|lane| lane.0 == hook.id).count();
            let most = match hook.failures >= PATIENCE {
                true => 1,
                false => AT_ONCE,
            };
            if !hook.spec.enabled || hook.waiting == 0 || rests || busy >= most {
                continue;
            }
            // The lanes that are busy may be the first of these.
            let due = app.store.due_deliveries(hook.id, now, AT_ONCE + busy);
            let mut due = due.await?;
            due.retain(|one| !self.lanes.contains(&(hook.id, one.task.clone())));
            due.truncate(most - busy);
            if due.is_empty() {
                continue;
            }
            let masker = match &masker {
                Some(known) => Arc::clone(known),
                None => Arc::clone(masker.insert(Arc::new(secrets::masker(app).await?))),
            };
            let hook = Arc::new(hook);
            for delivery in due {
                let lane = (hook.id, delivery.task.clone());
                self.lanes.insert(lane.clone());
                let (app, hook, masker) = (app.clone(), Arc::clone(&hook), Arc::clone(&masker));
                self.tries.push(Box::pin(async move {
                    let tried = one(&app, (&hook, (*masker).as_ref()), (&delivery, now)).await;
                    (lane, tried)
                }));
            }
        }
        Ok(())
    }

    /// Waits until one has arrived, or has not; none when none is on its way.
    ///
    /// # Errors
    /// When what became of it cannot be noted, or a secret cannot be read.
    pub async fn ended(&mut self) -> Option<Result<(), Error>> {
        let (lane, tried) = self.tries.next().await?;
        self.lanes.remove(&lane);
        Some(tried)
    }
}

/// Sends what is due, and waits for it; `true` when there was something.
#[cfg(test)]
pub(crate) async fn send_due(app: &App, now: DateTime<Utc>) -> Result<bool, Error> {
    let (mut sending, mut any) = (Sending::default(), false);
    sending.begin(app, now).await?;
    while let Some(tried) = sending.ended().await {
        tried?;
        any = true;
    }
    Ok(any)
}

/// One try of one delivery, and what it says of the receiver.
async fn one(
    app: &App,
    (hook, masker): (&Hook, Option<&Masker>),
    (delivery, now): (&Delivery, DateTime<Utc>),
) -> Result<(), Error> {
    let message = Message {
        id: delivery.id.clone(),
        event: delivery.event,
        at: delivery.at,
        data: delivery.data.clone(),
    };
    let begun = Instant::now();
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
        hook: hook.id,
        seq: delivery.seq,
        state,
        refused,
        unwell: answer.fault == Fault::Receiver,
        next_at: now + pause.max(backoff(delivery.tries, LONGEST)),
        how: Try {
            at: now,
            took_ms: begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
            status: answer.status,
            problem: answer.problem,
            answer: answer.said,
        },
    };
    let failures = app.store.tried(tried).await?;
    let mut rest = answer.retry_after;
    if failures >= PATIENCE {
        rest = rest.max(Some(backoff(failures - PATIENCE + 2, LONGEST_REST)));
    }
    if let Some(rest) = rest {
        app.store.rest_hook(hook.id, now + rest).await?;
    }
    Ok(())
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
    if let Some(masker) = masker {
        for text in [&mut answer.problem, &mut answer.said]
            .into_iter()
            .flatten()
        {
            *text = masker.mask(text);
        }
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
