//! Runs and versions that are too old or too many. What that means is said in
//! `service::prune`; here is only how it is asked of the database.

use super::row::{Count, Json, Time};
use super::{Store, StoreError};
use crate::domain::ids::{Digest, RunId, TaskName};
use chrono::{DateTime, Utc};
use rusqlite::{named_params, params};
use std::collections::{HashMap, HashSet};

/// Which runs may go.
#[derive(Debug, Clone, Copy)]
pub struct RunRule {
    /// So many of the newest of each task stay, however old.
    pub least: u32,
    /// More than so many of a task do not stay, however new.
    pub most: u32,
    /// Those asked for before this are old.
    pub before: DateTime<Utc>,
    /// Those that ended later stay: somebody may still be at them.
    pub settled: DateTime<Utc>,
}

/// A run that may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surplus {
    /// Which.
    pub run: RunId,
    /// Of which task.
    pub task: TaskName,
    /// Whether there are too many; else it is old.
    pub too_many: bool,
}

/// A version of code that may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurplusVersion {
    /// Of which task.
    pub task: TaskName,
    /// Which.
    pub digest: Digest,
}

/// Places are counted from the newest run of a task, and again from its newest
/// success: the first of those stays, for it is what a failure is compared with. A
/// run that is pinned stays, and is counted like any other.
const RUNS: &str = "\
    SELECT id, task, place > :most AS too_many FROM (
        SELECT id, task, created_at, finished_at, outcome, pinned,
            row_number() OVER (PARTITION BY task ORDER BY id DESC) AS place,
            row_number() OVER (PARTITION BY task, outcome ORDER BY id DESC) AS of_outcome
        FROM runs WHERE state = 'finished'
    )
    WHERE finished_at < :settled AND NOT pinned
        AND NOT (outcome = 'succeeded' AND of_outcome = 1)
        AND (place > :most OR (place > :least AND created_at < :before))
    ORDER BY id LIMIT :limit";

/// Places are counted from the newest version of a task. What a run ran stays as
/// long as the run.
const VERSIONS: &str = "\
    SELECT task, digest FROM (
        SELECT task, digest, created_at,
            row_number() OVER (PARTITION BY task ORDER BY created_at DESC, rowid DESC) AS place
        FROM versions
    )
    WHERE place > :most AND created_at < :settled
        AND digest NOT IN (SELECT version FROM runs WHERE version IS NOT NULL)
    ORDER BY task, digest LIMIT :limit";

impl Store {
    /// Runs that may go, the oldest first. Reads every run.
    pub async fn surplus_runs(
        &self,
        rule: RunRule,
        limit: u32,
    ) -> Result<Vec<Surplus>, StoreError> {
        self.read(move |db| {
            let values = named_params! {
                ":least": rule.least, ":most": rule.most, ":before": Time(rule.before),
                ":settled": Time(rule.settled), ":limit": limit,
            };
            let mut find = db.prepare_cached(RUNS)?;
            let found = find.query_map(values, |row| {
                Ok(Surplus {
                    run: row.get(0)?,
                    task: row.get(1)?,
                    too_many: row.get(2)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Of these runs those that are known, with whether they ended before an
    /// instant.
    pub async fn ended_before(
        &self,
        runs: Vec<RunId>,
        settled: DateTime<Utc>,
    ) -> Result<Vec<(RunId, bool)>, StoreError> {
        self.read(move |db| {
            let mut find = db.prepare_cached(
                "SELECT id, coalesce(finished_at < ?2, 0) FROM runs \
                 WHERE id IN (SELECT value FROM json_each(?1))",
            )?;
            let found = find.query_map(params![ids(&runs), Time(settled)], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Of these runs those that are pinned.
    pub async fn pinned_among(&self, runs: Vec<RunId>) -> Result<HashSet<RunId>, StoreError> {
        self.read(move |db| {
            let mut find = db.prepare_cached(
                "SELECT id FROM runs WHERE pinned = 1 \
                 AND id IN (SELECT value FROM json_each(?1))",
            )?;
            let found = find.query_map([ids(&runs)], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Forgets runs that are over and not pinned, with all that belongs to them; how
    /// many.
    pub async fn forget_runs(&self, runs: Vec<RunId>) -> Result<u64, StoreError> {
        self.write(move |db| {
            let gone = db
                .prepare_cached(
                    "DELETE FROM runs WHERE state = 'finished' AND NOT pinned \
                     AND id IN (SELECT value FROM json_each(?1))",
                )?
                .execute([ids(&runs)])?;
            Ok(gone as u64)
        })
        .await
    }

    /// Forgets which files were kept of runs.
    pub async fn forget_artifacts(&self, runs: Vec<RunId>) -> Result<(), StoreError> {
        self.write(move |db| {
            let forget = "DELETE FROM artifacts WHERE run IN (SELECT value FROM json_each(?1))";
            db.prepare_cached(forget)?.execute([ids(&runs)])?;
            Ok(())
        })
        .await
    }

    /// Versions that may go: beyond the newest `most` of their task, older than
    /// `settled`, and of no run.
    pub async fn surplus_versions(
        &self,
        most: u32,
        settled: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<SurplusVersion>, StoreError> {
        self.read(move |db| {
            let values = named_params! {":most": most, ":settled": Time(settled), ":limit": limit};
            let mut find = db.prepare_cached(VERSIONS)?;
            let found = find.query_map(values, |row| {
                Ok(SurplusVersion {
                    task: row.get(0)?,
                    digest: row.get(1)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Of these versions of tasks those that nothing else refers to: no other
    /// task has them and no run ran them.
    pub async fn sole_versions(
        &self,
        of: Vec<SurplusVersion>,
    ) -> Result<HashSet<Digest>, StoreError> {
        self.read(move |db| {
            let mut others =
                db.prepare_cached("SELECT count(*) FROM versions WHERE digest = ?1")?;
            let runs: HashSet<Digest> = db
                .prepare_cached("SELECT DISTINCT version FROM runs WHERE version IS NOT NULL")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let mut going: HashMap<Digest, u64> = HashMap::new();
            for one in of {
                *going.entry(one.digest).or_default() += 1;
            }
            let mut sole = HashSet::new();
            for (digest, tasks) in going {
                let all: Count = others.query_row([&digest], |row| row.get(0))?;
                if all.0 <= tasks && !runs.contains(&digest) {
                    sole.insert(digest);
                }
            }
            Ok(sole)
        })
        .await
    }

    /// Forgets that tasks had these versions, but for those that runs ran.
    pub async fn forget_versions(&self, gone: Vec<SurplusVersion>) -> Result<(), StoreError> {
        self.write(move |db| {
            let pairs = gone.iter().map(|one| (one.task.to_string(), &one.digest.0));
            let pairs: Vec<_> = pairs.collect();
            db.prepare_cached(
                "DELETE FROM versions WHERE (task, digest) IN \
                    (SELECT value ->> 0, value ->> 1 FROM json_each(?1)) \
                 AND digest NOT IN (SELECT version FROM runs WHERE version IS NOT NULL)",
            )?
            .execute([Json(pairs)])?;
            Ok(())
        })
        .await
    }
}

fn ids(runs: &[RunId]) -> Json<Vec<String>> {
    Json(runs.iter().map(ToString::to_string).collect())
}
