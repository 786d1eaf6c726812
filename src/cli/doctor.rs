//! `runbay doctor`.

use super::args::{DoctorArgs, Global};
use super::backend::named;
use super::error::Error;
use super::output::{errln, inert, outln, paint, print_json};
use crate::config::Config;
use crate::domain::counted;
use crate::service::doctor::{self, Level, Report};
use std::process::ExitCode;

/// Looks even when the settings or the data folder cannot be read: that is
/// something to find. So a service of this folder is not asked, only one
/// elsewhere, which looks at its own machine.
pub(super) async fn doctor(global: &Global, args: &DoctorArgs) -> Result<ExitCode, Error> {
    let report = match named(global)? {
        Some(client) => client.doctor().await?,
        None => doctor::examine(Config::load(&global.overrides())).await,
    };
    if args.json {
        print_json(&report);
    } else {
        show(&report);
    }
    Ok(ExitCode::from(if report.worst() == Level::Error {
        69
    } else {
        0
    }))
}

fn show(report: &Report) {
    for check in &report.checks {
        let (mark, style) = match check.level {
            Level::Ok => ("ok", "32"),
            Level::Note => ("note", "36"),
            Level::Warning => ("warning", "33"),
            Level::Error => ("error", "1;31"),
        };
        // Padded before it is painted: colours have no width.
        let mark = paint(&format!("{mark:<8}"), style);
        outln!("{mark}{:<14}{}", check.name, inert(&check.found));
        for line in check.remedy.iter().flat_map(|remedy| remedy.lines()) {
            outln!("{:22}{} {}", "", paint("→", "2"), inert(line));
        }
    }
    let of = |level, word| {
        let found = report.checks.iter().filter(|c| c.level == level);
        counted(found.count(), word)
    };
    errln!(
        "{}: {}, {}, {}",
        counted(report.checks.len(), "check"),
        of(Level::Error, "error"),
        of(Level::Warning, "warning"),
        of(Level::Note, "note")
    );
}
