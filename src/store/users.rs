//! Users. Every change is noted in the audit log as it is made.

use super::audit::note;
use super::row::Time;
use super::{Store, StoreError};
use crate::domain::access::Role;
use crate::domain::account::User;
use crate::domain::audit::Note;
use crate::domain::ids::{UserId, UserName};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name.
    pub name: UserName,
    /// The role.
    pub role: Role,
    /// Whether a viewer may read logs.
    pub reads_logs: bool,
    /// The password as an argon2id PHC string.
    pub password: String,
}

/// The columns of a user, as [`user`] reads them.
pub(super) const COLUMNS: &str = "u.id AS u_id, u.name AS u_name, u.role AS u_role, \
    u.reads_logs AS u_reads_logs, u.created_at AS u_created_at, \
    u.password_at AS u_password_at, u.disabled_at AS u_disabled_at";

/// Reads a user from [`COLUMNS`].
pub(super) fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: UserId(row.get("u_id")?),
        name: row.get("u_name")?,
        role: row.get("u_role")?,
        reads_logs: row.get("u_reads_logs")?,
        created_at: row.get::<_, Time>("u_created_at")?.0,
        password_at: row.get::<_, Time>("u_password_at")?.0,
        disabled_at: row
            .get::<_, Option<Time>>("u_disabled_at")?
            .map(|time| time.0),
    })
}

/// As [`user`], of a join that may have found none.
pub(super) fn user_if_any(row: &Row<'_>) -> rusqlite::Result<Option<User>> {
    match row.get::<_, Option<i64>>("u_id")? {
        Some(_) => user(row).map(Some),
        None => Ok(None),
    }
}

/// Makes a user, unless the name is taken.
pub(super) fn insert(
    db: &Connection,
    new: &NewUser,
    at: DateTime<Utc>,
) -> Result<UserId, StoreError> {
    let added = db
        .prepare_cached(
            "INSERT INTO users (name, role, reads_logs, password, created_at, password_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            new.name,
            new.role,
            new.reads_logs,
            new.password,
            Time(at)
        ])?;
    if added == 0 {
        return Err(StoreError::Conflict(format!(
            "there is a user {} already",
            new.name
        )));
    }
    Ok(UserId(db.last_insert_rowid()))
}

fn find(db: &Connection, name: &UserName) -> Result<User, StoreError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM users u WHERE u.name = ?1"))?
        .query_row([name], user)
        .optional()?
        .ok_or_else(|| StoreError::not_found("user", name))
}

/// Whether there is an admin who can sign in.
pub(super) fn has_admin(db: &Connection) -> Result<bool, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND disabled_at IS NULL)",
    )?;
    Ok(find.query_row([], |row| row.get(0))?)
}

/// Refuses a change after which nobody could let anybody in.
fn keep_an_admin(db: &Connection, before: &User) -> Result<(), StoreError> {
    let was = before.role == Role::Admin && before.disabled_at.is_none();
    if was && !has_admin(db)? {
        return Err(StoreError::Conflict(format!(
            "{} is the only admin: make another user an admin first",
            before.name
        )));
    }
    Ok(())
}

impl Store {
    /// Makes a user.
    ///
    /// # Errors
    /// `Conflict` when the name is taken.
    pub async fn add_user(
        &self,
        new: NewUser,
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<User, StoreError> {
        self.write(move |db| {
            insert(db, &new, at)?;
            note(db, what, at)?;
            find(db, &new.name)
        })
        .await
    }

    /// Every user, by name.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        self.read(|db| {
            let mut all =
                db.prepare_cached(&format!("SELECT {COLUMNS} FROM users u ORDER BY u.name"))?;
            Ok(all.query_map([], user)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// A user.
    ///
    /// # Errors
    /// `NotFound` when there is none of this name.
    pub async fn user(&self, name: &UserName) -> Result<User, StoreError> {
        let name = name.clone();
        self.read(move |db| find(db, &name)).await
    }

    /// A user and the hash of their password, if there is one of this name.
    pub async fn password(&self, name: &UserName) -> Result<Option<(User, String)>, StoreError> {
        let name = name.clone();
        self.read(move |db| {
            let mut find = db.prepare_cached(&format!(
                "SELECT {COLUMNS}, u.password FROM users u WHERE u.name = ?1"
            ))?;
            let found = find.query_row([name], |row| Ok((user(row)?, row.get("password")?)));
            Ok(found.optional()?)
        })
        .await
    }

    /// Whether there is an admin who can sign in.
    pub async fn has_admin(&self) -> Result<bool, StoreError> {
        self.read(has_admin).await
    }

    /// Sets a password, an argon2id PHC string, and ends every session of the
    /// user.
    ///
    /// # Errors
    /// `NotFound` when there is no such user.
    pub async fn set_password(
        &self,
        name: &UserName,
        hash: String,
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let name = name.clone();
        self.write(move |db| {
            let user = find(db, &name)?;
            db.prepare_cached("UPDATE users SET password = ?2, password_at = ?3 WHERE id = ?1")?
                .execute(params![user.id, hash, Time(at)])?;
            db.prepare_cached("DELETE FROM sessions WHERE user = ?1")?
                .execute([user.id])?;
            note(db, what, at)
        })
        .await
    }

    /// Sets what a user may do at most.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when no admin would be left.
    pub async fn set_role(
        &self,
        name: &UserName,
        (role, reads_logs): (Role, bool),
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<User, StoreError> {
        let name = name.clone();
        self.write(move |db| {
            let before = find(db, &name)?;
            db.prepare_cached("UPDATE users SET role = ?2, reads_logs = ?3 WHERE id = ?1")?
                .execute(params![before.id, role, reads_logs])?;
            keep_an_admin(db, &before)?;
            note(db, what, at)?;
            find(db, &name)
        })
        .await
    }

    /// Lets a user in no longer, which ends their sessions and suspends their
    /// tokens, or lets them in again.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when no admin would be left.
    pub async fn set_disabled(
        &self,
        name: &UserName,
        disabled: bool,
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<User, StoreError> {
        let name = name.clone();
        self.write(move |db| {
            let before = find(db, &name)?;
            let since = disabled.then(|| Time(before.disabled_at.unwrap_or(at)));
            db.prepare_cached("UPDATE users SET disabled_at = ?2 WHERE id = ?1")?
                .execute(params![before.id, since])?;
            if disabled {
                db.prepare_cached("DELETE FROM sessions WHERE user = ?1")?
                    .execute([before.id])?;
            }
            keep_an_admin(db, &before)?;
            note(db, what, at)?;
            find(db, &name)
        })
        .await
    }

    /// Removes a user with their sessions and tokens.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when no admin would be left.
    pub async fn remove_user(
        &self,
        name: &UserName,
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let name = name.clone();
        self.write(move |db| {
            let before = find(db, &name)?;
            db.prepare_cached("DELETE FROM users WHERE id = ?1")?
                .execute([before.id])?;
            keep_an_admin(db, &before)?;
            note(db, what, at)
        })
        .await
    }
}
