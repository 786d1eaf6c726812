//! What changed: between two locks, and between a run and an earlier good one.
//! Plain comparisons; who gathers the two sides is [`super::inspect`] and
//! [`super::environments`].

use crate::domain::environment::{Lock, LockedPackage};
use crate::domain::ids::{Digest, ImageId};
use crate::domain::manifest::PythonVersion;
use crate::domain::run::Run;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A duration counts as changed from this factor on, either way, …
const SLOWER: f64 = 1.25;
/// … if it also differs by this much: below, machines just breathe.
const NOTABLE_MS: f64 = 500.0;

/// A package that is in both locks, in different versions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct ChangedPackage {
    /// Its normalised name.
    pub name: String,
    /// The version before.
    pub from: String,
    /// The version now.
    pub to: String,
}

/// How one set of packages differs from another. Each list is sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct PackageDiff {
    /// Only in the newer one.
    pub added: Vec<LockedPackage>,
    /// Only in the older one.
    pub removed: Vec<LockedPackage>,
    /// In both, in different versions.
    pub changed: Vec<ChangedPackage>,
}

impl PackageDiff {
    /// What leads from one set of packages to another.
    #[must_use]
    pub fn between(from: &[LockedPackage], to: &[LockedPackage]) -> Self {
        let (old, new) = (by_name(from), by_name(to));
        let mut diff = Self::default();
        let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        for name in names {
            let package = |version: &String| LockedPackage {
                name: (*name).to_owned(),
                version: version.clone(),
            };
            match (old.get(name), new.get(name)) {
                (Some(from), Some(to)) if from != to => diff.changed.push(ChangedPackage {
                    name: (*name).to_owned(),
                    from: from.clone(),
                    to: to.clone(),
                }),
                (Some(from), None) => diff.removed.push(package(from)),
                (None, Some(to)) => diff.added.push(package(to)),
                _ => {}
            }
        }
        diff
    }

    /// Whether both sets are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// The version of each package; several, told apart by markers, as one text.
fn by_name(packages: &[LockedPackage]) -> BTreeMap<&str, String> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        let versions = found.entry(&package.name).or_default();
        versions.insert(&package.version);
    }
    found
        .into_iter()
        .map(|(name, versions)| (name, Vec::from_iter(versions).join(" | ")))
        .collect()
}

/// What is known of one run, to compare it with another of the same task.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The run.
    pub run: &'a Run,
    /// The Python of its environment, if that is still known.
    pub python: Option<PythonVersion>,
    /// The lock it ran with, if that is still known.
    pub lock: Option<&'a Lock>,
    /// How long user code ran, milliseconds.
    pub run_ms: Option<f64>,
}

/// One difference between two runs of a task.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Change {
    /// The code or the manifest.
    Code {
        /// The version before.
        from: Digest,
        /// The version now.
        to: Digest,
    },
    /// The Python release.
    Python {
        /// Before.
        from: PythonVersion,
        /// Now.
        to: PythonVersion,
    },
    /// The locked packages.
    Packages(PackageDiff),
    /// The same packages in the same versions, yet other files of them: their
    /// hashes changed.
    Hashes {
        /// The lock before.
        from: Digest,
        /// The lock now.
        to: Digest,
    },
    /// The same code and packages on a base that was made anew.
    Base {
        /// The image before.
        from: ImageId,
        /// The image now.
        to: ImageId,
    },
    /// A parameter.
    Parameter {
        /// Its name.
        name: String,
        /// Its value before, if it had one.
        from: Option<Value>,
        /// Its value now, if it has one.
        to: Option<Value>,
    },
    /// The arguments after those of the manifest.
    Arguments {
        /// Before.
        from: Vec<String>,
        /// Now.
        to: Vec<String>,
    },
    /// A limit.
    Limit {
        /// Its name.
        name: Cow<'static, str>,
        /// Before.
        from: String,
        /// Now.
        to: String,
    },
    /// How long user code ran; only what differs by a quarter and half a
    /// second.
    Duration {
        /// Before, milliseconds.
        from_ms: f64,
        /// Now, milliseconds.
        to_ms: f64,
    },
}

/// What differs between an earlier run and this one. What is not known of one
/// of them is not guessed: it is left out.
#[must_use]
pub fn changes(then: Side<'_>, now: Side<'_>) -> Vec<Change> {
    let mut found = Vec::new();
    let (was, is) = (then.run, now.run);
    if let Some((from, to)) = differ(was.version.as_ref(), is.version.as_ref()) {
        found.push(Change::Code {
            from: from.clone(),
            to: to.clone(),
        });
    }
    if let Some((from, to)) = differ(then.python, now.python) {
        found.push(Change::Python { from, to });
    }
    if let Some((from, to)) = differ(then.lock, now.lock) {
        let diff = PackageDiff::between(&from.packages(), &to.packages());
        if !diff.is_empty() {
            found.push(Change::Packages(diff));
        } else if from.digest != to.digest {
            found.push(Change::Hashes {
                from: from.digest.clone(),
                to: to.digest.clone(),
            });
        }
    }
    let same_content =
        (&was.version, &was.environment, &was.lock) == (&is.version, &is.environment, &is.lock);
    if same_content && let Some((from, to)) = differ(was.image.as_ref(), is.image.as_ref()) {
        found.push(Change::Base {
            from: from.clone(),
            to: to.clone(),
        });
    }
    found.extend(parameters(was, is));
    if was.args != is.args {
        found.push(Change::Arguments {
            from: was.args.clone(),
            to: is.args.clone(),
        });
    }
    found.extend(limits(was, is));
    found.extend(duration(then.run_ms, now.run_ms));
    found
}

/// Both, if both are known and they are not the same.
fn differ<T: PartialEq>(from: Option<T>, to: Option<T>) -> Option<(T, T)> {
    from.zip(to).filter(|(from, to)| from != to)
}

fn parameters(was: &Run, is: &Run) -> Vec<Change> {
    let names: BTreeSet<_> = was.params.keys().chain(is.params.keys()).collect();
    names
        .into_iter()
        .map(|name| (name, was.params.get(name), is.params.get(name)))
        .filter(|(_, from, to)| from != to)
        .map(|(name, from, to)| Change::Parameter {
            name: name.clone(),
            from: from.cloned(),
            to: to.cloned(),
        })
        .collect()
}

fn limits(was: &Run, is: &Run) -> Vec<Change> {
    let words = |run: &Run| {
        let limits = &run.limits;
        [
            ("memory", limits.memory.to_string()),
            ("cpus", limits.cpus.to_string()),
            ("pids", limits.pids.to_string()),
            ("scratch", limits.scratch.to_string()),
            ("timeout", limits.timeout.to_string()),
            ("network", limits.network.as_str().to_owned()),
            ("log", limits.log.to_string()),
        ]
    };
    words(was)
        .into_iter()
        .zip(words(is))
        .filter(|(from, to)| from != to)
        .map(|((name, from), (_, to))| Change::Limit {
            name: name.into(),
            from,
            to,
        })
        .collect()
}

fn duration(from: Option<f64>, to: Option<f64>) -> Option<Change> {
    let (from_ms, to_ms) = from.zip(to)?;
    let (short, long) = (from_ms.min(to_ms), from_ms.max(to_ms));
    (long - short >= NOTABLE_MS && long >= short * SLOWER)
        .then_some(Change::Duration { from_ms, to_ms })
}

#[cfg(test)]
mod tests;
