//! `runbay hook` and `runbay report`: by a service if there is one, else by this
//! process.

use super::backend::Backend;
use super::error::Error;
use super::hook_args::{HookCommand, ReportArgs};
use super::output::{
    ago, errln, inert, moment, outln, paint, print_fields, print_json, print_table, table,
};
use crate::domain::audit::Actor;
use crate::domain::hook::{Delivery, DeliveryState, DeliveryTries, Hook, HookName, HookSpec};
use crate::service::hooks::{self, DeliveriesQuery, Trial};
use crate::service::page::Limit;
use crate::service::report::{self, ReportPreview};
use crate::service::{self};
use chrono::Utc;
use std::process::ExitCode;

pub(super) async fn hook(backend: &Backend, command: HookCommand) -> Result<ExitCode, Error> {
    match command {
        HookCommand::Ls { json } => list(&backend.hooks().await?, json),
        HookCommand::Add { name, kind, what } => {
            if backend.hooks().await?.iter().any(|hook| hook.name == name) {
                let text = format!("there is a hook {name} already: `runbay hook edit {name}`");
                return Err(service::Error::Conflict(text).into());
            }
            let (mut spec, template) = (HookSpec::new(kind), what.template()?);
            what.apply(&mut spec, template, true);
            backend.put_hook(&name, spec).await?;
            errln!("{name} is told from now on; `runbay hook test {name}` tries it");
        }
        HookCommand::Edit {
            name,
            what,
            enabled,
        } => {
            let (mut spec, template) = (backend.hook(&name).await?.spec, what.template()?);
            what.apply(&mut spec, template, false);
            spec.enabled = enabled.unwrap_or(spec.enabled);
            backend.put_hook(&name, spec).await?;
            errln!("{name} is changed");
        }
        HookCommand::Show { name, json } => show(&backend.hook(&name).await?, json),
        HookCommand::Rm { name } => {
            backend.remove_hook(&name).await?;
            errln!("{name} is gone, with its deliveries");
        }
        HookCommand::Test { name } => return Ok(tried(&name, &backend.test_hook(&name).await?)),
        HookCommand::Log {
            name,
            id: Some(id),
            json,
            ..
        } => tries(&backend.delivery(&name, &id).await?, json),
        HookCommand::Log {
            name,
            id: None,
            state,
            limit,
            json,
        } => {
            let limit = Limit::try_from(limit).map_err(Error::invalid)?;
            log(&backend.deliveries(&name, state, limit).await?, json);
        }
        HookCommand::Redeliver { name, id } => {
            let again = backend.redeliver(&name, id).await?;
            match again {
                1 => errln!("1 delivery is sent again"),
                more => errln!("{more} deliveries are sent again"),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn report(backend: &Backend, args: &ReportArgs) -> Result<ExitCode, Error> {
    let report = backend.report().await?;
    if let Some(path) = &args.preview {
        let what = format!("{} cannot be written", path.display());
        std::fs::write(path, &report.html).map_err(service::Error::io(what))?;
        errln!("{} shows it", path.display());
    } else if args.html {
        outln!("{}", report.html);
    } else {
        outln!("{}", inert_lines(&report.text));
    }
    Ok(ExitCode::SUCCESS)
}

fn inert_lines(text: &str) -> String {
    text.lines().map(inert).collect::<Vec<_>>().join("\n")
}

/// Where a hook leads, for people.
fn target(spec: &HookSpec) -> String {
    match (&spec.url, &spec.url_secret) {
        (Some(url), _) => inert(url),
        (None, Some(secret)) => format!("address in {secret}"),
        (None, None) => inert(&spec.to.join(", ")),
    }
}

fn state(hook: &Hook) -> String {
    if !hook.spec.enabled {
        return paint("not told", "33");
    }
    match hook.resting_until.filter(|until| *until > Utc::now()) {
        Some(until) => paint(&format!("rests until {}", moment(until)), "33"),
        None if hook.failures > 0 => paint(&format!("failed {} times", hook.failures), "33"),
        None => "well".to_owned(),
    }
}

fn list(hooks: &[Hook], json: bool) {
    if json {
        return print_json(&hooks);
    }
    if hooks.is_empty() {
        errln!("nobody is told of anything; `runbay hook add <NAME>` changes that");
        return;
    }
    let mut rows = table(&["name", "kind", "to", "of", "state", "waiting", "dead"]);
    for hook in hooks {
        rows.add_row([
            hook.name.to_string(),
            hook.spec.kind.to_string(),
            target(&hook.spec),
            events(&hook.spec),
            state(hook),
            hook.waiting.to_string(),
            hook.dead.to_string(),
        ]);
    }
    print_table(&rows);
}

fn events(spec: &HookSpec) -> String {
    let mut all: Vec<String> = spec.events.iter().map(ToString::to_string).collect();
    all.extend(
        spec.daily
            .as_ref()
            .map(|daily| format!("report at {}", daily.at.format("%H:%M"))),
    );
    all.join(", ")
}

fn show(hook: &Hook, json: bool) {
    if json {
        return print_json(hook);
    }
    let spec = &hook.spec;
    let words = |all: Vec<String>| match all.is_empty() {
        true => "all".to_owned(),
        false => inert(&all.join(", ")),
    };
    let tasks = spec.tasks.iter().map(ToString::to_string);
    let tags = spec.tags.iter().map(|tag| format!("tag {tag}"));
    print_fields(&[
        ("name", hook.name.to_string()),
        ("kind", spec.kind.to_string()),
        ("to", target(spec)),
        (
            "secret",
            spec.secret
                .as_ref()
                .map_or("–".to_owned(), ToString::to_string),
        ),
        ("told of", events(spec)),
        ("tasks", words(tasks.chain(tags).collect())),
        (
            "outcomes",
            words(spec.outcomes.iter().map(ToString::to_string).collect()),
        ),
        (
            "template",
            if spec.template.is_some() {
                "its own"
            } else {
                "the usual"
            }
            .to_owned(),
        ),
        ("state", state(hook)),
        ("waiting", hook.waiting.to_string()),
        ("dead", hook.dead.to_string()),
        ("made", ago(hook.created_at)),
    ]);
}

fn tried(name: &HookName, trial: &Trial) -> ExitCode {
    let answer = trial
        .status
        .map_or_else(String::new, |status| format!(" ({status})"));
    match &trial.problem {
        None => {
            errln!("{name} took it{answer}, in {} ms", trial.took_ms);
            ExitCode::SUCCESS
        }
        Some(problem) => {
            errln!(
                "{} {name} did not take it: {}",
                paint("wrong:", "31"),
                inert(problem)
            );
            ExitCode::from(1)
        }
    }
}

fn log(deliveries: &[Delivery], json: bool) {
    if json {
        return print_json(&deliveries);
    }
    let mut rows = table(&[
        "id", "event", "task", "happened", "state", "tries", "answer",
    ]);
    for delivery in deliveries {
        let state = match delivery.state {
            DeliveryState::Dead => paint("dead", "31"),
            other => other.to_string(),
        };
        let status = delivery.status.map(|status| status.to_string());
        rows.add_row([
            delivery.id.clone(),
            delivery.event.to_string(),
            delivery
                .task
                .as_ref()
                .map_or("–".to_owned(), ToString::to_string),
            ago(delivery.at),
            state,
            delivery.tries.to_string(),
            inert(
                delivery
                    .problem
                    .as_deref()
                    .or(status.as_deref())
                    .unwrap_or("–"),
            ),
        ]);
    }
    print_table(&rows);
}

fn tries(shown: &DeliveryTries, json: bool) {
    if json {
        return print_json(shown);
    }
    let delivery = &shown.delivery;
    let of = delivery.task.as_ref();
    print_fields(&[
        ("id", delivery.id.clone()),
        ("event", delivery.event.to_string()),
        ("task", of.map_or("–".to_owned(), ToString::to_string)),
        ("happened", moment(delivery.at)),
        ("state", delivery.state.to_string()),
        ("tries", delivery.tries.to_string()),
    ]);
    let mut rows = table(&["tried", "took", "status", "what was wrong", "answer"]);
    for one in &shown.history {
        let text = |text: &Option<String>| text.as_deref().map_or("–".to_owned(), inert);
        rows.add_row([
            moment(one.at),
            format!("{} ms", one.took_ms),
            one.status
                .map_or("–".to_owned(), |status| status.to_string()),
            text(&one.problem),
            text(&one.answer),
        ]);
    }
    print_table(&rows);
}

impl Backend {
    async fn hooks(&self) -> Result<Vec<Hook>, Error> {
        match self {
            Self::There(client) => Ok(client.hooks().await?),
            Self::Here(app) => Ok(hooks::list(app).await?),
        }
    }

    async fn hook(&self, name: &HookName) -> Result<Hook, Error> {
        match self {
            Self::There(client) => Ok(client.hook(name).await?),
            Self::Here(app) => Ok(hooks::show(app, name).await?),
        }
    }

    async fn put_hook(&self, name: &HookName, spec: HookSpec) -> Result<Hook, Error> {
        match self {
            Self::There(client) => Ok(client.put_hook(name, &spec).await?),
            Self::Here(app) => Ok(hooks::put(app, &Actor::local(), name, spec).await?),
        }
    }

    async fn remove_hook(&self, name: &HookName) -> Result<(), Error> {
        match self {
            Self::There(client) => Ok(client.remove_hook(name).await?),
            Self::Here(app) => Ok(hooks::remove(app, &Actor::local(), name).await?),
        }
    }

    async fn test_hook(&self, name: &HookName) -> Result<Trial, Error> {
        match self {
            Self::There(client) => Ok(client.test_hook(name).await?),
            Self::Here(app) => Ok(Box::pin(hooks::test(app, &Actor::local(), name)).await?),
        }
    }

    async fn deliveries(
        &self,
        name: &HookName,
        state: Option<DeliveryState>,
        limit: Limit,
    ) -> Result<Vec<Delivery>, Error> {
        let app = match self {
            Self::There(client) => return Ok(client.deliveries(name, state, limit.0).await?),
            Self::Here(app) => app,
        };
        let query = DeliveriesQuery {
            state,
            cursor: None,
            limit,
        };
        Ok(hooks::deliveries(app, name, query).await?.items)
    }

    async fn delivery(&self, name: &HookName, id: &str) -> Result<DeliveryTries, Error> {
        match self {
            Self::There(client) => Ok(client.delivery(name, id).await?),
            Self::Here(app) => Ok(hooks::delivery(app, name, id).await?),
        }
    }

    async fn redeliver(&self, name: &HookName, id: Option<String>) -> Result<usize, Error> {
        match self {
            Self::There(client) => Ok(client.redeliver(name, id.as_deref()).await?),
            Self::Here(app) => Ok(hooks::redeliver(app, &Actor::local(), name, id).await?),
        }
    }

    async fn report(&self) -> Result<ReportPreview, Error> {
        match self {
            Self::There(client) => Ok(client.report().await?),
            Self::Here(app) => Ok(Box::pin(report::preview(app, Utc::now())).await?),
        }
    }
}
