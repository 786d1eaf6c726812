//! Who may write what Runbay acts upon, and whether it may itself. Whoever writes a
//! task runs code with its secrets; whoever writes `images/` installs packages as
//! root in images.

use super::Check;
use super::host::owner_and_mode;
use crate::config::{Config, FILE};
use rustix::fs::{Access, access};
use std::fs;
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

/// What this user may not do with what people wrote.
#[derive(Default)]
struct Barred {
    /// What cannot be read.
    closed: Vec<PathBuf>,
    /// Folders that cannot be changed, in one that can: that is no decision, but
    /// how they were copied.
    fixed: Vec<PathBuf>,
    /// What is left of tasks that were deleted.
    left: Vec<PathBuf>,
}

/// Files of people that the service cannot read, and task folders that it cannot
/// change, such as those that `docker cp` made root's.
pub(super) fn owners(config: &Config) -> Vec<Check> {
    let mut barred = Barred::default();
    let folders = [
        &config.tasks_dir,
        &config.global_envs_dir,
        &config.images_dir,
        &config.calendars_dir,
    ];
    for folder in folders {
        let writable = access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok();
        for path in inside(folder) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(".deleted-") {
                barred.left.push(path);
            } else {
                barred.look(&path, writable);
            }
        }
    }
    barred.told()
}

impl Barred {
    fn look(&mut self, path: &Path, writable: bool) {
        let Ok(found) = fs::symlink_metadata(path) else {
            return;
        };
        if found.is_file() && access(path, Access::READ_OK).is_err() {
            self.closed.push(path.to_owned());
        }
        if !found.is_dir() {
            return;
        }
        if access(path, Access::READ_OK | Access::EXEC_OK).is_err() {
            self.closed.push(path.to_owned());
            return;
        }
        if writable && access(path, Access::WRITE_OK).is_err() {
            self.fixed.push(path.to_owned());
        }
        for below in inside(path) {
            self.look(&below, writable);
        }
    }

    fn told(&self) -> Vec<Check> {
        const NAME: &str = "owners";
        let me = rustix::process::geteuid().as_raw();
        let give = |path: &Path| {
            format!(
                "as root: chown -R {me} '{}'; into a container, send it anew by tar --owner={me} (README.md, Deployment)",
                path.display()
            )
        };
        let mut found = Vec::new();
        if let Some((first, all)) = several(&self.closed) {
            let what =
                format!("user {me} may not read {all}: it does not run, and there are no backups");
            found.push(Check::error(NAME, what).then(give(first)));
        }
        if let Some((first, all)) = several(&self.fixed) {
            let what = format!(
                "user {me} may not change {all}: it can be neither saved nor deleted in the web interface"
            );
            found.push(Check::warning(NAME, what).then(give(first)));
        }
        if let Some((first, all)) = several(&self.left) {
            let what =
                format!("{all} is left of a task that was deleted and could not be removed whole");
            found.push(
                Check::warning(NAME, what).then(format!("as root: rm -r '{}'", first.display())),
            );
        }
        if found.is_empty() {
            found.push(Check::ok(
                NAME,
                format!("user {me} may read what people wrote, and change it where that is meant"),
            ));
        }
        found
    }
}

/// The first of them, and the text for all.
fn several(paths: &[PathBuf]) -> Option<(&Path, String)> {
    let first = paths.first()?;
    let owner = owner_and_mode(first).map_or(String::new(), |(owner, mode)| {
        format!(" (user {owner}'s, mode {:03o})", mode & 0o777)
    });
    let more = match paths.len() - 1 {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    Some((first, format!("{}{owner}{more}", first.display())))
}

fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}

/// A sticky folder (such as `/tmp`) lets nobody touch what is another's.
fn anybody_writes(path: &Path) -> bool {
    owner_and_mode(path).is_some_and(|(_, mode)| mode & 0o002 != 0 && mode & 0o1000 == 0)
}
