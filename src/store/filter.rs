//! Which runs a list shows, and the query that finds them.

use super::row::Time;
use super::runs::COLUMNS;
use crate::domain::ids::{RunId, TaskName};
use crate::domain::run::{Outcome, RunState, Trigger};
use chrono::{DateTime, Utc};
use rusqlite::ToSql;

/// Which runs to list. Empty lists and `None` ask for nothing in particular.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Runs of this task.
    pub task: Option<TaskName>,
    /// Runs in one of these states.
    pub states: Vec<RunState>,
    /// Runs that ended in one of these ways.
    pub outcomes: Vec<Outcome>,
    /// Runs of one of these tasks.
    pub tasks: Option<Vec<TaskName>>,
    /// Runs that exist for one of these reasons.
    pub triggers: Vec<Trigger>,
    /// Only trials, or only what is none.
    pub trial: Option<bool>,
    /// Only runs that are pinned, or only those that are not.
    pub pinned: Option<bool>,
    /// Runs asked for at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Runs asked for before this moment.
    pub to: Option<DateTime<Utc>>,
    /// Runs whose task's name holds this text, or whose id does (4 characters
    /// or more).
    pub text: Option<String>,
    /// How many at most; none is 100.
    pub limit: Option<u32>,
    /// Runs older than this one: the last of the page before.
    pub before: Option<RunId>,
}

pub(super) type Values = Vec<Box<dyn ToSql + Send>>;

/// The query of a list. Each pair of state and outcome that is asked for is one
/// range of an index, read newest first and no further than the limit; asking
/// for all in one `IN (…)` would read and sort every run that ever matched.
/// `None` when no run can pass.
pub(super) fn list(filter: &RunFilter) -> Option<(String, Values)> {
    let mut values: Values = vec![Box::new(filter.limit.unwrap_or(100))];
    let mut rest = String::new();
    if let Some(task) = &filter.task {
        values.push(Box::new(task.clone()));
        rest.push_str(&format!(" AND task = ?{}", values.len()));
    }
    if let Some(before) = filter.before {
        values.push(Box::new(before));
        rest.push_str(&format!(" AND id < ?{}", values.len()));
    }
    narrow(filter, &mut values, &mut rest)?;
    let Some(ends) = ends(filter) else {
        let sql = format!("SELECT {COLUMNS} FROM runs WHERE true{rest} ORDER BY id DESC LIMIT ?1");
        return Some((sql, values));
    };
    let mut ranges = Vec::new();
    for (state, outcome) in ends {
        values.push(Box::new(state));
        let mut range = format!("state = ?{}", values.len());
        match outcome {
            Some(outcome) => {
                values.push(Box::new(outcome));
                range.push_str(&format!(" AND outcome = ?{}", values.len()));
            }
            None => range.push_str(" AND outcome IS NULL"),
        }
        ranges.push(format!(
            "SELECT * FROM (SELECT id FROM runs WHERE {range}{rest} ORDER BY id DESC LIMIT ?1)"
        ));
    }
    if ranges.is_empty() {
        return None;
    }
    let ids = ranges.join(" UNION ALL ");
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE id IN ({ids}) ORDER BY id DESC LIMIT ?1");
    Some((sql, values))
}

/// The conditions that no index helps with: they look at one run after the
/// other. `None` when no run can pass.
fn narrow(filter: &RunFilter, values: &mut Values, rest: &mut String) -> Option<()> {
    let mut bind = |value: Box<dyn ToSql + Send>| {
        values.push(value);
        values.len()
    };
    if let Some(tasks) = &filter.tasks {
        let tasks = tasks.iter().map(|task| bind(Box::new(task.clone())));
        rest.push_str(&format!(" AND task IN ({})", places(tasks)?));
    }
    if !filter.triggers.is_empty() {
        let triggers = filter
            .triggers
            .iter()
            .map(|trigger| bind(Box::new(*trigger)));
        rest.push_str(&format!(" AND \"trigger\" IN ({})", places(triggers)?));
    }
    if let Some(trial) = filter.trial {
        let at = bind(Box::new(trial));
        rest.push_str(&format!(" AND trial = ?{at}"));
    }
    if let Some(pinned) = filter.pinned {
        // As a literal, for the index of pinned runs is known by it.
        rest.push_str(&format!(" AND pinned = {}", u8::from(pinned)));
    }
    if let Some(from) = filter.from {
        // An id begins with its time, which may be a little off the row's.
        let (at, id) = (
            bind(Box::new(Time(from))),
            bind(Box::new(id_at(from, -1000))),
        );
        rest.push_str(&format!(" AND created_at >= ?{at} AND id >= ?{id}"));
    }
    if let Some(to) = filter.to {
        let (at, id) = (bind(Box::new(Time(to))), bind(Box::new(id_at(to, 1000))));
        rest.push_str(&format!(" AND created_at < ?{at} AND id < ?{id}"));
    }
    if let Some(text) = &filter.text {
        let text = text.trim().to_lowercase();
        let has_id = text.len() >= 4;
        let at = bind(Box::new(text));
        rest.push_str(&match has_id {
            true => format!(" AND (instr(task, ?{at}) > 0 OR instr(id, ?{at}) > 0)"),
            false => format!(" AND instr(task, ?{at}) > 0"),
        });
    }
    Some(())
}

/// `?3, ?4`; none for no numbers.
fn places(numbers: impl Iterator<Item = usize>) -> Option<String> {
    let places: Vec<_> = numbers.map(|number| format!("?{number}")).collect();
    (!places.is_empty()).then(|| places.join(", "))
}

/// How the first id of a moment would begin, some milliseconds off.
pub(super) fn id_at(at: DateTime<Utc>, off: i64) -> String {
    let millis = at.timestamp_millis().saturating_add(off);
    format!("{:012x}", millis.clamp(0, 0xffff_ffff_ffff))
}

/// The pairs of state and outcome that a filter lets pass; none when all do.
fn ends(filter: &RunFilter) -> Option<Vec<(RunState, Option<Outcome>)>> {
    if filter.states.is_empty() && filter.outcomes.is_empty() {
        return None;
    }
    // A run has an outcome exactly when it is finished.
    let mut ends = Vec::new();
    for &state in RunState::ALL {
        let asked = filter.states.is_empty() || filter.states.contains(&state);
        if asked && state != RunState::Finished && filter.outcomes.is_empty() {
            ends.push((state, None));
        } else if asked && state == RunState::Finished {
            let all = filter.outcomes.is_empty();
            let some = Outcome::ALL.iter().copied();
            let some = some.filter(|outcome| all || filter.outcomes.contains(outcome));
            ends.extend(some.map(|outcome| (state, Some(outcome))));
        }
    }
    Some(ends)
}
