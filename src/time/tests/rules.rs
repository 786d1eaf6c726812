//! What people write.

use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn every_form_becomes_one_canonical_rule() {
    for (text, canonical) in [
        ("0 6 * * *", "0 6 * * *"),
        ("00 06 * * MON-FRI", "0 6 * * 1-5"),
        ("0  6\t* jan,Feb sun", "0 6 * 1,2 0"),
        ("0 6 * * 7", "0 6 * * 0"),
        ("0 6 * * FRI-SUN", "0 6 * * 5-7"),
        ("0 6 ? * MON", "0 6 * * 1"),
        ("*/15 * * * *", "*/15 * * * *"),
        ("*/1 * * * *", "* * * * *"),
        ("10-40/10 * * * *", "10-40/10 * * * *"),
        ("0 0 6 * * *", "0 6 * * *"),
        ("*/10 * * * * *", "*/10 * * * * *"),
        ("0 6 L * *", "0 6 L * *"),
        ("0 6 LW * *", "0 6 LW * *"),
        ("0 6 15W * *", "0 6 15W * *"),
        ("0 6 * * FRI#2", "0 6 * * 5#2"),
        ("0 6 * * friL", "0 6 * * 5L"),
        ("@daily", "0 0 * * *"),
        ("@Midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@hourly", "0 * * * *"),
        ("@every 15m", "@every 15m"),
        ("@every 90s", "@every 1m30s"),
        ("@every 1h 30m", "@every 1h30m"),
        ("06:00", "0 6 * * *"),
        ("6:05", "5 6 * * *"),
        ("06:00:30", "30 0 6 * * *"),
        ("MON 08:00", "0 8 * * 1"),
        ("mon-fri 08:00", "0 8 * * 1-5"),
        ("15 09:30", "30 9 15 * *"),
        ("1,15 09:30", "30 9 1,15 * *"),
        ("L 09:30", "30 9 L * *"),
        ("LW 09:30", "30 9 LW * *"),
    ] {
        let (rule, zone) = Rule::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        assert_eq!(rule.to_string(), canonical, "{text}");
        assert!(zone.is_none());
        let (again, _) = Rule::parse(canonical).unwrap();
        assert_eq!(
            again.to_string(),
            canonical,
            "the canonical text is canonical"
        );
    }
    let (rule, zone) = Rule::parse("CRON_TZ=Europe/Berlin 0 6 * * *").unwrap();
    assert_eq!(
        (rule.to_string().as_str(), zone),
        ("0 6 * * *", Some(super::zone("Europe/Berlin")))
    );
    assert_eq!(Rule::parse("TZ=utc 06:00").unwrap().1, Some(Zone::UTC));
}

#[test]
fn a_mistake_is_named_and_the_nearest_valid_form_offered() {
    let told = |text: &str| Rule::parse(text).unwrap_err().to_string();
    let lines: Vec<String> = [
        "",
        "banana",
        "60 * * * *",
        "* 24 * * *",
        "0 6 32 * *",
        "0 6 0 * *",
        "0 6 * 13 *",
        "0 6 * * 8",
        "0 6 * * MOM",
        "0 6 * * monday",
        "0 6 * juni *",
        "5/15 * * * *",
        "/15 * * * *",
        "*/0 * * * *",
        "*/ * * * *",
        "*/90 * * * *",
        "30-10 * * * *",
        "0 6 * * SAT-MON",
        "0 6 * * 7-3",
        "0 6 * * 7-6,9",
        "1,,2 * * * *",
        "0 6 * * FRI#6",
        "x * * * *",
        "-1 * * * *",
        "1.5 * * * *",
        "61 25 * * *",
        "0 6 * *",
        "0 6 *",
        "0 0 6 * * * 2026",
        "1 2 3 4 5 6 7 8",
        "0 0 30 2 *",
        "0 0 31 4,6 *",
        "@dayly",
        "@reboot",
        "@every",
        "@every 0s",
        "@every 1500ms",
        "@every day",
        "every 15m",
        "15m",
        "daily",
        "24:00",
        "6:30pm",
        "12:30 am",
        "6:5",
        "25:00",
        "FOO 06:00",
        "32 06:00",
        "CRON_TZ=Europe/Berln 06:00",
        "CRON_TZ=Europe/Berlin",
        "0 6 * * * ; rm -rf /",
        "0\u{202e} 6 * * *",
    ]
    .iter()
    .map(|text| format!("{text:?}\n    {}", told(text)))
    .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_zone_is_found_by_its_name_and_suggested_otherwise() {
    assert_eq!(zone("europe/berlin").name(), "Europe/Berlin");
    for (text, hint) in [
        ("Berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("Europe/Berln", "Europe/Berlin"),
        ("Europe/Pariss", "Europe/Paris"),
        ("Amerika/Santiago", "America/Santiago"),
    ] {
        let fault = text.parse::<Zone>().unwrap_err();
        assert_eq!(
            fault.hint.unwrap(),
            format!("did you mean `{hint}`?"),
            "{text}"
        );
    }
    for text in ["", "UTC+2", "+02:00", "GMT-3:30", "\0", "Mars/Olympus_Mons"] {
        assert!(text.parse::<Zone>().is_err(), "{text:?}");
    }
}

#[test]
fn types_and_settings_become_rules() {
    let now = at("2026-11-21T10:17:40Z");
    let rule = |kind, config| from_config(kind, &config, now).map_err(|fault| fault.to_string());
    for (kind, config, text) in [
        (
            "daily",
            json!("{\"hour\": 14, \"minute\": 30}"),
            Some("30 14 * * *"),
        ),
        ("Daily", json!({"hour": "7"}), Some("0 7 * * *")),
        ("hourly", json!(null), Some("17 * * * *")),
        ("hourly", json!(""), Some("17 * * * *")),
        ("hourly", json!({"minute": 0}), Some("0 * * * *")),
        (
            "weekly",
            json!({"day_of_week": "monday", "hour": 8}),
            Some("0 8 * * 1"),
        ),
        (
            "weekly",
            json!({"day_of_week": 7, "hour": 8, "minute": 5}),
            Some("5 8 * * 0"),
        ),
        (
            "monthly",
            json!({"day": 15, "hour": 9, "minute": 30}),
            Some("30 9 15 * *"),
        ),
        (
            "monthly",
            json!({"day_of_month": 1, "hour": 0}),
            Some("0 0 1 * *"),
        ),
        (
            "custom",
            json!({"cron_expression": "*/5 * * * *"}),
            Some("*/5 * * * *"),
        ),
        ("manual", json!({}), None),
    ] {
        assert_eq!(rule(kind, config), Ok(text.map(str::to_owned)), "{kind}");
    }
}

#[test]
fn types_and_settings_that_are_wrong_are_named() {
    let now = at("2026-11-21T10:17:40Z");
    let rule = |kind, config| from_config(kind, &config, now).map_err(|fault| fault.to_string());
    for (kind, config, says) in [
        ("dailly", json!({}), "did you mean `daily`?"),
        ("daily", json!({"minute": 5}), "daily needs `hour`"),
        (
            "daily",
            json!({"hour": 24}),
            "hour: “24” is not a whole number from 0 to 23",
        ),
        ("daily", json!({"hour": -1}), "hour:"),
        ("daily", json!({"hour": 1e30}), "hour:"),
        (
            "daily",
            json!({"hour": 1, "minutes": 5}),
            "did you mean `minute`?",
        ),
        (
            "weekly",
            json!({"day_of_week": "moonday", "hour": 1}),
            "day_of_week:",
        ),
        ("monthly", json!({"hour": 1}), "monthly needs `day`"),
        (
            "custom",
            json!({"cron_expression": "61 * * * *"}),
            "minute: “61”",
        ),
        ("custom", json!({"cron_expression": 5}), "must be a text"),
        ("daily", json!("{hour: 5}"), "is not a JSON object"),
        ("daily", json!([5]), "must be an object"),
        ("manual", json!({"hour": 5}), "manual has no setting"),
    ] {
        let told = rule(kind, config).unwrap_err();
        assert!(told.contains(says), "{told}");
    }
}

fn word() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,3}",
        "\\*|\\*/[0-9]{1,2}|[0-9]{1,2}-[0-9]{1,2}(/[0-9]{1,2})?",
        "[A-Za-z]{3}|L|LW|[0-9]{1,2}W|[0-9]#[0-9]|[A-Z]{3}L",
        "[0-9]{1,2}:[0-9]{1,2}",
    ];
    proptest::collection::vec(piece, 1..3).prop_map(|pieces| pieces.join(","))
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_offered_instead_is_valid(
        text in prop_oneof![
            "\\PC{0,40}",
            proptest::collection::vec(word(), 0..8).prop_map(|words| words.join(" ")),
        ],
    ) {
        match Rule::parse(&text) {
            Ok((rule, _)) => {
                let canonical = rule.to_string();
                let (again, _) = Rule::parse(&canonical).unwrap();
                prop_assert_eq!(again.to_string(), canonical);
            }
            Err(fault) => {
                let hint = fault.hint.unwrap_or_default();
                if let Some(rest) = hint.strip_prefix("did you mean `") {
                    let offered = rest.split('`').next().unwrap();
                    let good = Rule::parse(offered).is_ok() || offered.parse::<Zone>().is_ok();
                    prop_assert!(good, "{text:?} offers {offered:?}");
                }
            }
        }
    }
}
