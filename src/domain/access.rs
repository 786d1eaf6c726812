//! Who may do what: roles, scopes, and the one table that joins them.
//!
//! Every route names the [`Permission`] it needs; [`Permission::needs`] is the
//! table, and [`Principal::may`] the only place that decides. What somebody may
//! do is what their role allows *now*, narrowed by the scopes and tasks of the
//! token they came with.

use super::ids::{SessionId, TaskName, TokenId, UserId, UserName};
use super::run::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

#[cfg(test)]
mod tests;

words! {
    /// What a person may do at most. Each may do what those before it may.
    #[derive(PartialOrd, Ord, schemars::JsonSchema)]
    Role {
        /// Looks at tasks and runs; at logs only where granted.
        Viewer = "viewer",
        /// Also starts, cancels, pins and pauses what there is.
        Operator = "operator",
        /// Everything, also code, which runs with a task's secrets.
        Admin = "admin",
    }
}

words! {
    /// What a token may do at most. No scope contains another.
    #[derive(PartialOrd, Ord, schemars::JsonSchema)]
    Scope {
        /// Look at runs and at the state of the service.
        RunsRead = "runs:read",
        /// Start runs.
        RunsTrigger = "runs:trigger",
        /// Cancel runs.
        RunsCancel = "runs:cancel",
        /// Pin runs, so that they are kept.
        RunsPin = "runs:pin",
        /// Read what runs wrote: logs, results and kept files.
        LogsRead = "logs:read",
        /// Look at tasks, their code, environments and schedules.
        TasksRead = "tasks:read",
        /// Change tasks and their code.
        TasksWrite = "tasks:write",
        /// Change and pause schedules.
        SchedulesWrite = "schedules:write",
        /// Look at the names of secrets, and set, grant and remove them.
        SecretsWrite = "secrets:write",
        /// Everything else: users, tokens, settings, images.
        Admin = "admin",
    }
}

words! {
    /// What a route needs.
    #[derive(schemars::JsonSchema)]
    Permission {
        /// Nothing: the closed list of what anybody may ask for.
        Public = "public",
        /// To be known at all: who am I, sign out.
        SignedIn = "signed_in",
        /// Look at tasks, their code, environments and schedules.
        TasksRead = "tasks_read",
        /// Change tasks and their code.
        TasksWrite = "tasks_write",
        /// Look at runs and attempts.
        RunsRead = "runs_read",
        /// Start runs, again or anew, with declared parameters.
        RunsTrigger = "runs_trigger",
        /// Cancel runs.
        RunsCancel = "runs_cancel",
        /// Pin runs, so that they are kept, and let them go again.
        RunsPin = "runs_pin",
        /// Read what runs wrote: logs, results and kept files.
        LogsRead = "logs_read",
        /// Pause and resume schedules, and run what they missed.
        SchedulesPause = "schedules_pause",
        /// Change schedules.
        SchedulesWrite = "schedules_write",
        /// Look at the names of secrets, at who may have them and who was given
        /// them; nobody can read their values.
        SecretsRead = "secrets_read",
        /// Set, grant and remove secrets.
        SecretsWrite = "secrets_write",
        /// Look at the state of the service: engine, queue, metrics.
        SystemRead = "system_read",
        /// Settings, environments, images, housekeeping, webhooks.
        SystemWrite = "system_write",
        /// One's own sessions, tokens and password: look, end, revoke, change.
        Account = "account",
        /// Make tokens for oneself.
        Tokens = "tokens",
        /// Look at users, everybody's tokens and the audit log.
        AccessRead = "access_read",
        /// Change users, and revoke anybody's tokens.
        Users = "users",
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// The least role.
    pub role: Role,
    /// The scope, for those who come with a token; none is needed by what any
    /// token may do.
    pub scope: Option<Scope>,
    /// Whether it is about tasks, so that a token for some tasks may be enough.
    /// What is not, is closed to such tokens.
    pub per_task: bool,
    /// Whether a session must have seen the password in the last
    /// [`STEP_UP_MINUTES`].
    pub step_up: bool,
}

/// For how long a password entered again opens what needs it.
pub const STEP_UP_MINUTES: i64 = 10;

impl Permission {
    /// The table: permission × role × scope. None for what needs nobody.
    #[must_use]
    pub fn needs(self) -> Option<Needs> {
        use Role::{Admin, Operator, Viewer};
        let task = |role, scope| Needs {
            role,
            scope: Some(scope),
            per_task: true,
            step_up: false,
        };
        let service = |role, scope, step_up| Needs {
            role,
            scope: Some(scope),
            per_task: false,
            step_up,
        };
        Some(match self {
            Self::Public => return None,
            Self::SignedIn => Needs {
                role: Viewer,
                scope: None,
                per_task: true,
                step_up: false,
            },
            Self::TasksRead => task(Viewer, Scope::TasksRead),
            Self::TasksWrite => task(Admin, Scope::TasksWrite),
            Self::RunsRead => task(Viewer, Scope::RunsRead),
            Self::RunsTrigger => task(Operator, Scope::RunsTrigger),
            Self::RunsCancel => task(Operator, Scope::RunsCancel),
            Self::RunsPin => task(Operator, Scope::RunsPin),
            Self::LogsRead => task(Viewer, Scope::LogsRead),
            Self::SchedulesPause => task(Operator, Scope::SchedulesWrite),
            Self::SchedulesWrite => task(Admin, Scope::SchedulesWrite),
            Self::SecretsRead => service(Admin, Scope::SecretsWrite, false),
            Self::SecretsWrite => service(Admin, Scope::SecretsWrite, true),
            Self::SystemRead => service(Viewer, Scope::RunsRead, false),
            Self::SystemWrite => service(Admin, Scope::Admin, false),
            Self::Account => service(Viewer, Scope::Admin, false),
            Self::Tokens => service(Viewer, Scope::Admin, true),
            Self::AccessRead => service(Admin, Scope::Admin, false),
            Self::Users => service(Admin, Scope::Admin, true),
        })
    }
}

words! {
    /// How somebody proved who they are.
    #[derive(schemars::JsonSchema)]
    Via {
        /// A cookie of a browser.
        Session = "session",
        /// An API token.
        Token = "token",
        /// Name and password with the request itself.
        Basic = "basic",
        /// They own the data folder: the command line, without a server.
        Local = "local",
    }
}

/// Who asks. The owner of the data folder needs no account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Whoever owns the data folder.
    Local,
    /// A user.
    User(UserId, UserName),
}

impl Who {
    /// The account, if it is one.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Local => None,
            Self::User(id, _) => Some(*id),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.pad(UserName::LOCAL),
            Self::User(_, name) => f.pad(name.as_str()),
        }
    }
}

/// What somebody came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A session; `stepped_up` while its password was entered a short time ago,
    /// or when there is none to enter.
    Session {
        /// Which.
        id: SessionId,
        /// Whether it opens what needs the password again.
        stepped_up: bool,
    },
    /// A token.
    Token {
        /// Which.
        id: TokenId,
        /// What it may do at most.
        scopes: BTreeSet<Scope>,
        /// The only tasks it is for, if not for all.
        tasks: Option<BTreeSet<TaskName>>,
    },
    /// Name and password.
    Password,
    /// The data folder itself.
    Folder,
}

/// Somebody who proved who they are, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub who: Who,
    /// Their role now.
    pub role: Role,
    /// Whether a viewer may read logs, too.
    pub reads_logs: bool,
    /// What they came with.
    pub credential: Credential,
}

/// Why somebody may not do something. The text is for that person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Their role does not allow it.
    #[error("this needs the role “{needs}”, and yours is “{has}”")]
    Role {
        /// The least that would do.
        needs: Role,
        /// Theirs.
        has: Role,
    },
    /// A viewer who may not read logs.
    #[error("viewers read logs only where an admin allows it: ask for logs:read")]
    Logs,
    /// Their token is for other things.
    #[error("this token lacks the scope “{0}”")]
    Scope(Scope),
    /// Their token is for other tasks.
    #[error("this token is only for some tasks, and this is not one of them")]
    Task,
    /// The password was not entered lately.
    #[error("enter your password again: this needs it from the last 10 minutes")]
    StepUp,
}

impl Principal {
    /// The owner of the data folder, who has the database in their hands and
    /// may do everything.
    #[must_use]
    pub fn local() -> Self {
        Self {
            who: Who::Local,
            role: Role::Admin,
            reads_logs: true,
            credential: Credential::Folder,
        }
    }

    /// How they proved who they are.
    #[must_use]
    pub fn via(&self) -> Via {
        match self.credential {
            Credential::Session { .. } => Via::Session,
            Credential::Token { .. } => Via::Token,
            Credential::Password => Via::Basic,
            Credential::Folder => Via::Local,
        }
    }

    /// Who asks, as it is noted with what they asked for: `user:ann`,
    /// `token:4f3a…` or `local`.
    #[must_use]
    pub fn name(&self) -> String {
        match (&self.credential, &self.who) {
            (Credential::Token { id, .. }, _) => format!("token:{id}"),
            (_, Who::User(_, name)) => format!("user:{name}"),
            (_, Who::Local) => UserName::LOCAL.to_owned(),
        }
    }

    /// Whether they may do something of this kind at all; where it is about one
    /// task, [`Principal::sees`] must hold as well.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn may(&self, permission: Permission) -> Result<(), Denied> {
        let Some(needs) = permission.needs() else {
            return Ok(());
        };
        if let Credential::Token { scopes, tasks, .. } = &self.credential {
            if let Some(scope) = needs.scope.filter(|scope| !scopes.contains(scope)) {
                return Err(Denied::Scope(scope));
            }
            if tasks.is_some() && !needs.per_task {
                return Err(Denied::Task);
            }
        }
        if self.role < needs.role {
            return Err(Denied::Role {
                needs: needs.role,
                has: self.role,
            });
        }
        if permission == Permission::LogsRead && self.role == Role::Viewer && !self.reads_logs {
            return Err(Denied::Logs);
        }
        match self.credential {
            Credential::Session {
                stepped_up: false, ..
            } if needs.step_up => Err(Denied::StepUp),
            _ => Ok(()),
        }
    }

    /// As [`Principal::may`], and whether entering the password again would do.
    #[must_use]
    pub fn could(&self, permission: Permission) -> bool {
        matches!(self.may(permission), Ok(()) | Err(Denied::StepUp))
    }

    /// Whether this task, and its runs, exist for them. What does not is not
    /// found rather than forbidden, so that names cannot be guessed.
    #[must_use]
    pub fn sees(&self, task: &TaskName) -> bool {
        match &self.credential {
            Credential::Token {
                tasks: Some(tasks), ..
            } => tasks.contains(task),
            _ => true,
        }
    }

    /// Whether they see every task, also those to come.
    #[must_use]
    pub fn sees_all(&self) -> bool {
        !matches!(self.credential, Credential::Token { tasks: Some(_), .. })
    }
}
