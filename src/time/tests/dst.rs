//! Days on which the wall clock jumps.

use super::*;
use chrono::TimeDelta;

#[test]
fn what_falls_into_an_hour_that_does_not_exist_fires_right_after_it() {
    let spring = "2027-03-13T12:00:00Z"; // New York, the day before
    for (when, expected) in [
        (
            "30 2 * * *",
            vec![
                "03-14 03:00-04:00 (02:30 does not exist on that day; runs at 03:00)",
                "03-15 02:30-04:00",
            ],
        ),
        // Here the library alone leaves out 03:00.
        (
            "30 2-3 * * *",
            vec![
                "03-14 03:00-04:00 (02:30 does not exist on that day; runs at 03:00)",
                "03-14 03:30-04:00",
                "03-15 02:30-04:00",
            ],
        ),
        (
            "*/30 2 * * *",
            vec!["03-15 02:00-04:00", "03-15 02:30-04:00"],
        ),
        (
            "15 */2 * * *",
            vec!["03-13 08:15-05:00", "03-13 10:15-05:00"],
        ),
    ] {
        assert_eq!(
            shown(&plan(when, "America/New_York"), spring, expected.len()),
            expected,
            "{when}"
        );
    }
    let after = shown(
        &plan("15 */2 * * *", "America/New_York"),
        "2027-03-14T05:00:00Z",
        3,
    );
    assert_eq!(
        after,
        [
            "03-14 00:15-05:00",
            "03-14 04:15-04:00",
            "03-14 06:15-04:00"
        ]
    );
}

#[test]
fn what_falls_into_an_hour_that_comes_twice_fires_once_unless_it_keeps_the_pace() {
    let autumn = "2027-11-07T04:00:00Z"; // New York, midnight
    let once = " (01:30 happens twice on that day; runs once, the first time)";
    for (when, expected) in [
        (
            "30 1 * * *",
            vec![
                format!("11-07 01:30-04:00{once}"),
                "11-08 01:30-05:00".into(),
            ],
        ),
        // Here the library alone fires both times.
        (
            "0,30 1 * * *",
            vec![
                "11-07 01:00-04:00 (01:00 happens twice on that day; runs once, the first time)"
                    .into(),
                format!("11-07 01:30-04:00{once}"),
                "11-08 01:00-05:00".into(),
            ],
        ),
        (
            "30 * * * *",
            vec![
                "11-07 00:30-04:00".into(),
                "11-07 01:30-04:00".into(),
                "11-07 01:30-05:00 (01:30 happens twice on that day; this is the second time)"
                    .into(),
                "11-07 02:30-05:00".into(),
            ],
        ),
    ] {
        assert_eq!(
            shown(&plan(when, "America/New_York"), autumn, expected.len()),
            expected,
            "{when}"
        );
    }
}

#[test]
fn half_an_hour_of_summer_time_is_enough() {
    for (zone, when, after, expected) in [
        (
            "Australia/Lord_Howe",
            "15 2 * * *",
            "2026-10-03T12:00:00Z",
            vec![
                "10-04 02:30+11:00 (02:15 does not exist on that day; runs at 02:30)",
                "10-05 02:15+11:00",
            ],
        ),
        (
            "Australia/Lord_Howe",
            "45 1 * * *",
            "2027-04-03T10:00:00Z",
            vec![
                "04-04 01:45+11:00 (01:45 happens twice on that day; runs once, the first time)",
                "04-05 01:45+10:30",
            ],
        ),
    ] {
        assert_eq!(
            shown(&plan(when, zone), after, expected.len()),
            expected,
            "{zone} {when}"
        );
    }
}

#[test]
fn midnights_and_whole_days_may_be_missing() {
    for (zone, when, after, expected) in [
        // Midnight does not exist.
        (
            "Africa/Cairo",
            "@daily",
            "2027-04-29T12:00:00Z",
            vec![
                "04-30 01:00+03:00 (00:00 does not exist on that day; runs at 01:00)",
                "05-01 00:00+03:00",
            ],
        ),
        (
            "America/Santiago",
            "@daily",
            "2027-09-04T12:00:00Z",
            vec![
                "09-05 01:00-03:00 (00:00 does not exist on that day; runs at 01:00)",
                "09-06 00:00-03:00",
            ],
        ),
        // Two hours of summer time.
        (
            "Antarctica/Troll",
            "30 1,2 * * *",
            "2027-03-27T12:00:00Z",
            vec![
                "03-28 03:00+02:00 (01:30 does not exist on that day; runs at 03:00)",
                "03-29 01:30+02:00",
            ],
        ),
        // A day that was left out: that is a correction, not summer time.
        (
            "Pacific/Apia",
            "0 9 * * *",
            "2011-12-29T00:00:00Z",
            vec![
                "12-29 09:00-10:00",
                "12-31 09:00+14:00",
                "01-01 09:00+14:00",
            ],
        ),
    ] {
        assert_eq!(
            shown(&plan(when, zone), after, expected.len()),
            expected,
            "{zone} {when}"
        );
    }
}

#[test]
fn an_interval_does_not_care_for_the_wall_clock() {
    let plan = plan("@every 90m", "America/New_York");
    let mut slot = at("2027-03-13T00:00:00Z");
    for _ in 0..40 {
        let next = plan.next(slot).unwrap();
        assert_eq!(next.timestamp() % 5400, 0);
        assert!(next - slot <= TimeDelta::minutes(90) && next > slot);
        slot = next;
    }
}

#[test]
fn the_lint_names_days_on_which_a_fixed_time_is_hit() {
    let now = at("2026-11-21T00:00:00Z");
    let lint = |when, zone| -> Vec<String> {
        plan(when, zone)
            .lint(now)
            .into_iter()
            .map(|fault| fault.message)
            .collect()
    };
    assert_eq!(
        lint("30 2 * * *", "Europe/Berlin"),
        [
            "02:30 does not exist on 2027-03-28 in Europe/Berlin: it runs at 03:00 then",
            "02:30 happens twice on 2027-10-31 in Europe/Berlin: it runs once, the first time then",
        ]
    );
    assert_eq!(
        lint("*/30 2 * * *", "Europe/Berlin")[0],
        "02:00 does not exist on 2027-03-28 in Europe/Berlin: it does not run then"
    );
    for (when, zone) in [
        ("30 2 * * *", "UTC"),
        ("30 4 * * *", "Europe/Berlin"),
        ("*/5 * * * *", "Europe/Berlin"),
        ("30 2 * * MON", "Europe/Berlin"),
        ("@every 1h", "Europe/Berlin"),
    ] {
        assert!(lint(when, zone).is_empty(), "{when} {zone}");
    }
}
