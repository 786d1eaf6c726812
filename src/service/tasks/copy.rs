//! New tasks: from a template, from given files, or from another task.

use super::super::create::{self, NewTask, Start};
use super::super::{App, Error, Field};
use super::staging::Staging;
use super::{MAX_FILE, TaskView, show};
use crate::catalogue::snapshot_of;
use crate::domain::filepath::FilePath;
use crate::domain::ids::TaskName;
use crate::domain::manifest::EnvironmentRef;
use crate::threads::off_thread;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;

/// The most files that a task is made with in one request.
const MAX_FILES: usize = 500;

/// A task to be made. With `files` it holds those; without, it begins with a
/// template.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Its name.
    pub name: TaskName,
    /// What it begins with when no files are given.
    #[serde(default)]
    pub template: Option<Start>,
    /// The template of images, or `shared:<name>`, that it names; not together
    /// with files, whose manifest says it.
    #[serde(default)]
    pub environment: Option<EnvironmentRef>,
    /// Its files, by path.
    #[serde(default)]
    // Few generators of clients know names that follow a pattern.
    #[schemars(with = "BTreeMap<String, NewFile>")]
    pub files: BTreeMap<FilePath, NewFile>,
}

/// A new file: either text, or any bytes in base 64.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewFile {
    /// Its content as text.
    pub text: Option<String>,
    /// Its content in base 64 (RFC 4648).
    pub base64: Option<String>,
    /// Whether its owner may execute it.
    pub executable: bool,
}

impl NewFile {
    fn bytes(&self) -> Result<Vec<u8>, String> {
        let bytes = match (&self.text, &self.base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(text)) => STANDARD
                .decode(text)
                .map_err(|error| format!("base64 is not base 64: {error}"))?,
            _ => return Err("give its content, as either text or base64".to_owned()),
        };
        match bytes.len() as u64 {
            0..=MAX_FILE => Ok(bytes),
            _ => Err("is larger than 16 MiB".to_owned()),
        }
    }
}

/// Makes a task.
///
/// # Errors
/// When the name is taken or a file is not valid; then nothing was made.
pub async fn create(app: &App, new: Create) -> Result<TaskView, Error> {
    let _lock = app.edits.lock().await;
    let (name, at) = (new.name.clone(), app.clone());
    off_thread(move || match new.files.is_empty() {
        true => {
            let new = NewTask {
                name: new.name,
                start: new.template.unwrap_or(Start::Script),
                environment: new.environment,
            };
            create::create(&at.config, &at.catalogue, &new).map(drop)
        }
        false => from_files(&at, &new),
    })
    .await?;
    show(app, &name).await
}

fn from_files(app: &App, new: &Create) -> Result<(), Error> {
    let mut fields = Vec::new();
    let alone = "is not taken together with files: their manifest says it";
    if new.template.is_some() {
        fields.push(Field::body("/template", alone));
    }
    if new.environment.is_some() {
        fields.push(Field::body("/environment", alone));
    }
    let files = decoded(&new.files, &mut fields);
    if !fields.is_empty() {
        return Err(Error::Fields(fields));
    }
    let staging = Staging::new(&app.config.tasks_dir)?;
    for (path, bytes, file) in files {
        staging.file(path, &bytes, file.executable)?;
    }
    staging.become_task(&new.name)?;
    Ok(())
}

/// The content of each file; what is wrong with the others joins `fields`.
pub(super) fn decoded<'a>(
    files: &'a BTreeMap<FilePath, NewFile>,
    fields: &mut Vec<Field>,
) -> Vec<(&'a FilePath, Vec<u8>, &'a NewFile)> {
    if files.len() > MAX_FILES {
        let message = format!("more than {MAX_FILES} files: upload an archive instead");
        fields.push(Field::body("/files", message));
    }
    let mut found = Vec::new();
    for (path, file) in files {
        let pointer = path.as_str().replace('~', "~0").replace('/', "~1");
        match file.bytes() {
            Ok(bytes) => found.push((path, bytes, file)),
            Err(message) => fields.push(Field::body(format!("/files/{pointer}"), message)),
        }
    }
    found
}

/// Makes a task with the code of another: what a run of it would see, without
/// what the ignore rules leave out.
///
/// # Errors
/// When the new name is taken, or the code could not go into an image.
pub async fn duplicate(app: &App, from: &TaskName, to: &TaskName) -> Result<TaskView, Error> {
    let _lock = app.edits.lock().await;
    let (at, source, target) = (app.clone(), from.clone(), to.clone());
    off_thread(move || {
        let path = at.catalogue.locate(&source)?;
        let tree = snapshot_of(&path, source.as_str())?;
        let staging = Staging::new(&at.config.tasks_dir)?;
        for file in tree.files {
            let name: FilePath = file
                .path
                .parse()
                .map_err(|error| Error::Conflict(format!("{source} cannot be copied: {error}")))?;
            let read = fs::read(&file.source);
            let bytes = read.map_err(Error::io(format!("cannot read {name}")))?;
            staging.file(&name, &bytes, file.executable)?;
        }
        match path.is_dir() {
            true => staging.become_task(&target),
            false => staging.become_script(&format!("{source}.py"), &target),
        }
    })
    .await?;
    show(app, to).await
}
