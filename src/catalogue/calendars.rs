//! Calendars: `calendars/<name>.txt`, days on which schedules that name it do
//! not run.

use super::problem::{CatalogueError, Issue, Problem};
use super::text::{Folder, MAX_TEXT};
use crate::domain::ids::TaskName;
use crate::time::{Days, parse_calendar};
use std::path::Path;

/// The calendar of this name in a folder; none when there is no such file.
///
/// # Errors
/// A file that cannot be read, or all its bad lines.
pub fn read_calendar(folder: &Path, name: &str) -> Result<Option<Days>, CatalogueError> {
    // What is no name leads to no file; most are words of another kind.
    if name.parse::<TaskName>().is_err() {
        return Ok(None);
    }
    let invalid = |problems| CatalogueError::Invalid { problems };
    let folder = Folder {
        root: folder.to_owned(),
        shown: "calendars".into(),
    };
    let read = folder.read(&format!("{name}.txt"), MAX_TEXT);
    let Some(text) = read.map_err(|problem| invalid(vec![problem]))? else {
        return Ok(None);
    };
    parse_calendar(&text.content).map(Some).map_err(|faults| {
        let problem = |(line, fault): (u32, crate::time::Fault)| {
            let issue = Issue {
                message: fault.message,
                hint: fault.hint,
            };
            Problem::of(&text.shown, issue).at_line(line)
        };
        invalid(faults.into_iter().map(problem).collect())
    })
}
