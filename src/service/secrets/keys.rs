//! The master key of this database: found, held against the canary, remembered,
//! and changed.

use super::super::{App, Error};
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::InstanceId;
use crate::domain::secret::{KeyId, Sealed, Secret};
use crate::store::{MasterKeyRow, StoreError};
use crate::threads::off_thread;
use crate::vault::{Bound, CannotOpen, KeyFile, KeyFileError, Ring};
use chrono::Utc;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is sealed to know the key by.
const WORD: &str = "runbay";

/// Why no secret can be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key file is not there.
    #[error(
        "the secrets in this database need the master key {id}, and there is no file {}: put it back from your copy, or name its place by secrets.key_file (RUNBAY_SECRETS_KEY_FILE); if it is lost for good, `runbay secret forget` lets the values go, so that they can be set anew", path.display()
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
        /// The key.
        id: KeyId,
    },
    /// The key file is another.
    #[error(
        "{} holds the master key {found}, and the secrets in this database need {id}: put that file back from your copy, or name its place by secrets.key_file (RUNBAY_SECRETS_KEY_FILE); nothing was changed", path.display()
    )]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Its key.
        found: KeyId,
        /// The key it should be.
        id: KeyId,
    },
    /// The key file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// A value stays shut.
    #[error("the value of {name} cannot be opened: set it anew with `runbay secret set {name}`")]
    Value {
        /// The secret.
        name: String,
        /// Why.
        #[source]
        source: CannotOpen,
    },
    /// Nothing can be sealed.
    #[error("nothing can be sealed")]
    Seal(#[from] CannotOpen),
}

/// The master keys that this process has read.
#[derive(Debug, Default)]
pub struct Keys(Mutex<Option<Ring>>);

impl Keys {
    fn held(&self) -> MutexGuard<'_, Option<Ring>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a sealed value of this database is bound to.
pub(super) fn bound(instance: &InstanceId, parts: &[&str]) -> Bound {
    let id = instance.to_string();
    let all: Vec<&str> = std::iter::once(id.as_str())
        .chain(parts.iter().copied())
        .collect();
    Bound::to(&all)
}

fn file(app: &App) -> KeyFile {
    KeyFile::at(app.config.key_file.clone())
}

/// The key that seals for this database now, and those that open. Made with its
/// file when there is none yet and nothing needs one.
pub(super) async fn ring(app: &App) -> Result<Ring, Error> {
    let row = app.store.master_key().await?;
    let held = app.secrets.held().clone();
    match (row, held) {
        // Another process may have changed the key since it was read.
        (Some(row), Some(ring)) if *ring.id() == row.canary.key => Ok(ring),
        (row, _) => load(app, row).await,
    }
}

async fn load(app: &App, row: Option<MasterKeyRow>) -> Result<Ring, Error> {
    let (key, path) = (file(app), app.config.key_file.clone());
    let read = off_thread(move || key.read()).await;
    let read = read.map_err(KeyError::from)?;
    let instance = app.store.instance();
    let bound = bound(&instance, &["canary"]);
    let (row, ring) = match (row, read) {
        (Some(row), Some(ring)) => (row, ring),
        (Some(row), None) => {
            let id = row.canary.key;
            return Err(KeyError::Missing { path, id }.into());
        }
        (None, read) => {
            let key = file(app);
            let ring = match read {
                Some(ring) => ring,
                None => off_thread(move || key.make())
                    .await
                    .map_err(KeyError::from)?,
            };
            let canary = ring.seal(&bound, &Secret::new(WORD.to_owned()));
            let canary = canary.map_err(KeyError::from)?;
            (app.store.begin_master_key(canary, Utc::now()).await?, ring)
        }
    };
    let id = row.canary.key.clone();
    let ring = ring.led_by(&id);
    let opened = ring.open(&bound, &row.canary);
    if !opened.is_ok_and(|word| word.reveal() == WORD) {
        let found = ring.id().clone();
        return Err(KeyError::Wrong { path, found, id }.into());
    }
    *app.secrets.held() = Some(ring.clone());
    Ok(ring)
}

/// Opens a value of this database; `name` is for people.
pub(super) async fn open(
    app: &App,
    name: &str,
    parts: &[&str],
    sealed: &Sealed,
) -> Result<Secret, Error> {
    let opened = ring(app).await?;
    let opened = opened.open(&bound(&app.store.instance(), parts), sealed);
    opened.map_err(|source| {
        let name = name.to_owned();
        KeyError::Value { name, source }.into()
    })
}

/// Sees whether the master key of this database is there and the right one. One
/// that is not needed yet is not made.
///
/// # Errors
/// When it is not. Nothing is changed.
pub async fn verify(app: &App) -> Result<(), Error> {
    match app.store.master_key().await? {
        Some(row) => load(app, Some(row)).await.map(drop),
        None => Ok(()),
    }
}

/// Makes a new master key and seals with it all that the old one sealed; its id.
/// Killed on the way, everything opens with the file as it is then.
///
/// # Errors
/// When the key file cannot be written, or a value cannot be opened; nothing is
/// changed then.
pub async fn rotate_master(app: &App, actor: &Actor) -> Result<KeyId, Error> {
    let old = ring(app).await?.alone();
    let both = old.renewed().map_err(KeyError::from)?;
    let (key, written) = (file(app), both.clone());
    let put = off_thread(move || key.replace(&written)).await;
    put.map_err(KeyError::from)?;
    let changed = change(app, actor, (&old, &both)).await;
    let (key, rest) = match changed {
        Ok(()) => (file(app), both.alone()),
        // Whichever of the two the database holds to, the file opens it.
        Err(_) => (file(app), both.led_by(old.id())),
    };
    let id = rest.id().clone();
    *app.secrets.held() = Some(rest.clone());
    let kept = off_thread(move || key.replace(&rest)).await;
    changed?;
    kept.map_err(KeyError::from)?;
    Ok(id)
}

async fn change(app: &App, actor: &Actor, (old, both): (&Ring, &Ring)) -> Result<(), Error> {
    let instance = app.store.instance();
    let canary = both.seal(
        &bound(&instance, &["canary"]),
        &Secret::new(WORD.to_owned()),
    );
    let canary = canary.map_err(KeyError::from)?;
    let mut note = Note::done(actor.clone(), "secret.rotate_key").on(both.id());
    note.before = Some(super::key_digest(old.id()));
    note.after = Some(super::key_digest(both.id()));
    let ring = both.clone();
    let rewrap = move |parts: &[&str], sealed: &Sealed| {
        let again = ring.rewrap(&bound(&instance, parts), sealed);
        again.map_err(|error| {
            StoreError::Conflict(format!(
                "a value cannot be opened ({error}): `runbay secret check` tells which, and it is to be set anew or removed first"
            ))
        })
    };
    let old = (old.id().clone(), canary);
    app.store
        .change_master_key(old, rewrap, (note, Utc::now()))
        .await?;
    Ok(())
}

/// Forgets all values and the master key they were sealed with, for a key that
/// is lost; how many. Names and grants stay. The key file is left as it is.
///
/// # Errors
/// When the database cannot be written.
pub async fn forget(app: &App, actor: &Actor) -> Result<u64, Error> {
    let note = Note::done(actor.clone(), "secret.forget");
    let forgotten = app.store.forget_values(note, Utc::now()).await?;
    *app.secrets.held() = None;
    Ok(forgotten)
}
