//! Runs of code that nobody has saved.

use crate::home::home;
use crate::served::Served;
use runbay::domain::run::{Outcome, Run};
use serde_json::json;

const PATH: &str = "/api/v1/tasks/one/runs?wait=100";

#[test]
fn a_trial_runs_what_came_with_it_and_leaves_the_task_alone() {
    home(|home| {
        home.task("one", "import helper\nprint('saved', helper.WORD)\n");
        home.task_file("one", "helper.py", "WORD = 'old'\n");
        let served = Served::start(home);
        let words = |run: &Run| {
            let log = home.log(run);
            log.iter()
                .map(|line| line.text.clone())
                .collect::<Vec<_>>()
                .join("\n")
        };
        // Tried again after a failure, it is still what came with the request.
        let tried = "import os, helper\nprint('tried', helper.WORD, flush=True)\n\
            raise SystemExit(40 + int(os.environ['RUNBAY_ATTEMPT']))\n";
        let body = json!({ "files": {
            "main.py": { "text": tried },
            "task.toml": { "text": "retries = { max = 1, delay = \"1s\" }\n" },
        }});
        let trial = served.ask("POST", PATH, Some(body)).run();
        assert_eq!(
            (trial.exit_code, trial.trial),
            (Some(42), true),
            "{trial:?}"
        );
        assert!(words(&trial).contains("tried old"), "{}", words(&trial));

        let plain = served.ask("POST", PATH, None).run();
        assert_eq!(
            (plain.outcome, plain.trial),
            (Some(Outcome::Succeeded), false)
        );
        assert!(words(&plain).contains("saved old"), "{}", words(&plain));
        assert_ne!(plain.version, trial.version);

        // Again: from its very image, or as the task is now.
        for (same, expected) in [(true, "tried old"), (false, "saved old")] {
            let path = format!("/api/v1/runs/{}/rerun?wait=100", trial.id);
            let again = served
                .ask("POST", &path, Some(json!({ "same_image": same })))
                .run();
            assert!(!again.trial);
            assert!(words(&again).contains(expected), "{}", words(&again));
        }
        served.stop().exits(0);
    });
}

#[test]
fn a_trial_that_waited_outlives_the_service() {
    home(|home| {
        home.write("tasks/alone.py", "print('saved')\n");
        let served = Served::start(home);
        let body = json!({ "files": { "alone.py": { "text": "print('tried')\n" } } });
        // Its driver dies somewhere on the way.
        let path = "/api/v1/tasks/alone/runs";
        let trial = served.ask("POST", path, Some(body)).run();
        served.kill();
        let served = Served::start(home);
        let trial = served.end_of(&trial);
        assert_eq!(trial.outcome, Some(Outcome::Succeeded), "{trial:?}");
        assert!(home.log(&trial).iter().any(|line| line.text == "tried"));
        served.stop().exits(0);
    });
}
