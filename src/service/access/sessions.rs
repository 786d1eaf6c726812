//! Coming in with a browser: name and password, a link, or the setup key.

use super::{Access, AccessError, random, random_number};
use crate::domain::access::{Credential, Principal, STEP_UP_MINUTES, Who};
use crate::domain::account::{Session, User};
use crate::domain::audit::{Actor, Note, Verdict};
use crate::domain::ids::{Digest, SessionId, UserName};
use crate::domain::secret::Secret;
use crate::domain::token::key;
use chrono::{DateTime, TimeDelta, Utc};
use std::net::IpAddr;

/// How long a session may be left alone.
pub const SESSION_IDLE: TimeDelta = TimeDelta::hours(12);
/// How long a session lasts at most.
pub const SESSION_ABSOLUTE: TimeDelta = TimeDelta::days(7);
/// How old `seen_at` may grow before it is written again.
pub(super) const TOUCH: TimeDelta = TimeDelta::seconds(60);
/// What a request with a name and password is noted as.
const BASIC: &str = "access.basic";
/// Bytes that are kept of what a browser calls itself.
const AGENT: usize = 200;

const WRONG: AccessError = AccessError::Unknown("the name or the password is wrong");
const NO_SESSION: AccessError = AccessError::Unknown("this session is over: sign in again");

/// Who is at the other end, before they are known.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Their address; none at a socket file.
    pub address: Option<IpAddr>,
    /// What their browser calls itself.
    pub agent: Option<String>,
}

/// A session that has just begun, with the key that proves it, which is kept
/// nowhere.
#[derive(Debug)]
pub struct Begun {
    /// The session.
    pub session: Session,
    /// Its key, for a cookie.
    pub key: Secret,
}

impl Access {
    /// Begins a session for a name and password.
    ///
    /// # Errors
    /// `Unknown` when they do not fit, `TooMany` after too many that did not.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &Secret,
        client: &Client,
    ) -> Result<Begun, AccessError> {
        let user = self
            .prove((name, password), client, "session.begin")
            .await?;
        self.begin(&user, client).await
    }

    /// Who comes with a name and password with the request itself. A pair that
    /// was right a short while ago is not hashed again.
    ///
    /// # Errors
    /// As [`Access::sign_in`].
    pub async fn basic(
        &self,
        name: &str,
        password: &Secret,
        client: &Client,
    ) -> Result<Principal, AccessError> {
        let user = self.prove((name, password), client, BASIC).await?;
        Ok(principal(Some(&user), Credential::Password))
    }

    /// The user whose name and password these are.
    pub(super) async fn prove(
        &self,
        (name, password): (&str, &Secret),
        client: &Client,
        action: &'static str,
    ) -> Result<User, AccessError> {
        let found = match name.parse::<UserName>() {
            Ok(name) => self.store().password(&name).await?,
            Err(_) => None,
        };
        let (user, hash) = found.unzip();
        let cached = action == BASIC
            && hash
                .as_ref()
                .is_some_and(|hash| self.0.remembered.holds(password, hash, self.now()));
        let fits = cached || self.guess((name, password), hash, client).await?;
        // A name that is not known may be a password in the wrong field.
        let known = if user.is_some() { name } else { "(unknown)" };
        // One who is disabled is told no more than one who is unknown.
        if let Some(user) = user.filter(|user| fits && user.disabled_at.is_none()) {
            return Ok(user);
        }
        let actor = Actor {
            name: known.to_owned(),
            via: None,
            address: client.address,
        };
        let note = Note::done(actor, action).but(Verdict::Failed);
        self.note(note).await?;
        Err(WRONG)
    }

    /// Checks a password in its turn, unless too many were wrong.
    async fn guess(
        &self,
        (account, password): (&str, &Secret),
        hash: Option<String>,
        client: &Client,
    ) -> Result<bool, AccessError> {
        self.allow_guess(account, client)?;
        let (access, later) = (self.clone(), self.clone());
        let (account, client) = (account.to_owned(), client.clone());
        let (before, after) = ((account.clone(), client.clone()), (account, client));
        let (proven, kept) = (password.clone(), hash.clone());
        self.0
            .passwords
            .fits(
                (password, hash),
                move || access.allow_guess(&before.0, &before.1),
                move |fits| {
                    later.learn(fits, &after.0, &after.1);
                    if let (true, Some(hash)) = (fits, &kept) {
                        later.0.remembered.add(&proven, hash, later.now());
                    }
                },
            )
            .await
    }

    pub(super) fn allow_guess(&self, account: &str, client: &Client) -> Result<(), AccessError> {
        let allowed = self.0.throttle.check(account, client.address, self.now());
        allowed.map_err(|wait| AccessError::TooMany { wait })
    }

    pub(super) fn learn(&self, fits: bool, account: &str, client: &Client) {
        let throttle = &self.0.throttle;
        match fits {
            true => throttle.right(account, client.address),
            false => throttle.wrong(account, client.address, self.now()),
        }
    }

    pub(super) async fn begin(&self, user: &User, client: &Client) -> Result<Begun, AccessError> {
        let (begun, hash) = self.new_session(Some(user), client)?;
        let who = principal(Some(user), credential(&begun.session, true));
        let note =
            Note::done(Actor::of(&who, client.address), "session.begin").on(&begun.session.id);
        let session = begun.session.clone();
        let saved = self
            .store()
            .begin_session(session, hash, SESSION_IDLE, note);
        saved.await?;
        Ok(begun)
    }

    pub(super) fn new_session(
        &self,
        user: Option<&User>,
        client: &Client,
    ) -> Result<(Begun, Digest), AccessError> {
        let now = self.now();
        let key = key(&random()?);
        let hash = Digest::of(key.reveal().as_bytes());
        let session = Session {
            id: SessionId::from_number(random_number()?),
            user: user.map(|user| user.id),
            created_at: now,
            seen_at: now,
            expires_at: now + SESSION_ABSOLUTE,
            proved_at: now,
            agent: client.agent.as_deref().map(shorten),
            address: client.address.map(|address| address.to_string()),
        };
        Ok((Begun { session, key }, hash))
    }

    /// Who comes with the key of a session.
    ///
    /// # Errors
    /// `Unknown` when the session is over, or its user is no longer let in.
    pub async fn session(&self, key: &Secret) -> Result<Principal, AccessError> {
        let hash = Digest::of(key.reveal().as_bytes());
        let (session, user) = self.store().session(&hash).await?.ok_or(NO_SESSION)?;
        let now = self.now();
        let principal = self.good(&session, user.as_ref())?;
        if session.seen_at + TOUCH <= now {
            self.store().touch_session(&session.id, now, false).await?;
        }
        Ok(principal)
    }

    /// The same principal as things are now, for what goes on for long after
    /// somebody was let in.
    ///
    /// # Errors
    /// `Unknown` when they would not be let in any more.
    pub async fn still(&self, principal: &Principal) -> Result<Principal, AccessError> {
        match (&principal.credential, &principal.who) {
            (Credential::Session { id, .. }, _) => {
                let found = self.store().session_by_id(id).await?;
                let (session, user) = found.ok_or(NO_SESSION)?;
                self.good(&session, user.as_ref())
            }
            (Credential::Token { id, .. }, _) => self.token_by_id(id).await,
            (Credential::Password, Who::User(id, name)) => {
                let user = self.store().user(name).await?;
                let same = user.id == *id && user.disabled_at.is_none();
                same.then(|| self::principal(Some(&user), Credential::Password))
                    .ok_or(WRONG)
            }
            (Credential::Password | Credential::Folder, _) => Ok(principal.clone()),
        }
    }

    fn good(&self, session: &Session, user: Option<&User>) -> Result<Principal, AccessError> {
        let now = self.now();
        let over = session.expires_at <= now || session.seen_at + SESSION_IDLE <= now;
        let barred = user.is_some_and(|user| user.disabled_at.is_some());
        if over || barred {
            return Err(NO_SESSION);
        }
        let fresh = stepped_up(session, now);
        Ok(principal(user, credential(session, fresh)))
    }

    /// Ends the session they came with.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sign_out(
        &self,
        principal: &Principal,
        client: &Client,
    ) -> Result<(), AccessError> {
        match &principal.credential {
            Credential::Session { id, .. } => {
                let id = id.clone();
                self.end_session(principal, &id, client).await
            }
            _ => Ok(()),
        }
    }

    /// The sessions of whoever asks, last used first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sessions(&self, principal: &Principal) -> Result<Vec<Session>, AccessError> {
        let now = self.now();
        let mut found = self.store().sessions(principal.who.user()).await?;
        found.retain(|session| session.expires_at > now && session.seen_at + SESSION_IDLE > now);
        Ok(found)
    }

    /// Ends one session of whoever asks.
    ///
    /// # Errors
    /// `NotFound` when they have none of this id.
    pub async fn end_session(
        &self,
        principal: &Principal,
        id: &SessionId,
        client: &Client,
    ) -> Result<(), AccessError> {
        let note = Note::done(Actor::of(principal, client.address), "session.end").on(id);
        let ended = self
            .store()
            .end_session(principal.who.user(), id, note, self.now());
        match ended.await? {
            true => Ok(()),
            false => Err(AccessError::NotFound {
                what: "session",
                id: id.to_string(),
            }),
        }
    }

    /// Ends every session of whoever asks but the one they came with; returns
    /// how many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_other_sessions(
        &self,
        principal: &Principal,
        client: &Client,
    ) -> Result<usize, AccessError> {
        let this = match &principal.credential {
            Credential::Session { id, .. } => Some(id),
            _ => None,
        };
        let note = Note::done(Actor::of(principal, client.address), "session.end")
            .saying("all but this one");
        let user = principal.who.user();
        let ended = self.store().end_sessions(user, this, note, self.now());
        Ok(ended.await?)
    }

    /// Enters the password again, which for [`STEP_UP_MINUTES`] opens what needs
    /// it.
    ///
    /// # Errors
    /// `Unknown` when it is wrong; `Conflict` without a session of a user.
    pub async fn step_up(
        &self,
        principal: &Principal,
        password: &Secret,
        client: &Client,
    ) -> Result<(), AccessError> {
        let (Credential::Session { id, .. }, Who::User(_, name)) =
            (&principal.credential, &principal.who)
        else {
            let text = "there is no password to enter again: only who signed in with one needs to";
            return Err(AccessError::Conflict(text.into()));
        };
        self.prove((name.as_str(), password), client, "session.step_up")
            .await?;
        Ok(self.store().touch_session(id, self.now(), true).await?)
    }
}

fn stepped_up(session: &Session, now: DateTime<Utc>) -> bool {
    // Without a user there is no password, and the link came from the terminal.
    session.user.is_none() || now - session.proved_at < TimeDelta::minutes(STEP_UP_MINUTES)
}

pub(super) fn credential(session: &Session, stepped_up: bool) -> Credential {
    Credential::Session {
        id: session.id.clone(),
        stepped_up,
    }
}

/// A user, or without one the owner of the data folder, with what they came
/// with.
pub(super) fn principal(user: Option<&User>, credential: Credential) -> Principal {
    match user {
        None => Principal {
            credential,
            ..Principal::local()
        },
        Some(user) => Principal {
            who: Who::User(user.id, user.name.clone()),
            role: user.role,
            reads_logs: user.reads_logs,
            credential,
        },
    }
}

/// The beginning of a text, without what could disturb a terminal.
fn shorten(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).collect();
    short.truncate(short.floor_char_boundary(AGENT));
    short
}
