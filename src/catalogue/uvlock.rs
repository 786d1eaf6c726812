//! `uv.lock`: the exact packages of a project, with hashes. Only those that a
//! run needs are taken: no development groups, no unused extras.

use super::document::Document;
use super::problem::{Issue, Problem};
use super::requirement::{allows, marker, parse};
use super::text::Text;
use crate::domain::environment::Requirement;
use pep508_rs::MarkerTree;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The parts of the file that matter; the format has many more keys and gains
/// others, so unknown ones are no fault here.
#[derive(Debug, Deserialize)]
struct LockFile {
    version: u32,
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: String,
    #[serde(default)]
    version: Option<String>,
    source: Source,
    #[serde(default)]
    dependencies: Vec<Edge>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Edge>>,
    #[serde(default)]
    sdist: Option<Distribution>,
    #[serde(default)]
    wheels: Vec<Distribution>,
}

#[derive(Debug, Deserialize)]
struct Source {
    registry: Option<String>,
    r#virtual: Option<String>,
    editable: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    name: String,
    version: Option<String>,
    #[serde(default)]
    extra: Vec<String>,
    marker: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Distribution {
    hash: Option<String>,
}

/// A package of the lock with one of its extras, or with none.
type Node = (usize, Option<String>);

/// Reads a lock file: a pin with hashes for every package that a run needs.
/// `wanted` is what the project itself asks for, which the lock must answer.
///
/// # Errors
/// A lock that is older than the project, is of another format, or names
/// packages from elsewhere than an index.
pub(super) fn read(text: &Text, wanted: &[Requirement]) -> Result<Vec<Requirement>, Vec<Problem>> {
    let fault = |message: String, hint: &str| {
        let issue = Issue::hinted(message, hint);
        vec![Problem::of(&text.shown, issue)]
    };
    // For the line of what is not TOML.
    Document::parse(text).map_err(|problem| vec![problem])?;
    let lock: LockFile = toml::from_str(&text.content).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let issue = Issue::hinted(
            format!("not a lock of uv: {}", error.message()),
            "run `uv lock` again",
        );
        vec![text.problem(at, issue)]
    })?;
    if lock.version != 1 {
        return Err(fault(
            format!("has format {}, and only format 1 is known", lock.version),
            "remove it to have the project's own dependencies resolved here",
        ));
    }
    let is_root = |package: &Package| {
        let own = package
            .source
            .r#virtual
            .as_deref()
            .or(package.source.editable.as_deref());
        own == Some(".")
    };
    let root = lock.package.iter().position(is_root).ok_or_else(|| {
        fault(
            "does not lock the project of this folder".to_owned(),
            "run `uv lock` here",
        )
    })?;
    let needed = reach(&lock, root).map_err(|message| fault(message, "run `uv lock` again"))?;
    let mut lines = Vec::new();
    for (at, marker) in needed {
        match line(&lock.package[at], &marker, &text.name) {
            Ok(requirement) => lines.push(requirement),
            Err(issue) => return Err(vec![Problem::of(&text.shown, issue)]),
        }
    }
    lines.sort_by(|a, b| (&a.name, &a.text).cmp(&(&b.name, &b.text)));
    match wanted.iter().find(|one| !answered(one, &lock)) {
        None => Ok(lines),
        Some(missing) => Err(fault(
            format!(
                "is older than pyproject.toml: it does not answer `{}`",
                missing.text
            ),
            "run `uv lock`",
        )),
    }
}

/// Whether a locked package satisfies what the project asks for.
fn answered(wanted: &Requirement, lock: &LockFile) -> bool {
    lock.package.iter().any(|package| {
        package.name == wanted.name
            && package
                .version
                .as_deref()
                .is_some_and(|version| allows(wanted, version))
    })
}

/// The packages that the root needs, each with the condition under which it
/// does: along a path all conditions hold, of several paths any.
fn reach(lock: &LockFile, root: usize) -> Result<BTreeMap<usize, MarkerTree>, String> {
    let mut conditions: BTreeMap<Node, MarkerTree> = BTreeMap::new();
    let mut queue: VecDeque<(Node, MarkerTree)> = VecDeque::new();
    queue.push_back(((root, None), MarkerTree::TRUE));
    while let Some((node, condition)) = queue.pop_front() {
        let known = conditions.entry(node.clone()).or_insert(MarkerTree::FALSE);
        let mut wider = known.clone();
        wider.or(condition);
        if wider == *known {
            continue;
        }
        *known = wider.clone();
        let package = &lock.package[node.0];
        let edges = match &node.1 {
            None => Some(&package.dependencies),
            Some(extra) => package.optional_dependencies.get(extra),
        };
        for edge in edges.into_iter().flatten() {
            let mut when = wider.clone();
            when.and(applies(edge)?);
            let target = target(lock, edge)?;
            queue.push_back(((target, None), when.clone()));
            let extras: BTreeSet<_> = edge.extra.iter().cloned().collect();
            queue.extend(
                extras
                    .into_iter()
                    .map(|extra| ((target, Some(extra)), when.clone())),
            );
        }
    }
    let mut packages: BTreeMap<usize, MarkerTree> = BTreeMap::new();
    for ((at, _), condition) in conditions {
        if at != root && !condition.is_false() {
            packages
                .entry(at)
                .or_insert(MarkerTree::FALSE)
                .or(condition);
        }
    }
    Ok(packages)
}

fn applies(edge: &Edge) -> Result<MarkerTree, String> {
    match &edge.marker {
        None => Ok(MarkerTree::TRUE),
        Some(text) => {
            marker(text).ok_or_else(|| format!("the marker of {} cannot be read", edge.name))
        }
    }
}

fn target(lock: &LockFile, edge: &Edge) -> Result<usize, String> {
    let mut matching = lock.package.iter().enumerate().filter(|(_, package)| {
        package.name == edge.name && (edge.version.is_none() || package.version == edge.version)
    });
    match (matching.next(), matching.next()) {
        (Some((at, _)), None) => Ok(at),
        (None, _) => Err(format!("{} is needed and not locked", edge.name)),
        _ => Err(format!("which {} is needed is not clear", edge.name)),
    }
}

fn line(package: &Package, condition: &MarkerTree, file: &str) -> Result<Requirement, Issue> {
    let (Some(version), Some(_)) = (&package.version, &package.source.registry) else {
        return Err(Issue::hinted(
            format!("{} does not come from an index", package.name),
            "name a release of the index instead, or put its code into the task's folder",
        ));
    };
    let mut text = format!("{}=={version}", package.name);
    if let Some(marker) = condition.contents() {
        text.push_str(&format!(" ; {marker}"));
    }
    for hash in package
        .sdist
        .iter()
        .chain(&package.wheels)
        .filter_map(|distribution| distribution.hash.as_ref())
    {
        text.push_str(" --hash=");
        text.push_str(hash);
    }
    parse(&text, file.to_owned())
}
