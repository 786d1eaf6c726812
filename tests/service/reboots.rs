//! An engine that is stopped or crashes, and takes what it runs with it. It is
//! one of the test's own: nobody else's runs end with it.

use crate::dockerd::Dockerd;
use crate::home::{Home, eventually, home};
use crate::served::Served;
use runbay::domain::run::{Outcome, Run, RunState};

fn serve<'a>(home: &'a Home, engine: &Dockerd) -> Served<'a> {
    let address = engine.address();
    Served::start_with(home, |command| {
        command.env("DOCKER_HOST", &address);
    })
}

fn begin(served: &Served<'_>, task: &str) -> Run {
    let run = served.launch(task);
    served.until(&run, |run| run.state == RunState::Running)
}

#[track_caller]
fn lost(served: &Served<'_>, run: &Run) {
    let run = served.end_of(run);
    assert_eq!(run.outcome, Some(Outcome::Lost), "{run:?}");
    assert!(
        run.reason.as_ref().unwrap().contains("engine was"),
        "{run:?}"
    );
}

fn told(home: &Home, kind: &str) -> usize {
    let events = home.wait(home.store.events(0, u32::MAX)).unwrap();
    events.iter().filter(|event| event.kind == kind).count()
}

#[test]
fn runs_that_an_engine_takes_with_it_are_lost_and_never_failed() {
    home(|home| {
        let Some(mut engine) = Dockerd::start(home) else {
            return;
        };
        let long =
            "import os, time\nif os.environ['RUNBAY_ATTEMPT'] == '1':\n    time.sleep(600)\n";
        home.task("long", long);
        home.task("again", long);
        home.task_file(
            "again",
            "task.toml",
            "retries = { max = 1, delay = \"1s\" }\n",
        );
        home.task("short", "print('after')\n");

        // It crashes while the service watches.
        let served = serve(home, &engine);
        let (run, again) = (begin(&served, "long"), begin(&served, "again"));
        engine.kill();
        let queued = served.launch("short");
        eventually("that it is gone is told", || {
            told(home, "system.engine_gone") == 1
        });
        engine.again();
        lost(&served, &run);
        assert_eq!(
            served.end_of(&again).outcome,
            Some(Outcome::Succeeded),
            "tried again"
        );
        assert_eq!(served.end_of(&queued).outcome, Some(Outcome::Succeeded));
        eventually("that it is back is told", || {
            told(home, "system.engine_back") == 1
        });

        // It is stopped while the service watches.
        let run = begin(&served, "long");
        engine.stop();
        engine.again();
        lost(&served, &run);

        // Both go away, as when the machine does.
        let run = begin(&served, "long");
        served.kill();
        engine.kill();
        engine.again();
        let served = serve(home, &engine);
        lost(&served, &run);
        served.stop().exits(0);
    });
}
