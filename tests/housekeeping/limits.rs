//! What keeping a copy of a large past costs. What a large sweep costs is measured
//! by `make bench`.

use crate::home::{Home, home};
use chrono::Utc;
use std::time::Duration;

/// Runs of 100 tasks, an hour apart.
#[expect(
    clippy::disallowed_types,
    reason = "ten thousand runs one by one would take minutes"
)]
fn history(home: &Home, runs: u64) {
    use uuid::{NoContext, Timestamp, Uuid};
    let mut database = rusqlite::Connection::open(home.data().join("runbay.db")).unwrap();
    let limits = serde_json::to_string(&runbay::domain::limits::Limits::default()).unwrap();
    let retries = serde_json::to_string(&runbay::domain::retry::Retries::default()).unwrap();
    let now = u64::try_from(Utc::now().timestamp()).unwrap();
    let all = database.transaction().unwrap();
    for number in 0..runs {
        let at = now - (runs - number) * 60;
        let id = Uuid::new_v7(Timestamp::from_unix(NoContext, at, 0));
        let id = id.simple().to_string();
        all.execute(
            "INSERT INTO runs (id, task, \"trigger\", state, outcome, params, args, limits, \
             created_at, started_at, finished_at, on_disconnect, priority, retries) \
             VALUES (?1, ?2, 'schedule', 'finished', 'succeeded', '{}', '[]', ?3, ?4, ?4, ?4, \
             'continue', 0, ?5)",
            (
                &id,
                format!("task-{:04}", number % 100),
                &limits,
                i64::try_from(at * 1_000_000).unwrap(),
                &retries,
            ),
        )
        .unwrap();
    }
    all.commit().unwrap();
}

#[test]
fn ten_thousand_runs_are_copied_in_seconds_while_runs_go_on() {
    home(|home| {
        history(home, 10_000);
        home.task(
            "one",
            "import time\nprint('up', flush=True)\ntime.sleep(600)",
        );
        home.runbay(&["run", "-d", "one"]).exits(0);
        let run = home.until_printed("one", "up");
        let file = home.path().join("large.backup");
        let said = home.runbay(&["backup", file.to_str().unwrap()]);
        said.exits(0);
        assert!(said.err.contains("10001 runs"), "{said}");
        // It takes some tenths of a second; the rest is for busy machines.
        assert!(said.took < Duration::from_secs(10), "{:?}", said.took);
        home.runbay(&["cancel", &run.id.short()]).exits(0);
        home.until("one", |run| run.outcome.is_some());
    });
}
