//! A schedule understood: its slots one after the other.

use super::calendar::Days;
use super::fault::{Fault, shown};
use super::rule::{Pattern, Rule};
use super::zone::{Wall, Zone};
use crate::domain::schedule::Schedule;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// A gap in the wall clock up to this long is daylight saving, and what falls
/// into it is made up for; a longer one is a correction (cronie draws the same
/// line).
const LONGEST_GAP: TimeDelta = TimeDelta::hours(3);
/// The longest jitter: more would be another day.
const LONGEST_JITTER: Duration = Duration::from_secs(86_400);
/// How many stretches of excluded days are looked past before a schedule counts
/// as one that never fires: ten years of single days.
const PATIENCE: u32 = 4000;
/// The last year in which slots are looked for.
const LAST_YEAR: i32 = 4000;

/// When a schedule fires.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The rule.
    pub rule: Rule,
    /// The wall clock that counts.
    pub zone: Zone,
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) end: Option<DateTime<Utc>>,
    pub(super) except: Days,
    /// What `except` was written as.
    pub(super) exclude: Vec<String>,
    jitter: Duration,
    seed: String,
}

/// A slot to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Occurrence {
    /// The slot.
    pub slot: DateTime<Utc>,
    /// When it is due: the slot and its jitter.
    pub at: DateTime<Utc>,
    /// The slot in the schedule's zone.
    pub local: DateTime<FixedOffset>,
    /// What is odd about it, a clause: that its time of day does not exist on
    /// that day, or comes twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How a slot came from the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) at: DateTime<Utc>,
    /// The time of day that the pattern matched.
    pub(super) wanted: NaiveDateTime,
    pub(super) how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Plain,
    /// The time of day does not exist; this is the first instant after it.
    Moved,
    /// The first of two, the second of which has no slot.
    OnlyFirst,
    /// The second of two that both have a slot.
    Second,
}

impl Plan {
    /// Understands a schedule of the zone `default`, unless it names its own.
    /// `seed` tells it from others, for the chance in its jitter: the same seed
    /// and slot always give the same delay. `calendars` finds named calendars.
    ///
    /// # Errors
    /// The first key that is wrong, or that it would never fire.
    pub fn new(
        schedule: &Schedule,
        default: Zone,
        seed: &str,
        calendars: &dyn Fn(&str) -> Option<Days>,
    ) -> Result<Self, Fault> {
        let (rule, prefix) = Rule::parse(&schedule.when)?;
        let own = schedule
            .timezone
            .as_deref()
            .map(str::parse::<Zone>)
            .transpose()?;
        if let (Some(own), Some(prefix)) = (own, prefix)
            && own != prefix
        {
            let message = format!("`timezone` is {own}, but `when` begins with {prefix}");
            return Err(Fault::hinted("timezone", message, "remove one of them"));
        }
        let zone = own.or(prefix).unwrap_or(default);
        let jitter = schedule.jitter.map_or(Duration::ZERO, |span| span.0);
        if jitter > LONGEST_JITTER {
            return Err(Fault::new("jitter", "`jitter` is longer than a day"));
        }
        let start = schedule
            .start
            .as_deref()
            .map(|text| moment("start", text, zone));
        let end = schedule
            .end
            .as_deref()
            .map(|text| moment("end", text, zone));
        let plan = Self {
            rule,
            zone,
            start: start.transpose()?,
            end: end.transpose()?,
            except: excluded(&schedule.exclude, calendars)?,
            exclude: schedule.exclude.clone(),
            jitter,
            seed: seed.to_owned(),
        };
        plan.fires()?;
        Ok(plan)
    }

    /// Refuses a plan without slots, and one whose jitter mixes them up.
    fn fires(&self) -> Result<(), Fault> {
        if let (Some(start), Some(end)) = (self.start, self.end)
            && start > end
        {
            return Err(Fault::new("end", "`end` is before `start`"));
        }
        let Some(first) = self.next(DateTime::UNIX_EPOCH) else {
            let bounded = self.start.is_some() || self.end.is_some();
            let (key, message) = match (bounded, self.except.is_empty()) {
                (true, _) => ("end", "it never fires between `start` and `end`"),
                (_, false) => ("exclude", "it never fires: all its days are excluded"),
                _ => ("when", "it never fires"),
            };
            return Err(Fault::new(key, message));
        };
        let distance = self.next(first).map(|second| second - first);
        let jitter = TimeDelta::from_std(self.jitter).unwrap_or(TimeDelta::MAX);
        if let Some(distance) = distance.filter(|distance| jitter >= *distance) {
            let distance = crate::domain::size::Span(distance.to_std().unwrap_or_default());
            let message =
                format!("`jitter` must be less than the time between two runs, {distance}");
            return Err(Fault::new("jitter", message));
        }
        Ok(())
    }

    /// A text that is the same for plans with the same slots.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self {
            rule,
            zone,
            start,
            end,
            except,
            jitter,
            ..
        } = self;
        format!("{rule}|{zone}|{start:?}|{end:?}|{except:?}|{jitter:?}")
    }

    /// The first slot after an instant.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.hit(after).map(|hit| hit.at)
    }

    /// When a slot is due.
    #[must_use]
    pub fn due(&self, slot: DateTime<Utc>) -> DateTime<Utc> {
        slot + jitter_of(&self.seed, slot, self.jitter)
    }

    pub(super) fn hit(&self, after: DateTime<Utc>) -> Option<Hit> {
        let second = TimeDelta::seconds(1);
        let mut after = match self.start {
            Some(start) if after < start => start - second,
            _ => after,
        };
        for _ in 0..PATIENCE {
            let hit = match &self.rule {
                Rule::Cron(pattern) => self.matched(pattern, after)?,
                Rule::Every(period) => self.ticked(*period, after)?,
            };
            if self.end.is_some_and(|end| hit.at > end) {
                return None;
            }
            let day = self.zone.local(hit.at).date_naive();
            if !self.except.contains(day) {
                return Some(hit);
            }
            let allowed = self.allowed_after(day)?;
            after = hit.at.max(self.zone.start_of(allowed) - second);
        }
        None
    }

    /// The first day after `day` that is not excluded.
    fn allowed_after(&self, day: NaiveDate) -> Option<NaiveDate> {
        let days = day.iter_days().skip(1).take(PATIENCE as usize);
        days.into_iter().find(|day| !self.except.contains(*day))
    }

    /// The first instant after `after` at which the pattern matches.
    fn matched(&self, pattern: &Pattern, after: DateTime<Utc>) -> Option<Hit> {
        let local = self.zone.local(after).naive_local();
        let (mut from, mut inclusive) = (local, false);
        if let Wall::Twice(first, second) = self.zone.wall(local)
            && after < second
        {
            // The clock will be put back: what it has shown comes again.
            (from, inclusive) = (local - (second - first), true);
        }
        let mut best: Option<Hit> = None;
        loop {
            let found = pattern
                .cron
                .find_next_occurrence(&from.and_utc(), inclusive);
            let Some(wanted) = found.ok().filter(in_range) else {
                return best;
            };
            let wanted = wanted.naive_utc();
            let wall = self.zone.wall(wanted);
            // The first of a wall time's instants only grows with it, so nothing
            // behind this one can come before the best.
            let (Wall::Once(first) | Wall::Twice(first, _) | Wall::Never(first, _)) = wall;
            if best.is_some_and(|best| best.at <= first) {
                return best;
            }
            for (at, how) in slots(wall, pattern.paced).into_iter().flatten() {
                if at > after && best.is_none_or(|best| at < best.at) {
                    best = Some(Hit { at, wanted, how });
                }
            }
            (from, inclusive) = (wanted, false);
        }
    }

    /// The first multiple of a period after `after`, counted from `start` or
    /// else from 1970, so that it does not depend on when anybody asks.
    fn ticked(&self, period: Duration, after: DateTime<Utc>) -> Option<Hit> {
        let anchor = self.start.unwrap_or(DateTime::UNIX_EPOCH);
        let period = i64::try_from(period.as_secs()).ok()?;
        let passed = after.timestamp() - anchor.timestamp();
        let ticks = if passed < 0 { 0 } else { passed / period + 1 };
        let at = anchor + TimeDelta::try_seconds(ticks.checked_mul(period)?)?;
        let wanted = self.zone.local(at).naive_local();
        let how = How::Plain;
        in_range(&at).then_some(Hit { at, wanted, how })
    }
}

fn in_range(at: &DateTime<Utc>) -> bool {
    use chrono::Datelike as _;
    at.year() < LAST_YEAR
}

/// The slots of a time of day that a pattern matched.
fn slots(wall: Wall, paced: bool) -> [Option<(DateTime<Utc>, How)>; 2] {
    match wall {
        Wall::Once(at) => [Some((at, How::Plain)), None],
        Wall::Twice(first, second) if paced => {
            [Some((first, How::Plain)), Some((second, How::Second))]
        }
        Wall::Twice(first, _) => [Some((first, How::OnlyFirst)), None],
        Wall::Never(after, gap) if !paced && gap <= LONGEST_GAP => {
            [Some((after, How::Moved)), None]
        }
        Wall::Never(..) => [None, None],
    }
}

/// A delay from 0 to `most`, in milliseconds, the same for the same slot.
#[must_use]
pub fn jitter_of(seed: &str, slot: DateTime<Utc>, most: Duration) -> TimeDelta {
    let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    if most == 0 {
        return TimeDelta::zero();
    }
    let mut hash = Sha256::new();
    hash.update(seed.as_bytes());
    hash.update(slot.timestamp().to_be_bytes());
    let mut number = [0; 8];
    number.copy_from_slice(&hash.finalize()[..8]);
    let millis = u64::from_be_bytes(number) % most.saturating_add(1);
    TimeDelta::milliseconds(i64::try_from(millis).unwrap_or(i64::MAX / 2))
}

/// `start` or `end`: a day, a local time, or an instant with its offset.
fn moment(key: &'static str, text: &str, zone: Zone) -> Result<DateTime<Utc>, Fault> {
    let text = text.trim();
    let last = key == "end";
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let next = day.succ_opt().unwrap_or(day);
        return Ok(match last {
            true => zone.start_of(next) - TimeDelta::seconds(1),
            false => zone.start_of(day),
        });
    }
    let forms = [
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
    ];
    let local = forms
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    match local.map(|local| zone.wall(local)) {
        Some(Wall::Twice(_, at)) if last => Ok(at),
        Some(Wall::Once(at) | Wall::Twice(at, _) | Wall::Never(at, _)) => Ok(at),
        None => {
            let message = format!("{} is not a time", shown(text));
            let hint = "write a day (2026-12-01), a local time (2026-12-01T06:00) or a time with its offset (2026-12-01T06:00+01:00)";
            Err(Fault::hinted(key, message, hint))
        }
    }
}

/// The days of all entries of `exclude`.
fn excluded(entries: &[String], calendars: &dyn Fn(&str) -> Option<Days>) -> Result<Days, Fault> {
    let mut days = Days::default();
    for (at, entry) in entries.iter().enumerate() {
        let placed = |fault| Fault {
            item: Some(at),
            ..fault
        };
        let entry = entry.trim();
        let found = match Days::dates(entry).map_err(placed)? {
            Some(days) => Some(days),
            None => Days::known(entry).or_else(|| calendars(entry)),
        };
        let Some(found) = found else {
            let message = format!("there is no calendar {}", shown(entry));
            let hint = "write a day, a range of days, `weekends`, `weekdays`, or the name of a file in calendars/ without .txt";
            return Err(placed(Fault::hinted("exclude", message, hint)));
        };
        days.extend(&found);
    }
    Ok(days)
}
