//! `runbay schema`, `completions` and `version`: what Runbay says of itself.

use super::args::Cli;
use super::output::{errln, outln, print_json};
use crate::config::Config;
use crate::engine::{Engine, Facts};
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;

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

/// An engine that does not answer is no failure here: `doctor` looks into that.
pub(super) async fn version(config: Option<Config>, json: bool) -> ExitCode {
    let version = env!("CARGO_PKG_VERSION");
    let engine = tokio::time::timeout(PATIENCE, facts(config)).await;
    let engine = engine.ok().flatten();
    if json {
        let engine = engine
            .map(|facts| json!({ "name": facts.name, "version": facts.version, "api": facts.api }));
        print_json(&json!({ "runbay": version, "engine": engine }));
        return ExitCode::SUCCESS;
    }
    outln!("runbay {version}");
    match engine {
        Some(facts) => outln!("{} {} (API {})", facts.name, facts.version, facts.api),
        None => errln!("no engine answers"),
    }
    ExitCode::SUCCESS
}

async fn facts(config: Option<Config>) -> Option<Facts> {
    let host = config.and_then(|config| config.docker_host);
    let engine = Engine::connect(host.as_deref()).await.ok()?;
    engine.facts().await.ok()
}
