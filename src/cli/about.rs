//! `runbay schema`, `completions` and `version`: what Runbay says of itself.

use super::args::{Cli, Global};
use super::backend::{config, named, there};
use super::error::Error;
use super::output::{errln, inert, outln, print_json};
use crate::config::Config;
use crate::engine::{Engine, Facts};
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::timeout;

/// How long an engine may take to say its version.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn schema() -> ExitCode {
    print_json(&crate::catalogue::manifest_schema());
    ExitCode::SUCCESS
}

pub(super) fn completions(shell: Shell) -> ExitCode {
    // Into memory first: a closed pipe is no error worth a panic.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "runbay", &mut text);
    match std::io::Write::write_all(&mut std::io::stdout(), &text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The versions of this command, of the service it would ask, and of the
/// engine. What does not answer is no failure here: `doctor` looks into that.
pub(super) async fn version(global: &Global, json: bool) -> Result<ExitCode, Error> {
    let version = env!("CARGO_PKG_VERSION");
    let config = config(&global.overrides()).ok();
    let client = match (named(global)?, &config) {
        (None, Some(config)) => there(&config.data_dir)?,
        (named, _) => named,
    };
    let service = match &client {
        Some(client) => match client.system().await {
            Ok(system) => Some(system),
            Err(error) => {
                errln!("{}", crate::domain::report(&error));
                None
            }
        },
        None => None,
    };
    let engine = match &service {
        Some(_) => None,
        None => timeout(PATIENCE, facts(config)).await.ok().flatten(),
    };
    if json {
        let engine = engine
            .map(|facts| json!({ "name": facts.name, "version": facts.version, "api": facts.api }));
        let url = client.map(|client| client.url());
        let service = service.map(
            |service| json!({ "url": url, "version": service.version, "engine": service.engine }),
        );
        print_json(&json!({ "runbay": version, "engine": engine, "service": service }));
        return Ok(ExitCode::SUCCESS);
    }
    outln!("runbay {version}");
    if let (Some(service), Some(client)) = (service, client) {
        outln!("service {} at {}", service.version, client.url());
        match service.engine.ready {
            true => outln!("{}", inert(&service.engine.about)),
            false => errln!("no engine answers it: {}", inert(&service.engine.about)),
        }
        return Ok(ExitCode::SUCCESS);
    }
    match engine {
        Some(facts) => outln!("{} {} (API {})", facts.name, facts.version, facts.api),
        None => errln!("no engine answers"),
    }
    Ok(ExitCode::SUCCESS)
}

async fn facts(config: Option<Config>) -> Option<Facts> {
    let host = config.and_then(|config| config.docker_host);
    let engine = Engine::connect(host.as_deref()).await.ok()?;
    engine.facts().await.ok()
}
