//! Days on which a schedule does not fire.

use super::fault::{Fault, shown};
use chrono::{Datelike as _, NaiveDate, Weekday};

/// A set of days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// First and last day, both in the set.
    ranges: Vec<(NaiveDate, NaiveDate)>,
    /// From Monday.
    weekdays: [bool; 7],
}

impl Days {
    /// Whether a day is one of them.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.weekdays[day.weekday().num_days_from_monday() as usize]
            || self
                .ranges
                .iter()
                .any(|(first, last)| (first..=last).contains(&&day))
    }

    /// Adds all days of another set.
    pub fn extend(&mut self, other: &Self) {
        self.ranges.extend_from_slice(&other.ranges);
        for (own, theirs) in self.weekdays.iter_mut().zip(other.weekdays) {
            *own |= theirs;
        }
    }

    /// Whether there is no day in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty() && self.weekdays == [false; 7]
    }

    /// `weekdays` (Monday to Friday) or `weekends`; none for other words.
    #[must_use]
    pub fn known(word: &str) -> Option<Self> {
        let weekend = |day: usize| day >= Weekday::Sat.num_days_from_monday() as usize;
        let of = |weekends| Self {
            ranges: Vec::new(),
            weekdays: std::array::from_fn(|day| weekend(day) == weekends),
        };
        match word {
            "weekdays" => Some(of(false)),
            "weekends" => Some(of(true)),
            _ => None,
        }
    }

    /// `2026-12-25`, or `2026-12-24..2027-01-02` with both ends.
    ///
    /// # Errors
    /// Text that begins with a digit and is neither; `None` for other text.
    pub(super) fn dates(text: &str) -> Result<Option<Self>, Fault> {
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let range = (day(first.trim())?, day(last.trim())?);
        if range.0 > range.1 {
            let message = format!("{} ends before it begins", shown(text));
            let turned = format!("{}..{}", range.1, range.0);
            return Err(Fault::meant("exclude", message, Some(turned)));
        }
        Ok(Some(Self {
            ranges: vec![range],
            ..Self::default()
        }))
    }
}

fn day(text: &str) -> Result<NaiveDate, Fault> {
    let read = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let read = read.filter(|day| day.to_string() == text);
    read.ok_or_else(|| {
        let message = format!("{} is not a day", shown(text));
        Fault::hinted(
            "exclude",
            message,
            "write a day as 2026-12-25, days as 2026-12-24..2027-01-02",
        )
    })
}

/// Reads a calendar file: a day or a range of days on each line; what follows a
/// `#` is a comment.
///
/// # Errors
/// Each bad line, by its number from 1.
pub fn parse_calendar(text: &str) -> Result<Days, Vec<(u32, Fault)>> {
    let mut days = Days::default();
    let mut faults = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let none = || {
            let message = format!("{} is not a day", shown(line));
            Fault::hinted(
                "exclude",
                message,
                "write a day as 2026-12-25, and comments after a “#”",
            )
        };
        match Days::dates(line).and_then(|read| read.ok_or_else(none)) {
            Ok(read) => days.extend(&read),
            Err(fault) => faults.push((number, fault)),
        }
    }
    if faults.is_empty() {
        Ok(days)
    } else {
        Err(faults)
    }
}
