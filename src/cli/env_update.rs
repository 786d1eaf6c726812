//! `runbay env update` and `validate`: what the requirements of a task mean
//! today.

use super::backend::Backend;
use super::build::watched;
use super::build_there;
use super::env::{SHOW, package_lines};
use super::error::Error;
use super::output::{outln, paint, print_json};
use super::printer::Show;
use crate::domain::counted;
use crate::domain::ids::TaskName;
use crate::service;
use crate::service::environments::{self, Proposal};
use crate::service::work::{Adopting, Aim, Proposed};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// A newer lock, and what adopts it.
struct Offer<'a> {
    backend: &'a Backend,
    task: &'a TaskName,
    show: Show,
    proposed: Proposed,
    /// Where this process found it itself.
    here: Option<Proposal>,
}

impl<'a> Offer<'a> {
    /// Resolves the requirements of a task anew; nothing is changed.
    async fn ask(backend: &'a Backend, task: &'a TaskName, json: bool) -> Result<Self, Error> {
        let show = Show {
            quiet: json,
            ..SHOW
        };
        let (proposed, here) = match backend {
            Backend::Here(app) => {
                let of = app.catalogue.load(task).map_err(service::Error::from)?;
                let found = watched(app, task, show, async |context| {
                    environments::propose(app, &of, &context).await
                });
                let found = found.await?;
                (Proposed::from(&found), Some(found))
            }
            Backend::There(client) => {
                let work = build_there::watched(client, task, &Aim::Proposal, show).await?;
                let none = || {
                    let text = format!("the service does not say what it found for {task}");
                    service::Error::Conflict(text)
                };
                (work.proposal.ok_or_else(none)?, None)
            }
        };
        Ok(Self {
            backend,
            task,
            show,
            proposed,
            here,
        })
    }

    async fn adopt(&self) -> Result<(), Error> {
        match (self.backend, &self.here) {
            (Backend::Here(app), Some(found)) => {
                let adopted = watched(app, self.task, self.show, async |context| {
                    environments::adopt(app, found, &context).await
                });
                adopted.await?;
            }
            (Backend::There(client), _) => {
                let lock = self.proposed.lock.digest.clone();
                let aim = Aim::Adoption(Adopting { lock });
                build_there::watched(client, self.task, &aim, self.show).await?;
            }
            (Backend::Here(_), None) => {}
        }
        Ok(())
    }
}

/// `runbay env update`
pub(super) async fn update(
    backend: &Backend,
    name: &TaskName,
    yes: bool,
    json: bool,
) -> Result<ExitCode, Error> {
    let asks = !yes && std::io::stdin().is_terminal() && !json;
    let offer = Offer::ask(backend, name, json).await?;
    let proposed = &offer.proposed;
    if !json {
        print_proposal(name, proposed);
    }
    let adopt = proposed.changed && (yes || (asks && agrees()?));
    if adopt {
        offer.adopt().await?;
    }
    if json {
        print_json(&json!({
            "task": name,
            "before": proposed.before,
            "proposed": proposed.lock,
            "packages": proposed.packages,
            "changed": proposed.changed,
            "adopted": adopt,
        }));
    } else if adopt {
        outln!("{} is on the new lock; its next run uses it", name);
    } else if proposed.changed && !asks {
        return Err(Error::invalid(format!(
            "nothing was changed: `runbay env update {name} --yes` takes the new lock"
        )));
    } else if proposed.changed {
        outln!("nothing was changed");
    }
    Ok(ExitCode::SUCCESS)
}

fn print_proposal(name: &TaskName, proposed: &Proposed) {
    if !proposed.changed {
        outln!("{name} is up to date: nothing changed");
    } else if proposed.before.is_none() {
        outln!("{name} was never resolved; it means today:");
    } else if proposed.packages.is_empty() {
        outln!("the same versions, with other hashes");
    }
    for line in package_lines(&proposed.packages) {
        outln!("  {line}");
    }
}

/// Asks on the terminal; only a plain yes is one.
fn agrees() -> Result<bool, service::Error> {
    let failed = || service::Error::io("the answer could not be read");
    let mut err = std::io::stderr();
    write!(err, "Take it? [y/N] ").map_err(failed())?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(failed())?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

/// `runbay env validate`
pub(super) async fn validate(
    backend: &Backend,
    name: &TaskName,
    json: bool,
) -> Result<ExitCode, Error> {
    let packages = match Offer::ask(backend, name, json).await {
        Ok(offer) => offer.proposed.locked,
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
        outln!("{name}: {ok}, {}", counted(packages.len(), "package"));
    }
    Ok(ExitCode::SUCCESS)
}
