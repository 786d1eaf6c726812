//! Changes files that people write: the format is kept, the change is whole
//! or not at all, and no change leaves a file that Runbay could not read. What a
//! file said before is kept by whoever asks for the change (`service::keep`).

use super::document::Document;
use super::problem::{CatalogueError, Issue, Problem};
use super::rewrite::{keep_comments, sync_array, sync_lines};
use super::task::TOOL;
use super::text::{MAX_TEXT, Text, decode, open_plain, unreadable};
use super::{manifest, pep723, pyproject, requirements};
use crate::domain::environment::Requirement;
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;
use toml_edit::{DocumentMut, Item, Table};

/// How a half-written file begins and ends its name; such files are no part
/// of a task.
const TEMPORARY: (&str, &str) = (".runbay-", ".tmp");

/// Whether a file is one we are about to rename, or left by a crash before.
pub(super) fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1)
}

/// Changes a manifest: a `task.toml`, made if there is none, or the
/// `[tool.runbay]` of a script's PEP 723 block. `change` gets the table that
/// holds the manifest's keys.
///
/// # Errors
/// A result that is not a valid manifest, with all that is wrong; a file that
/// is not there, cannot be written, or changed meanwhile. The file is then as
/// it was.
pub fn edit_manifest(path: &Path, change: impl FnOnce(&mut Table)) -> Result<(), CatalogueError> {
    let original = Original::read(path)?;
    let script = path.extension().is_some_and(|extension| extension == "py");
    let after = if script {
        original.with_block(|document| {
            let tool = subtable(document.as_table_mut(), "tool")?;
            tool.set_implicit(true);
            change_table(subtable(tool, "runbay")?, change);
            Ok(())
        })?
    } else {
        let mut document = parse(&original.text)?;
        change_table(document.as_table_mut(), change);
        document.to_string()
    };
    let text = original.text_of(&after);
    let check = |text: &Text, table: &[&str]| {
        let document = Document::parse(text).map_err(|problem| vec![problem])?;
        let read = manifest::read(&document, table);
        if read.problems.is_empty() {
            Ok(())
        } else {
            Err(read.problems)
        }
    };
    let checked = match script {
        false => check(&text, &[]),
        true => match pep723::metadata(&text) {
            Ok(Some(block)) => {
                check(&block, &TOOL).and_then(|()| pyproject::read_script(&block).map(drop))
            }
            Ok(None) => Ok(()),
            Err(problem) => Err(vec![problem]),
        },
    };
    checked.map_err(|problems| CatalogueError::Invalid { problems })?;
    original.replace(&text.content)
}

/// Changes a file of TOML that is no manifest, made if there is none. `check`
/// sees what it would say.
///
/// # Errors
/// Those of `check`; otherwise as [`edit_manifest`].
pub fn edit_toml<E: From<CatalogueError>>(
    path: &Path,
    change: impl FnOnce(&mut Table),
    check: impl FnOnce(&str) -> Result<(), E>,
) -> Result<(), E> {
    let original = Original::read(path)?;
    let mut document = parse(&original.text)?;
    change_table(document.as_table_mut(), change);
    let text = original.text_of(&document.to_string());
    check(&text.content)?;
    Ok(original.replace(&text.content)?)
}

fn change_table(table: &mut Table, change: impl FnOnce(&mut Table)) {
    let before = table.clone();
    change(table);
    keep_comments(&before, table);
}

/// Makes these the requirements of a file: a requirements file, the list of a
/// `task.toml` or `pyproject.toml`, or the `dependencies` of a script's
/// PEP 723 block. What does not change keeps its place, form and comments.
///
/// # Errors
/// A line that is refused; otherwise as [`edit_manifest`].
pub fn set_requirement_lines(file: &Path, lines: &[String]) -> Result<(), CatalogueError> {
    let invalid = |problems| CatalogueError::Invalid { problems };
    let wanted = parse_lines(file, lines).map_err(invalid)?;
    let original = Original::read(file)?;
    let name = original.text.name.clone();
    let after = if name.ends_with(".py") {
        original.with_block(|document| {
            let array = list(document.as_table_mut(), &[], "dependencies")?;
            sync_array(array, &wanted);
            Ok(())
        })?
    } else if name == "pyproject.toml" || name == manifest::MANIFEST_FILE {
        let mut document = parse(&original.text)?;
        let root = document.as_table_mut();
        let array = match name.as_str() {
            "pyproject.toml" => list(root, &["project"], "dependencies"),
            _ => list(root, &[], "requirements"),
        };
        let array = array.map_err(|issue| invalid(vec![Problem::of(file, issue)]))?;
        sync_array(array, &wanted);
        document.to_string()
    } else {
        sync_lines(&original.text.content, &wanted)
    };
    let text = original.text_of(&after);
    check_requirements(&text).map_err(invalid)?;
    original.replace(&text.content)
}

/// A requirement and the text it was given as.
pub(super) type Wanted = (Requirement, String);

fn parse_lines(file: &Path, lines: &[String]) -> Result<Vec<Wanted>, Vec<Problem>> {
    let given = Text::new(file.to_owned(), String::new());
    let mut wanted = Vec::new();
    for line in lines {
        let requirement = super::requirement::parse(line, given.name.clone())
            .map_err(|issue| vec![Problem::of(file, issue)])?;
        wanted.push((requirement, line.trim().to_owned()));
    }
    Ok(wanted)
}

fn check_requirements(text: &Text) -> Result<(), Vec<Problem>> {
    let one = |problem| vec![problem];
    if text.name.ends_with(".py") {
        let block = pep723::metadata(text).map_err(one)?;
        return block.map_or(Ok(()), |block| pyproject::read_script(&block).map(drop));
    }
    match text.name.as_str() {
        "pyproject.toml" => pyproject::read_project(text, true).map(drop),
        manifest::MANIFEST_FILE => {
            let document = Document::parse(text).map_err(one)?;
            let items = document.texts(&["requirements"]).map_err(one)?;
            let mut problems = manifest::read(&document, &[]).problems;
            let lines = requirements::collect(text, items.unwrap_or_default());
            problems.extend(lines.err().unwrap_or_default());
            if problems.is_empty() {
                Ok(())
            } else {
                Err(problems)
            }
        }
        _ => requirements::read(text).map(drop),
    }
}

fn parse(text: &Text) -> Result<DocumentMut, CatalogueError> {
    text.content.parse::<DocumentMut>().map_err(|fault| {
        let at = fault.span().map_or(0, |span| span.start);
        let issue = Issue::new(format!("not TOML: {}", fault.message()));
        CatalogueError::Invalid {
            problems: vec![text.problem(at, issue)],
        }
    })
}

/// The table at a key, made if there is none. A table written inline becomes
/// one with a header, as the rest of the code expects.
fn subtable<'a>(table: &'a mut Table, key: &str) -> Result<&'a mut Table, Issue> {
    let item = table
        .entry(key)
        .or_insert_with(|| Item::Table(Table::new()));
    if !item.is_table() {
        *item = match std::mem::take(item).into_table() {
            Ok(table) => Item::Table(table),
            Err(_) => return Err(Issue::new(format!("`{key}` must be a table"))),
        };
    }
    Ok(item.as_table_mut().expect("it was just made a table"))
}

/// The list at a key of a table, made if there is none or another value.
fn list<'a>(
    root: &'a mut Table,
    path: &[&str],
    key: &str,
) -> Result<&'a mut toml_edit::Array, Issue> {
    let mut table = root;
    for step in path {
        table = subtable(table, step)?;
    }
    if table.get(key).and_then(Item::as_array).is_none() {
        table.insert(key, toml_edit::value(toml_edit::Array::new()));
    }
    let array = table[key].as_array_mut();
    Ok(array.expect("it was just made a list"))
}

/// A file as it was before the change.
struct Original<'a> {
    path: &'a Path,
    bytes: Option<Vec<u8>>,
    text: Text,
}

impl<'a> Original<'a> {
    fn read(path: &'a Path) -> Result<Self, CatalogueError> {
        let invalid = |problem| CatalogueError::Invalid {
            problems: vec![problem],
        };
        let bytes = match fs::symlink_metadata(path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => None,
            Err(fault) => return Err(CatalogueError::io("read", path, fault)),
            Ok(kind) if !kind.is_file() => {
                let issue = Issue::new("is not a regular file, so it is not written to");
                return Err(invalid(Problem::of(path, issue)));
            }
            Ok(_) => Some(
                read_all(path).map_err(|fault| invalid(Problem::of(path, unreadable(&fault))))?,
            ),
        };
        if bytes
            .as_ref()
            .is_some_and(|bytes| bytes.len() as u64 > MAX_TEXT)
        {
            let issue = Issue::new(format!("is larger than {MAX_TEXT} bytes"));
            return Err(invalid(Problem::of(path, issue)));
        }
        let content = decode(bytes.as_deref().unwrap_or_default(), path).map_err(invalid)?;
        Ok(Self {
            path,
            bytes,
            text: Text::new(path.to_owned(), content),
        })
    }

    /// The script with its PEP 723 block changed; a block is made if there is
    /// none.
    fn with_block(
        &self,
        change: impl FnOnce(&mut DocumentMut) -> Result<(), Issue>,
    ) -> Result<String, CatalogueError> {
        let source = &self.text.content;
        if self.bytes.is_none() {
            let gone = io::Error::from(io::ErrorKind::NotFound);
            return Err(CatalogueError::io("read", self.path, gone));
        }
        let invalid = |problem| CatalogueError::Invalid {
            problems: vec![problem],
        };
        let metadata = pep723::metadata(&self.text).map_err(invalid)?;
        let found = metadata.zip(pep723::script_block(source).ok().flatten());
        let (mut document, span, gap) = match &found {
            Some((text, block)) => (parse(text)?, block.span.clone(), ""),
            None => {
                let at = preamble(source);
                (DocumentMut::new(), at..at, "\n")
            }
        };
        change(&mut document).map_err(|issue| invalid(Problem::of(self.path, issue)))?;
        let block = pep723::write_block(&document.to_string());
        Ok(format!(
            "{}{block}{gap}{}",
            &source[..span.start],
            &source[span.end..]
        ))
    }

    /// The changed text, with the line ends of the original.
    fn text_of(&self, after: &str) -> Text {
        let windows = self.text.content.contains("\r\n");
        let unix = after.replace("\r\n", "\n");
        let content = if windows {
            unix.replace('\n', "\r\n")
        } else {
            unix
        };
        Text::new(self.path.to_owned(), content)
    }

    /// Writes the new content beside the file and renames it into place.
    fn replace(&self, content: &str) -> Result<(), CatalogueError> {
        let failed = |fault| CatalogueError::io("write", self.path, fault);
        let folder = match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let (before, after) = TEMPORARY;
        let temporary = folder.join(format!("{before}{}{after}", uuid::Uuid::new_v4().simple()));
        let written = self
            .write(&temporary, content)
            .map_err(failed)
            .and_then(|()| {
                self.unchanged()?;
                fs::rename(&temporary, self.path).map_err(failed)
            });
        if written.is_err() {
            // Best effort: the reason it failed matters more.
            let _ = fs::remove_file(&temporary);
            return written;
        }
        // The rename is durable once the folder is.
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed)
    }

    fn write(&self, temporary: &Path, content: &str) -> io::Result<()> {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(temporary)?;
        let bom: &[u8] = "\u{feff}".as_bytes();
        if self
            .bytes
            .as_ref()
            .is_some_and(|bytes| bytes.starts_with(bom))
        {
            file.write_all(bom)?;
        }
        file.write_all(content.as_bytes())?;
        let mode = match fs::metadata(self.path) {
            Ok(old) => {
                // Only root may give files away; anyone else owns both.
                let _ = fchown(&file, Some(old.uid()), Some(old.gid()));
                old.permissions().mode() & 0o777
            }
            Err(_) => 0o644,
        };
        file.set_permissions(Permissions::from_mode(mode))?;
        file.sync_all()
    }

    /// Refuses to overwrite what somebody else wrote meanwhile.
    fn unchanged(&self) -> Result<(), CatalogueError> {
        let now = match read_all(self.path) {
            Ok(bytes) => Some(bytes),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => None,
            Err(fault) => return Err(CatalogueError::io("read", self.path, fault)),
        };
        if now == self.bytes {
            Ok(())
        } else {
            Err(CatalogueError::ChangedDuringRead {
                path: self.path.to_owned(),
            })
        }
    }
}

/// The bytes of a file, one more than the most at most.
fn read_all(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_plain(path)?
        .take(MAX_TEXT + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where a block may begin: after the lines that must come first.
fn preamble(source: &str) -> usize {
    let mut at = 0;
    for (number, line) in source.split_inclusive('\n').take(2).enumerate() {
        let first = (number == 0 && line.starts_with("#!"))
            || (line.starts_with('#') && line.contains("coding"));
        if !first || !line.ends_with('\n') {
            break;
        }
        at += line.len();
    }
    at
}
