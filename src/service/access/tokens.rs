//! Tokens for programs. One may do no more than whoever made it.

use super::sessions::{TOUCH, principal};
use super::{Access, AccessError, Client, random, random_number};
use crate::domain::access::{Credential, Permission, Principal, Scope};
use crate::domain::account::ApiToken;
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::{TaskName, TokenId};
use crate::domain::token::{TokenText, same};
use crate::store::{Owned, TokenRow};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// How long a token lasts if nothing is said, in days.
pub const TOKEN_DAYS: u32 = 90;
/// How long one may last at most, in days, if not for ever.
const MOST_DAYS: u32 = 3650;

const UNKNOWN: AccessError = AccessError::Unknown("this token is unknown, or was revoked");

/// A token to be made.
#[derive(Debug, Clone)]
pub struct TokenOrder {
    /// What it is for: 1 to 100 characters.
    pub name: String,
    /// What it may do at most.
    pub scopes: BTreeSet<Scope>,
    /// The only tasks it is for; none if for all.
    pub tasks: Option<BTreeSet<TaskName>>,
    /// For how many days; none for ever.
    pub days: Option<u32>,
}

/// A token that was just made, with the text that is shown once.
#[derive(Debug)]
pub struct Minted {
    /// The token.
    pub token: ApiToken,
    /// Its text, which is kept nowhere.
    pub text: TokenText,
}

impl Access {
    /// Makes a token for whoever asks.
    ///
    /// # Errors
    /// `Invalid`; `Denied` for more than they may do themselves.
    pub async fn mint(
        &self,
        principal: &Principal,
        order: TokenOrder,
        client: &Client,
    ) -> Result<Minted, AccessError> {
        let name = order.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            let message = "say in 1 to 100 characters what it is for";
            return Err(AccessError::invalid("name", message));
        }
        if order.tasks.as_ref().is_some_and(BTreeSet::is_empty) {
            let message = "is empty: name a task, or leave it out for all of them";
            return Err(AccessError::invalid("tasks", message));
        }
        check_scopes(principal, &order.scopes, order.tasks.is_some())?;
        let now = self.now();
        let expires_at = self.expiry(principal, order.days, now).await?;
        let text = TokenText::new(TokenId::from_number(random_number()?), &random()?);
        let owner = &principal.who;
        let token = ApiToken {
            id: text.id().clone(),
            name,
            owner: match owner {
                crate::domain::access::Who::Local => None,
                crate::domain::access::Who::User(_, name) => Some(name.clone()),
            },
            scopes: order.scopes,
            tasks: order.tasks,
            created_at: now,
            expires_at,
            used_at: None,
        };
        let note = Note::done(Actor::of(principal, client.address), "token.create")
            .on(&token.id)
            .saying(describe(&token));
        let hash = text.digest();
        let added = self
            .store()
            .add_token(token.clone(), owner.user(), hash, note);
        added.await?;
        Ok(Minted { token, text })
    }

    /// When a new token ends: as asked, but not after the one it is made with.
    async fn expiry(
        &self,
        principal: &Principal,
        days: Option<u32>,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, AccessError> {
        if days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
            let message = format!("is not between 1 and {MOST_DAYS}");
            return Err(AccessError::invalid("expires_in_days", message));
        }
        let asked = days.map(|days| now + TimeDelta::days(days.into()));
        let Credential::Token { id, .. } = &principal.credential else {
            return Ok(asked);
        };
        let parent = self.store().token(id).await?;
        let end = parent.and_then(|parent| parent.token.expires_at);
        match (asked, end) {
            (asked, None) => Ok(asked),
            (Some(asked), Some(end)) if asked <= end => Ok(Some(asked)),
            (_, Some(end)) => Err(AccessError::invalid(
                "expires_in_days",
                format!(
                    "is longer than the token lasts that you make it with, until {}",
                    end.format("%Y-%m-%d %H:%M UTC")
                ),
            )),
        }
    }

    /// Who comes with a token.
    ///
    /// # Errors
    /// `Unknown`, saying whether it is broken, unknown or over.
    pub async fn token(&self, text: &str) -> Result<Principal, AccessError> {
        let offered = TokenText::parse(text).map_err(|error| match error {
            crate::domain::token::BadToken::Shape => {
                AccessError::Unknown("this is no token of Runbay: they begin with “runbay_”")
            }
            crate::domain::token::BadToken::Checksum => AccessError::Unknown(
                "this token is not whole: a character is missing or changed; copy it again",
            ),
        })?;
        let Some(row) = self.store().token(offered.id()).await? else {
            return Err(UNKNOWN);
        };
        if !same(&row.hash, &offered.digest()) {
            return Err(UNKNOWN);
        }
        let now = self.now();
        if row.token.used_at.is_none_or(|used| used + TOUCH <= now) {
            self.store().touch_token(&row.token.id, now).await?;
        }
        self.good_token(row)
    }

    pub(super) async fn token_by_id(&self, id: &TokenId) -> Result<Principal, AccessError> {
        let row = self.store().token(id).await?;
        self.good_token(row.ok_or(UNKNOWN)?)
    }

    fn good_token(&self, row: TokenRow) -> Result<Principal, AccessError> {
        let (token, owner) = (row.token, row.owner);
        if token.expires_at.is_some_and(|end| end <= self.now()) {
            return Err(AccessError::Unknown("this token has run out: make another"));
        }
        if owner
            .as_ref()
            .is_some_and(|user| user.disabled_at.is_some())
        {
            return Err(AccessError::Unknown(
                "the owner of this token is not let in at present",
            ));
        }
        let credential = Credential::Token {
            id: token.id,
            scopes: token.scopes,
            tasks: token.tasks,
        };
        Ok(principal(owner.as_ref(), credential))
    }

    /// Tokens, newest first: one's own, or with `all` everybody's.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tokens(
        &self,
        principal: &Principal,
        all: bool,
    ) -> Result<Vec<ApiToken>, AccessError> {
        Ok(self.store().tokens(owned(principal, all)).await?)
    }

    /// Revokes a token: one of one's own, or with `all` anybody's.
    ///
    /// # Errors
    /// `NotFound` when there is none of this id among them.
    pub async fn revoke(
        &self,
        principal: &Principal,
        (id, all): (&TokenId, bool),
        client: &Client,
    ) -> Result<(), AccessError> {
        let note = Note::done(Actor::of(principal, client.address), "token.revoke").on(id);
        let whose = owned(principal, all);
        let revoked = self.store().revoke_token(id, whose, note, self.now());
        match revoked.await? {
            true => Ok(()),
            false => Err(AccessError::NotFound {
                what: "token",
                id: id.to_string(),
            }),
        }
    }
}

fn owned(principal: &Principal, all: bool) -> Owned {
    match all {
        true => Owned::ByAnyone,
        false => Owned::By(principal.who.user()),
    }
}

/// Refuses scopes that would be good for nothing, or for more than whoever asks
/// may do.
fn check_scopes(
    principal: &Principal,
    scopes: &BTreeSet<Scope>,
    limited: bool,
) -> Result<(), AccessError> {
    if scopes.is_empty() {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        let message = format!("is empty: name some of {}", known.join(", "));
        return Err(AccessError::invalid("scopes", message));
    }
    for scope in scopes {
        let of_scope = Permission::ALL.iter().filter_map(|permission| {
            let needs = permission.needs()?;
            (needs.scope == Some(*scope)).then_some((permission, needs))
        });
        let mut of_scope = of_scope.peekable();
        if limited && of_scope.clone().all(|(_, needs)| !needs.per_task) {
            let message = format!("“{scope}” is not about tasks, and this token is only for some");
            return Err(AccessError::invalid("scopes", message));
        }
        let mut denied = None;
        let useful = of_scope.any(|(permission, _)| {
            denied = principal.may(*permission).err();
            principal.could(*permission)
        });
        if let (false, Some(why)) = (useful, denied) {
            return Err(AccessError::Denied(why));
        }
    }
    Ok(())
}

fn describe(token: &ApiToken) -> String {
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let mut text = format!("“{}”: {}", token.name, scopes.join(" "));
    if let Some(tasks) = &token.tasks {
        let tasks: Vec<&str> = tasks.iter().map(TaskName::as_str).collect();
        text.push_str(&format!(", for {}", tasks.join(" ")));
    }
    match token.expires_at {
        Some(end) => text.push_str(&format!(", until {}", end.format("%Y-%m-%d"))),
        None => text.push_str(", for ever"),
    }
    text
}
