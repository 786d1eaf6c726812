//! Virtual environments that lie in a folder: listed with what is in them,
//! never used for a run.

use super::text::{MAX_TEXT, open_plain, read_bounded};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The usual names.
const NAMES: [&str; 4] = ["venv", ".venv", "env", ".env"];

/// A virtual environment found in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Venv {
    /// Its folder.
    pub path: PathBuf,
    /// Its Python version as written, `3.11.2`.
    pub python: Option<String>,
    /// Its packages, name and version, sorted.
    pub packages: Vec<(String, String)>,
}

/// The virtual environments directly in a folder, by name.
#[must_use]
pub fn venvs(dir: &Path) -> Vec<Venv> {
    let mut found: Vec<Venv> = NAMES
        .iter()
        .map(|name| dir.join(name))
        .filter_map(|path| {
            let config = read_bounded(&path.join("pyvenv.cfg"), MAX_TEXT).ok()??;
            Some(Venv {
                python: version(&String::from_utf8_lossy(&config)),
                packages: packages(&path),
                path,
            })
        })
        .collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// `version = 3.11.2`, as venv writes it, or `version_info = 3.11.2.final.0`,
/// as virtualenv does.
fn version(config: &str) -> Option<String> {
    let value = |key: &str| {
        config.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            (name.trim() == key).then(|| value.trim().to_owned())
        })
    };
    let found = value("version").or_else(|| value("version_info"))?;
    let numbers: Vec<&str> = found
        .split('.')
        .take(3)
        .take_while(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        .collect();
    (!numbers.is_empty()).then(|| numbers.join("."))
}

fn packages(venv: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for python in children(&venv.join("lib")) {
        for entry in children(&python.join("site-packages")) {
            if entry
                .extension()
                .is_some_and(|extension| extension == "dist-info")
            {
                found.extend(metadata(&entry.join("METADATA")));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn children(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Name and version from the headers of a METADATA file.
fn metadata(path: &Path) -> Option<(String, String)> {
    let file = open_plain(path).ok()?.take(MAX_TEXT);
    let (mut name, mut version) = (None, None);
    for line in BufReader::new(file).split(b'\n') {
        let line = line.ok()?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        match line.split_once(": ") {
            Some(("Name", value)) => name = Some(value.to_owned()),
            Some(("Version", value)) => version = Some(value.to_owned()),
            _ => {}
        }
    }
    Some((name?, version?))
}
