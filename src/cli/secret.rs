//! `runbay secret`: by a service if there is one, else by this process.

use super::backend::Backend;
use super::error::Error;
use super::output::{ago, errln, inert, outln, paint, print_json, print_table, table};
use super::secret_args::SecretCommand;
use crate::domain::audit::Actor;
use crate::domain::counted;
use crate::domain::secret::{Secret, SecretName};
use crate::service::page::Limit;
use crate::service::secrets::{self, Checkup, SecretRun, SecretView};
use crate::service::{self};
use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;

pub(super) async fn secret(
    find: impl Fn() -> Result<Backend, Error>,
    command: SecretCommand,
) -> Result<ExitCode, Error> {
    match command {
        SecretCommand::Set { name, file, tasks } => {
            let value = read_value(&name, file)?;
            let set = find()?.set_secret(&name, value, &tasks).await?;
            if let Some(warning) = set.warning {
                errln!("{} {warning}", paint("careful:", "33"));
            }
            errln!("{name} is set (version {})", set.version);
        }
        SecretCommand::Ls { json } => list(&find()?.secrets().await?, json),
        SecretCommand::Rm { name } => {
            find()?.remove_secret(&name).await?;
            errln!("{name} is gone, with its grants");
        }
        SecretCommand::Grant { name, tasks } => {
            let backend = find()?;
            for task in &tasks {
                backend.grant_secret(&name, task, true).await?;
                errln!("{task} may have {name}");
            }
        }
        SecretCommand::Revoke { name, tasks } => {
            let backend = find()?;
            for task in &tasks {
                backend.grant_secret(&name, task, false).await?;
                errln!("{task} may not have {name}; runs that were given it keep it to their end");
            }
        }
        SecretCommand::Runs { name, limit, json } => {
            let limit = Limit::try_from(limit).map_err(Error::invalid)?;
            list_runs(&find()?.secret_runs(&name, limit).await?, json);
        }
        SecretCommand::Rotate => {
            let done = Box::pin(find()?.rotate_master_key()).await?;
            let key = done.key;
            errln!("the master key is {key} from now on: keep a copy of its file");
            if done.old_key_left {
                errln!(
                    "that file cannot be written from here: where it is provided, take the old key out of it, so that only the last line is left"
                );
            }
        }
        SecretCommand::MakeKey => outln!("{}", secrets::new_key()?.trim_end()),
        SecretCommand::Check { json } => return Ok(check(&find()?.check_secrets().await?, json)),
        SecretCommand::Forget { yes: _ } => forget(&find()?).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The value: asked for twice, or all of a file or of standard input.
fn read_value(name: &SecretName, file: Option<PathBuf>) -> Result<Secret, Error> {
    let stdin = std::io::stdin();
    let mut text = String::new();
    let read = match file.filter(|path| path.as_os_str() != "-") {
        Some(path) => {
            let what = format!("the secret in {} could not be read", path.display());
            let read = std::fs::File::open(&path).and_then(|mut f| f.read_to_string(&mut text));
            read.map_err(service::Error::io(what))
        }
        None if stdin.is_terminal() => return prompt(name),
        None => {
            let what = "the secret on standard input could not be read";
            let read = stdin.lock().read_to_string(&mut text);
            read.map_err(service::Error::io(what))
        }
    };
    read?;
    // Editors and `echo` end a file with a line break.
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(Secret::new(text))
}

fn prompt(name: &SecretName) -> Result<Secret, Error> {
    let asked = dialoguer::Password::new()
        .with_prompt(format!("Value of {name}"))
        .with_confirmation("The same again", "these are two different values")
        .interact();
    asked.map(Secret::new).map_err(|error| {
        let dialoguer::Error::IO(source) = error;
        service::Error::io("the value could not be asked for")(source).into()
    })
}

fn list(secrets: &[SecretView], json: bool) {
    if json {
        return print_json(&secrets);
    }
    if secrets.is_empty() {
        errln!("there are no secrets; `runbay secret set <NAME>` makes one");
        return;
    }
    let mut rows = table(&["name", "version", "set", "by", "tasks", "last run"]);
    for secret in secrets {
        let tasks = secret.tasks.iter().map(|of| match (of.granted, of.named) {
            (true, true) => of.task.to_string(),
            (true, false) => format!("{} (does not name it)", of.task),
            (false, _) => paint(&format!("{} (not granted)", of.task), "33"),
        });
        rows.add_row([
            secret.name.to_string(),
            secret
                .version
                .map_or("no value".to_owned(), |v| v.to_string()),
            secret.set_at.map_or("–".to_owned(), ago),
            inert(secret.set_by.as_deref().unwrap_or("–")),
            tasks.collect::<Vec<_>>().join(", "),
            secret
                .last_run
                .map_or("never".to_owned(), |run| run.short()),
        ]);
    }
    print_table(&rows);
}

fn list_runs(runs: &[SecretRun], json: bool) {
    if json {
        return print_json(&runs);
    }
    let mut rows = table(&["run", "task", "version", "given", "outcome"]);
    for run in runs {
        rows.add_row([
            run.run.short(),
            run.task.to_string(),
            run.version.to_string(),
            ago(run.given_at),
            run.outcome.map_or("not over".to_owned(), |o| o.to_string()),
        ]);
    }
    print_table(&rows);
}

fn check(found: &Checkup, json: bool) -> ExitCode {
    if json {
        print_json(found);
    } else {
        for problem in &found.problems {
            outln!("{} {}", paint("wrong:", "31"), inert(problem));
        }
        for note in &found.notes {
            outln!("{} {}", paint("note:", "33"), inert(note));
        }
        let key = found.key.as_ref().map_or_else(
            || "no master key is needed yet".to_owned(),
            |key| {
                format!(
                    "all under the master key {key} in {}",
                    found.key_file.display()
                )
            },
        );
        errln!("{}, {key}", counted(found.secrets, "secret"));
    }
    match found.problems.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(65),
    }
}

async fn forget(backend: &Backend) -> Result<(), Error> {
    let Backend::Here(app) = backend else {
        return Err(Error::invalid(
            "a service that runs has the key: `runbay secret check` tells what is wrong",
        ));
    };
    let gone = secrets::forget(app, &Actor::local()).await?;
    errln!("{gone} values are gone; `runbay secret set` gives each secret a new one");
    Ok(())
}
