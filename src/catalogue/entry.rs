//! What a run of a folder executes: what its manifest says, or else the file
//! whose name says so.

use super::problem::Issue;
use super::text::Folder;
use crate::domain::suggest::nearest;
use crate::domain::task::Entry;

/// Finds the entry of the task `name`. `said` is the manifest's `entry`.
///
/// # Errors
/// Why there is none; the candidates when there are several.
pub(super) fn find(
    folder: &Folder,
    name: &str,
    said: Option<&str>,
    files: &[String],
) -> Result<Entry, Issue> {
    let scripts: Vec<&str> = files
        .iter()
        .map(String::as_str)
        .filter(|file| is_script(file))
        .collect();
    let file = match said {
        Some(said) => {
            named(folder, said, &scripts)?;
            said
        }
        None => discover(name, &scripts)?,
    };
    if file == "__main__.py" {
        Ok(Entry::Package(name.to_owned()))
    } else {
        Ok(Entry::Script(file.to_owned()))
    }
}

fn is_script(file: &str) -> bool {
    file.ends_with(".py") && !file.starts_with('.')
}

/// Checks the file that the manifest names.
fn named(folder: &Folder, said: &str, scripts: &[&str]) -> Result<(), Issue> {
    let place = |issue: Issue| Issue {
        message: format!("`entry`: {said} {}", issue.message),
        hint: issue.hint,
    };
    if folder.root.join(said).join("__main__.py").is_file() {
        return Err(Issue::hinted(
            format!("`entry`: {said} is a package"),
            format!(
                "write command = [\"python\", \"-m\", \"{}\"]",
                said.replace('/', ".")
            ),
        ));
    }
    if folder.locate(said).map_err(place)?.is_none() {
        let message = format!("`entry`: there is no file {said} in this folder");
        return Err(Issue::suggesting(
            message,
            nearest(said, scripts.iter().copied()),
        ));
    }
    if !said.ends_with(".py") {
        return Err(Issue::hinted(
            format!("`entry`: {said} is not a .py file"),
            "use `command` for other programs",
        ));
    }
    Ok(())
}

/// `main.py`, `task.py`, `<name>.py`, `__main__.py`, else the only script.
fn discover<'a>(name: &str, scripts: &[&'a str]) -> Result<&'a str, Issue> {
    let own = format!("{name}.py");
    for usual in ["main.py", "task.py", &own, "__main__.py"] {
        if let Some(script) = scripts.iter().find(|script| **script == usual) {
            return Ok(script);
        }
    }
    match scripts {
        [only] => Ok(only),
        [] => Err(Issue::hinted(
            "there is no script to run",
            format!("add main.py or {own}, or name another with `entry` in task.toml"),
        )),
        several => Err(Issue::hinted(
            format!("which script to run is not clear: {}", several.join(", ")),
            "name one with `entry` in task.toml, or call it main.py",
        )),
    }
}
