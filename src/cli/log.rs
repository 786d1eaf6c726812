//! Our own log, on standard error, and traces beside it.

use super::output::coloured_errors;
use super::traces::Traces;
use crate::config::LogFormat;
use tracing::{Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

/// Begins to write it: errors, with `verbose` 1 also what is done, with 2 all.
/// `RUNBAY_LOG` says more exactly what, in the words of `EnvFilter`.
pub(super) fn start(verbose: u8, format: LogFormat, traces: Option<&Traces>) {
    let level = match verbose {
        0 => "runbay=error",
        1 => "runbay=info",
        _ => "runbay=debug",
    };
    // Who sends traces also hears when they do not arrive.
    let level = match traces {
        Some(_) => format!("{level},opentelemetry_sdk=warn,opentelemetry-otlp=warn"),
        None => level.to_owned(),
    };
    let filter = EnvFilter::try_from_env("RUNBAY_LOG").unwrap_or_else(|_| level.into());
    let log = layer()
        .with_writer(std::io::stderr)
        .with_ansi(coloured_errors())
        .with_target(false);
    let log = match format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(true)
            .boxed(),
    };
    Registry::default()
        .with(traces.map(sent))
        .with(log.with_filter(filter))
        .init();
}

/// The spans that are sent: of runs with their phases, and of requests, whatever
/// the log tells.
fn sent<S>(traces: &Traces) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let ours = Targets::new()
        .with_target("runbay", Level::INFO)
        .with_target("runbay::http", Level::DEBUG);
    tracing_opentelemetry::layer()
        .with_tracer(traces.tracer())
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_filter(ours)
}
