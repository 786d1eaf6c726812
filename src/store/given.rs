//! What runs were given: the versions of secrets they hold to from their start
//! to their end, and the values that came with their requests.

use super::row::Time;
use super::secrets::sealed;
use super::{Store, StoreError};
use crate::domain::ids::{RunId, TaskName};
use crate::domain::run::Outcome;
use crate::domain::secret::{Lack, Lacking, Sealed, SecretName};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A secret that a run was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its name.
    pub name: String,
    /// Which secret and which version of it; none of one that came with the
    /// request.
    pub of: Option<(i64, u32)>,
    /// The value; none when it is gone.
    pub value: Option<Sealed>,
}

/// A run that was given a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The run.
    pub run: RunId,
    /// Its task.
    pub task: TaskName,
    /// The version of the secret.
    pub version: u32,
    /// When.
    pub at: DateTime<Utc>,
    /// How the run ended; none while it is not over.
    pub outcome: Option<Outcome>,
}

fn given(row: &Row<'_>) -> rusqlite::Result<Given> {
    let has = row.get::<_, Option<Vec<u8>>>("sealed")?.is_some();
    let of: Option<i64> = row.get("secret")?;
    let version: Option<u32> = row.get("version")?;
    Ok(Given {
        name: row.get("name")?,
        of: of.zip(version),
        value: if has { Some(sealed(row)?) } else { None },
    })
}

/// What a run was given, each with the value from wherever it is kept.
const OF_RUN: &str = "SELECT r.name, r.secret, r.version, coalesce(r.\"key\", v.\"key\") AS \"key\", \
    coalesce(r.wrapped, v.wrapped) AS wrapped, coalesce(r.sealed, v.sealed) AS sealed \
    FROM run_secrets r LEFT JOIN secret_versions v ON v.secret = r.secret AND v.number = r.version \
    WHERE r.run = ?1 ORDER BY r.name";

impl Store {
    /// What a run was given, by name.
    pub async fn given(&self, run: RunId) -> Result<Vec<Given>, StoreError> {
        self.read(move |db| of_run(db, run)).await
    }

    /// Gives a run these secrets, in their present version; those it was given
    /// before stay what they were. All or none: what it cannot have is told.
    pub async fn give(
        &self,
        run: (RunId, &TaskName),
        names: Vec<String>,
        at: DateTime<Utc>,
    ) -> Result<Result<Vec<Given>, Vec<Lacking>>, StoreError> {
        let (run, task) = (run.0, run.1.clone());
        self.write(move |db| {
            let held = of_run(db, run)?;
            let new = |name: &&String| held.iter().all(|given| given.name != **name);
            let (mut found, mut lacking) = (Vec::new(), Vec::new());
            for name in names.iter().filter(new) {
                match offered(db, &task, name)? {
                    Ok((secret, version)) => found.push((name, secret, version)),
                    Err(why) => lacking.push(Lacking {
                        name: name.clone(),
                        why,
                    }),
                }
            }
            if !lacking.is_empty() {
                return Ok(Err(lacking));
            }
            for (name, secret, version) in found {
                db.prepare_cached(
                    "INSERT INTO run_secrets (run, name, secret, version, given_at) \
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![run, name, secret, version, Time(at)])?;
            }
            Ok(Ok(of_run(db, run)?))
        })
        .await
    }

    /// Which of these secrets a task could not be given now, and why.
    pub async fn lacking(
        &self,
        task: &TaskName,
        names: Vec<String>,
    ) -> Result<Vec<Lacking>, StoreError> {
        let task = task.clone();
        self.read(move |db| {
            let mut lacking = Vec::new();
            for name in names {
                if let Err(why) = offered(db, &task, &name)? {
                    lacking.push(Lacking { name, why });
                }
            }
            Ok(lacking)
        })
        .await
    }

    /// Runs that were given a secret, newest first: at most `limit`, and only
    /// those before `before`.
    pub async fn secret_runs(
        &self,
        name: &SecretName,
        (before, limit): (Option<RunId>, u32),
    ) -> Result<Vec<Received>, StoreError> {
        let name = name.clone();
        self.read(move |db| {
            let id = super::secrets::id_of(db, &name)?;
            let id = id.ok_or_else(|| StoreError::not_found("secret", &name))?;
            let mut find = db.prepare_cached(
                "SELECT r.run, runs.task, r.version, r.given_at, runs.outcome \
                 FROM run_secrets r JOIN runs ON runs.id = r.run \
                 WHERE r.secret = ?1 AND r.run < ?2 ORDER BY r.run DESC LIMIT ?3",
            )?;
            // No run's id is greater than this.
            let before = before.map_or_else(|| "g".to_owned(), |run| run.to_string());
            let found = find.query_map(params![id, before, limit], |row| {
                Ok(Received {
                    run: row.get("run")?,
                    task: row.get("task")?,
                    version: row.get("version")?,
                    at: row.get::<_, Time>("given_at")?.0,
                    outcome: row.get("outcome")?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn of_run(db: &Connection, run: RunId) -> Result<Vec<Given>, StoreError> {
    let mut find = db.prepare_cached(OF_RUN)?;
    let found = find.query_map([run], given)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The present version of a secret, if the task may have it.
fn offered(
    db: &Connection,
    task: &TaskName,
    name: &str,
) -> Result<Result<(i64, u32), Lack>, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT s.id, v.number, EXISTS ( \
             SELECT 1 FROM secret_grants g WHERE g.secret = s.id AND g.task = ?2 \
         ) FROM secrets s JOIN secret_versions v ON v.secret = s.id AND v.number = s.newest \
         WHERE s.name = ?1",
    )?;
    let found: Option<(i64, u32, bool)> = find
        .query_row(params![name, task], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(match found {
        Some((id, version, true)) => Ok((id, version)),
        Some(_) => Err(Lack::NotGranted),
        None => Err(Lack::NotSet),
    })
}

/// Keeps what came with the request of a new run.
pub(super) fn keep(
    db: &Connection,
    run: RunId,
    came: &[Given],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    for given in came {
        let Some(value) = &given.value else { continue };
        super::secrets::is_current(db, &value.key)?;
        db.prepare_cached(
            "INSERT INTO run_secrets (run, name, \"key\", wrapped, sealed, given_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            run,
            given.name,
            value.key,
            value.wrapped,
            value.sealed,
            Time(at)
        ])?;
    }
    Ok(())
}

/// A run is over: what came with its request is gone, and so are values that
/// only it still held.
pub(super) fn let_go(db: &Connection, run: RunId) -> Result<(), StoreError> {
    let held = of_run(db, run)?;
    if held.is_empty() {
        return Ok(());
    }
    db.prepare_cached(
        "UPDATE run_secrets SET \"key\" = NULL, wrapped = NULL, sealed = NULL WHERE run = ?1",
    )?
    .execute([run])?;
    for (secret, _) in held.iter().filter_map(|given| given.of) {
        shred(db, secret)?;
    }
    Ok(())
}

/// Removes values of a secret that are out of date and that no run needs which
/// is not over.
pub(super) fn shred(db: &Connection, secret: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM secret_versions AS v WHERE v.secret = ?1 \
         AND v.number < (SELECT newest FROM secrets WHERE id = ?1) \
         AND NOT EXISTS ( \
             SELECT 1 FROM run_secrets r JOIN runs ON runs.id = r.run \
             WHERE r.secret = v.secret AND r.version = v.number AND runs.state <> 'finished' \
         )",
    )?
    .execute([secret])?;
    Ok(())
}
