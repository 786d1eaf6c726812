//! Deliveries: which are to be sent now, and what became of them.

use super::hooks::{health, tell};
use super::row::{Count, Json, Time};
use super::{Store, StoreError};
use crate::domain::hook::{Delivery, DeliveryState, DeliveryTries, Try};
use crate::domain::ids::TaskName;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, params, types::Type};

const COLUMNS: &str = "seq, id, lane, event, at, since, run, data, delivery, tries, refusals, next_at, tried_at, status, problem";

/// How many tries of a delivery are kept.
const KEPT_TRIES: u32 = 50;

/// What became of a try.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// The hook.
    pub hook: i64,
    /// The delivery.
    pub seq: i64,
    /// How it stands now.
    pub state: DeliveryState,
    /// Whether the receiver was there and did not take it.
    pub refused: bool,
    /// Whether the receiver was not there, or not well.
    pub unwell: bool,
    /// When it is tried again, if it is.
    pub next_at: DateTime<Utc>,
    /// What happened.
    pub how: Try,
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let lane: String = row.get("lane")?;
    let task = match lane.as_str() {
        "" => None,
        name => Some(name.parse::<TaskName>().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(2, Type::Text, Box::new(error))
        })?),
    };
    Ok(Delivery {
        seq: row.get("seq")?,
        id: row.get("id")?,
        event: row.get("event")?,
        at: row.get::<_, Time>("at")?.0,
        since: row.get::<_, Time>("since")?.0,
        task,
        run: row.get("run")?,
        data: row.get::<_, Json<_>>("data")?.0,
        state: row.get("delivery")?,
        tries: row.get("tries")?,
        refusals: row.get("refusals")?,
        next_at: row.get::<_, Time>("next_at")?.0,
        tried_at: row.get::<_, Option<Time>>("tried_at")?.map(|at| at.0),
        status: row.get("status")?,
        problem: row.get("problem")?,
    })
}

impl Store {
    /// The first waiting delivery of each lane of a hook, as far as their time
    /// has come; the longest due first.
    pub async fn due_deliveries(
        &self,
        hook: i64,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |db| {
            // From lane to lane by the index: however many wait in one, it is one step.
            let find = format!(
                "WITH RECURSIVE lanes(lane) AS ( \
                   SELECT min(lane) FROM deliveries WHERE hook = ?1 AND delivery = 'waiting' \
                   UNION ALL \
                   SELECT (SELECT min(lane) FROM deliveries \
                           WHERE hook = ?1 AND delivery = 'waiting' AND lane > lanes.lane) \
                   FROM lanes WHERE lanes.lane IS NOT NULL) \
                 SELECT {COLUMNS} FROM deliveries WHERE seq IN ( \
                   SELECT (SELECT min(seq) FROM deliveries \
                           WHERE hook = ?1 AND delivery = 'waiting' AND lane = lanes.lane) \
                   FROM lanes WHERE lane IS NOT NULL) \
                 AND next_at <= ?2 ORDER BY next_at, seq LIMIT ?3"
            );
            let mut find = db.prepare_cached(&find)?;
            let found = find.query_map(params![hook, Time(now), limit], delivery)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Notes what became of a try, and what it says of the receiver: how many
    /// tries in a row failed because of it. When it is well again, whatever waits
    /// may be sent at once.
    pub async fn tried(&self, tried: Tried) -> Result<u32, StoreError> {
        self.write(move |db| {
            let how = &tried.how;
            db.prepare_cached(
                "UPDATE deliveries SET delivery = ?2, tries = tries + 1, refusals = refusals + ?3, \
                 next_at = ?4, tried_at = ?5, status = ?6, problem = ?7 WHERE seq = ?1",
            )?
            .execute(params![
                tried.seq,
                tried.state,
                i64::from(tried.refused),
                Time(tried.next_at),
                Time(how.at),
                how.status,
                how.problem
            ])?;
            // One that was removed meanwhile has no past.
            db.prepare_cached(
                "INSERT INTO delivery_tries (delivery, at, took_ms, status, problem, answer) \
                 SELECT seq, ?2, ?3, ?4, ?5, ?6 FROM deliveries WHERE seq = ?1",
            )?
            .execute(params![
                tried.seq,
                Time(how.at),
                Count(how.took_ms),
                how.status,
                how.problem,
                how.answer
            ])?;
            db.prepare_cached(
                "DELETE FROM delivery_tries WHERE delivery = ?1 AND seq <= (SELECT seq \
                 FROM delivery_tries WHERE delivery = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute(params![tried.seq, KEPT_TRIES])?;
            let failures = health(db, tried.hook, tried.unwell)?;
            let find = "SELECT id FROM deliveries WHERE seq = ?1";
            let id: Option<String> = db
                .prepare_cached(find)?
                .query_row([tried.seq], |row| row.get(0))
                .optional()?;
            if let Some(id) = id {
                let kind = format!("hook.{}", tried.state);
                tell(db, tried.hook, &kind, Some(&id))?;
            }
            Ok(failures)
        })
        .await
    }

    /// A delivery of a hook with its tries, if there is one.
    pub async fn delivery(&self, hook: i64, id: &str) -> Result<Option<DeliveryTries>, StoreError> {
        let id = id.to_owned();
        self.read(move |db| {
            let find = format!("SELECT {COLUMNS} FROM deliveries WHERE hook = ?1 AND id = ?2");
            let found = db
                .prepare_cached(&find)?
                .query_row(params![hook, id], delivery)
                .optional()?;
            let Some(delivery) = found else {
                return Ok(None);
            };
            let find = "SELECT at, took_ms, status, problem, answer FROM delivery_tries \
                        WHERE delivery = ?1 ORDER BY seq DESC";
            let mut find = db.prepare_cached(find)?;
            let tries = find.query_map([delivery.seq], |row| {
                Ok(Try {
                    at: row.get::<_, Time>("at")?.0,
                    took_ms: row.get::<_, Count>("took_ms")?.0,
                    status: row.get("status")?,
                    problem: row.get("problem")?,
                    answer: row.get("answer")?,
                })
            })?;
            let history = tries.collect::<Result<_, _>>()?;
            Ok(Some(DeliveryTries { delivery, history }))
        })
        .await
    }

    /// Deliveries of a hook, newest first: in one state, before a place.
    pub async fn deliveries(
        &self,
        hook: i64,
        (state, before): (Option<DeliveryState>, Option<i64>),
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.read(move |db| {
            let find = format!(
                "SELECT {COLUMNS} FROM deliveries WHERE hook = ?1 \
                 AND (?2 IS NULL OR delivery = ?2) AND seq < ?3 ORDER BY seq DESC LIMIT ?4"
            );
            let mut find = db.prepare_cached(&find)?;
            let before = before.unwrap_or(i64::MAX);
            let found = find.query_map(params![hook, state, before, limit], delivery)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Has deliveries of a hook sent again: one, or all that are not tried any
    /// more; how many. One that is known to have arrived may be sent again too.
    pub async fn redeliver(
        &self,
        hook: i64,
        which: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        self.write(move |db| {
            let wanted = match which {
                Some(_) => "id = ?3",
                None => "delivery = 'dead' AND ?3 IS NULL",
            };
            let again = format!(
                "UPDATE deliveries SET delivery = 'waiting', refusals = 0, next_at = ?2, since = ?2 \
                 WHERE hook = ?1 AND {wanted}"
            );
            let found = db
                .prepare_cached(&again)?
                .execute(params![hook, Time(now), which])?;
            if found > 0 {
                tell(db, hook, "hook.waiting", which.as_deref())?;
            }
            Ok(found)
        })
        .await
    }

    /// Forgets deliveries of an earlier time that do not wait; some thousands at
    /// most, and `true` when there may be more.
    pub async fn forget_deliveries(&self, before: DateTime<Utc>) -> Result<bool, StoreError> {
        self.write(move |db| {
            let gone = db
                .prepare_cached(
                    "DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries \
                     WHERE delivery <> 'waiting' AND at < ?1 ORDER BY seq LIMIT 2000)",
                )?
                .execute([Time(before)])?;
            Ok(gone >= 2000)
        })
        .await
    }
}
