//! Schedules: when a task runs by itself, as its manifest says it, and what
//! became of each instant at which it was due.

use super::ids::{Digest, RunId, TaskName};
use super::retry::Overlap;
use super::run::words;
use super::size::Span;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// One entry of `[[schedules]]` as written. [`crate::time::Plan`] is what it
/// amounts to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// What it is called within its task, where `when` alone does not tell: 1 to
    /// 63 of a-z, 0-9, `_` and `-`, beginning with a letter or digit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9_-]{0,62}$"))]
    pub name: Option<String>,
    /// The rule: `"06:00"`, `"MON 08:00"`, `"15 09:30"`, `"@every 15m"`,
    /// `"@daily"`, or a cron pattern such as `"0 6 * * MON-FRI"`.
    #[serde(default)]
    pub when: String,
    /// The time zone by its IANA name, such as `"Europe/Berlin"`; else that of
    /// the service's setting `timezone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// What it does when it is due while runs of the task are not over: `skip`
    /// (default), `queue`, `replace` or `allow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
    /// What happens after a time without the service: `none`, `latest` (default,
    /// the latest of the missed runs) or `all` (the latest `catch_up_max`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catch_up: Option<CatchUp>,
    /// How late a missed run may be made up for, such as `"2h"`; default 1 h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catch_up_window: Option<Span>,
    /// How many runs `catch_up = "all"` makes at most; default 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub catch_up_max: Option<u32>,
    /// Each run begins up to so much later, by chance, such as `"5m"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter: Option<Span>,
    /// Nothing before: a day, a local time (`"2026-12-01T06:00"`), or a time with
    /// its offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Nothing after; a day is included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Days on which it does not run: days, ranges (`"2026-12-24..2027-01-02"`),
    /// `"weekends"`, `"weekdays"`, or the name of a file
    /// `calendars/<name>.txt`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// Values for parameters of the task.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Value>,
    /// `false` lets it rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

impl Schedule {
    /// A schedule that says nothing but when.
    #[must_use]
    pub fn new(when: impl Into<String>) -> Self {
        Self {
            name: None,
            when: when.into(),
            timezone: None,
            overlap: None,
            catch_up: None,
            catch_up_window: None,
            catch_up_max: None,
            jitter: None,
            start: None,
            end: None,
            exclude: Vec::new(),
            params: BTreeMap::new(),
            enabled: None,
        }
    }

    /// How late a missed run may be made up for. With `all` it is only the
    /// number that limits, unless the window is said.
    #[must_use]
    pub fn window(&self) -> Duration {
        let default = match self.catch_up {
            Some(CatchUp::All) => Duration::MAX,
            _ => Duration::from_secs(3600),
        };
        self.catch_up_window.map_or(default, |span| span.0)
    }

    /// How many missed runs are made up for at most.
    #[must_use]
    pub fn most(&self) -> u32 {
        match self.catch_up.unwrap_or_default() {
            CatchUp::None => 0,
            CatchUp::Latest => 1,
            CatchUp::All => self.catch_up_max.unwrap_or(10),
        }
    }
}

words! {
    /// What happens with slots that came due while nobody looked.
    #[derive(JsonSchema, Default)]
    CatchUp {
        /// They are missed.
        None = "none",
        /// The latest is made up for, the others are missed.
        #[default]
        Latest = "latest",
        /// The latest few are made up for.
        All = "all",
    }
}

words! {
    /// What became of a slot.
    #[derive(JsonSchema)]
    Decision {
        /// A run was made.
        Ran = "ran",
        /// No run was made, because somebody or some rule said so.
        Skipped = "skipped",
        /// No run was made, because nobody looked in time.
        Missed = "missed",
    }
}

words! {
    /// Why a slot has no run.
    #[derive(JsonSchema)]
    Cause {
        /// Skipped: runs of the task were not over.
        Overlap = "overlap",
        /// Skipped: the schedule was paused, or all were.
        Paused = "paused",
        /// Skipped: too many runs were waiting.
        QueueFull = "queue_full",
        /// Skipped: the task is gone, disabled or has a mistake.
        Unfit = "unfit",
        /// Missed: a later slot was made up for instead.
        Superseded = "superseded",
        /// Missed: it was later than the schedule's window.
        TooLate = "too_late",
        /// Missed: the schedule makes up for nothing.
        NoCatchUp = "no_catch_up",
        /// Missed: the schedule was changed or removed before anybody looked.
        Changed = "changed",
    }
}

/// The number of a schedule in the database; stable while its task and key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScheduleId(pub i64);

/// A schedule the store remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleRow {
    /// Its number.
    pub id: ScheduleId,
    /// The task.
    pub task: TaskName,
    /// Its name, or else the canonical text of its rule: unique in the task.
    pub key: String,
    /// What the manifest said when it was last good.
    pub spec: Schedule,
    /// The zone it is in: its own, or the service's.
    pub timezone: String,
    /// A digest of all that decides its slots.
    pub plan: Digest,
    /// The next slot; none when there is no further one.
    pub next_slot: Option<DateTime<Utc>>,
    /// When that is due: the slot and its jitter.
    pub next_at: Option<DateTime<Utc>>,
    /// The last slot that is decided.
    pub last_slot: Option<DateTime<Utc>>,
    /// When it was paused.
    pub paused_at: Option<DateTime<Utc>>,
    /// Why it cannot be used just now.
    pub problem: Option<String>,
    /// When the manifest ceased to name it; its ledger stays.
    pub removed_at: Option<DateTime<Utc>>,
}

/// One line of the ledger: what became of a slot, or of several that follow
/// each other and have no run for the same cause.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LedgerEntry {
    /// The task.
    pub task: TaskName,
    /// The schedule's key.
    pub schedule: String,
    /// The slot, or the first of several.
    pub slot: DateTime<Utc>,
    /// The last of several; else the slot.
    pub last: DateTime<Utc>,
    /// How many slots.
    pub count: u64,
    /// What became of it.
    pub decision: Decision,
    /// Why there is no run.
    pub cause: Option<Cause>,
    /// More about the cause, for people.
    pub detail: Option<String>,
    /// The run.
    pub run: Option<RunId>,
    /// How long after the instant at which it was due the run was queued,
    /// milliseconds.
    pub late_ms: Option<i64>,
    /// When it was decided.
    pub at: DateTime<Utc>,
}
