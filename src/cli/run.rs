//! `runbay run` and `runbay rerun`: by a service if there is one, else by this
//! process.

use super::args::{Global, HowArgs, RerunArgs, RunArgs};
use super::backend::{Backend, Found, elsewhere};
use super::drive::{Guard, adopt_abandoned, detached};
use super::error::Error;
use super::follow::attend;
use super::output::{errln, outln, paint, span, status};
use super::printer::Show;
use super::{exit, run_there};
use crate::attempt::{Ahead, Order, Seen};
use crate::catalogue::Catalogue;
use crate::client::Launch;
use crate::config::Config;
use crate::domain::counted;
use crate::domain::ids::RunId;
use crate::domain::measure::Measurements;
use crate::domain::run::{Ended, OnDisconnect, Outcome, Run};
use crate::domain::secret::{Secret, Secrets};
use crate::domain::size::Bytes;
use crate::domain::task::Task;
use crate::logs::path_of;
use crate::service::runlock::RunLock;
use crate::service::runs::{self, Again, Request};
use crate::service::{self, App, Reached, drive, secrets};
use crate::threads::joined;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(super) async fn run(global: &Global, args: RunArgs) -> Result<ExitCode, Error> {
    let found = elsewhere(global)?;
    let given = lookup(&args.how.secrets)?;
    let mut params = BTreeMap::new();
    for (name, value) in args.params {
        if params.insert(name.clone(), Value::String(value)).is_some() {
            return Err(Error::invalid(format!("parameter {name} is given twice")));
        }
    }
    let config = match found {
        Found::Nobody(config) => config,
        Found::There(client) => {
            let launch = Launch {
                task: args.task,
                params,
                args: args.args,
                secrets: given,
                key: uuid::Uuid::new_v4().to_string(),
            };
            let run = run_there::start(&client, &launch).await?;
            return run_there::attend(&client, &run, &args.how).await;
        }
    };
    let look = async |config: &Arc<Config>, catalogue: &Arc<Catalogue>| {
        let reaching = reach(config.clone());
        // So that the engine is asked before files are read, on this thread: to
        // hand them over would take as long.
        tokio::task::yield_now().await;
        (runs::load(catalogue, &args.task), reaching)
    };
    let (app, (task, reaching)) = App::open_beside(*config, look).await?;
    let task = task?;
    let seen = see(task.clone());
    let ahead = tokio::spawn(look_ahead(app.clone(), reaching, seen));
    let request = Request {
        params,
        args: args.args,
        secrets: given,
        on_disconnect: disconnect(&args.how),
        ..Request::new(args.task)
    };
    let made = runs::request(&app, &task, &request).await;
    let (run, lock) = made.map_err(hinted)?;
    let made = Made {
        run,
        lock,
        task,
        ahead,
    };
    Ok(carry_out(&app, global, made, &args.how).await?)
}

pub(super) async fn rerun(
    backend: &Backend,
    global: &Global,
    args: RerunArgs,
) -> Result<ExitCode, Error> {
    let given = lookup(&args.how.secrets)?;
    let app = match backend {
        Backend::Here(app) => app,
        Backend::There(client) => {
            let run = client.rerun(&args.run, args.same_image, &given).await;
            let run = run.map_err(run_there::hinted)?;
            return run_there::attend(client, &run, &args.how).await;
        }
    };
    let earlier = runs::find(app, &args.run).await?;
    let task = app.catalogue.load(&earlier.task);
    let task = task.map_err(service::Error::from)?;
    let begins_with = (!args.same_image).then(|| task.clone());
    let seen = async { see(begins_with?).await };
    let ahead = tokio::spawn(look_ahead(app.clone(), reach(app.config.clone()), seen));
    let again = Again {
        of: earlier.id,
        same_image: args.same_image,
        on_disconnect: disconnect(&args.how),
        by: None,
        secrets: given,
    };
    let (run, lock) = runs::rerun(app, &again).await.map_err(hinted)?;
    let made = Made {
        run,
        lock,
        task,
        ahead,
    };
    Ok(carry_out(app, global, made, &args.how).await?)
}

fn disconnect(how: &HowArgs) -> OnDisconnect {
    if how.keep || how.detach {
        OnDisconnect::Continue
    } else {
        OnDisconnect::Cancel
    }
}

/// How a command gives what was found missing.
pub(super) const GIVE: &str = "\nor give it to this run alone, as --secret NAME (taken from the environment variable of that name) or --secret NAME=@FILE";

/// Says how a command gives what was found missing.
fn hinted(error: service::Error) -> service::Error {
    match error {
        service::Error::Fields(fields)
            if fields.iter().any(|f| f.pointer.starts_with("/secrets/")) =>
        {
            let lines: Vec<_> = fields.iter().map(|f| f.message.clone()).collect();
            service::Error::Invalid(format!("{}{GIVE}", lines.join("\n")))
        }
        other => other,
    }
}

/// Where `--secret` says the values are. A value itself is never an argument:
/// every user of the machine can read those.
fn lookup(given: &[String]) -> Result<Secrets, Error> {
    let mut found = Secrets::new();
    for text in given {
        let Some((name, source)) = text.split_once('=') else {
            let value = std::env::var(text).map_err(|_| {
                Error::invalid(format!(
                    "--secret {text}: there is no environment variable of that name"
                ))
            })?;
            found.insert(text.clone(), Secret::new(value));
            continue;
        };
        let Some(file) = source.strip_prefix('@') else {
            return Err(Error::invalid(format!(
                "--secret {name}=…: a value on the command line is seen by every user of this machine; write {name}=@FILE, or export it and write --secret {name}"
            )));
        };
        let value = std::fs::read_to_string(file).map_err(service::Error::io(format!(
            "the secret in {file} could not be read"
        )))?;
        found.insert(
            name.to_owned(),
            Secret::new(value.trim_end_matches(['\r', '\n']).to_owned()),
        );
    }
    Ok(found)
}

/// A new run of which this process has the lock.
struct Made {
    run: Run,
    lock: RunLock,
    task: Task,
    /// The engine and what it has are looked for while the run is saved.
    ahead: Looking,
}

/// The engine that is being reached.
type Reaching = JoinHandle<Result<Reached, service::Error>>;
/// What a run begins with, while it is looked up.
type Looking = JoinHandle<Result<Option<Ahead>, service::Error>>;

async fn carry_out(
    app: &App,
    global: &Global,
    made: Made,
    how: &HowArgs,
) -> Result<ExitCode, service::Error> {
    let Made {
        run,
        lock,
        task,
        ahead,
    } = made;
    if how.detach {
        let sent = detached(run.id, &lock, global);
        unless_failed(app, run.id, sent).await?;
        outln!("{}", run.id);
        return Ok(ExitCode::SUCCESS);
    }
    let guard = Guard::post(run.id, &lock, global);
    let guard = unless_failed(app, run.id, guard).await?;
    let id = run.id;
    let given = unless_failed(app, id, secrets::give_for(app, &run, &task).await).await?;
    let given = given.map_err(service::Error::Conflict);
    let given = unless_failed(app, id, given).await?;
    let order = drive::first_order(app, run, given);
    let order = unless_failed(app, id, order).await?;
    let show = Show {
        json: how.json,
        quiet: how.quiet,
        bar: !how.json,
        timestamps: false,
    };
    let mut viewers = vec![view(app, &order, show)];
    let signals = tokio::spawn(cancel_on_signal(order.cancel.clone()));
    let more = |order: &Order| viewers.push(view(app, order, show));
    let ended = Box::pin(drive_here(app, order, lock, ahead, more)).await;
    signals.abort();
    let guard = guard.dismiss().await;
    let ended = ended?;
    let shown = move || viewers.into_iter().for_each(|viewer| drop(viewer.join()));
    drop(tokio::task::spawn_blocking(shown).await);
    if how.json {
        outln!("{}", json!({ "event": "finished", "run": ended }));
    } else if !how.quiet {
        summary(app, &ended).await?;
    }
    adopt_abandoned(app, global).await?;
    if let Some(mut guard) = guard {
        drop(guard.wait());
    }
    Ok(exit::of_run(&ended))
}

fn view(app: &App, order: &Order, show: Show) -> std::thread::JoinHandle<()> {
    let path = path_of(&app.config.data_dir, order.attempt);
    attend(path, order.log.subscribe(), show)
}

/// Ends a run that cannot begin; on its own it never will.
async fn unless_failed<T>(
    app: &App,
    run: RunId,
    result: Result<T, service::Error>,
) -> Result<T, service::Error> {
    if let Err(error) = &result {
        let ended = Ended::because(Outcome::InfraError, crate::domain::report(error));
        drive::finish_unstarted(app, run, &ended, &Measurements::default()).await?;
    }
    result
}

/// Reaches the engine while other things are done.
fn reach(config: Arc<Config>) -> Reaching {
    tokio::spawn(async move { Reached::of(&config).await })
}

/// What a run begins with, read while the run is saved. Files that no image can
/// be made of are left to who drives it, who finds out the same and says so.
async fn see(task: Task) -> Option<Seen> {
    Seen::read(task).ok()
}

async fn look_ahead(
    app: App,
    reaching: Reaching,
    seen: impl Future<Output = Option<Seen>>,
) -> Result<Option<Ahead>, service::Error> {
    let (driver, seen) = tokio::join!(app.driver_by(joined(reaching)), seen);
    let (driver, Some(seen)) = (driver?, seen) else {
        return Ok(None);
    };
    Ok(driver.look_ahead(seen).await)
}

async fn drive_here(
    app: &App,
    mut order: Order,
    lock: RunLock,
    ahead: Looking,
    begins: impl FnMut(&Order),
) -> Result<Run, service::Error> {
    let id = order.attempt.run;
    let log = order.log.clone();
    match joined(ahead).await {
        Ok(ahead) => order.ahead = ahead,
        Err(error) => {
            let failed = unless_failed(app, id, Err(error)).await;
            lock.dispose(&app.config.data_dir, id);
            log.finish();
            return failed;
        }
    }
    drive::drive(app, order, lock, begins).await
}

/// The first signal asks for the end; a second one does not wait for it, and
/// leaves the rest to the guard.
pub(super) async fn cancel_on_signal(cancel: CancellationToken) {
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let Ok(mut signals) = kinds.into_iter().map(signal).collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let [interrupt, terminate, hangup] = signals.as_mut_slice() else {
        return;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        if cancel.is_cancelled() {
            std::process::exit(130);
        }
        cancel.cancel();
        // A terminal that stands still must not hold up the end it asked for.
        tokio::task::spawn_blocking(|| {
            errln!("{}", paint("cancelling; once more to leave at once", "33"));
        });
    }
}

async fn summary(app: &App, run: &Run) -> Result<(), service::Error> {
    let attempts = app.store.attempts(run.id).await?;
    let measured = attempts.last().map(|a| a.measurements).unwrap_or_default();
    phases(run, &measured);
    let kept = app.store.artifacts(run.id).await?;
    if !kept.is_empty() {
        let folder = crate::attempt::artifact_dir(&app.config, run.id);
        let files = counted(kept.len(), "file");
        let text = format!("  {files} kept in {}", folder.display());
        errln!("{}", paint(&text, "2"));
    }
    Ok(())
}

/// One line about the end, with where the time went.
pub(super) fn phases(run: &Run, measured: &Measurements) {
    let start = measured
        .start_ms
        .map(|ms| ms + measured.create_ms.unwrap_or(0.0));
    let phases: Vec<String> = [
        ("image", measured.build_ms),
        ("start", start),
        ("run", measured.run_ms),
    ]
    .into_iter()
    .filter_map(|(name, ms)| {
        Some(format!(
            "{name} {}",
            span(Duration::from_secs_f64(ms? / 1e3))
        ))
    })
    .collect();
    let mut parts = vec![format!("run {}", run.id.short())];
    if !phases.is_empty() {
        parts.push(phases.join(", "));
    }
    if let Some(peak) = measured.peak_memory_bytes {
        parts.push(format!("{} memory", Bytes(peak)));
    }
    let details = paint(&format!("· {}", parts.join(" · ")), "2");
    errln!("{} {} {details}", paint("●", "2"), status(run));
}
