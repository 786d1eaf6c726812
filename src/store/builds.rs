//! What builds left behind: images, the versions of code in them, and failures
//! that need not be repeated yet.

use super::row::{Count, Time};
use super::{Store, StoreError};
use crate::domain::ids::{Digest, ImageId, TaskName};
use crate::domain::image::{ImageKind, ImageRow, Version};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

const IMAGE: &str =
    "SELECT kind, key, id, task, environment, lock, version, bytes, created_at, pinned FROM images";
const VERSION: &str = "SELECT task, digest, files, bytes, created_at FROM versions";

impl Store {
    /// Remembers an image for its key. The same image for the same key is
    /// updated, but stays pinned or not; another image for that key is the one in use from now on, and
    /// the older stays known until it is forgotten.
    pub async fn record_image(&self, image: &ImageRow) -> Result<(), StoreError> {
        let image = image.clone();
        self.write(move |db| insert(db, &image)).await
    }

    /// The newest image made for a key.
    pub async fn image_by_key(
        &self,
        kind: ImageKind,
        key: &Digest,
    ) -> Result<Option<ImageRow>, StoreError> {
        let key = key.clone();
        self.read(move |db| by_key(db, kind, &key)).await
    }

    /// Every image and key, newest first. An image with several keys is there
    /// once for each.
    pub async fn images(&self) -> Result<Vec<ImageRow>, StoreError> {
        self.read(|db| {
            let mut find =
                db.prepare_cached(&format!("{IMAGE} ORDER BY created_at DESC, kind, key, id"))?;
            Ok(find.query_map([], image)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Keeps an image whatever housekeeping thinks, or no longer.
    pub async fn pin_image(&self, id: &ImageId, pinned: bool) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(move |db| {
            let changed = db
                .prepare_cached("UPDATE images SET pinned = ?2 WHERE id = ?1")?
                .execute(params![id, pinned])?;
            match changed {
                0 => Err(StoreError::not_found("image", &id)),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Forgets an image under every key, and that any lock was built into it.
    pub async fn forget_image(&self, id: &ImageId) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(move |db| {
            db.prepare_cached("DELETE FROM images WHERE id = ?1")?
                .execute([&id])?;
            let unset = "UPDATE locks SET image = NULL, image_bytes = NULL WHERE image = ?1";
            db.prepare_cached(unset)?.execute([&id])?;
            Ok(())
        })
        .await
    }

    /// Remembers a version of a task; the first time stays.
    pub async fn record_version(&self, version: &Version) -> Result<(), StoreError> {
        let v = version.clone();
        self.write(move |db| {
            db.prepare_cached(
                "INSERT INTO versions (task, digest, files, bytes, created_at) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![v.task, v.digest, Count(v.files), Count(v.bytes), Time(v.created_at)])?;
            Ok(())
        })
        .await
    }

    /// The versions of a task, newest first.
    pub async fn versions(&self, task: &TaskName) -> Result<Vec<Version>, StoreError> {
        let task = task.clone();
        self.read(move |db| {
            let find = format!("{VERSION} WHERE task = ?1 ORDER BY created_at DESC, rowid DESC");
            let mut find = db.prepare_cached(&find)?;
            Ok(find.query_map([task], version)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The version with this digest; of tasks with the same files, the first.
    pub async fn version(&self, digest: &Digest) -> Result<Option<Version>, StoreError> {
        let digest = digest.clone();
        self.read(move |db| {
            let find = format!("{VERSION} WHERE digest = ?1 ORDER BY created_at, rowid LIMIT 1");
            let mut find = db.prepare_cached(&find)?;
            Ok(find.query_row([digest], version).optional()?)
        })
        .await
    }

    /// Remembers that a build failed, instead of what was known of that key.
    /// `log_hint` is a line that says where the whole output is.
    pub async fn record_failure(
        &self,
        key: &Digest,
        message: &str,
        log_hint: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (key, message) = (key.clone(), message.to_owned());
        let log_hint = log_hint.map(str::to_owned);
        self.write(move |db| {
            db.prepare_cached(
                "INSERT OR REPLACE INTO build_failures (key, message, log_hint, at) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![key, message, log_hint, Time(at)])?;
            Ok(())
        })
        .await
    }

    /// The failure of a build and when it was, if that was at `not_before` or
    /// later: the message, and the log hint on a line after it.
    pub async fn failure(
        &self,
        key: &Digest,
        not_before: DateTime<Utc>,
    ) -> Result<Option<(String, DateTime<Utc>)>, StoreError> {
        let key = key.clone();
        self.read(move |db| {
            let find = "SELECT message || coalesce(char(10) || log_hint, ''), at FROM build_failures \
                WHERE key = ?1 AND at >= ?2";
            let mut find = db.prepare_cached(find)?;
            let found = find.query_row(params![key, Time(not_before)], |row| {
                Ok((row.get(0)?, row.get::<_, Time>(1)?.0))
            });
            Ok(found.optional()?)
        })
        .await
    }

    /// How many failures were noted before `at`.
    pub async fn failures_before(&self, at: DateTime<Utc>) -> Result<u64, StoreError> {
        self.read(move |db| {
            let find = "SELECT count(*) FROM build_failures WHERE at < ?1";
            let mut find = db.prepare_cached(find)?;
            Ok(find.query_row([Time(at)], |row| row.get::<_, Count>(0))?.0)
        })
        .await
    }

    /// Forgets the failures that were noted before `at`.
    pub async fn clear_failures_before(&self, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |db| {
            db.prepare_cached("DELETE FROM build_failures WHERE at < ?1")?
                .execute([Time(at)])?;
            Ok(())
        })
        .await
    }

    /// Forgets the failure of a build: it succeeded, or shall be tried again.
    pub async fn clear_failure(&self, key: &Digest) -> Result<(), StoreError> {
        let key = key.clone();
        self.write(move |db| {
            db.prepare_cached("DELETE FROM build_failures WHERE key = ?1")?
                .execute([key])?;
            Ok(())
        })
        .await
    }
}

fn insert(db: &Connection, image: &ImageRow) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO images (kind, key, id, task, environment, lock, version, bytes, created_at, pinned)
         VALUES (:kind, :key, :id, :task, :environment, :lock, :version, :bytes, :created_at, :pinned)
         ON CONFLICT (kind, key, id) DO UPDATE SET task = excluded.task, environment = excluded.environment,
            lock = excluded.lock, version = excluded.version, bytes = excluded.bytes,
            created_at = excluded.created_at",
    )?
    .execute(named_params! {
        ":kind": image.kind,
        ":key": image.key,
        ":id": image.id,
        ":task": image.task,
        ":environment": image.environment,
        ":lock": image.lock,
        ":version": image.version,
        ":bytes": Count(image.bytes),
        ":created_at": Time(image.created_at),
        ":pinned": image.pinned,
    })?;
    Ok(())
}

pub(super) fn by_key(
    db: &Connection,
    kind: ImageKind,
    key: &Digest,
) -> Result<Option<ImageRow>, StoreError> {
    let mut find = db.prepare_cached(&format!(
        "{IMAGE} WHERE kind = ?1 AND key = ?2 ORDER BY created_at DESC, rowid DESC LIMIT 1"
    ))?;
    Ok(find.query_row(params![kind, key], image).optional()?)
}

fn image(row: &Row<'_>) -> rusqlite::Result<ImageRow> {
    Ok(ImageRow {
        id: row.get("id")?,
        kind: row.get("kind")?,
        key: row.get("key")?,
        task: row.get("task")?,
        environment: row.get("environment")?,
        lock: row.get("lock")?,
        version: row.get("version")?,
        bytes: row.get::<_, Count>("bytes")?.0,
        created_at: row.get::<_, Time>("created_at")?.0,
        pinned: row.get("pinned")?,
    })
}

fn version(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        digest: row.get("digest")?,
        task: row.get("task")?,
        files: row.get::<_, Count>("files")?.0,
        bytes: row.get::<_, Count>("bytes")?.0,
        created_at: row.get::<_, Time>("created_at")?.0,
    })
}
