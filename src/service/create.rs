//! Begins a new task from a small template. The task appears whole or not at
//! all, and never in the place of something else.

use super::Error;
use crate::catalogue::{Catalogue, CatalogueError, Found};
use crate::config::Config;
use crate::domain::ids::TaskName;
use crate::domain::manifest::EnvironmentRef;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use schemars::JsonSchema;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

/// What a new task begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// A script and a manifest.
    Script,
    /// One file, with its packages in it (PEP 723).
    Pep723,
    /// A script with a package, kept files and a result.
    Report,
    /// A script with parameters.
    Params,
}

impl Start {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::Script, Self::Pep723, Self::Report, Self::Params];

    /// Its word on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Pep723 => "pep723",
            Self::Report => "report",
            Self::Params => "params",
        }
    }

    /// The files, by name, with `{name}` and `{environment}` to be filled in;
    /// a single one without a name is the whole task.
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Script => &[
                ("main.py", include_str!("templates/script.py")),
                ("task.toml", include_str!("templates/script.toml")),
            ],
            Self::Pep723 => &[("", include_str!("templates/pep723.py"))],
            Self::Report => &[
                ("main.py", include_str!("templates/report.py")),
                ("requirements.txt", include_str!("templates/report.txt")),
                ("task.toml", include_str!("templates/report.toml")),
            ],
            Self::Params => &[
                ("main.py", include_str!("templates/params.py")),
                ("task.toml", include_str!("templates/params.toml")),
            ],
        }
    }

    /// Whether its own packages come with it, so that a shared set, which would
    /// stand in their place, makes no sense.
    fn has_packages(self) -> bool {
        matches!(self, Self::Pep723 | Self::Report)
    }
}

/// A task to be made.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Its name.
    pub name: TaskName,
    /// What it begins with.
    pub start: Start,
    /// The environment it names.
    pub environment: Option<EnvironmentRef>,
}

/// Makes a task and returns its folder, or its file.
///
/// # Errors
/// When a task of that name is there, the environment is not, or a file cannot
/// be written; then nothing was made.
pub fn create(config: &Config, catalogue: &Catalogue, new: &NewTask) -> Result<PathBuf, Error> {
    let tasks = &config.tasks_dir;
    fs::create_dir_all(tasks).map_err(Error::io(format!("cannot make {}", tasks.display())))?;
    refuse_taken(catalogue, &new.name)?;
    refuse_unknown(config, catalogue, new)?;
    let single = new.start == Start::Pep723;
    let path = tasks.join(match single {
        true => format!("{}.py", new.name),
        false => new.name.to_string(),
    });
    // A name that begins with a dot is no task, whenever somebody looks.
    let draft = tasks.join(format!(".new-{}", uuid::Uuid::new_v4().simple()));
    let made = write(&draft, new).and_then(|()| {
        Ok(renameat_with(
            CWD,
            &draft,
            CWD,
            &path,
            RenameFlags::NOREPLACE,
        )?)
    });
    if let Err(source) = made {
        // What is left of the draft is invisible; the first error is the news.
        drop(if single {
            fs::remove_file(&draft)
        } else {
            fs::remove_dir_all(&draft)
        });
        return Err(match source.kind() {
            std::io::ErrorKind::AlreadyExists => taken(&path),
            _ => Error::Io {
                what: format!("{} could not be made", path.display()),
                source,
            },
        });
    }
    Ok(path)
}

fn write(draft: &Path, new: &NewTask) -> std::io::Result<()> {
    let single = new.start == Start::Pep723;
    let mut environment = String::new();
    if let Some(name) = &new.environment {
        let comment = if single { "# " } else { "" };
        environment = format!("{comment}environment = \"{name}\"\n");
    }
    if !single {
        fs::create_dir(draft)?;
    }
    for (file, text) in new.start.files() {
        // `{name}` of an f-string stands between other braces in no template.
        let text = text
            .replace("{name}", new.name.as_str())
            .replace("{environment}\n", &environment)
            .replace("{environment}", &environment);
        let path = if single {
            draft.to_owned()
        } else {
            draft.join(file)
        };
        fs::write(path, text)?;
    }
    Ok(())
}

/// The name belongs to a folder or to a file, be it a good task or not.
fn refuse_taken(catalogue: &Catalogue, name: &TaskName) -> Result<(), Error> {
    let stem = |path: &Path| path.file_stem().is_some_and(|stem| stem == name.as_str());
    let taken_by = catalogue.scan()?.into_iter().find_map(|found| match found {
        Found::Task(task) => stem(&task.path).then(|| task.path.clone()),
        Found::NotATask { path, .. } => stem(&path).then_some(path),
    });
    match taken_by {
        Some(path) => Err(taken(&path)),
        None => Ok(()),
    }
}

fn taken(path: &Path) -> Error {
    Error::Conflict(format!(
        "{} is there already: choose another name",
        path.display()
    ))
}

fn refuse_unknown(config: &Config, catalogue: &Catalogue, new: &NewTask) -> Result<(), Error> {
    match &new.environment {
        None => Ok(()),
        Some(EnvironmentRef::Template(name)) => match catalogue.template(name) {
            Ok(_) => Ok(()),
            Err(CatalogueError::UnknownTemplate { name, nearest }) if nearest.is_empty() => {
                Err(Error::NotFound(format!(
                    "there is no environment template “{name}”{}",
                    known(catalogue)
                )))
            }
            Err(error) => Err(error.into()),
        },
        Some(EnvironmentRef::Shared(_)) if new.start.has_packages() => {
            Err(Error::Invalid(format!(
                "a {} brings packages of its own, and a shared environment would stand in their place: take --template script or params",
                new.start.as_str()
            )))
        }
        Some(EnvironmentRef::Shared(name)) => {
            let folder = config.global_envs_dir.join(name);
            if folder.is_dir() {
                return Ok(());
            }
            Err(Error::NotFound(format!(
                "there is no shared environment {name}: {} is not there",
                folder.display()
            )))
        }
    }
}

/// The templates that are there, as the end of a sentence.
fn known(catalogue: &Catalogue) -> String {
    let templates = catalogue.templates().unwrap_or_default();
    let names: Vec<_> = templates.into_iter().map(|t| t.name).collect();
    if names.is_empty() {
        return "; there is none in images/".to_owned();
    }
    format!("; there is {}, or shared:<name>", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;
    use crate::service::check::check;

    fn home() -> (tempfile::TempDir, Config, Catalogue) {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("images/data")).unwrap();
        let template = home.path().join("images/data/template.toml");
        fs::write(
            template,
            "description = \"d\"\nrequirements = [\"numpy\"]\n",
        )
        .unwrap();
        let shared = home.path().join("global_envs/base");
        fs::create_dir_all(&shared).unwrap();
        fs::write(shared.join("requirements.txt"), "requests\n").unwrap();
        let flags = Overrides {
            home: Some(home.path().to_owned()),
            ..Overrides::default()
        };
        let config = Config::load(&flags).unwrap();
        let catalogue = Catalogue::new(
            config.tasks_dir.clone(),
            config.global_envs_dir.clone(),
            config.images_dir.clone(),
        );
        (home, config, catalogue)
    }

    fn new(name: &str, start: Start, environment: Option<&str>) -> NewTask {
        NewTask {
            name: name.parse().unwrap(),
            start,
            environment: environment.map(|e| e.to_owned().try_into().unwrap()),
        }
    }

    #[test]
    fn every_template_makes_a_good_task() {
        let (_home, config, catalogue) = home();
        for start in Start::ALL {
            for environment in [None, Some("data"), Some("shared:base")] {
                if environment == Some("shared:base") && start.has_packages() {
                    continue;
                }
                let name = format!(
                    "{}-{}",
                    start.as_str(),
                    environment.map_or("none", |e| &e[..4])
                );
                let path = create(&config, &catalogue, &new(&name, *start, environment)).unwrap();
                assert!(path.exists());
                let task = catalogue.load(&name.parse().unwrap()).unwrap();
                let named = task.manifest.environment.map(|e| e.to_string());
                assert_eq!(named.as_deref(), environment);
            }
        }
        for checked in check(&config, &catalogue, &[]).unwrap() {
            assert_eq!(checked.problems, [], "{}", checked.name);
        }
    }

    #[test]
    fn what_is_there_stays() {
        let (_home, config, catalogue) = home();
        create(&config, &catalogue, &new("a", Start::Script, None)).unwrap();
        fs::write(config.tasks_dir.join("b.py"), "print()").unwrap();
        fs::create_dir(config.tasks_dir.join("c")).unwrap();
        for name in ["a", "b", "c"] {
            for start in Start::ALL {
                let error = create(&config, &catalogue, &new(name, *start, None)).unwrap_err();
                assert!(matches!(error, Error::Conflict(_)), "{error}");
            }
        }
        let mut left: Vec<_> = fs::read_dir(&config.tasks_dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["a", "b.py", "c"]);
    }

    #[test]
    fn an_environment_must_be_there() {
        let (_home, config, catalogue) = home();
        let unknown = create(&config, &catalogue, &new("a", Start::Script, Some("dta")));
        let text = unknown.unwrap_err().to_string();
        assert!(text.contains("data"), "{text}");
        let unknown = create(
            &config,
            &catalogue,
            &new("a", Start::Script, Some("shared:x")),
        );
        assert!(matches!(unknown, Err(Error::NotFound(_))));
        let shadowed = create(
            &config,
            &catalogue,
            &new("a", Start::Report, Some("shared:base")),
        );
        assert!(matches!(shadowed, Err(Error::Invalid(_))));
        assert!(!config.tasks_dir.join("a").exists());
    }
}
