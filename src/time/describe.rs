//! A plan in words, and its slots to come.

use super::fault::Fault;
use super::plan::{Hit, How, Occurrence, Plan};
use super::rule::{Pattern, Rule};
use super::zone::Transition;
use crate::domain::size::Span;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

/// More times of day than this are not listed one by one.
const LISTED: usize = 4;

impl Plan {
    /// The next slots after an instant, `n` at most.
    #[must_use]
    pub fn upcoming(&self, after: DateTime<Utc>, n: usize) -> Vec<Occurrence> {
        let mut found: Vec<Occurrence> = Vec::new();
        let mut after = after;
        while found.len() < n {
            let Some(hit) = self.hit(after) else { break };
            after = hit.at;
            found.push(Occurrence {
                slot: hit.at,
                at: self.due(hit.at),
                local: self.zone.local(hit.at),
                note: self.note(hit),
            });
        }
        found
    }

    fn note(&self, hit: Hit) -> Option<String> {
        let wanted = hit.wanted.format("%H:%M");
        match hit.how {
            How::Plain => None,
            How::Moved => {
                let runs = self.zone.local(hit.at).format("%H:%M");
                Some(format!(
                    "{wanted} does not exist on that day; runs at {runs}"
                ))
            }
            How::OnlyFirst => Some(format!(
                "{wanted} happens twice on that day; runs once, the first time"
            )),
            How::Second => Some(format!(
                "{wanted} happens twice on that day; this is the second time"
            )),
        }
    }

    /// One sentence that says when it fires.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = match &self.rule {
            Rule::Every(period) if self.exclude.is_empty() => format!("Every {}", Span(*period)),
            Rule::Every(period) => format!("Every {} ({})", Span(*period), self.zone),
            Rule::Cron(pattern) => format!("{} ({})", sentence(pattern), self.zone),
        };
        if !self.exclude.is_empty() {
            text.push_str(", except ");
            text.push_str(&listed(&self.exclude, "and"));
        }
        let shown = |at| self.zone.local(at).format("%Y-%m-%d %H:%M");
        if let Some(start) = self.start {
            text.push_str(&format!(", from {}", shown(start)));
        }
        if let Some(end) = self.end {
            text.push_str(&format!(", until {}", shown(end)));
        }
        text
    }

    /// What its times of day meet in the next two years: one note for an hour
    /// that does not exist and one for an hour that comes twice.
    #[must_use]
    pub fn lint(&self, now: DateTime<Utc>) -> Vec<Fault> {
        let Rule::Cron(pattern) = &self.rule else {
            return Vec::new();
        };
        // `*/15 * * * *` loses or gains an hour with everybody else.
        if pattern.all_day() {
            return Vec::new();
        }
        let jumps = self.zone.transitions(now, now + TimeDelta::days(731));
        let gap = jumps.iter().find_map(|jump| self.met(pattern, jump, true));
        let fold = jumps.iter().find_map(|jump| self.met(pattern, jump, false));
        let hint = "choose another time of day, or a zone whose clock does not jump, such as UTC";
        gap.into_iter()
            .chain(fold)
            .map(|message| Fault::hinted("when", message, hint))
            .collect()
    }

    /// What the pattern has to do with a jump ahead (`gap`) or back.
    fn met(&self, pattern: &Pattern, jump: &Transition, gap: bool) -> Option<String> {
        if (jump.to > jump.from) != gap {
            return None;
        }
        let (low, high) = if gap {
            (jump.from, jump.to)
        } else {
            (jump.to, jump.from)
        };
        let at = pattern.first(low).filter(|at| *at < high)?;
        let day = at.date();
        // The plan may end before, begin after, or leave out that day.
        let begin = self.zone.start_of(day) - TimeDelta::seconds(1);
        if self.except.contains(day)
            || self.start.is_some_and(|start| start > jump.at)
            || self.end.is_some_and(|end| end < begin)
        {
            return None;
        }
        let (time, zone) = (at.format("%H:%M"), self.zone);
        let runs = match (gap, pattern.paced) {
            (true, false) => format!("runs at {}", jump.to.format("%H:%M")),
            (true, true) => "does not run".to_owned(),
            (false, false) => "runs once, the first time".to_owned(),
            (false, true) => "runs both times".to_owned(),
        };
        let what = if gap {
            "does not exist"
        } else {
            "happens twice"
        };
        Some(format!("{time} {what} on {day} in {zone}: it {runs} then"))
    }
}

impl Pattern {
    /// The first match from a time of day on.
    fn first(&self, from: NaiveDateTime) -> Option<NaiveDateTime> {
        let found = self.cron.find_next_occurrence(&from.and_utc(), true);
        found.ok().map(|at| at.naive_utc())
    }

    /// Whether it matches in every hour.
    fn all_day(&self) -> bool {
        self.cron.pattern.hours.values().len() == 24
    }
}

/// The pattern in words. What is not common is left to the library.
fn sentence(pattern: &Pattern) -> String {
    let parts = &pattern.cron.pattern;
    let plain_days = !parts.days.has_modifiers() && !parts.days_of_week.has_modifiers();
    let one_day_field = parts.is_dom_wildcard() || parts.is_dow_wildcard();
    let spoken = (plain_days && one_day_field && parts.seconds.values() == [0])
        .then(|| {
            Some(format!(
                "{}{}{}",
                days(pattern),
                months(pattern),
                times(pattern)?
            ))
        })
        .flatten();
    // "Every day every 2 hours" says one thing twice.
    let spoken = spoken.map(|text| match text.strip_prefix("every day every") {
        Some(rest) => format!("every{rest}"),
        None => text,
    });
    let text = spoken.unwrap_or_else(|| {
        let said = pattern.cron.describe();
        let said = said.trim_end_matches('.');
        said.strip_prefix("At every")
            .map_or_else(|| said.to_owned(), |rest| format!("Every{rest}"))
    });
    let mut chars = text.trim_start().chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => text,
    }
}

/// The times of day, after the days; none for those that need many words.
fn times(pattern: &Pattern) -> Option<String> {
    let parts = &pattern.cron.pattern;
    let (minutes, hours) = (parts.minutes.values(), parts.hours.values());
    let all = |values: &[u16], count| values.len() == count;
    let run = |values: &[u16]| values.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let spaced = |values: &[u16], length: u16| {
        let step = values.get(1).map(|second| second - values[0])?;
        let even = values.windows(2).all(|pair| pair[1] - pair[0] == step);
        (values[0] == 0 && even && step * values.len() as u16 == length).then_some(step)
    };
    Some(match (&minutes[..], &hours[..]) {
        (m, h) if all(m, 60) && all(h, 24) => " every minute".to_owned(),
        (m, h) if all(h, 24) && spaced(m, 60).is_some() => {
            format!(" every {} minutes", spaced(m, 60)?)
        }
        ([0], h) if all(h, 24) => " every hour".to_owned(),
        ([minute], h) if all(h, 24) => format!(" every hour at minute {minute}"),
        ([minute], h) if h.len() > LISTED && spaced(h, 24).is_some() => {
            format!(" every {} hours from 00:{minute:02}", spaced(h, 24)?)
        }
        ([minute], h) if h.len() > LISTED && run(h) => {
            let (first, last) = (h[0], h[h.len() - 1]);
            format!(" every hour from {first:02}:{minute:02} to {last:02}:{minute:02}")
        }
        (m, h) if run(h) && spaced(m, 60).is_some() => {
            let (first, last) = (h[0], h[h.len() - 1]);
            let end = m[m.len() - 1];
            format!(
                " every {} minutes from {first:02}:00 to {last:02}:{end:02}",
                spaced(m, 60)?
            )
        }
        (m, h) if run(h) && all(m, 60) => {
            format!(
                " every minute from {:02}:00 to {:02}:59",
                h[0],
                h[h.len() - 1]
            )
        }
        (m, h) if m.len() * h.len() <= LISTED => {
            let clock = |hour| m.iter().map(move |minute| format!("{hour:02}:{minute:02}"));
            let all: Vec<String> = h.iter().flat_map(|hour| clock(*hour)).collect();
            format!(" at {}", listed(&all, "and"))
        }
        _ => return None,
    })
}

fn days(pattern: &Pattern) -> String {
    let parts = &pattern.cron.pattern;
    let clock = parts.hours.values().len() < 24;
    if !parts.is_dow_wildcard() {
        let names = [
            "Sunday",
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
        ];
        let days = parts.days_of_week.values();
        return match &days[..] {
            [1, 2, 3, 4, 5] => "Monday to Friday".to_owned(),
            [day] if clock => format!("every {}", names[usize::from(*day % 7)]),
            _ => {
                let names: Vec<String> = days
                    .iter()
                    .map(|day| names[usize::from(*day % 7)].to_owned())
                    .collect();
                format!("on {}", listed(&names, "and"))
            }
        };
    }
    if !parts.is_dom_wildcard() {
        let days: Vec<String> = parts.days.values().iter().map(u16::to_string).collect();
        let word = if days.len() == 1 { "day" } else { "days" };
        let month = if parts.months.values().len() == 12 {
            " of the month"
        } else {
            ""
        };
        return format!("on {word} {}{month}", listed(&days, "and"));
    }
    if clock {
        "every day".to_owned()
    } else {
        String::new()
    }
}

fn months(pattern: &Pattern) -> String {
    let names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let months = pattern.cron.pattern.months.values();
    if months.len() == 12 {
        return String::new();
    }
    let names: Vec<String> = months
        .iter()
        .map(|month| names[usize::from(month - 1)].to_owned())
        .collect();
    format!(" in {}", listed(&names, "and"))
}

fn listed(items: &[String], and: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}
