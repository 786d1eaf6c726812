//! What would be missed most if it were lost: the master key, and a backup.

use super::Check;
use super::host::owner_and_mode;
use crate::config::Config;
use crate::service::backup;
use chrono::{TimeDelta, Utc};
use std::os::unix::fs::MetadataExt as _;

/// The file with the master key, and the folder it is in.
pub(super) fn key(config: &Config) -> Vec<Check> {
    const NAME: &str = "master key";
    let file = &config.key_file;
    let shown = file.display();
    let Some((owner, mode)) = owner_and_mode(file) else {
        return vec![Check::ok(
            NAME,
            format!("{shown} is made with the first secret"),
        )];
    };
    let me = rustix::process::geteuid().as_raw();
    vec![if mode & 0o077 != 0 {
        let mode = mode & 0o777;
        Check::error(
            NAME,
            format!("others may read {shown} (mode {mode:03o}): it opens every secret"),
        )
        .then(format!(
            "chmod 600 '{shown}', then `runbay secret rotate`, for it may have been read"
        ))
    } else if owner != me && me != 0 {
        Check::error(
            NAME,
            format!("{shown} belongs to user {owner}, not to this one ({me})"),
        )
        .then(format!("chown {me} '{shown}'"))
    } else {
        Check::ok(
            NAME,
            format!("{shown}, for you alone; keep a copy elsewhere"),
        )
    }]
}

/// A service makes a backup every night.
const LATE: TimeDelta = TimeDelta::hours(50);

/// The service's own backups: how old the newest is, and where it lies.
pub(super) fn backups(config: &Config) -> Vec<Check> {
    const NAME: &str = "backups";
    let folder = config.backup_dir();
    let shown = folder.display();
    if config.backup.nightly == 0 {
        return vec![
            Check::note(NAME, "the service makes none ([backup] nightly is 0)")
                .then("`runbay backup FILE` makes one"),
        ];
    }
    let all = match backup::list(config) {
        Ok(all) => all,
        Err(error) => return vec![Check::error(NAME, crate::domain::report(&error))],
    };
    let Some((_, newest, _)) = all.first() else {
        return vec![Check::note(
            NAME,
            format!("none yet in {shown}; a service makes one every night"),
        )];
    };
    let age = Utc::now() - *newest;
    let found = format!(
        "{} in {shown}, the newest {} hours old",
        all.len(),
        age.num_hours()
    );
    if age > LATE {
        return vec![Check::warning(NAME, found).then(
            "is a service running? Its log says why no backup could be made; `runbay backup FILE` makes one",
        )];
    }
    let disk = |path| std::fs::metadata(path).map(|found| found.dev()).ok();
    vec![if disk(&folder) == disk(&config.data_dir) {
        Check::note(NAME, format!("{found}, on the disk of the data folder"))
            .then("another disk is a better place: [backup] folder in runbay.toml")
    } else {
        Check::ok(NAME, found)
    }]
}
