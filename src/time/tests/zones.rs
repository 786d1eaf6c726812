//! Every zone that there is, over many years.

use super::*;
use chrono::{Datelike as _, NaiveDateTime, TimeDelta, Timelike as _};
use std::collections::BTreeSet;

/// A pattern as sets of minutes and hours, matched by hand.
struct Told {
    when: &'static str,
    minutes: fn(u32) -> bool,
    hours: fn(u32) -> bool,
    paced: bool,
}

const TOLD: [Told; 8] = [
    Told {
        when: "30 2 * * *",
        minutes: |m| m == 30,
        hours: |h| h == 2,
        paced: false,
    },
    Told {
        when: "0 0 * * *",
        minutes: |m| m == 0,
        hours: |h| h == 0,
        paced: false,
    },
    Told {
        when: "15,45 0-4 * * *",
        minutes: |m| m == 15 || m == 45,
        hours: |h| h <= 4,
        paced: false,
    },
    Told {
        when: "0-59/7 1,2,23 * * *",
        minutes: |m| m % 7 == 0,
        hours: |h| [1, 2, 23].contains(&h),
        paced: false,
    },
    Told {
        when: "30 * * * *",
        minutes: |m| m == 30,
        hours: |_| true,
        paced: true,
    },
    Told {
        when: "*/20 * * * *",
        minutes: |m| m % 20 == 0,
        hours: |_| true,
        paced: true,
    },
    Told {
        when: "*/15 1-2 * * *",
        minutes: |m| m % 15 == 0,
        hours: |h| h == 1 || h == 2,
        paced: true,
    },
    Told {
        when: "10 */2 * * *",
        minutes: |m| m == 10,
        hours: |h| h % 2 == 0,
        paced: true,
    },
];

impl Told {
    fn matches(&self, local: NaiveDateTime) -> bool {
        (self.minutes)(local.minute()) && (self.hours)(local.hour())
    }

    /// What cronie does, minute by minute: jobs that keep the pace run when the
    /// wall clock shows their time. Others run when it shows a time later than
    /// any before, and after a jump ahead of up to three hours what was jumped
    /// over runs at once.
    fn cronie(&self, zone: Zone, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let minute = TimeDelta::minutes(1);
        let mut furthest = zone.local(from - minute).naive_local();
        let mut fired = Vec::new();
        let mut now = from;
        while now < to {
            let local = zone.local(now).naive_local();
            let runs = if self.paced {
                self.matches(local)
            } else {
                let mut at = furthest + minute;
                if at < local && local - furthest > TimeDelta::minutes(181) {
                    at = local;
                }
                let mut any = false;
                while at <= local {
                    any |= self.matches(at);
                    at += minute;
                }
                any
            };
            furthest = furthest.max(local);
            if runs {
                fired.push(now);
            }
            now += minute;
        }
        fired
    }
}

/// All zones, one of those that jump alike.
fn different_zones() -> Vec<(Zone, Vec<Transition>)> {
    let mut seen = BTreeSet::new();
    let (from, to) = (at("2020-01-01T00:00:00Z"), at("2038-01-01T00:00:00Z"));
    Zone::all()
        .map(|zone| (zone, zone.transitions(from, to)))
        .filter(|(zone, jumps)| {
            let first = zone.offset(from).local_minus_utc();
            seen.insert((
                first,
                jumps
                    .iter()
                    .map(|jump| (jump.at, jump.to))
                    .collect::<Vec<_>>(),
            ))
        })
        .collect()
}

#[test]
fn every_jump_of_every_zone_is_as_cronie_has_it() {
    let zones = different_zones();
    assert!(zones.len() > 60, "{}", zones.len());
    let mut jumps = 0;
    for told in &TOLD {
        for (zone, transitions) in &zones {
            let plan = planned(&Schedule::new(told.when), *zone).unwrap();
            for jump in transitions {
                jumps += 1;
                // Full minutes, and far enough from the jump that all is as usual.
                let (from, to) = (jump.at - TimeDelta::hours(5), jump.at + TimeDelta::hours(5));
                let mut found = Vec::new();
                let mut slot = from - TimeDelta::seconds(1);
                while let Some(next) = plan.next(slot).filter(|next| *next < to) {
                    assert!(next > slot);
                    found.push(next);
                    slot = next;
                }
                assert_eq!(
                    found,
                    told.cronie(*zone, from, to),
                    "{} {zone} {}",
                    told.when,
                    jump.at
                );
            }
        }
    }
    assert!(jumps > 8000, "{jumps}");
}

#[test]
fn a_daily_rule_fires_once_for_every_local_day_of_18_years() {
    for name in [
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "Antarctica/Troll",
        "America/Santiago",
        "Africa/Casablanca",
    ] {
        for when in ["00:00", "02:30"] {
            let plan = plan(when, name);
            let mut slot = at("2020-01-01T00:00:00Z");
            let mut day = plan.zone.local(slot).date_naive();
            while day.year() < 2038 {
                let next = plan.next(slot).unwrap();
                let local = plan.zone.local(next).date_naive();
                let ok = local == day.succ_opt().unwrap()
                    || (slot == at("2020-01-01T00:00:00Z") && local == day);
                assert!(ok, "{name} {when}: {day} then {local}");
                (slot, day) = (next, local);
            }
        }
    }
}

#[test]
fn an_instant_and_what_the_wall_shows_belong_together() {
    for (zone, jumps) in different_zones() {
        for jump in jumps {
            for minutes in -200..200 {
                let instant = jump.at + TimeDelta::minutes(minutes);
                let wall = zone.wall(zone.local(instant).naive_local());
                let (Wall::Once(first) | Wall::Twice(first, _) | Wall::Never(first, _)) = wall;
                let found = match wall {
                    Wall::Once(at) => at == instant,
                    Wall::Twice(a, b) => a < b && (a == instant || b == instant),
                    Wall::Never(..) => false,
                };
                assert!(found, "{zone} {instant} {wall:?} {first}");
            }
            if jump.to > jump.from {
                let hidden = jump.from + (jump.to - jump.from) / 2;
                assert_eq!(
                    zone.wall(hidden),
                    Wall::Never(jump.at, jump.to - jump.from),
                    "{zone}"
                );
            }
        }
    }
}
