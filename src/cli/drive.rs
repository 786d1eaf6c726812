//! Processes that see a run to its end when the command that started it cannot.
//!
//! `runbay run` posts a guard: a second process that waits for the first to
//! end. If it ended without saying so it was killed, and the guard takes over,
//! by the same code that drives any run. Whoever finds a run that nobody drives
//! sends one out too. Each is started with a share of the run's lock, so nobody
//! else takes the run in between, who would not have its secrets.

use super::args::Global;
use crate::domain::ids::RunId;
use crate::domain::run::{OnDisconnect, RunState};
use crate::domain::secret::{Secret, Secrets};
use crate::service::drive as driving;
use crate::service::runlock::RunLock;
use crate::service::{App, Error, recover};
use chrono::Utc;
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::time::Duration;

/// What a command says to its guard when all is well.
const DISMISSED: &str = "dismissed";

/// A process that waits for this one to die.
pub(super) struct Guard {
    child: Child,
    /// Closed by the kernel when this process dies.
    line: ChildStdin,
}

impl Guard {
    /// Posts a guard for a run that this process is about to drive.
    pub(super) fn post(
        run: RunId,
        lock: &RunLock,
        global: &Global,
        secrets: &Secrets,
    ) -> Result<Self, Error> {
        let (child, line) = send_out(run, lock, global, secrets)?;
        Ok(Self { child, line })
    }

    /// The run is over, or its end is recorded as an error.
    pub(super) fn dismiss(mut self) {
        // A guard that is gone needs no dismissal.
        drop(writeln!(self.line, "{DISMISSED}"));
        drop(self.line);
        drop(self.child.wait());
    }
}

/// Sends out a driver that begins at once and outlives this process.
pub(super) fn detached(
    run: RunId,
    lock: &RunLock,
    global: &Global,
    secrets: &Secrets,
) -> Result<(), Error> {
    // Dropping the line is the word to begin.
    send_out(run, lock, global, secrets).map(drop)
}

fn send_out(
    run: RunId,
    lock: &RunLock,
    global: &Global,
    secrets: &Secrets,
) -> Result<(Child, ChildStdin), Error> {
    let failed = || Error::io("a process to drive the run could not be started");
    let mut command = Command::new(std::env::current_exe().map_err(failed())?);
    if let Some(home) = &global.home {
        command.arg("--home").arg(home);
    }
    let mut child = command
        .arg("drive")
        .arg(run.to_string())
        .stdin(Stdio::piped())
        // It says nothing, so its standard output can carry the lock.
        .stdout(lock.share().map_err(failed())?)
        .stderr(Stdio::null())
        // Its own group: Ctrl-C is for the command, not for its guard.
        .process_group(0)
        .spawn()
        .map_err(failed())?;
    let values: BTreeMap<&str, &str> = secrets
        .iter()
        .map(|(name, secret)| (name.as_str(), secret.reveal()))
        .collect();
    let mut line = child
        .stdin
        .take()
        .ok_or_else(|| Error::Conflict("the driver of the run has no input".to_owned()))?;
    writeln!(line, "{}", serde_json::json!(values)).map_err(failed())?;
    Ok((child, line))
}

/// `runbay drive`: waits to be told, or for its teller to die. Nothing is
/// opened before that: a guard is posted with every run, and nearly all are
/// dismissed.
pub(super) async fn drive(
    open: impl FnOnce() -> Result<App, Error>,
    run: RunId,
) -> Result<ExitCode, Error> {
    let told = tokio::task::spawn_blocking(|| {
        let mut lines = std::io::stdin().lock().lines();
        let secrets: BTreeMap<String, String> = match lines.next() {
            Some(Ok(text)) => serde_json::from_str(&text).unwrap_or_default(),
            _ => BTreeMap::new(),
        };
        (secrets, lines.next().and_then(Result::ok))
    })
    .await;
    let (secrets, word) = told.unwrap_or_default();
    if word.as_deref() == Some(DISMISSED) {
        return Ok(ExitCode::SUCCESS);
    }
    let secrets = secrets
        .into_iter()
        .map(|(name, value)| (name, Secret::new(value)))
        .collect();
    Box::pin(take_over(&open()?, run, secrets)).await
}

/// Drives with the lock that came with this process, else waits for it.
async fn take_over(app: &App, id: RunId, secrets: Secrets) -> Result<ExitCode, Error> {
    loop {
        let run = app.store.run(id).await?;
        if run.state == RunState::Finished {
            return Ok(ExitCode::SUCCESS);
        }
        let data = &app.config.data_dir;
        let lock = match RunLock::inherited(data, id) {
            None => RunLock::try_take(data, id)?,
            inherited => inherited,
        };
        if let Some(lock) = lock {
            let order = driving::order(app, &run, secrets.clone()).await?;
            if run.on_disconnect == OnDisconnect::Cancel {
                app.store.request_cancel(id, Utc::now()).await?;
                order.cancel.cancel();
            }
            driving::drive(app, order, lock, |_| {}).await?;
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
        detached(run, &lock, global, &Secrets::new())?;
    }
    Ok(())
}
