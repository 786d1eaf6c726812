//! What an exit means.

use super::Job;
use crate::domain::run::{Ended, Outcome};
use crate::engine::Container;

/// What an exit means. What we intended comes first: a container that we told
/// to stop did not fail.
pub(super) fn judge(
    state: &Container,
    intent: Option<Outcome>,
    ready: bool,
    job: &Job<'_>,
) -> Ended {
    let code = state.exit_code;
    let with = |outcome, reason: Option<String>| Ended {
        outcome,
        exit_code: Some(code),
        reason,
        result: None,
    };
    if let Some(outcome) = intent {
        return with(outcome, None);
    }
    let limit = job.run.limits.memory;
    match code {
        137 if state.oom_killed => with(
            Outcome::OutOfMemory,
            Some(format!(
                "killed: it used more than its {limit} of memory (files in /tmp count); raise `memory` in task.toml"
            )),
        ),
        0 if state.oom_killed => with(
            Outcome::Succeeded,
            Some(format!(
                "a child process was killed for passing the memory limit of {limit}"
            )),
        ),
        0 => with(Outcome::Succeeded, None),
        _ if !ready => with(
            Outcome::InfraError,
            Some(
                format!(
                    "the container ended with code {code} before user code began {}",
                    state.error
                )
                .trim_end()
                .to_owned(),
            ),
        ),
        129..=192 => with(
            Outcome::Failed,
            Some(format!("ended by {}", signal(code - 128))),
        ),
        _ => with(Outcome::Failed, None),
    }
}

fn signal(number: i64) -> String {
    let name = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV: a crash in native code",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => return format!("signal {number}"),
    };
    format!("signal {number} ({name})")
}
