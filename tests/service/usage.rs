//! What runs use over time: taken while they run, kept when the service dies.

use crate::home::{eventually, home};
use crate::served::Served;
use runbay::domain::measure::Sample;
use runbay::domain::run::{Outcome, Run, RunState};
use serde_json::{Value, from_value};

const MIB: u64 = 1 << 20;

/// Takes memory and the processor until a file is there, so that it lasts as long
/// as a test looks at it.
const WORK: &str = "
import os, time
kept = b'x' * (96 << 20)
print('taken', flush=True)
begun = time.monotonic()
while time.monotonic() - begun < float(os.environ['PARAM_SECONDS']):
    sum(range(20000))
    time.sleep(0.01)
";

const PARAM: &str = "memory = \"256M\"\n[params.seconds]\ntype = \"float\"\nrequired = true\n";

fn usage(served: &Served<'_>, run: &Run) -> Vec<Sample> {
    let answer = served.ask("GET", &format!("/api/v1/runs/{}/usage", run.id), None);
    let told: Value = answer.json(200);
    assert_eq!(told["attempt"], 1);
    from_value(told["samples"].clone()).unwrap()
}

fn work(served: &Served<'_>, seconds: f64) -> Run {
    let body = serde_json::json!({ "params": { "seconds": seconds } });
    served
        .ask("POST", "/api/v1/tasks/work/runs", Some(body))
        .run()
}

#[test]
fn samples_come_while_a_run_goes_on_and_outlive_the_service() {
    home(|home| {
        home.task("work", WORK);
        home.task_file("work", "task.toml", PARAM);
        let served = Served::start(home);
        let short = work(&served, 0.1);
        let long = work(&served, 20.0);
        served.until(&long, |run| run.state == RunState::Running);
        let mut early = Vec::new();
        eventually("a run has samples while it runs", || {
            early = usage(&served, &long);
            early.len() >= 3
        });
        assert!(early.windows(2).all(|two| two[0].at < two[1].at));
        assert!(early.windows(2).all(|two| two[0].cpu_ms <= two[1].cpu_ms));
        let most = early.iter().map(|one| one.memory_bytes).max().unwrap();
        assert!((96 * MIB..256 * MIB).contains(&most), "{most}");
        served.kill();

        let served = Served::start(home);
        assert!(
            usage(&served, &long).starts_with(&early),
            "what was taken is kept"
        );
        eventually("a run that was taken over goes on being looked at", || {
            usage(&served, &long).len() >= early.len() + 2
        });
        let over = served.end_of(&long);
        assert_eq!(over.outcome, Some(Outcome::Succeeded));
        let attempt = &home.wait(home.store.attempts(long.id)).unwrap()[0];
        let measured = &attempt.measurements;
        assert!(
            measured
                .build_ms
                .and(measured.create_ms)
                .and(measured.start_ms)
                .is_some(),
            "what was measured before it was taken over is kept: {measured:?}"
        );
        let whole = (over.finished_at.unwrap() - long.created_at).as_seconds_f64() * 1e3;
        let ran = measured.run_ms.unwrap();
        assert!((20_000.0..whole).contains(&ran), "{ran} of {whole}");
        let spoke = measured.first_line_ms.unwrap();
        assert!(spoke < whole - 20_000.0, "{spoke} of {whole}");
        let all = usage(&served, &long);
        assert!(all.windows(2).all(|two| two[0].at < two[1].at), "{all:?}");
        assert!(all.last().unwrap().cpu_ms > early.last().unwrap().cpu_ms);
        served.end_of(&short);
        assert_eq!(usage(&served, &short), [], "over too soon for a chart");
        served.stop().exits(0);
    });
}
