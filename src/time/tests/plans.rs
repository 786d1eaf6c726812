//! Everything around a rule: ends, excluded days, jitter, words, counts.

use super::*;
use chrono::{Datelike as _, TimeDelta};
use proptest::prelude::*;
use std::time::Duration;

fn schedule(when: &str, change: impl FnOnce(&mut Schedule)) -> Schedule {
    let mut schedule = Schedule::new(when);
    change(&mut schedule);
    schedule
}

fn fault(schedule: &Schedule) -> (&'static str, Option<usize>, String) {
    let fault = planned(schedule, Zone::UTC).unwrap_err();
    (fault.key, fault.item, fault.to_string())
}

#[test]
fn excluded_days_have_no_slots() {
    let holidays =
        parse_calendar("# public\n2026-12-25 # Christmas\n2027-01-01..2027-01-03\n").unwrap();
    let written = schedule("09:00", |s| {
        s.exclude = vec!["weekends".into(), "2026-12-24".into(), "holidays".into()];
        s.timezone = Some("Europe/Berlin".into());
    });
    let find = |name: &str| (name == "holidays").then(|| holidays.clone());
    let plan = Plan::new(&written, Zone::UTC, "t", &find).unwrap();
    assert_eq!(
        shown(&plan, "2026-12-22T09:00:00Z", 7),
        [
            "12-23 09:00+01:00",
            "12-28 09:00+01:00",
            "12-29 09:00+01:00",
            "12-30 09:00+01:00",
            "12-31 09:00+01:00",
            "01-04 09:00+01:00",
            "01-05 09:00+01:00"
        ]
    );
    assert_eq!(
        plan.describe(),
        "Every day at 09:00 (Europe/Berlin), except weekends, 2026-12-24 and holidays"
    );
}

#[test]
fn a_calendar_names_its_bad_lines() {
    let faults =
        parse_calendar("2026-12-25\nxmas\n2026-02-30\n2026-12-26..2026-12-24").unwrap_err();
    let lines: Vec<u32> = faults.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 4]);
    assert!(
        faults[2].1.to_string().contains("2026-12-24..2026-12-26"),
        "{}",
        faults[2].1
    );
}

#[test]
fn start_and_end_are_kept() {
    let plan = planned(
        &schedule("12:00", |s| {
            s.timezone = Some("America/New_York".into());
            s.start = Some("2026-12-01T12:00".into());
            s.end = Some("2026-12-03".into());
        }),
        Zone::UTC,
    )
    .unwrap();
    assert_eq!(
        shown(&plan, "2020-01-01T00:00:00Z", 9),
        [
            "12-01 12:00-05:00",
            "12-02 12:00-05:00",
            "12-03 12:00-05:00"
        ]
    );
    let every = planned(
        &schedule("@every 7h", |s| {
            s.start = Some("2026-12-01T01:30:00+01:00".into());
        }),
        Zone::UTC,
    );
    assert_eq!(
        shown(&every.unwrap(), "2026-01-01T00:00:00Z", 3),
        [
            "12-01 00:30+00:00",
            "12-01 07:30+00:00",
            "12-01 14:30+00:00"
        ]
    );
}

#[test]
fn a_schedule_that_could_never_fire_is_refused_with_its_key() {
    for (bad, key, says) in [
        (
            schedule("SAT 06:00", |s| s.exclude = vec!["weekends".into()]),
            "exclude",
            "never fires",
        ),
        (
            schedule("06:00", |s| {
                s.exclude = vec!["weekends".into(), "weekdays".into()];
            }),
            "exclude",
            "never fires",
        ),
        (
            schedule("MON 06:00", |s| {
                s.start = Some("2026-11-24".into());
                s.end = Some("2026-11-28".into());
            }),
            "end",
            "between",
        ),
        (
            schedule("06:00", |s| {
                s.start = Some("2026-11-24".into());
                s.end = Some("2026-11-20".into());
            }),
            "end",
            "before `start`",
        ),
    ] {
        let (found, _, told) = fault(&bad);
        assert_eq!(found, key, "{told}");
        assert!(told.contains(says), "{told}");
    }
}

#[test]
fn a_bad_key_is_named() {
    for (bad, key, says) in [
        (
            schedule("06:00", |s| s.start = Some("tomorrow".into())),
            "start",
            "2026-12-01",
        ),
        (
            schedule("06:00", |s| s.timezone = Some("Berlin".into())),
            "timezone",
            "Europe/Berlin",
        ),
        (
            schedule("CRON_TZ=UTC 06:00", |s| {
                s.timezone = Some("Europe/Berlin".into());
            }),
            "timezone",
            "remove one",
        ),
        (
            schedule("@every 10m", |s| s.jitter = Some("10m".parse().unwrap())),
            "jitter",
            "10m",
        ),
        (
            schedule("@yearly", |s| s.jitter = Some("25h".parse().unwrap())),
            "jitter",
            "a day",
        ),
    ] {
        let (found, _, told) = fault(&bad);
        assert_eq!(found, key, "{told}");
        assert!(told.contains(says), "{told}");
    }
    let (key, item, told) = fault(&schedule("06:00", |s| {
        s.exclude = vec!["2026-01-01".into(), "hollidays".into()];
    }));
    assert_eq!((key, item), ("exclude", Some(1)), "{told}");
}

#[test]
fn jitter_is_the_same_for_the_same_slot_and_spreads_over_others() {
    let plan = planned(
        &schedule("@every 1h", |s| s.jitter = Some("10m".parse().unwrap())),
        Zone::UTC,
    )
    .unwrap();
    let slots = plan.upcoming(at("2026-01-01T00:00:00Z"), 500);
    let again = plan.upcoming(at("2026-01-01T00:00:00Z"), 500);
    assert_eq!(slots, again);
    let delays: Vec<i64> = slots
        .iter()
        .map(|slot| (slot.at - slot.slot).num_seconds())
        .collect();
    assert!(delays.iter().all(|delay| (0..=600).contains(delay)));
    let early = delays.iter().filter(|delay| **delay < 300).count();
    assert!((180..320).contains(&early), "{early}");
    assert_ne!(
        jitter_of("a", slots[0].slot, Duration::from_secs(600)),
        jitter_of("b", slots[0].slot, Duration::from_secs(600))
    );
}

#[test]
fn rules_in_words() {
    let lines: Vec<String> = [
        "06:00",
        "0 6,18 * * *",
        "MON 08:00",
        "0 8 * * MON-FRI",
        "0 8 * * MON,THU",
        "15 09:30",
        "1,15 09:30",
        "* * * * *",
        "*/15 * * * *",
        "7 * * * *",
        "10 */6 * * *",
        "*/10 9-17 * * MON-FRI",
        "@yearly",
        "0 0 1 */3 *",
        "L 09:30",
        "0 6 * * FRI#2",
        "0 6 1 * MON",
        "*/5 * * * * *",
        "@every 90s",
        "30 0 6 * * *",
        "0 * * * SUN",
        "0 9-17 * * *",
        "5 */2 * * *",
        "0 * * * *",
    ]
    .iter()
    .map(|when| format!("{when:24} {}", plan(when, "UTC").describe()))
    .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn days_of_both_fields_follow_vixie_cron() {
    // Both restricted: either is enough. One begins with a star: both must match.
    let either = plan("0 6 1 * MON", "UTC").upcoming(at("2027-01-31T12:00:00Z"), 3);
    let days: Vec<u32> = either.iter().map(|slot| slot.local.day()).collect();
    assert_eq!(days, [1, 8, 15]);
    let both = plan("0 6 */2 * MON", "UTC").upcoming(at("2027-01-01T00:00:00Z"), 2);
    let days: Vec<u32> = both.iter().map(|slot| slot.local.day()).collect();
    assert_eq!(days, [11, 25], "odd days that are Mondays");
}

#[test]
fn a_year_of_minutes_is_counted_at_once() {
    let plan = plan("* * * * *", "America/New_York");
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    let begun = std::time::Instant::now();
    assert_eq!(plan.count(from, to), 525_600);
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    let newest = plan.newest(from, to, 3);
    assert_eq!(
        newest,
        [to - TimeDelta::minutes(2), to - TimeDelta::minutes(1), to]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn counting_is_walking(
        when in proptest::sample::select(vec!["30 2 * * *", "*/20 * * * *", "0 0 * * *", "15,45 0-4 * * MON-FRI", "@every 37m", "10 */2 1-7 * *"]),
        zone in proptest::sample::select(vec!["UTC", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo"]),
        from in 1_767_225_600i64..1_830_000_000,
        hours in 0i64..24 * 40,
        weekends in any::<bool>(),
        n in 1usize..20,
    ) {
        let written = schedule(when, |s| if weekends { s.exclude = vec!["weekends".into()] });
        let plan = planned(&written, super::zone(zone)).unwrap();
        let from = DateTime::from_timestamp(from, 0).unwrap();
        let until = from + TimeDelta::hours(hours);
        let mut walked = Vec::new();
        let mut slot = from;
        while let Some(next) = plan.next(slot).filter(|next| *next <= until) {
            prop_assert!(next > slot);
            walked.push(next);
            slot = next;
        }
        prop_assert_eq!(plan.count(from, until), walked.len() as u64);
        let newest = plan.newest(from, until, n);
        prop_assert_eq!(&newest[..], &walked[walked.len().saturating_sub(n)..]);
    }
}
