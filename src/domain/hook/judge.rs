//! Whether a hook is told of something, and as what.

use super::{HookEvent, HookSpec};
use crate::domain::run::Outcome;
use serde::{Deserialize, Serialize};

/// What happened, as far as hooks are told of such things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// The script of a run started.
    Started,
    /// A run ended.
    Ended(Outcome),
    /// Anything that a hook hears of as itself.
    Other(HookEvent),
}

/// Runs of a task that failed one after another, as one hook sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streak {
    /// How many.
    pub failures: u32,
    /// Whether the hook was told of one of them.
    pub told: bool,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// What the hook is told, if anything.
    pub tell: Option<HookEvent>,
    /// How many runs of the task failed one after another: with this one, or
    /// before it.
    pub failures: u32,
    /// The row as it is from now on.
    pub streak: Streak,
}

/// Decides it. What was cancelled neither fails nor succeeds. An end is told
/// once, as the most that it is: as a recovery or failure rather than as an end.
#[must_use]
pub fn judge(spec: &HookSpec, happened: Happened, streak: Streak) -> Judged {
    let asked = |event: HookEvent| spec.events.contains(&event).then_some(event);
    let outcome = match happened {
        Happened::Started => return plain(asked(HookEvent::RunStarted), streak),
        Happened::Other(event) => return plain(asked(event), streak),
        Happened::Ended(outcome) => outcome,
    };
    let meant = spec.outcomes.is_empty() || spec.outcomes.contains(&outcome);
    let finished = asked(HookEvent::RunFinished).filter(|_| meant);
    match outcome {
        Outcome::Cancelled => plain(finished, streak),
        Outcome::Succeeded => {
            let recovered = asked(HookEvent::RunRecovered).filter(|_| streak.told);
            Judged {
                tell: recovered.or(finished),
                failures: streak.failures,
                streak: Streak::default(),
            }
        }
        _ => {
            let failures = streak.failures.saturating_add(1);
            let loud = spec.every_failure || is_power_of_ten(failures) || !streak.told;
            let built = asked(HookEvent::BuildFailed).filter(|_| outcome == Outcome::BuildFailed);
            let failed = asked(HookEvent::RunFailed).or(built);
            let failed = failed.filter(|_| meant && loud);
            Judged {
                tell: failed.or(finished),
                failures,
                streak: Streak {
                    failures,
                    told: streak.told || failed.is_some() || finished.is_some(),
                },
            }
        }
    }
}

fn plain(tell: Option<HookEvent>, streak: Streak) -> Judged {
    Judged {
        tell,
        failures: streak.failures,
        streak,
    }
}

fn is_power_of_ten(number: u32) -> bool {
    number > 0 && 10u32.pow(number.ilog10()) == number
}

#[cfg(test)]
mod tests {
    use super::super::HookKind;
    use super::*;
    use proptest::prelude::*;

    fn story(spec: &HookSpec, ends: &[Outcome]) -> Vec<Option<HookEvent>> {
        let mut streak = Streak::default();
        let mut told = Vec::new();
        for end in ends {
            let judged = judge(spec, Happened::Ended(*end), streak);
            streak = judged.streak;
            told.push(judged.tell);
        }
        told
    }

    #[test]
    fn a_row_of_failures_is_told_at_its_powers_of_ten_and_ends_with_one_recovery() {
        let spec = HookSpec::new(HookKind::Standard);
        let mut ends = vec![Outcome::Failed; 100];
        ends.extend([Outcome::Cancelled, Outcome::Succeeded, Outcome::Succeeded]);
        let told = story(&spec, &ends);
        let failed: Vec<_> = (0..100)
            .filter(|n| told[*n] == Some(HookEvent::RunFailed))
            .collect();
        assert_eq!(failed, [0, 9, 99]);
        assert_eq!(told[100..], [None, Some(HookEvent::RunRecovered), None]);
    }

    #[test]
    fn an_end_is_told_as_the_most_that_it_is() {
        use HookEvent::{BuildFailed, RunFailed, RunFinished, RunRecovered};
        let mut spec = HookSpec::new(HookKind::Standard);
        spec.events.insert(RunFinished);
        let ends = [Outcome::Failed, Outcome::TimedOut, Outcome::Succeeded];
        let told = [Some(RunFailed), Some(RunFinished), Some(RunRecovered)];
        assert_eq!(story(&spec, &ends), told);
        spec.every_failure = true;
        assert_eq!(story(&spec, &ends)[1], Some(RunFailed));
        spec.events = [BuildFailed].into();
        let ends = [Outcome::Failed, Outcome::BuildFailed, Outcome::Succeeded];
        assert_eq!(story(&spec, &ends), [None, Some(BuildFailed), None]);
        spec.events = [RunFinished].into();
        spec.outcomes = vec![Outcome::Lost];
        let ends = [Outcome::Failed, Outcome::Lost, Outcome::Succeeded];
        assert_eq!(story(&spec, &ends), [None, Some(RunFinished), None]);
    }

    proptest! {
        #[test]
        fn nobody_recovers_from_what_was_not_told(
            ends in prop::collection::vec(prop::sample::select(Outcome::ALL), 0..60),
            every in any::<bool>(),
        ) {
            let mut spec = HookSpec::new(HookKind::Slack);
            spec.every_failure = every;
            let mut open = false;
            for event in story(&spec, &ends).into_iter().flatten() {
                match event {
                    HookEvent::RunFailed => open = true,
                    HookEvent::RunRecovered => prop_assert!(std::mem::take(&mut open)),
                    other => prop_assert!(false, "{other}"),
                }
            }
        }
    }
}
