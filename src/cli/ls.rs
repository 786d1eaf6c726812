//! `runbay ls`.

use super::args::LsArgs;
use super::backend::Backend;
use super::error::Error;
use super::output::{ago, errln, inert, outln, paint, print_json, print_table, status, table};
use crate::catalogue::Problem;
use crate::domain::counted;
use crate::service::tasks::TaskItem;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Everything in `tasks/`.
#[derive(Debug, Serialize)]
struct Listing {
    /// What can run, by name.
    tasks: Vec<TaskItem>,
    /// What cannot, and why.
    not_tasks: Vec<NotATask>,
}

/// An entry of `tasks/` that cannot run.
#[derive(Debug, Serialize)]
struct NotATask {
    /// The folder or file.
    path: PathBuf,
    /// All that is wrong; never empty.
    problems: Vec<Problem>,
}

impl Listing {
    fn of(items: Vec<TaskItem>) -> Self {
        let (tasks, others): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|item| item.problems.is_empty());
        let others = others.into_iter().map(|item| NotATask {
            path: item.path,
            problems: item.problems,
        });
        Self {
            tasks,
            not_tasks: others.collect(),
        }
    }
}

pub(super) async fn ls(backend: &Backend, args: &LsArgs) -> Result<ExitCode, Error> {
    let listing = Listing::of(backend.tasks(args.tag.as_deref()).await?);
    if args.json {
        print_json(&listing);
        return Ok(ExitCode::SUCCESS);
    }
    if listing.tasks.is_empty() {
        errln!(
            "{}",
            match &args.tag {
                Some(tag) => format!("no task has the tag “{}”", inert(tag)),
                None => "there are no tasks yet; `runbay new <name>` begins one".to_owned(),
            }
        );
    } else {
        let mut rows = table(&[
            "task",
            "python",
            "requirements",
            "last run",
            "",
            "description",
        ]);
        for task in &listing.tasks {
            rows.add_row(row(task));
        }
        print_table(&rows);
    }
    if !listing.not_tasks.is_empty() {
        outln!(
            "\n{}",
            paint(&format!("{}:", not_tasks(listing.not_tasks.len())), "31")
        );
        for entry in &listing.not_tasks {
            outln!("{}", paint(&format!("  {}", first(entry)), "2"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn row(task: &TaskItem) -> [String; 6] {
    let needs = [
        task.environment.as_ref().map(ToString::to_string),
        // A shared environment is its own source.
        task.requirements.clone().filter(|_| {
            !matches!(
                task.environment,
                Some(crate::domain::manifest::EnvironmentRef::Shared(_))
            )
        }),
    ];
    let needs: Vec<String> = needs.into_iter().flatten().map(|n| inert(&n)).collect();
    let (last, when) = match &task.last_run {
        Some(run) => (status(run), ago(run.created_at)),
        None => (paint("–", "2"), String::new()),
    };
    let mut description = inert(task.description.as_deref().unwrap_or_default());
    if !task.enabled {
        description = format!("{} {description}", paint("(disabled)", "33"));
    }
    [
        task.name.clone(),
        task.python
            .map_or_else(|| "?".to_owned(), |p| p.to_string()),
        if needs.is_empty() {
            "–".to_owned()
        } else {
            needs.join(" + ")
        },
        last,
        when,
        description,
    ]
}

fn not_tasks(number: usize) -> String {
    match number {
        1 => "1 entry is no task".to_owned(),
        n => format!("{n} entries are no tasks"),
    }
}

/// The first problem of an entry, and how many more there are.
fn first(entry: &NotATask) -> String {
    let more = match entry.problems.len() {
        0 | 1 => String::new(),
        n => {
            let name = entry.path.file_stem().unwrap_or_default().to_string_lossy();
            format!(
                ", and {} (`runbay check {}`)",
                counted(n - 1, "more problem"),
                inert(&name)
            )
        }
    };
    let problem = entry.problems.first().map(ToString::to_string);
    let line = problem.unwrap_or_default();
    format!("{}{more}", inert(&line))
}
