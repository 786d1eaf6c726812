//! A long queue.

use crate::home::home;
use crate::served::Served;
use runbay::domain::run::{Outcome, RunState};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn ten_thousand_runs_wait_cheaply_survive_a_kill_and_are_cancelled_at_once() {
    home(|home| {
        home.settings(
            "[limits]\nnetwork = \"none\"\n[queue]\nslots = 1\nmemory = \"4G\"\nlimit = 20000\nper_task = 10000\n",
        );
        home.task(
            "long",
            "import time\nprint('ready', flush=True)\ntime.sleep(600)\n",
        );
        home.task("short", "print(1)\n");
        let served = Served::start(home);
        let long = served.launch("long");
        served.until(&long, |run| run.state == RunState::Running);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1250 {
                        assert_eq!(served.launch("short").state, RunState::Queued);
                    }
                });
            }
        });
        let full = served.ask("POST", "/api/v1/tasks/short/runs", None);
        assert_eq!(full.status, 429, "{full:?}");
        assert!(full.headers.contains("retry-after:"), "{full:?}");
        assert!(full.body.contains("queue.per_task"), "{full:?}");
        home.runbay(&["run", "short"])
            .exits(75)
            .tells("queue.per_task");
        let memory = served.peak_memory();
        assert!(memory < 200 << 20, "{memory} bytes");
        served.kill();
        let served = Served::start(home);
        let begun = Instant::now();
        let body = json!({ "queued": true, "task": "short" });
        let cancelled = served.ask("POST", "/api/v1/runs/cancel", Some(body));
        assert_eq!(cancelled.json(200)["cancelled"], 10_000);
        assert!(begun.elapsed() < Duration::from_secs(60));
        assert_eq!(served.until(&long, |_| true).state, RunState::Running);
        let active = home.wait(home.store.active_runs()).unwrap();
        assert_eq!(active.len(), 1, "only the long one");
        served.cancel(&long);
        assert_eq!(served.end_of(&long).outcome, Some(Outcome::Cancelled));
        served.stop().exits(0);
    });
}
