//! `[[schedules]]` of a manifest: its shape, its meaning, and changes to it that
//! keep the form of the file.

use super::document::TableReader;
use super::edit::edit_manifest;
use super::manifest::MANIFEST_FILE;
use super::problem::{CatalogueError, Issue};
use super::schema;
use super::validate::check_params;
use crate::domain::ids::TaskName;
use crate::domain::manifest::Manifest;
use crate::domain::schedule::{CatchUp, Schedule};
use crate::domain::task::Task;
use crate::time::{Days, Fault, Plan, Rule, Zone};
use std::collections::BTreeMap;
use std::path::PathBuf;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};
use toml_edit::{Array, ArrayOfTables, InlineTable, Item, Table, Value};

/// More would be a mistake.
const MOST: usize = 100;

/// What tells a schedule from the others of its task: its name, or else the
/// canonical text of its rule.
///
/// # Errors
/// A rule that cannot be read.
pub fn schedule_key(schedule: &Schedule) -> Result<String, Fault> {
    match &schedule.name {
        Some(name) => Ok(name.clone()),
        None => Ok(Rule::parse(&schedule.when)?.0.to_string()),
    }
}

/// The schedules, if all their keys have the right shape; the faults are noted.
pub(super) fn read<'t>(
    reader: &mut TableReader<'_, 't>,
    entries: &[Spanned<DeValue<'t>>],
) -> Option<Vec<Spanned<DeValue<'t>>>> {
    let known = schema::schedule_keys();
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for entry in entries {
        let DeValue::Table(table) = entry.get_ref() else {
            let issue = Issue::hinted("a schedule must be a table", "such as [[schedules]]");
            reader.refuse("schedules", entry.span().start, issue);
            return None;
        };
        let mut inner = TableReader::new(reader.text, known);
        let mut read = DeTable::new();
        for (key, value) in table {
            if ["cron", "every", "at", "rule", "schedule"].contains(&&**key.get_ref()) {
                let message = format!("unknown key `{}`", key.get_ref());
                let hint = "every form of a rule is written as `when`, an interval as `when = \"@every 15m\"`";
                inner.refuse("when", key.span().start, Issue::hinted(message, hint));
                continue;
            }
            let value = dates_as_text(key, value);
            inner.take::<Schedule>(key, value.clone());
            read.insert(key.clone(), value);
        }
        bad.append(&mut inner.problems);
        good.push(Spanned::new(entry.span(), DeValue::Table(read)));
    }
    if bad.is_empty() {
        return Some(good);
    }
    reader.problems.append(&mut bad);
    reader.bad.push("schedules".to_owned());
    None
}

/// TOML has dates of its own; here they mean the same as the text.
fn dates_as_text<'t>(
    key: &Spanned<DeString<'t>>,
    value: &Spanned<DeValue<'t>>,
) -> Spanned<DeValue<'t>> {
    let text = |value: &Spanned<DeValue<'t>>| match value.get_ref() {
        DeValue::Datetime(date) => {
            Spanned::new(value.span(), DeValue::String(date.to_string().into()))
        }
        _ => value.clone(),
    };
    match (&**key.get_ref(), value.get_ref()) {
        ("start" | "end", _) => text(value),
        ("exclude", DeValue::Array(items)) => {
            let items = items.iter().map(text).collect();
            Spanned::new(value.span(), DeValue::Array(items))
        }
        ("params", DeValue::Table(table)) => {
            let table = table
                .iter()
                .map(|(name, value)| (name.clone(), text(value)));
            Spanned::new(value.span(), DeValue::Table(table.collect()))
        }
        _ => value.clone(),
    }
}

/// All that is wrong with the meaning of the schedules: the keys that lead
/// there, and the fault.
pub(super) fn check(manifest: &Manifest) -> Vec<(Vec<String>, Issue)> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (at, schedule) in manifest.schedules.iter().enumerate() {
        let mut fault = |key: &str, issue: Issue| {
            let path = ["schedules", &at.to_string(), key].map(str::to_owned);
            found.push((path.to_vec(), issue));
        };
        if at == MOST {
            fault(
                "when",
                Issue::new(format!("a task has {MOST} schedules at most")),
            );
            break;
        }
        for (key, issue) in own_faults(schedule) {
            fault(key, issue);
        }
        if let Err(faults) = check_params(&manifest.params, &schedule.params) {
            for one in faults {
                fault("params", Issue::new(one.to_string()));
            }
        }
        // A rule that cannot be read was told of already.
        let Ok(key) = schedule_key(schedule) else {
            continue;
        };
        if let Some(first) = seen.insert(key.clone(), at) {
            let message = format!("schedule {} of the task is “{key}” too", first + 1);
            fault(
                "when",
                Issue::hinted(message, "give one of them a `name` of its own"),
            );
        }
    }
    for (at, schedule) in manifest.schedules.iter().enumerate() {
        // Which calendars there are is not known here, nor the service's zone.
        let any = |name: &str| name.parse::<TaskName>().is_ok().then(Days::default);
        if let Err(fault) = Plan::new(schedule, Zone::UTC, "", &any) {
            let mut path = ["schedules", &at.to_string(), fault.key]
                .map(str::to_owned)
                .to_vec();
            path.extend(fault.item.map(|item| item.to_string()));
            let message = match schedule.when.trim() {
                "" => "a schedule needs `when`".to_owned(),
                _ => fault.message,
            };
            let hint = fault.hint;
            found.push((path, Issue { message, hint }));
        }
    }
    found
}

/// Faults of the keys that have nothing to do with time.
fn own_faults(schedule: &Schedule) -> Vec<(&'static str, Issue)> {
    let mut found = Vec::new();
    if let Some(name) = &schedule.name
        && name.parse::<TaskName>().is_err()
    {
        let message = format!("“{}” is not a name of a schedule", name.escape_debug());
        let hint = "use 1 to 63 of a-z, 0-9, `_` and `-`, beginning with a letter or digit";
        found.push(("name", Issue::hinted(message, hint)));
    }
    let catch_up = schedule.catch_up.unwrap_or_default();
    if schedule
        .catch_up_max
        .is_some_and(|most| !(1..=100).contains(&most))
    {
        found.push((
            "catch_up_max",
            Issue::new("`catch_up_max` must be from 1 to 100"),
        ));
    }
    if schedule.catch_up_max.is_some() && catch_up != CatchUp::All {
        let issue = Issue::hinted(
            "`catch_up_max` means nothing without `catch_up = \"all\"`",
            "remove one of them",
        );
        found.push(("catch_up_max", issue));
    }
    if schedule.catch_up_window.is_some() && catch_up == CatchUp::None {
        let issue = Issue::hinted(
            "`catch_up_window` means nothing beside `catch_up = \"none\"`",
            "remove one of them",
        );
        found.push(("catch_up_window", issue));
    }
    found
}

/// The file that holds the manifest of a task; need not exist.
#[must_use]
pub fn manifest_path(task: &Task) -> PathBuf {
    if task.single_file {
        task.path.clone()
    } else {
        task.path.join(MANIFEST_FILE)
    }
}

/// Writes a schedule into a task's manifest, in the place of the one with the
/// key `instead_of` or else after the others. What does not change keeps its
/// form and comments.
///
/// # Errors
/// No schedule has that key; otherwise as [`edit_manifest`].
pub fn put_schedule(
    task: &Task,
    instead_of: Option<&str>,
    schedule: &Schedule,
) -> Result<(), CatalogueError> {
    let at = instead_of.map(|key| place(task, key)).transpose()?;
    edit_manifest(&manifest_path(task), |table| {
        let all = tables(table);
        match at.and_then(|at| all.get_mut(at)) {
            Some(old) => write(schedule, old),
            None => {
                let mut new = Table::new();
                write(schedule, &mut new);
                all.push(new);
            }
        }
    })
}

/// Removes the schedule with this key from a task's manifest.
///
/// # Errors
/// No schedule has that key; otherwise as [`edit_manifest`].
pub fn remove_schedule(task: &Task, key: &str) -> Result<(), CatalogueError> {
    let at = place(task, key)?;
    edit_manifest(&manifest_path(task), |table| {
        let all = tables(table);
        if at < all.len() {
            all.remove(at);
        }
        if all.is_empty() {
            table.remove("schedules");
        }
    })
}

/// Which of the task's schedules has this key.
fn place(task: &Task, key: &str) -> Result<usize, CatalogueError> {
    let keys: Vec<String> = task
        .manifest
        .schedules
        .iter()
        .filter_map(|one| schedule_key(one).ok())
        .collect();
    let near = || crate::domain::suggest::ranked(key, keys.iter().map(String::as_str));
    keys.iter()
        .position(|one| one == key)
        .ok_or_else(|| CatalogueError::UnknownSchedule {
            task: task.name.to_string(),
            key: key.to_owned(),
            nearest: near().into_iter().map(str::to_owned).collect(),
        })
}

/// The schedules of a manifest as tables with a header of their own, however
/// they are written now.
fn tables(manifest: &mut Table) -> &mut ArrayOfTables {
    let item = manifest
        .entry("schedules")
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if !item.is_array_of_tables() {
        let old = std::mem::take(item).into_array_of_tables();
        *item = Item::ArrayOfTables(old.unwrap_or_default());
    }
    item.as_array_of_tables_mut().expect("it was just made one")
}

/// Makes a table say what a schedule does.
fn write(schedule: &Schedule, table: &mut Table) {
    let wanted = fields(schedule);
    let gone: Vec<String> = table
        .iter()
        .map(|(key, _)| key.to_owned())
        .filter(|key| !wanted.iter().any(|(name, _)| name == key))
        .collect();
    for key in gone {
        table.remove(&key);
    }
    for (key, value) in wanted {
        match table.get_mut(key).and_then(Item::as_value_mut) {
            Some(old) if same(old, &value) => {}
            Some(old) => {
                let decor = old.decor().clone();
                *old = value;
                *old.decor_mut() = decor;
            }
            None => {
                table.insert(key, Item::Value(value));
            }
        }
    }
}

/// Whether two values say the same, however they are written.
fn same(a: &Value, b: &Value) -> bool {
    let plain = |value: &Value| {
        let mut table = Table::new();
        table.insert("v", Item::Value(value.clone()));
        table.to_string().parse::<toml::Table>().ok()
    };
    plain(a) == plain(b)
}

/// The keys of a schedule that say something, in the order of its type.
fn fields(schedule: &Schedule) -> Vec<(&'static str, Value)> {
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let span =
        |span: Option<crate::domain::size::Span>| span.map(|span| Value::from(span.to_string()));
    let list = (!schedule.exclude.is_empty()).then(|| {
        Value::Array(
            schedule
                .exclude
                .iter()
                .map(String::as_str)
                .collect::<Array>(),
        )
    });
    let params: InlineTable = schedule
        .params
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), json(value)?)))
        .collect();
    let params = (!params.is_empty()).then_some(Value::InlineTable(params));
    let fields = [
        ("name", text(&schedule.name)),
        ("when", Some(Value::from(schedule.when.as_str()))),
        ("timezone", text(&schedule.timezone)),
        (
            "overlap",
            schedule.overlap.map(|word| Value::from(word.as_str())),
        ),
        (
            "catch_up",
            schedule.catch_up.map(|word| Value::from(word.as_str())),
        ),
        ("catch_up_window", span(schedule.catch_up_window)),
        (
            "catch_up_max",
            schedule
                .catch_up_max
                .map(|most| Value::from(i64::from(most))),
        ),
        ("jitter", span(schedule.jitter)),
        ("start", text(&schedule.start)),
        ("end", text(&schedule.end)),
        ("exclude", list),
        ("params", params),
        ("enabled", schedule.enabled.map(Value::from)),
    ];
    fields
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
}

/// A parameter's value; those that TOML does not know are none of a schedule's.
fn json(value: &serde_json::Value) -> Option<Value> {
    use serde_json::Value as Json;
    Some(match value {
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    })
}
