//! `runbay health`.

use super::args::Global;
use super::backend;
use super::error::Error;
use super::output::{errln, inert, outln, paint};
use std::process::ExitCode;

/// What sysexits.h calls EX_UNAVAILABLE.
const NOT_READY: u8 = 69;

pub(super) async fn health(global: &Global) -> Result<ExitCode, Error> {
    let client = match backend::named(global)? {
        Some(client) => Some(client),
        None => backend::there(&backend::config(&global.overrides())?.data_dir)?,
    };
    let Some(client) = client else {
        errln!("no service works on this folder: runbay serve");
        return Ok(ExitCode::from(NOT_READY));
    };
    match client.readiness().await? {
        Ok(()) => {
            outln!("ready");
            Ok(ExitCode::SUCCESS)
        }
        Err(faults) => {
            for fault in faults {
                errln!("{} {}", paint("not ready:", "31"), inert(&fault));
            }
            Ok(ExitCode::from(NOT_READY))
        }
    }
}
