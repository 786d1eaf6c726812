//! Many slots at once, without walking over each: what a schedule missed in a
//! year of minutes is counted by days.

use super::plan::Plan;
use super::rule::Rule;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

impl Plan {
    /// How many slots there are after `after` and not after `until`.
    #[must_use]
    pub fn count(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> u64 {
        let until = self.end.map_or(until, |end| until.min(end));
        let mut at = after;
        let mut total = 0;
        while let Some(slot) = self.next(at).filter(|slot| *slot <= until) {
            match self.rest_of_day(slot, at, until) {
                Some((many, end)) => {
                    total += many;
                    at = end;
                }
                None => {
                    total += 1;
                    at = slot;
                }
            }
        }
        total
    }

    /// How many slots there are from `slot` to the end of its day, and that end,
    /// where it can be told without walking: `before` is an instant without
    /// slots between it and `slot`.
    fn rest_of_day(
        &self,
        slot: DateTime<Utc>,
        before: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Option<(u64, DateTime<Utc>)> {
        let second = TimeDelta::seconds(1);
        let day = self.zone.local(slot).date_naive();
        let (begin, next) = (self.zone.start_of(day), self.zone.start_of(day.succ_opt()?));
        let end = (next - second).max(slot);
        match &self.rule {
            Rule::Every(period) => {
                let end = end.min(until);
                Some((ticks(slot, end, *period), end))
            }
            Rule::Cron(pattern) => {
                let plain = next - begin == TimeDelta::days(1)
                    && self.zone.offset(begin) == self.zone.offset(next)
                    && self.zone.offset(begin - second) == self.zone.offset(begin);
                let whole = before < begin && end <= until && self.start.is_none_or(|s| s <= begin);
                (plain && whole).then_some((pattern.times, end))
            }
        }
    }

    /// The newest slots after `after` and not after `until`, oldest first, `n` at
    /// most.
    #[must_use]
    pub fn newest(
        &self,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
        n: usize,
    ) -> Vec<DateTime<Utc>> {
        let mut span = TimeDelta::minutes(1);
        let mut from = after.max(until - span);
        while from > after && self.count(from, until) < n as u64 {
            span = span * 2;
            from = after.max(until - span);
        }
        let mut found = Vec::new();
        while let Some(slot) = self.next(from).filter(|slot| *slot <= until) {
            found.push(slot);
            from = slot;
        }
        found.drain(..found.len().saturating_sub(n));
        found
    }
}

/// How many multiples of a period there are from the one at `first` to `last`.
fn ticks(first: DateTime<Utc>, last: DateTime<Utc>, period: Duration) -> u64 {
    let span = u64::try_from((last - first).num_seconds()).unwrap_or(0);
    span / period.as_secs().max(1) + 1
}
