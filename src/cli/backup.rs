//! `runbay backup`.

use super::args::Global;
use super::backend;
use super::error::Error;
use super::keeping_args::{BackupArgs, BackupCommand};
use super::output::{errln, moment, outln, paint, print_json, print_table, table};
use crate::domain::counted;
use crate::domain::size::Bytes;
use crate::service::backup::{self, About, Back, Input, Made, Output, Which};
use crate::service::{self, App};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub(super) async fn backup(global: &Global, args: BackupArgs) -> Result<ExitCode, Error> {
    if backend::named(global)?.is_some() {
        return Err(Error::invalid(
            "a backup is made and put back on the machine of the service: go there, and leave out --url and RUNBAY_URL",
        ));
    }
    match args.command {
        None => make(global, args).await?,
        Some(BackupCommand::Ls { json }) => list(global, json)?,
        Some(BackupCommand::Check { file, json }) => check(&file, json).await?,
        Some(BackupCommand::Restore {
            file,
            database,
            json,
        }) => restore(global, &file, (database, json)).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn make(global: &Global, args: BackupArgs) -> Result<(), Error> {
    let app = App::open(backend::config(&global.overrides())?)?;
    let to = match args.file {
        Some(file) if file != Path::new("-") => Output::File(file),
        _ => Output::Stdout,
    };
    let made = Box::pin(backup::write(&app, to, args.logs)).await?;
    let key = &app.config.key_file;
    if args.json && made.file.is_some() {
        print_json(&json!({ "backup": made, "key_file": key }));
        return Ok(());
    }
    say_made(&made);
    if made.about.sealed {
        errln!(
            "{} the key that opens its secrets is not in it: keep a copy of {} elsewhere",
            paint("note:", "36"),
            key.display()
        );
    }
    Ok(())
}

fn say_made(made: &Made) {
    let size = Bytes(made.bytes);
    let runs = counted(made.about.runs, "run");
    let files = counted(made.files, "file");
    if let Some(file) = &made.file {
        outln!("{}", file.display());
    }
    errln!(
        "made a backup: {runs}, {files}, {size}{}",
        if made.about.logs {
            ""
        } else {
            "; logs and files of runs are not in it (--logs)"
        }
    );
}

fn list(global: &Global, json: bool) -> Result<(), Error> {
    let config = backend::config(&global.overrides())?;
    let all = backup::list(&config)?;
    if json {
        let all = all
            .iter()
            .map(|(file, at, bytes)| json!({ "file": file, "created_at": at, "bytes": bytes }));
        print_json(&all.collect::<Vec<_>>());
        return Ok(());
    }
    if all.is_empty() {
        errln!(
            "there is no backup in {}: the service makes one every night unless [backup] nightly is 0",
            config.backup_dir().display()
        );
        return Ok(());
    }
    let mut rows = table(&["made", "size", "file"]);
    for (file, at, bytes) in all {
        let file = file.display().to_string();
        rows.add_row([moment(at), Bytes(bytes).to_string(), file]);
    }
    print_table(&rows);
    Ok(())
}

/// `-` is standard input, as it is standard output where one is made.
fn input(file: &Path) -> Input {
    match file == Path::new("-") {
        true => Input::Stdin,
        false => Input::File(file.to_owned()),
    }
}

async fn check(file: &Path, json: bool) -> Result<(), Error> {
    let input = input(file);
    let about = backup::check(&input).await?;
    if json {
        print_json(&about);
    } else {
        outln!("{input} is sound: {}", describe(&about));
    }
    Ok(())
}

fn describe(about: &About) -> String {
    format!(
        "made {} by Runbay {}, {}{}",
        moment(about.created_at),
        about.version,
        counted(about.runs, "run"),
        if about.logs { ", with logs" } else { "" }
    )
}

async fn restore(
    global: &Global,
    file: &Path,
    (database, json): (bool, bool),
) -> Result<(), Error> {
    let here = std::env::current_dir();
    let here = here.map_err(service::Error::io("this folder is not known"))?;
    let home = match (&global.home, std::env::var_os("RUNBAY_HOME")) {
        (Some(home), _) => here.join(home),
        (None, Some(home)) if !home.is_empty() => here.join(home),
        _ => here,
    };
    let which = match database {
        true => Which::Database,
        false => Which::All,
    };
    let back = backup::put_back(&input(file), &home, which).await?;
    if json {
        print_json(&back);
    } else {
        say_back(&back);
    }
    Ok(())
}

fn say_back(back: &Back) {
    let home = back.home.display();
    outln!("put back into {home}: {}", describe(&back.about));
    if let Some(before) = &back.before {
        errln!("the database that was there is kept: {}", before.display());
    }
    if !back.left.is_empty() {
        errln!(
            "{} the templates came with this Runbay and stay as they are; the backup has others: {}. To have them, point images_dir at a folder of yours, and put them there",
            paint("note:", "36"),
            back.left.join(", ")
        );
    }
    if let Some(key) = &back.key_missing {
        errln!(
            "{} it holds secrets, and the key that opens them is not in a backup: put your copy of it at {} (mode 600)",
            paint("note:", "36"),
            key.display()
        );
    }
    errln!(
        "all schedules are paused: look around (runbay serve; with --takeover if this engine knows the folder it was made in), then let them go on: runbay schedule resume --all"
    );
}
