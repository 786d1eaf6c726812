//! Freezing: the exact packages of a task as a requirements file.

use super::{App, Error};
use crate::catalogue::{CatalogueError, Venv, edit, parse_requirements, venvs};
use crate::domain::environment::{Lock, Policy};
use crate::domain::task::{RequirementSource, Task};
use crate::image::{BuildContext, key_of, refused, spec};
use std::path::{Path, PathBuf};

/// What a task would be frozen to.
#[derive(Debug, Clone)]
pub enum Frozen {
    /// Its lock, with hashes.
    Lock(Lock),
    /// The packages of a virtual environment in its folder, without hashes.
    Venv(Venv),
}

impl Frozen {
    /// The lines of a requirements file.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Lock(lock) => lock.text.clone(),
            Self::Venv(venv) => {
                // What brings packages is no package of the task.
                let tools = ["pip", "setuptools", "wheel", "uv"];
                let own = venv.packages.iter();
                own.filter(|(name, _)| !tools.contains(&name.to_ascii_lowercase().as_str()))
                    .map(|(name, version)| format!("{name}=={version}\n"))
                    .collect()
            }
        }
    }
}

/// Whether freezing a task takes its virtual environment: it has one, and names
/// no requirements.
///
/// # Errors
/// When it has several.
pub fn venv_of(task: &Task) -> Result<Option<Venv>, Error> {
    if task.requirements.source.is_some() || task.single_file {
        return Ok(None);
    }
    let mut found = venvs(&task.path);
    if found.len() > 1 {
        let names: Vec<_> = found.iter().map(|v| v.path.display().to_string()).collect();
        return Err(Error::Conflict(format!(
            "{} has several virtual environments: {}; remove all but one, or write a requirements.txt",
            task.name,
            names.join(", ")
        )));
    }
    Ok(found.pop())
}

/// The exact packages of a task: those of its virtual environment, or its lock;
/// one that was never resolved is resolved now, and nothing is kept.
///
/// # Errors
/// As [`propose`](super::environments::propose).
pub async fn freeze(app: &App, task: &Task, context: &BuildContext) -> Result<Frozen, Error> {
    if let Some(venv) = venv_of(task)? {
        return Ok(Frozen::Venv(venv));
    }
    let mut spec = spec(&app.config, &app.catalogue, task)?;
    let key = key_of(&app.config, &app.catalogue, &spec)?;
    if let Some(lock) = app.store.environment(&key).await?.and_then(|e| e.lock) {
        return Ok(Frozen::Lock(lock));
    }
    // Freezing is how requirements come to be pinned, so it cannot ask for that.
    if spec.policy == Policy::Locked {
        spec.policy = Policy::Wheels;
    }
    if let Some(refused) = refused(&spec, &app.config.build) {
        return Err(Error::Invalid(refused.why.to_owned()));
    }
    let images = &app.driver().await?.images;
    Ok(Frozen::Lock(images.propose_lock(&spec, context).await?))
}

/// Writes frozen packages into the task's requirements file and returns it.
///
/// # Errors
/// When its requirements are in a place that cannot hold hashes, or the file
/// cannot be written; then nothing was changed.
pub fn write_frozen(task: &Task, frozen: &Frozen) -> Result<PathBuf, Error> {
    let name = match &task.requirements.source {
        _ if task.single_file => {
            return Err(Error::Conflict(format!(
                "{} is a single file: its packages are in its PEP 723 block, which holds no hashes",
                task.name
            )));
        }
        None => "requirements.txt",
        Some(RequirementSource::File(name)) => name,
        Some(other) => {
            return Err(Error::Conflict(format!(
                "the requirements of {} are in {other}, where there is no room for hashes: print them into a requirements.txt, and have `requirements = \"requirements.txt\"` in task.toml",
                task.name
            )));
        }
    };
    let path = task.path.join(name);
    let text = frozen.text();
    let lines = parse_requirements(text.as_bytes(), Path::new(name))
        .map_err(|problems| CatalogueError::Invalid { problems })?;
    let lines: Vec<_> = lines.iter().map(|r| r.line()).collect();
    edit::set_requirement_lines(&path, &lines)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn the_tools_of_a_venv_are_not_its_packages() {
        let packages = [("Foo", "1.0"), ("pip", "23.0"), ("Setuptools", "66.1")];
        let frozen = Frozen::Venv(Venv {
            path: PathBuf::from("venv"),
            python: None,
            packages: packages.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec(),
        });
        assert_eq!(frozen.text(), "Foo==1.0\n");
    }
}
