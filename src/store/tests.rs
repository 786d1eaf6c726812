//! Tests against a real file; each has its own in a temporary folder.

mod access;
mod file;
mod model;
mod outbox;
mod plans;
mod queue;
mod records;
mod schedules;
mod surplus;

use super::*;
use crate::domain::ids::{AttemptId, Digest, RunId};
use crate::domain::limits::Limits;
use crate::domain::measure::Measurements;
use crate::domain::retry::Overlap;
use crate::domain::run::{Attempt, Ended, OnDisconnect, Outcome, Run, RunState, Trigger};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::types::ValueRef;
use std::fmt::Write as _;
use tempfile::TempDir;

/// A store in a folder that is removed with it.
fn scratch() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("data/runbay.db")).unwrap();
    (folder, store)
}

/// A time with no more than microseconds, which is what the store keeps.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 123_456_000).unwrap() + TimeDelta::seconds(seconds)
}

fn new_run(task: &str) -> Run {
    let params = [("day".to_owned(), serde_json::json!("2026-01-31"))].into();
    Run {
        args: vec!["--fast".into(), "ünï".into()],
        ..Run::new(task.parse().unwrap(), params, Limits::default(), at(0))
    }
}

/// Lets every run in.
const OPEN: Rules = Rules {
    claim: false,
    overlap: Overlap::Allow,
    key: None,
    queue_limit: u32::MAX,
    task_limit: u32::MAX,
    slot: None,
    given: Vec::new(),
    payload: None,
};

impl Store {
    async fn insert_run(&self, run: &Run) -> Result<(), StoreError> {
        assert_eq!(self.admit(run, &OPEN).await?, Admission::Queued);
        Ok(())
    }
}

fn new_attempt(run: RunId, number: u32) -> Attempt {
    Attempt {
        id: AttemptId { run, number },
        container_name: format!("runbay-test-{run}-{number}"),
        container_id: None,
        nonce: "nonce".into(),
        deadline: Some(at(3600)),
        intent: None,
        outcome: None,
        exit_code: None,
        reason: None,
        measurements: Measurements::default(),
        created_at: at(1),
        started_at: None,
        finished_at: None,
    }
}

async fn saved(store: &Store, task: &str) -> Run {
    let run = new_run(task);
    store.insert_run(&run).await.unwrap();
    run
}

async fn end(store: &Store, which: impl Into<Ending>, outcome: Outcome) -> bool {
    let ended = Ended::because(outcome, "because");
    store
        .finish(which, &ended, &Measurements::default(), &[], at(60))
        .await
        .unwrap()
}

/// All that the database holds, in a fixed order, with ids that are made up
/// fresh every time told apart but not spelled out.
async fn dump(store: &Store) -> String {
    let rows = |db: &Connection, table: &str, text: &mut String| {
        let mut all = db.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))?;
        let columns: Vec<String> = all.column_names().map(str::to_owned).collect();
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            writeln!(text, "{table}").unwrap();
            for (index, column) in columns.iter().enumerate() {
                match row.get_ref(index)? {
                    ValueRef::Null => Ok(()),
                    ValueRef::Text(value) => {
                        writeln!(text, "  {column}: {}", String::from_utf8_lossy(value))
                    }
                    value => writeln!(text, "  {column}: {:?}", value),
                }
                .unwrap();
            }
        }
        Ok::<_, StoreError>(())
    };
    let text = store.read(move |db| {
        let mut text = String::new();
        let names = "SELECT name FROM sqlite_schema WHERE type = 'table' \
            AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'refinery_%' ORDER BY name";
        let tables: Vec<String> = db
            .prepare(names)?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for table in tables.iter().filter(|table| *table != "instance") {
            rows(db, table, &mut text)?;
        }
        Ok(text)
    });
    let text = text.await.unwrap();
    // Times that are nobody's argument are those of this machine.
    let time = regex::Regex::new(r"Integer\((\d{16})\)").unwrap();
    let tests = at(0).timestamp_micros()..at(1_000_000).timestamp_micros();
    let known = |found: &regex::Captures<'_>| match tests.contains(&found[1].parse().unwrap()) {
        true => found[0].to_owned(),
        false => "<now>".to_owned(),
    };
    let mut text = time.replace_all(&text, known).into_owned();
    let id = regex::Regex::new("[0-9a-f]{32}").unwrap();
    let mut seen = Vec::new();
    while let Some(found) = id.find(&text).map(|found| found.as_str().to_owned()) {
        let tail: String = found.chars().rev().take(8).collect();
        seen.push(());
        text = text.replace(&found, &format!("<id {}>", seen.len()));
        text = text.replace(&tail, &format!("<tail {}>", seen.len()));
    }
    text
}

#[tokio::test]
async fn the_whole_story_of_a_run() {
    let (_folder, store) = scratch();
    store.task_number(&"report".parse().unwrap()).await.unwrap();
    let run = saved(&store, "report").await;
    assert_eq!(store.run(run.id).await.unwrap(), run);
    assert!(store.advance(run.id, RunState::Building).await.unwrap());
    assert!(store.advance(run.id, RunState::Starting).await.unwrap());
    let attempt = new_attempt(run.id, 1);
    store.insert_attempt(&attempt).await.unwrap();
    assert_eq!(store.attempt(attempt.id).await.unwrap(), attempt);
    let container = crate::domain::ids::ContainerId("c0ffee".into());
    store.set_container(attempt.id, &container).await.unwrap();
    assert!(
        store
            .set_attempt_started(attempt.id, at(2), &Measurements::default())
            .await
            .unwrap()
    );
    assert!(store.request_cancel(run.id, at(3)).await.unwrap());
    assert!(store.cancel_requested(run.id).await.unwrap());
    assert!(
        store
            .set_intent(attempt.id, Outcome::Cancelled)
            .await
            .unwrap()
    );
    assert!(store.advance(run.id, RunState::Stopping).await.unwrap());
    let ended = Ended {
        outcome: Outcome::Cancelled,
        exit_code: Some(143),
        reason: Some("you asked".into()),
        result: Some(serde_json::json!({ "rows": 3 })),
    };
    let measurements = Measurements {
        run_ms: Some(12.5),
        peak_memory_bytes: Some(1 << 40),
        ..Measurements::default()
    };
    let artifact = crate::domain::run::Artifact {
        path: "plots/a.png".into(),
        bytes: 4096,
        digest: Digest("d1".into()),
    };
    let kept = [artifact];
    let done = store.finish(attempt.id, &ended, &measurements, &kept, at(4));
    assert!(done.await.unwrap());
    assert_eq!(store.artifacts(run.id).await.unwrap(), kept);
    insta::assert_snapshot!(dump(&store).await);
}
