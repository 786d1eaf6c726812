//! What kind of engine this is, and which of its weaknesses are publicly known.

use super::connect::Engine;
use super::error::EngineError;
use bollard::models::{SystemInfo, SystemVersion};
use chrono::{DateTime, Utc};

/// What an engine says of itself. Texts are the engine's own and empty where
/// it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// `Docker` or `Podman`.
    pub name: String,
    /// Its version, such as `20.10.24`.
    pub version: String,
    /// The newest API it speaks, such as `1.41`.
    pub api: String,
    /// The version of its low-level runtime, runc as a rule.
    pub runc: String,
    /// The kernel it runs on.
    pub kernel: String,
    /// The operating system it runs on.
    pub os: String,
    /// The processor, such as `x86_64`.
    pub arch: String,
    /// Processors.
    pub ncpu: u32,
    /// Memory, bytes.
    pub memory_bytes: u64,
    /// Such as `overlay2`.
    pub storage_driver: String,
    /// `1` or `2`.
    pub cgroup_version: String,
    /// Such as `name=seccomp,profile=default`.
    pub security_options: Vec<String>,
    /// Names of the runtimes it can use, sorted.
    pub runtimes: Vec<String>,
    /// Whether containers outlive a restart of the engine.
    pub live_restore: bool,
    /// Its folder, on its machine.
    pub root_dir: String,
    /// Whether it runs without root.
    pub rootless: bool,
    /// Its clock when it answered, if it told.
    pub engine_time: Option<DateTime<Utc>>,
    /// What it warns of.
    pub warnings: Vec<String>,
}

impl Engine {
    /// Whether the engine answers at all. Costs it next to nothing.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn ping(&self) -> Result<(), EngineError> {
        let answer = self.docker.ping().await;
        answer
            .map(drop)
            .map_err(|error| self.failed("asking whether it is there", error))
    }

    /// Asks the engine what it is.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn facts(&self) -> Result<Facts, EngineError> {
        let sort = |error| self.failed("asking what it is", error);
        let version = self.docker.version().await.map_err(sort)?;
        let info = self.docker.info().await.map_err(sort)?;
        Ok(facts(version, info))
    }
}

fn facts(version: SystemVersion, info: SystemInfo) -> Facts {
    let components = version.components.unwrap_or_default();
    let podman = components.iter().any(|c| c.name.contains("Podman"));
    let runc = components
        .iter()
        .find(|c| c.name.contains("runc") || c.name.contains("crun"))
        .map(|c| c.version.clone())
        .or_else(|| info.runc_commit.and_then(|commit| commit.id))
        .unwrap_or_default();
    let security_options = info.security_options.unwrap_or_default();
    let mut runtimes: Vec<_> = info.runtimes.unwrap_or_default().into_keys().collect();
    runtimes.sort();
    Facts {
        name: if podman { "Podman" } else { "Docker" }.to_owned(),
        version: version.version.unwrap_or_default(),
        api: version.api_version.unwrap_or_default(),
        runc,
        kernel: info.kernel_version.unwrap_or_default(),
        os: info.operating_system.unwrap_or_default(),
        arch: info.architecture.unwrap_or_default(),
        ncpu: info.ncpu.and_then(|n| n.try_into().ok()).unwrap_or(0),
        memory_bytes: info.mem_total.and_then(|n| n.try_into().ok()).unwrap_or(0),
        storage_driver: info.driver.unwrap_or_default(),
        cgroup_version: info
            .cgroup_version
            .map(|v| v.to_string())
            .unwrap_or_default(),
        rootless: security_options.iter().any(|o| o.contains("rootless")),
        security_options,
        runtimes,
        live_restore: info.live_restore_enabled.unwrap_or(false),
        root_dir: info.docker_root_dir.unwrap_or_default(),
        engine_time: info
            .system_time
            .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
            .map(|time| time.to_utc()),
        warnings: info.warnings.unwrap_or_default(),
    }
}

/// The publicly known weaknesses of this engine that matter for running other
/// people's code, one sentence each with its remedy. An empty list is no proof
/// of safety: containers limit damage, they are not a wall.
#[must_use]
pub fn known_holes(facts: &Facts) -> Vec<String> {
    let mut holes = Vec::new();
    let option = |word: &str| facts.security_options.iter().any(|o| o.contains(word));
    if let Some(runc) = triple(&facts.runc) {
        if runc < (1, 1, 12) {
            holes.push(format!(
                "runc {} can leak a host directory into a container (CVE-2024-21626), unless your distribution patched it: upgrade runc.",
                facts.runc
            ));
        }
        // Fixed in 1.2.8, 1.3.3 and 1.4.0; 1.1 was never fixed upstream.
        if runc < (1, 2, 8) || ((1, 3, 0)..(1, 3, 3)).contains(&runc) {
            holes.push(format!(
                "runc {} can be tricked out of its masked paths (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881), unless your distribution patched it: upgrade to 1.2.8, 1.3.3 or newer.",
                facts.runc
            ));
        }
    }
    if !option("seccomp") {
        holes.push("The engine has no seccomp, so no list of allowed system calls can be imposed, and containers do not start. Use a kernel with CONFIG_SECCOMP and an engine built with it.".to_owned());
    }
    if !facts.rootless && !option("userns") {
        holes.push("The engine runs as root without user namespaces: who breaks out of a container is root on the host. Consider “userns-remap” or rootless mode.".to_owned());
    }
    if !option("apparmor") && !option("selinux") {
        holes.push("Neither AppArmor nor SELinux confines containers: one layer of defence less. Install AppArmor (or enable SELinux) and restart the engine.".to_owned());
    }
    holes
}

/// The first three numbers of a version; what is not written counts as 0.
fn triple(version: &str) -> Option<(u32, u32, u32)> {
    let number = |text: &str| -> Option<u32> {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        text[..end].parse().ok()
    };
    let mut parts = version.trim_start_matches('v').split('.');
    let major = number(parts.next()?)?;
    let mut next = || parts.next().and_then(number).unwrap_or(0);
    Some((major, next(), next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(version: &str, runc: &str, options: &[&str]) -> Facts {
        let mut facts = facts(SystemVersion::default(), SystemInfo::default());
        facts.version = version.to_owned();
        facts.runc = runc.to_owned();
        facts.security_options = options.iter().map(|o| (*o).to_owned()).collect();
        facts
    }

    #[test]
    fn an_old_engine_has_all_its_holes_named() {
        let old = engine(
            "20.10.24+dfsg1",
            "1.1.5+ds1",
            &["name=seccomp,profile=default"],
        );
        let holes = known_holes(&old).join("\n");
        for word in ["CVE-2024-21626", "1.3.3", "userns", "AppArmor"] {
            assert!(holes.contains(word), "{word} in {holes}");
        }
    }

    #[test]
    fn a_new_engine_has_none() {
        let new = engine(
            "29.1.0",
            "1.3.3",
            &[
                "name=seccomp,profile=builtin",
                "name=apparmor",
                "name=userns",
            ],
        );
        assert_eq!(known_holes(&new), Vec::<String>::new());
    }

    #[test]
    fn each_line_of_runc_has_its_own_fix() {
        let hole = |runc: &str| {
            known_holes(&engine("29.0.0", runc, &[]))
                .iter()
                .any(|h| h.contains("CVE-2025-31133"))
        };
        for (runc, expected) in [
            ("1.1.15", true),
            ("1.2.7", true),
            ("1.2.8", false),
            ("1.3.2", true),
            ("1.3.3", false),
            ("1.4.0", false),
            ("", false),
        ] {
            assert_eq!(hole(runc), expected, "{runc}");
        }
    }
}
