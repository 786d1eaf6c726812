//! Measures the promises about speed, each against what a plain Docker command
//! does on the same machine in the same minute.
//!
//! `cargo bench` prints one table and fails when a limit is missed by more than
//! the noise of the readings; `cargo bench -- <words>` runs the rows whose name
//! holds one of the words. Absolute times say more about the machine than about
//! us, so all but two rows are ratios. Everything is made in a data folder of
//! its own and removed at the end, from the engine too.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table on standard output is what this program is for"
)]

mod environment;
mod hooks;
mod instant;
mod lateness;
mod masking;
mod output;
mod pages;
mod parallel;
mod reference;
mod sample;
mod served;
mod service;
mod start;
mod sweep;
mod world;

use anyhow::Context;
use sample::Row;
use std::process::ExitCode;
use world::World;

/// Takes the readings of some rows of the table.
type Measure = fn(&World) -> anyhow::Result<Vec<Row>>;

/// Name and measure. `overhead` is first: it is held against the clock, and a
/// machine that has worked for a while is slower. `environment` is last: it is
/// slow, and its packages would be in the page cache.
const MEASURES: [(&str, Measure); 14] = [
    ("overhead", start::overhead),
    ("start", start::warm),
    ("edit", start::edited),
    ("parallel", parallel::eight),
    ("output", output::hundred_megabytes),
    ("masking", masking::fifty_secrets),
    ("pages", pages::of_a_large_log),
    ("lateness", lateness::of_scheduled_runs),
    ("service", service::with_a_past),
    ("idle", service::with_many_schedules),
    ("followers", service::followed),
    ("sweep", sweep::of_a_thousand_containers),
    ("hooks", hooks::ten_thousand),
    ("environment", environment::cold_and_shared),
];

fn main() -> ExitCode {
    // Cargo itself passes `--bench`.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    match bench(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether every limit held.
fn bench(words: &[String]) -> anyhow::Result<bool> {
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word));
    let chosen: Vec<_> = MEASURES.iter().filter(|(name, _)| wanted(name)).collect();
    anyhow::ensure!(
        !chosen.is_empty(),
        "no such measure; there are: {}",
        MEASURES.map(|(name, _)| name).join(", ")
    );
    world::sweep_leftovers()?;
    let world = World::new().context("a place to measure in could not be made")?;
    let mut rows = Vec::new();
    let measured = chosen.into_iter().try_for_each(|(name, measure)| {
        eprintln!("measuring {name} …");
        rows.extend(measure(&world).with_context(|| format!("measuring {name}"))?);
        Ok(())
    });
    let swept = world.sweep().context("not everything was removed");
    // Readings that were taken are shown even if a later one failed.
    println!("{}", sample::table(&rows));
    if let Some(caution) = sample::caution() {
        println!("{caution}");
    }
    measured.and(swept)?;
    Ok(rows.iter().all(Row::holds))
}
