//! TOML with places: every key and value knows its line, and a table is read
//! into a type key by key, so that all its faults are told at once.

use super::problem::{Issue, Problem};
use super::text::Text;
use crate::domain::suggest::nearest;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A parsed TOML text.
#[derive(Debug)]
pub(super) struct Document<'t> {
    /// Where it was written.
    pub(super) text: &'t Text,
    /// What it says.
    pub(super) root: DeTable<'t>,
}

/// A value of a list, with the offset at which it is written.
pub(super) type Item<'a> = (&'a str, usize);

impl<'t> Document<'t> {
    /// Reads a text.
    ///
    /// # Errors
    /// Text that is not TOML, with its line.
    pub(super) fn parse(text: &'t Text) -> Result<Self, Problem> {
        match DeTable::parse(&text.content) {
            Ok(root) => Ok(Self {
                text,
                root: root.into_inner(),
            }),
            Err(fault) => {
                let at = fault.span().map_or(0, |span| span.start);
                let issue = Issue::new(format!("not TOML: {}", fault.message()));
                Err(text.problem(at, issue))
            }
        }
    }

    /// The value at a path of keys and list indices.
    pub(super) fn get(&self, path: &[&str]) -> Option<&Spanned<DeValue<'t>>> {
        let (first, rest) = path.split_first()?;
        let mut value = lookup(&self.root, first)?.1;
        for step in rest {
            value = match value.get_ref() {
                DeValue::Table(table) => lookup(table, step)?.1,
                DeValue::Array(items) => items.get(step.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// The table at a path; the whole document for the empty path.
    pub(super) fn table(&self, path: &[&str]) -> Option<&DeTable<'t>> {
        match path {
            [] => Some(&self.root),
            _ => self.get(path)?.get_ref().as_table(),
        }
    }

    /// The offset at which the last key of a path is written (a list item:
    /// its value), or the nearest to it that is written at all.
    pub(super) fn offset(&self, path: &[&str]) -> usize {
        for upto in (1..=path.len()).rev() {
            let (last, parents) = (path[upto - 1], &path[..upto - 1]);
            let key = self.table(parents).and_then(|table| lookup(table, last));
            if let Some((key, _)) = key {
                return key.span().start;
            }
            if let Some(value) = self.get(&path[..upto]) {
                return value.span().start;
            }
        }
        0
    }

    /// A fault at the key that a path leads to.
    pub(super) fn problem(&self, path: &[&str], issue: Issue) -> Problem {
        self.text.problem(self.offset(path), issue)
    }

    /// The texts of a list at a path; none when the key is absent.
    ///
    /// # Errors
    /// A value that is not a list of texts.
    pub(super) fn texts(&self, path: &[&str]) -> Result<Option<Vec<Item<'_>>>, Problem> {
        let Some(value) = self.get(path) else {
            return Ok(None);
        };
        let key = path.last().copied().unwrap_or_default();
        let wrong = |span: Range<usize>| {
            let issue = Issue::new(format!("`{key}` must be a list of texts"));
            self.text.problem(span.start, issue)
        };
        let items = value
            .get_ref()
            .as_array()
            .ok_or_else(|| wrong(value.span()))?;
        let texts: Result<Vec<_>, _> = items
            .iter()
            .map(|item| match item.get_ref().as_str() {
                Some(text) => Ok((text, item.span().start)),
                None => Err(wrong(item.span())),
            })
            .collect();
        texts.map(Some)
    }

    /// The text at a path; none when the key is absent.
    ///
    /// # Errors
    /// A value that is not a text.
    pub(super) fn string(&self, path: &[&str]) -> Result<Option<&str>, Problem> {
        let Some(value) = self.get(path) else {
            return Ok(None);
        };
        match value.get_ref().as_str() {
            Some(text) => Ok(Some(text)),
            None => {
                let key = path.last().copied().unwrap_or_default();
                let issue = Issue::new(format!("`{key}` must be a text in quotes"));
                Err(self.text.problem(value.span().start, issue))
            }
        }
    }
}

fn lookup<'a, 't>(
    table: &'a DeTable<'t>,
    key: &str,
) -> Option<(&'a Spanned<DeString<'t>>, &'a Spanned<DeValue<'t>>)> {
    table.iter().find(|(name, _)| name.get_ref() == key)
}

/// Reads a table into a type, one key at a time.
pub(super) struct TableReader<'a, 't> {
    /// For places.
    pub(super) text: &'t Text,
    /// The keys that exist.
    pub(super) known: &'a [String],
    /// What was wrong so far.
    pub(super) problems: Vec<Problem>,
    /// Keys that were wrong.
    pub(super) bad: Vec<String>,
    good: DeTable<'t>,
}

impl<'a, 't> TableReader<'a, 't> {
    /// A reader of tables with these keys.
    pub(super) fn new(text: &'t Text, known: &'a [String]) -> Self {
        Self {
            text,
            known,
            problems: Vec::new(),
            bad: Vec::new(),
            good: DeTable::new(),
        }
    }

    /// Takes one key and value; a fault of it is noted.
    pub(super) fn take<T: DeserializeOwned>(
        &mut self,
        key: &Spanned<DeString<'t>>,
        value: Spanned<DeValue<'t>>,
    ) {
        let name = key.get_ref();
        if !self.known.iter().any(|known| known == name) {
            let candidate = nearest(name, self.known.iter().map(String::as_str));
            let message = format!("unknown key `{}`", name.escape_debug());
            let issue = Issue::suggesting(message, candidate);
            self.problems
                .push(self.text.problem(key.span().start, issue));
            return;
        }
        let mut alone = DeTable::new();
        alone.insert(key.clone(), value.clone());
        match deserialize::<T>(alone) {
            Ok(_) => {
                self.good.insert(key.clone(), value);
            }
            Err(fault) => {
                let at = fault.span().map_or(value.span().start, |span| span.start);
                let issue = Issue::new(format!("`{name}`: {}", plain(fault.message())));
                self.problems.push(self.text.problem(at, issue));
                self.bad.push(name.to_string());
            }
        }
    }

    /// Notes a fault of a key that is not passed to [`Self::take`].
    pub(super) fn refuse(&mut self, key: &str, offset: usize, issue: Issue) {
        self.problems.push(self.text.problem(offset, issue));
        self.bad.push(key.to_owned());
    }

    /// What all the good keys say together.
    pub(super) fn finish<T: DeserializeOwned>(self) -> (Option<T>, Vec<Problem>, Vec<String>) {
        let mut problems = self.problems;
        match deserialize::<T>(self.good) {
            Ok(read) => (Some(read), problems, self.bad),
            Err(fault) => {
                let at = fault.span().map_or(0, |span| span.start);
                problems.push(self.text.problem(at, Issue::new(plain(fault.message()))));
                (None, problems, self.bad)
            }
        }
    }
}

fn deserialize<T: DeserializeOwned>(table: DeTable<'_>) -> Result<T, toml::de::Error> {
    T::deserialize(toml::Deserializer::from(Spanned::new(0..0, table)))
}

/// The words of the deserializer in those of people who write TOML.
fn plain(message: &str) -> String {
    let mut said = message.to_owned();
    for (theirs, ours) in [
        ("expected a sequence", "expected a list"),
        ("sequence, expected", "a list, expected"),
        ("expected a map", "expected a table"),
        ("map, expected", "a table, expected"),
        ("expected u32", "expected a whole number"),
        ("expected u64", "expected a whole number"),
        ("expected f64", "expected a number"),
        ("expected a string", "expected a text in quotes"),
        ("expected a boolean", "expected true or false"),
        ("expected struct Param", "expected a table"),
    ] {
        said = said.replace(theirs, ours);
    }
    said
}
