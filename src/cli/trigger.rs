//! `runbay trigger`: by a service if there is one, else by this process.

use super::backend::Backend;
use super::error::Error;
use super::output::{ago, errln, outln, print_json, print_table, table};
use super::secret_args::pair;
use crate::domain::audit::Actor;
use crate::domain::ids::TaskName;
use crate::domain::secret::SecretName;
use crate::domain::trigger::{Trigger, TriggerAuth, TriggerName, TriggerSpec};
use crate::service;
use crate::service::triggers::{self, TriggerMade};
use clap::{Args, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum TriggerCommand {
    /// List triggers
    Ls {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make an address at which another service starts runs of a task
    ///
    /// Prints the address; with a token in it, it is shown this once.
    Add {
        /// Its name
        name: TriggerName,
        /// The task
        task: TaskName,
        #[command(flatten)]
        what: What,
    },
    /// Give a trigger a new token, and print its address once
    Rotate {
        /// Its name
        name: TriggerName,
    },
    /// Remove a trigger
    Rm {
        /// Its name
        name: TriggerName,
    },
}

#[derive(Debug, Args)]
pub(super) struct What {
    /// How callers prove that they may: token, github or standard
    #[arg(long, default_value = "token")]
    auth: TriggerAuth,
    /// The secret that callers sign with
    #[arg(long, value_name = "SECRET")]
    secret: Option<SecretName>,
    /// A parameter and its place in what is sent: day=/report/day (repeat for more)
    #[arg(short, long = "param", value_name = "NAME=POINTER", value_parser = pair)]
    params: Vec<(String, String)>,
    /// How many runs it may start in a minute
    #[arg(long, value_name = "N", default_value_t = 60)]
    per_minute: u32,
}

pub(super) async fn trigger(backend: &Backend, command: TriggerCommand) -> Result<ExitCode, Error> {
    match command {
        TriggerCommand::Ls { json } => list(&backend.triggers().await?, json),
        TriggerCommand::Add { name, task, what } => {
            if backend.triggers().await?.iter().any(|one| one.name == name) {
                let text = format!(
                    "there is a trigger {name} already: `runbay trigger rotate {name}` gives it a new token"
                );
                return Err(service::Error::Conflict(text).into());
            }
            let spec = TriggerSpec {
                auth: what.auth,
                secret: what.secret,
                params: what.params.into_iter().collect(),
                per_minute: what.per_minute,
                ..TriggerSpec::new(task)
            };
            made(&backend.put_trigger(&name, spec).await?);
        }
        TriggerCommand::Rotate { name } => made(&backend.rotate_trigger(&name).await?),
        TriggerCommand::Rm { name } => {
            backend.remove_trigger(&name).await?;
            errln!("{name} is gone");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn made(made: &TriggerMade) {
    outln!("{}", made.url);
    match &made.trigger.spec.secret {
        None => {
            errln!("whoever has this address may start runs; it is shown this once");
        }
        Some(secret) => {
            errln!("POST JSON to it, signed with {secret}");
        }
    }
}

fn list(triggers: &[Trigger], json: bool) {
    if json {
        return print_json(&triggers);
    }
    if triggers.is_empty() {
        errln!("there are no triggers; `runbay trigger add <NAME> <TASK>` makes one");
        return;
    }
    let mut rows = table(&["name", "task", "by", "a minute", "made", "used"]);
    for one in triggers {
        rows.add_row([
            one.name.to_string(),
            one.spec.task.to_string(),
            one.spec.auth.to_string(),
            one.spec.per_minute.to_string(),
            ago(one.created_at),
            one.used_at.map_or("never".to_owned(), ago),
        ]);
    }
    print_table(&rows);
}

impl Backend {
    async fn triggers(&self) -> Result<Vec<Trigger>, Error> {
        match self {
            Self::There(client) => Ok(client.triggers().await?),
            Self::Here(app) => Ok(triggers::list(app).await?),
        }
    }

    async fn put_trigger(
        &self,
        name: &TriggerName,
        spec: TriggerSpec,
    ) -> Result<TriggerMade, Error> {
        match self {
            Self::There(client) => Ok(client.put_trigger(name, &spec).await?),
            Self::Here(app) => Ok(triggers::put(app, &Actor::local(), name, (spec, false)).await?),
        }
    }

    async fn rotate_trigger(&self, name: &TriggerName) -> Result<TriggerMade, Error> {
        match self {
            Self::There(client) => Ok(client.rotate_trigger(name).await?),
            Self::Here(app) => Ok(triggers::rotate(app, &Actor::local(), name).await?),
        }
    }

    async fn remove_trigger(&self, name: &TriggerName) -> Result<(), Error> {
        match self {
            Self::There(client) => Ok(client.remove_trigger(name).await?),
            Self::Here(app) => Ok(triggers::remove(app, &Actor::local(), name).await?),
        }
    }
}
