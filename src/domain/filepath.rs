//! The path of a file below a folder, as somebody else wrote it: proven to
//! name something below, and to mean the same on every system.

use super::size::text_schema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How many folders deep a path may lead.
pub const MAX_LEVELS: usize = 16;
/// The longest name of a file or folder that file systems take, bytes.
const MAX_NAME: usize = 255;
/// The longest path, bytes.
const MAX_PATH: usize = 1024;

/// A relative path with `/` between its parts, such as `lib/text.py`: no part
/// is empty, `.` or `..`, and none holds a control character, `\` or `:`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FilePath(String);

text_schema!(
    FilePath,
    "string",
    "string",
    r"^(\.{0,2}[^./\\:\x00-\x1f\x7f-\x9f][^/\\:\x00-\x1f\x7f-\x9f]*|\.{3}[^/\\:\x00-\x1f\x7f-\x9f]*)(/(\.{0,2}[^./\\:\x00-\x1f\x7f-\x9f][^/\\:\x00-\x1f\x7f-\x9f]*|\.{3}[^/\\:\x00-\x1f\x7f-\x9f]*)){0,15}$",
    "lib/text.py"
);

/// Why a text is not such a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{}” is not a path of a file here: {why}", .path.escape_debug())]
pub struct BadPath {
    /// The text, cut short.
    pub path: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl FilePath {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last part.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The folder it is in; none at the top.
    #[must_use]
    pub fn folder(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(folder, _)| folder)
    }

    /// The folders above it, the outermost first.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }
}

impl FromStr for FilePath {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let odd = |c: char| c.is_control() || matches!(c, '\\' | ':' | '\u{2028}' | '\u{2029}');
        let why = if text.is_empty() {
            "it is empty"
        } else if text.len() > MAX_PATH || text.split('/').any(|part| part.len() > MAX_NAME) {
            "it is too long"
        } else if text.starts_with('/') {
            "it begins with /: begin below the folder"
        } else if text.split('/').any(|part| part == "..") {
            "it leads out of the folder"
        } else if text.split('/').any(|part| part.is_empty() || part == ".") {
            "it has an empty part"
        } else if text.split('/').count() > MAX_LEVELS {
            "it is more than 16 folders deep"
        } else if text.contains(odd) {
            "it holds a control character, \\ or :"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(BadPath {
            path: text.chars().take(80).collect(),
            why,
        })
    }
}

impl TryFrom<String> for FilePath {
    type Error = BadPath;

    fn try_from(text: String) -> Result<Self, BadPath> {
        text.parse()
    }
}

impl From<FilePath> for String {
    fn from(path: FilePath) -> Self {
        path.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    proptest! {
        #[test]
        fn a_path_leads_below_and_has_one_spelling(text in "[a.\\\\/:é\u{0}-\u{1f} ]{0,24}") {
            if let Ok(path) = text.parse::<FilePath>() {
                let parts: Vec<_> = Path::new(path.as_str()).components().collect();
                prop_assert!(parts.iter().all(|part| matches!(part, Component::Normal(_))));
                let again: Vec<_> = path.as_str().split('/').collect();
                prop_assert_eq!(parts.len(), again.len());
            }
        }
    }

    #[test]
    fn what_could_mean_something_else_is_refused() {
        for bad in [
            "",
            "/etc/passwd",
            "..",
            "a/../b",
            "a//b",
            "./a",
            "a/",
            "a\\b",
            "c:a",
            "a\0b",
            "a\nb",
        ] {
            assert!(bad.parse::<FilePath>().is_err(), "{bad:?}");
        }
        let path: FilePath = "lib/deep/text.py".parse().unwrap();
        assert_eq!((path.name(), path.folder()), ("text.py", Some("lib/deep")));
        assert_eq!(path.folders().collect::<Vec<_>>(), ["lib", "lib/deep"]);
    }
}
