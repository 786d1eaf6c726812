//! Environment templates: `images/<name>/template.toml`, written by admins.
//! A template adds packages of the system and of Python to the environments
//! that name it.

use super::document::{Document, TableReader};
use super::problem::{CatalogueError, Issue, Problem};
use super::requirements::collect;
use super::schema;
use super::sources::{below, subfolders};
use super::text::{Folder, MAX_TEXT};
use crate::domain::environment::Requirement;
use crate::domain::ids::TaskName;
use crate::domain::manifest::PythonVersion;
use crate::domain::suggest;
use schemars::{JsonSchema, schema_for};
use serde::Deserialize;
use std::path::Path;

/// The name of the file in a template's folder.
pub const TEMPLATE_FILE: &str = "template.toml";

/// A named start for environments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The folder's name.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// The Python release its packages need, if only one will do.
    pub python: Option<PythonVersion>,
    /// Debian packages, sorted.
    pub packages: Vec<String>,
    /// Python packages, sorted.
    pub requirements: Vec<Requirement>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct File {
    description: String,
    python: Option<PythonVersion>,
    packages: Vec<String>,
    requirements: Vec<String>,
}

/// The names of the templates, sorted; a folder without the file is none.
pub(super) fn names(images: &Path) -> Vec<String> {
    let mut names = subfolders(images);
    names.retain(|name| images.join(name).join(TEMPLATE_FILE).is_file());
    names
}

/// Reads the template of this name.
///
/// # Errors
/// No such template, with similar names; or all that is wrong with it.
pub(super) fn load(images: &Folder, name: &str) -> Result<Template, CatalogueError> {
    let invalid = |problems| CatalogueError::Invalid { problems };
    let text = match name.parse::<TaskName>() {
        Ok(_) => below(images, name)
            .read(TEMPLATE_FILE, MAX_TEXT)
            .map_err(|problem| invalid(vec![problem]))?,
        Err(_) => None,
    };
    let Some(text) = text else {
        let known = names(&images.root);
        let nearest = suggest::ranked(name, known.iter().map(String::as_str));
        return Err(CatalogueError::UnknownTemplate {
            name: name.escape_debug().to_string(),
            nearest: nearest.into_iter().map(str::to_owned).collect(),
        });
    };
    let document = Document::parse(&text).map_err(|problem| invalid(vec![problem]))?;
    read(&document, name).map_err(invalid)
}

fn read(document: &Document<'_>, name: &str) -> Result<Template, Vec<Problem>> {
    let known = schema::keys(&schema_for!(File).to_value());
    let mut reader = TableReader::new(document.text, &known);
    for (key, value) in &document.root {
        reader.take::<File>(key, value.clone());
    }
    let (file, mut problems, _) = reader.finish::<File>();
    let mut file = file.unwrap_or_default();
    for (at, package) in file.packages.iter().enumerate() {
        if !is_debian_package(package) {
            let issue = Issue::hinted(
                format!(
                    "“{}” is not the name of a Debian package",
                    package.escape_debug()
                ),
                "write only the name, such as libpq5",
            );
            problems.push(document.problem(&["packages", &at.to_string()], issue));
        }
    }
    file.packages.sort();
    file.packages.dedup();
    let items = document.texts(&["requirements"]).ok().flatten();
    let requirements = collect(document.text, items.unwrap_or_default());
    match requirements {
        Ok(requirements) if problems.is_empty() => Ok(Template {
            name: name.to_owned(),
            description: file.description,
            python: file.python,
            packages: file.packages,
            requirements,
        }),
        requirements => {
            problems.extend(requirements.err().unwrap_or_default());
            super::manifest::sort(&mut problems);
            Err(problems)
        }
    }
}

/// Debian Policy §5.6.1: at least two of `a-z0-9+-.`, beginning with a letter
/// or digit.
fn is_debian_package(name: &str) -> bool {
    let bytes = name.as_bytes();
    (2..=128).contains(&bytes.len())
        && (bytes[0].is_ascii_lowercase() || bytes[0].is_ascii_digit())
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(b))
}
