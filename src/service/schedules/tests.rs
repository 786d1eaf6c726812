//! Slots against a real database and a clock that is a number.

mod missed;

use super::*;
use crate::config::{Config, Overrides};
use crate::domain::run::{Outcome, Trigger};
use crate::domain::schedule::{Cause, Decision, LedgerEntry};
use crate::store::LedgerFilter;
use chrono::TimeDelta;
use serde_json::json;
use std::fs;
use std::time::{Duration, Instant};
use tempfile::TempDir;

struct Place {
    home: TempDir,
    app: App,
}

impl Place {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("tasks")).unwrap();
        let flags = Overrides {
            home: Some(home.path().to_owned()),
            ..Overrides::default()
        };
        let app = App::open(Config::load(&flags).unwrap()).unwrap();
        Self { home, app }
    }

    fn task(&self, name: &str, manifest: &str) {
        let folder = self.home.path().join("tasks").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("main.py"), "print(1)\n").unwrap();
        fs::write(folder.join("task.toml"), manifest).unwrap();
    }

    async fn sync(&self, now: DateTime<Utc>) -> usize {
        sync(&self.app, now).await.unwrap()
    }

    async fn claim(&self, now: DateTime<Utc>) -> usize {
        claim(&self.app, now).await.unwrap().len()
    }

    async fn lines(&self) -> Vec<LedgerEntry> {
        let mut lines = ledger(&self.app, &LedgerFilter::default()).await.unwrap();
        lines.reverse();
        lines
    }

    /// The ledger, oldest first: what, why, and how many.
    async fn told(&self) -> Vec<(Decision, Option<Cause>, u64)> {
        let lines = self.lines().await;
        lines
            .iter()
            .map(|line| (line.decision, line.cause, line.count))
            .collect()
    }

    async fn next(&self, key: &str) -> Option<DateTime<Utc>> {
        find(&self.app, &name("job"), key).await.unwrap().next_slot
    }

    /// Ends all runs, so that none is in the way of the next.
    async fn finish(&self) {
        for run in self.app.store.active_runs().await.unwrap() {
            let ended = crate::domain::run::Ended::because(Outcome::Succeeded, "");
            let measured = crate::domain::measure::Measurements::default();
            self.app
                .store
                .finish(run.id, &ended, &measured, &[], Utc::now())
                .await
                .unwrap();
        }
    }
}

fn name(text: &str) -> TaskName {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

const RAN: (Decision, Option<Cause>, u64) = (Decision::Ran, None, 1);

fn missed(cause: Cause, count: u64) -> (Decision, Option<Cause>, u64) {
    (Decision::Missed, Some(cause), count)
}

#[tokio::test]
async fn a_slot_makes_one_run_with_what_the_schedule_says() {
    let place = Place::new();
    place.task("job", "[params.region]\n[[schedules]]\nname = 'nightly'\nwhen = '02:30'\nparams = { region = 'eu' }\n");
    assert_eq!(place.sync(at("2026-11-21T00:00:00Z")).await, 1);
    assert_eq!(
        place.sync(at("2026-11-21T00:00:01Z")).await,
        0,
        "nothing has changed"
    );
    assert_eq!(place.claim(at("2026-11-21T02:29:59Z")).await, 0);
    let now = at("2026-11-21T02:30:00.040Z");
    assert_eq!(place.claim(now).await, 1);
    assert_eq!(place.claim(now).await, 0);
    let run = place.app.store.active_runs().await.unwrap().remove(0);
    assert_eq!(run.trigger, Trigger::Schedule);
    assert_eq!(run.schedule.as_deref(), Some("nightly"));
    assert_eq!(run.scheduled_at, Some(at("2026-11-21T02:30:00Z")));
    assert_eq!(run.params["region"], json!("eu"));
    assert_eq!(run.by.as_deref(), Some("schedule:nightly"));
    let line = place.lines().await.remove(0);
    assert_eq!((line.run, line.late_ms), (Some(run.id), Some(40)));
    assert_eq!(
        place.next("nightly").await,
        Some(at("2026-11-22T02:30:00Z"))
    );
}

#[tokio::test]
async fn a_list_shows_of_each_schedule_what_became_of_it_last() {
    let place = Place::new();
    place.task(
        "job",
        "[[schedules]]\nname = 'a'\nwhen = '01:00'\n[[schedules]]\nname = 'b'\nwhen = '02:00'\n[[schedules]]\nname = 'c'\nwhen = '03:00'\n",
    );
    place.sync(at("2026-11-21T00:00:00Z")).await;
    for hour in [
        "2026-11-21T01:00:00Z",
        "2026-11-21T02:00:00Z",
        "2026-11-22T01:00:00Z",
    ] {
        place.claim(at(hour)).await;
        place.finish().await;
    }
    let listed = list(&place.app, None).await.unwrap();
    let last = listed
        .iter()
        .map(|view| (&*view.key, view.last.as_ref().map(|line| line.slot)));
    assert_eq!(
        last.collect::<Vec<_>>(),
        [
            ("a", Some(at("2026-11-22T01:00:00Z"))),
            ("b", Some(at("2026-11-21T02:00:00Z"))),
            ("c", Some(at("2026-11-21T03:00:00Z"))),
        ]
    );
    assert!(
        list(&place.app, Some(&name("other")))
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_overlaps_is_skipped_and_what_is_paused_too() {
    let place = Place::new();
    place.task("job", "[[schedules]]\nwhen = '* * * * *'\n");
    let start = at("2026-11-21T00:00:30Z");
    let minute = |n| start + TimeDelta::minutes(n);
    place.sync(start).await;
    assert_eq!(place.claim(minute(1)).await, 1);
    assert_eq!(place.claim(minute(2)).await, 0);
    assert_eq!(place.claim(minute(3)).await, 0);
    place.finish().await;
    let this = (&name("job"), "* * * * *");
    assert!(pause(&place.app, this, Some(minute(3))).await.unwrap());
    for n in 4..8 {
        assert_eq!(place.claim(minute(n)).await, 0);
    }
    assert!(pause(&place.app, this, None).await.unwrap());
    assert_eq!(place.claim(minute(8)).await, 1);
    place.finish().await;
    pause_all(&place.app, Some(minute(8))).await.unwrap();
    assert_eq!(place.claim(minute(30)).await, 0);
    pause_all(&place.app, None).await.unwrap();
    let skipped = |cause, count| (Decision::Skipped, Some(cause), count);
    assert_eq!(
        place.told().await,
        [
            RAN,
            skipped(Cause::Overlap, 2),
            skipped(Cause::Paused, 4),
            RAN,
            skipped(Cause::Paused, 22)
        ]
    );
}

#[tokio::test]
async fn a_task_that_cannot_run_has_its_slots_skipped_with_the_reason() {
    let place = Place::new();
    place.task("job", "[[schedules]]\nwhen = '06:00'\n");
    place.sync(at("2026-11-21T00:00:00Z")).await;
    place.task("job", "enabled = false\n[[schedules]]\nwhen = '06:00'\n");
    place.sync(at("2026-11-21T01:00:00Z")).await;
    assert_eq!(place.claim(at("2026-11-21T06:00:00Z")).await, 0);
    // A manifest that cannot be read keeps the last good schedules.
    place.task("job", "[[schedules]\nwhen = '06:00'\n");
    assert_eq!(place.sync(at("2026-11-21T07:00:00Z")).await, 1);
    assert_eq!(place.sync(at("2026-11-21T07:00:01Z")).await, 0);
    let view = list(&place.app, None).await.unwrap().remove(0);
    assert!(
        view.problem.unwrap().contains("task.toml:1"),
        "the place is named"
    );
    assert_eq!(place.claim(at("2026-11-22T06:00:00Z")).await, 0);
    let lines = place.lines().await;
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.cause == Some(Cause::Unfit)));
    assert!(lines[0].detail.as_ref().unwrap().contains("is disabled"));
    assert!(
        lines[1].detail.as_ref().unwrap().contains("not TOML"),
        "{:?}",
        lines[1].detail
    );
    place.task("job", "[[schedules]]\nwhen = '06:00'\n");
    place.sync(at("2026-11-22T07:00:00Z")).await;
    assert_eq!(place.claim(at("2026-11-23T06:00:00Z")).await, 1);
}

#[tokio::test]
async fn edits_take_effect_at_once_and_leave_no_slot_unaccounted_for() {
    let place = Place::new();
    place.task("job", "[[schedules]]\nname = 'a'\nwhen = '@every 10m'\n");
    let start = at("2026-11-21T00:00:01Z");
    place.sync(start).await;
    // The same slots: the next one stays, due or not.
    place.task(
        "job",
        "[[schedules]]\nname = 'a'\nwhen = '@every 600s'\ncatch_up = 'all'\n",
    );
    assert_eq!(place.sync(start + TimeDelta::minutes(35)).await, 1);
    assert_eq!(place.next("a").await, Some(at("2026-11-21T00:10:00Z")));
    // Others: what was due by the old rule is told of, the new one begins now.
    place.task("job", "[[schedules]]\nname = 'a'\nwhen = '12:00'\n");
    place.sync(start + TimeDelta::minutes(35)).await;
    assert_eq!(place.told().await, [missed(Cause::Changed, 3)]);
    assert_eq!(place.next("a").await, Some(at("2026-11-21T12:00:00Z")));
    // Gone, and back after its time.
    place.task("job", "");
    place.sync(at("2026-11-21T12:00:05Z")).await;
    assert_eq!(place.told().await, [missed(Cause::Changed, 4)]);
    assert!(list(&place.app, None).await.unwrap().is_empty());
    place.task(
        "job",
        "[[schedules]]\nname = 'a'\nwhen = '12:00'\nenabled = false\n",
    );
    place.sync(at("2026-11-21T11:59:00Z")).await;
    assert_eq!(place.next("a").await, None, "it rests");
    place.task("job", "[[schedules]]\nname = 'a'\nwhen = '12:00'\n");
    place.sync(at("2026-11-21T11:59:01Z")).await;
    assert_eq!(
        place.next("a").await,
        Some(at("2026-11-22T12:00:00Z")),
        "that noon is decided"
    );
    fs::remove_dir_all(place.home.path().join("tasks/job")).unwrap();
    assert_eq!(place.sync(at("2026-11-21T13:00:00Z")).await, 1);
    assert!(list(&place.app, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_jitter_delays_the_run_and_not_the_slot() {
    let place = Place::new();
    place.task("job", "[[schedules]]\nwhen = '06:00'\njitter = '30m'\n");
    place.sync(at("2026-11-21T00:00:00Z")).await;
    let row = find(&place.app, &name("job"), "0 6 * * *").await.unwrap();
    let due = row.next_at.unwrap();
    assert!(due > at("2026-11-21T06:00:00Z") && due <= at("2026-11-21T06:30:00Z"));
    assert_eq!(place.claim(due - TimeDelta::milliseconds(1)).await, 0);
    assert_eq!(place.claim(due + TimeDelta::milliseconds(7)).await, 1);
    let line = place.lines().await.remove(0);
    assert_eq!(
        (line.slot, line.late_ms),
        (at("2026-11-21T06:00:00Z"), Some(7))
    );
}

#[tokio::test]
async fn a_calendar_that_is_missing_stops_only_its_schedule() {
    let place = Place::new();
    place.task("job", "[[schedules]]\nname = 'a'\nwhen = '06:00'\nexclude = ['holidays']\n[[schedules]]\nname = 'b'\nwhen = '06:00'\n");
    place.sync(at("2026-12-24T12:00:00Z")).await;
    let views = list(&place.app, None).await.unwrap();
    assert!(
        views[0]
            .problem
            .as_ref()
            .unwrap()
            .contains("there is no calendar “holidays”")
    );
    assert!(views[1].problem.is_none());
    let calendars = place.home.path().join("calendars");
    fs::create_dir(&calendars).unwrap();
    let mut seen = Seen::default();
    assert_eq!(seen.look(&place.app), Looked::All);
    assert_eq!(seen.look(&place.app), Looked::Tasks(vec![]));
    fs::write(calendars.join("holidays.txt"), "2026-12-25\n").unwrap();
    assert_eq!(seen.look(&place.app), Looked::All);
    place.task("other", "[[schedules]]\nwhen = '06:00'\n");
    assert_eq!(seen.look(&place.app), Looked::Tasks(vec![name("other")]));
    place.sync(at("2026-12-24T12:00:01Z")).await;
    assert_eq!(place.next("a").await, Some(at("2026-12-26T06:00:00Z")));
    assert_eq!(place.next("b").await, Some(at("2026-12-25T06:00:00Z")));
}

#[tokio::test]
async fn types_and_settings_make_the_one_schedule_of_a_task() {
    let place = Place::new();
    place.task("job", "# mine\n");
    let (task, now) = (name("job"), at("2026-11-21T10:17:00Z"));
    let set = |kind: &'static str, config| {
        let (app, task) = (&place.app, &task);
        async move { set_simple(app, task, (kind, &config), now).await }
    };
    let key = set("daily", json!("{\"hour\": 14, \"minute\": 30}"))
        .await
        .unwrap();
    assert_eq!(key.as_deref(), Some("30 14 * * *"));
    assert_eq!(
        place.next("30 14 * * *").await,
        Some(at("2026-11-21T14:30:00Z"))
    );
    let key = set("hourly", json!({})).await.unwrap();
    assert_eq!(key.as_deref(), Some("17 * * * *"));
    assert_eq!(
        list(&place.app, None).await.unwrap().len(),
        1,
        "it took the other's place"
    );
    let error = set("daily", json!({"hour": 25}))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("hour: “25”"), "{error}");
    assert_eq!(set("manual", json!(null)).await.unwrap(), None);
    let text = fs::read_to_string(place.home.path().join("tasks/job/task.toml")).unwrap();
    assert_eq!(text, "# mine\n");
    assert!(list(&place.app, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_thousand_schedules_that_are_due_at_once_are_decided_quickly() {
    let place = Place::new();
    for n in 0..250 {
        let all: String = (0..4)
            .map(|k| format!("[[schedules]]\nname = 's{k}'\nwhen = '06:00'\noverlap = 'allow'\n"))
            .collect();
        place.task(&format!("job{n}"), &all);
    }
    place.sync(at("2026-11-21T00:00:00Z")).await;
    let begun = Instant::now();
    assert_eq!(place.claim(at("2026-11-21T06:00:00Z")).await, 1000);
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
}
