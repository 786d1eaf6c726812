//! Which Python a task runs on.

use super::problem::{Issue, Problem};
use super::text::{Folder, MAX_TEXT};
use crate::domain::manifest::PythonVersion;
use crate::domain::task::RequirementSet;
use pep440_rs::{Version, VersionSpecifiers};

/// Chooses the Python release of a task: the one it names; else `default` if its
/// `requires-python` allows that, else the newest of `available` that it allows.
/// Whether there is an image for a named release is not known here.
///
/// # Errors
/// A sentence for people when no available release will do.
pub fn choose_python(
    set: &RequirementSet,
    available: &[PythonVersion],
    default: PythonVersion,
) -> Result<PythonVersion, String> {
    let range = match &set.requires_python {
        Some(text) => Some((text, specifiers(text)?)),
        None => None,
    };
    let there_is = || {
        let mut names: Vec<_> = available.to_vec();
        names.sort_unstable();
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        match &names[..] {
            [] => "no Python is available here".to_owned(),
            [one] => format!("only Python {one} is available here"),
            several => format!("Python {} are available here", several.join(", ")),
        }
    };
    match (set.python, range) {
        (Some(named), Some((text, range))) if !allows(&range, named) => Err(format!(
            "the task names Python {named}, but its requires-python is {text}: change one of them"
        )),
        (Some(named), _) => Ok(named),
        (None, Some((_, range))) if allows(&range, default) => Ok(default),
        (None, Some((text, range))) => available
            .iter()
            .copied()
            .filter(|version| allows(&range, *version))
            .max()
            .ok_or_else(|| format!("the task requires Python {text}, but {}", there_is())),
        (None, None) => Ok(default),
    }
}

/// Reads a version range (PEP 440). Ranges are ASCII.
///
/// # Errors
/// A sentence for people.
pub(super) fn specifiers(text: &str) -> Result<VersionSpecifiers, String> {
    let bad = || format!("“{}” is not a version range", text.escape_debug());
    if !text.is_ascii() {
        return Err(bad());
    }
    text.parse().map_err(|_| bad())
}

/// Whether some release of the feature series is in the range: `>=3.11.4`
/// allows 3.11, as its image has a recent one.
fn allows(range: &VersionSpecifiers, python: PythonVersion) -> bool {
    (0..100).any(|micro| {
        range.contains(&Version::new([
            u64::from(python.major),
            u64::from(python.minor),
            micro,
        ]))
    })
}

/// The release that the folder's `.python-version` names.
///
/// # Errors
/// A file that does not name a release of CPython 3.
pub(super) fn pinned(folder: &Folder) -> Result<Option<PythonVersion>, Problem> {
    let Some(text) = folder.read(".python-version", MAX_TEXT)? else {
        return Ok(None);
    };
    let mut offset = 0;
    for line in text.content.split_inclusive('\n') {
        let word = line.trim();
        if word.is_empty() || word.starts_with('#') {
            offset += line.len();
            continue;
        }
        let number = ["cpython-", "cpython@", "python-"]
            .iter()
            .find_map(|prefix| word.strip_prefix(prefix))
            .unwrap_or(word);
        let feature: Vec<&str> = number.splitn(3, '.').take(2).collect();
        return feature.join(".").parse().map(Some).map_err(|_| {
            let message = format!("“{}” is not a Python version", word.escape_debug());
            text.problem(offset, Issue::hinted(message, "write it as 3.13"))
        });
    }
    Ok(None)
}
