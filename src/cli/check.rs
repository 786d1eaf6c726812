//! `runbay check`.

use super::args::{CheckArgs, Global};
use super::backend::{config, named};
use super::error::Error;
use super::output::{inert, outln, paint, print_json};
use crate::catalogue::{Catalogue, Problem};
use crate::client::Client;
use crate::domain::counted;
use crate::domain::ids::TaskName;
use crate::service::check::{self, Checked};
use serde_json::json;
use std::process::ExitCode;

/// What sysexits.h calls EX_DATAERR.
const BAD: u8 = 65;

/// Files are looked at where they are: without a service too, unless one
/// elsewhere is named.
pub(super) async fn check(global: &Global, args: &CheckArgs) -> Result<ExitCode, Error> {
    let checked = match named(global)? {
        Some(client) => check_there(&client, &args.tasks).await?,
        None => {
            let config = config(&global.overrides())?;
            let catalogue = Catalogue::new(
                config.tasks_dir.clone(),
                config.global_envs_dir.clone(),
                config.images_dir.clone(),
            );
            check::check(&config, &catalogue, &args.tasks)?
        }
    };
    let bad = checked.iter().filter(|c| !c.problems.is_empty()).count();
    let problems: usize = checked.iter().map(|c| c.problems.len()).sum();
    if args.json {
        print_json(&json!({ "ok": bad == 0, "tasks": checked }));
    } else {
        for problem in checked.iter().flat_map(|c| &c.problems) {
            print_problem(problem);
        }
        for note in checked.iter().flat_map(|c| &c.notes) {
            print_problem(&Problem {
                message: format!("note: {}", note.message),
                ..note.clone()
            });
        }
        let all = counted(checked.len(), "task");
        if bad == 0 {
            outln!("{all}, {}", paint("all good", "32"));
        } else {
            let found = format!("{} in {bad}", counted(problems, "problem"));
            outln!("{all}, {}", paint(&found, "31"));
        }
    }
    Ok(ExitCode::from(if bad == 0 { 0 } else { BAD }))
}

async fn check_there(client: &Client, names: &[TaskName]) -> Result<Vec<Checked>, Error> {
    let mut checked = Vec::new();
    let mut names = names.to_vec();
    if names.is_empty() {
        for item in client.tasks(None).await? {
            match item.name.parse() {
                Ok(name) => names.push(name),
                Err(_) => checked.push(Checked {
                    notes: Vec::new(),
                    name: item.name,
                    problems: item.problems,
                }),
            }
        }
    }
    for name in names {
        let view = client.task(&name).await?;
        checked.push(Checked {
            notes: view.notes,
            name: name.to_string(),
            problems: view.problems,
        });
    }
    Ok(checked)
}

/// One line as compilers print it, so that editors find the place; the remedy
/// below it.
fn print_problem(problem: &Problem) {
    let mut place = problem.file.display().to_string();
    for number in [problem.line, problem.column].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    outln!(
        "{}: {}",
        paint(&inert(&place), "1"),
        inert(&problem.message)
    );
    if let Some(hint) = &problem.hint {
        outln!("{}", paint(&format!("    {}", inert(hint)), "2"));
    }
}
