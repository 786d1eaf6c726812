//! Variables as rows.

use super::audit::note;
use super::row::Time;
use super::{Store, StoreError};
use crate::domain::audit::Note;
use crate::domain::variable::{Level, Variable, VariableName};
use chrono::{DateTime, Utc};
use rusqlite::{Row, params, types::Type};

/// The words of levels in the database.
pub(super) const LEVELS: [&str; 3] = ["global", "tag", "task"];

/// A level in the database: its word, and whose it is.
fn words(level: &Level) -> (&'static str, String) {
    match level {
        Level::Global => (LEVELS[0], String::new()),
        Level::Tag(tag) => (LEVELS[1], tag.clone()),
        Level::Task(task) => (LEVELS[2], task.to_string()),
    }
}

fn variable(row: &Row<'_>) -> rusqlite::Result<Variable> {
    let of: String = row.get("of")?;
    let level = match row.get::<_, String>("level")?.as_str() {
        "global" => Level::Global,
        "tag" => Level::Tag(of),
        _ => Level::Task(of.parse().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(1, Type::Text, Box::new(error))
        })?),
    };
    Ok(Variable {
        name: row.get("name")?,
        level,
        value: row.get("value")?,
        set_at: row.get::<_, Time>("set_at")?.0,
        set_by: row.get("set_by")?,
    })
}

impl Store {
    /// Every variable, by level and name.
    pub async fn variables(&self) -> Result<Vec<Variable>, StoreError> {
        self.read(|db| {
            let find = "SELECT * FROM variables ORDER BY level, \"of\", name";
            let mut find = db.prepare_cached(find)?;
            let found = find.query_map([], variable)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Sets a variable.
    pub async fn set_variable(&self, new: Variable, what: Note) -> Result<(), StoreError> {
        self.write(move |db| {
            let (level, of) = words(&new.level);
            db.prepare_cached(
                "INSERT INTO variables (level, \"of\", name, value, set_at, set_by) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET \
                 value = excluded.value, set_at = excluded.set_at, set_by = excluded.set_by",
            )?
            .execute(params![
                level,
                of,
                new.name,
                new.value,
                Time(new.set_at),
                new.set_by
            ])?;
            note(db, what, new.set_at)
        })
        .await
    }

    /// Removes a variable; false when there is none.
    pub async fn remove_variable(
        &self,
        (name, level): (VariableName, Level),
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.write(move |db| {
            let (level, of) = words(&level);
            let removed = db
                .prepare_cached(
                    "DELETE FROM variables WHERE level = ?1 AND \"of\" = ?2 AND name = ?3",
                )?
                .execute(params![level, of, name])?;
            if removed > 0 {
                note(db, what, at)?;
            }
            Ok(removed > 0)
        })
        .await
    }
}
