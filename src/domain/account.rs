//! Users, their sessions and tokens, as they are shown. What proves them (hashes
//! of passwords, sessions and tokens) is in none of these.

use super::access::{Role, Scope};
use super::ids::{SessionId, TaskName, TokenId, UserId, UserName};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Somebody with a name and a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// Its name.
    pub name: UserName,
    /// What they may do at most.
    pub role: Role,
    /// Whether they may read logs although they are a viewer.
    pub reads_logs: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its password was last set.
    pub password_at: DateTime<Utc>,
    /// Since when it cannot be used.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The user; none for the owner of the data folder.
    pub user: Option<UserId>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// When its password was last entered.
    pub proved_at: DateTime<Utc>,
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// Where it began.
    pub address: Option<String>,
}

/// A token for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiToken {
    /// Its id, which is part of it.
    pub id: TokenId,
    /// What it is for, in its owner's words.
    pub name: String,
    /// Its owner, whose role bounds it; none for the owner of the data folder.
    pub owner: Option<UserName>,
    /// What it may do at most.
    pub scopes: BTreeSet<Scope>,
    /// The only tasks it is for; none if for all.
    pub tasks: Option<BTreeSet<TaskName>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends; none if never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub used_at: Option<DateTime<Utc>>,
}
