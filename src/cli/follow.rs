//! Shows the output of a run, from its file, at the viewer's own pace.

use super::args::LogsArgs;
use super::backend::Backend;
use super::error::Error;
use super::output::errln;
use super::printer::{Printer, Show};
use super::run_there;
use crate::client::{self, Client, From, News};
use crate::domain::ids::{AttemptId, RunId};
use crate::domain::run::RunState;
use crate::logs::{LogError, Progress, Reader, path_of};
use crate::service::{self, App, runs};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::watch;

/// Shows a log while this process writes it. It has a thread of its own: a
/// terminal that stands still holds up nobody.
pub(super) fn attend(
    path: PathBuf,
    mut progress: watch::Receiver<Progress>,
    show: Show,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut printer = Printer::new(show);
        let Ok(mut reader) = Reader::open(&path) else {
            return;
        };
        loop {
            let now = progress.borrow_and_update().clone();
            printer.build_step = now.build_step;
            if print_all(&mut reader, &mut printer).is_err() {
                return;
            }
            let shown = now
                .partial
                .map_or(Ok(()), |(_, text)| printer.partial(&text));
            let over = now.done || shown.is_err();
            if over || futures::executor::block_on(progress.changed()).is_err() {
                printer.done();
                return;
            }
        }
    })
}

fn print_all(reader: &mut Reader, printer: &mut Printer) -> Result<(), Stop> {
    loop {
        let lines = reader.next(4096).map_err(Stop::Log)?;
        if lines.is_empty() {
            return Ok(());
        }
        printer.lines(&lines).map_err(|_| Stop::Closed)?;
    }
}

enum Stop {
    Log(LogError),
    /// Nobody reads our output any more.
    Closed,
}

/// `runbay logs`
pub(super) async fn logs(backend: &Backend, args: &LogsArgs) -> Result<ExitCode, Error> {
    match backend {
        Backend::Here(app) => Ok(logs_here(app, args).await?),
        Backend::There(client) => logs_there(client, args).await,
    }
}

fn look(args: &LogsArgs) -> Show {
    Show {
        json: args.json,
        timestamps: args.timestamps,
        ..Show::default()
    }
}

async fn logs_there(client: &Client, args: &LogsArgs) -> Result<ExitCode, Error> {
    let detail = client.run(&args.run).await?;
    let newest = detail.attempts.last().map(|attempt| attempt.id.number);
    let from = From {
        attempt: args.attempt.or(newest),
        tail: args.tail,
    };
    if args.follow {
        let only = args.attempt;
        let wanted = |news: &News| match (news, only) {
            (News::Lines(attempt, _), Some(only)) => *attempt == only,
            _ => true,
        };
        let follow = client.follow(detail.run.id, from);
        run_there::print(follow, look(args), wanted).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut printer = Printer::new(look(args));
    let mut pages = client.log(detail.run.id, from);
    loop {
        match pages.next().await {
            // An error means that nobody reads our output any more.
            Ok(lines) if printer.lines(&lines).is_err() || !pages.has_more() => break,
            Ok(_) => {}
            Err(client::Error::Refused(refusal)) if refusal.status == 404 => {
                none_yet(detail.run.id);
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    printer.done();
    Ok(ExitCode::SUCCESS)
}

fn none_yet(run: RunId) {
    errln!("run {} has no such log yet", run.short());
}

async fn logs_here(app: &App, args: &LogsArgs) -> Result<ExitCode, service::Error> {
    let run = runs::find(app, &args.run).await?;
    let mut printer = Printer::new(look(args));
    let newest = app
        .store
        .attempts(run.id)
        .await?
        .last()
        .map(|a| a.id.number);
    let mut attempt = AttemptId {
        run: run.id,
        number: args.attempt.or(newest).unwrap_or(1),
    };
    let Some(mut reader) = open(app, attempt, args.follow).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(tail) = args.tail {
        let count = reader.count()?;
        reader.seek(count.saturating_sub(tail) + 1)?;
    }
    loop {
        // Asked before reading, so that nothing written before the end is
        // missed.
        let over = app.store.run(run.id).await?.state == RunState::Finished;
        let next = AttemptId {
            number: attempt.number + 1,
            ..attempt
        };
        let tried_again = path_of(&app.config.data_dir, next).exists();
        match print_all(&mut reader, &mut printer) {
            Ok(()) => {}
            Err(Stop::Log(error)) => return Err(error.into()),
            Err(Stop::Closed) => return Ok(ExitCode::SUCCESS),
        }
        if args.follow && args.attempt.is_none() && tried_again {
            attempt = next;
            reader = Reader::open(&path_of(&app.config.data_dir, attempt))?;
            continue;
        }
        if over || !args.follow {
            printer.done();
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The log of an attempt, once there is one.
async fn open(app: &App, attempt: AttemptId, wait: bool) -> Result<Option<Reader>, service::Error> {
    let path = path_of(&app.config.data_dir, attempt);
    let run = attempt.run;
    loop {
        match Reader::open(&path) {
            Ok(reader) => return Ok(Some(reader)),
            Err(error) if error.source.kind() != io::ErrorKind::NotFound => {
                return Err(error.into());
            }
            Err(_) => {}
        }
        if !wait || app.store.run(run).await?.state == RunState::Finished {
            none_yet(run);
            return Ok(None);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
