//! Processes that see a run to its end when the command that started it cannot.
//!
//! `runbay run` posts a guard: a second process that waits for the first to
//! end. If it ended without saying so it was killed, and the guard takes over,
//! by the same code that drives any run. Whoever finds a run that nobody drives
//! sends one out too. Each is started with a share of the run's lock, so nobody
//! else takes the run in between.

use super::args::Global;
use super::output::{errln, paint};
use crate::domain::ids::RunId;
use crate::domain::measure::Measurements;
use crate::domain::run::{Ended, OnDisconnect, Outcome, RunState};
use crate::service::drive as driving;
use crate::service::runlock::RunLock;
use crate::service::{App, Error, recover, secrets};
use crate::threads::{joined, off_thread};
use chrono::Utc;
use std::io::{BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The hidden command that these processes are started with, first of all.
const COMMAND: &str = "drive";
/// What waits for a driver.
const SHELL: &str = "/bin/sh";
/// A line comes when all is well; a driver is wanted when none does.
const WAIT: &str = r#"read -r word && exit
exec "$0" "$@" </dev/null"#;
/// What a command says to its guard when all is well.
const DISMISSED: &str = "dismissed";

/// When a guard is posted, after its run is made. Before that this process has
/// much to do, and a shell takes 2 ms of a processor to begin; after it the
/// engine is waited for.
const AT_REST: Duration = Duration::from_millis(20);

/// A process that waits for this one to die, and the line to it, which the
/// kernel closes when this process dies.
type Posted = (Child, ChildStdin);

/// Whoever drives a run should this process be killed.
pub(super) struct Guard {
    posted: JoinHandle<Option<Posted>>,
    over: CancellationToken,
}

impl Guard {
    /// Posts a guard for a run that this process is about to drive. Nobody waits
    /// for it: who is killed in the moment before it stands leaves a run that the
    /// next command finds and sends a driver for.
    pub(super) fn post(run: RunId, lock: &RunLock, global: &Global) -> Result<Self, Error> {
        let share = lock.share().map_err(not_started())?;
        let guard = waiting(run, global);
        let over = CancellationToken::new();
        let needless = over.clone();
        let posted = tokio::spawn(async move {
            tokio::select! {
                () = needless.cancelled() => return None,
                () = tokio::time::sleep(AT_REST) => {}
            }
            off_thread(|| posted(guard, share)).await
        });
        Ok(Self { posted, over })
    }

    /// The run is over, or its end is recorded as an error. Returns the process,
    /// to be waited for when there is nothing better to do.
    pub(super) async fn dismiss(self) -> Option<Child> {
        self.over.cancel();
        let (child, mut line) = joined(self.posted).await?;
        // A guard that is gone needs no dismissal.
        drop(writeln!(line, "{DISMISSED}"));
        Some(child)
    }
}

/// Starts a guard, or tells that there is none.
fn posted(guard: Command, share: Stdio) -> Option<Posted> {
    let sent = send_out(guard, share);
    if let Err(error) = &sent {
        let why = crate::domain::report(error);
        let text = format!(
            "nobody ends this run should this command be killed, until the next `runbay run`: {why}"
        );
        errln!("{}", paint(&text, "33"));
    }
    sent.ok()
}

/// Sends out a driver that begins at once and outlives this process.
pub(super) fn detached(run: RunId, lock: &RunLock, global: &Global) -> Result<(), Error> {
    // Dropping the line is the word to begin.
    let share = lock.share().map_err(not_started())?;
    send_out(driver(run, global), share).map(drop)
}

fn not_started() -> impl FnOnce(std::io::Error) -> Error {
    Error::io("a process to drive the run could not be started")
}

/// Starts a driver with a share of the run's lock.
fn send_out(mut driver: Command, share: Stdio) -> Result<(Child, ChildStdin), Error> {
    let failed = not_started;
    let mut child = driver
        .stdin(Stdio::piped())
        // It says nothing, so its standard output can carry the lock.
        .stdout(share)
        .stderr(Stdio::null())
        // Its own group: Ctrl-C is for the command, not for its guard.
        .process_group(0)
        .spawn()
        .map_err(failed())?;
    let line = child
        .stdin
        .take()
        .ok_or_else(|| Error::Conflict("the driver of the run has no input".to_owned()))?;
    Ok((child, line))
}

/// This program, as a driver of a run.
fn driver(run: RunId, global: &Global) -> Command {
    // The one that runs, whatever has been installed in its place since.
    let mut command = Command::new("/proc/self/exe");
    command.arg0(env!("CARGO_PKG_NAME"));
    add_arguments(&mut command, run, global);
    command
}

/// A driver that is started only when it is wanted: a shell waits for it, which
/// takes a fifth of the time that loading this program does, and nearly always
/// for nothing. Where there is no shell the driver waits by itself.
fn waiting(run: RunId, global: &Global) -> Command {
    let shell = Path::new(SHELL);
    match std::env::current_exe() {
        Ok(program) if program.exists() && shell.exists() => {
            let mut command = Command::new(shell);
            command.arg("-c").arg(WAIT).arg(program);
            add_arguments(&mut command, run, global);
            command
        }
        _ => driver(run, global),
    }
}

fn add_arguments(command: &mut Command, run: RunId, global: &Global) {
    command.arg(COMMAND).arg(run.to_string());
    if let Some(home) = &global.home {
        command.arg("--home").arg(home);
    }
}

/// Waits to be told, or for the teller to die; whether there is anything to do.
/// Nothing is opened, started or even parsed before that. Any other process has
/// nothing to wait for.
pub(super) fn stand_by() -> bool {
    let first = std::env::args_os().nth(1);
    if first.is_none_or(|word| word != COMMAND) {
        return true;
    }
    let mut lines = std::io::stdin().lock().lines();
    !matches!(lines.next(), Some(Ok(word)) if word == DISMISSED)
}

/// `runbay drive`: drives with the lock that came with this process, else waits
/// for it.
pub(super) async fn drive(app: &App, id: RunId) -> Result<ExitCode, Error> {
    loop {
        let data = &app.config.data_dir;
        let lock = match RunLock::inherited(data, id) {
            None => RunLock::try_take(data, id)?,
            inherited => inherited,
        };
        // Read with the lock in hand: who had it before may have ended the run.
        let run = app.store.run(id).await?;
        if run.state == RunState::Finished {
            if let Some(lock) = lock {
                lock.dispose(data, id);
            }
            // Its end is recorded before its container goes.
            recover::sweep(app).await?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(lock) = lock {
            let given = match secrets::give(app, &run).await? {
                Ok(given) => given,
                Err(why) => {
                    let ended = Ended::because(Outcome::Failed, why);
                    let measured = Measurements::default();
                    driving::finish_unstarted(app, id, &ended, &measured).await?;
                    lock.dispose(data, id);
                    return Ok(ExitCode::SUCCESS);
                }
            };
            let order = driving::order(app, run, given).await?;
            if order.run.on_disconnect == OnDisconnect::Cancel {
                app.store.request_cancel(id, Utc::now()).await?;
                order.cancel.cancel();
            }
            Box::pin(driving::drive(app, order, lock, |_| {})).await?;
            recover::sweep(app).await?;
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Sends out drivers for runs that nobody drives.
pub(super) async fn adopt_abandoned(app: &App, global: &Global) -> Result<(), Error> {
    for (run, lock) in recover::abandoned(app).await? {
        tracing::info!(%run, "nobody drives this run; sending out a driver");
        detached(run, &lock, global)?;
    }
    Ok(())
}
