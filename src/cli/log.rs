//! Our own log, on standard error.

use crate::config::LogFormat;
use tracing_subscriber::EnvFilter;

/// Begins to write it: errors, with `verbose` 1 also what is done, with 2 all.
/// `RUNBAY_LOG` says more exactly what, in the words of `EnvFilter`.
pub(super) fn start(verbose: u8, format: LogFormat) {
    let level = match verbose {
        0 => "runbay=error",
        1 => "runbay=info",
        _ => "runbay=debug",
    };
    let filter = EnvFilter::try_from_env("RUNBAY_LOG").unwrap_or_else(|_| level.into());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(true)
            .init(),
    }
}
