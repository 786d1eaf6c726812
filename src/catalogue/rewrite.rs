//! Makes a list of requirements say something else while what stays keeps its
//! place, form and comments.

use super::edit::Wanted;
use super::requirement::parse;
use super::requirements::logical_lines;
use toml_edit::{Array, Item, Table, Value};

/// Gives values that were replaced the white space and the comment of those
/// that stood in their place.
pub(super) fn keep_comments(before: &Table, after: &mut Table) {
    for (key, item) in after.iter_mut() {
        match (before.get(key.get()), item) {
            (Some(Item::Value(old)), Item::Value(new)) => {
                let decor = new.decor();
                if decor.prefix().is_none() && decor.suffix().is_none() {
                    *new.decor_mut() = old.decor().clone();
                }
            }
            (Some(Item::Table(old)), Item::Table(new)) => keep_comments(old, new),
            _ => {}
        }
    }
}

/// What becomes of one requirement that is written already.
enum Fate {
    Stay,
    Become(String),
    Go,
}

/// Decides it for each of `written`, and says what is to be added. A text
/// that is no requirement stays: the check of the result will name it.
fn decide(written: &[String], wanted: &[Wanted]) -> (Vec<Fate>, Vec<String>) {
    let parsed: Vec<_> = written
        .iter()
        .map(|text| parse(text, String::new()).ok())
        .collect();
    let mut left: Vec<Option<&Wanted>> = wanted.iter().map(Some).collect();
    let mut fates: Vec<Fate> = parsed
        .iter()
        .map(|old| {
            let Some(old) = old else {
                return Fate::Stay;
            };
            let same = left.iter_mut().find(|new| {
                new.is_some_and(|(new, _)| new.text == old.text && new.hashes == old.hashes)
            });
            match same.and_then(Option::take) {
                Some(_) => Fate::Stay,
                None => Fate::Go,
            }
        })
        .collect();
    for (fate, old) in fates.iter_mut().zip(&parsed) {
        let (Fate::Go, Some(old)) = (&fate, old) else {
            continue;
        };
        let heir = left
            .iter_mut()
            .find(|new| new.is_some_and(|(new, _)| new.name == old.name));
        if let Some((_, text)) = heir.and_then(Option::take) {
            *fate = Fate::Become(text.clone());
        }
    }
    let added = left.into_iter().flatten().map(|(_, text)| text.clone());
    (fates, added.collect())
}

/// Changes a TOML list.
pub(super) fn sync_array(array: &mut Array, wanted: &[Wanted]) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let written: Vec<String> = array.iter().map(text).collect();
    let (fates, added) = decide(&written, wanted);
    for (at, fate) in fates.into_iter().enumerate().rev() {
        match fate {
            Fate::Stay => {}
            // `replace` keeps the white space and comments around the value.
            Fate::Become(text) => {
                array.replace(at, text);
            }
            Fate::Go => {
                let gone = array.remove(at);
                let heir = array.get_mut(0).filter(|_| at == 0);
                if let (Some(heir), Some(first)) = (heir, gone.decor().prefix())
                    && heir.decor().prefix().and_then(|own| own.as_str()) == Some(" ")
                {
                    // The space after the comma that went with it.
                    heir.decor_mut().set_prefix(first.clone());
                }
            }
        }
    }
    if array.is_empty() && !added.is_empty() {
        array.set_trailing("\n");
        array.set_trailing_comma(true);
    }
    let prefix = array
        .iter()
        .last()
        .and_then(|last| last.decor().prefix()?.as_str())
        .map_or_else(|| "\n    ".to_owned(), indent);
    for text in added {
        let mut value = Value::from(text);
        value.decor_mut().set_prefix(prefix.as_str());
        array.push_formatted(value);
    }
}

/// The white space before a value without the comments in it.
fn indent(prefix: &str) -> String {
    match prefix.rfind('\n') {
        Some(at) => prefix[at..].to_owned(),
        None => " ".to_owned(),
    }
}

/// Changes the text of a requirements file.
pub(super) fn sync_lines(content: &str, wanted: &[Wanted]) -> String {
    let lines = logical_lines(content);
    let written: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
    let (fates, added) = decide(&written, wanted);
    let mut after = content.to_owned();
    for (line, fate) in lines.iter().zip(fates).rev() {
        let old = &content[line.offset..line.end];
        match fate {
            Fate::Stay => {}
            Fate::Become(text) => {
                let comment = comment(old).map_or_else(String::new, |said| format!("  {said}"));
                after.replace_range(line.offset..line.end, &format!("{text}{comment}\n"));
            }
            Fate::Go => after.replace_range(line.offset..line.end, ""),
        }
    }
    for text in added {
        if !after.is_empty() && !after.ends_with('\n') {
            after.push('\n');
        }
        after.push_str(&text);
        after.push('\n');
    }
    after
}

/// The comment at the end of a line that is not continued.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let at = line.find(" #").or_else(|| line.find("\t#"))?;
    (!line.contains('\n')).then(|| line[at..].trim_start())
}
