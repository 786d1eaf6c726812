//! What `pyproject.toml` and PEP 723 blocks say about packages and Python.
//! Tables of `uv` and Poetry that would change where packages come from are
//! refused rather than overlooked.

use super::document::{Document, Item};
use super::problem::{Issue, Problem};
use super::python;
use super::text::Text;
use crate::domain::environment::Requirement;
use crate::domain::suggest::nearest;

/// Keys of `[tool.uv]` that change which packages are installed or from where.
const UV_KEYS: &[&str] = &[
    "sources",
    "index",
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "index-strategy",
    "allow-insecure-host",
    "override-dependencies",
    "constraint-dependencies",
    "exclude-dependencies",
    "dependency-metadata",
    "prerelease",
    "resolution",
    "fork-strategy",
    "exclude-newer",
    "exclude-newer-package",
    "no-binary",
    "no-binary-package",
    "no-build",
    "no-build-package",
    "no-sources",
    "config-settings",
    "no-build-isolation",
    "no-build-isolation-package",
];

/// What a file says; nothing is decided yet.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Its requirements, if it says anything of them at all.
    pub(super) lines: Option<Vec<Requirement>>,
    /// Its `requires-python`.
    pub(super) requires_python: Option<String>,
    /// Why it gives no requirements though it means to.
    pub(super) elsewhere: Option<Problem>,
}

/// Reads the block of a script.
///
/// # Errors
/// All that is wrong in it.
pub(super) fn read_script(block: &Text) -> Result<Declared, Vec<Problem>> {
    let document = Document::parse(block).map_err(|problem| vec![problem])?;
    let known = ["dependencies", "requires-python", "tool"];
    let mut problems = Vec::new();
    for (key, _) in &document.root {
        let name = key.get_ref();
        if !known.contains(&&**name) {
            let message = format!("unknown key `{}` of script metadata", name.escape_debug());
            let issue = Issue::suggesting(message, nearest(name, known));
            problems.push(block.problem(key.span().start, issue));
        }
    }
    problems.extend(uv_settings(&document));
    let requires_python = specifier(&document, &["requires-python"]).unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let lines = dependencies(&document, &["dependencies"]).unwrap_or_else(|mut faults| {
        problems.append(&mut faults);
        None
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Declared {
        lines,
        requires_python,
        elsewhere: None,
    })
}

/// Reads a `pyproject.toml`. With `locked` the choices of `[tool.uv]` are in
/// the lock file already and say nothing here.
///
/// # Errors
/// All that is wrong in it.
pub(super) fn read_project(text: &Text, locked: bool) -> Result<Declared, Vec<Problem>> {
    let document = Document::parse(text).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let requires_python =
        specifier(&document, &["project", "requires-python"]).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
    let lines =
        dependencies(&document, &["project", "dependencies"]).unwrap_or_else(|mut faults| {
            problems.append(&mut faults);
            None
        });
    if lines.is_some() && !locked {
        problems.extend(uv_settings(&document));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Declared {
        elsewhere: if lines.is_none() {
            undeclared(&document)
        } else {
            None
        },
        lines,
        requires_python,
    })
}

fn undeclared(document: &Document<'_>) -> Option<Problem> {
    let dynamic = document.texts(&["project", "dynamic"]).ok().flatten();
    if dynamic.is_some_and(|keys| keys.iter().any(|(key, _)| *key == "dependencies")) {
        let issue = Issue::hinted(
            "dynamic dependencies would need the project's code to run",
            "list them under [project] dependencies or in requirements.txt",
        );
        return Some(document.problem(&["project", "dynamic"], issue));
    }
    let poetry = ["tool", "poetry", "dependencies"];
    document.get(&poetry).map(|_| {
        let issue = Issue::hinted(
            "the dependencies of Poetry are not read",
            "list them under [project] dependencies or in requirements.txt",
        );
        document.problem(&poetry, issue)
    })
}

fn uv_settings(document: &Document<'_>) -> Vec<Problem> {
    UV_KEYS
        .iter()
        .filter(|key| document.get(&["tool", "uv", key]).is_some())
        .map(|key| {
            let issue = Issue::hinted(
                format!("`{key}` of [tool.uv] is not allowed"),
                "remove it: where packages come from is a setting of the service",
            );
            document.problem(&["tool", "uv", key], issue)
        })
        .collect()
}

fn dependencies(
    document: &Document<'_>,
    path: &[&str],
) -> Result<Option<Vec<Requirement>>, Vec<Problem>> {
    let items: Option<Vec<Item<'_>>> = document.texts(path).map_err(|problem| vec![problem])?;
    items
        .map(|items| super::requirements::collect(document.text, items))
        .transpose()
}

fn specifier(document: &Document<'_>, path: &[&str]) -> Result<Option<String>, Problem> {
    let Some(text) = document.string(path)? else {
        return Ok(None);
    };
    match python::specifiers(text) {
        Ok(_) => Ok(Some(text.to_owned())),
        Err(_) => {
            let issue = Issue::hinted(
                format!(
                    "`requires-python`: “{}” is not a version range",
                    text.escape_debug()
                ),
                "write it as \">=3.11\"",
            );
            Err(document.problem(path, issue))
        }
    }
}
