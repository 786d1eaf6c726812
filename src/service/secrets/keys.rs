//! The master key of this database: found, held against the canary, remembered,
//! and changed.

use super::super::{App, Error};
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::InstanceId;
use crate::domain::secret::{KeyId, Sealed, Secret};
use crate::store::{MasterKeyRow, StoreError};
use crate::threads::off_thread;
use crate::vault::{self, Bound, CannotOpen, KeyFile, KeyFileError, Ring};
use chrono::Utc;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

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

/// What became of changing the master key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Rotated {
    /// What names the new key without telling anything of it.
    pub key: KeyId,
    /// Whether the key file could not be written, and holds the old key still.
    pub old_key_left: bool,
}

/// Seals with another master key all that the old one sealed: with the last one of
/// the key file if that is not in use yet, else with a new one that is added to it.
/// Then takes the old one out of the file. Killed on the way, everything opens with
/// the file as it is then.
///
/// # Errors
/// When the key file has no newer key and cannot be written, or a value cannot be
/// opened; nothing is changed then.
pub async fn rotate_master(app: &App, actor: &Actor) -> Result<Rotated, Error> {
    let _alone = one_at_a_time(app).await?;
    // Anew, for a key may have been added to the file since it was read.
    let row = app.store.master_key().await?;
    let old = load(app, row).await?;
    let both = match old.newest() {
        Some(both) => both,
        None => {
            let both = old.renewed().map_err(KeyError::from)?;
            let (key, written) = (file(app), both.clone());
            let put = off_thread(move || key.replace(&written)).await;
            put.map_err(KeyError::from)?;
            both
        }
    };
    // If this fails the file opens whichever of the two the database holds to.
    change(app, actor, (&old, &both)).await?;
    let new = both.alone();
    let id = new.id().clone();
    *app.secrets.held() = Some(new.clone());
    let key = file(app);
    let kept = off_thread(move || key.replace(&new)).await;
    Ok(Rotated {
        key: id,
        old_key_left: kept.is_err(),
    })
}

/// A new master key as the text of a key file, for one that something else provides.
///
/// # Errors
/// When the system gives no random numbers.
pub fn new_key() -> Result<Zeroizing<String>, Error> {
    Ok(vault::new_text().map_err(KeyError::from)?)
}

/// Two changes at once would write over each other's key: the second waits.
async fn one_at_a_time(app: &App) -> Result<File, Error> {
    let path = app.config.data_dir.join("rotate.lock");
    let what = format!("the lock {} could not be taken", path.display());
    let locked = off_thread(move || {
        let mut file = OpenOptions::new();
        let file = file.write(true).create(true).truncate(false).mode(0o600);
        let file = file.open(path)?;
        file.lock().map(|()| file)
    });
    locked.await.map_err(Error::io(what))
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
