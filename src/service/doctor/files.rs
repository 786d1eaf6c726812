//! Who may write what Runbay acts upon. Whoever writes a task runs code with
//! its secrets; whoever writes `images/` installs packages as root in images.

use super::Check;
use super::host::owner_and_mode;
use crate::config::{Config, FILE};
use std::path::{Path, PathBuf};

const NAME: &str = "writers";

/// Files and folders that others may write: the settings, and the folders of
/// people with what is directly in them.
pub(super) fn writers(config: &Config) -> Vec<Check> {
    let mut paths = vec![config.home.clone(), config.home.join(FILE)];
    for folder in [
        &config.tasks_dir,
        &config.global_envs_dir,
        &config.images_dir,
    ] {
        paths.push(folder.clone());
        paths.extend(inside(folder));
    }
    let mut found = Vec::new();
    let open: Vec<_> = paths.iter().filter(|path| anybody_writes(path)).collect();
    if let Some(first) = open.first() {
        let more = match open.len() - 1 {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        found.push(
            Check::warning(
                NAME,
                format!(
                    "every user of this machine may write {}{more}",
                    first.display()
                ),
            )
            .then(format!("chmod -R o-w '{}'", config.home.display())),
        );
    }
    let me = rustix::process::geteuid().as_raw();
    let mut images = vec![config.images_dir.clone()];
    images.extend(inside(&config.images_dir));
    let strange = images.iter().find_map(|path| {
        let (owner, _) = owner_and_mode(path)?;
        (owner != me && owner != 0).then_some((path, owner))
    });
    if let Some((path, owner)) = strange {
        found.push(
            Check::warning(
                NAME,
                format!(
                    "user {owner} owns {}, so decides what is installed as root in images",
                    path.display()
                ),
            )
            .then(format!(
                "chown -R {me} '{}', unless that is meant",
                config.images_dir.display()
            )),
        );
    }
    if found.is_empty() {
        found.push(Check::ok(
            NAME,
            "settings, tasks and templates are not open to everybody",
        ));
    }
    found
}

fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}

/// A sticky folder (such as `/tmp`) lets nobody touch what is another's.
fn anybody_writes(path: &Path) -> bool {
    owner_and_mode(path).is_some_and(|(_, mode)| mode & 0o002 != 0 && mode & 0o1000 == 0)
}
