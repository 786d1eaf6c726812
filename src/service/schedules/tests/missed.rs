//! Slots that came while nobody was there, or never came by the clock.

use super::*;

#[tokio::test]
async fn a_year_of_minutes_is_caught_up_within_its_rule_and_at_once() {
    let start = at("2026-01-01T00:00:00Z");
    for (rule, expected) in [
        (
            "",
            vec![
                missed(Cause::TooLate, 525_540),
                missed(Cause::Superseded, 60),
                RAN,
            ],
        ),
        (
            "catch_up = 'none'",
            vec![missed(Cause::Superseded, 525_600), RAN],
        ),
        (
            "catch_up = 'all'\ncatch_up_max = 3",
            vec![missed(Cause::Superseded, 525_598), RAN, RAN, RAN],
        ),
    ] {
        let place = Place::new();
        place.task(
            "job",
            &format!("[[schedules]]\nwhen = '* * * * *'\n{rule}\n"),
        );
        place.sync(start - TimeDelta::seconds(1)).await;
        let begun = Instant::now();
        place.claim(start + TimeDelta::days(365)).await;
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{:?}",
            begun.elapsed()
        );
        assert_eq!(place.told().await, expected, "{rule}");
        let total: u64 = place.lines().await.iter().map(|line| line.count).sum();
        assert_eq!(total, 365 * 24 * 60 + 1);
        assert_eq!(place.claim(start + TimeDelta::days(365)).await, 0);
    }
}

#[tokio::test]
async fn short_and_long_times_without_the_service() {
    for (rule, down, expected) in [
        // A minute late is on time.
        ("catch_up = 'none'", TimeDelta::seconds(50), vec![RAN]),
        (
            "catch_up = 'none'",
            TimeDelta::minutes(10),
            vec![missed(Cause::NoCatchUp, 1)],
        ),
        ("", TimeDelta::minutes(59), vec![RAN]),
        ("", TimeDelta::hours(2), vec![missed(Cause::TooLate, 1)]),
        ("catch_up_window = '3h'", TimeDelta::hours(2), vec![RAN]),
        ("", TimeDelta::days(2), vec![missed(Cause::TooLate, 2), RAN]),
        ("catch_up = 'all'", TimeDelta::days(2), vec![RAN, RAN, RAN]),
        (
            "catch_up = 'all'\ncatch_up_window = '30h'",
            TimeDelta::days(2),
            vec![missed(Cause::TooLate, 1), RAN, RAN],
        ),
    ] {
        let place = Place::new();
        place.task("job", &format!("[[schedules]]\nwhen = '06:00'\n{rule}\n"));
        place.sync(at("2026-11-21T00:00:00Z")).await;
        place.claim(at("2026-11-21T06:00:00Z") + down).await;
        assert_eq!(place.told().await, expected, "{rule} {down}");
    }
}

#[tokio::test]
async fn a_clock_that_jumps_fires_nothing_twice() {
    let place = Place::new();
    place.task(
        "job",
        "[[schedules]]\nwhen = '*/10 * * * *'\noverlap = 'allow'\n",
    );
    let start = at("2026-11-21T00:05:00Z");
    place.sync(start).await;
    assert_eq!(place.claim(at("2026-11-21T00:10:00Z")).await, 1);
    // An hour back: it waits until the clock is where it was.
    let back = at("2026-11-20T23:30:00Z");
    assert_eq!(rewind(&place.app, back).await.unwrap(), 0);
    assert_eq!(place.claim(back).await, 0);
    assert_eq!(place.claim(at("2026-11-21T00:10:00Z")).await, 0);
    assert_eq!(place.claim(at("2026-11-21T00:20:00Z")).await, 1);
    // Ten years ahead, and back: one run there; here it goes on as before.
    let ahead = at("2036-11-21T00:00:00Z");
    assert_eq!(place.claim(ahead).await, 1);
    let now = at("2026-11-21T00:25:00Z");
    assert_eq!(rewind(&place.app, now).await.unwrap(), 1);
    assert_eq!(
        place.next("*/10 * * * *").await,
        Some(at("2026-11-21T00:30:00Z"))
    );
    assert_eq!(place.claim(at("2026-11-21T00:30:00Z")).await, 1);
    let slots: Vec<_> = place
        .lines()
        .await
        .iter()
        .filter(|line| line.run.is_some())
        .map(|line| line.slot)
        .collect();
    assert_eq!(
        slots,
        [
            at("2026-11-21T00:10:00Z"),
            at("2026-11-21T00:20:00Z"),
            at("2026-11-21T00:30:00Z"),
            ahead
        ]
    );
}

#[tokio::test]
async fn missed_slots_are_made_up_for_when_somebody_asks() {
    let place = Place::new();
    place.task("job", "[[schedules]]\nwhen = '06:00'\n");
    place.sync(at("2026-11-01T00:00:00Z")).await;
    place.claim(at("2026-11-11T12:00:00Z")).await;
    assert_eq!(place.told().await, [missed(Cause::TooLate, 11)]);
    let this = (&name("job"), "0 6 * * *");
    let runs = make_up(&place.app, this, 3, "user:ann").await.unwrap();
    let slots: Vec<_> = runs.iter().map(|run| run.scheduled_at.unwrap()).collect();
    assert_eq!(
        slots,
        [
            at("2026-11-11T06:00:00Z"),
            at("2026-11-10T06:00:00Z"),
            at("2026-11-09T06:00:00Z")
        ]
    );
    assert_eq!(runs[0].by.as_deref(), Some("user:ann"));
    assert_eq!(
        place.told().await,
        [missed(Cause::TooLate, 8), RAN, RAN, RAN]
    );
    assert_eq!(
        make_up(&place.app, this, 100, "user:ann")
            .await
            .unwrap()
            .len(),
        8
    );
    assert!(
        make_up(&place.app, this, 1, "user:ann")
            .await
            .unwrap()
            .is_empty()
    );
}
