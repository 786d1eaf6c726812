//! `runbay env`.

use super::args::EnvCommand;
use super::build::watched;
use super::follow::Show;
use super::output::{
    ago, count, errln, inert, moment, outln, paint, print_fields, print_heading, print_json,
    print_table, table,
};
use crate::domain::ids::TaskName;
use crate::domain::size::Bytes;
use crate::service::changes::PackageDiff;
use crate::service::environments::{self, Detail, Proposal};
use crate::service::freeze::{self, Frozen};
use crate::service::inspect::LockSummary;
use crate::service::{App, Error};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// A resolver's few lines: a spinner is enough on a terminal.
const SHOW: Show = Show {
    json: false,
    timestamps: false,
    quiet: false,
    bar: true,
};

pub(super) async fn env(app: &App, command: EnvCommand) -> Result<ExitCode, Error> {
    match command {
        EnvCommand::Ls { json } => ls(app, json).await,
        EnvCommand::Show { what, lock, json } => show(app, &what, lock, json).await,
        EnvCommand::Update { task, yes, json } => update(app, &task, yes, json).await,
        EnvCommand::Diff { from, to, json } => diff(app, &from, to.as_deref(), json).await,
        EnvCommand::Freeze { task, write, json } => freeze(app, &task, write, json).await,
        EnvCommand::Validate { task, json } => validate(app, &task, json).await,
    }
}

async fn ls(app: &App, json: bool) -> Result<ExitCode, Error> {
    let all = environments::list(app).await?;
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

async fn show(app: &App, what: &str, lock: bool, json: bool) -> Result<ExitCode, Error> {
    if lock {
        let environment = environments::find(app, what).await?;
        let lock = environment.lock.ok_or_else(|| {
            Error::NotFound(format!("{what} has no lock yet; `runbay build` makes one"))
        })?;
        // It came from the index through the resolver.
        for line in lock.text.lines() {
            outln!("{}", inert(line));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let detail = environments::show(app, what).await?;
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

async fn update(app: &App, name: &TaskName, yes: bool, json: bool) -> Result<ExitCode, Error> {
    let asks = !yes && std::io::stdin().is_terminal() && !json;
    let task = app.catalogue.load(name)?;
    let show = Show {
        quiet: json,
        ..SHOW
    };
    let proposal = watched(app, name, show, async |context| {
        environments::propose(app, &task, &context).await
    })
    .await?;
    let nothing = proposal.changes_nothing();
    if !json {
        print_proposal(name, &proposal);
    }
    let adopt = !nothing && (yes || (asks && agrees()?));
    if adopt {
        watched(app, name, show, async |context| {
            environments::adopt(app, &proposal, &context).await
        })
        .await?;
    }
    if json {
        print_json(&json!({
            "task": name,
            "before": proposal.before.as_ref().map(LockSummary::from),
            "proposed": LockSummary::from(&proposal.lock),
            "packages": proposal.packages,
            "changed": !nothing,
            "adopted": adopt,
        }));
    } else if adopt {
        outln!("{} is on the new lock; its next run uses it", name);
    } else if !nothing && !asks {
        return Err(Error::Invalid(format!(
            "nothing was changed: `runbay env update {name} --yes` takes the new lock"
        )));
    } else if !nothing {
        outln!("nothing was changed");
    }
    Ok(ExitCode::SUCCESS)
}

fn print_proposal(name: &TaskName, proposal: &Proposal) {
    if proposal.changes_nothing() {
        outln!("{name} is up to date: nothing changed");
    } else if proposal.before.is_none() {
        outln!("{name} was never resolved; it means today:");
    } else if proposal.packages.is_empty() {
        outln!("the same versions, with other hashes");
    }
    for line in package_lines(&proposal.packages) {
        outln!("  {line}");
    }
}

/// Asks on the terminal; only a plain yes is one.
fn agrees() -> Result<bool, Error> {
    let failed = || Error::io("the answer could not be read");
    let mut err = std::io::stderr();
    write!(err, "Take it? [y/N] ").map_err(failed())?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(failed())?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

async fn diff(app: &App, first: &str, second: Option<&str>, json: bool) -> Result<ExitCode, Error> {
    let found = environments::diff(app, first, second).await?;
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

async fn freeze(app: &App, name: &TaskName, write: bool, json: bool) -> Result<ExitCode, Error> {
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

async fn validate(app: &App, name: &TaskName, json: bool) -> Result<ExitCode, Error> {
    let task = app.catalogue.load(name)?;
    let show = Show {
        quiet: json,
        ..SHOW
    };
    let result = watched(app, name, show, async |context| {
        environments::propose(app, &task, &context).await
    })
    .await;
    let packages = match result {
        Ok(proposal) => proposal.lock.packages(),
        Err(error) if json => {
            let reason = crate::domain::report(&error);
            print_json(&json!({ "task": name, "ok": false, "reason": reason }));
            return Ok(super::exit::code(&error));
        }
        Err(error) => return Err(error),
    };
    if json {
        print_json(&json!({ "task": name, "ok": true, "packages": packages }));
    } else {
        let ok = paint("ok", "32");
        outln!("{name}: {ok}, {}", count(packages.len(), "package"));
    }
    Ok(ExitCode::SUCCESS)
}
