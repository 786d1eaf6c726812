//! Freezing: the exact packages of a task as a requirements file.

use super::{App, Error, keep};
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

/// Writes frozen packages into the task's requirements file and returns it. The
/// version before is kept.
///
/// # Errors
/// When its requirements are in a place that cannot hold hashes, the version
/// before cannot be kept, or the file cannot be written; then nothing was
/// changed.
pub async fn write_frozen(app: &App, task: &Task, frozen: &Frozen) -> Result<PathBuf, Error> {
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
    keep::present(app, task).await?;
    edit::set_requirement_lines(&path, &lines)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Overrides};
    use crate::versions::Versions;

    #[tokio::test]
    async fn what_a_task_was_before_it_is_frozen_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("tasks/one");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("main.py"), "").unwrap();
        let before = "# mine\nFoo >= 1 # why\n";
        std::fs::write(folder.join("requirements.txt"), before).unwrap();
        let flags = Overrides {
            home: Some(home.path().to_owned()),
            ..Overrides::default()
        };
        let app = App::open(Config::load(&flags).unwrap()).unwrap();
        let task = app.catalogue.load(&"one".parse().unwrap()).unwrap();
        let lock = Lock::new("foo==1.2\n".to_owned(), chrono::Utc::now());
        let path = write_frozen(&app, &task, &Frozen::Lock(lock))
            .await
            .unwrap();
        assert!(std::fs::read_to_string(path).unwrap().contains("foo==1.2"));
        let kept = app.store.versions(&task.name).await.unwrap();
        let back = tempfile::tempdir().unwrap();
        Versions::new(&app.config.data_dir)
            .restore(&kept[0].digest, back.path())
            .unwrap();
        let restored = std::fs::read_to_string(back.path().join("requirements.txt"));
        assert_eq!(restored.unwrap(), before);
    }

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
