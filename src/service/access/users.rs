//! Making users and changing what they may do. Whoever calls this has been
//! asked whether they may.

use super::{Access, AccessError, Begun, Client, check_password};
use crate::domain::access::{Principal, Role, Who};
use crate::domain::account::User;
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::UserName;
use crate::domain::secret::Secret;
use crate::store::NewUser;

/// A user to be made.
#[derive(Debug, Clone)]
pub struct UserOrder {
    /// The name.
    pub name: UserName,
    /// The role.
    pub role: Role,
    /// Whether a viewer may read logs; others may anyway.
    pub reads_logs: bool,
    /// The password.
    pub password: Secret,
}

impl Access {
    /// Makes a user.
    ///
    /// # Errors
    /// `Invalid` for a password that does not do, `Conflict` when the name is
    /// taken.
    pub async fn add_user(&self, actor: Actor, order: UserOrder) -> Result<User, AccessError> {
        check_password(&order.name, &order.password)?;
        let password = self.0.passwords.hash(&order.password).await?;
        let note = Note::done(actor, "user.create")
            .on(&order.name)
            .saying(may(order.role, order.reads_logs));
        let new = NewUser {
            name: order.name,
            role: order.role,
            reads_logs: order.reads_logs,
            password,
        };
        Ok(self.store().add_user(new, note, self.now()).await?)
    }

    /// Every user, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn users(&self) -> Result<Vec<User>, AccessError> {
        Ok(self.store().users().await?)
    }

    /// A user.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn user(&self, name: &UserName) -> Result<User, AccessError> {
        Ok(self.store().user(name).await?)
    }

    /// Whether there is an admin who can sign in.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_admin(&self) -> Result<bool, AccessError> {
        Ok(self.store().has_admin().await?)
    }

    /// Sets the password of a user and ends their sessions. Their tokens stay.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a password that does not do.
    pub async fn set_password(
        &self,
        actor: Actor,
        name: &UserName,
        password: &Secret,
    ) -> Result<(), AccessError> {
        self.store().user(name).await?;
        check_password(name, password)?;
        let hash = self.0.passwords.hash(password).await?;
        let note = Note::done(actor, "user.password").on(name);
        let set = self.store().set_password(name, hash, note, self.now());
        Ok(set.await?)
    }

    /// Changes the password of whoever asks, who must know the present one. All
    /// their sessions end; a new one begins.
    ///
    /// # Errors
    /// `Unknown` when the present one is wrong, `Invalid` for a new one that
    /// does not do, `Conflict` for who has none.
    pub async fn change_password(
        &self,
        principal: &Principal,
        (present, new): (&Secret, &Secret),
        client: &Client,
    ) -> Result<Begun, AccessError> {
        let Who::User(_, name) = &principal.who else {
            let text = "the owner of the data folder has no password: `runbay user add` makes a user with one";
            return Err(AccessError::Conflict(text.into()));
        };
        if present == new {
            return Err(AccessError::invalid("new", "is the present password"));
        }
        check_password(name, new).map_err(|error| match error {
            AccessError::Invalid { message, .. } => AccessError::invalid("new", message),
            other => other,
        })?;
        // Who is known already, and may still only be guessing at the password.
        let proof = (name.as_str(), present);
        let user = self.prove(proof, client, "user.password").await?;
        let actor = Actor::of(principal, client.address);
        self.set_password(actor, name, new).await?;
        self.begin(&user, client).await
    }

    /// Sets what a user may do at most.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when no admin would be left.
    pub async fn set_role(
        &self,
        actor: Actor,
        name: &UserName,
        (role, reads_logs): (Role, Option<bool>),
    ) -> Result<User, AccessError> {
        let before = self.store().user(name).await?;
        let reads_logs = reads_logs.unwrap_or(before.reads_logs);
        let note = Note::done(actor, "user.role").on(name).saying(format!(
            "{} → {}",
            may(before.role, before.reads_logs),
            may(role, reads_logs)
        ));
        let set = (role, reads_logs);
        let changed = self.store().set_role(name, set, note, self.now());
        Ok(changed.await?)
    }

    /// Lets a user in no longer, or again. Tokens of one who is not let in do
    /// not work meanwhile; their sessions end.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when no admin would be left.
    pub async fn set_disabled(
        &self,
        actor: Actor,
        name: &UserName,
        disabled: bool,
    ) -> Result<User, AccessError> {
        let action = match disabled {
            true => "user.disable",
            false => "user.enable",
        };
        let note = Note::done(actor, action).on(name);
        let changed = self.store().set_disabled(name, disabled, note, self.now());
        Ok(changed.await?)
    }

    /// Removes a user with their sessions and tokens. What they did stays in
    /// the audit log.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when no admin would be left.
    pub async fn remove_user(&self, actor: Actor, name: &UserName) -> Result<(), AccessError> {
        let note = Note::done(actor, "user.remove").on(name);
        Ok(self.store().remove_user(name, note, self.now()).await?)
    }
}

fn may(role: Role, reads_logs: bool) -> String {
    match (role, reads_logs) {
        (Role::Viewer, true) => format!("role {role} with logs"),
        _ => format!("role {role}"),
    }
}
