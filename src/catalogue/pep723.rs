//! Inline script metadata (PEP 723): the TOML in the comments of a script.

use super::problem::{Issue, Problem};
use super::text::{Folder, Text, small};
use std::ops::Range;

const OPEN: &str = "# /// script";
const CLOSE: &str = "# ///";

/// The `script` block of a Python file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptBlock {
    /// The TOML, its comment signs removed.
    pub toml: String,
    /// The line at which the TOML begins, from 1.
    pub first_line: u32,
    /// The bytes of the whole block, its first and last line included.
    pub span: Range<usize>,
}

/// Finds the `script` block of a Python file.
///
/// # Errors
/// A second block, and one that is not closed, with the line.
pub fn script_block(source: &str) -> Result<Option<ScriptBlock>, BadBlock> {
    let lines = lines(source);
    let mut found: Option<ScriptBlock> = None;
    let mut at = 0;
    while at < lines.len() {
        let Some(kind) = opening(lines[at].1) else {
            at += 1;
            continue;
        };
        let Some(close) = closing(&lines, at) else {
            if kind == "script" {
                return Err(BadBlock::Open(small(at + 1)));
            }
            at += 1;
            continue;
        };
        if kind == "script" {
            if let Some(first) = &found {
                let line = small(at + 1);
                return Err(BadBlock::Second(line, first.first_line - 1));
            }
            found = Some(block(source, &lines, at..close));
        }
        at = close + 1;
    }
    Ok(found)
}

/// Why the metadata of a script cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBlock {
    /// Opened at this line, never closed.
    #[error("the script metadata is not closed: end it with a line `# ///`")]
    Open(u32),
    /// Opened at this line, though there was one at the other line.
    #[error("a script has one block of metadata, and one begins at line {1} already")]
    Second(u32, u32),
}

impl BadBlock {
    fn line(&self) -> u32 {
        match self {
            Self::Open(line) | Self::Second(line, _) => *line,
        }
    }
}

/// The TOML in the block of a script of this folder.
///
/// # Errors
/// A script that cannot be read, or whose block is malformed.
pub(super) fn read(folder: &Folder, file: &str) -> Result<Option<Text>, Problem> {
    match folder.read_marked(file, OPEN)? {
        Some(script) => metadata(&script),
        None => Ok(None),
    }
}

/// The TOML of a script's block as a text whose places are those of the
/// script.
pub(super) fn metadata(script: &Text) -> Result<Option<Text>, Problem> {
    match script_block(&script.content) {
        Ok(None) => Ok(None),
        Ok(Some(block)) => Ok(Some(Text {
            shown: script.shown.clone(),
            name: script.name.clone(),
            content: block.toml,
            first_line: block.first_line,
            shift: 2,
        })),
        Err(fault) => {
            let line = fault.line();
            Err(Problem::of(&script.shown, Issue::new(fault.to_string())).at_line(line))
        }
    }
}

/// The block that holds this TOML.
#[must_use]
pub fn write_block(toml: &str) -> String {
    let mut block = format!("{OPEN}\n");
    for line in toml.lines() {
        block.push('#');
        if !line.is_empty() {
            block.push(' ');
            block.push_str(line);
        }
        block.push('\n');
    }
    block.push_str(CLOSE);
    block.push('\n');
    block
}

/// Lines with their offsets, without line ends.
fn lines(source: &str) -> Vec<(usize, &str)> {
    let mut offset = 0;
    source
        .split_inclusive('\n')
        .map(|line| {
            let begin = offset;
            offset += line.len();
            (begin, line.trim_end_matches(['\n', '\r']))
        })
        .collect()
}

/// The type of the block that a line opens.
fn opening(line: &str) -> Option<&str> {
    let kind = line.strip_prefix("# /// ")?;
    let word = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    word.then_some(kind)
}

/// The last closing line among the comments that follow: TOML itself may hold
/// a line that looks like one.
fn closing(lines: &[(usize, &str)], open: usize) -> Option<usize> {
    let comments = lines[open + 1..]
        .iter()
        .take_while(|(_, line)| *line == "#" || line.starts_with("# "))
        .count();
    (open + 1..open + 1 + comments)
        .rev()
        .find(|at| lines[*at].1 == CLOSE)
}

fn block(source: &str, lines: &[(usize, &str)], range: Range<usize>) -> ScriptBlock {
    let mut toml = String::new();
    for (_, line) in &lines[range.start + 1..range.end] {
        toml.push_str(line.get(2..).unwrap_or_default());
        toml.push('\n');
    }
    let end = lines
        .get(range.end + 1)
        .map_or(source.len(), |(offset, _)| *offset);
    ScriptBlock {
        toml,
        first_line: small(range.start + 2),
        span: lines[range.start].0..end,
    }
}
