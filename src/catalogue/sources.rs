//! Where the requirements of a task are: the first source that says anything,
//! in the order that [`RequirementSource`] lists.

use super::document::Document;
use super::problem::{Issue, Problem};
use super::pyproject::{self, Declared};
use super::text::{Folder, MAX_LOCK, MAX_TEXT, Text, relative};
use super::{pep723, python, requirements, uvlock};
use crate::domain::environment::Requirement;
use crate::domain::manifest::{EnvironmentRef, Manifest, Requirements};
use crate::domain::task::{Entry, RequirementSet, RequirementSource};
use std::path::Path;

/// Requirements and who says so.
type Found = (RequirementSource, Vec<Requirement>);

/// What is known of a task before its requirements are.
pub(super) struct Context<'a> {
    /// The task's folder; none for a single file, beside which nothing of it
    /// lies.
    pub(super) folder: Option<&'a Folder>,
    /// The names of the files in it.
    pub(super) files: &'a [String],
    /// The manifest.
    pub(super) manifest: &'a Manifest,
    /// The document the manifest was read from, and its table there.
    pub(super) said: Option<(&'a Document<'a>, &'a [&'a str])>,
    /// `global_envs/`.
    pub(super) shared: &'a Folder,
    /// The metadata of the entry script, already read.
    pub(super) script: Option<(&'a str, Declared)>,
}

/// Finds the requirements and the Python of a task.
///
/// # Errors
/// All that is wrong with the first source that says anything.
pub(super) fn find(context: Context<'_>) -> Result<RequirementSet, Vec<Problem>> {
    let one = |problem| vec![problem];
    let script = context.script;
    let project = match context.folder {
        Some(folder) => folder.read("pyproject.toml", MAX_TEXT).map_err(one)?,
        None => None,
    };
    let requires = match (&script, &project) {
        (Some((_, declared)), _) if declared.requires_python.is_some() => {
            declared.requires_python.clone()
        }
        // Its faults are told below, if it is the source.
        (_, Some(text)) => pyproject::read_project(text, true)
            .ok()
            .and_then(|declared| declared.requires_python),
        _ => None,
    };
    let mut set = RequirementSet {
        python: match (context.manifest.python, context.folder) {
            (None, Some(folder)) => python::pinned(folder).map_err(one)?,
            (named, _) => named,
        },
        requires_python: requires,
        ..RequirementSet::default()
    };
    let found = if let Some(found) = from_manifest(&Said {
        folder: context.folder,
        shared: context.shared,
        manifest: context.manifest,
        said: context.said,
    })? {
        if let RequirementSource::Shared(name) = &found.0
            && set.python.is_none()
        {
            let shared = below(context.shared, name);
            set.python = python::pinned(&shared).map_err(one)?;
        }
        Some(found)
    } else if let Some((
        file,
        Declared {
            lines: Some(lines), ..
        },
    )) = script
    {
        Some((RequirementSource::Pep723(file.to_owned()), lines))
    } else if let Some(folder) = context.folder {
        from_folder(folder, context.files)?
    } else {
        None
    };
    if let Some((source, lines)) = found {
        set.source = Some(source);
        set.lines = lines;
    }
    Ok(set)
}

struct Said<'a> {
    folder: Option<&'a Folder>,
    shared: &'a Folder,
    manifest: &'a Manifest,
    said: Option<(&'a Document<'a>, &'a [&'a str])>,
}

impl Said<'_> {
    /// A fault at a key of the manifest. Whoever calls has read that key, so
    /// there is a document.
    fn fault(&self, key: &str, issue: Issue) -> Vec<Problem> {
        self.said
            .map(|(document, path)| document.problem(&[path, &[key]].concat(), issue))
            .into_iter()
            .collect()
    }
}

/// What the manifest says: a file, a list, or a shared set.
fn from_manifest(said: &Said<'_>) -> Result<Option<Found>, Vec<Problem>> {
    match (&said.manifest.requirements, &said.manifest.environment) {
        (Some(Requirements::File(name)), _) => {
            // What is not a name at all was told with the other keys.
            let Some(folder) = said.folder.filter(|_| relative(name).is_ok()) else {
                return Ok(None);
            };
            let text = folder
                .read(name, MAX_TEXT)
                .map_err(|problem| vec![problem])?
                .ok_or_else(|| {
                    let message = format!("`requirements`: there is no file {name} in this folder");
                    said.fault("requirements", Issue::new(message))
                })?;
            let lines = requirements::read(&text)?;
            Ok(Some((RequirementSource::File(name.clone()), lines)))
        }
        (Some(Requirements::List(_)), _) => {
            let Some((document, path)) = said.said else {
                return Ok(None);
            };
            let path = [path, &["requirements"]].concat();
            let items = document.texts(&path).map_err(|problem| vec![problem])?;
            let lines = requirements::collect(document.text, items.unwrap_or_default())?;
            Ok(Some((RequirementSource::Manifest, lines)))
        }
        (None, Some(EnvironmentRef::Shared(name))) => from_shared(said, name).map(Some),
        (None, _) => Ok(None),
    }
}

fn from_shared(said: &Said<'_>, name: &str) -> Result<Found, Vec<Problem>> {
    let folder = below(said.shared, name);
    if !folder.root.is_dir() {
        let others = subfolders(&said.shared.root);
        let others = others.iter().map(String::as_str);
        let message = format!("there is no shared environment {name} in global_envs/");
        let issue = Issue::suggesting(message, crate::domain::suggest::nearest(name, others));
        return Err(said.fault("environment", issue));
    }
    let files = folder.file_names().map_err(|problem| vec![problem])?;
    match from_folder(&folder, &files)? {
        Some((_, lines)) => Ok((RequirementSource::Shared(name.to_owned()), lines)),
        None => {
            let issue = Issue::hinted("holds no requirements", "add a requirements.txt");
            Err(vec![Problem::of(&folder.shown, issue)])
        }
    }
}

/// What the files of a folder say, by their names.
fn from_folder(folder: &Folder, files: &[String]) -> Result<Option<Found>, Vec<Problem>> {
    let one = |problem| vec![problem];
    let mut elsewhere = None;
    if let Some(text) = folder.read("pyproject.toml", MAX_TEXT).map_err(one)? {
        let lock = folder.read("uv.lock", MAX_LOCK).map_err(one)?;
        let declared = pyproject::read_project(&text, lock.is_some())?;
        elsewhere = declared.elsewhere;
        match (declared.lines, lock) {
            (Some(lines), Some(lock)) => {
                let lines = uvlock::read(&lock, &lines)?;
                return Ok(Some((RequirementSource::UvLock, lines)));
            }
            (Some(lines), None) => return Ok(Some((RequirementSource::Pyproject, lines))),
            (None, _) => {}
        }
    }
    let name = match (usual_names(files).as_slice(), elsewhere) {
        ([name], _) => name.clone(),
        ([first, ..], _) if first == "requirements.txt" => first.clone(),
        ([], None) => return Ok(None),
        ([], Some(problem)) => return Err(vec![problem]),
        (several, _) => {
            let issue = Issue::hinted(
                format!(
                    "which requirements are meant is not clear: {}",
                    several.join(", ")
                ),
                "name one with `requirements` in task.toml, or call it requirements.txt",
            );
            return Err(vec![Problem::of(&folder.shown, issue)]);
        }
    };
    let Some(text) = folder.read(&name, MAX_TEXT).map_err(one)? else {
        return Ok(None);
    };
    let lines = requirements::read(&text)?;
    Ok(Some((RequirementSource::File(name), lines)))
}

/// The requirements files among these names, `requirements.txt` first.
fn usual_names(files: &[String]) -> Vec<String> {
    let usual = |name: &&String| {
        let starts = name.starts_with("requirements-") || name.starts_with("req-");
        *name == "requirements.txt" || *name == "deps.txt" || (starts && name.ends_with(".txt"))
    };
    let mut names: Vec<_> = files.iter().filter(usual).cloned().collect();
    names.sort_by_key(|name| (name != "requirements.txt", name.clone()));
    names
}

/// Every file of a folder that could be the source of its requirements, in
/// the order of precedence, whether it is well formed or not.
#[must_use]
pub fn requirement_candidates(dir: &Path) -> Vec<RequirementSource> {
    let folder = Folder {
        root: dir.to_owned(),
        shown: dir.to_owned(),
    };
    let read = |name: &str| folder.read(name, MAX_TEXT).ok().flatten();
    let files = folder.file_names().unwrap_or_default();
    let mut found = Vec::new();
    let manifest = read(super::MANIFEST_FILE);
    if manifest.is_some_and(|text| names_requirements(&text)) {
        found.push(RequirementSource::Manifest);
    }
    for file in files.iter().filter(|file| file.ends_with(".py")) {
        if pep723::read(&folder, file).is_ok_and(|block| block.is_some()) {
            found.push(RequirementSource::Pep723(file.clone()));
        }
    }
    if files.iter().any(|file| file == "pyproject.toml") {
        if files.iter().any(|file| file == "uv.lock") {
            found.push(RequirementSource::UvLock);
        }
        found.push(RequirementSource::Pyproject);
    }
    found.extend(usual_names(&files).into_iter().map(RequirementSource::File));
    found
}

fn names_requirements(text: &Text) -> bool {
    Document::parse(text).is_ok_and(|document| document.get(&["requirements"]).is_some())
}

/// What a script's own block declares, when the entry is a script.
pub(super) fn script_metadata<'e>(
    folder: &Folder,
    entry: &'e Entry,
) -> Result<Option<(&'e str, Text)>, Problem> {
    let Entry::Script(file) = entry else {
        return Ok(None);
    };
    Ok(pep723::read(folder, file)?.map(|block| (file.as_str(), block)))
}

/// The folder of this name below another.
pub(super) fn below(folder: &Folder, name: &str) -> Folder {
    Folder {
        root: folder.root.join(name),
        shown: folder.shown.join(name),
    }
}

/// The names of the folders below a folder; none when it cannot be listed,
/// as they only serve suggestions.
pub(super) fn subfolders(dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}
