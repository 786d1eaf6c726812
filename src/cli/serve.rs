//! `runbay serve`.

use super::args::ServeArgs;
use super::log;
use super::output::errln;
use super::traces::Traces;
use crate::boot::{self, Options};
use crate::config::{Config, Overrides};
use crate::service::Error;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

impl ServeArgs {
    /// The flags of the command with those of all commands.
    pub(super) fn overrides(&self, global: Overrides) -> Overrides {
        Overrides {
            bind: self.bind,
            expose: self.expose,
            ..global
        }
    }
}

pub(super) async fn serve(
    config: Config,
    args: &ServeArgs,
    verbose: u8,
) -> Result<ExitCode, Error> {
    let traces = Traces::begin().map_err(|error| Error::Invalid(error.to_string()))?;
    // Whoever serves reads nothing else.
    log::start(verbose.max(1), config.log.format, traces.as_ref());
    let stop = CancellationToken::new();
    let told = tokio::spawn(stop_on_signal(stop.clone()));
    let options = Options {
        takeover: args.takeover,
        announce: |text| errln!("{text}"),
    };
    let served = Box::pin(boot::serve(config, options, stop)).await;
    told.abort();
    if let Some(traces) = traces {
        // It waits for the thread that sends.
        drop(tokio::task::spawn_blocking(|| traces.close()).await);
    }
    served.map(|()| ExitCode::SUCCESS)
}

/// The first signal ends the service in an orderly way, the second at once:
/// nothing is lost by either.
async fn stop_on_signal(stop: CancellationToken) {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
    let Ok(mut signals) = kinds.into_iter().map(signal).collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let [interrupt, terminate] = signals.as_mut_slice() else {
        return;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if stop.is_cancelled() {
            std::process::exit(130);
        }
        errln!("stopping; runs go on and are taken over by the next start");
        stop.cancel();
    }
}
