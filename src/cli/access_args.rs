//! What can be typed after `runbay user`, `runbay token` and `runbay audit`.

use crate::domain::access::{Role, Scope};
use crate::domain::ids::{TaskName, TokenId, UserName};
use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum UserCommand {
    /// Make a user
    Add {
        /// The name
        name: UserName,
        /// What they may do at most
        #[arg(short, long, value_enum, default_value_t = Role::Operator)]
        role: Role,
        /// Let a viewer read logs, too
        #[arg(long)]
        logs: bool,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// List users
    Ls {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set the password of a user, which ends their sessions
    Passwd {
        /// The name
        name: UserName,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Set what a user may do at most
    Role {
        /// The name
        name: UserName,
        /// What they may do at most
        #[arg(value_enum)]
        role: Role,
        /// Whether a viewer may read logs, too
        #[arg(long, value_name = "true|false")]
        logs: Option<bool>,
    },
    /// Let a user in no longer: their sessions end, their tokens rest
    Disable {
        /// The name
        name: UserName,
    },
    /// Let a user in again
    Enable {
        /// The name
        name: UserName,
    },
    /// Remove a user with their sessions and tokens
    Rm {
        /// The name
        name: UserName,
    },
    /// Print a link that signs one browser in, once, as the owner of this folder
    Link,
}

#[derive(Debug, Args)]
pub(super) struct PasswordArgs {
    /// Read the password from a file, “-” for standard input, instead of asking
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum TokenCommand {
    /// Make a token for a program, and print it: it is shown this once
    Create {
        /// What it is for
        name: String,
        /// What it may do at most; several with commas
        #[arg(
            short,
            long = "scope",
            value_enum,
            required = true,
            value_delimiter = ',',
            value_name = "SCOPE"
        )]
        scopes: Vec<Scope>,
        /// A task it is for; without any it is for all
        #[arg(short, long = "task", value_name = "TASK", value_delimiter = ',')]
        tasks: Vec<TaskName>,
        /// For how many days
        #[arg(long, value_name = "DAYS", default_value_t = crate::service::access::TOKEN_DAYS)]
        days: u32,
        /// For ever
        #[arg(long, conflicts_with = "days")]
        forever: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List tokens, everybody's
    Ls {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke tokens
    Revoke {
        /// Their ids, as `runbay token ls` shows them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<TokenId>,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    pub(super) command: Option<AuditCommand>,
    #[command(flatten)]
    pub(super) list: AuditLs,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum AuditCommand {
    /// List what was done, newest first
    Ls(AuditLs),
    /// Read the whole log and find what was changed in it
    Verify {
        /// An entry that you know, as an earlier `verify` printed it: that the
        /// log still holds it shows that it was not written anew
        #[arg(long, value_name = "SEQ:DIGEST", value_parser = known)]
        known: Option<(i64, String)>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct AuditLs {
    /// Only acts of this name
    #[arg(long, value_name = "NAME")]
    pub(super) actor: Option<String>,
    /// At most so many
    #[arg(short = 'n', long, default_value_t = 50)]
    pub(super) limit: u32,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

fn known(text: &str) -> Result<(i64, String), String> {
    let parts = text.split_once(':').and_then(|(seq, hash)| {
        let whole = hash.len() == 64 && hash.bytes().all(|c| c.is_ascii_hexdigit());
        let seq = seq.parse().ok()?;
        whole.then(|| (seq, hash.to_ascii_lowercase()))
    });
    parts.ok_or_else(|| "write it as `runbay audit verify` prints it: 17:4f3a…".to_owned())
}

impl ValueEnum for Role {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Viewer => "looks at tasks and runs",
            Self::Operator => "also starts and cancels runs, and reads logs",
            Self::Admin => "may do everything, also change code",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

impl ValueEnum for Scope {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}
