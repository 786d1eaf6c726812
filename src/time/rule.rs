//! The rule of a schedule: every form people write, read into one type.

use super::fault::{Fault, shown};
use super::field::{BadField, FIELDS, WEEKDAYS, digits};
use super::zone::Zone;
use crate::domain::size::Span;
use crate::domain::suggest::nearest;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Longer texts are no rules.
const MAX_TEXT: usize = 300;
/// The nicknames of cron and what they stand for.
const NICKNAMES: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];
/// For messages about text that is no rule at all.
const FORMS: &str = "write a time such as `06:00` or `MON 08:00`, an interval such as `@every 15m`, or a cron pattern such as `0 6 * * *`";

/// When a schedule fires.
#[derive(Debug, Clone)]
pub enum Rule {
    /// A cron pattern.
    Cron(Arc<Pattern>),
    /// At a fixed distance, whatever the wall clock does; whole seconds.
    Every(Duration),
}

/// A cron pattern, understood.
#[derive(Debug)]
pub struct Pattern {
    /// Its canonical text, of five fields, or of six that begin with seconds.
    text: String,
    pub(super) cron: Cron,
    /// Second, minute or hour begins with `*`: it keeps the pace of real time.
    pub(super) paced: bool,
    /// How many times of day it has.
    pub(super) times: u64,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cron(pattern) => f.write_str(&pattern.text),
            Self::Every(period) => write!(f, "@every {}", Span(*period)),
        }
    }
}

impl Rule {
    /// Reads a rule, and the zone of a `CRON_TZ=…` before it:
    /// `0 6 * * MON-FRI`, with a sixth field in front for seconds; `@daily` and
    /// its like; `@every 15m`; `06:00`, `MON 08:00`, `15 09:30`.
    ///
    /// # Errors
    /// A text that is none of these, or a pattern that no day ever matches.
    pub fn parse(text: &str) -> Result<(Self, Option<Zone>), Fault> {
        let text = text.trim();
        if text.len() > MAX_TEXT {
            return Err(wrong(format!("{} is too long for a rule", shown(text))));
        }
        let prefix = text
            .strip_prefix("CRON_TZ=")
            .or_else(|| text.strip_prefix("TZ="));
        let Some(prefixed) = prefix else {
            return Ok((rule(text)?, None));
        };
        let (zone, rest) = prefixed
            .split_once(char::is_whitespace)
            .unwrap_or((prefixed, ""));
        let zone = zone.parse().map_err(|fault| Fault {
            key: "when",
            ..fault
        })?;
        Ok((rule(rest.trim())?, Some(zone)))
    }
}

fn wrong(message: String) -> Fault {
    Fault::new("when", message)
}

fn rule(text: &str) -> Result<Rule, Fault> {
    if let Some(named) = text.strip_prefix('@') {
        return nickname(text, named);
    }
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    match words[..] {
        [] => Err(Fault::hinted("when", "the rule is empty", FORMS)),
        [time] => {
            let time = clock(time)?.ok_or_else(|| unknown(text))?;
            pattern(&format!("{time} * * *"))
        }
        [day, time] => {
            let time = clock(time)?.ok_or_else(|| unknown(text))?;
            let weekday = day
                .bytes()
                .any(|b| b.is_ascii_alphabetic() && !b"lLwW".contains(&b));
            let days = if weekday {
                format!("* * {day}")
            } else {
                format!("{day} * *")
            };
            pattern(&format!("{time} {days}"))
        }
        [_, _, _, _, _] | [_, _, _, _, _, _] => pattern(text),
        _ => Err(unknown(text)),
    }
}

/// `@daily` and its like, and `@every 15m`.
fn nickname(text: &str, named: &str) -> Result<Rule, Fault> {
    if let Some(span) = named
        .strip_prefix("every")
        .filter(|rest| !rest.starts_with(char::is_alphabetic))
    {
        return every(span.trim());
    }
    let lower = text.to_ascii_lowercase();
    if let Some((_, stands_for)) = NICKNAMES.iter().find(|(name, _)| *name == lower) {
        return pattern(stands_for);
    }
    let message = format!("{} is not known", shown(text));
    if lower == "@reboot" {
        let hint = "there is no moment of its own for a start; `catch_up` says what becomes of slots that were missed";
        return Err(Fault::hinted("when", message, hint));
    }
    let names = NICKNAMES.iter().map(|(name, _)| *name);
    Err(Fault::meant("when", message, nearest(&lower, names)))
}

fn every(span: &str) -> Result<Rule, Fault> {
    let example = "write `@every 15m`, `@every 1h30m` or the like";
    let period = span.parse::<Span>().map_err(|_| {
        Fault::hinted(
            "when",
            format!("{} is not an interval", shown(span)),
            example,
        )
    })?;
    if period.0 < Duration::from_secs(1) || period.0.subsec_nanos() != 0 {
        let message = format!(
            "an interval must be of whole seconds, and {} is not",
            shown(span)
        );
        return Err(Fault::hinted(
            "when",
            message,
            "`@every 1s` is the shortest",
        ));
    }
    Ok(Rule::Every(period.0))
}

/// The fields of `06:00` or `06:00:30` before those of days; none for what does
/// not look like a time.
fn clock(text: &str) -> Result<Option<String>, Fault> {
    let parts: Vec<&str> = text.split(':').collect();
    let ([hour, minute] | [hour, minute, _]) = parts[..] else {
        return Ok(None);
    };
    let second = parts.get(2).copied();
    let number = |text: &str| digits(text).filter(|_| text.len() <= 2);
    let minute_digits: String = minute.chars().take_while(char::is_ascii_digit).collect();
    let read = (number(hour), number(minute).filter(|_| minute.len() == 2));
    let message = format!("{} is not a time of day", shown(text));
    match (read, second.map(number)) {
        ((Some(hour @ 0..24), Some(minute @ 0..60)), None) => Ok(Some(format!("{minute} {hour}"))),
        ((Some(hour @ 0..24), Some(minute @ 0..60)), Some(Some(second @ 0..60))) => {
            Ok(Some(format!("{second} {minute} {hour}")))
        }
        ((Some(24), Some(0)), None) => Err(Fault::meant("when", message, Some("00:00"))),
        ((Some(hour @ 1..=12), None), None) if minute_digits.len() == 2 => {
            // 6:30pm
            let half = minute[2..].trim().to_ascii_lowercase();
            let hour = match half.as_str() {
                "am" => Some(hour % 12),
                "pm" => Some(hour % 12 + 12),
                _ => None,
            };
            let meant = hour.map(|hour| format!("{hour:02}:{minute_digits}"));
            Err(Fault::meant("when", message, meant))
        }
        _ => Err(Fault::hinted(
            "when",
            message,
            "write it as `06:00`, from 00:00 to 23:59",
        )),
    }
}

/// The error for a text of no known form, with what may have been meant.
fn unknown(text: &str) -> Fault {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let message = format!("{} is not a rule", shown(text));
    let lower = text.to_ascii_lowercase();
    let span = lower.strip_prefix("every").unwrap_or(&lower).trim();
    let nick = format!("@{}", lower.trim_start_matches("every ").trim());
    let meant = if words.len() <= 2 && span.parse::<Span>().is_ok_and(|span| span.0.as_secs() > 0) {
        Some(format!("@every {span}"))
    } else if NICKNAMES.iter().any(|(name, _)| *name == nick) {
        Some(nick)
    } else if words.len() == 7 {
        Some(words[..6].join(" "))
    } else if let (3 | 4, Ok(_)) = (words.len(), pattern(&padded(&words))) {
        Some(padded(&words))
    } else {
        let names = ["@hourly", "@daily", "@weekly", "@monthly", "@yearly"];
        nearest(&nick, names)
            .filter(|_| words.len() == 1)
            .map(str::to_owned)
    };
    let meant = meant.filter(|meant| rule(meant).is_ok());
    let message = match words.len() {
        3 | 4 => format!(
            "{message}: a cron pattern has five fields, and this has {}",
            words.len()
        ),
        7 => format!("{message}: a cron pattern has no field for years"),
        8.. => format!(
            "{message}: a cron pattern has five fields, and this has {}",
            words.len()
        ),
        _ => message,
    };
    match meant {
        Some(_) => Fault::meant("when", message, meant),
        None => Fault::hinted("when", message, FORMS),
    }
}

fn padded(words: &[&str]) -> String {
    let mut all = words.to_vec();
    all.resize(5, "*");
    all.join(" ")
}

/// A cron pattern of five or six fields.
fn pattern(text: &str) -> Result<Rule, Fault> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    match canonical(&words) {
        Ok(fields) => understood(&fields),
        Err((at, fault)) => {
            let meant = mended(&words, at, fault.instead);
            Err(Fault::meant("when", fault.message, meant))
        }
    }
}

/// The canonical fields, or which one is wrong.
fn canonical(words: &[&str]) -> Result<Vec<String>, (usize, BadField)> {
    let fields = &FIELDS[FIELDS.len() - words.len()..];
    let mut canonical = Vec::with_capacity(words.len());
    for (at, (field, word)) in fields.iter().zip(words).enumerate() {
        canonical.push(field.check(word).map_err(|fault| (at, fault))?);
    }
    if canonical.len() == 6 && canonical[0] == "0" {
        canonical.remove(0);
    }
    Ok(canonical)
}

/// The nearest pattern that is right, when the field `at` is replaced; it may
/// hold more faults.
fn mended(words: &[&str], at: usize, instead: Option<String>) -> Option<String> {
    let mut fixed: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    fixed[at] = instead?;
    // A field has few items, each with few faults: what takes longer is noise.
    for _ in 0..20 {
        let words: Vec<&str> = fixed.iter().map(String::as_str).collect();
        match canonical(&words) {
            Ok(fields) => {
                let text = words.join(" ");
                return match understood(&fields) {
                    Ok(_) => Some(text),
                    Err(fault) => Some(fault.hint?.split('`').nth(1)?.to_owned()),
                };
            }
            Err((at, fault)) => fixed[at] = fault.instead?,
        }
    }
    None
}

fn understood(fields: &[String]) -> Result<Rule, Fault> {
    let text = fields.join(" ");
    let days = &fields[fields.len() - 3..];
    let starred = |field: &String| field.starts_with('*');
    // As in Vixie cron: a day must match both of its fields when one of them
    // begins with `*`, and one of them otherwise.
    let both = starred(&days[0]) || starred(&days[2]);
    let parser = CronParser::builder()
        .seconds(Seconds::Optional)
        .year(Year::Disallowed)
        .dom_and_dow(both)
        .build();
    let cron = parser.parse(&text).map_err(|fault| {
        // Our own check of the fields lets through nothing the library refuses.
        wrong(format!("{} is not a cron pattern: {fault}", shown(&text)))
    })?;
    let start = chrono::DateTime::UNIX_EPOCH;
    if cron.find_next_occurrence(&start, true).is_err() {
        return Err(never(&text, fields));
    }
    let count = |values: Vec<u16>| values.len() as u64;
    let parts = &cron.pattern;
    let times =
        count(parts.seconds.values()) * count(parts.minutes.values()) * count(parts.hours.values());
    Ok(Rule::Cron(Arc::new(Pattern {
        paced: fields[..fields.len() - 3].iter().any(starred),
        times,
        text,
        cron,
    })))
}

/// The error for a day that no month has.
fn never(text: &str, fields: &[String]) -> Fault {
    let message = format!(
        "day of month: {} never fires, for no month it names has that day",
        shown(text)
    );
    let mut fixed = fields.to_vec();
    let day = fixed.len() - 3;
    "L".clone_into(&mut fixed[day]);
    Fault::hinted(
        "when",
        message,
        format!(
            "did you mean `{}`, the last day of the month?",
            fixed.join(" ")
        ),
    )
}

/// The number of a weekday, from 0 for Sunday, by its English name.
pub(super) fn weekday(name: &str) -> Option<u32> {
    let upper = name.to_ascii_uppercase();
    let full = [
        "SUNDAY",
        "MONDAY",
        "TUESDAY",
        "WEDNESDAY",
        "THURSDAY",
        "FRIDAY",
        "SATURDAY",
    ];
    let short = WEEKDAYS.iter().position(|known| *known == upper);
    let at = short.or_else(|| full.iter().position(|known| *known == upper));
    at.map(|at| at as u32)
}
