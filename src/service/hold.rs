//! One service per data folder, and one data folder per identity.
//!
//! The lock on the folder lasts as long as the process that took it, paused or
//! not, so a second service cannot begin while a first one might go on; that is
//! why no write needs to ask again who is in charge. A folder that was copied
//! has the identity of the original and would claim its containers: a volume on
//! the engine, which is never used, says which folder the identity belongs to.

use super::{App, Error};
use crate::engine::labels;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

/// The label that says where the folder of an identity is.
const FOLDER: &str = "runbay.folder";
/// The kind of the volume that carries it.
const KIND: &str = "lease";

/// How long somebody may look, and how often one after the other.
const LOOK: Duration = Duration::from_millis(5);
const LOOKS: u32 = 20;

/// The right to serve a data folder, until dropped.
#[derive(Debug)]
pub struct Hold {
    #[expect(dead_code, reason = "the open file is the lock")]
    file: File,
}

/// What the lock file says of its holder.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    since: chrono::DateTime<chrono::Utc>,
}

impl Hold {
    /// Takes the data folder.
    ///
    /// # Errors
    /// `Conflict`, which names the holder, when another service has it.
    pub fn take(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join("service.lock");
        let failed = || Error::io(format!("the lock {} could not be taken", path.display()));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed())?;
        match try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::Error(source)) => return Err(failed()(source)),
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                drop(file.read_to_string(&mut text));
                let holder = serde_json::from_str::<Holder>(&text).map_or_else(
                    |_| "another process".to_owned(),
                    |by| format!("process {}, since {}", by.pid, by.since.format("%F %T UTC")),
                );
                return Err(Error::Conflict(format!(
                    "{} is served already by {holder}: stop that one first, or give this one a data folder of its own (data_dir in runbay.toml)",
                    data_dir.display()
                )));
            }
        }
        let holder = Holder {
            pid: std::process::id(),
            since: chrono::Utc::now(),
        };
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(serde_json::json!(holder).to_string().as_bytes())
        };
        write(&mut file).map_err(failed())?;
        Ok(Self { file })
    }

    /// Whether a service has the data folder.
    #[must_use]
    pub fn is_taken(data_dir: &Path) -> bool {
        let Ok(file) = File::open(data_dir.join("service.lock")) else {
            return false;
        };
        // Shared: two commands that look at once must not see each other.
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

/// Takes the lock. Whoever looks whether it is taken has it for a moment, which is
/// waited for; a service has it for as long as it lasts.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOOKS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
            other => return other,
        }
    }
    file.try_lock()
}

/// Makes sure that the identity of the database belongs to this folder of this
/// machine. With `takeover` it does from now on.
///
/// # Errors
/// `Conflict` when it belongs to another folder: this one is a copy, or was
/// moved.
pub async fn lease(app: &App, takeover: bool) -> Result<(), Error> {
    let engine = &app.driver().await?.engine;
    let instance = app.store.instance();
    let name = format!("runbay-{}-lease", instance.short());
    let here = identity(&app.config.data_dir)?;
    let owned = (labels::INSTANCE.to_owned(), instance.to_string());
    let kind = (labels::KIND.to_owned(), KIND.to_owned());
    let found = engine.volumes(&[owned.clone(), kind.clone()]).await?;
    if let Some(found) = found.iter().find(|volume| volume.name == name) {
        let there = found.labels.get(FOLDER);
        if there == Some(&here) {
            return Ok(());
        }
        if !takeover {
            return Err(Error::Conflict(format!(
                "{} is a copy: what runs on the engine belongs to the folder it was copied from ({}, this one is {here}). If it was moved or restored, and nothing else serves the original, start once with --takeover; else remove its runbay.db to begin anew",
                app.config.data_dir.display(),
                there.map_or("unknown", String::as_str),
            )));
        }
        engine.remove_volume(&name).await?;
    }
    let folder = (FOLDER.to_owned(), here);
    Ok(engine.ensure_volume(&name, &[owned, kind, folder]).await?)
}

/// What no copy of the folder has: the machine, the file system and the inode.
fn identity(data_dir: &Path) -> Result<String, Error> {
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let folder = std::fs::metadata(data_dir).map_err(Error::io(format!(
        "{} could not be looked at",
        data_dir.display()
    )))?;
    let machine = machine.trim();
    let machine = if machine.is_empty() { "-" } else { machine };
    Ok(format!("{machine}:{}:{}", folder.dev(), folder.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_was_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = Hold::take(folder.path()).unwrap();
        let told = Hold::take(folder.path()).unwrap_err().to_string();
        assert!(
            told.contains(&format!("process {}", std::process::id())),
            "{told}"
        );
        drop(first);
        Hold::take(folder.path()).unwrap();
    }

    #[test]
    fn whoever_only_looks_is_in_nobodys_way() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let folder = tempfile::tempdir().unwrap();
        let over = AtomicBool::new(false);
        let taken = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let _ = Hold::is_taken(folder.path());
                }
            });
            let taken: Result<Vec<_>, _> = (0..200)
                .map(|_| Hold::take(folder.path()).map(drop))
                .collect();
            over.store(true, Ordering::Relaxed);
            taken
        });
        assert_eq!(taken.unwrap().len(), 200);
    }

    #[test]
    fn a_copy_has_another_identity() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ids = [one.path(), two.path(), one.path()].map(|path| identity(path).unwrap());
        assert_ne!(ids[0], ids[1]);
        assert_eq!(ids[0], ids[2]);
    }
}
