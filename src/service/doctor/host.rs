//! What is on this machine: folders, the disk, certificates, limits.

use super::{Check, PATIENCE, certificates, files, keeping, room, slow};
use crate::catalogue::{Catalogue, Found};
use crate::config::Config;
use crate::threads::off_thread;
use chrono::Utc;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use tokio::time::timeout;

type Look = fn(&Config) -> Vec<Check>;

/// The local checks, each on a thread of its own.
pub(super) async fn checks(config: &Arc<Config>) -> Vec<Check> {
    let looks: [(&'static str, Look); 9] = [
        ("data folder", data_folder),
        ("disk", disk),
        ("tasks", tasks),
        ("writers", files::writers),
        ("owners", files::owners),
        ("certificates", extra_ca),
        ("inotify", inotify),
        ("master key", keeping::key),
        ("backups", keeping::backups),
    ];
    let looks = looks.map(|(name, look)| {
        let config = config.clone();
        async move {
            let found = timeout(PATIENCE, off_thread(move || look(&config))).await;
            found.unwrap_or_else(|_| vec![slow(name)])
        }
    });
    futures::future::join_all(looks).await.concat()
}

fn data_folder(config: &Config) -> Vec<Check> {
    const NAME: &str = "data folder";
    let path = &config.data_dir;
    let shown = path.display();
    let folder = match fs::metadata(path) {
        Ok(folder) => folder,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let above = existing(path);
            return vec![if writable(above) {
                Check::ok(NAME, format!("{shown} will be made by the first run"))
            } else {
                Check::error(NAME, format!("{shown} cannot be made: {} is not yours to write", above.display()))
                    .then("choose another folder (data_dir in runbay.toml), or make it and give it to this user")
            }];
        }
        Err(error) => {
            return vec![Check::error(
                NAME,
                format!("cannot look at {shown}: {error}"),
            )];
        }
    };
    if !folder.is_dir() {
        return vec![
            Check::error(NAME, format!("{shown} is not a folder"))
                .then("move it away, or choose another (data_dir in runbay.toml)"),
        ];
    }
    if !writable(path) {
        return vec![
            Check::error(NAME, format!("{shown} is not yours to write")).then(format!(
                "give it to this user: chown -R \"$USER\" '{shown}'"
            )),
        ];
    }
    let mode = folder.permissions().mode() & 0o777;
    vec![if mode & 0o077 == 0 {
        Check::ok(NAME, format!("{shown}, for you alone"))
    } else {
        // Logs and artifacts may hold what scripts print: anything.
        Check::warning(
            NAME,
            format!("others may look into {shown} (mode {mode:03o})"),
        )
        .then(format!("chmod 700 '{shown}'"))
    }]
}

fn disk(config: &Config) -> Vec<Check> {
    let least = config.free_space;
    let mut check = room("disk", existing(&config.data_dir), least);
    check.found = format!("{}; no run begins below {least}", check.found);
    vec![check]
}

/// The folder itself, or the nearest above it that is there.
fn existing(path: &Path) -> &Path {
    path.ancestors()
        .find(|path| path.exists())
        .unwrap_or(Path::new("/"))
}

fn writable(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

fn tasks(config: &Config) -> Vec<Check> {
    const NAME: &str = "tasks";
    let shown = config.tasks_dir.display();
    if !config.tasks_dir.exists() {
        return vec![
            Check::note(NAME, format!("{shown} is not there yet"))
                .then("`runbay new <name>` begins a task"),
        ];
    }
    let catalogue = Catalogue::new(
        config.tasks_dir.clone(),
        config.global_envs_dir.clone(),
        config.images_dir.clone(),
    );
    let found = match catalogue.scan() {
        Ok(found) => found,
        Err(error) => return vec![Check::error(NAME, crate::domain::report(&error))],
    };
    let wrong: Vec<String> = found
        .iter()
        .filter_map(|one| match one {
            Found::NotATask { path, .. } => Some(path.file_name()?.to_string_lossy().into_owned()),
            Found::Task(_) => None,
        })
        .collect();
    let good = found.len() - wrong.len();
    vec![if wrong.is_empty() {
        Check::ok(NAME, format!("{good} in {shown}"))
    } else {
        let few = wrong.iter().take(5).map(String::as_str).collect::<Vec<_>>();
        let more = if wrong.len() > few.len() { ", …" } else { "" };
        Check::warning(
            NAME,
            format!(
                "{good} in {shown}, and {} that cannot run: {}{more}",
                wrong.len(),
                few.join(", ")
            ),
        )
        .then("`runbay check` says why")
    }]
}

fn extra_ca(config: &Config) -> Vec<Check> {
    const NAME: &str = "certificates";
    let Some(path) = &config.extra_ca else {
        return vec![Check::ok(
            NAME,
            "no extra ones are set; the public ones count",
        )];
    };
    let shown = path.display();
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return vec![Check::error(NAME, format!("cannot read {shown}: {error}"))
            .then("builds need this file: set extra_ca in runbay.toml to another, or unset SSL_CERT_FILE")],
    };
    let read = certificates::expiries(&bytes);
    let total = read.len();
    let bad = read.iter().filter(|one| one.is_none()).count();
    let now = Utc::now();
    let old = read.iter().flatten().filter(|end| **end < now).count();
    vec![if total == 0 || bad == total {
        Check::error(
            NAME,
            format!("{shown} holds no certificate that can be read"),
        )
        .then("it must hold PEM text, “-----BEGIN CERTIFICATE-----”")
    } else if bad > 0 {
        Check::warning(NAME, format!("{bad} of {total} in {shown} cannot be read"))
            .then("make the file anew from its source")
    } else if old == total {
        Check::warning(NAME, format!("all {total} in {shown} have expired")).then(
            "get the present ones; builds fail behind a proxy whose certificate is not trusted",
        )
    } else if old > 0 {
        Check::note(NAME, format!("{old} of {total} in {shown} have expired"))
    } else {
        Check::ok(NAME, format!("{total} in {shown}, none expired"))
    }]
}

/// Limits of watching files. One user's editors and tools share them.
fn inotify(_: &Config) -> Vec<Check> {
    const NAME: &str = "inotify";
    let limit = |name: &str| -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/sys/fs/inotify/{name}")).ok()?;
        text.trim().parse().ok()
    };
    let (Some(watches), Some(instances)) = (limit("max_user_watches"), limit("max_user_instances"))
    else {
        return vec![Check::note(NAME, "this kernel does not tell its limits")];
    };
    let found = format!("{watches} watches, {instances} watchers for this user");
    vec![if watches < 8192 || instances < 64 {
        Check::note(
            NAME,
            format!("{found}: changes of many tasks may be noticed late"),
        )
        .then("sysctl fs.inotify.max_user_watches=65536 fs.inotify.max_user_instances=512")
    } else {
        Check::ok(NAME, found)
    }]
}

/// The owner of a file and who else may write it, for messages.
pub(super) fn owner_and_mode(path: &Path) -> Option<(u32, u32)> {
    let found = fs::metadata(path).ok()?;
    Some((found.uid(), found.permissions().mode()))
}
