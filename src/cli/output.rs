//! Text for terminals and for programs.

use crate::domain::run::{Outcome, Run, RunState};
use crate::domain::size::Span;
use chrono::{DateTime, Utc};
use comfy_table::{ContentArrangement, Table, presets};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Colours only for people who see them (see no-color.org), and never in what
/// another program reads.
fn coloured() -> bool {
    coloured_errors() && std::io::stdout().is_terminal()
}

/// The same for what only goes to standard error.
pub(super) fn coloured_errors() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// `text` in an SGR style such as `"1;31"`, where colours are shown.
pub(super) fn paint(text: &str, style: &str) -> String {
    if coloured() {
        format!("\x1b[{style}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// Prints a line of a result. When nobody reads any more (`| head`), that is no
/// failure of ours.
pub(super) fn line(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// [`line()`] with a format.
macro_rules! outln {
    ($($part:tt)*) => { $crate::cli::output::line(&format!($($part)*)) };
}
pub(super) use outln;

/// Says something about a result, on standard error; that nobody listens there
/// is no failure either.
pub(super) fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// [`say()`] with a format.
macro_rules! errln {
    ($($part:tt)*) => { $crate::cli::output::say(&format!($($part)*)) };
}
pub(super) use errln;

/// A table without lines, as `docker ps` prints it.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.iter().map(|h| h.to_uppercase()));
    table
}

/// Prints a table flush left and without trailing blanks.
pub(super) fn print_table(table: &Table) {
    for row in table.to_string().lines() {
        line(row.strip_prefix(' ').unwrap_or(row).trim_end());
    }
}

/// Prints names and values below each other, in two columns; further lines of
/// a value stand below its first.
pub(super) fn print_fields(fields: &[(&str, String)]) {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in fields {
        let mut name = *name;
        for text in value.lines() {
            outln!("{}  {text}", paint(&format!("{name:width$}"), "2"));
            name = "";
        }
    }
}

/// Prints the heading of a part.
pub(super) fn print_heading(text: &str) {
    outln!("\n{}", paint(text, "1"));
}

/// Prints a value as JSON.
pub(super) fn print_json(value: &impl serde::Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => line(&text),
        Err(error) => errln!("this cannot be written as JSON: {error}"),
    }
}

/// The end of a run, or where it stands, in the colour it deserves.
pub(super) fn status(run: &Run) -> String {
    let Some(outcome) = run.outcome else {
        let style = if run.state == RunState::Queued {
            "2"
        } else {
            "36"
        };
        return paint(run.state.as_str(), style);
    };
    let style = match outcome {
        Outcome::Succeeded => "32",
        Outcome::Cancelled => "33",
        _ => "31",
    };
    let mut text = outcome.as_str().replace('_', " ");
    if let (Outcome::Failed, Some(code)) = (outcome, run.exit_code) {
        text = format!("{text} ({code})");
    }
    paint(&text, style)
}

/// How long ago something was, for people.
pub(super) fn ago(at: DateTime<Utc>) -> String {
    let secs = (Utc::now() - at).num_seconds().max(0);
    match secs {
        0..=1 => "now".to_owned(),
        2..=59 => format!("{secs} s ago"),
        60..=3599 => format!("{} min ago", secs / 60),
        3600..=86_399 => format!("{} h ago", secs / 3600),
        _ => format!("{} d ago", secs / 86_400),
    }
}

/// A moment, for people: the time and how long ago that is.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    format!("{} ({})", at.format("%Y-%m-%d %H:%M:%S UTC"), ago(at))
}

/// How long a run took, or has taken until now.
pub(super) fn took(run: &Run) -> String {
    let end = run.finished_at.unwrap_or_else(Utc::now);
    let begin = run.started_at.unwrap_or(run.created_at);
    span((end - begin).to_std().unwrap_or_default())
}

/// A span of time with the digits that matter.
pub(super) fn span(of: Duration) -> String {
    Span(of).to_string()
}

/// Text of unknown origin, safe to print: colours (SGR) stay, anything that
/// could move the cursor, set titles, open links or reorder text is shown as a
/// symbol instead.
pub(super) fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(hostile) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(len) = sgr(rest) {
            out.push_str(&rest[..len]);
            rest = &rest[len..];
            continue;
        }
        let mut chars = rest.chars();
        match chars.next() {
            // The block U+2400 has a picture for each of these.
            Some(c @ '\0'..='\x1f') => {
                out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{FFFD}'));
            }
            Some(_) => out.push('\u{FFFD}'),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

fn hostile(c: char) -> bool {
    let reorders =
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    reorders || (c.is_control() && c != '\t')
}

/// The length of a colour sequence at the beginning of `text`.
fn sgr(text: &str) -> Option<usize> {
    let body = text.strip_prefix("\x1b[")?;
    let len = body.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
    (len <= 32 && body[len..].starts_with('m')).then_some(2 + len + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn colours_stay_and_tricks_do_not() {
        assert_eq!(inert("\x1b[1;31mred\x1b[0m"), "\x1b[1;31mred\x1b[0m");
        assert_eq!(inert("\x1b]0;title\x07"), "␛]0;title␇");
        assert_eq!(inert("\x1b[2J\x1b[H"), "␛[2J␛[H");
        assert_eq!(inert("a\u{202e}b\tc"), "a\u{FFFD}b\tc");
    }

    proptest! {
        #[test]
        fn nothing_but_colours_escapes(text in "[\\x00-\\x7f\u{202e}\u{9b}]{0,60}") {
            let shown = inert(&text);
            for (at, _) in shown.match_indices('\x1b') {
                prop_assert!(sgr(&shown[at..]).is_some());
            }
            let tricks = shown.contains(['\u{202e}', '\u{9b}', '\r', '\n']);
            prop_assert!(!tricks);
        }
    }
}
