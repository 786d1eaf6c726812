//! `runbay env`.

use super::args::Global;
use super::backend::{Backend, config};
use super::build::watched;
use super::env_args::EnvCommand;
use super::env_update::{update, validate};
use super::error::Error;
use super::output::{
    ago, errln, inert, moment, outln, paint, print_fields, print_heading, print_json, print_table,
    table,
};
use super::printer::Show;
use crate::client::Client;
use crate::domain::ids::TaskName;
use crate::domain::size::Bytes;
use crate::service::changes::PackageDiff;
use crate::service::environments::Detail;
use crate::service::freeze::{self, Frozen};
use crate::service::inspect::LockSummary;
use crate::service::{self, App};
use serde_json::json;
use std::process::ExitCode;

/// A resolver's few lines: a spinner is enough on a terminal.
pub(super) const SHOW: Show = Show {
    json: false,
    timestamps: false,
    quiet: false,
    bar: true,
};

pub(super) async fn env(
    backend: &Backend,
    global: &Global,
    command: EnvCommand,
) -> Result<ExitCode, Error> {
    match command {
        EnvCommand::Ls { json } => ls(backend, json).await,
        EnvCommand::Show { what, lock, json } => show(backend, &what, lock, json).await,
        EnvCommand::Update { task, yes, json } => update(backend, &task, yes, json).await,
        EnvCommand::Diff { from, to, json } => diff(backend, &from, to.as_deref(), json).await,
        EnvCommand::Freeze { task, write, json } => match backend {
            Backend::Here(app) => Ok(freeze(app, &task, write, json).await?),
            // The files are here, and what is resolved is known to both.
            Backend::There(client) if client.is_local() => {
                let app = App::open(config(&global.overrides())?)?;
                Ok(freeze(&app, &task, write, json).await?)
            }
            Backend::There(client) => freeze_there(client, &task, write, json).await,
        },
        EnvCommand::Validate { task, json } => validate(backend, &task, json).await,
    }
}

async fn ls(backend: &Backend, json: bool) -> Result<ExitCode, Error> {
    let all = backend.environments().await?;
    if json {
        print_json(&all);
        return Ok(ExitCode::SUCCESS);
    }
    if all.is_empty() {
        errln!("there is no environment yet; `runbay build <task>` makes one");
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = table(&["environment", "python", "packages", "size", "used", "tasks"]);
    for environment in &all {
        let tasks: Vec<_> = environment.tasks.iter().map(TaskName::as_str).collect();
        rows.add_row([
            environment.key.short().to_owned(),
            environment.python.to_string(),
            match &environment.lock {
                Some(lock) => lock.packages.to_string(),
                None => "–".to_owned(),
            },
            environment
                .image_bytes
                .map_or_else(|| "–".to_owned(), |bytes| Bytes(bytes).to_string()),
            environment.used_at.map_or_else(|| "never".to_owned(), ago),
            tasks.join(", "),
        ]);
    }
    print_table(&rows);
    Ok(ExitCode::SUCCESS)
}

async fn show(backend: &Backend, what: &str, lock: bool, json: bool) -> Result<ExitCode, Error> {
    if lock {
        // It came from the index through the resolver.
        for line in backend.lock(what).await?.lines() {
            outln!("{}", inert(line));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let detail = backend.environment(what).await?;
    if json {
        print_json(&detail);
    } else {
        print_detail(&detail);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_detail(detail: &Detail) {
    let of = &detail.summary;
    let tasks: Vec<_> = of.tasks.iter().map(TaskName::as_str).collect();
    let mut fields = vec![
        ("environment", of.key.to_string()),
        ("python", of.python.to_string()),
        ("policy", of.policy.to_string()),
    ];
    if let Some(template) = &of.template {
        fields.push(("template", inert(template)));
    }
    fields.push(match of.tasks.is_empty() {
        true => ("tasks", paint("none needs it now", "2")),
        false => ("tasks", tasks.join(", ")),
    });
    fields.push((
        "used",
        of.used_at.map_or_else(|| "never".to_owned(), moment),
    ));
    if let (Some(image), Some(bytes)) = (&of.image, of.image_bytes) {
        fields.push(("image", format!("{}, {}", image.short(), Bytes(bytes))));
    }
    print_fields(&fields);
    if !detail.locks.is_empty() {
        print_heading("Locks");
        let mut rows = table(&["lock", "packages", "resolved", ""]);
        for lock in &detail.locks {
            rows.add_row(lock_row(lock, of.lock.as_ref()));
        }
        print_table(&rows);
    }
    if !detail.packages.is_empty() {
        print_heading("Packages");
        let mut rows = table(&["package", "locked", "requested"]);
        for package in &detail.packages {
            let requested = package.requested.as_deref().map(inert);
            rows.add_row([
                inert(&package.name),
                inert(&package.locked),
                requested.unwrap_or_else(|| paint("by another", "2")),
            ]);
        }
        print_table(&rows);
    }
}

fn lock_row(lock: &LockSummary, used: Option<&LockSummary>) -> [String; 4] {
    let in_use = used.is_some_and(|used| used.digest == lock.digest);
    [
        lock.digest.short().to_owned(),
        lock.packages.to_string(),
        moment(lock.resolved_at),
        if in_use {
            paint("in use", "32")
        } else {
            String::new()
        },
    ]
}

/// A line for each package that differs.
pub(super) fn package_lines(diff: &PackageDiff) -> Vec<String> {
    let mut lines = Vec::new();
    for package in &diff.changed {
        let text = format!("~ {} {} → {}", package.name, package.from, package.to);
        lines.push(paint(&inert(&text), "33"));
    }
    for package in &diff.added {
        let text = format!("+ {} {}", package.name, package.version);
        lines.push(paint(&inert(&text), "32"));
    }
    for package in &diff.removed {
        let text = format!("- {} {}", package.name, package.version);
        lines.push(paint(&inert(&text), "31"));
    }
    lines
}

async fn diff(
    backend: &Backend,
    first: &str,
    second: Option<&str>,
    json: bool,
) -> Result<ExitCode, Error> {
    let found = backend.compare(first, second).await?;
    if json {
        print_json(&found);
        return Ok(ExitCode::SUCCESS);
    }
    let (from, to) = (&found.from, &found.to);
    for (sign, side) in [("from", from), ("to", to)] {
        let text = format!(
            "{sign:5}environment {}, Python {}, lock {} of {}",
            side.key.short(),
            side.python,
            side.lock.digest.short(),
            moment(side.lock.resolved_at)
        );
        errln!("{}", paint(&text, "2"));
    }
    if from.python != to.python {
        outln!("~ Python {} → {}", from.python, to.python);
    }
    for line in package_lines(&found.packages) {
        outln!("{line}");
    }
    if found.packages.is_empty() {
        let same = from.lock.digest == to.lock.digest;
        errln!(
            "{}",
            match same {
                true => "the same packages",
                false => "the same packages and versions, with other hashes",
            }
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn freeze(
    app: &App,
    name: &TaskName,
    write: bool,
    json: bool,
) -> Result<ExitCode, service::Error> {
    let task = app.catalogue.load(name)?;
    let show = Show {
        quiet: json,
        ..SHOW
    };
    let frozen = watched(app, name, show, async |context| {
        freeze::freeze(app, &task, &context).await
    })
    .await?;
    let written = match write {
        true => Some(freeze::write_frozen(app, &task, &frozen).await?),
        false => None,
    };
    let text = frozen.text();
    let from = match &frozen {
        Frozen::Lock(_) => "lock",
        Frozen::Venv(_) => "venv",
    };
    if json {
        print_json(&json!({ "task": name, "from": from, "text": text, "written": written }));
        return Ok(ExitCode::SUCCESS);
    }
    match (&written, &frozen) {
        (Some(path), _) => outln!("{}", path.display()),
        (None, _) => text.lines().for_each(|line| outln!("{}", inert(line))),
    }
    if let Frozen::Venv(venv) = &frozen {
        let note = format!("from {}, without hashes", venv.path.display());
        errln!("{}", paint(&inert(&note), "2"));
    }
    Ok(ExitCode::SUCCESS)
}

/// A service elsewhere gives the lock; the files of its tasks are its own.
async fn freeze_there(
    client: &Client,
    name: &TaskName,
    write: bool,
    json: bool,
) -> Result<ExitCode, Error> {
    if write {
        return Err(Error::invalid(
            "--write changes a file of the task, which is with the service: leave it out, and put the lines where they belong",
        ));
    }
    let text = client.lock(name.as_str()).await?;
    if json {
        let written: Option<&str> = None;
        print_json(&json!({ "task": name, "from": "lock", "text": text, "written": written }));
    } else {
        text.lines().for_each(|line| outln!("{}", inert(line)));
    }
    Ok(ExitCode::SUCCESS)
}
