//! Secrets as rows: sealed values, who may have them, and the master key that
//! seals them. Nothing here can open a value.

use super::audit::note;
use super::row::Time;
use super::{Store, StoreError};
use crate::domain::audit::Note;
use crate::domain::ids::{RunId, TaskName};
use crate::domain::secret::{KeyId, Sealed, SecretName};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// The master key of this database, and a known word sealed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterKeyRow {
    /// The word.
    pub canary: Sealed,
    /// When the key came to be used.
    pub created_at: DateTime<Utc>,
}

/// A secret, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSecret {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: SecretName,
    /// The version of its value; none when it has none.
    pub version: Option<u32>,
    /// When it was first set.
    pub created_at: DateTime<Utc>,
    /// When its value was set, and by whom; none when it has none.
    pub set: Option<(DateTime<Utc>, String)>,
    /// The tasks that may have it, by name.
    pub tasks: Vec<TaskName>,
    /// The newest run that was given it.
    pub last_run: Option<RunId>,
}

/// A sealed value, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAt {
    /// The secret.
    pub secret: i64,
    /// Its name.
    pub name: SecretName,
    /// Which of its values.
    pub version: u32,
    /// The value.
    pub value: Sealed,
}

/// What became of a wish to remove a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is gone, with its grants.
    Done,
    /// There is none.
    Missing,
    /// This run was given it and is not over.
    InUse(RunId),
}

pub(super) fn sealed(row: &Row<'_>) -> rusqlite::Result<Sealed> {
    Ok(Sealed {
        key: row.get("key")?,
        wrapped: row.get("wrapped")?,
        sealed: row.get("sealed")?,
    })
}

fn sealed_at(row: &Row<'_>) -> rusqlite::Result<SealedAt> {
    Ok(SealedAt {
        secret: row.get("id")?,
        name: row.get("name")?,
        version: row.get("number")?,
        value: sealed(row)?,
    })
}

impl Store {
    /// The master key of this database; none before the first secret.
    pub async fn master_key(&self) -> Result<Option<MasterKeyRow>, StoreError> {
        self.read(master_key).await
    }

    /// Notes the master key, unless there is one: then that is returned.
    pub async fn begin_master_key(
        &self,
        canary: Sealed,
        at: DateTime<Utc>,
    ) -> Result<MasterKeyRow, StoreError> {
        self.write(move |db| {
            db.prepare_cached(
                "INSERT INTO master_key (only_row, \"key\", wrapped, sealed, created_at) \
                 VALUES (1, ?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            )?
            .execute(params![canary.key, canary.wrapped, canary.sealed, Time(at)])?;
            let found = master_key(db)?;
            found.ok_or_else(|| StoreError::corrupt("the row of the master key is gone"))
        })
        .await
    }

    /// Puts a new master key in the place of the one with this id, with all that
    /// it seals, at once. `rewrap` seals anew what the old one sealed; the names
    /// are those of rows: a secret and its version, or a run and a secret's name.
    pub async fn change_master_key(
        &self,
        (old, canary): (KeyId, Sealed),
        rewrap: impl Fn(&[&str], &Sealed) -> Result<Sealed, StoreError> + Send + 'static,
        (what, at): (Note, DateTime<Utc>),
    ) -> Result<(), StoreError> {
        self.write(move |db| {
            let changed = db.execute(
                "UPDATE master_key SET \"key\" = ?2, wrapped = ?3, sealed = ?4, created_at = ?5 \
                 WHERE \"key\" = ?1",
                params![old, canary.key, canary.wrapped, canary.sealed, Time(at)],
            )?;
            if changed == 0 {
                let why = "somebody else changes the master key just now";
                return Err(StoreError::Conflict(why.into()));
            }
            rewrap_versions(db, &rewrap)?;
            rewrap_given(db, &rewrap)?;
            note(db, what, at)
        })
        .await
    }

    /// Forgets every value and the master key; names, grants and what runs were
    /// given stay. For a key that is lost: nothing could be opened anyway.
    pub async fn forget_values(&self, what: Note, at: DateTime<Utc>) -> Result<u64, StoreError> {
        self.write(move |db| {
            let forgotten = db.execute("DELETE FROM secret_versions", [])?;
            db.execute(
                "UPDATE run_secrets SET \"key\" = NULL, wrapped = NULL, sealed = NULL \
                 WHERE sealed IS NOT NULL",
                [],
            )?;
            db.execute("DELETE FROM master_key", [])?;
            note(db, what, at)?;
            Ok(forgotten as u64)
        })
        .await
    }

    /// Gives a secret a value, making the secret if there is none; its version.
    /// The value before is gone unless a run that is not over was given it.
    pub async fn set_secret(
        &self,
        name: SecretName,
        seal: impl FnOnce(i64, u32) -> Result<Sealed, StoreError> + Send + 'static,
        (what, at): (Note, DateTime<Utc>),
    ) -> Result<u32, StoreError> {
        self.write(move |db| {
            let (id, version): (i64, u32) = db
                .prepare_cached(
                    "INSERT INTO secrets (name, newest, created_at) VALUES (?1, 1, ?2) \
                     ON CONFLICT (name) DO UPDATE SET newest = newest + 1 RETURNING id, newest",
                )?
                .query_row(params![name, Time(at)], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let value = seal(id, version)?;
            is_current(db, &value.key)?;
            db.prepare_cached(
                "INSERT INTO secret_versions (secret, number, \"key\", wrapped, sealed, set_at, set_by) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                id,
                version,
                value.key,
                value.wrapped,
                value.sealed,
                Time(at),
                what.actor.name
            ])?;
            super::given::shred(db, id)?;
            note(db, what, at)?;
            Ok(version)
        })
        .await
    }

    /// Every secret, by name.
    pub async fn secrets(&self) -> Result<Vec<KeptSecret>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached(
                "SELECT s.id, s.name, s.created_at, v.number, v.set_at, v.set_by, \
                 (SELECT max(run) FROM run_secrets r WHERE r.secret = s.id) AS last_run \
                 FROM secrets s LEFT JOIN secret_versions v \
                 ON v.secret = s.id AND v.number = s.newest ORDER BY s.name",
            )?;
            let mut all: Vec<KeptSecret> = find
                .query_map([], |row| {
                    let set_at: Option<Time> = row.get("set_at")?;
                    let set_by: Option<String> = row.get("set_by")?;
                    Ok(KeptSecret {
                        id: row.get("id")?,
                        name: row.get("name")?,
                        version: row.get("number")?,
                        created_at: row.get::<_, Time>("created_at")?.0,
                        set: set_at.map(|at| at.0).zip(set_by),
                        tasks: Vec::new(),
                        last_run: row.get("last_run")?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            let mut grants = db
                .prepare_cached("SELECT task FROM secret_grants WHERE secret = ?1 ORDER BY task")?;
            for secret in &mut all {
                let tasks = grants.query_map([secret.id], |row| row.get(0))?;
                secret.tasks = tasks.collect::<Result<_, _>>()?;
            }
            Ok(all)
        })
        .await
    }

    /// The present value of a secret, sealed; none when it has none.
    pub async fn secret_value(&self, name: &SecretName) -> Result<Option<SealedAt>, StoreError> {
        let name = name.clone();
        self.read(move |db| {
            let find = format!("{VALUES} WHERE s.name = ?1 AND v.number = s.newest");
            let mut find = db.prepare_cached(&find)?;
            Ok(find.query_row([name], sealed_at).optional()?)
        })
        .await
    }

    /// Every value that is kept, sealed.
    pub async fn secret_values(&self) -> Result<Vec<SealedAt>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached(&format!("{VALUES} ORDER BY s.name, v.number"))?;
            let found = find.query_map([], sealed_at)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Removes a secret with its values and grants.
    pub async fn remove_secret(
        &self,
        name: &SecretName,
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<Removal, StoreError> {
        let name = name.clone();
        self.write(move |db| {
            let Some(id) = id_of(db, &name)? else {
                return Ok(Removal::Missing);
            };
            let find = "SELECT r.run FROM run_secrets r JOIN runs ON runs.id = r.run \
                 WHERE r.secret = ?1 AND runs.state <> 'finished' LIMIT 1";
            let user = db.prepare_cached(find)?;
            let user = { user }.query_row([id], |row| row.get(0)).optional()?;
            if let Some(run) = user {
                return Ok(Removal::InUse(run));
            }
            db.prepare_cached("DELETE FROM secrets WHERE id = ?1")?
                .execute([id])?;
            note(db, what, at)?;
            Ok(Removal::Done)
        })
        .await
    }

    /// Lets a task have a secret. False when it might already.
    ///
    /// # Errors
    /// `NotFound` when there is no such secret.
    pub async fn grant_secret(
        &self,
        name: &SecretName,
        task: &TaskName,
        (what, at): (Note, DateTime<Utc>),
    ) -> Result<bool, StoreError> {
        let (name, task) = (name.clone(), task.clone());
        self.write(move |db| {
            let id = must(db, &name)?;
            let added = db
                .prepare_cached(
                    "INSERT INTO secret_grants (secret, task, granted_at, granted_by) \
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                )?
                .execute(params![id, task, Time(at), what.actor.name])?;
            if added > 0 {
                note(db, what, at)?;
            }
            Ok(added > 0)
        })
        .await
    }

    /// Lets a task have a secret no longer. False when it might not before.
    ///
    /// # Errors
    /// `NotFound` when there is no such secret.
    pub async fn revoke_secret(
        &self,
        name: &SecretName,
        task: &TaskName,
        (what, at): (Note, DateTime<Utc>),
    ) -> Result<bool, StoreError> {
        let (name, task) = (name.clone(), task.clone());
        self.write(move |db| {
            let id = must(db, &name)?;
            let removed = db
                .prepare_cached("DELETE FROM secret_grants WHERE secret = ?1 AND task = ?2")?
                .execute(params![id, task])?;
            if removed > 0 {
                note(db, what, at)?;
            }
            Ok(removed > 0)
        })
        .await
    }
}

const VALUES: &str = "SELECT s.id, s.name, v.number, v.\"key\", v.wrapped, v.sealed \
    FROM secret_versions v JOIN secrets s ON s.id = v.secret";

fn master_key(db: &Connection) -> Result<Option<MasterKeyRow>, StoreError> {
    let mut find = db.prepare_cached("SELECT * FROM master_key")?;
    let found = find.query_row([], |row| {
        Ok(MasterKeyRow {
            canary: sealed(row)?,
            created_at: row.get::<_, Time>("created_at")?.0,
        })
    });
    Ok(found.optional()?)
}

pub(super) fn id_of(db: &Connection, name: &SecretName) -> Result<Option<i64>, StoreError> {
    let mut find = db.prepare_cached("SELECT id FROM secrets WHERE name = ?1")?;
    Ok(find.query_row([name], |row| row.get(0)).optional()?)
}

fn must(db: &Connection, name: &SecretName) -> Result<i64, StoreError> {
    id_of(db, name)?.ok_or_else(|| StoreError::not_found("secret", name))
}

/// Refuses what was sealed with a master key that is not that of the database any
/// more: nobody could open it.
pub(super) fn is_current(db: &Connection, key: &KeyId) -> Result<(), StoreError> {
    let mut find = db.prepare_cached("SELECT 1 FROM master_key WHERE \"key\" = ?1")?;
    match find.exists([key])? {
        true => Ok(()),
        false => Err(StoreError::Conflict(
            "the master key was changed just now: try again".into(),
        )),
    }
}

type Rewrap<'a> = &'a dyn Fn(&[&str], &Sealed) -> Result<Sealed, StoreError>;

fn rewrap_versions(db: &Connection, rewrap: Rewrap<'_>) -> Result<(), StoreError> {
    let mut find = db.prepare(VALUES)?;
    let all: Vec<SealedAt> = find.query_map([], sealed_at)?.collect::<Result<_, _>>()?;
    for old in all {
        let (id, version) = (old.secret.to_string(), old.version.to_string());
        let new = rewrap(&["secret", &id, &version], &old.value)?;
        db.prepare_cached(
            "UPDATE secret_versions SET \"key\" = ?3, wrapped = ?4 WHERE secret = ?1 AND number = ?2",
        )?
        .execute(params![old.secret, old.version, new.key, new.wrapped])?;
    }
    Ok(())
}

fn rewrap_given(db: &Connection, rewrap: Rewrap<'_>) -> Result<(), StoreError> {
    let mut find = db.prepare("SELECT * FROM run_secrets WHERE sealed IS NOT NULL")?;
    let all: Vec<(RunId, String, Sealed)> = find
        .query_map([], |row| {
            Ok((row.get("run")?, row.get("name")?, sealed(row)?))
        })?
        .collect::<Result<_, _>>()?;
    for (run, name, value) in all {
        let new = rewrap(&["run", &run.to_string(), &name], &value)?;
        db.prepare_cached(
            "UPDATE run_secrets SET \"key\" = ?3, wrapped = ?4 WHERE run = ?1 AND name = ?2",
        )?
        .execute(params![run, name, new.key, new.wrapped])?;
    }
    Ok(())
}
