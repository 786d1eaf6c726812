//! Traces for who collects them: what the service does is sent as OTLP over HTTP
//! to where the standard variables of OpenTelemetry say (`OTEL_EXPORTER_OTLP_*`,
//! `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER`).
//! Without them nothing of this is begun.

use crate::config::ConfigError;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use std::env;
use std::time::Duration;

/// Where to send everything, and where to send traces.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];
/// How to speak there.
const PROTOCOLS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
];
/// The one protocol that is spoken here, and OpenTelemetry's default.
const PROTOCOL: &str = "http/protobuf";
/// How long the last spans may take on their way.
const GOODBYE: Duration = Duration::from_secs(2);

/// Spans are collected and sent until this is closed.
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send, if a variable says where.
    ///
    /// # Errors
    /// When a variable asks for what cannot be.
    pub(super) fn begin() -> Result<Option<Self>, ConfigError> {
        let off = set("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
            || set("OTEL_TRACES_EXPORTER").is_some_and(|value| value == "none");
        let Some(endpoint) = ENDPOINTS.into_iter().find(|name| set(name).is_some()) else {
            return Ok(None);
        };
        if off {
            return Ok(None);
        }
        let protocol = PROTOCOLS
            .into_iter()
            .find_map(|name| Some((name, set(name)?)));
        if let Some((name, asked)) = protocol
            && asked != PROTOCOL
        {
            return Err(wrong(
                name,
                format!("“{asked}” is not spoken here, only {PROTOCOL}"),
            ));
        }
        // Fails only if there is one already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let exporter = SpanExporter::builder().with_http().build();
        let exporter = exporter.map_err(|error| match error {
            ExporterBuildError::InvalidConfiguration(why) => wrong(endpoint, why),
            other => wrong(endpoint, crate::domain::report(&other)),
        })?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Self(provider)))
    }

    pub(super) fn tracer(&self) -> SdkTracer {
        self.0.tracer(env!("CARGO_PKG_NAME"))
    }

    /// Sends what is left, within two seconds.
    pub(super) fn close(self) {
        if let Err(error) = self.0.shutdown_with_timeout(GOODBYE) {
            let error = crate::domain::report(&error);
            tracing::warn!(error, "the last spans may not have arrived");
        }
    }
}

/// Who sends. The variables win over what is said here.
fn resource() -> Resource {
    let named = set("OTEL_SERVICE_NAME").is_some()
        || set("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|all| all.contains("service.name="));
    let resource = Resource::builder().with_attribute(opentelemetry::KeyValue::new(
        "service.version",
        env!("CARGO_PKG_VERSION"),
    ));
    match named {
        true => resource.build(),
        false => resource.with_service_name(env!("CARGO_PKG_NAME")).build(),
    }
}

/// A variable that says something: an empty one is as none (OpenTelemetry's
/// environment variable specification).
fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn wrong(name: &str, message: String) -> ConfigError {
    ConfigError::Setting {
        name: name.to_owned(),
        message,
    }
}
