//! What the database knows of tasks: their stable numbers, and what goes by
//! their names.

use super::{Store, StoreError};
use crate::domain::ids::TaskName;
use rusqlite::OptionalExtension;
use std::collections::BTreeMap;

impl Store {
    /// The numbers of tasks: made when first asked for, then always the same,
    /// also for a task that is gone.
    pub async fn task_numbers(
        &self,
        tasks: Vec<TaskName>,
    ) -> Result<BTreeMap<TaskName, i64>, StoreError> {
        let wanted = tasks.clone();
        let known = self
            .read(move |db| {
                let mut find = db.prepare_cached("SELECT number FROM tasks WHERE name = ?1")?;
                let mut known = BTreeMap::new();
                for task in wanted {
                    let number = find.query_row([&task], |row| row.get(0)).optional()?;
                    known.extend(number.map(|number| (task, number)));
                }
                Ok(known)
            })
            .await?;
        let mut numbers: BTreeMap<TaskName, i64> = known;
        let new = tasks.into_iter().filter(|task| !numbers.contains_key(task));
        let new: Vec<TaskName> = new.collect();
        if !new.is_empty() {
            numbers.extend(self.number(new).await?);
        }
        Ok(numbers)
    }

    async fn number(&self, tasks: Vec<TaskName>) -> Result<Vec<(TaskName, i64)>, StoreError> {
        self.write(move |db| {
            let mut make =
                db.prepare_cached("INSERT INTO tasks (name) VALUES (?1) ON CONFLICT DO NOTHING")?;
            let mut find = db.prepare_cached("SELECT number FROM tasks WHERE name = ?1")?;
            let mut numbers = Vec::new();
            for task in tasks {
                make.execute([&task])?;
                let number = find.query_row([&task], |row| row.get(0))?;
                numbers.push((task, number));
            }
            Ok(numbers)
        })
        .await
    }

    /// The task with this number, be it still there or not.
    pub async fn task_of_number(&self, number: i64) -> Result<TaskName, StoreError> {
        self.read(move |db| {
            db.prepare_cached("SELECT name FROM tasks WHERE number = ?1")?
                .query_row([number], |row| row.get(0))
                .optional()?
                .ok_or_else(|| StoreError::not_found("task with the number", &number))
        })
        .await
    }

    /// Takes from a task that is deleted what it might have, so that another of its
    /// name has to be given it anew: secrets and variables.
    pub async fn strip_task(&self, task: &TaskName) -> Result<(), StoreError> {
        let task = task.clone();
        self.write(move |db| {
            db.execute("DELETE FROM secret_grants WHERE task = ?1", [&task])?;
            let variables = "DELETE FROM variables WHERE level = 'task' AND \"of\" = ?1";
            db.execute(variables, [&task])?;
            Ok(())
        })
        .await
    }

    /// Gives everything that goes by a task's name another name: its number, its
    /// runs, its versions, its images, its schedules and their ledger, what it may
    /// have of secrets, and its variables. Tokens for
    /// the old name are not for the new one.
    ///
    /// # Errors
    /// `Conflict` when the new name has runs of its own, whose history would be
    /// mixed with this one's, or a run of the task is not over.
    pub async fn rename_task(&self, from: &TaskName, to: &TaskName) -> Result<(), StoreError> {
        let (from, to) = (from.clone(), to.clone());
        self.write(move |db| {
            let has = |sql: &str, task: &TaskName| -> Result<bool, StoreError> {
                Ok(db.prepare_cached(sql)?.exists([task])?)
            };
            if has("SELECT 1 FROM runs WHERE task = ?1", &to)? {
                return Err(StoreError::Conflict(format!(
                    "there was a task {to}, and its runs are kept: choose another name"
                )));
            }
            if has(
                "SELECT 1 FROM runs WHERE task = ?1 AND state <> 'finished'",
                &from,
            )? {
                return Err(StoreError::Conflict(format!(
                    "runs of {from} are not over: wait for them, or cancel them first"
                )));
            }
            db.execute("DELETE FROM tasks WHERE name = ?1", [&to])?;
            for sql in [
                "UPDATE tasks SET name = ?2 WHERE name = ?1",
                "UPDATE runs SET task = ?2 WHERE task = ?1",
                "UPDATE OR REPLACE versions SET task = ?2 WHERE task = ?1",
                "UPDATE images SET task = ?2 WHERE task = ?1",
                "UPDATE OR REPLACE schedules SET task = ?2 WHERE task = ?1",
                // What an earlier task of the new name might have is not this one's.
                "DELETE FROM secret_grants WHERE task = ?2 AND ?1 <> ?2",
                "UPDATE secret_grants SET task = ?2 WHERE task = ?1",
                "DELETE FROM variables WHERE level = 'task' AND \"of\" = ?2 AND ?1 <> ?2",
                "UPDATE variables SET \"of\" = ?2 WHERE level = 'task' AND \"of\" = ?1",
            ] {
                db.execute(sql, [&from, &to])?;
            }
            Ok(())
        })
        .await
    }
}
