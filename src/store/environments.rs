//! Environments and every lock they had.

use super::row::{Count, Json, Time};
use super::{Store, StoreError, builds};
use crate::domain::environment::{Environment, Lock};
use crate::domain::ids::{Digest, ImageId};
use crate::domain::image::{ImageKind, ImageRow};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

const SELECT: &str = "SELECT e.key, e.python, e.template, e.requirements, e.policy, e.created_at, \
    l.digest, l.text, l.resolved_at, l.image, l.image_bytes \
    FROM environments e LEFT JOIN locks l ON l.environment = e.key AND l.digest = e.lock";

impl Store {
    /// The environment of this recipe, if it was ever seen.
    pub async fn environment(&self, key: &Digest) -> Result<Option<Environment>, StoreError> {
        let key = key.clone();
        self.read(move |db| by_key(db, &key)).await
    }

    /// The lock in use of an environment, the image that was made from it, and
    /// the one that was made of that for a task, in one look; none when one of
    /// them is missing. The keys of both images are told from what is below them.
    pub async fn ready_image(
        &self,
        key: &Digest,
        environment_key: impl FnOnce(&Lock) -> Digest + Send + 'static,
        task_key: impl FnOnce(&ImageId) -> Digest + Send + 'static,
    ) -> Result<Option<(Lock, ImageRow)>, StoreError> {
        let key = key.clone();
        self.read(move |db| {
            let Some(lock) = by_key(db, &key)?.and_then(|found| found.lock) else {
                return Ok(None);
            };
            let key = environment_key(&lock);
            let Some(below) = builds::by_key(db, ImageKind::Environment, &key)? else {
                return Ok(None);
            };
            let image = builds::by_key(db, ImageKind::Task, &task_key(&below.id))?;
            Ok(image.map(|image| (lock, image)))
        })
        .await
    }

    /// Every environment, last seen first.
    pub async fn environments(&self) -> Result<Vec<Environment>, StoreError> {
        self.read(|db| {
            let mut find =
                db.prepare_cached(&format!("{SELECT} ORDER BY e.created_at DESC, e.key"))?;
            Ok(find.query_map([], environment)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Saves an environment with its lock and image, if they are known. When it
    /// is there already, nothing changes: a recipe never does, and its lock has
    /// its own ways to.
    pub async fn save_environment(&self, environment: &Environment) -> Result<(), StoreError> {
        let environment = environment.clone();
        self.write(move |db| insert(db, &environment)).await
    }

    /// Makes this the lock of an environment. Earlier locks stay known; going
    /// back to one brings back its image too.
    ///
    /// # Errors
    /// `NotFound` when there is no such environment.
    pub async fn set_lock(&self, key: &Digest, lock: &Lock) -> Result<(), StoreError> {
        let (key, lock) = (key.clone(), lock.clone());
        self.write(move |db| use_lock(db, &key, &lock)).await
    }

    /// The locks an environment had, newest first; when one text was resolved
    /// again, it keeps its first date.
    pub async fn locks(&self, key: &Digest) -> Result<Vec<Lock>, StoreError> {
        let key = key.clone();
        self.read(move |db| {
            let mut find = db.prepare_cached(
                "SELECT digest, text, resolved_at FROM locks WHERE environment = ?1 \
                 ORDER BY resolved_at DESC, rowid DESC",
            )?;
            let found = find.query_map([key], |row| {
                Ok(Lock {
                    digest: row.get("digest")?,
                    text: row.get("text")?,
                    resolved_at: row.get::<_, Time>("resolved_at")?.0,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Notes the image that was built from a lock, and its size.
    ///
    /// # Errors
    /// `NotFound` when the environment never had this lock.
    pub async fn set_environment_image(
        &self,
        key: &Digest,
        lock: &Digest,
        image: &ImageId,
        bytes: u64,
    ) -> Result<(), StoreError> {
        let (key, lock, image) = (key.clone(), lock.clone(), image.clone());
        self.write(move |db| set_image(db, &key, &lock, (&image, bytes)))
            .await
    }
}

fn by_key(db: &Connection, key: &Digest) -> Result<Option<Environment>, StoreError> {
    let mut find = db.prepare_cached(&format!("{SELECT} WHERE e.key = ?1"))?;
    Ok(find.query_row([key], environment).optional()?)
}

fn insert(db: &Connection, environment: &Environment) -> Result<(), StoreError> {
    let new =
        db.prepare_cached(
            "INSERT INTO environments (key, python, template, requirements, policy, created_at)
         VALUES (:key, :python, :template, :requirements, :policy, :created_at)
         ON CONFLICT DO NOTHING",
        )?
        .execute(named_params! {
            ":key": environment.key,
            ":python": environment.python,
            ":template": environment.template,
            ":requirements": Json(&environment.requirements),
            ":policy": environment.policy,
            ":created_at": Time(environment.created_at),
        })? == 1;
    let Some(lock) = environment.lock.as_ref().filter(|_| new) else {
        return Ok(());
    };
    use_lock(db, &environment.key, lock)?;
    if let Some(image) = &environment.image {
        let bytes = environment.image_bytes.unwrap_or_default();
        set_image(db, &environment.key, &lock.digest, (image, bytes))?;
    }
    Ok(())
}

fn use_lock(db: &Connection, key: &Digest, lock: &Lock) -> Result<(), StoreError> {
    let known = db
        .prepare_cached("UPDATE environments SET lock = ?2 WHERE key = ?1")?
        .execute(params![key, lock.digest])?;
    if known == 0 {
        return Err(StoreError::not_found("environment", key));
    }
    db.prepare_cached(
        "INSERT INTO locks (environment, digest, text, resolved_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![key, lock.digest, lock.text, Time(lock.resolved_at)])?;
    Ok(())
}

fn set_image(
    db: &Connection,
    key: &Digest,
    lock: &Digest,
    (image, bytes): (&ImageId, u64),
) -> Result<(), StoreError> {
    let known = db
        .prepare_cached(
            "UPDATE locks SET image = ?3, image_bytes = ?4 WHERE environment = ?1 AND digest = ?2",
        )?
        .execute(params![key, lock, image, Count(bytes)])?;
    if known == 0 {
        let which = format!("{} of environment {}", lock.short(), key.short());
        return Err(StoreError::not_found("lock", &which));
    }
    Ok(())
}

fn environment(row: &Row<'_>) -> rusqlite::Result<Environment> {
    let lock = match row.get("digest")? {
        Some(digest) => Some(Lock {
            digest,
            text: row.get("text")?,
            resolved_at: row.get::<_, Time>("resolved_at")?.0,
        }),
        None => None,
    };
    Ok(Environment {
        key: row.get("key")?,
        python: row.get("python")?,
        template: row.get("template")?,
        requirements: row.get::<_, Json<_>>("requirements")?.0,
        policy: row.get("policy")?,
        lock,
        image: row.get("image")?,
        image_bytes: row
            .get::<_, Option<Count>>("image_bytes")?
            .map(|count| count.0),
        created_at: row.get::<_, Time>("created_at")?.0,
    })
}
