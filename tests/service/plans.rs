//! Schedules, as a service keeps them and as commands elsewhere see them; and
//! what is told of them.

use crate::home::{Child, Home, Said, eventually, home};
use crate::served::Served;
use serde_json::Value;

/// `runbay` that asks a service, from nowhere.
fn abroad(served: &Served<'_>, token: &str, args: &[&str]) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_runbay"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RUNBAY_")) {
        command.env_remove(name);
    }
    command.current_dir(folder.path()).args(args);
    command
        .env("RUNBAY_URL", served.url())
        .env("RUNBAY_TOKEN", token);
    Child::spawn(command).end()
}

fn json(said: &Said) -> Value {
    serde_json::from_str(&said.exits(0).out).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn kinds(home: &Home) -> Vec<String> {
    let events = home.wait(home.store.events(0, u32::MAX)).unwrap();
    events.into_iter().map(|event| event.kind).collect()
}

#[test]
fn schedules_of_a_service_elsewhere_are_kept_by_command() {
    home(|home| {
        home.task("job", "print(1)\n");
        let scopes = [
            "--scope",
            "tasks:read",
            "--scope",
            "tasks:write",
            "--scope",
            "schedules:write",
        ];
        let token = home.runbay(&[&["token", "create", "test"], &scopes[..]].concat());
        let token = token.exits(0).out.trim().to_owned();
        let served = Served::start(home);
        let say = |args: &[&str]| abroad(&served, &token, &[&["schedule"], args].concat());
        let set = say(&["set", "job", "02:30", "--timezone", "Europe/Berlin"]);
        set.exits(0).tells("02:30 does not exist on");
        assert!(
            set.out.starts_with("job 30 2 * * *: Every day at 02:30"),
            "{set}"
        );
        say(&["set", "job", "30 2 * * *", "--overlap", "queue"]).exits(0);
        let text = std::fs::read_to_string(home.path().join("tasks/job/task.toml")).unwrap();
        assert!(text.contains("overlap = \"queue\""), "{text}");
        assert!(
            text.contains("timezone = \"Europe/Berlin\""),
            "what is not said stays: {text}"
        );
        say(&["pause", "job"]).exits(0).tells("is paused");
        let listed = json(&say(&["ls", "--json"]));
        assert!(listed["schedules"][0]["paused_at"].is_string(), "{listed}");
        say(&["resume", "job", "02:30"])
            .exits(0)
            .tells("is going on");
        say(&["pause", "--all"]).exits(0);
        say(&["pause", "--all"]).exits(0).tells("already paused");
        say(&["resume", "--all"]).exits(0);
        let next = json(&say(&["next", "job", "-n", "3", "--json"]));
        assert_eq!(next[0]["preview"]["next"].as_array().unwrap().len(), 3);
        say(&["next", "--when", "06:00"]).exits(0);
        assert_eq!(json(&say(&["missed", "--json"])), serde_json::json!([]));
        say(&["rm", "job", "nightly"])
            .exits(66)
            .tells("it has 30 2 * * *");
        say(&["set", "job", "60 * * * *"])
            .exits(65)
            .tells("did you mean");
        say(&["ls", "jb"]).exits(66);
        let checked = json(&abroad(&served, &token, &["check", "job", "--json"]));
        let note = checked["tasks"][0]["notes"][0]["message"].as_str().unwrap();
        assert!(note.contains("02:30 does not exist on"), "{note}");
        say(&["rm", "job"]).exits(0);
        assert_eq!(
            json(&say(&["ls", "--json"]))["schedules"],
            serde_json::json!([])
        );
        served.stop().exits(0);
    });
}

#[test]
fn what_happens_to_tasks_and_slots_and_the_service_is_told() {
    home(|home| {
        let served = Served::start(home);
        let told = |kind: &str| eventually(kind, || kinds(home).iter().any(|told| told == kind));
        told("system.started");
        // It leaves something, so that there is something to collect.
        let script = "import os, time\nopen(os.environ['RUNBAY_ARTIFACTS'] + '/x', 'w').close()\ntime.sleep(600)\n";
        home.task("job", script);
        told("task.created");
        home.task_file("job", "task.toml", "[[schedules]]\nwhen = '@every 1s'\n");
        told("task.changed");
        for kind in [
            "run.queued",
            "run.building",
            "run.starting",
            "run.started",
            "slot.skipped",
        ] {
            told(kind);
        }
        let run = home.last("job").unwrap();
        std::fs::remove_dir_all(home.path().join("tasks/job")).unwrap();
        told("task.deleted");
        served.cancel(&run);
        served.end_of(&run);
        told("run.stopping");
        let metrics = served.ask("GET", "/metrics", None).body;
        assert!(
            metrics.contains("runbay_scheduled_lateness_seconds_count 1"),
            "{metrics}"
        );
        served.stop().exits(0);
        assert_eq!(kinds(home).last().unwrap(), "system.stopping");
    });
}

#[test]
fn how_late_a_scheduled_run_spoke_is_measured() {
    home(|home| {
        home.task("job", "print(1)\n");
        home.runbay(&["run", "job"]).exits(0);
        let served = Served::start(home);
        home.task_file(
            "job",
            "task.toml",
            "[[schedules]]\nwhen = '@every 1s'\noverlap = 'allow'\n",
        );
        let spoken = || {
            let slots = served.ask("GET", "/api/v1/slots?task=job&decision=ran", None);
            let slots = slots.json(200);
            let late = slots.as_array().unwrap().iter();
            late.filter_map(|slot| slot["output_late_ms"].as_f64())
                .collect::<Vec<_>>()
        };
        eventually("a slot with its lateness", || spoken().len() >= 2);
        home.task_file("job", "task.toml", "");
        eventually("the schedule is gone", || {
            home.wait(home.store.schedules()).unwrap().is_empty()
        });
        let late = spoken();
        assert!(
            late.iter().all(|ms| (0.0..60_000.0).contains(ms)),
            "{late:?}"
        );
        eventually("the runs end", || {
            home.wait(home.store.active_runs()).unwrap().is_empty()
        });
        let count = |text: &str| {
            let line = text.lines().find_map(|line| {
                line.strip_prefix("runbay_scheduled_output_lateness_seconds_count ")
            });
            line.map_or(0, |count| count.parse::<usize>().unwrap())
        };
        eventually("they are counted", || {
            count(&served.ask("GET", "/metrics", None).body) >= 2
        });
        served.stop().exits(0);
    });
}
