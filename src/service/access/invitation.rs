//! How the first person gets in: a link that is printed where the service was
//! started, or, when other machines can reach it, a key that makes the first
//! admin. Neither is a password that somebody could know beforehand.

use super::Mode;
use crate::config::Server;
use crate::domain::secret::Secret;
use crate::service::{App, Error};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Says to whoever started the service how they get in. The setup key is also
/// written to a file that only they can read, for where output is not seen.
///
/// # Errors
/// When the key cannot be made or written.
pub async fn invite(app: &App, (mode, at): (Mode, SocketAddr), say: fn(&str)) -> Result<(), Error> {
    let site = address(&app.config.server, at);
    let file = setup_file(&app.config.data_dir);
    // That of an earlier start, which is good no longer.
    if let Err(error) = std::fs::remove_file(&file)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(Error::io(format!("cannot remove {}", file.display()))(
            error,
        ));
    }
    match mode {
        Mode::Local => {
            let key = app.access.new_link_key().await?;
            say(&format!(
                "open {}  (signs one browser in, once)",
                link(&site, &key)
            ));
        }
        Mode::Exposed { setup: false } => say(&format!("open {site}")),
        Mode::Exposed { setup: true } => {
            let key = app.access.new_setup_key().await?;
            let written = write(&file, &key);
            written.map_err(Error::io(format!("cannot write {}", file.display())))?;
            say(&format!(
                "nobody can sign in yet: within 30 minutes, open {site}/#setup={}\n\
                 and make the first admin; the key is in {}, too.\n\
                 Or, where it runs and while it does: `runbay user add <name> --role admin`.",
                key.reveal(),
                file.display()
            ));
        }
    }
    Ok(())
}

/// Where a browser on this machine or elsewhere finds the service.
#[must_use]
pub fn address(server: &Server, at: SocketAddr) -> String {
    match &server.external_url {
        Some(url) => url.to_string(),
        // Listening everywhere includes here.
        None if at.ip().is_unspecified() => format!("http://127.0.0.1:{}", at.port()),
        None => format!("http://{at}"),
    }
}

/// The link of a key. What follows `#` stays in the browser: it is in no log,
/// and no page that is linked to sees it.
#[must_use]
pub fn link(site: &str, key: &Secret) -> String {
    format!("{site}/#link={}", key.reveal())
}

fn setup_file(data_dir: &Path) -> PathBuf {
    data_dir.join("setup.key")
}

fn write(path: &Path, key: &Secret) -> std::io::Result<()> {
    let mut file = OpenOptions::new();
    let mut file = file.write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", key.reveal())
}
