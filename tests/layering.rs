//! Holds the table of modules in `src/lib.rs` against the code: who imports
//! whom, that no module is missing, and that files stay readable in one go.

#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines a file may have, tests as well.
const MAX_LINES: usize = 400;

/// The modules in their order, each with those it may import.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Reads the rows ``| [`name`] | job | may import |`` of the crate's page.
fn arrows(page: &str) -> Result<Arrows, String> {
    let word = Regex::new("`([a-z_]+)`").unwrap();
    let row = Regex::new(r"^//! \| \[`([a-z_]+)`\] \|[^|]*\|([^|]*)\|$").unwrap();
    let mut arrows = Arrows::new();
    let mut above = BTreeSet::new();
    for captures in page.lines().filter_map(|line| row.captures(line)) {
        let (name, cell) = (captures[1].to_owned(), captures[2].trim());
        let may = match cell {
            "nothing of ours" => BTreeSet::new(),
            "all above" => above.clone(),
            names => word.captures_iter(names).map(|c| c[1].to_owned()).collect(),
        };
        if may.is_empty() && cell != "nothing of ours" {
            return Err(format!("the row of `{name}` cannot be read: {cell}"));
        }
        if let Some(later) = may.iter().find(|other| !above.contains(*other)) {
            return Err(format!(
                "`{name}` may import `{later}`, which is not above it"
            ));
        }
        above.insert(name.clone());
        arrows.insert(name, may);
    }
    if arrows.is_empty() {
        return Err("there is no table".to_owned());
    }
    Ok(arrows)
}

/// The module of a file below `src/`, and how many `super` lead out of it;
/// none for `lib.rs` and `main.rs`.
fn module_of(file: &Path) -> Option<(String, usize)> {
    let parts: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let depth = parts.len() - usize::from(parts.last().is_some_and(|last| last == "mod"));
    let first = parts.first()?;
    (!(depth == 1 && (first == "lib" || first == "main"))).then(|| (first.clone(), depth))
}

/// The modules of the crate that a file names in code, with the line.
fn mentions(source: &str, depth: usize, known: &Arrows) -> Vec<(usize, String)> {
    let path = Regex::new(r"\b(?:crate|runbay)::(\{[^;]*|[a-z_]+)").unwrap();
    let up = Regex::new(r"\b((?:super::)+)([a-z_]+)").unwrap();
    let first = Regex::new(r"^[a-z_]+").unwrap();
    let code: Vec<&str> = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    let line = |at: usize| code[..at].matches('\n').count() + 1;
    let mut found = Vec::new();
    for captures in path.captures_iter(&code) {
        let names = captures.get(1).unwrap();
        match names.as_str().strip_prefix('{') {
            None => found.push((line(names.start()), names.as_str().to_owned())),
            Some(group) => {
                for part in top_level(group) {
                    if let Some(name) = first.find(part.trim()) {
                        found.push((line(names.start()), name.as_str().to_owned()));
                    }
                }
            }
        }
    }
    for captures in up.captures_iter(&code) {
        let steps = captures[1].matches("super").count();
        if steps >= depth && known.contains_key(&captures[2]) {
            found.push((
                line(captures.get(0).unwrap().start()),
                captures[2].to_owned(),
            ));
        }
    }
    found
}

/// The parts of `a::{b, c}, d}` between its outermost commas.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0i32, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&group[start..at]);
                return parts;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts
}

/// The imports of one file that the table does not allow.
fn violations(file: &Path, source: &str, arrows: &Arrows) -> Vec<String> {
    let Some((module, depth)) = module_of(file) else {
        return Vec::new();
    };
    let Some(may) = arrows.get(&module) else {
        return vec![format!(
            "{}: `{module}` is not in the table",
            file.display()
        )];
    };
    mentions(source, depth, arrows)
        .into_iter()
        .filter(|(_, name)| *name != module && !may.contains(name))
        .map(|(line, name)| {
            format!(
                "src/{}:{line}: `{module}` may not import `{name}`",
                file.display()
            )
        })
        .collect()
}

/// All `.rs` files below a folder of the package, relative to it, with their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // What cargo-fuzz builds is not ours.
                if !path.ends_with("fuzz/target") {
                    collect(&path, files);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&root).unwrap().to_owned(), text)
        })
        .collect()
}

#[test]
fn every_import_follows_an_arrow() {
    let sources = sources("src");
    let page = &sources
        .iter()
        .find(|(file, _)| file == Path::new("lib.rs"))
        .unwrap()
        .1;
    let arrows = arrows(page).unwrap_or_else(|fault| panic!("src/lib.rs: {fault}"));
    let found: Vec<_> = sources
        .iter()
        .flat_map(|(file, source)| violations(file, source, &arrows))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_stay_short() {
    let long: Vec<_> = ["src", "tests"]
        .into_iter()
        .flat_map(|folder| sources(folder).into_iter().map(move |one| (folder, one)))
        .map(|(folder, (file, source))| (Path::new(folder).join(file), source.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .collect();
    assert!(long.is_empty(), "more than {MAX_LINES} lines: {long:?}");
}

const PAGE: &str = "\
//! | module | job | may import |
//! |---|---|---|
//! | [`domain`] | words | nothing of ours |
//! | [`store`] | SQL | `domain` |
//! | [`logs`] | lines | `domain` |
//! | [`service`] | use cases | all above |
";

fn sample(file: &str, source: &str) -> Vec<String> {
    violations(Path::new(file), source, &arrows(PAGE).unwrap())
}

#[test]
fn the_check_finds_what_it_should() {
    for (file, source) in [
        ("domain/run.rs", "use crate::store::Store;"),
        ("domain/mod.rs", "fn f() { crate::logs::f() }"),
        ("store/mod.rs", "use super::logs::Line;"),
        ("store/runs.rs", "use super::super::logs::Line;"),
        (
            "store/runs.rs",
            "use crate::{\n    domain::{ids, run},\n    logs::Line,\n};",
        ),
        ("logs.rs", "use runbay::service::f;"),
        ("new.rs", ""),
    ] {
        assert_eq!(sample(file, source).len(), 1, "{file}: {source}");
    }
    let found = sample("domain/run.rs", "\n\nuse crate::store::Store;");
    assert_eq!(
        found,
        ["src/domain/run.rs:3: `domain` may not import `store`"]
    );
}

#[test]
fn the_check_allows_what_it_should() {
    for (file, source) in [
        ("lib.rs", "pub mod domain;"),
        ("main.rs", "runbay::service::main()"),
        (
            "domain/run.rs",
            "//! See [`crate::store`].\nuse crate::domain::ids;",
        ),
        ("store/runs.rs", "use super::logs::Own; // crate::logs"),
        (
            "service/runs.rs",
            "use crate::{domain::ids, logs, store::{Store, runs}};",
        ),
    ] {
        assert_eq!(
            sample(file, source),
            Vec::<String>::new(),
            "{file}: {source}"
        );
    }
}

#[test]
fn a_table_that_cannot_be_read_is_told() {
    assert!(arrows("//! no table").is_err());
    assert!(arrows("//! | [`a`] | job | whatever |").is_err());
    assert!(arrows("//! | [`a`] | job | `b` |\n//! | [`b`] | job | nothing of ours |").is_err());
}
