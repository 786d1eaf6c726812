//! Runs and attempts: their states, and how they may end.

use super::ids::{AttemptId, ContainerId, Digest, ImageId, RunId, TaskName};
use super::limits::Limits;
use super::measure::Measurements;
use super::params::Params;
use super::retry::Retries;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word used in the database, the API and the CLI.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("“{text}” is none of {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}
pub(super) use words;

words! {
    /// Where a run stands. Only forward: see [`RunState::may_become`].
    #[derive(JsonSchema)]
    RunState {
        /// Accepted and durable; nothing done yet.
        Queued = "queued",
        /// Its image is being made or looked up.
        Building = "building",
        /// A container is being created and started for it.
        Starting = "starting",
        /// User code may be running.
        Running = "running",
        /// The end is decided; what it left behind is being collected. A run that
        /// left nothing is over without it.
        Stopping = "stopping",
        /// Over; the outcome is final.
        Finished = "finished",
    }
}

impl RunState {
    /// Whether a run may go from here to `next`. A run may be cancelled, or
    /// fail for want of an engine, from any state but `finished`; a driver
    /// that takes over before user code could start begins again at
    /// `building`; a run whose attempt failed and that shall be tried again is
    /// `queued` once more.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use RunState::{Building, Finished, Queued, Running, Starting, Stopping};
        match self {
            Queued => matches!(next, Building | Finished),
            Building => matches!(next, Queued | Starting | Finished),
            Starting => matches!(next, Queued | Building | Running | Stopping | Finished),
            Running => matches!(next, Queued | Stopping | Finished),
            Stopping => matches!(next, Queued | Finished),
            Finished => false,
        }
    }
}

words! {
    /// How an attempt or run ended. The script's own failure, a limit it hit,
    /// and a failure of ours are different words.
    #[derive(JsonSchema)]
    Outcome {
        /// The script exited with 0.
        Succeeded = "succeeded",
        /// The script exited with another code, or by a signal of its own.
        Failed = "failed",
        /// The image could not be built from what the task asks for.
        BuildFailed = "build_failed",
        /// Stopped at its timeout.
        TimedOut = "timed_out",
        /// Killed for using more memory than its limit.
        OutOfMemory = "out_of_memory",
        /// Killed for filling more disk than its limit.
        OutOfDisk = "out_of_disk",
        /// Stopped because somebody asked.
        Cancelled = "cancelled",
        /// Nobody can know: its container vanished or the engine lost it.
        Lost = "lost",
        /// Runbay or the engine failed; user code is not to blame.
        InfraError = "infra_error",
    }
}

words! {
    /// Why a run exists.
    #[derive(JsonSchema)]
    Trigger {
        /// A person asked.
        Manual = "manual",
        /// A person asked for an earlier run again.
        Rerun = "rerun",
        /// A program asked over the API.
        Api = "api",
        /// A schedule was due.
        Schedule = "schedule",
        /// Another service called the address of a trigger.
        Webhook = "webhook",
    }
}

words! {
    /// What becomes of a run when the command that started it is killed.
    #[derive(JsonSchema)]
    OnDisconnect {
        /// It is cancelled.
        Cancel = "cancel",
        /// It goes on to its own end.
        Continue = "continue",
    }
}

/// One request to execute a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The task.
    pub task: TaskName,
    /// Why it exists.
    pub trigger: Trigger,
    /// The run it repeats.
    pub rerun_of: Option<RunId>,
    /// Whether it tries code that is not in the task's folder; `version` says
    /// which.
    #[serde(default)]
    pub trial: bool,
    /// Kept whatever housekeeping thinks, with its log, its files and its code.
    #[serde(default)]
    pub pinned: bool,
    /// Where it stands.
    pub state: RunState,
    /// How it ended; set exactly when finished.
    pub outcome: Option<Outcome>,
    /// The script's exit code, when it had one.
    pub exit_code: Option<i64>,
    /// A sentence about the end, for people.
    pub reason: Option<String>,
    /// Checked parameter values.
    pub params: Params,
    /// Arguments after those of the manifest.
    pub args: Vec<String>,
    /// The limits it was given.
    pub limits: Limits,
    /// The image to use instead of the task's present one (`--same-image`).
    pub pinned_image: Option<ImageId>,
    /// The code it ran.
    pub version: Option<Digest>,
    /// The environment it ran in.
    pub environment: Option<Digest>,
    /// The lock of that environment.
    pub lock: Option<Digest>,
    /// The image it ran from.
    pub image: Option<ImageId>,
    /// What the script left in `$RUNBAY_RESULT`.
    pub result: Option<serde_json::Value>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When its container was started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub finished_at: Option<DateTime<Utc>>,
    /// When somebody asked to stop it.
    pub cancel_requested_at: Option<DateTime<Utc>>,
    /// What happens when its command is killed.
    pub on_disconnect: OnDisconnect,
    /// Who asked for it, such as `user:ann` or `token:ci`; none when that is
    /// whoever may use the data folder.
    pub by: Option<String>,
    /// Runs with a greater one begin first; 0 is usual.
    pub priority: i32,
    /// How many runs of its task may be active for this one to begin; none is
    /// any number.
    pub concurrency: Option<u32>,
    /// When and how often it is tried again.
    pub retries: Retries,
    /// While it is queued: not before this moment.
    pub not_before: Option<DateTime<Utc>>,
    /// The schedule that made it.
    pub schedule: Option<String>,
    /// The instant at which it was due.
    pub scheduled_at: Option<DateTime<Utc>>,
}

impl Run {
    /// A run that is queued and of which nothing else is said.
    #[must_use]
    pub fn new(task: TaskName, params: Params, limits: Limits, created_at: DateTime<Utc>) -> Self {
        Self {
            id: RunId::new(),
            task,
            trigger: Trigger::Manual,
            rerun_of: None,
            trial: false,
            pinned: false,
            state: RunState::Queued,
            outcome: None,
            exit_code: None,
            reason: None,
            params,
            args: Vec::new(),
            limits,
            pinned_image: None,
            version: None,
            environment: None,
            lock: None,
            image: None,
            result: None,
            created_at,
            started_at: None,
            finished_at: None,
            cancel_requested_at: None,
            on_disconnect: OnDisconnect::Cancel,
            by: None,
            priority: 0,
            concurrency: None,
            retries: Retries::default(),
            not_before: None,
            schedule: None,
            scheduled_at: None,
        }
    }
}

/// One container launch for a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// The run and the number.
    pub id: AttemptId,
    /// The name of its container: unique on the engine, hence the fence that
    /// keeps one attempt from starting twice.
    pub container_name: String,
    /// The container, once created. While it is unset, start was never sent.
    pub container_id: Option<ContainerId>,
    /// A word that proves a "ready" line comes from our gate.
    #[serde(skip_serializing, default)]
    pub nonce: String,
    /// When it must be over.
    pub deadline: Option<DateTime<Utc>>,
    /// The end we decided on before the container was told, so that a crash in
    /// between cannot turn a cancel into a failure.
    pub intent: Option<Outcome>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The script's exit code, when it had one.
    pub exit_code: Option<i64>,
    /// A sentence about the end, for people.
    pub reason: Option<String>,
    /// What it cost.
    pub measurements: Measurements,
    /// When the attempt began.
    pub created_at: DateTime<Utc>,
    /// When the gate let user code begin.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub finished_at: Option<DateTime<Utc>>,
}

/// The end of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Which end.
    pub outcome: Outcome,
    /// The script's exit code, when it had one.
    pub exit_code: Option<i64>,
    /// A sentence for people: what happened and, where there is one, the
    /// remedy. Empty when the outcome says it all.
    pub reason: Option<String>,
    /// What the script left in `$RUNBAY_RESULT`.
    pub result: Option<serde_json::Value>,
}

impl Ended {
    /// An end without an exit code.
    #[must_use]
    pub fn because(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self {
            outcome,
            exit_code: None,
            reason: Some(reason.into()),
            result: None,
        }
    }
}

/// A file kept from a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    /// Its path below the run's artifact folder, `/`-separated.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The digest of its content.
    pub digest: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn state() -> impl Strategy<Value = RunState> {
        proptest::sample::select(RunState::ALL)
    }

    proptest! {
        #[test]
        fn finished_is_final(next in state()) {
            prop_assert!(!RunState::Finished.may_become(next));
        }

        #[test]
        fn only_a_retry_or_a_start_that_failed_goes_back(from in state(), to in state()) {
            let order = |s: RunState| RunState::ALL.iter().position(|x| *x == s);
            if from.may_become(to) && order(to) <= order(from) {
                let anew = (from, to) == (RunState::Starting, RunState::Building);
                prop_assert!(anew || to == RunState::Queued);
            }
        }

        #[test]
        fn every_live_state_can_end(from in state()) {
            prop_assert_eq!(from.may_become(RunState::Finished), from != RunState::Finished);
        }
    }

    #[test]
    fn words_read_back() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse::<Outcome>().unwrap(), *outcome);
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
        assert!("done".parse::<Outcome>().is_err());
    }
}
