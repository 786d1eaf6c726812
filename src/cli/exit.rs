//! Exit codes.
//!
//! `run` exits with the script's own code. Where there is none, the code is one
//! that other tools use for the same: 124 at a timeout (`timeout`), 125 when
//! what surrounds the script failed (`docker run`), 130 when cancelled (shells).
//! The other commands use the codes of sysexits.h.

use super::error::Error;
use super::output::{errln, paint};
use crate::catalogue::CatalogueError;
use crate::domain::run::{Outcome, Run};
use crate::image::ImageError;
use crate::service::access::exposure::Unsafe;
use crate::service::secrets::KeyError;
use crate::versions::VersionError;
use crate::{client, service};
use std::process::ExitCode;

/// Says what went wrong and returns the code for it.
pub(super) fn error(error: &Error) -> ExitCode {
    report(error);
    code(error)
}

/// Says what went wrong.
pub(super) fn report(error: &dyn std::error::Error) {
    say(&crate::domain::report(error));
}

/// The code for what went wrong.
pub(super) fn code(error: &Error) -> ExitCode {
    ExitCode::from(match error {
        Error::Service(error) => of_service(error),
        Error::Client(error) => of_client(error),
    })
}

fn of_service(error: &service::Error) -> u8 {
    use service::Error;
    match error {
        Error::NotFound(_)
        | Error::Catalogue(
            CatalogueError::NoTasks { .. }
            | CatalogueError::UnknownTask { .. }
            | CatalogueError::UnknownTemplate { .. },
        ) => 66,
        Error::Invalid(_) | Error::Fields(_) | Error::TooLarge(_) | Error::Catalogue(_) => 65,
        Error::Unsafe(_)
        | Error::Key(KeyError::Missing { .. } | KeyError::Wrong { .. } | KeyError::File(_)) => {
            Unsafe::EXIT
        }
        Error::Conflict(_)
        | Error::Stale { .. }
        | Error::Full(_)
        | Error::TooOften { .. }
        | Error::NoRoom(_) => 75,
        Error::Engine(_)
        | Error::Image(ImageError::Engine(_) | ImageError::Index(_) | ImageError::NoBase(_)) => 69,
        Error::Image(ImageError::Cancelled) => 130,
        Error::Image(ImageError::Version(VersionError::Io { .. })) => 74,
        Error::Image(_) => 65,
        Error::Store(_)
        | Error::Key(_)
        | Error::Version(_)
        | Error::Log(_)
        | Error::Drive(_)
        | Error::Io { .. } => 74,
    }
}

/// What a service refuses has the code that it would have here.
fn of_client(error: &client::Error) -> u8 {
    match error {
        client::Error::Settings(_) => 65,
        client::Error::Unreachable { .. } | client::Error::Broken { .. } => 69,
        client::Error::Foreign { .. } => 76,
        client::Error::Refused(refusal) => match refusal.status {
            401 | 403 => 77,
            404 => 66,
            409 | 412 | 429 => 75,
            400..500 => 65,
            503 => 69,
            _ => 74,
        },
    }
}

/// As [`error`], for what fails before there are commands.
pub(super) fn fail(what: &str, error: &dyn std::error::Error) -> ExitCode {
    say(&format!("{what}: {error}"));
    ExitCode::from(70)
}

fn say(text: &str) {
    errln!("{} {text}", paint("error:", "1;31"));
}

/// The code for the end of a run.
pub(super) fn of_run(run: &Run) -> ExitCode {
    let own = run
        .exit_code
        .and_then(|code| u8::try_from(code).ok())
        .filter(|code| *code != 0);
    ExitCode::from(match run.outcome {
        Some(Outcome::Succeeded) => 0,
        Some(Outcome::TimedOut) => 124,
        Some(Outcome::Cancelled) => 130,
        Some(Outcome::Failed | Outcome::OutOfMemory | Outcome::OutOfDisk) => own.unwrap_or(1),
        _ => 125,
    })
}
