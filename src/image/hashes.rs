//! Hashes that people write beside a requirement, held against what the index
//! says: the resolver reads them and then writes down the index's own.

use super::ImageError;
use crate::domain::environment::{EnvironmentSpec, Policy};

/// The lock with no hash but those that were asked for, of packages that were
/// asked for with hashes. The installer then refuses every other file.
///
/// # Errors
/// [`ImageError::Build`] when the index has no file with a hash that was asked
/// for, or the policy wants hashes for all and the lock has more packages.
pub(super) fn hold(lock: &str, spec: &EnvironmentSpec) -> Result<String, ImageError> {
    let mut kept = String::with_capacity(lock.len());
    let (mut foreign, mut unasked) = (Vec::new(), Vec::new());
    for (head, hashes) in entries(lock) {
        let name = head.split(['=', '[', ' ']).next().unwrap_or_default();
        let asked = spec.requirements.iter().find(|r| r.name == name);
        let wanted = asked.map_or(&[][..], |r| &r.hashes);
        let held: Vec<&str> = hashes
            .into_iter()
            .filter(|hash| wanted.is_empty() || wanted.iter().any(|w| w.as_str() == *hash))
            .collect();
        match asked {
            Some(asked) if held.is_empty() => {
                foreign.push(format!("{}: {}", asked.origin, asked.text));
            }
            None if spec.policy == Policy::Locked => unasked.push(head),
            _ => {}
        }
        kept.push_str(head);
        for hash in held {
            kept.push_str(" \\\n    --hash=");
            kept.push_str(hash);
        }
        kept.push('\n');
    }
    if !foreign.is_empty() {
        return Err(ImageError::Build(format!(
            "the package index has no file with a hash that was asked for; what it has may not be what was meant:\n  {}",
            foreign.join("\n  ")
        )));
    }
    if !unasked.is_empty() {
        return Err(ImageError::Build(format!(
            "the policy “locked” wants these, which others need, pinned with their hashes, too (`runbay env freeze` writes them):\n  {}",
            unasked.join("\n  ")
        )));
    }
    Ok(kept)
}

/// Whether somebody asked for files of certain hashes. An installed package no
/// longer has the file it came from.
pub(super) fn asked_for(spec: &EnvironmentSpec) -> bool {
    spec.requirements.iter().any(|r| !r.hashes.is_empty())
}

/// The packages of a lock, `name==version`, each with its hashes.
fn entries(lock: &str) -> Vec<(&str, Vec<&str>)> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lock.lines() {
        let line = line.trim_end_matches(['\\', ' ']);
        match line.trim_start().strip_prefix("--hash=") {
            Some(hash) => {
                if let Some((_, hashes)) = all.last_mut() {
                    hashes.push(hash);
                }
            }
            None if line.is_empty() || line.starts_with([' ', '#', '-']) => {}
            None => all.push((line, Vec::new())),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::environment::Requirement;

    const LOCK: &str = "idna==3.7 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nsix==1.16.0 \\\n    --hash=sha256:cc\n";

    fn spec(policy: Policy, asked: &[(&str, &[&str])]) -> EnvironmentSpec {
        let requirement = |(name, hashes): &(&str, &[&str])| Requirement {
            name: (*name).to_owned(),
            text: format!("{name}>0"),
            hashes: hashes.iter().map(|h| format!("sha256:{h}")).collect(),
            origin: "requirements.txt:1".to_owned(),
        };
        EnvironmentSpec {
            python: "3.11".parse().unwrap(),
            template: None,
            requirements: asked.iter().map(requirement).collect(),
            policy,
        }
    }

    #[test]
    fn a_lock_nobody_gave_hashes_for_stays_as_it_is() {
        let spec = spec(Policy::Wheels, &[("six", &[])]);
        assert_eq!(hold(LOCK, &spec).unwrap(), LOCK);
    }

    #[test]
    fn only_files_that_were_asked_for_stay() {
        let spec = spec(Policy::Wheels, &[("idna", &["bb", "dd"])]);
        let held = hold(LOCK, &spec).unwrap();
        assert_eq!(held, LOCK.replace("    --hash=sha256:aa \\\n", ""));
    }

    #[test]
    fn a_hash_the_index_does_not_have_is_refused_with_its_place() {
        let spec = spec(Policy::Wheels, &[("six", &["dd"])]);
        let told = hold(LOCK, &spec).unwrap_err().to_string();
        assert!(told.contains("requirements.txt:1: six"), "{told}");
    }

    #[test]
    fn the_strict_policy_wants_hashes_for_what_others_need_too() {
        let one = spec(Policy::Locked, &[("six", &["cc"])]);
        let told = hold(LOCK, &one).unwrap_err().to_string();
        assert!(
            told.contains("idna==3.7") && !told.contains("six"),
            "{told}"
        );
        let both = spec(Policy::Locked, &[("six", &["cc"]), ("idna", &["aa"])]);
        assert!(hold(LOCK, &both).is_ok());
    }
}
