//! What is wrong with the settings, and where.

use crate::domain::suggest::nearest;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Why there are no settings to work with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No folder upwards from here is a home.
    #[error(
        "neither {} nor a folder above it holds runbay.toml or tasks/: go to your Runbay folder, name it with --home, or make a folder tasks/ here", from.display()
    )]
    NoHome {
        /// Where the search began.
        from: PathBuf,
    },
    /// Something cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A mistake in the settings file.
    #[error("{}:{line}:{column}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// The character of that line, from 1.
        column: usize,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A mistake in a variable, a flag, or a default that does not fit the rest.
    #[error("{name}: {message}")]
    Setting {
        /// The variable, the flag, or the setting's key.
        name: String,
        /// What is wrong and what would be right.
        message: String,
    },
}

impl ConfigError {
    /// A mistake at these bytes of a file.
    pub(super) fn at(path: &Path, text: &str, span: Option<Range<usize>>, message: String) -> Self {
        let before = span.and_then(|span| text.get(..span.start)).unwrap_or("");
        Self::File {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
            message,
        }
    }
}

/// Makes serde's message about a key or word it does not know one for people,
/// with a suggestion. `elsewhere` are the keys of all tables. Other messages
/// stay as they are.
pub(super) fn friendly<'a>(message: &str, elsewhere: impl Iterator<Item = &'a str>) -> String {
    let (what, rest) = match message.split_once('`') {
        Some(("unknown field ", rest)) => ("there is no setting", rest),
        Some(("unknown variant ", rest)) => ("there is no choice", rest),
        _ => return message.trim_end().replace('\n', ": "),
    };
    let Some((word, expected)) = rest.split_once('`') else {
        return message.to_owned();
    };
    // What follows lists the known words, each between backticks.
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let last = |path: &&str| path.rsplit('.').next() == Some(word);
    let word = word.escape_debug();
    if let Some(meant) = nearest(&word.to_string(), known.iter().copied()) {
        return format!("{what} “{word}”: did you mean “{meant}”?");
    }
    let places: Vec<&str> = elsewhere.filter(last).collect();
    if what == "there is no setting" && !places.is_empty() {
        return format!(
            "{what} “{word}” here: did you mean {}?",
            places.join(" or ")
        );
    }
    format!("{what} “{word}”: it is one of {}", known.join(", "))
}
