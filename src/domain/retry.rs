//! What happens besides a run: others of its task at the same time, and the
//! same one again after it failed.

use super::run::{Outcome, words};
use super::size::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

words! {
    /// What a new run of a task does while as many as may be active are.
    #[derive(JsonSchema)]
    Overlap {
        /// It begins beside them.
        Allow = "allow",
        /// It waits for its turn.
        Queue = "queue",
        /// It is not made, and the refusal says so.
        Skip = "skip",
        /// It cancels them, waits for their end and begins.
        Replace = "replace",
    }
}

words! {
    /// How the pauses between attempts grow.
    #[derive(JsonSchema, Default)]
    Backoff {
        /// Each is twice the one before, an hour at most.
        #[default]
        Exponential = "exponential",
        /// All are the same.
        Fixed = "fixed",
    }
}

/// Whether, when and after which ends a run is tried again. Each try is a new
/// attempt of the same run, with a container and a log of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Retries {
    /// How often it is tried again at most; 0 is never.
    #[schemars(range(min = 0, max = 100))]
    pub max: u32,
    /// The pause before the first retry.
    pub delay: Span,
    /// How the pauses grow.
    pub backoff: Backoff,
    /// The outcomes after which it is tried again: `failed`, `timed_out`,
    /// `out_of_memory`, `out_of_disk`, `build_failed`, `lost`, `infra_error`.
    pub on: Vec<Outcome>,
    /// Of the failures, only those with one of these exit codes; none is all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exit_codes: Vec<i64>,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            max: 0,
            delay: Span(Duration::from_secs(10)),
            backoff: Backoff::Exponential,
            on: vec![
                Outcome::Failed,
                Outcome::TimedOut,
                Outcome::Lost,
                Outcome::InfraError,
            ],
            exit_codes: Vec::new(),
        }
    }
}

/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_secs(3600);

impl Retries {
    /// The pause before the next attempt after attempt `number` (counted from
    /// 1) ended so; none when there is no next one.
    #[must_use]
    pub fn pause(&self, number: u32, outcome: Outcome, exit_code: Option<i64>) -> Option<Duration> {
        let wanted = self.on.contains(&outcome)
            && (outcome != Outcome::Failed
                || self.exit_codes.is_empty()
                || exit_code.is_some_and(|code| self.exit_codes.contains(&code)));
        if !wanted || number > self.max {
            return None;
        }
        let factor = match self.backoff {
            Backoff::Fixed => 1,
            Backoff::Exponential => 1u32
                .checked_shl(number.saturating_sub(1))
                .unwrap_or(u32::MAX),
        };
        let longest = LONGEST.max(self.delay.0);
        Some(self.delay.0.saturating_mul(factor).min(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn retries(max: u32) -> Retries {
        Retries {
            max,
            ..Retries::default()
        }
    }

    #[test]
    fn pauses_double_up_to_an_hour() {
        let pauses: Vec<u64> = (1..=12)
            .filter_map(|n| retries(12).pause(n, Outcome::Failed, Some(1)))
            .map(|pause| pause.as_secs())
            .collect();
        assert_eq!(
            pauses,
            [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]
        );
    }

    #[test]
    fn only_the_named_ends_are_tried_again() {
        let only = Retries {
            exit_codes: vec![75],
            ..retries(1)
        };
        assert!(only.pause(1, Outcome::Failed, Some(75)).is_some());
        assert!(only.pause(1, Outcome::Failed, Some(1)).is_none());
        assert!(only.pause(1, Outcome::Lost, None).is_some());
        assert!(only.pause(2, Outcome::Failed, Some(75)).is_none());
        assert!(only.pause(1, Outcome::Cancelled, None).is_none());
    }

    proptest! {
        #[test]
        fn a_run_is_tried_max_times_again_and_no_pause_is_absurd(max in 0u32..200, number in 1u32..300) {
            let pause = retries(max).pause(number, Outcome::InfraError, None);
            prop_assert_eq!(pause.is_some(), number <= max);
            prop_assert!(pause.is_none_or(|pause| pause <= LONGEST));
        }
    }
}
