//! An admin who lets `docker system prune -af` loose, at any moment. The engine is
//! one of the test's own: nobody else loses images.

use crate::dockerd::Dockerd;
use crate::home::{Home, eventually, home};
use crate::served::Served;
use runbay::domain::image::ImageKind;
use runbay::domain::log::Stream;
use runbay::domain::run::{Outcome, Run};
use std::time::Duration;

fn serve<'a>(home: &'a Home, engine: &Dockerd) -> Served<'a> {
    let address = engine.address();
    Served::start_with(home, |command| {
        command.env("DOCKER_HOST", &address);
    })
}

/// What a script has said so far.
fn said(home: &Home, run: &Run) -> Vec<String> {
    let lines = home.log(run).into_iter();
    let own = lines.filter(|line| line.stream == Stream::Stdout);
    own.map(|line| line.text).collect()
}

/// What becomes of a run of a task, and what its script says.
fn run_of(served: &Served<'_>, home: &Home, task: &str) -> (Option<Outcome>, Vec<String>) {
    let run = served.end_of(&served.launch(task));
    (run.outcome, said(home, &run))
}

fn succeeded(said: &str) -> (Option<Outcome>, Vec<String>) {
    (Some(Outcome::Succeeded), vec![said.to_owned()])
}

#[test]
fn docker_system_prune_costs_time_and_no_run() {
    home(|home| {
        let Some(engine) = Dockerd::start(home) else {
            return;
        };
        engine.hold_bases(home);
        let served = serve(home, &engine);
        home.task("one", "print('first')");
        let first = served.end_of(&served.launch("one"));
        assert_eq!(first.outcome, Some(Outcome::Succeeded), "{first:?}");

        // Between two runs: environment and image are gone, and are built again.
        let rows = home.wait(home.store.images()).unwrap();
        let built = rows.iter().filter(|row| row.kind != ImageKind::Base);
        let built: Vec<_> = built.collect();
        eventually("the run's container, too, lets go of its image", || {
            engine.prune();
            built.iter().all(|row| !engine.has(home, &row.id))
        });
        assert_eq!(run_of(&served, home, "one"), succeeded("first"));

        // An earlier run again, whose code is in no folder any more.
        home.task("one", "print('second')");
        engine.prune();
        let path = format!("/api/v1/runs/{}/rerun", first.id);
        let again = served.ask(
            "POST",
            &path,
            Some(serde_json::json!({ "same_image": true })),
        );
        let again = served.end_of(&again.run());
        assert_eq!(again.outcome, Some(Outcome::Succeeded), "{again:?}");
        assert_eq!(said(home, &again), ["first"]);

        // While one runs: it is in use, and ends as it should.
        let gate = "import os, time\nprint('up', flush=True)\nwhile not os.path.exists('/tmp/go'): time.sleep(0.05)\nprint('down')\n";
        home.task("long", gate);
        let long = served.launch("long");
        eventually("it runs", || said(home, &long) == ["up"]);
        engine.prune();
        let name = home.attempt(&long).unwrap().container_name;
        engine.exec(home, &name, &["touch", "/tmp/go"]);
        assert_eq!(served.end_of(&long).outcome, Some(Outcome::Succeeded));
        served.stop().exits(0);
    });
}

#[test]
fn docker_system_prune_at_any_moment_of_a_build_and_a_start_leaves_nothing_stuck() {
    home(|home| {
        let Some(engine) = Dockerd::start(home) else {
            return;
        };
        engine.hold_bases(home);
        let served = serve(home, &engine);
        for moment in 0..10 {
            home.task("one", &format!("print({moment})"));
            let run = served.launch("one");
            // The moment is what is tried: nothing is waited for.
            std::thread::sleep(Duration::from_millis(moment * 150));
            engine.prune();
            let run = served.end_of(&run);
            // A container that had not begun may have been taken: then the script is
            // not to blame. One that had ended, too: then its end is not known.
            let fine = match run.outcome.unwrap() {
                Outcome::Succeeded | Outcome::Lost => true,
                Outcome::InfraError => said(home, &run).is_empty(),
                _ => false,
            };
            assert!(fine, "{moment}: {run:?}");
        }
        assert_eq!(run_of(&served, home, "one"), succeeded("9"));
        served.stop().exits(0);
    });
}
