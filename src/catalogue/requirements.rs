//! A requirements file: lines, comments and continuations as the installer
//! reads them, each line one requirement of [`super::requirement`].

use super::problem::{Issue, Problem};
use super::requirement::{parse, pin};
use super::text::{Text, decode};
use crate::domain::environment::Requirement;
use pep440_rs::Version;
use pep508_rs::MarkerTree;
use std::collections::BTreeMap;
use std::path::Path;

/// Reads a requirements file: its requirements normalised, sorted and without
/// duplicates.
///
/// # Errors
/// All lines that are refused, with what to write instead; `file` is the name
/// for messages.
pub fn parse_requirements(bytes: &[u8], file: &Path) -> Result<Vec<Requirement>, Vec<Problem>> {
    let content = decode(bytes, file).map_err(|problem| vec![problem])?;
    read(&Text::new(file.to_owned(), content))
}

/// Reads the text of a requirements file.
pub(super) fn read(text: &Text) -> Result<Vec<Requirement>, Vec<Problem>> {
    let lines = logical_lines(&text.content);
    collect(
        text,
        lines.iter().map(|line| (line.text.as_str(), line.offset)),
    )
}

/// Reads requirements written at these offsets of a text.
///
/// # Errors
/// All that are refused, and pins that contradict each other.
pub(super) fn collect<'a>(
    text: &Text,
    items: impl IntoIterator<Item = (&'a str, usize)>,
) -> Result<Vec<Requirement>, Vec<Problem>> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for (item, offset) in items {
        match parse(item, text.origin(offset)) {
            Ok(requirement) => found.push((requirement, offset)),
            Err(issue) => problems.push(text.problem(offset, issue)),
        }
    }
    problems.extend(contradictions(text, &found));
    if problems.is_empty() {
        Ok(normalise(
            found.into_iter().map(|(requirement, _)| requirement),
        ))
    } else {
        Err(problems)
    }
}

/// Sorted by name and text; of equal ones the first, with all the hashes.
fn normalise(found: impl Iterator<Item = Requirement>) -> Vec<Requirement> {
    let mut unique: BTreeMap<(String, String), Requirement> = BTreeMap::new();
    for requirement in found {
        let key = (requirement.name.clone(), requirement.text.clone());
        match unique.get_mut(&key) {
            Some(first) => {
                first.hashes.extend(requirement.hashes);
                first.hashes.sort();
                first.hashes.dedup();
            }
            None => {
                unique.insert(key, requirement);
            }
        }
    }
    unique.into_values().collect()
}

/// Two pins of one package to different versions, where both could apply.
fn contradictions(text: &Text, found: &[(Requirement, usize)]) -> Vec<Problem> {
    let mut pins: BTreeMap<&str, Vec<(&Requirement, Version, MarkerTree)>> = BTreeMap::new();
    let mut problems = Vec::new();
    for (requirement, offset) in found {
        let Some((version, marker)) = pin(requirement) else {
            continue;
        };
        let earlier = pins.entry(&requirement.name).or_default();
        let clash = earlier
            .iter()
            .find(|(_, other, when)| *other != version && !when.is_disjoint(&marker));
        if let Some((first, other, _)) = clash {
            let issue = Issue::hinted(
                format!(
                    "{} is pinned to {version} here and to {other} at {}",
                    requirement.name, first.origin
                ),
                "keep one of them",
            );
            problems.push(text.problem(*offset, issue));
        }
        earlier.push((requirement, version, marker));
    }
    problems
}

/// A line after comments are dropped and continuations joined.
pub(super) struct Line {
    /// What it says.
    pub(super) text: String,
    /// Where it begins, bytes.
    pub(super) offset: usize,
    /// Where the next one begins, bytes.
    pub(super) end: usize,
}

/// The lines that say something. A `\` at the end of a line continues it; a
/// comment begins with `#` at the start of a line or after white space, and
/// ends a continuation.
pub(super) fn logical_lines(content: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut open: Option<Line> = None;
    let mut offset = 0;
    for physical in content.split_inclusive('\n') {
        let begin = offset;
        offset += physical.len();
        let bare = physical.trim_end_matches('\n');
        let bare = bare.strip_suffix('\r').unwrap_or(bare);
        let comment = bare.trim_start().starts_with('#');
        let (part, goes_on) = match bare.strip_suffix('\\') {
            Some(part) if !comment => (part, true),
            _ => (uncommented(bare), false),
        };
        let indent = bare.len() - bare.trim_start().len();
        let line = open.get_or_insert_with(|| Line {
            text: String::new(),
            offset: begin + indent,
            end: begin,
        });
        line.text.push_str(part);
        line.end = offset;
        if !goes_on {
            lines.extend(open.take());
        }
    }
    lines.extend(open);
    for line in &mut lines {
        // A comment may also follow a continued part.
        line.text = uncommented(&line.text).trim().to_owned();
    }
    lines.retain(|line| !line.text.is_empty());
    lines
}

fn uncommented(line: &str) -> &str {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_whitespace() {
            return &line[..at];
        }
        before = c;
    }
    line
}
