//! `runbay show`: of a task. Of a run: [`super::show_run`].

use super::args::ShowArgs;
use super::backend::Backend;
use super::error::Error;
use super::output::{
    ago, inert, outln, paint, print_fields, print_heading, print_json, print_table, status, table,
    took,
};
use super::show_run;
use crate::domain::counted;
use crate::domain::ids::TaskName;
use crate::domain::limits::Limits;
use crate::domain::params::{Param, ParamKind};
use crate::domain::size::Bytes;
use crate::service;
use crate::service::inspect::{Need, TaskDetail};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(super) async fn show(backend: &Backend, args: &ShowArgs) -> Result<ExitCode, Error> {
    // A name that is a task's is never taken for a run's id.
    if let Ok(name) = args.what.parse::<TaskName>() {
        match backend.task(&name).await {
            Ok(task) if args.json => {
                print_json(&json!({ "kind": "task", "task": task }));
                return Ok(ExitCode::SUCCESS);
            }
            Ok(task) => {
                print_task(&task);
                return Ok(ExitCode::SUCCESS);
            }
            Err(unknown) if unknown.is_not_found() => {
                return run(backend, args, Some(unknown)).await;
            }
            Err(error) => return Err(error),
        }
    }
    run(backend, args, None).await
}

async fn run(
    backend: &Backend,
    args: &ShowArgs,
    unknown: Option<Error>,
) -> Result<ExitCode, Error> {
    let run = match (backend.run(&args.what).await, unknown) {
        (Err(error), Some(unknown)) if error.is_not_found() => {
            let text = format!("{unknown}, and no run fits it");
            return Err(service::Error::NotFound(text).into());
        }
        (found, _) => found?,
    };
    if args.json {
        print_json(&json!({ "kind": "run", "run": run }));
    } else {
        show_run::print_run(&run);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_task(task: &TaskDetail) {
    let description = inert(task.description.as_deref().unwrap_or_default());
    outln!("{}  {description}", paint(task.name.as_str(), "1"));
    let need = &task.environment;
    let mut fields = vec![
        ("path", inert(&task.path.display().to_string())),
        (
            "runs",
            inert(
                &[vec![task.entry.clone()], task.args.clone()]
                    .concat()
                    .join(" "),
            ),
        ),
        (
            "python",
            need.python
                .map_or_else(|| "?".to_owned(), |p| p.to_string()),
        ),
        ("environment", environment(task.name.as_str(), need)),
        ("limits", limits(&task.limits)),
    ];
    let variables: Vec<_> = task.env.iter().map(|(k, v)| format!("{k}={v}")).collect();
    for (name, values, between) in [
        ("tags", &task.tags, ", "),
        ("env", &variables, "\n"),
        ("secrets", &task.secrets, ", "),
        ("artifacts", &task.artifacts, ", "),
    ] {
        let values: Vec<_> = values.iter().map(|value| inert(value)).collect();
        if !values.is_empty() {
            fields.push((name, values.join(between)));
        }
    }
    if !task.enabled {
        fields.push(("disabled", paint("task.toml says enabled = false", "33")));
    }
    print_fields(&fields);
    print_requirements(task);
    print_params(task);
    print_runs(task);
}

fn environment(task: &str, need: &Need) -> String {
    let mut lines = Vec::new();
    let named = need.named.as_ref().map(ToString::to_string);
    let key = need.key.as_ref().map(|key| key.short().to_owned());
    lines.push(
        [named, key]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
    );
    match &need.lock {
        Some(lock) => lines.push(format!(
            "{}, locked {}",
            counted(lock.packages, "package"),
            ago(lock.resolved_at)
        )),
        None if need.problem.is_none() => {
            lines.push(paint(&format!("not built yet: `runbay build {task}`"), "2"));
        }
        None => {}
    }
    if let (Some(image), Some(bytes)) = (&need.image, need.image_bytes) {
        lines.push(format!("image {}, {}", image.short(), Bytes(bytes)));
    }
    for problem in need.problem.iter().flat_map(|p| p.lines()) {
        lines.push(paint(&inert(problem), "31"));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// What a run may use, in one line.
pub(super) fn limits(limits: &Limits) -> String {
    format!(
        "{} memory, {} cpu, {} processes, {} scratch, {}, network {}",
        limits.memory,
        limits.cpus,
        limits.pids,
        limits.scratch,
        limits.timeout,
        limits.network.as_str()
    )
}

fn print_requirements(task: &TaskDetail) {
    let need = &task.environment;
    if need.requirements.is_empty() {
        return;
    }
    print_heading(&match &task.requirements_from {
        Some(source) => format!("Requirements, from {}", inert(source)),
        None => "Requirements".to_owned(),
    });
    let mut rows = table(&["requirement", "written in"]);
    for requirement in &need.requirements {
        let hashes = match requirement.hashes.len() {
            0 => String::new(),
            1 => " (1 hash)".to_owned(),
            n => format!(" ({n} hashes)"),
        };
        rows.add_row([
            format!("{}{hashes}", inert(&requirement.text)),
            inert(&requirement.origin),
        ]);
    }
    print_table(&rows);
}

fn print_params(task: &TaskDetail) {
    if task.params.is_empty() {
        return;
    }
    print_heading("Parameters");
    let mut rows = table(&["name", "type", "default", "help"]);
    for (name, param) in &task.params {
        let default = match &param.default {
            Some(value) => inert(&plain(value)),
            None if param.required => paint("required", "33"),
            None => "–".to_owned(),
        };
        let help = param.help.as_deref().unwrap_or_default();
        rows.add_row([inert(name), inert(&kind(param)), default, inert(help)]);
    }
    print_table(&rows);
}

/// The type with its bounds.
fn kind(param: &Param) -> String {
    let word = serde_json::to_value(param.kind).unwrap_or_default();
    let mut text = plain(&word);
    if param.kind == ParamKind::Choice {
        text = param.choices.join(" | ");
    }
    match (&param.min, &param.max) {
        (Some(min), Some(max)) => text.push_str(&format!(" {}–{}", plain(min), plain(max))),
        (Some(min), None) => text.push_str(&format!(" ≥ {}", plain(min))),
        (None, Some(max)) => text.push_str(&format!(" ≤ {}", plain(max))),
        (None, None) => {}
    }
    if let Some(pattern) = &param.pattern {
        text.push_str(&format!(" /{pattern}/"));
    }
    text
}

/// A value as one would type it.
pub(super) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn print_runs(task: &TaskDetail) {
    print_heading("Last runs");
    if task.runs.is_empty() {
        outln!(
            "{}",
            paint(&format!("none yet: `runbay run {}`", task.name), "2")
        );
        return;
    }
    let mut rows = table(&["run", "status", "asked", "took"]);
    for run in &task.runs {
        rows.add_row([run.id.short(), status(run), ago(run.created_at), took(run)]);
    }
    print_table(&rows);
}
