//! `runbay versions` and `runbay restore`: the code that a task had.

use super::backend::Backend;
use super::error::Error;
use super::output::{errln, inert, moment, outln, paint, print_json, print_table, table};
use super::versions_args::{RestoreArgs, VersionsArgs};
use crate::domain::counted;
use crate::domain::ids::Digest;
use crate::domain::size::Bytes;
use crate::service::tasks::Guard;
use crate::service::tasks::versions::{FileDiff, VersionItem};
use std::process::ExitCode;

/// What sysexits.h calls EX_DATAERR.
const BAD: u8 = 65;

pub(super) async fn versions(backend: &Backend, args: &VersionsArgs) -> Result<ExitCode, Error> {
    let Some(version) = &args.version else {
        let all = backend.versions(&args.task).await?;
        match args.json {
            true => print_json(&all),
            false => list(args, &all),
        }
        return Ok(ExitCode::SUCCESS);
    };
    let diff = backend.restoration(&args.task, version).await?;
    if args.json {
        print_json(&diff);
    } else if diff.files.is_empty() {
        errln!("the folder of {} holds this version", args.task);
    } else {
        diff.files.iter().for_each(print_diff);
    }
    Ok(ExitCode::SUCCESS)
}

fn list(args: &VersionsArgs, all: &[VersionItem]) {
    if all.is_empty() {
        errln!(
            "no version of {} is kept yet: its first run or its first change through Runbay keeps one",
            args.task
        );
        return;
    }
    let mut rows = table(&["version", "first seen", "files", "size", ""]);
    for version in all {
        rows.add_row([
            version.digest.short().to_owned(),
            moment(version.created_at),
            version.files.to_string(),
            Bytes(version.bytes).to_string(),
            match version.present {
                true => paint("in the folder now", "32"),
                false => String::new(),
            },
        ]);
    }
    print_table(&rows);
}

fn print_diff(file: &FileDiff) {
    let Some(unified) = &file.unified else {
        outln!("{} differs, and is no text or too large", inert(&file.path));
        return;
    };
    for line in unified.lines() {
        let line = inert(line);
        let style = match line.as_bytes().first() {
            Some(b'+') => "32",
            Some(b'-') => "31",
            Some(b'@') => "36",
            _ => "",
        };
        match style {
            "" => outln!("{line}"),
            style => outln!("{}", paint(&line, style)),
        }
    }
}

pub(super) async fn restore(backend: &Backend, args: &RestoreArgs) -> Result<ExitCode, Error> {
    let guard = match &args.over {
        Some(seen) => Guard::Same(Digest(seen.clone())),
        None => Guard::Any,
    };
    let done = backend.restore(&args.task, &args.version, &guard).await?;
    if args.json {
        print_json(&done);
        return Ok(ExitCode::SUCCESS);
    }
    let version = done.version.short();
    if !done.changed {
        errln!("{} holds version {version} already", done.task);
        return Ok(ExitCode::SUCCESS);
    }
    outln!("{} holds version {version} again", done.task);
    if let Some(before) = &done.kept_as {
        let before = before.short();
        errln!(
            "what it held is kept: runbay restore {} {before}",
            done.task
        );
    }
    if !done.beside.is_empty() {
        let (number, some) = (done.beside.len(), done.beside.iter().take(3));
        let some: Vec<String> = some.map(|path| inert(path)).collect();
        let more = if number > some.len() { ", …" } else { "" };
        errln!(
            "{} of no version stayed: {}{more}",
            counted(number, "file"),
            some.join(", ")
        );
    }
    for problem in &done.problems {
        errln!(
            "{} {}",
            paint("problem:", "31"),
            inert(&problem.to_string())
        );
    }
    Ok(ExitCode::from(if done.problems.is_empty() {
        0
    } else {
        BAD
    }))
}
