//! The command line. It works without a server: the commands drive runs and
//! read the data folder themselves.
//!
//! Standard output carries results (a script's own output, tables, JSON);
//! everything said about them goes to standard error.

mod about;
mod access;
mod access_args;
mod args;
mod build;
mod check;
mod doctor;
mod drive;
mod env;
mod exit;
mod follow;
mod ls;
mod new;
mod output;
mod prune;
mod ps;
mod run;
mod schedule;
mod schedule_args;
mod serve;
mod show;
mod show_run;

use crate::config::{Config, Overrides};
use crate::service::{App, Error};
use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(cli.global.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return exit::fail("the runtime could not start", &error),
    };
    let code = runtime.block_on(async {
        match Box::pin(dispatch(cli)).await {
            Ok(code) => code,
            Err(error) => exit::error(&error),
        }
    });
    // A thread blocked on a terminal or a pipe must not hold the process.
    runtime.shutdown_background();
    code
}

async fn dispatch(cli: Cli) -> Result<ExitCode, Error> {
    let load = |flags: &Overrides| Config::load(flags).map_err(|e| Error::Invalid(e.to_string()));
    let config = || load(&cli.global.overrides());
    let open = || App::open(config()?);
    match cli.command {
        Command::Run(args) => Box::pin(run::run(&open()?, &cli.global, args)).await,
        Command::Rerun(args) => Box::pin(run::rerun(&open()?, &cli.global, args)).await,
        Command::Drive { run } => Box::pin(drive::drive(open, run)).await,
        Command::Serve(args) => {
            let flags = args.overrides(cli.global.overrides());
            Box::pin(serve::serve(load(&flags)?, &args)).await
        }
        Command::Logs(args) => follow::logs(&open()?, &args).await,
        Command::Ps(args) => ps::ps(&open()?, &cli.global, &args).await,
        Command::Doctor(args) => Ok(doctor::doctor(&cli.global, &args).await),
        Command::Prune(args) => prune::prune(&open()?, &args).await,
        Command::Cancel { runs } => ps::cancel(&open()?, &cli.global, &runs).await,
        Command::Ls(args) => ls::ls(&open()?, &args).await,
        Command::Show(args) => show::show(&open()?, &args).await,
        Command::Check(args) => check::check(&config()?, &args),
        Command::New(args) => new::new(&config()?, args),
        Command::Build(args) => build::build(&open()?, args).await,
        Command::Env(command) => env::env(&open()?, command).await,
        Command::User(command) => access::user(&open()?, command).await,
        Command::Token(command) => access::token(&open()?, command).await,
        Command::Audit(args) => access::audit(&open()?, args).await,
        Command::Schedule(command) => Box::pin(schedule::schedule(&open()?, command)).await,
        Command::Schema => Ok(about::schema()),
        Command::Completions { shell } => Ok(about::completions(shell)),
        Command::Version { json } => Ok(about::version(config().ok(), json).await),
    }
}

/// Our own log, on standard error, for those who ask for it.
fn start_log(verbose: u8) {
    let level = match verbose {
        0 => "runbay=error",
        1 => "runbay=info",
        _ => "runbay=debug",
    };
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("RUNBAY_LOG").unwrap_or_else(|_| level.into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
}
