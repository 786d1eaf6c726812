//! API tokens: the digest of each, and what it may do at most.

use super::audit::note;
use super::row::{Json, Time};
use super::users::{self, COLUMNS};
use super::{Store, StoreError};
use crate::domain::account::{ApiToken, User};
use crate::domain::audit::Note;
use crate::domain::ids::{Digest, TokenId, UserId};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, params};

/// A token as it is looked up: itself, its digest, and its owner, if a user.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// The token.
    pub token: ApiToken,
    /// What the one that is offered must have as its digest.
    pub hash: Digest,
    /// Its owner; none for the owner of the data folder.
    pub owner: Option<User>,
}

/// Whose tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owned {
    /// Everybody's.
    ByAnyone,
    /// Of this user, or of the owner of the data folder.
    By(Option<UserId>),
}

const SELECT: &str = "SELECT t.id, t.name, t.owner, t.hash, t.scopes, t.tasks, t.created_at, \
    t.expires_at, t.used_at";
const FROM: &str = "FROM tokens t LEFT JOIN users u ON u.id = t.owner";

fn token(row: &Row<'_>) -> rusqlite::Result<TokenRow> {
    let time = |column| {
        let time = row.get::<_, Option<Time>>(column);
        time.map(|time| time.map(|time| time.0))
    };
    let owner = users::user_if_any(row)?;
    Ok(TokenRow {
        token: ApiToken {
            id: row.get("id")?,
            name: row.get("name")?,
            owner: owner.as_ref().map(|user| user.name.clone()),
            scopes: row.get::<_, Json<_>>("scopes")?.0,
            tasks: row.get::<_, Option<Json<_>>>("tasks")?.map(|json| json.0),
            created_at: row.get::<_, Time>("created_at")?.0,
            expires_at: time("expires_at")?,
            used_at: time("used_at")?,
        },
        hash: row.get("hash")?,
        owner,
    })
}

impl Store {
    /// Keeps a new token of this user, or of the owner of the data folder.
    pub async fn add_token(
        &self,
        new: ApiToken,
        owner: Option<UserId>,
        hash: Digest,
        what: Note,
    ) -> Result<(), StoreError> {
        self.write(move |db| {
            db.prepare_cached(
                "INSERT INTO tokens (id, name, owner, hash, scopes, tasks, created_at, expires_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                new.id,
                new.name,
                owner,
                hash,
                Json(&new.scopes),
                new.tasks.as_ref().map(Json),
                Time(new.created_at),
                new.expires_at.map(Time),
            ])?;
            note(db, what, new.created_at)
        })
        .await
    }

    /// The token of this id, if there is one. Whether it is still good is for
    /// the caller to say.
    pub async fn token(&self, id: &TokenId) -> Result<Option<TokenRow>, StoreError> {
        let id = id.clone();
        self.read(move |db| {
            let mut find =
                db.prepare_cached(&format!("{SELECT}, {COLUMNS} {FROM} WHERE t.id = ?1"))?;
            Ok(find.query_row([id], token).optional()?)
        })
        .await
    }

    /// Tokens, newest first.
    pub async fn tokens(&self, whose: Owned) -> Result<Vec<ApiToken>, StoreError> {
        self.read(move |db| {
            let (only, owner) = match whose {
                Owned::ByAnyone => ("?1 IS NULL", None),
                Owned::By(owner) => ("t.owner IS ?1", owner),
            };
            let mut find = db.prepare_cached(&format!(
                "{SELECT}, {COLUMNS} {FROM} WHERE {only} ORDER BY t.created_at DESC, t.id"
            ))?;
            let found = find.query_map([owner], |row| Ok(token(row)?.token))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Remembers that a token was used.
    pub async fn touch_token(&self, id: &TokenId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(move |db| {
            db.prepare_cached(
                "UPDATE tokens SET used_at = max(coalesce(used_at, 0), ?2) WHERE id = ?1",
            )?
            .execute(params![id, Time(at)])?;
            Ok(())
        })
        .await
    }

    /// Revokes a token; false when there is none of this id that is theirs.
    pub async fn revoke_token(
        &self,
        id: &TokenId,
        whose: Owned,
        what: Note,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let id = id.clone();
        self.write(move |db| {
            let revoked = match whose {
                Owned::ByAnyone => db
                    .prepare_cached("DELETE FROM tokens WHERE id = ?1")?
                    .execute([id])?,
                Owned::By(owner) => db
                    .prepare_cached("DELETE FROM tokens WHERE id = ?1 AND owner IS ?2")?
                    .execute(params![id, owner])?,
            };
            if revoked > 0 {
                note(db, what, at)?;
            }
            Ok(revoked > 0)
        })
        .await
    }
}
