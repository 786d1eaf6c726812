//! Who may come in, and as whom: users, sessions, tokens, and the log of it.
//!
//! What somebody may do once they are in is one table in
//! [`crate::domain::access`]. [`Access`] holds what must be remembered between
//! requests and nowhere else: who guessed wrong lately, and how many passwords
//! are being checked right now.

mod error;
pub mod exposure;
pub mod invitation;
mod keys;
mod passwords;
mod remembered;
mod sessions;
#[cfg(test)]
mod tests;
mod throttle;
mod tokens;
mod users;

pub use error::AccessError;
pub use exposure::{Mode, exposure};
pub use passwords::{PASSWORD_LEAST, check_password};
pub use sessions::{Begun, Client, SESSION_ABSOLUTE, SESSION_IDLE};
pub use tokens::{Minted, TOKEN_DAYS, TokenOrder};
pub use users::UserOrder;

use crate::domain::access::{Denied, Permission, Principal};
use crate::domain::audit::{Actor, Entry, Note, Verdict};
use crate::store::Store;
pub use crate::store::{AuditFilter, Audited};
use chrono::{DateTime, Utc};
use passwords::Passwords;
use remembered::Remembered;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use throttle::Throttle;

/// Where the present time comes from: the system, or a test.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The time of the system.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// The time that a function tells.
    #[must_use]
    pub fn of(tell: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

/// The keeper of the doors; clones share it.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    passwords: Passwords,
    throttle: Throttle,
    remembered: Remembered,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Access").field(&self.0.store).finish()
    }
}

impl Access {
    /// A keeper for this database.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new(store: Store, clock: Clock) -> Result<Self, AccessError> {
        Ok(Self(Arc::new(Inner {
            store,
            clock,
            passwords: Passwords::new(),
            throttle: Throttle::new(),
            remembered: Remembered::new(random()?),
        })))
    }

    /// Does beforehand what would make the first sign-in slower than the next,
    /// by which a name that is known could be told from one that is not.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub async fn warm(&self) -> Result<(), AccessError> {
        self.0.passwords.warm().await
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Notes that somebody was refused what needs more than looking. Reading is
    /// not noted: a page that asks for what a viewer may not see is no attack.
    ///
    /// # Errors
    /// When the note cannot be saved.
    pub async fn note_refusal(
        &self,
        principal: &Principal,
        address: Option<IpAddr>,
        (permission, denied): (Permission, Denied),
    ) -> Result<(), AccessError> {
        let note = Note::done(Actor::of(principal, address), "access.refused")
            .on(permission)
            .saying(denied.to_string())
            .but(Verdict::Refused);
        Ok(self.store().audit(note, self.now()).await?)
    }

    /// Notes something that was done elsewhere.
    ///
    /// # Errors
    /// When the note cannot be saved.
    pub async fn note(&self, note: Note) -> Result<(), AccessError> {
        Ok(self.store().audit(note, self.now()).await?)
    }

    /// Entries of the audit log, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<Vec<Entry>, AccessError> {
        Ok(self.store().audit_entries(filter).await?)
    }

    /// Reads the whole audit log and finds the first entry that is not as it
    /// was written. `kept` is an entry that was seen before: its place and
    /// digest, against a log that was cut or written anew.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify_audit(
        &self,
        kept: Option<(i64, &crate::domain::ids::Digest)>,
    ) -> Result<Audited, AccessError> {
        let mut found = self.store().verify_audit().await?;
        if let (None, Some((seq, hash))) = (&found.broken, kept) {
            let fault = match self.store().audit_hash(seq).await? {
                Some(now) if now == *hash => return Ok(found),
                Some(_) => format!("entry {seq} is sound but not the one you know"),
                None => format!("entry {seq}, which you know, is gone"),
            };
            found.broken = Some((seq, fault));
        }
        Ok(found)
    }
}

/// Random bits of the system.
fn random<const N: usize>() -> Result<[u8; N], AccessError> {
    let mut bits = [0; N];
    getrandom::fill(&mut bits).map_err(|source| AccessError::Random(source.to_string()))?;
    Ok(bits)
}

/// A random number, for ids.
fn random_number() -> Result<u64, AccessError> {
    random().map(u64::from_le_bytes)
}
