//! Environments: a resolved build recipe, before anything is built.

use super::ids::{Digest, ImageId};
use super::manifest::PythonVersion;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What requirements may ask for, from loose to strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Any package; source distributions are built (in the sandbox).
    Open,
    /// Wheels only, but for the packages listed as exceptions: no code of a
    /// package runs while it is installed.
    #[default]
    Wheels,
    /// As `wheels`, and every requirement is pinned with its hashes.
    Locked,
    /// As `wheels`, and every package, also indirect ones, is on the list.
    Curated,
}

impl Policy {
    /// Every policy, from loose to strict.
    pub const ALL: &[Self] = &[Self::Open, Self::Wheels, Self::Locked, Self::Curated];

    /// The word used in settings and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Wheels => "wheels",
            Self::Locked => "locked",
            Self::Curated => "curated",
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|policy| policy.as_str() == text);
        found
            .copied()
            .ok_or_else(|| format!("“{text}” is none of open, wheels, locked, curated"))
    }
}

/// One requirement, parsed and normalised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Requirement {
    /// The package's name, normalised (PEP 503).
    pub name: String,
    /// The requirement as normalised PEP 508 text, without hashes.
    pub text: String,
    /// `sha256:…` hashes given with `--hash`.
    pub hashes: Vec<String>,
    /// Where it was written, for messages: `requirements.txt:3`.
    pub origin: String,
}

impl Requirement {
    /// The line that the resolver is given.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = self.text.clone();
        for hash in &self.hashes {
            line.push_str(" --hash=");
            line.push_str(hash);
        }
        line
    }
}

/// Everything that decides what an environment image holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentSpec {
    /// The Python release.
    pub python: PythonVersion,
    /// The template of `images/`, if one is named.
    pub template: Option<String>,
    /// Requirements of the task, its template and the service's defaults,
    /// sorted and without duplicates.
    pub requirements: Vec<Requirement>,
    /// What the requirements may ask for.
    pub policy: Policy,
}

/// The exact packages of an environment: a requirements file with a hash for
/// every distribution, as the resolver wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The digest of `text`.
    pub digest: Digest,
    /// The file.
    pub text: String,
    /// When it was resolved.
    pub resolved_at: DateTime<Utc>,
}

/// One `name==version` of a lock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct LockedPackage {
    /// Normalised name.
    pub name: String,
    /// Exact version.
    pub version: String,
}

impl Lock {
    /// A lock of this text, resolved now.
    #[must_use]
    pub fn new(text: String, resolved_at: DateTime<Utc>) -> Self {
        Self {
            digest: Digest::of(text.as_bytes()),
            text,
            resolved_at,
        }
    }

    /// Its packages, sorted by name.
    #[must_use]
    pub fn packages(&self) -> Vec<LockedPackage> {
        let mut found: Vec<_> = self
            .text
            .lines()
            .filter(|line| !line.starts_with([' ', '#', '-']))
            .filter_map(|line| line.split_once("=="))
            .map(|(name, rest)| LockedPackage {
                name: name.trim().to_owned(),
                version: rest
                    .split([' ', ';', '\\'])
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            })
            .collect();
        found.sort();
        found
    }
}

/// An environment the store remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The digest of its recipe.
    pub key: Digest,
    /// The Python release.
    pub python: PythonVersion,
    /// The template it stands on.
    pub template: Option<String>,
    /// The recipe's requirement lines.
    pub requirements: Vec<String>,
    /// What the requirements may ask for.
    pub policy: Policy,
    /// The lock in use; none until first resolved.
    pub lock: Option<Lock>,
    /// The image built from that lock, if it was built.
    pub image: Option<ImageId>,
    /// The size of the image, bytes.
    pub image_bytes: Option<u64>,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
}
