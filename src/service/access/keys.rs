//! Keys that open a door once: the setup key makes the first admin, a link signs
//! in a browser of the owner of the data folder.

use super::sessions::{credential, principal};
use super::{Access, AccessError, Begun, Client, SESSION_IDLE, random};
use crate::domain::access::Role;
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::{Digest, UserName};
use crate::domain::secret::Secret;
use crate::domain::token::short_key;
use crate::store::{Door, NewUser, Redeemed};
use chrono::TimeDelta;

/// How long the setup key lasts, and how often it may be tried.
const SETUP: (TimeDelta, u32) = (TimeDelta::minutes(30), 5);
/// How long a link lasts. It has 128 random bits, and the throttle.
const LINK: (TimeDelta, u32) = (TimeDelta::hours(12), 1000);
/// The account that keys are guessed at; no user has such a name.
const DOORS: &str = "(keys)";
const SET_UP: &str = "there is an admin already: sign in";

impl Access {
    /// Makes the key that makes the first admin: 128 bits, good once, for half
    /// an hour and five tries. The key before is good no longer.
    ///
    /// # Errors
    /// `Gone` when there is an admin.
    pub async fn new_setup_key(&self) -> Result<Secret, AccessError> {
        if self.store().has_admin().await? {
            return Err(AccessError::Gone(SET_UP));
        }
        self.new_key(Door::Setup, SETUP).await
    }

    /// Makes the key of a link that signs in a browser of the owner of the data
    /// folder, once, within 12 hours. The link before is good no longer.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn new_link_key(&self) -> Result<Secret, AccessError> {
        self.new_key(Door::Link, LINK).await
    }

    async fn new_key(
        &self,
        door: Door,
        (lasts, tries): (TimeDelta, u32),
    ) -> Result<Secret, AccessError> {
        let key = short_key(&random()?);
        let hash = Digest::of(key.reveal().as_bytes());
        let until = self.now() + lasts;
        self.store()
            .set_one_time_key(door, hash, until, tries)
            .await?;
        Ok(key)
    }

    /// Makes the first admin, for whoever has the setup key, and signs them in.
    ///
    /// # Errors
    /// `Gone` when there is an admin already, or the key ran out; `Unknown` when
    /// it is wrong; `Invalid` for a name or password that does not do.
    pub async fn set_up(
        &self,
        offered: &Secret,
        (name, password): (&UserName, &Secret),
        client: &Client,
    ) -> Result<Begun, AccessError> {
        if self.store().has_admin().await? {
            return Err(AccessError::Gone(SET_UP));
        }
        self.allow_guess(DOORS, client)?;
        super::check_password(name, password)?;
        let hash = self.0.passwords.hash(password).await?;
        let new = NewUser {
            name: name.clone(),
            role: Role::Admin,
            reads_logs: true,
            password: hash,
        };
        let actor = Actor {
            name: "(setup key)".to_owned(),
            via: None,
            address: client.address,
        };
        let note = Note::done(actor, "user.create")
            .on(name)
            .saying("role admin");
        let offered = Digest::of(offered.reveal().as_bytes());
        let redeemed = self.store().set_up(offered, new, note, self.now()).await?;
        self.redeemed(redeemed, client)?;
        let user = self.store().user(name).await?;
        self.begin(&user, client).await
    }

    /// Begins a session for whoever has the link.
    ///
    /// # Errors
    /// `Gone` when it was used or ran out; `Unknown` when it is wrong.
    pub async fn open_link(&self, offered: &Secret, client: &Client) -> Result<Begun, AccessError> {
        self.allow_guess(DOORS, client)?;
        let (begun, hash) = self.new_session(None, client)?;
        let who = principal(None, credential(&begun.session, true));
        let note = Note::done(Actor::of(&who, client.address), "session.begin")
            .on(&begun.session.id)
            .saying("by link");
        let offered = Digest::of(offered.reveal().as_bytes());
        let session = begun.session.clone();
        let opened = self
            .store()
            .open_link(offered, session, (hash, SESSION_IDLE), note);
        self.redeemed(opened.await?, client)?;
        Ok(begun)
    }

    fn redeemed(&self, redeemed: Redeemed, client: &Client) -> Result<(), AccessError> {
        self.learn(redeemed == Redeemed::Opened, DOORS, client);
        match redeemed {
            Redeemed::Opened => Ok(()),
            Redeemed::Wrong(_) => Err(AccessError::Unknown("this key is wrong")),
            Redeemed::Gone => Err(AccessError::Gone(
                "this key was used, ran out or was tried too often: restart the service, or run `runbay user link` or `runbay user add` on its machine",
            )),
        }
    }
}
