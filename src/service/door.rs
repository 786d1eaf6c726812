//! How commands on the same machine find the service of a data folder: a file
//! in the folder, which only its owner can read, says where the service listens
//! and holds a token that lives as long as its process. Whoever can read the
//! file owns the database anyway.

use super::Error;
use super::hold::Hold;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Where a service listens, and what lets its owner in.
#[derive(Clone, Serialize, Deserialize)]
pub struct Door {
    /// Its address.
    pub url: String,
    /// Sent as `Authorization: Bearer …`, it makes who sends it the owner of
    /// the data folder.
    pub token: String,
    /// The process.
    pub pid: u32,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Door({})", self.url)
    }
}

impl Door {
    /// Tells commands where this process listens.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn open(data_dir: &Path, at: SocketAddr) -> Result<Self, Error> {
        // Listening everywhere includes here.
        let host = match at.ip() {
            ip if ip.is_unspecified() => SocketAddr::from(([127, 0, 0, 1], at.port())),
            _ => at,
        };
        let secret = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()];
        let door = Self {
            url: format!("http://{host}"),
            token: secret.map(|part| part.simple().to_string()).concat(),
            pid: std::process::id(),
        };
        let path = file(data_dir);
        let failed = || Error::io(format!("{} could not be written", path.display()));
        // A new file, so that whoever reads it reads all of it.
        let new = path.with_extension("new");
        drop(std::fs::remove_file(&new));
        let mut out = OpenOptions::new();
        let mut out = out
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)
            .map_err(failed())?;
        let text = serde_json::json!(door).to_string();
        out.write_all(text.as_bytes()).map_err(failed())?;
        std::fs::rename(&new, &path).map_err(failed())?;
        Ok(door)
    }

    /// Nobody listens any more.
    pub fn close(data_dir: &Path) {
        drop(std::fs::remove_file(file(data_dir)));
    }

    /// The service of a data folder, if one is there.
    #[must_use]
    pub fn find(data_dir: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(file(data_dir)).ok()?;
        // One that was killed could not take its file away.
        if !Hold::is_taken(data_dir) {
            return None;
        }
        serde_json::from_str(&text).ok()
    }
}

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("server.json")
}
