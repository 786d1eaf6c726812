//! What requirements may ask for, checked before and after resolving.

use super::ImageError;
use crate::config::Build;
use crate::domain::environment::{EnvironmentSpec, Lock, Policy, Requirement};

/// Requirements that the policy does not let pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What the policy wants, for people; ends without a full stop.
    pub why: &'static str,
    /// The requirements; never empty.
    pub requirements: Vec<Requirement>,
}

/// The requirements that the policy does not allow; none when it allows all.
/// What they pull in is known only with a lock: see [`check_lock`].
#[must_use]
pub fn refused(spec: &EnvironmentSpec, build: &Build) -> Option<Refused> {
    let loose = |r: &&Requirement| r.hashes.is_empty() || !r.text.contains("==");
    let foreign = |r: &&Requirement| !build.allow.contains(&r.name);
    let all = spec.requirements.iter();
    let (why, requirements): (_, Vec<_>) = match spec.policy {
        Policy::Open | Policy::Wheels => return None,
        Policy::Locked => (
            "the policy “locked” wants every requirement pinned with == and its hashes (`runbay env freeze` writes them)",
            all.filter(loose).cloned().collect(),
        ),
        Policy::Curated => (
            "the policy “curated” allows only packages listed in runbay.toml, [build] allow",
            all.filter(foreign).cloned().collect(),
        ),
    };
    (!requirements.is_empty()).then_some(Refused { why, requirements })
}

/// Refuses requirements that the policy does not allow, before any download.
///
/// # Errors
/// [`ImageError::Build`], naming each requirement with its place.
pub(super) fn check_spec(spec: &EnvironmentSpec, build: &Build) -> Result<(), ImageError> {
    let Some(refused) = refused(spec, build) else {
        return Ok(());
    };
    let lines = refused.requirements.iter();
    let lines: Vec<_> = lines.map(|r| format!("{}: {}", r.origin, r.text)).collect();
    let text = format!("{}:\n  {}", refused.why, lines.join("\n  "));
    Err(ImageError::Build(text))
}

/// Refuses a lock that pulls in packages the policy does not allow.
///
/// # Errors
/// [`ImageError::Build`], naming each package.
pub fn check_lock(lock: &Lock, build: &Build) -> Result<(), ImageError> {
    if build.policy != Policy::Curated {
        return Ok(());
    }
    let bad: Vec<String> = lock
        .packages()
        .into_iter()
        .filter(|p| !build.allow.contains(&p.name))
        .map(|p| format!("{}=={}", p.name, p.version))
        .collect();
    if bad.is_empty() {
        return Ok(());
    }
    Err(ImageError::Build(format!(
        "these packages are needed by the requirements and not listed in runbay.toml, [build] allow:\n  {}",
        bad.join("\n  ")
    )))
}

/// Whether a package's own code may run while it is installed.
pub(super) fn runs_package_code(policy: Policy, sdists: &[String]) -> bool {
    policy == Policy::Open || !sdists.is_empty()
}

/// The options that hold the resolver and installer to the policy.
pub(super) fn uv_options(policy: Policy, sdists: &[String]) -> Vec<String> {
    if policy == Policy::Open {
        return Vec::new();
    }
    // A package named after --no-binary is the exception to --only-binary.
    let mut options = vec!["--only-binary".to_owned(), ":all:".to_owned()];
    for name in sdists {
        options.extend(["--no-binary".to_owned(), name.clone()]);
    }
    options
}
