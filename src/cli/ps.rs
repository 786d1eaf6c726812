//! `runbay ps`, `runbay cancel` and `runbay pin`.

use super::args::{Global, PsArgs};
use super::backend::Backend;
use super::error::Error;
use super::output::{ago, errln, outln, paint, print_json, print_table, status, table, took};
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
        states: match args.all || args.pinned {
            true => Vec::new(),
            false => live.collect(),
        },
        pinned: args.pinned,
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
            if args.pinned {
                "no run is pinned; `runbay pin <run>` keeps one"
            } else if args.all {
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

/// Whether it is pinned, and the first words of why it ended as it did.
fn note(run: &Run) -> String {
    let text = run.reason.as_deref().unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(60).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    let short = super::output::inert(&short);
    match run.pinned {
        true => format!("{} {short}", paint("pinned", "36"))
            .trim_end()
            .to_owned(),
        false => short,
    }
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

pub(super) async fn pin(
    backend: &Backend,
    given: &[String],
    pinned: bool,
) -> Result<ExitCode, Error> {
    for text in given {
        let run = backend.pin(text, pinned).await?;
        let (id, task) = (run.id.short(), &run.task);
        match pinned {
            true => errln!("run {id} of {task} stays until it is unpinned"),
            false => errln!("run {id} of {task} may go when it is old"),
        }
    }
    Ok(ExitCode::SUCCESS)
}
