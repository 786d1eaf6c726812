//! Many runs at once, with few columns each. How a task does is told by the runs of
//! its own code: trials are left out.

use super::filter::id_at;
use super::row::Time;
use super::{Store, StoreError};
use crate::domain::brief::Brief;
use crate::domain::ids::TaskName;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

const COLUMNS: &str = "id, task, state, outcome, created_at, started_at, finished_at, not_before, \
    cancel_requested_at";

/// Every task that ever ran. Jumps from one name to the next in the index, for
/// there are few names and many runs.
const NAMES: &str = "\
    WITH RECURSIVE names(task) AS (
        SELECT min(task) FROM runs
        UNION ALL
        SELECT (SELECT min(task) FROM runs WHERE task > names.task) FROM names WHERE names.task IS NOT NULL
    ) SELECT task FROM names WHERE task IS NOT NULL";

impl Store {
    /// The newest runs of every task, at most `each` of one, newest first; no
    /// trials.
    pub async fn newest_of_each(&self, each: u32) -> Result<Vec<Brief>, StoreError> {
        self.read(move |db| {
            let mut names = db.prepare_cached(NAMES)?;
            let names: Vec<TaskName> = names
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let mut all = Vec::new();
            for name in names {
                all.extend(newest(db, &name, each)?);
            }
            Ok(all)
        })
        .await
    }

    /// Every run asked for since a moment, oldest first; no trials.
    pub async fn briefs_since(&self, from: DateTime<Utc>) -> Result<Vec<Brief>, StoreError> {
        self.read(move |db| {
            // An id begins with its time, which may be a little off the row's.
            let sql = format!(
                "SELECT {COLUMNS} FROM runs WHERE id >= ?1 AND created_at >= ?2 AND NOT trial ORDER BY id"
            );
            let mut find = db.prepare_cached(&sql)?;
            let found = find.query_map(params![id_at(from, -1000), Time(from)], brief)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn newest(db: &Connection, task: &TaskName, limit: u32) -> Result<Vec<Brief>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM runs WHERE task = ?1 AND NOT trial ORDER BY id DESC LIMIT ?2"
    );
    let mut find = db.prepare_cached(&sql)?;
    let found = find.query_map(params![task, limit], brief)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn brief(row: &Row<'_>) -> rusqlite::Result<Brief> {
    let time = |name: &str| -> rusqlite::Result<Option<DateTime<Utc>>> {
        Ok(row.get::<_, Option<Time>>(name)?.map(|time| time.0))
    };
    Ok(Brief {
        id: row.get("id")?,
        task: row.get("task")?,
        state: row.get("state")?,
        outcome: row.get("outcome")?,
        created_at: row.get::<_, Time>("created_at")?.0,
        started_at: time("started_at")?,
        finished_at: time("finished_at")?,
        not_before: time("not_before")?,
        cancel_requested_at: time("cancel_requested_at")?,
    })
}
