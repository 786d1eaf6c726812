//! Whether every secret opens, and every task has what it names.

use super::super::{App, Error};
use super::{keys, view};
use crate::domain::secret::KeyId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a look at all secrets found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Checkup {
    /// The file with the master key.
    pub key_file: PathBuf,
    /// The master key; none before the first secret.
    pub key: Option<KeyId>,
    /// How many secrets there are.
    pub secrets: usize,
    /// What is wrong; empty when nothing is.
    pub problems: Vec<String>,
    /// What is right, but may surprise.
    pub notes: Vec<String>,
}

/// Opens every value, and looks whether each task may have what it names.
///
/// # Errors
/// When the master key is missing or another, or the database fails.
pub async fn check(app: &App) -> Result<Checkup, Error> {
    let row = app.store.master_key().await?;
    let key = match row {
        Some(_) => Some(keys::ring(app).await?.id().clone()),
        None => None,
    };
    let secrets = view::list(app).await?;
    let (mut problems, mut notes) = (Vec::new(), Vec::new());
    for kept in app.store.secret_values().await? {
        let (id, version) = (kept.secret.to_string(), kept.version.to_string());
        let parts = ["secret", &id, &version];
        match keys::open(app, kept.name.as_str(), &parts, &kept.value).await {
            Ok(value) if !value.is_masked() => notes.push(format!(
                "the value of {} is too short to be masked in logs",
                kept.name
            )),
            Ok(_) => {}
            Err(error) => problems.push(crate::domain::report(&error)),
        }
    }
    for secret in secrets.iter().filter(|secret| secret.version.is_none()) {
        problems.push(format!(
            "{0} has no value: `runbay secret set {0}` gives it one",
            secret.name
        ));
    }
    for (name, tasks) in view::named(app).await? {
        for task in tasks {
            let lacking = app.store.lacking(&task, vec![name.clone()]).await?;
            let without = secrets
                .iter()
                .any(|s| s.name.as_str() == name && s.version.is_none());
            let advice = lacking.iter().map(|lack| lack.advice(&task));
            // That it has no value was said above.
            problems.extend(advice.filter(|_| !without));
        }
    }
    for secret in &secrets {
        for of in secret.tasks.iter().filter(|of| !of.named) {
            notes.push(format!(
                "{} may have {} and does not name it in its manifest",
                of.task, secret.name
            ));
        }
    }
    Ok(Checkup {
        key_file: app.config.key_file.clone(),
        key,
        secrets: secrets.len(),
        problems,
        notes,
    })
}
