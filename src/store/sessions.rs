//! Sessions of browsers, and the keys that open a door once.

use super::audit::note;
use super::row::Time;
use super::users::{self, COLUMNS, NewUser};
use super::{Store, StoreError};
use crate::domain::account::{Session, User};
use crate::domain::audit::Note;
use crate::domain::ids::{Digest, SessionId, UserId};
use crate::domain::token::same;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};

/// What a key that is used once opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The making of the first admin.
    Setup,
    /// A session of the owner of the data folder.
    Link,
}

impl Door {
    /// Every door.
    pub const ALL: &[Self] = &[Self::Setup, Self::Link];

    /// Its word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Link => "link",
        }
    }
}

/// What became of a key that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redeemed {
    /// It fits; it never will again.
    Opened,
    /// It does not fit; so many more tries.
    Wrong(u32),
    /// There is none, or it was used, ran out, or was tried too often.
    Gone,
}

const SESSION: &str = "s.id, s.user, s.created_at, s.seen_at, s.expires_at, s.proved_at, \
    s.agent, s.address";

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    let time = |column| row.get::<_, Time>(column).map(|time| time.0);
    Ok(Session {
        id: row.get("id")?,
        user: row.get::<_, Option<i64>>("user")?.map(UserId),
        created_at: time("created_at")?,
        seen_at: time("seen_at")?,
        expires_at: time("expires_at")?,
        proved_at: time("proved_at")?,
        agent: row.get("agent")?,
        address: row.get("address")?,
    })
}

fn find(
    db: &Connection,
    column: &'static str,
    value: &dyn ToSql,
) -> Result<Option<(Session, Option<User>)>, StoreError> {
    let mut find = db.prepare_cached(&format!(
        "SELECT {SESSION}, {COLUMNS} FROM sessions s LEFT JOIN users u ON u.id = s.user \
         WHERE {column} = ?1"
    ))?;
    let found = find.query_row([value], |row| Ok((session(row)?, users::user_if_any(row)?)));
    Ok(found.optional()?)
}

/// Begins a session, and forgets those that ran out or were idle for longer
/// than `idle`.
fn insert(
    db: &Connection,
    new: &Session,
    hash: &Digest,
    idle: TimeDelta,
) -> Result<(), StoreError> {
    let now = new.created_at;
    db.prepare_cached("DELETE FROM sessions WHERE expires_at <= ?1 OR seen_at <= ?2")?
        .execute(params![Time(now), Time(now - idle)])?;
    db.prepare_cached(
        "INSERT INTO sessions (id, user, hash, created_at, seen_at, expires_at, proved_at, agent, address) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        new.id,
        new.user,
        hash,
        Time(now),
        Time(new.seen_at),
        Time(new.expires_at),
        Time(new.proved_at),
        new.agent,
        new.address,
    ])?;
    Ok(())
}

fn redeem(
    db: &Connection,
    door: Door,
    offered: &Digest,
    now: DateTime<Utc>,
) -> Result<Redeemed, StoreError> {
    let found: Option<(Digest, u32)> = db
        .prepare_cached(
            "SELECT hash, tries_left FROM one_time_keys \
             WHERE door = ?1 AND used_at IS NULL AND expires_at > ?2 AND tries_left > 0",
        )?
        .query_row(params![door.as_str(), Time(now)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((hash, tries)) = found else {
        return Ok(Redeemed::Gone);
    };
    if same(&hash, offered) {
        db.prepare_cached("UPDATE one_time_keys SET used_at = ?2 WHERE door = ?1")?
            .execute(params![door.as_str(), Time(now)])?;
        return Ok(Redeemed::Opened);
    }
    db.prepare_cached("UPDATE one_time_keys SET tries_left = tries_left - 1 WHERE door = ?1")?
        .execute([door.as_str()])?;
    Ok(match tries - 1 {
        0 => Redeemed::Gone,
        left => Redeemed::Wrong(left),
    })
}

impl Store {
    /// Begins a session that the browser proves with the key of this digest.
    pub async fn begin_session(
        &self,
        new: Session,
        hash: Digest,
        idle: TimeDelta,
        what: Note,
    ) -> Result<(), StoreError> {
        self.write(move |db| {
            insert(db, &new, &hash, idle)?;
            note(db, what, new.created_at)
        })
        .await
    }

    /// The session of this digest and its user. Whether it is still good is for
    /// the caller to say.
    pub async fn session(
        &self,
        hash: &Digest,
    ) -> Result<Option<(Session, Option<User>)>, StoreError> {
        let hash = hash.clone();
        self.read(move |db| find(db, "s.hash", &hash)).await
    }

    /// As [`Store::session`], by its id.
    pub async fn session_by_id(
        &self,
        id: &SessionId,
    ) -> Result<Option<(Session, Option<User>)>, StoreError> {
        let id = id.clone();
        self.read(move |db| find(db, "s.id", &id)).await
    }

    /// Remembers that a session was used, and where the password was entered
    /// again, that too.
    pub async fn touch_session(
        &self,
        id: &SessionId,
        at: DateTime<Utc>,
        proved: bool,
    ) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(move |db| {
            db.prepare_cached(
                "UPDATE sessions SET seen_at = max(seen_at, ?2), \
                 proved_at = CASE WHEN ?3 THEN ?2 ELSE proved_at END WHERE id = ?1",
            )?
            .execute(params![id, Time(at), proved])?;
            Ok(())
        })
        .await
    }

    /// The sessions of a user, or of the owner of the data folder, last used
    /// first.
    pub async fn sessions(&self, user: Option<UserId>) -> Result<Vec<Session>, StoreError> {
        self.read(move |db| {
            let mut find = db.prepare_cached(&format!(
                "SELECT {SESSION} FROM sessions s WHERE s.user IS ?1 ORDER BY s.seen_at DESC, s.id"
            ))?;
            Ok(find.query_map([user], session)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Ends a session of this user; false when they have none of this id.
    pub async fn end_session(
        &self,
        user: Option<UserId>,
        id: &SessionId,
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let id = id.clone();
        self.write(move |db| {
            let ended = db
                .prepare_cached("DELETE FROM sessions WHERE id = ?1 AND user IS ?2")?
                .execute(params![id, user])?;
            if ended > 0 {
                note(db, what, at)?;
            }
            Ok(ended > 0)
        })
        .await
    }

    /// Ends every session of this user but one; returns how many.
    pub async fn end_sessions(
        &self,
        user: Option<UserId>,
        but: Option<&SessionId>,
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let but = but.cloned();
        self.write(move |db| {
            let ended = db
                .prepare_cached("DELETE FROM sessions WHERE user IS ?1 AND id IS NOT ?2")?
                .execute(params![user, but])?;
            if ended > 0 {
                note(db, what, at)?;
            }
            Ok(ended)
        })
        .await
    }

    /// Puts a new key to a door; the one before opens it no longer.
    pub async fn set_one_time_key(
        &self,
        door: Door,
        hash: Digest,
        expires_at: DateTime<Utc>,
        tries: u32,
    ) -> Result<(), StoreError> {
        self.write(move |db| {
            db.prepare_cached(
                "INSERT OR REPLACE INTO one_time_keys (door, hash, expires_at, tries_left) \
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![door.as_str(), hash, Time(expires_at), tries])?;
            Ok(())
        })
        .await
    }

    /// Tries a key and, where it fits, makes the first admin: both or none.
    /// The door is gone as soon as there is an admin.
    ///
    /// # Errors
    /// `Conflict` when the name is taken.
    pub async fn set_up(
        &self,
        offered: Digest,
        new: NewUser,
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<Redeemed, StoreError> {
        self.write(move |db| {
            if users::has_admin(db)? {
                return Ok(Redeemed::Gone);
            }
            let redeemed = redeem(db, Door::Setup, &offered, at)?;
            if redeemed == Redeemed::Opened {
                users::insert(db, &new, at)?;
                note(db, what, at)?;
            }
            Ok(redeemed)
        })
        .await
    }

    /// Tries a key and, where it fits, begins a session: both or none.
    pub async fn open_link(
        &self,
        offered: Digest,
        new: Session,
        (hash, idle): (Digest, TimeDelta),
        what: Note,
    ) -> Result<Redeemed, StoreError> {
        self.write(move |db| {
            let redeemed = redeem(db, Door::Link, &offered, new.created_at)?;
            if redeemed == Redeemed::Opened {
                insert(db, &new, &hash, idle)?;
                note(db, what, new.created_at)?;
            }
            Ok(redeemed)
        })
        .await
    }
}
