//! One task: its manifest, entry and requirements put together, with all that
//! is wrong told at once.

use super::document::Document;
use super::manifest::{self, MANIFEST_FILE, Read};
use super::problem::{Issue, Problem};
use super::sources::{self, Context};
use super::text::{Folder, MAX_TEXT, Text};
use super::{entry, pep723, pyproject, tree};
use crate::domain::ids::TaskName;
use crate::domain::manifest::EnvironmentRef;
use crate::domain::task::{Entry, RequirementSet, Task};

/// The table of a PEP 723 block that is the manifest of a single file.
pub(super) const TOOL: [&str; 2] = ["tool", "runbay"];

/// The folders a task may refer to.
pub(super) struct Places<'a> {
    /// `global_envs/`.
    pub(super) shared: &'a Folder,
    /// `images/`.
    pub(super) images: &'a Folder,
}

/// Reads the task in a folder.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn read_folder(
    folder: &Folder,
    name: TaskName,
    places: &Places<'_>,
) -> Result<Task, Vec<Problem>> {
    let one = |problem| vec![problem];
    let files = folder.file_names().map_err(one)?;
    let text = folder.read(MANIFEST_FILE, MAX_TEXT).map_err(one)?;
    let document = text
        .as_ref()
        .map(Document::parse)
        .transpose()
        .map_err(one)?;
    let mut read = document
        .as_ref()
        .map_or_else(Read::default, |document| manifest::read(document, &[]));
    let mut reading = Reading {
        folder,
        files: &files,
        document: document.as_ref(),
        path: &[],
        problems: std::mem::take(&mut read.problems),
        places,
    };
    let entry = reading.entry(name.as_str(), &read);
    let requirements = reading.requirements(entry.as_ref(), &read);
    reading.template(&read);
    let mut problems = reading.problems;
    match (entry, requirements) {
        (Some(entry), Some(requirements)) if problems.is_empty() => Ok(Task {
            name,
            path: folder.root.clone(),
            single_file: false,
            manifest: read.manifest,
            entry,
            requirements,
        }),
        _ => {
            manifest::sort(&mut problems);
            Err(problems)
        }
    }
}

/// Reads the task that is the file `file` of `tasks/`.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn read_file(
    tasks: &Folder,
    file: &str,
    name: TaskName,
    places: &Places<'_>,
) -> Result<Task, Vec<Problem>> {
    let one = |problem| vec![problem];
    let block = pep723::read(tasks, file).map_err(one)?;
    let document = block
        .as_ref()
        .map(Document::parse)
        .transpose()
        .map_err(one)?;
    let mut read = document
        .as_ref()
        .map_or_else(Read::default, |document| manifest::read(document, &TOOL));
    let mut reading = Reading {
        folder: tasks,
        files: &[],
        document: document.as_ref(),
        path: &TOOL,
        problems: std::mem::take(&mut read.problems),
        places,
    };
    reading.single_file(file, &read);
    let entry = match &read.manifest.command {
        Some(command) => Entry::Command(command.clone()),
        None => Entry::Script(file.to_owned()),
    };
    let requirements = reading.metadata(block.as_ref(), file, &read);
    reading.template(&read);
    let mut problems = reading.problems;
    match requirements {
        Some(requirements) if problems.is_empty() => Ok(Task {
            name,
            path: tasks.root.join(file),
            single_file: true,
            manifest: read.manifest,
            entry,
            requirements,
        }),
        _ => {
            manifest::sort(&mut problems);
            Err(problems)
        }
    }
}

/// A task that is being read.
struct Reading<'a> {
    folder: &'a Folder,
    files: &'a [String],
    document: Option<&'a Document<'a>>,
    path: &'a [&'a str],
    problems: Vec<Problem>,
    places: &'a Places<'a>,
}

impl<'a> Reading<'a> {
    /// A fault at a key of the manifest, or of the folder if it is unsaid.
    fn fault(&mut self, key: &str, issue: Issue) {
        let path = [self.path, &[key]].concat();
        let problem = match self.document {
            Some(document) if document.get(&path).is_some() => document.problem(&path, issue),
            _ => Problem::of(&self.folder.shown, issue),
        };
        self.problems.push(problem);
    }

    fn entry(&mut self, name: &str, read: &Read) -> Option<Entry> {
        let unclear = ["entry", "command"]
            .iter()
            .any(|key| read.bad.iter().any(|bad| bad == key));
        if unclear {
            return None;
        }
        if let Some(command) = &read.manifest.command {
            return Some(Entry::Command(command.clone()));
        }
        let said = read.manifest.entry.as_deref();
        if said.is_some_and(|said| super::text::relative(said).is_err()) {
            return None;
        }
        let entry = match entry::find(self.folder, name, said, self.files) {
            Ok(entry) => entry,
            Err(issue) => {
                self.fault("entry", issue);
                return None;
            }
        };
        let file = match &entry {
            Entry::Script(file) => file.as_str(),
            _ => "__main__.py",
        };
        if tree::is_ignored(&self.folder.root, file) {
            let issue = Issue::hinted(
                format!("{file} is what a run executes, yet an ignore file leaves it out"),
                "change .runbayignore or .gitignore",
            );
            self.fault("entry", issue);
        }
        Some(entry)
    }

    fn requirements(&mut self, entry: Option<&Entry>, read: &Read) -> Option<RequirementSet> {
        let script = match entry.map(|entry| sources::script_metadata(self.folder, entry)) {
            Some(Ok(script)) => script,
            Some(Err(problem)) => {
                self.problems.push(problem);
                return None;
            }
            None => None,
        };
        if let Some((_, block)) = &script {
            self.misplaced(block);
        }
        let (file, block) = match &script {
            Some((file, block)) => (Some(*file), Some(block)),
            None => (None, None),
        };
        self.find(file, block, read)
    }

    fn metadata(
        &mut self,
        block: Option<&Text>,
        file: &str,
        read: &Read,
    ) -> Option<RequirementSet> {
        self.find(Some(file), block, read)
    }

    fn find(
        &mut self,
        file: Option<&str>,
        block: Option<&Text>,
        read: &Read,
    ) -> Option<RequirementSet> {
        let declared = match block.map(pyproject::read_script).transpose() {
            Ok(declared) => declared,
            Err(mut faults) => {
                self.problems.append(&mut faults);
                return None;
            }
        };
        let unclear = ["requirements", "environment", "python"];
        if unclear
            .iter()
            .any(|key| read.bad.iter().any(|bad| bad == key))
        {
            return None;
        }
        let single = self.path == TOOL;
        let context = Context {
            folder: (!single).then_some(self.folder),
            files: self.files,
            manifest: &read.manifest,
            said: self.document.map(|document| (document, self.path)),
            shared: self.places.shared,
            script: file.zip(declared),
        };
        match sources::find(context) {
            Ok(set) => Some(set),
            Err(mut faults) => {
                self.problems.append(&mut faults);
                None
            }
        }
    }

    /// `[tool.runbay]` speaks for single files only; in a folder it would be
    /// a second manifest.
    fn misplaced(&mut self, block: &Text) {
        if let Ok(document) = Document::parse(block)
            && document.get(&TOOL).is_some()
        {
            let issue = Issue::hinted(
                "[tool.runbay] is read in single-file tasks only",
                "move its keys to task.toml",
            );
            self.problems.push(document.problem(&TOOL, issue));
        }
    }

    /// Keys that name other files have no meaning for a single file.
    fn single_file(&mut self, file: &str, read: &Read) {
        if read
            .manifest
            .entry
            .as_deref()
            .is_some_and(|entry| entry != file)
        {
            let issue = Issue::hinted(
                "`entry` of a single-file task is the file itself",
                "remove it",
            );
            self.fault("entry", issue);
        }
        if let Some(crate::domain::manifest::Requirements::File(_)) = read.manifest.requirements {
            let issue = Issue::hinted(
                "a single-file task has no requirements file",
                "list the packages under `dependencies`",
            );
            self.fault("requirements", issue);
        }
    }

    fn template(&mut self, read: &Read) {
        let Some(EnvironmentRef::Template(name)) = &read.manifest.environment else {
            return;
        };
        let file = self
            .places
            .images
            .root
            .join(name)
            .join(super::TEMPLATE_FILE);
        if !file.is_file() {
            let known = super::template::names(&self.places.images.root);
            let near = crate::domain::suggest::nearest(name, known.iter().map(String::as_str));
            let message = format!("there is no environment template {name} in images/");
            self.fault("environment", Issue::suggesting(message, near));
        }
    }
}
