//! The command line. It works without a server: the commands drive runs and
//! read the data folder themselves.
//!
//! Standard output carries results (a script's own output, tables, JSON);
//! everything said about them goes to standard error.

mod about;
mod access;
mod access_args;
mod args;
mod backend;
mod backup;
mod build;
mod build_there;
mod check;
mod doctor;
mod drive;
mod env;
mod env_args;
mod env_update;
mod error;
mod exit;
mod follow;
mod health;
mod hook;
mod hook_args;
mod image;
mod keeping_args;
mod log;
mod ls;
mod new;
mod output;
mod people;
mod plans;
mod printer;
mod prune;
mod ps;
mod run;
mod run_there;
mod schedule;
mod schedule_args;
mod secret;
mod secret_args;
mod serve;
mod show;
mod show_run;
mod stored;
mod traces;
mod trigger;
mod var;
mod versions;
mod versions_args;

use crate::boot;
use crate::config::LogFormat;
use crate::service::App;
use args::{Cli, Command};
use backend::Backend;
use clap::Parser;
use error::Error;
use people::People;
use std::process::ExitCode;
use tokio::runtime::Builder;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    if !drive::stand_by() {
        return ExitCode::SUCCESS;
    }
    boot::without_core_files();
    let cli = Cli::parse();
    let runtime = match threads(&cli.command).enable_all().build() {
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

/// A service works for many at once; any other command waits for one engine or
/// one service nearly all of its time, and whatever works or blocks (files,
/// SQLite, the terminal) has threads of its own. Handing each wait to another
/// thread would cost it more than it saves.
fn threads(command: &Command) -> Builder {
    match command {
        Command::Serve(_) => {
            let mut threads = Builder::new_multi_thread();
            threads.worker_threads(2);
            threads
        }
        _ => Builder::new_current_thread(),
    }
}

async fn dispatch(cli: Cli) -> Result<ExitCode, Error> {
    let global = &cli.global;
    let config = || backend::config(&global.overrides());
    let open = || App::open(config()?);
    let find = || Backend::find(global);
    let people = || People::find(global);
    if !matches!(cli.command, Command::Serve(_)) {
        log::start(global.verbose, LogFormat::Text, None);
    }
    Ok(match cli.command {
        Command::Run(args) => Box::pin(run::run(global, args)).await?,
        Command::Rerun(args) => Box::pin(run::rerun(&find()?, global, args)).await?,
        Command::Drive { run } => Box::pin(drive::drive(&open()?, run)).await?,
        Command::Serve(args) => {
            let flags = args.overrides(global.overrides());
            let config = backend::config(&flags)?;
            Box::pin(serve::serve(config, &args, global.verbose)).await?
        }
        Command::Logs(args) => follow::logs(&find()?, &args).await?,
        Command::Ps(args) => ps::ps(&find()?, global, &args).await?,
        Command::Doctor(args) => doctor::doctor(global, &args).await?,
        Command::Prune(args) => prune::prune(&find()?, &args).await?,
        Command::Image(command) => image::image(&find()?, command).await?,
        Command::Backup(args) => Box::pin(backup::backup(global, args)).await?,
        Command::Cancel { runs } => ps::cancel(&find()?, global, &runs).await?,
        Command::Pin { runs } => ps::pin(&find()?, &runs, true).await?,
        Command::Unpin { runs } => ps::pin(&find()?, &runs, false).await?,
        Command::Ls(args) => ls::ls(&find()?, &args).await?,
        Command::Show(args) => show::show(&find()?, &args).await?,
        Command::Versions(args) => versions::versions(&find()?, &args).await?,
        Command::Restore(args) => Box::pin(versions::restore(&find()?, &args)).await?,
        Command::Check(args) => check::check(global, &args).await?,
        Command::New(args) => new::new(global, args).await?,
        Command::Build(args) => build::build(&find()?, args).await?,
        Command::Env(command) => env::env(&find()?, global, command).await?,
        Command::Health => health::health(global).await?,
        Command::User(command) => access::user(&people()?, command).await?,
        Command::Token(command) => access::token(&people()?, command).await?,
        Command::Audit(args) => access::audit(&people()?, args).await?,
        Command::Schedule(command) => Box::pin(schedule::schedule(global, command)).await?,
        Command::Secret(command) => Box::pin(secret::secret(find, command)).await?,
        Command::Var(command) => var::var(&find()?, command).await?,
        Command::Hook(command) => Box::pin(hook::hook(&find()?, command)).await?,
        Command::Trigger(command) => Box::pin(trigger::trigger(&find()?, command)).await?,
        Command::Report(args) => Box::pin(hook::report(&find()?, &args)).await?,
        Command::Schema => about::schema(),
        Command::Completions { shell } => about::completions(shell),
        Command::Version { json } => about::version(global, json).await?,
    })
}
