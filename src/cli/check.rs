//! `runbay check`.

use super::args::CheckArgs;
use super::output::{count, inert, outln, paint, print_json};
use crate::catalogue::{Catalogue, Problem};
use crate::config::Config;
use crate::service::Error;
use crate::service::check;
use serde_json::json;
use std::process::ExitCode;

/// What sysexits.h calls EX_DATAERR.
const BAD: u8 = 65;

pub(super) fn check(config: &Config, args: &CheckArgs) -> Result<ExitCode, Error> {
    let catalogue = Catalogue::new(
        config.tasks_dir.clone(),
        config.global_envs_dir.clone(),
        config.images_dir.clone(),
    );
    let checked = check::check(config, &catalogue, &args.tasks)?;
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
        let all = count(checked.len(), "task");
        if bad == 0 {
            outln!("{all}, {}", paint("all good", "32"));
        } else {
            let found = format!("{} in {bad}", count(problems, "problem"));
            outln!("{all}, {}", paint(&found, "31"));
        }
    }
    Ok(ExitCode::from(if bad == 0 { 0 } else { BAD }))
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
