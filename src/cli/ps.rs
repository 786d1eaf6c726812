//! `runbay ps` and `runbay cancel`.

use super::args::{Global, PsArgs};
use super::backend::Backend;
use super::error::Error;
use super::output::{ago, errln, outln, print_json, print_table, status, table, took};
use crate::client::RunsWanted;
use crate::domain::run::{Run, RunState};
use std::process::ExitCode;

pub(super) async fn ps(
    backend: &Backend,
    global: &Global,
    args: &PsArgs,
) -> Result<ExitCode, Error> {
    backend.adopt_abandoned(global).await?;
    let live = RunState::ALL
        .iter()
        .copied()
        .filter(|s| *s != RunState::Finished);
    let wanted = RunsWanted {
        task: args.task.clone(),
        states: if args.all { Vec::new() } else { live.collect() },
        limit: args.limit,
    };
    let found = backend.runs(wanted).await?;
    if args.json {
        print_json(&found);
        return Ok(ExitCode::SUCCESS);
    }
    if found.is_empty() {
        errln!(
            "{}",
            if args.all {
                "there are no runs yet; `runbay run <task>` makes one"
            } else {
                "nothing runs; --all lists earlier runs"
            }
        );
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = table(&["run", "task", "status", "asked", "took", ""]);
    for run in &found {
        rows.add_row([
            run.id.short(),
            run.task.to_string(),
            status(run),
            ago(run.created_at),
            took(run),
            note(run),
        ]);
    }
    print_table(&rows);
    Ok(ExitCode::SUCCESS)
}

/// The first words of why a run ended as it did.
fn note(run: &Run) -> String {
    let text = run.reason.as_deref().unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(60).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    super::output::inert(&short)
}

pub(super) async fn cancel(
    backend: &Backend,
    global: &Global,
    given: &[String],
) -> Result<ExitCode, Error> {
    for text in given {
        let run = backend.cancel(text).await?;
        outln!("{}", run.id.short());
    }
    // A run whose driver died is ended by a new one.
    backend.adopt_abandoned(global).await?;
    Ok(ExitCode::SUCCESS)
}
