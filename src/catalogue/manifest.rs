//! Reads a manifest: `task.toml`, or `[tool.runbay]` of a PEP 723 block. The
//! shape of every key is checked here, its meaning in [`super::checks`];
//! whether the files it names exist is the matter of [`super::task`].

use super::checks;
use super::document::{Document, TableReader};
use super::problem::{Issue, Problem};
use super::schedules;
use super::schema;
use super::text::Text;
use crate::domain::manifest::Manifest;
use crate::domain::params::Param;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The name of the file in a task's folder.
pub const MANIFEST_FILE: &str = "task.toml";

/// A manifest with all that is wrong in it.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Its good keys.
    pub(super) manifest: Manifest,
    /// The faults of the others.
    pub(super) problems: Vec<Problem>,
    /// The other keys, so that nobody complains of their absence.
    pub(super) bad: Vec<String>,
}

/// Reads the text of a `task.toml`, without looking at any file it names.
///
/// # Errors
/// All that is wrong, each with its line and column; `file` is the name for
/// messages.
pub fn parse_manifest(text: &str, file: &Path) -> Result<Manifest, Vec<Problem>> {
    let text = Text::new(file.to_owned(), text.to_owned());
    let document = Document::parse(&text).map_err(|problem| vec![problem])?;
    let read = read(&document, &[]);
    if read.problems.is_empty() {
        Ok(read.manifest)
    } else {
        Err(read.problems)
    }
}

/// Reads the manifest that is the table at `path`.
pub(super) fn read(document: &Document<'_>, path: &[&str]) -> Read {
    let Some(table) = document.table(path) else {
        let mut read = Read::default();
        if !path.is_empty() && document.get(path).is_some() {
            let issue = Issue::new("must be a table of the manifest's keys");
            read.problems.push(document.problem(path, issue));
        }
        return read;
    };
    let known = schema::manifest_keys();
    let mut reader = TableReader::new(document.text, known);
    for (key, value) in table {
        match (&**key.get_ref(), value.get_ref()) {
            ("params", DeValue::Table(params)) => {
                let params = read_params(&mut reader, params);
                let span = value.span();
                reader.take::<Manifest>(key, Spanned::new(span, DeValue::Table(params)));
            }
            ("schedules", DeValue::Array(entries)) => {
                if let Some(good) = schedules::read(&mut reader, entries) {
                    let good = DeValue::Array(good.into_iter().collect());
                    reader.take::<Manifest>(key, Spanned::new(value.span(), good));
                }
            }
            _ => reader.take::<Manifest>(key, value.clone()),
        }
    }
    let (manifest, mut problems, bad) = reader.finish::<Manifest>();
    let manifest = manifest.unwrap_or_default();
    problems.extend(checks::check(document, path, &manifest));
    sort(&mut problems);
    Read {
        manifest,
        problems,
        bad,
    }
}

/// The parameters whose every key has the right shape; the faults of the
/// others are noted.
fn read_params<'t>(reader: &mut TableReader<'_, 't>, params: &DeTable<'t>) -> DeTable<'t> {
    let known = schema::param_keys();
    let mut good = DeTable::new();
    for (name, value) in params {
        let DeValue::Table(table) = value.get_ref() else {
            let example = Issue::hinted(
                format!(
                    "parameter {} must be a table",
                    name.get_ref().escape_debug()
                ),
                format!("such as [params.{}]", name.get_ref().escape_debug()),
            );
            reader.refuse("params", value.span().start, example);
            continue;
        };
        let mut inner = TableReader::new(reader.text, known);
        let mut read = DeTable::new();
        for (key, value) in table {
            let value = date_as_text(key, value);
            inner.take::<Param>(key, value.clone());
            read.insert(key.clone(), value);
        }
        if inner.problems.is_empty() {
            good.insert(
                name.clone(),
                Spanned::new(value.span(), DeValue::Table(read)),
            );
        } else {
            reader.problems.append(&mut inner.problems);
        }
    }
    good
}

/// TOML has dates of its own; a parameter's `default = 2026-01-31` means the
/// same as the text.
fn date_as_text<'t>(
    key: &Spanned<DeString<'t>>,
    value: &Spanned<DeValue<'t>>,
) -> Spanned<DeValue<'t>> {
    match (&**key.get_ref(), value.get_ref()) {
        ("default" | "min" | "max", DeValue::Datetime(date)) => {
            Spanned::new(value.span(), DeValue::String(date.to_string().into()))
        }
        _ => value.clone(),
    }
}

/// In the order of the file.
pub(super) fn sort(problems: &mut [Problem]) {
    problems.sort_by(|a, b| {
        (&a.file, a.line, a.column, &a.message).cmp(&(&b.file, b.line, b.column, &b.message))
    });
}
