//! What a failed build means, in words that lead to a remedy.

use super::ImageError;
use crate::domain::environment::EnvironmentSpec;
use regex::Regex;
use std::sync::LazyLock;

/// Signs of a package that is compiled on this machine and cannot be.
const COMPILER: &[&str] = &[
    "gcc: not found",
    "command 'gcc' failed",
    "command 'cc' failed",
    "unable to execute 'gcc'",
    "Unknown compiler(s)",
    "No such file or directory: 'gcc'",
    "No such file or directory: 'x86_64-linux-gnu-gcc'",
    "command 'x86_64-linux-gnu-gcc' failed",
    "can't find Rust compiler",
    "CMake must be installed",
    "Python.h: No such file",
];

/// Signs of a missing system library or tool, and the Debian package that has it.
const SYSTEM: &[(&str, &str)] = &[
    ("pg_config executable not found", "libpq-dev"),
    ("mysql_config not found", "default-libmysqlclient-dev"),
    ("mysqlclient", "default-libmysqlclient-dev"),
    ("libxml/xpath.h", "libxml2-dev and libxslt1-dev"),
    ("xmlsec", "libxmlsec1-dev"),
    ("openssl/ssl.h", "libssl-dev"),
    ("ffi.h", "libffi-dev"),
    ("portaudio.h", "portaudio19-dev"),
    ("GDAL API version", "libgdal-dev"),
    ("cups/http.h", "libcups2-dev"),
    ("ldap.h", "libldap2-dev"),
    ("pkg-config", "pkg-config"),
    ("git executable", "git"),
];

/// Signs that the index is to blame, not the requirements.
const INDEX: &[&str] = &[
    "error sending request",
    "dns error",
    "Could not connect",
    "Connection refused",
    "Connection reset",
    "connection closed",
    "operation timed out",
    "Network unreachable",
    "Network is unreachable",
    "tls handshake",
    "invalid peer certificate",
    "503 Service",
    "502 Bad Gateway",
    "504 Gateway",
    "500 Internal Server Error",
    "429 Too Many",
];

static NO_WHEEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:because|and|that)\s+`?([a-z0-9][a-z0-9._-]*)[^\n]*?has no (?:usable )?wheels|no solution found[^\n]*\b([a-z0-9._-]+)[^\n]* has no usable wheels|`([a-z0-9._-]+)`?[^\n]*no wheels").expect("a constant pattern")
});

/// Why the index could not serve a build, if that is what went wrong.
pub(super) fn index_trouble(said: &str) -> Option<String> {
    let lower = said.to_lowercase();
    let sign = INDEX
        .iter()
        .find(|sign| lower.contains(&sign.to_lowercase()))?;
    let line = said
        .lines()
        .find(|l| l.to_lowercase().contains(&sign.to_lowercase()))
        .unwrap_or(sign);
    let mut text = line.trim().to_owned();
    if lower.contains("invalid peer certificate") {
        text.push_str(" (behind a company's proxy, name its certificate: RUNBAY_EXTRA_CA=/path/to/bundle.crt)");
    }
    Some(text)
}

/// The most lines of output that an error repeats; the log has them all.
const MAX_LINES: usize = 30;

/// The error for a build that ended with a failure of the task's own.
pub(super) fn build_failure(said: &str, spec: &EnvironmentSpec) -> ImageError {
    // Whoever shows it says itself that it is an error.
    let said = said.trim();
    let lines: Vec<&str> = said
        .strip_prefix("error: ")
        .unwrap_or(said)
        .lines()
        .collect();
    let mut text = lines[lines.len().saturating_sub(MAX_LINES)..].join("\n");
    if text.is_empty() {
        "the build failed without a word".clone_into(&mut text);
    }
    if let Some(remedy) = remedy(said) {
        text.push_str("\nWhat to do: ");
        text.push_str(&remedy);
    }
    let origins: Vec<String> = spec
        .requirements
        .iter()
        .filter(|r| names(&text, &r.name))
        .map(|r| format!("{} ({})", r.text, r.origin))
        .collect();
    if !origins.is_empty() {
        text.push_str("\nAsked for by: ");
        text.push_str(&origins.join(", "));
    }
    ImageError::Build(text)
}

/// Whether `text` speaks of the package `name` as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let lower = text.to_lowercase();
    lower.match_indices(name).any(|(at, _)| {
        let part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let before = lower[..at].chars().next_back();
        let after = lower[at + name.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

fn remedy(said: &str) -> Option<String> {
    let template = "an environment template: a folder in images/ whose template.toml lists system packages, named by `environment` in task.toml";
    if let Some((_, package)) = SYSTEM.iter().find(|(sign, _)| said.contains(sign)) {
        return Some(format!(
            "the build needs the system package {package}; put it in {template}."
        ));
    }
    if COMPILER.iter().any(|sign| said.contains(sign)) {
        return Some(format!(
            "a package has to be compiled here and the base image has no compiler. Use a version of it that has wheels, or put build-essential and python3-dev in {template}."
        ));
    }
    if said.contains("building from source is disabled")
        || said.contains("no usable wheels")
        || said.contains("no wheels")
    {
        let name = NO_WHEEL
            .captures(said)
            .and_then(|c| c.iter().skip(1).flatten().next())
            .map_or("<name>", |m| m.as_str());
        return Some(format!(
            "{name} comes without a wheel for this Python and platform. Choose a version or Python release that has one, or let an admin allow its build: [build] sdists = [\"{name}\"] in runbay.toml."
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::environment::{Policy, Requirement};

    fn spec() -> EnvironmentSpec {
        EnvironmentSpec {
            python: "3.11".parse().unwrap(),
            template: None,
            requirements: vec![Requirement {
                name: "numpy".to_owned(),
                text: "numpy==1.26.4".to_owned(),
                hashes: Vec::new(),
                origin: "requirements.txt:1".to_owned(),
            }],
            policy: Policy::Wheels,
        }
    }

    #[test]
    fn a_compiler_is_asked_for_by_name_of_the_remedy() {
        let text = build_failure(
            "error: command 'gcc' failed: No such file or directory",
            &spec(),
        )
        .to_string();
        assert!(
            text.contains("template.toml") && text.contains("build-essential"),
            "{text}"
        );
        assert!(!text.contains("Asked for by"), "numpy was not spoken of");
    }

    #[test]
    fn the_requirement_at_fault_is_shown_with_its_line() {
        let text =
            build_failure("Because you require numpy==1.26.4 and numpy>=2, …", &spec()).to_string();
        assert!(
            text.contains("numpy==1.26.4 (requirements.txt:1)"),
            "{text}"
        );
    }

    #[test]
    fn an_unreachable_index_is_nobodys_requirement() {
        assert!(
            index_trouble(
                "error: Failed to fetch: `https://index/simple/x/`\n  Caused by: dns error"
            )
            .is_some()
        );
        assert!(index_trouble("× No solution found when resolving dependencies").is_none());
    }
}
