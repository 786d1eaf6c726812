//! `runbay build`, and what else shows a build while it goes on.

use super::args::BuildArgs;
use super::exit;
use super::follow::{Show, attend};
use super::output::{count, errln, outln, paint, span};
use super::run::cancel_on_signal;
use crate::catalogue::Found;
use crate::domain::ids::{Digest, TaskName};
use crate::domain::size::Bytes;
use crate::image::{BuildContext, ImageError};
use crate::service::builds::{self, Built};
use crate::service::{App, Error};
use crate::versions::VersionError;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What sysexits.h calls EX_DATAERR.
const BAD: u8 = 65;

pub(super) async fn build(app: &App, args: BuildArgs) -> Result<ExitCode, Error> {
    let tasks = match args.tasks.is_empty() {
        true => all(app)?,
        false => args.tasks,
    };
    let mut done = BTreeSet::new();
    let mut failed = 0;
    for task in &tasks {
        match build_one(app, task, args.fresh, args.json, &mut done).await {
            Ok(built) => print_built(&built, args.json),
            // Not this task's fault: the next would fare no better.
            Err(
                error @ (Error::Engine(_)
                | Error::Store(_)
                | Error::Log(_)
                | Error::Io { .. }
                | Error::NoRoom(_)
                | Error::Image(
                    ImageError::Cancelled
                    | ImageError::Engine(_)
                    | ImageError::Version(VersionError::Io { .. }),
                )),
            ) => return Err(error),
            Err(error) => {
                failed += 1;
                print_failed(task, &error, args.json);
            }
        }
    }
    if failed > 0 && tasks.len() > 1 {
        errln!("{} of {} failed", failed, count(tasks.len(), "build"));
    }
    Ok(ExitCode::from(if failed == 0 { 0 } else { BAD }))
}

/// All tasks; what is no task is told, and no failure.
fn all(app: &App) -> Result<Vec<TaskName>, Error> {
    let mut names = Vec::new();
    let mut not = 0;
    for found in app.catalogue.scan()? {
        match found {
            Found::Task(task) => names.push(task.name),
            Found::NotATask { .. } => not += 1,
        }
    }
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
    Ok(names)
}

async fn build_one(
    app: &App,
    name: &TaskName,
    fresh: bool,
    json: bool,
    done: &mut BTreeSet<Digest>,
) -> Result<Built, Error> {
    let task = app.catalogue.load(name)?;
    if !json {
        errln!("{} {name}", paint("building", "1"));
    }
    // Tasks that share an environment need it built anew once.
    let anew = fresh && done.insert(builds::environment_key(app, &task)?);
    let show = Show {
        json,
        ..Show::default()
    };
    watched(app, name, show, async |context| {
        builds::build(app, &task, &BuildContext { anew, ..context }).await
    })
    .await
}

/// Does what builds, shows its output, and cancels it at a signal.
pub(super) async fn watched<T>(
    app: &App,
    task: &TaskName,
    show: Show,
    work: impl AsyncFnOnce(BuildContext) -> Result<T, Error>,
) -> Result<T, Error> {
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
        exit::error(error);
    }
}
