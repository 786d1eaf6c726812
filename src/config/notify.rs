//! `[notify]` and `[mail]`: whom hooks may tell, and how mail is sent.

use super::file::{Fault, fault};
use crate::domain::net::AddressRange;
use serde::{Deserialize, Serialize};

/// Whom hooks may tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// Addresses that are not of the public network, or are reached without TLS,
    /// and may be told all the same.
    pub allow: Vec<AddressRange>,
}

/// How mail is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// The server; without one no mail is sent.
    pub host: Option<String>,
    /// Its port; none is the usual one of `tls`.
    pub port: Option<u16>,
    /// How the connection is encrypted.
    pub tls: MailTls,
    /// The address that mail is from, such as `Runbay <runbay@example.org>`.
    pub from: Option<String>,
    /// The user to sign in as.
    pub username: Option<String>,
    /// The name of the secret that holds the password.
    pub password: Option<String>,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// From the first byte on (port 465).
    Implicit,
    /// After a greeting, always (port 587).
    #[default]
    Starttls,
    /// Not at all (port 25); never with a password.
    None,
}

/// Checks what the types do not.
pub(super) fn check(mail: &Mail) -> Result<(), Fault> {
    if mail.host.is_none() {
        return Ok(());
    }
    let Some(from) = &mail.from else {
        return Err(fault(&["mail", "from"], "is missing: whom is mail from?"));
    };
    if from.parse::<lettre::message::Mailbox>().is_err() {
        let message = "is no address: write runbay@example.org or Runbay <runbay@example.org>";
        return Err(fault(&["mail", "from"], message));
    }
    if mail.username.is_some() != mail.password.is_some() {
        let message = "username and password (the name of a secret) belong together";
        return Err(fault(&["mail", "username"], message));
    }
    let name = mail
        .password
        .as_ref()
        .map(|name| name.parse::<crate::domain::secret::SecretName>());
    if let Some(Err(why)) = name {
        return Err(fault(&["mail", "password"], why.to_string()));
    }
    if mail.tls == MailTls::None && mail.password.is_some() {
        let message =
            "“none” would send the password for everybody to read: take starttls or implicit";
        return Err(fault(&["mail", "tls"], message));
    }
    Ok(())
}
