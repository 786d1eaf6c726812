//! The engine: whether it answers, what it is, and what it has.

use super::{Check, LEAST, network, room};
use crate::config::Config;
use crate::domain::ids::{ImageId, InstanceId};
use crate::engine::{Engine, EngineError, Facts, known_holes};
use crate::image::pythons;
use chrono::{DateTime, TimeDelta, Utc};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;

/// How long the engine may take for one answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// The clocks may be this far apart.
const SKEW: TimeDelta = TimeDelta::seconds(2);
/// The oldest API that Runbay is tested with: that of Docker 20.10.
const API: (u32, u32) = (1, 41);

/// All that needs the engine.
pub(super) async fn checks(config: Option<&Config>, instance: Option<&InstanceId>) -> Vec<Check> {
    const NAME: &str = "engine";
    let host = config.and_then(|config| config.docker_host.as_deref());
    let engine = match timeout(PATIENCE, Engine::connect(host)).await {
        Ok(Ok(engine)) => engine,
        Ok(Err(error)) => {
            return vec![Check::error(NAME, crate::domain::report(&error)).then(
                "is one installed and started (systemctl status docker), and may this user use its socket (group docker)? `images/setup.sh engine` installs one",
            )];
        }
        Err(_) => {
            return vec![
                Check::error(NAME, "it does not answer in time")
                    .then("restart it: systemctl restart docker"),
            ];
        }
    };
    let before = Utc::now();
    let facts = match timeout(PATIENCE, engine.facts()).await {
        Ok(Ok(facts)) => facts,
        Ok(Err(error)) => return vec![Check::error(NAME, crate::domain::report(&error))],
        Err(_) => return vec![Check::error(NAME, "it does not answer in time")],
    };
    let mut found = vec![version(&engine, &facts)];
    found.extend(socket(&engine));
    found.extend(safety(&facts));
    found.push(storage(&engine, &facts));
    found.extend(clock(&facts, before, Utc::now()));
    found.push(restart(&facts));
    let image = match config {
        Some(config) => match bases(&engine, config, &mut found).await {
            Ok(image) => image,
            Err(error) => {
                found.push(Check::error("base image", crate::domain::report(&error)));
                None
            }
        },
        None => None,
    };
    found.extend(network::checks(&engine, image, instance).await);
    found
}

fn version(engine: &Engine, facts: &Facts) -> Check {
    const NAME: &str = "engine";
    let found = format!(
        "{} {} (API {}) at {}; {} processors, {}",
        facts.name,
        facts.version,
        facts.api,
        engine.address(),
        facts.ncpu,
        crate::domain::size::Bytes(facts.memory_bytes)
    );
    let api = facts.api.split_once('.');
    let api = api.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    if api.is_some_and(|api: (u32, u32)| api < API) {
        return Check::warning(
            NAME,
            format!("{found}: older than what Runbay is tested with"),
        )
        .then("upgrade it to Docker 20.10 or newer");
    }
    if facts.name != "Docker" {
        let found = format!("{found}: Runbay needs a Docker Engine");
        return Check::error(NAME, found).then(
            "name one in DOCKER_HOST or docker_host, beside this one if you like: Podman lets runs reach each other, whatever it is asked",
        );
    }
    Check::ok(NAME, found)
}

/// Who may use the engine is root on its machine.
fn socket(engine: &Engine) -> Option<Check> {
    const NAME: &str = "socket";
    let Some(path) = engine.address().strip_prefix("unix://") else {
        return Some(
            Check::warning(
                NAME,
                format!(
                    "{} is neither encrypted nor guarded: whoever reaches it is root there",
                    engine.address()
                ),
            )
            .then(
                "use its socket, or forward it: ssh -L /path/docker.sock:/var/run/docker.sock host; unless only Runbay reaches it, as in compose.socket-proxy.yaml",
            ),
        );
    };
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    Some(if mode & 0o002 == 0 {
        Check::ok(NAME, format!("{path}; who may use it is as good as root"))
    } else {
        Check::warning(
            NAME,
            format!("every user of this machine may use {path}, so is as good as root"),
        )
        .then(format!("chmod o-rw {path}"))
    })
}

fn safety(facts: &Facts) -> Vec<Check> {
    let option = |word: &str| facts.security_options.iter().any(|o| o.contains(word));
    let present = [
        ("seccomp", option("seccomp")),
        ("AppArmor", option("apparmor")),
        ("SELinux", option("selinux")),
        ("user namespaces", option("userns")),
        ("rootless", facts.rootless),
        ("gVisor", facts.runtimes.iter().any(|name| name == "runsc")),
    ];
    let have: Vec<_> = present
        .iter()
        .filter(|(_, has)| *has)
        .map(|(what, _)| *what)
        .collect();
    let mut found = vec![Check::ok(
        "sandbox",
        format!(
            "{}; cgroup {}, runc {}, kernel {}",
            if have.is_empty() {
                "nothing but namespaces".to_owned()
            } else {
                have.join(", ")
            },
            facts.cgroup_version,
            facts.runc,
            facts.kernel
        ),
    )];
    for hole in known_holes(facts) {
        let (what, remedy) = in_two(&hole);
        found.push(Check::warning("sandbox", what).then(remedy));
    }
    let warnings = facts.warnings.iter();
    found.extend(
        warnings.map(|text| Check::warning("engine", text.trim_start_matches("WARNING: "))),
    );
    found
}

/// A known hole and its remedy: the last sentence, or what follows the colon of
/// the only one.
fn in_two(hole: &str) -> (&str, &str) {
    let hole = hole.trim_end_matches('.');
    let parts = hole.rsplit_once(". ").or_else(|| hole.rsplit_once(": "));
    parts.unwrap_or((hole, "upgrade the engine"))
}

fn storage(engine: &Engine, facts: &Facts) -> Check {
    const NAME: &str = "images";
    let driver = facts.storage_driver.as_str();
    if driver == "vfs" {
        return Check::warning(
            NAME,
            "storage driver vfs copies every image for every container",
        )
        .then("put the engine's folder on a file system that overlay2 can use, such as ext4");
    }
    if ["aufs", "devicemapper", "overlay"].contains(&driver) {
        return Check::warning(
            NAME,
            format!("storage driver {driver} is no longer maintained"),
        )
        .then("change it to overlay2 (storage-driver in /etc/docker/daemon.json)");
    }
    let root = Path::new(&facts.root_dir);
    if !engine.address().starts_with("unix://") || !root.is_dir() {
        return Check::note(
            NAME,
            format!("{driver}; the engine's disk cannot be seen from here"),
        );
    }
    let mut check = room(NAME, root, LEAST);
    check.found = format!("{driver}; {}", check.found);
    check
}

/// Deadlines are ours, times of start and end are the engine's.
fn clock(facts: &Facts, before: DateTime<Utc>, after: DateTime<Utc>) -> Option<Check> {
    const NAME: &str = "clock";
    let theirs = facts.engine_time?;
    let apart = (theirs - after).max(before - theirs).max(TimeDelta::zero());
    Some(if apart > SKEW {
        let seconds = apart.num_seconds();
        Check::warning(
            NAME,
            format!("the engine's clock and ours are {seconds} s apart"),
        )
        .then("let both machines follow a time server (timedatectl set-ntp true)")
    } else {
        Check::ok(NAME, "the engine's clock agrees with ours")
    })
}

fn restart(facts: &Facts) -> Check {
    const NAME: &str = "live restore";
    if facts.live_restore {
        Check::ok(NAME, "containers outlive a restart of the engine")
    } else {
        Check::note(NAME, "a restart of the engine ends what runs")
            .then("“live-restore”: true in /etc/docker/daemon.json keeps runs going")
    }
}

/// Whether there is an image with each Python; returns one, that of the default
/// release if it is there.
async fn bases(
    engine: &Engine,
    config: &Config,
    found: &mut Vec<Check>,
) -> Result<Option<ImageId>, EngineError> {
    const NAME: &str = "base image";
    let mut any = None;
    for python in pythons(config) {
        let references = config.base_references(python);
        let mut here = None;
        for reference in &references {
            if let Some(image) = engine.image(reference).await? {
                here = Some((reference, image.id));
                break;
            }
        }
        let default = python == config.python;
        found.push(match here {
            Some((reference, id)) => {
                if any.is_none() || default {
                    any = Some(id);
                }
                Check::ok(NAME, format!("Python {python}: {reference}"))
            }
            None => {
                let needed = default || config.bases.contains_key(&python);
                let level = if needed { Check::warning } else { Check::note };
                level(NAME, format!("Python {python}: {} is not on the engine; the first build tries to pull it", references.join(" or ")))
                    .then(format!("without a registry: images/setup.sh base {python}"))
            }
        });
    }
    Ok(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
    }

    fn facts(engine_time: Option<DateTime<Utc>>) -> Facts {
        Facts {
            name: "Docker".into(),
            version: "29.1.0".into(),
            api: "1.52".into(),
            runc: "1.4.0".into(),
            kernel: "6.12".into(),
            os: "Linux".into(),
            arch: "x86_64".into(),
            ncpu: 2,
            memory_bytes: 1 << 30,
            storage_driver: "overlay2".into(),
            cgroup_version: "2".into(),
            security_options: Vec::new(),
            runtimes: Vec::new(),
            live_restore: true,
            root_dir: "/nonexistent".into(),
            rootless: false,
            engine_time,
            warnings: vec!["WARNING: No swap limit support".into()],
        }
    }

    #[test]
    fn an_answer_that_took_long_is_no_skew() {
        let level = |theirs| clock(&facts(Some(at(theirs))), at(0), at(3)).unwrap().level;
        for (theirs, expected) in [
            (0, super::super::Level::Ok),
            (3, super::super::Level::Ok),
            (-2, super::super::Level::Ok),
            (5, super::super::Level::Ok),
            (6, super::super::Level::Warning),
            (-3, super::super::Level::Warning),
        ] {
            assert_eq!(level(theirs), expected, "{theirs}");
        }
        assert_eq!(clock(&facts(None), at(0), at(3)), None);
    }

    #[test]
    fn every_hole_and_warning_is_a_finding_of_its_own() {
        let found = safety(&facts(None));
        let text: Vec<_> = found.iter().map(|check| check.found.as_str()).collect();
        assert!(text.contains(&"No swap limit support"), "{text:?}");
        assert!(text.iter().any(|t| t.contains("no seccomp")), "{text:?}");
        assert!(
            found
                .iter()
                .any(|c| c.remedy.as_ref().is_some_and(|r| r.contains("AppArmor")))
        );
    }
}
