//! What tells people of failures: the mail server, and hooks. Nothing is sent.

use super::{Check, PATIENCE};
use crate::config::Config;
use crate::deliver::mail::Office;
use crate::store::Store;
use tokio::time::timeout;

/// Whether the mail server is there and talks as the settings want it to. It is
/// not signed in to: the password is sealed.
pub(super) async fn mail(config: &Config) -> Option<Check> {
    const NAME: &str = "mail";
    let host = config.mail.host.as_ref()?;
    let office = Office {
        mail: &config.mail,
        password: None,
        ca: config.extra_ca.as_deref(),
    };
    let why = match timeout(PATIENCE, office.knock()).await {
        Ok(Ok(())) => {
            let found = format!("{host} takes mail; `runbay hook test NAME` sends one through it");
            return Some(Check::ok(NAME, found));
        }
        Ok(Err(why)) => why,
        Err(_) => format!("no answer within {} s", PATIENCE.as_secs()),
    };
    Some(
        Check::warning(NAME, format!("{host} cannot be used: {why}")).then(
            "see [mail] in runbay.toml: host, port, and tls (implicit, starttls or none); is a firewall in between?",
        ),
    )
}

/// Whether what is to be told comes through.
pub(super) async fn hooks(store: Option<&Store>) -> Option<Check> {
    const NAME: &str = "hooks";
    let hooks = match store?.hooks().await {
        Ok(hooks) if hooks.is_empty() => return None,
        Ok(hooks) => hooks,
        Err(error) => return Some(Check::error(NAME, crate::domain::report(&error))),
    };
    let troubled = hooks
        .iter()
        .filter(|hook| hook.failures > 0 || hook.dead > 0);
    let told: Vec<_> = troubled
        .map(|hook| {
            format!(
                "{} ({} given up, {} wait)",
                hook.name, hook.dead, hook.waiting
            )
        })
        .collect();
    if told.is_empty() {
        let found = format!(
            "{}, and all that was to be told is told or waits",
            hooks.len()
        );
        return Some(Check::ok(NAME, found));
    }
    Some(
        Check::warning(NAME, format!("not everything comes through: {}", told.join(", "))).then(
            "`runbay hook log NAME` says why, `runbay hook test NAME` tries it, `runbay hook redeliver NAME` sends again what was given up",
        ),
    )
}
