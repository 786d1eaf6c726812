//! One field of a cron pattern: checked, and brought into its shortest form.
//!
//! The library that matches patterns says of a bad one that some component is
//! out of bounds; people want to know which, and what to write instead.

use super::fault::shown;
use crate::domain::suggest::nearest;

/// What a field may hold.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name in messages.
    pub(super) name: &'static str,
    min: u32,
    max: u32,
    /// Names of values, the first for `first_name`.
    names: &'static [&'static str],
    first_name: u32,
    special: Special,
}

/// The letters a field knows besides numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Special {
    None,
    /// `L`, `LW`, `15W`.
    DayOfMonth,
    /// `5L`, `5#2`.
    DayOfWeek,
}

/// The fields of a pattern, seconds first.
pub(super) const FIELDS: [Field; 6] = [
    plain("second", 0, 59),
    plain("minute", 0, 59),
    plain("hour", 0, 23),
    Field {
        special: Special::DayOfMonth,
        ..plain("day of month", 1, 31)
    },
    Field {
        names: &[
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ],
        first_name: 1,
        ..plain("month", 1, 12)
    },
    Field {
        names: WEEKDAY_NAMES,
        special: Special::DayOfWeek,
        ..plain("day of week", 0, 7)
    },
];

/// The names of weekdays; Sunday is 0, and 7 too.
pub(super) const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The same, as the field has them.
const WEEKDAY_NAMES: &[&str] = &WEEKDAYS;

const fn plain(name: &'static str, min: u32, max: u32) -> Field {
    Field {
        name,
        min,
        max,
        names: &[],
        first_name: 0,
        special: Special::None,
    }
}

/// Why a field is wrong, and what may be written in its place.
#[derive(Debug)]
pub(super) struct BadField {
    pub(super) message: String,
    pub(super) instead: Option<String>,
}

type Checked = Result<String, BadField>;

fn bad(message: String, instead: Option<String>) -> BadField {
    BadField { message, instead }
}

impl Field {
    /// The canonical form of a field: numbers for names, no leading zeros.
    pub(super) fn check(&self, text: &str) -> Checked {
        let upper = text.to_ascii_uppercase();
        if upper == "?" && self.special != Special::None {
            return Ok("*".to_owned());
        }
        let items: Vec<&str> = upper.split(',').collect();
        if items.iter().any(|item| item.is_empty()) {
            let rest: Vec<&str> = items.into_iter().filter(|item| !item.is_empty()).collect();
            let message = format!("{}: {} has nothing between commas", self.name, shown(text));
            return Err(bad(message, (!rest.is_empty()).then(|| rest.join(","))));
        }
        let mut done = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match self.item(item) {
                Ok(canonical) => done.push(canonical),
                Err(fault) => {
                    let instead = fault.instead.map(|instead| {
                        let mut fixed = items.clone();
                        fixed[at] = &instead;
                        fixed.join(",")
                    });
                    return Err(bad(format!("{}: {}", self.name, fault.message), instead));
                }
            }
        }
        Ok(done.join(","))
    }

    fn item(&self, item: &str) -> Checked {
        if let Some(done) = self.special_item(item) {
            return done;
        }
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (item, None),
        };
        let max = self.max;
        let (base, from, to) = match range.split_once('-') {
            _ if range == "*" => ("*".to_owned(), self.min, max),
            Some((from, to)) => {
                let (base, from, to) = self.range(range, from, to)?;
                (base, from, to)
            }
            None if step.is_some() => {
                let fixed = self.value(range).ok().map(|_| format!("{range}-{max}"));
                let message = format!("{} has a step but no range before the “/”", shown(item));
                let whole = if range.is_empty() {
                    Some("*".to_owned())
                } else {
                    fixed
                };
                let step = step.unwrap_or_default();
                return Err(bad(message, whole.map(|range| format!("{range}/{step}"))));
            }
            None => return self.value(range).map(|value| self.number(value)),
        };
        match step {
            None => Ok(base),
            Some(step) => self.step(item, (&base, range), step, to - from),
        }
    }

    /// A number as written in the canonical form; Sunday is 0.
    fn number(&self, value: u32) -> String {
        match (self.special, value) {
            (Special::DayOfWeek, 7) => "0".to_owned(),
            _ => value.to_string(),
        }
    }

    fn range(&self, range: &str, from: &str, to: &str) -> Result<(String, u32, u32), BadField> {
        if from.is_empty() || to.is_empty() {
            let message = format!("{} is neither a number nor a range", shown(range));
            return Err(bad(message, None));
        }
        let within = |fault: BadField, fixed: &dyn Fn(String) -> String| {
            bad(fault.message, fault.instead.map(fixed))
        };
        let first = self
            .value(from)
            .map_err(|fault| within(fault, &|good| format!("{good}-{to}")))?;
        let mut last = self
            .value(to)
            .map_err(|fault| within(fault, &|good| format!("{from}-{good}")))?;
        // A week may end with Sunday although Sunday is 0.
        if self.special == Special::DayOfWeek && last == 0 && first > 0 {
            last = 7;
        }
        if first > last {
            let message = format!("{} ends before it begins", shown(range));
            let (min, max) = match self.names {
                WEEKDAY_NAMES if from.starts_with(char::is_alphabetic) => {
                    ("SUN".into(), "SAT".into())
                }
                WEEKDAY_NAMES => (self.min.to_string(), "6".to_owned()),
                _ => (self.min.to_string(), self.max.to_string()),
            };
            let part = |a: &str, b: &str| {
                if a == b {
                    a.to_owned()
                } else {
                    format!("{a}-{b}")
                }
            };
            let instead = match first {
                // Only Sunday has two numbers.
                7 if max == "6" => part(&min, to),
                _ => format!("{},{}", part(from, &max), part(&min, to)),
            };
            return Err(bad(message, Some(instead)));
        }
        Ok((format!("{first}-{last}"), first, last))
    }

    fn step(&self, item: &str, (base, range): (&str, &str), step: &str, span: u32) -> Checked {
        let Some(number) = digits(step) else {
            let message = format!("{} has no number after the “/”", shown(item));
            return Err(bad(message, Some(range.to_owned())));
        };
        if number == 0 {
            let message = format!("{} has a step of 0", shown(item));
            return Err(bad(message, Some(range.to_owned())));
        }
        if number > span {
            let what = format!("{} steps further than the range is long", shown(item));
            let message = match self.name {
                "second" | "minute" | "hour" => {
                    format!("{what} (for other intervals there is `@every`)")
                }
                _ => what,
            };
            let first = range.split('-').next().filter(|first| *first != "*");
            let first = first.map_or_else(|| self.min.to_string(), str::to_owned);
            return Err(bad(message, Some(first)));
        }
        Ok(if number == 1 {
            base.to_owned()
        } else {
            format!("{base}/{number}")
        })
    }

    /// A value by number or name.
    fn value(&self, text: &str) -> Result<u32, BadField> {
        if let Some(at) = self.names.iter().position(|name| *name == text) {
            return Ok(self.first_name + at as u32);
        }
        let (min, max) = (self.min, self.max);
        match digits(text) {
            Some(value) if (min..=max).contains(&value) => Ok(value),
            Some(value) => {
                let message = format!("{} is not from {min} to {max}", shown(text));
                let instead = if value < min {
                    min
                } else if value == max + 1 && min == 0 && max != 7 {
                    // 60 minutes and 24 hours are where counting begins again.
                    0
                } else {
                    max
                };
                Err(bad(message, Some(instead.to_string())))
            }
            None => {
                let near = nearest(text, self.names.iter().copied()).or_else(|| {
                    let full = |name: &&&str| text.len() > 3 && text.starts_with(**name);
                    self.names.iter().find(full).copied()
                });
                let message = match self.names {
                    [] => format!("{} is not a number from {min} to {max}", shown(text)),
                    [first, .., last] => format!(
                        "{} is neither a number from {min} to {max} nor a name from {first} to {last}",
                        shown(text)
                    ),
                    [only] => format!("{} is not {only}", shown(text)),
                };
                Err(bad(message, near.map(str::to_owned)))
            }
        }
    }

    /// Items that only days know; none when this is not one.
    fn special_item(&self, item: &str) -> Option<Checked> {
        match self.special {
            Special::None => None,
            Special::DayOfMonth => match item {
                "L" | "LW" => Some(Ok(item.to_owned())),
                _ => {
                    let day = item.strip_suffix('W')?;
                    Some(
                        self.value(day)
                            .map(|day| format!("{day}W"))
                            .map_err(|fault| {
                                bad(fault.message, fault.instead.map(|day| format!("{day}W")))
                            }),
                    )
                }
            },
            Special::DayOfWeek => {
                if let Some((day, nth)) = item.split_once('#') {
                    return Some(self.nth(day, nth));
                }
                let day = item.strip_suffix('L').filter(|day| !day.is_empty())?;
                // Names of weekdays do not end with L, so this is a suffix.
                let day = self.value(day).map(|day| format!("{}L", self.number(day)));
                Some(day.map_err(|fault| {
                    bad(fault.message, fault.instead.map(|day| format!("{day}L")))
                }))
            }
        }
    }

    fn nth(&self, day: &str, nth: &str) -> Checked {
        let value = self.value(day).map_err(|fault| {
            bad(
                fault.message,
                fault.instead.map(|day| format!("{day}#{nth}")),
            )
        })?;
        match digits(nth) {
            Some(number @ 1..=5) => Ok(format!("{}#{number}", self.number(value))),
            _ => {
                let message = format!(
                    "{} does not say which of the month's: write #1 to #5, or `{day}L` for the last",
                    shown(&format!("{day}#{nth}"))
                );
                Err(bad(message, Some(format!("{day}#1"))))
            }
        }
    }
}

/// A number of at most nine digits, and nothing else.
pub(super) fn digits(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}
