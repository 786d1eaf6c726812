//! One requirement: a PEP 508 text, perhaps with hashes, normalised. Anything
//! that would make the installer look elsewhere than in the configured index
//! (options, URLs, paths, version control, environment variables) is refused
//! with what to write instead.

use super::problem::Issue;
use crate::domain::environment::Requirement;
use crate::domain::suggest::nearest;
use pep440_rs::Version;
use pep508_rs::{MarkerTree, Pep508ErrorSource, VerbatimUrl, VersionOrUrl};

/// No requirement of a person is longer, bytes. It bounds the work and the
/// recursion of the parser.
const MAX_TEXT: usize = 2048;
/// No marker of a person nests deeper.
const MAX_NESTING: usize = 16;
/// Several hashes a line are usual, thousands are not.
const MAX_HASHES: usize = 4096;

type Pep508 = pep508_rs::Requirement<VerbatimUrl>;

/// Options of requirement files, and why each is refused.
const OPTIONS: &[(&str, &str, &str)] = &[
    ("-r", "--requirement", COPY),
    ("-c", "--constraint", COPY),
    ("-e", "--editable", CODE),
    ("-i", "--index-url", INDEX),
    ("", "--pypi-url", INDEX),
    ("", "--extra-index-url", INDEX),
    ("", "--no-index", INDEX),
    ("-f", "--find-links", INDEX),
    ("", "--trusted-host", INDEX),
    ("", "--no-binary", POLICY),
    ("", "--only-binary", POLICY),
    ("", "--prefer-binary", POLICY),
    ("", "--require-hashes", POLICY),
    (
        "",
        "--pre",
        "name the pre-release instead, such as `name==2.0rc1`",
    ),
    ("", "--use-feature", DROP),
    ("", "--config-settings", DROP),
    ("", "--config-setting", DROP),
    ("", "--global-option", DROP),
    ("", "--install-option", DROP),
    ("", "--no-deps", DROP),
];
const COPY: &str = "write its lines here";
const CODE: &str = "put the code into the task's folder, or name a release of the index";
const INDEX: &str = "remove it: the index is a setting of the service";
const POLICY: &str = "remove it: wheels and hashes are a matter of the service's policy";
const DROP: &str = "remove it";

/// Reads one requirement: `name[extra]>=1,<2 ; marker --hash=sha256:…`.
/// `origin` is where it was written.
///
/// # Errors
/// Why it is refused and what to write instead.
pub(super) fn parse(text: &str, origin: String) -> Result<Requirement, Issue> {
    if let Some(bad) = text.chars().find(|c| c.is_control() && *c != '\t') {
        return Err(Issue::hinted(
            format!("holds the control character {}", bad.escape_default()),
            "remove it",
        ));
    }
    let text = text.trim();
    if text.starts_with('-') {
        return Err(refuse_option(text));
    }
    let (bare, options) = match text.find(" --").or_else(|| text.find("\t--")) {
        Some(at) => (text[..at].trim_end(), &text[at..]),
        None => (text, ""),
    };
    refuse_elsewhere(bare)?;
    let hashes = hashes(options)?;
    let first = pep508(bare)?;
    if matches!(first.version_or_url, Some(VersionOrUrl::Url(_))) {
        return Err(elsewhere("a URL"));
    }
    if first.marker.is_false() {
        return Err(Issue::hinted(
            "its marker is never true",
            "correct what follows the `;`",
        ));
    }
    // Twice, as the old spellings of marker variables (`sys.platform`) are
    // written anew by the first pass and put in order by the second.
    let parsed = pep508(&first.to_string())?;
    Ok(Requirement {
        name: parsed.name.to_string(),
        text: parsed.to_string(),
        hashes,
        origin,
    })
}

/// The version that a requirement pins with `==`, and when it applies.
pub(super) fn pin(requirement: &Requirement) -> Option<(Version, MarkerTree)> {
    let parsed: Pep508 = requirement.text.parse().ok()?;
    let Some(VersionOrUrl::VersionSpecifier(specifiers)) = &parsed.version_or_url else {
        return None;
    };
    let exact = specifiers.iter().find(|specifier| {
        *specifier.operator() == pep440_rs::Operator::Equal
            || *specifier.operator() == pep440_rs::Operator::ExactEqual
    })?;
    Some((exact.version().clone(), parsed.marker))
}

/// The versions that a requirement allows.
pub(super) fn allows(requirement: &Requirement, version: &str) -> bool {
    let parsed: Option<Pep508> = requirement.text.parse().ok();
    let version: Option<Version> = version.parse().ok();
    match (parsed.and_then(|parsed| parsed.version_or_url), version) {
        (None, _) => true,
        (Some(VersionOrUrl::VersionSpecifier(specifiers)), Some(version)) => {
            specifiers.contains(&version)
        }
        _ => false,
    }
}

fn pep508(text: &str) -> Result<Pep508, Issue> {
    if text.len() > MAX_TEXT {
        return Err(Issue::new(format!("is longer than {MAX_TEXT} bytes")));
    }
    // Every name, version and marker is ASCII, and the library cuts other
    // characters in half.
    if let Some(c) = text.chars().find(|c| !c.is_ascii()) {
        let message = format!("“{}” is not a requirement: “{c}” is not ASCII", clip(text));
        return Err(Issue::new(message));
    }
    if nests_deep(text) {
        return Err(Issue::new(format!(
            "nests deeper than {MAX_NESTING} brackets"
        )));
    }
    names_end_well(text)?;
    text.parse::<Pep508>().map_err(|fault| {
        let reason = match fault.message {
            Pep508ErrorSource::String(reason)
            | Pep508ErrorSource::UnsupportedRequirement(reason) => reason,
            Pep508ErrorSource::UrlError(_) => "its URL is malformed".to_owned(),
        };
        let reason = reason.lines().next().unwrap_or_default();
        let message = format!("“{}” is not a requirement: {reason}", clip(text));
        Issue {
            message,
            hint: single_equals(text).then(|| "write `==` for an exact version".to_owned()),
        }
    })
}

fn nests_deep(text: &str) -> bool {
    let mut depth = 0usize;
    text.bytes().any(|b| {
        match b {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_NESTING
    })
}

/// Reads a marker, within the bounds of what a requirement may hold.
pub(super) fn marker(text: &str) -> Option<MarkerTree> {
    let bounded = text.len() <= 2 * MAX_TEXT && text.is_ascii() && !nests_deep(text);
    bounded.then(|| text.parse().ok()).flatten()
}

/// Refuses names that end in `-`, `_` or `.`: the library takes such a name for
/// impossible and panics.
fn names_end_well(text: &str) -> Result<(), Issue> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let head = text.split(';').next().unwrap_or_default();
    let end = head.find(|c| !in_name(c)).unwrap_or(head.len());
    let extras = head
        .split_once('[')
        .map_or("", |(_, rest)| rest.split(']').next().unwrap_or_default());
    let bad = std::iter::once(&head[..end])
        .chain(extras.split(|c| !in_name(c)))
        .find(|name| name.ends_with(['-', '_', '.']));
    match bad {
        Some(name) => Err(Issue::new(format!(
            "“{}” is not the name of a package: it must end in a letter or digit",
            clip(name)
        ))),
        None => Ok(()),
    }
}

/// Whether the text has the `name=1.0` of other package managers.
fn single_equals(text: &str) -> bool {
    let specifier = text.split(';').next().unwrap_or_default();
    specifier.split_once('=').is_some_and(|(name, rest)| {
        !rest.starts_with('=') && !name.ends_with(['<', '>', '!', '~', '='])
    })
}

fn refuse_option(text: &str) -> Issue {
    let end = text.find([' ', '\t', '=']).unwrap_or(text.len());
    let word = &text[..end];
    for (short, long, advice) in OPTIONS {
        let attached = !short.is_empty() && !word.starts_with("--") && word.starts_with(short);
        if word == *long || attached {
            let name = if attached { short } else { long };
            return Issue::hinted(format!("the option `{name}` is not allowed"), *advice);
        }
    }
    let near = nearest(word, OPTIONS.iter().map(|(_, long, _)| *long));
    match near {
        Some(near) => Issue::hinted(
            format!("unknown option `{}`", clip(word)),
            format!("`{near}` is not allowed either: only requirements are, one a line"),
        ),
        None => Issue::hinted(
            format!("unknown option `{}`", clip(word)),
            "only requirements are allowed, one a line",
        ),
    }
}

/// Refuses what is found elsewhere than in the index. Nothing of the text is
/// repeated: a URL may hold a password.
fn refuse_elsewhere(text: &str) -> Result<(), Issue> {
    if text.contains("${") {
        return Err(Issue::hinted(
            "environment variables are not expanded",
            "write the value itself; secrets have no place in requirements",
        ));
    }
    let name = text.split(';').next().unwrap_or_default().trim();
    let lower = name.to_ascii_lowercase();
    if ["git+", "hg+", "svn+", "bzr+"]
        .iter()
        .any(|vcs| lower.contains(vcs))
    {
        return Err(elsewhere("version control"));
    }
    if lower.contains("://") || lower.starts_with("file:") || name.contains('@') {
        return Err(elsewhere("a URL"));
    }
    let archive = [".whl", ".tar.gz", ".zip", ".tgz", ".tar.bz2"];
    if name.starts_with(['.', '/', '~'])
        || name.contains(['/', '\\'])
        || archive.iter().any(|end| lower.ends_with(end))
    {
        return Err(elsewhere("a path"));
    }
    Ok(())
}

fn elsewhere(from: &str) -> Issue {
    Issue::hinted(
        format!("packages from {from} are not allowed"),
        "name a release of the index, such as `name==1.2`, or put the code into the task's folder",
    )
}

fn hashes(options: &str) -> Result<Vec<String>, Issue> {
    let mut hashes = Vec::new();
    let mut words = options.split_whitespace();
    while let Some(word) = words.next() {
        let hash = match word.strip_prefix("--hash=") {
            Some(hash) => hash,
            None if word == "--hash" => words.next().unwrap_or_default(),
            None if word.starts_with('-') => return Err(refuse_option(word)),
            None => {
                return Err(Issue::new(format!(
                    "unexpected “{}” after an option",
                    clip(word)
                )));
            }
        };
        let hex = hash.strip_prefix("sha256:").ok_or_else(|| {
            Issue::hinted(
                "a hash of another kind than sha256",
                "write --hash=sha256:…",
            )
        })?;
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Issue::new("a sha256 hash has 64 hex digits"));
        }
        hashes.push(hash.to_ascii_lowercase());
        if hashes.len() > MAX_HASHES {
            return Err(Issue::new(format!("has more than {MAX_HASHES} hashes")));
        }
    }
    hashes.sort();
    hashes.dedup();
    Ok(hashes)
}

/// The beginning of a text, safe to print.
fn clip(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.escape_debug().to_string()
}
