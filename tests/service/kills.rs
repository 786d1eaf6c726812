//! The service is killed at random moments while it has much to do.

use crate::home::home;
use crate::served::{Served, until};
use crate::witness::{Dice, Witness, kills, seed};
use runbay::domain::run::RunState;
use std::time::{Duration, Instant};

#[test]
fn a_service_that_is_killed_a_hundred_times_loses_no_run_and_repeats_none() {
    home(|home| {
        home.settings("[queue]\nslots = 4\nmemory = \"8G\"\n");
        let witness = Witness::new();
        let mut dice = Dice(seed());
        let mut runs = Vec::new();
        for round in 0..kills(100) {
            let served = Served::start(home);
            // New code now and then, so that kills meet builds, too.
            let task = format!("task-{}", round % 3);
            witness.task(home, &task, round / 10);
            runs.push(served.launch(&task));
            std::thread::sleep(dice.moment(Duration::from_millis(1500)));
            served.kill();
        }
        let served = Served::start(home);
        for run in &runs {
            let run = served.end_of(run);
            witness.check(home, &run);
        }
        served.stop().exits(0);
    });
}

#[test]
fn a_service_that_is_told_to_stop_leaves_in_time_and_its_runs_go_on() {
    home(|home| {
        home.settings("[queue]\nslots = 4\nmemory = \"8G\"\n");
        let witness = Witness::new();
        let mut dice = Dice(seed());
        let mut runs = Vec::new();
        for round in 0..kills(12) {
            let served = Served::start(home);
            witness.task(home, "task", round / 4);
            runs.push(served.launch("task"));
            std::thread::sleep(dice.moment(Duration::from_millis(1500)));
            let begun = Instant::now();
            served.stop().exits(0);
            assert!(begun.elapsed() < Duration::from_secs(8));
        }
        let served = Served::start(home);
        for run in &runs {
            witness.check(
                home,
                &until(home, run, |run| run.state == RunState::Finished),
            );
        }
        served.stop().exits(0);
    });
}
