//! `runbay build`, and what else shows a build while it goes on.

use super::args::BuildArgs;
use super::backend::Backend;
use super::error::Error;
use super::follow::attend;
use super::output::{errln, outln, paint, span};
use super::printer::Show;
use super::run::cancel_on_signal;
use super::{build_there, exit};
use crate::client;
use crate::domain::counted;
use crate::domain::ids::TaskName;
use crate::domain::size::Bytes;
use crate::image::{BuildContext, ImageError};
use crate::service::builds::{self, Built};
use crate::service::work::{Aim, Making};
use crate::service::{self, App};
use crate::versions::VersionError;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What sysexits.h calls EX_DATAERR.
const BAD: u8 = 65;

pub(super) async fn build(backend: &Backend, args: BuildArgs) -> Result<ExitCode, Error> {
    let tasks = match args.tasks.is_empty() {
        true => all(backend).await?,
        false => args.tasks,
    };
    let mut done = BTreeSet::new();
    let mut failed = 0;
    for task in &tasks {
        if !args.json {
            errln!("{} {task}", paint("building", "1"));
        }
        // Tasks that share an environment need it built anew once.
        let anew = match args.fresh {
            true => backend
                .environment_key(task)
                .await?
                .is_none_or(|key| done.insert(key)),
            false => false,
        };
        match build_one(backend, task, anew, args.json).await {
            Ok(built) => print_built(&built, args.json),
            Err(error) if is_for_all(&error) => return Err(error),
            Err(error) => {
                failed += 1;
                print_failed(task, &error, args.json);
            }
        }
    }
    if failed > 0 && tasks.len() > 1 {
        errln!("{} of {} failed", failed, counted(tasks.len(), "build"));
    }
    Ok(ExitCode::from(if failed == 0 { 0 } else { BAD }))
}

/// Whether the next task would fare no better.
fn is_for_all(error: &Error) -> bool {
    use service::Error as At;
    match error {
        Error::Service(error) => matches!(
            error,
            At::Engine(_)
                | At::Store(_)
                | At::Log(_)
                | At::Io { .. }
                | At::NoRoom(_)
                | At::Image(
                    ImageError::Cancelled
                        | ImageError::Engine(_)
                        | ImageError::Version(VersionError::Io { .. }),
                )
        ),
        Error::Client(client::Error::Refused(refusal)) => {
            matches!(refusal.status, 401 | 403 | 500..)
        }
        Error::Client(_) => true,
    }
}

/// All tasks; what is no task is told, and no failure.
async fn all(backend: &Backend) -> Result<Vec<TaskName>, Error> {
    let items = backend.tasks(None).await?;
    let not = items
        .iter()
        .filter(|item| !item.problems.is_empty())
        .count();
    if not > 0 {
        let what = match not {
            1 => "1 entry of the tasks folder is no task".to_owned(),
            n => format!("{n} entries of the tasks folder are no tasks"),
        };
        errln!(
            "{}",
            paint(&format!("{what}; `runbay check` says why"), "2")
        );
    }
    let tasks = items.into_iter().filter(|item| item.problems.is_empty());
    Ok(tasks.filter_map(|item| item.name.parse().ok()).collect())
}

async fn build_one(
    backend: &Backend,
    name: &TaskName,
    anew: bool,
    json: bool,
) -> Result<Built, Error> {
    let show = Show {
        json,
        ..Show::default()
    };
    let app = match backend {
        Backend::Here(app) => app,
        Backend::There(client) => {
            let work =
                build_there::watched(client, name, &Aim::Image(Making { anew }), show).await?;
            return work.built.ok_or_else(|| {
                Error::from(service::Error::Conflict(format!(
                    "the service does not say what it built for {name}"
                )))
            });
        }
    };
    let task = app.catalogue.load(name).map_err(service::Error::from)?;
    let built = watched(app, name, show, async |context| {
        builds::build(app, &task, &BuildContext { anew, ..context }).await
    });
    Ok(built.await?)
}

/// Does what builds, shows its output, and cancels it at a signal.
pub(super) async fn watched<T>(
    app: &App,
    task: &TaskName,
    show: Show,
    work: impl AsyncFnOnce(BuildContext) -> Result<T, service::Error>,
) -> Result<T, service::Error> {
    let log = builds::open_log(app, task)?;
    let viewer = attend(builds::log_path(app, task), log.subscribe(), show);
    let cancel = CancellationToken::new();
    let signals = tokio::spawn(cancel_on_signal(cancel.clone()));
    let context = BuildContext {
        log: log.clone(),
        cancel,
        fresh: true,
        anew: false,
    };
    let result = work(context).await;
    signals.abort();
    log.finish();
    drop(tokio::task::spawn_blocking(move || viewer.join()).await);
    result
}

fn print_built(built: &Built, json: bool) {
    if json {
        outln!("{}", json!({ "event": "built", "build": built }));
        return;
    }
    let how = match built.cached {
        true => "was there".to_owned(),
        false => format!("built in {}", span(Duration::from_secs_f64(built.seconds))),
    };
    outln!(
        "{}  {}  {}  {}",
        built.task,
        built.image.short(),
        Bytes(built.image_bytes),
        paint(&how, "32")
    );
}

fn print_failed(task: &TaskName, error: &Error, json: bool) {
    if json {
        let reason = crate::domain::report(error);
        outln!(
            "{}",
            json!({ "event": "failed", "task": task, "reason": reason })
        );
    } else {
        exit::report(error);
    }
}
