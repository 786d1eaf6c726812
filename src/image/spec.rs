//! What an environment is asked to hold, and the key of that. No engine is
//! needed to know it, so mistakes are found before one is asked.

use super::{ImageError, policy};
use crate::catalogue::{Catalogue, CatalogueError, parse_requirements};
use crate::config::{Config, FILE};
use crate::domain::environment::EnvironmentSpec;
use crate::domain::ids::Digest;
use crate::domain::manifest::{EnvironmentRef, PythonVersion};
use crate::domain::task::Task;
use std::collections::BTreeMap;
use std::path::Path;

/// Feature releases (of Python 3) that a `requires-python` may choose among,
/// besides those that runbay.toml names: the ones `images/setup.sh` can make a
/// base for.
const PYTHONS: [u8; 2] = [11, 13];

/// The Python releases there may be a base image for, oldest first.
#[must_use]
pub fn pythons(config: &Config) -> Vec<PythonVersion> {
    let mut available: Vec<_> = config.bases.keys().copied().collect();
    available.extend(PYTHONS.map(|minor| PythonVersion { major: 3, minor }));
    available.push(config.python);
    available.sort_unstable();
    available.dedup();
    available
}

/// What the environment of a task has to hold: its own requirements, its
/// template's, and the service's defaults. Whether the policy allows them is
/// [`super::refused`]'s to say.
///
/// # Errors
/// When its template or the defaults cannot be read, or the Python releases
/// asked for do not agree.
pub fn spec(
    config: &Config,
    catalogue: &Catalogue,
    task: &Task,
) -> Result<EnvironmentSpec, ImageError> {
    let template = match &task.manifest.environment {
        Some(EnvironmentRef::Template(name)) => Some(catalogue.template(name)?),
        Some(EnvironmentRef::Shared(_)) | None => None,
    };
    let python = python(config, task, template.as_ref().and_then(|t| t.python))?;
    let defaults = config.build.requirements.join("\n");
    let defaults = parse_requirements(defaults.as_bytes(), Path::new(FILE))
        .map_err(|problems| CatalogueError::Invalid { problems })?;
    let from_template = template.iter().flat_map(|t| &t.requirements);
    // The task's own words win over the template's, and those over the
    // defaults. One source may name a package twice, with different markers.
    let mut all: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for source in [
        defaults.iter().collect::<Vec<_>>(),
        from_template.collect(),
        task.requirements.lines.iter().collect(),
    ] {
        let mut said: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for requirement in source {
            said.entry(&requirement.name).or_default().push(requirement);
        }
        all.extend(said);
    }
    Ok(EnvironmentSpec {
        python,
        requirements: all.into_values().flatten().cloned().collect(),
        template: template.map(|t| t.name),
        policy: config.build.policy,
    })
}

/// The Python release of a task, whose template asks for `template`.
///
/// # Errors
/// When the releases asked for do not agree.
pub fn python(
    config: &Config,
    task: &Task,
    template: Option<PythonVersion>,
) -> Result<PythonVersion, ImageError> {
    crate::catalogue::choose_python(
        &task.requirements,
        &pythons(config),
        template.unwrap_or(config.python),
    )
    .map_err(ImageError::Build)
}

/// The key under which an environment is known: two tasks with the same key
/// share one environment.
///
/// # Errors
/// When its template cannot be read.
pub fn key_of(
    config: &Config,
    catalogue: &Catalogue,
    spec: &EnvironmentSpec,
) -> Result<Digest, ImageError> {
    Ok(key(
        spec,
        config.build.index_url.as_ref().map(|url| url.secret()),
        &config.build.sdists,
        &packages(catalogue, spec)?,
    ))
}

/// The Debian packages of the template that an environment stands on.
pub(super) fn packages(
    catalogue: &Catalogue,
    spec: &EnvironmentSpec,
) -> Result<Vec<String>, ImageError> {
    Ok(match &spec.template {
        Some(name) => catalogue.template(name)?.packages,
        None => Vec::new(),
    })
}

/// The digest of what an environment is asked to hold.
#[must_use]
pub fn key(
    spec: &EnvironmentSpec,
    index_url: Option<&str>,
    sdists: &[String],
    packages: &[String],
) -> Digest {
    let mut text = format!(
        "environment\0{}\0{}\0{}\0{}\0",
        spec.python,
        std::env::consts::ARCH,
        spec.policy.as_str(),
        index_url.unwrap_or_default()
    );
    let lines: Vec<String> = spec.requirements.iter().map(|r| r.line()).collect();
    for list in [&lines, sdists, packages] {
        for item in list {
            text.push_str(item);
            text.push('\n');
        }
        text.push('\0');
    }
    Digest::of(text.as_bytes())
}

/// [`spec`], refused when the policy does not allow it.
///
/// # Errors
/// As [`spec`]; and [`ImageError::Build`], naming each requirement with its
/// place.
pub(super) fn allowed(
    config: &Config,
    catalogue: &Catalogue,
    task: &Task,
) -> Result<EnvironmentSpec, ImageError> {
    let spec = spec(config, catalogue, task)?;
    policy::check_spec(&spec, &config.build)?;
    Ok(spec)
}
