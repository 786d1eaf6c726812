//! `runbay run` and `rerun` when a service does it: this process asks, shows
//! the output as it comes, and asks for the end at Ctrl-C. The run does not
//! depend on it.

use super::args::HowArgs;
use super::error::Error;
use super::exit;
use super::output::{errln, outln, paint, span};
use super::printer::{Printer, Show};
use super::run::{GIVE, cancel_on_signal, phases};
use crate::client::{self, Client, Follow, From, Launch, News};
use crate::domain::counted;
use crate::domain::ids::RunId;
use crate::domain::run::Run;
use crate::threads::off_thread;
use serde_json::json;
use std::io;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a service that is gone may take to be back before a run is asked
/// for in vain.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(250);

/// Asks for a run. When the service goes away just then, it is asked again: the
/// key of the request makes that no second run.
pub(super) async fn start(client: &Client, launch: &Launch) -> Result<Run, Error> {
    let asked = patiently(async || client.start(launch).await).await;
    asked.map_err(hinted)
}

/// Asks again while the service is away. One that was not there in the first
/// place is not waited for.
async fn patiently<T>(ask: impl AsyncFn() -> Result<T, client::Error>) -> Result<T, client::Error> {
    let mut gone: Option<Instant> = None;
    loop {
        let error = match (ask().await, gone) {
            (Ok(answer), None) => return Ok(answer),
            (Ok(answer), Some(since)) => {
                back(since.elapsed());
                return Ok(answer);
            }
            (Err(error), _) => error,
        };
        match gone {
            None if matches!(error, client::Error::Broken { .. }) => {
                away(PATIENCE, "it will be asked again");
                gone = Some(Instant::now());
            }
            Some(since) if error.is_gone() && since.elapsed() < PATIENCE => {}
            _ => return Err(error),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Says how a command gives what the service found missing.
pub(super) fn hinted(mut error: client::Error) -> Error {
    if let client::Error::Refused(refusal) = &mut error {
        let secret = |field: &crate::service::Field| field.pointer.starts_with("/secrets/");
        if refusal.errors.iter().any(secret) {
            refusal.detail.push_str(GIVE);
        }
    }
    error.into()
}

/// Shows a run to its end.
pub(super) async fn attend(client: &Client, run: &Run, how: &HowArgs) -> Result<ExitCode, Error> {
    if how.detach {
        outln!("{}", run.id);
        return Ok(ExitCode::SUCCESS);
    }
    let cancel = CancellationToken::new();
    let signals = tokio::spawn(cancel_on_signal(cancel.clone()));
    let asks = tokio::spawn(cancel_when_asked(client.clone(), run.id, cancel));
    let show = Show {
        json: how.json,
        quiet: how.quiet,
        bar: !how.json,
        timestamps: false,
    };
    let follow = client.follow(run.id, From::default());
    let shown = apart(print(follow, show, |_| true)).await;
    signals.abort();
    asks.abort();
    if let Err(error) = shown {
        let id = run.id.short();
        errln!(
            "run {id} goes on without this command; `runbay logs -f {id}` shows it when the service is back"
        );
        return Err(error);
    }
    let id = run.id.to_string();
    let detail = patiently(async || client.run(&id).await).await?;
    if how.json {
        outln!("{}", json!({ "event": "finished", "run": detail.run }));
    } else if !how.quiet {
        let measured = detail.attempts.last().map(|a| a.measurements);
        phases(&detail.run, &measured.unwrap_or_default());
        let kept = detail.artifacts.len();
        if kept > 0 {
            let files = counted(kept, "file");
            let place = match client.is_local() {
                true => format!("in {}", detail.artifact_dir.display()),
                false => format!("by the service at {}", client.url()),
            };
            errln!("{}", paint(&format!("  {files} kept {place}"), "2"));
        }
    }
    Ok(exit::of_run(&detail.run))
}

/// Hands the wish of who typed Ctrl-C on, also to a service that is away just
/// then.
async fn cancel_when_asked(client: Client, run: RunId, wish: CancellationToken) {
    wish.cancelled().await;
    while let Err(error) = client.cancel(&run.to_string()).await {
        if !error.is_gone() {
            // It was over before; its end is shown by who follows it.
            tracing::info!(error = crate::domain::report(&error), "not cancelled");
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Lets what prints do so on a thread of its own: a terminal that stands still
/// must not hold up who hears Ctrl-C.
pub(super) async fn apart<T: Send + 'static>(
    printing: impl Future<Output = T> + Send + 'static,
) -> T {
    let runtime = Handle::current();
    off_thread(move || runtime.block_on(printing)).await
}

/// Prints what a follower is told, while `wanted`, to the end.
pub(super) async fn print(
    mut follow: Follow,
    show: Show,
    wanted: impl Fn(&News) -> bool,
) -> Result<(), Error> {
    let mut printer = Printer::new(show);
    while let Some(news) = follow.next().await? {
        if !wanted(&news) {
            break;
        }
        if matches!(news, News::End(_)) || show_one(&mut printer, &news).is_err() {
            break;
        }
    }
    printer.done();
    Ok(())
}

/// Prints what a follower is told. An error means that nobody reads our output
/// any more.
pub(super) fn show_one(printer: &mut Printer, news: &News) -> io::Result<()> {
    match news {
        News::Lines(_, lines) => return printer.lines(lines),
        News::Partial(partial) => return printer.partial(&partial.text),
        News::Step(step) => printer.build_step = *step,
        News::Gap(gap) => {
            printer.done();
            let to = gap
                .to
                .map_or_else(|| "on".to_owned(), |to| format!("to {to}"));
            let text = format!("lines {} {to} are missing: {}", gap.from, gap.reason);
            errln!("{}", paint(&text, "33"));
        }
        News::Away(patience) => {
            printer.done();
            away(*patience, "what it does goes on");
        }
        News::Back(after) => back(*after),
        News::End(_) | News::Built(_) => {}
    }
    Ok(())
}

fn away(patience: Duration, meanwhile: &str) {
    let text = format!(
        "the service is gone; waiting up to {} for its return ({meanwhile})",
        span(patience)
    );
    errln!("{}", paint(&text, "33"));
}

fn back(after: Duration) {
    let text = format!("the service is back after {}", span(after));
    errln!("{}", paint(&text, "33"));
}
