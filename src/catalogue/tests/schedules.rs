//! `[[schedules]]`: read, checked and changed.

use super::Place;
use crate::catalogue::{
    manifest_schema, parse_manifest, put_schedule, read_calendar, remove_schedule, schedule_key,
};
use crate::domain::retry::Overlap;
use crate::domain::schedule::{CatchUp, Schedule};
use chrono::NaiveDate;
use serde_json::json;
use std::fs;
use std::path::Path;

fn faults(text: &str) -> Vec<String> {
    let read = parse_manifest(text, Path::new("task.toml"));
    let problems = read.map(|_| Vec::new()).unwrap_or_else(|problems| problems);
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_full_schedule_is_read() {
    let manifest = parse_manifest(
        r#"
        [params.region]
        [params.day]
        type = "date"

        [[schedules]]
        name = "nightly"
        when = "30 2 * * MON-FRI"
        timezone = "Europe/Berlin"
        overlap = "queue"
        catch_up = "all"
        catch_up_max = 3
        catch_up_window = "6h"
        jitter = "5m"
        start = 2026-12-01
        end = 2027-12-01T06:00:00
        exclude = [2026-12-25, "2026-12-28..2026-12-31", "weekends", "holidays"]
        params = { region = "eu", day = 2026-01-31 }
        enabled = false

        [[schedules]]
        when = "06:00"
        "#,
        Path::new("task.toml"),
    );
    let schedules = manifest.unwrap().schedules;
    let [full, short] = &schedules[..] else {
        panic!("{schedules:?}")
    };
    assert_eq!(full.overlap, Some(Overlap::Queue));
    assert_eq!(full.catch_up, Some(CatchUp::All));
    assert_eq!(full.start.as_deref(), Some("2026-12-01"));
    assert_eq!(full.exclude[0], "2026-12-25");
    assert_eq!(full.params["day"], json!("2026-01-31"));
    assert_eq!(schedule_key(full).unwrap(), "nightly");
    assert_eq!(schedule_key(short).unwrap(), "0 6 * * *");
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let table = |lines: &str| format!("[[schedules]]\n{lines}");
    for (text, expected) in [
        (
            table("wen = '06:00'"),
            "task.toml:2:1: unknown key `wen` (did you mean `when`?)",
        ),
        (
            table("name = 'x'"),
            "task.toml:1:1: a schedule needs `when`",
        ),
        (table("when = 6"), "task.toml:2:8: `when`: "),
        (
            table("when = '06:00'\noverlap = 'wait'"),
            "task.toml:3:11: `overlap`: unknown variant",
        ),
        (
            table("when = '60 * * * *'"),
            "task.toml:2:1: minute: “60” is not from 0 to 59 (did you mean `0 * * * *`?)",
        ),
        (
            table("when = '0 0 30 2 *'"),
            "task.toml:2:1: day of month: “0 0 30 2 *” never fires",
        ),
        (
            table("when = '06:00'\ntimezone = 'Berlin'"),
            "task.toml:3:1: “Berlin” is not a time zone (did you mean `Europe/Berlin`?)",
        ),
        (
            table("when = '06:00'\nexclude = ['weekends',\n 'Xmas Eve']"),
            "task.toml:4:2: there is no calendar “Xmas Eve”",
        ),
    ] {
        let told = faults(&text);
        assert!(
            told.iter().any(|line| line.starts_with(expected)),
            "{text}\n{told:#?}"
        );
    }
}

#[test]
fn mistakes_beside_the_rule_are_told_with_their_place() {
    let table = |lines: &str| format!("[[schedules]]\n{lines}");
    for (text, expected) in [
        (
            table("when = '06:00'\nname = 'Night'"),
            "task.toml:3:1: “Night” is not a name of a schedule",
        ),
        (
            table("when = '06:00'\ncatch_up_max = 5"),
            "task.toml:3:1: `catch_up_max` means nothing",
        ),
        (
            table("when = '06:00'\njitter = '2d'"),
            "task.toml:3:1: `jitter` is longer than a day",
        ),
        (
            table("when = '06:00'\nparams = { regoin = 'eu' }\n[params.region]\n"),
            "task.toml:3:1: parameter regoin: the task has no such parameter: did you mean `region`?",
        ),
        (
            table("when = '06:00'\n[params.region]\nrequired = true\n"),
            "task.toml:1:1: parameter region: give a value",
        ),
        (
            table("when = '06:00'\n[[schedules]]\nwhen = '0 6 * * *'\n"),
            "task.toml:4:1: schedule 1 of the task is “0 6 * * *” too (give one of them a `name` of its own)",
        ),
        (
            "schedules = ['06:00']".into(),
            "task.toml:1:14: a schedule must be a table",
        ),
        (
            "schedules = '06:00'".into(),
            "task.toml:1:13: `schedules`: ",
        ),
    ] {
        let told = faults(&text);
        assert!(
            told.iter().any(|line| line.starts_with(expected)),
            "{text}\n{told:#?}"
        );
    }
}

#[test]
fn many_schedules_are_a_mistake() {
    let all: String = (0..101)
        .map(|n| format!("[[schedules]]\nwhen = '{}:{:02}'\n", n / 60, n % 60))
        .collect();
    assert!(faults(&all)[0].contains("100 schedules at most"));
}

#[test]
fn the_schema_knows_schedules() {
    let schema = manifest_schema();
    assert_eq!(schema["$defs"]["Schedule"]["required"], json!(["when"]));
    assert_eq!(schema["$defs"]["Schedule"]["additionalProperties"], false);
}

#[test]
fn a_schedule_is_put_replaced_and_removed_in_the_form_of_the_file() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    let path = place.put(
        "tasks/job/task.toml",
        "# mine\ntimeout = '5m'\n\n# the night\n[[schedules]]\nwhen   = '0 2 * * *'  # early\njitter = 300\n",
    );
    let mut changed = place.task("job").manifest.schedules[0].clone();
    changed.timezone = Some("Europe/Berlin".into());
    put_schedule(&place.task("job"), Some("0 2 * * *"), &changed).unwrap();
    let mut new = Schedule::new("MON 08:00");
    new.name = Some("weekly".into());
    new.exclude = vec!["2026-12-25".into()];
    put_schedule(&place.task("job"), None, &new).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "# mine\ntimeout = '5m'\n\n# the night\n[[schedules]]\nwhen   = '0 2 * * *'  # early\njitter = \"5m\"\n\
         timezone = \"Europe/Berlin\"\n\n[[schedules]]\nname = \"weekly\"\nwhen = \"MON 08:00\"\nexclude = [\"2026-12-25\"]\n"
    );
    assert_eq!(place.task("job").manifest.schedules, [changed, new.clone()]);

    let missing = remove_schedule(&place.task("job"), "wekly")
        .unwrap_err()
        .to_string();
    assert_eq!(missing, "job has no schedule “wekly”: did you mean weekly?");
    remove_schedule(&place.task("job"), "0 2 * * *").unwrap();
    remove_schedule(&place.task("job"), "weekly").unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "# mine\ntimeout = '5m'\n"
    );

    new.when = "61 * * * *".into();
    let refused = put_schedule(&place.task("job"), None, &new)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("minute: “61”"), "{refused}");
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "# mine\ntimeout = '5m'\n"
    );
}

#[test]
fn a_script_of_one_file_has_schedules_too() {
    let place = Place::new();
    let path = place.put("tasks/job.py", "print(1)\n");
    put_schedule(&place.task("job"), None, &Schedule::new("06:00")).unwrap();
    let text = fs::read_to_string(path).unwrap();
    assert!(
        text.contains("# [[tool.runbay.schedules]]\n# when = \"06:00\"\n"),
        "{text}"
    );
    assert_eq!(
        place.task("job").manifest.schedules,
        [Schedule::new("06:00")]
    );
}

#[test]
fn calendars_are_files_with_days() {
    let place = Place::new();
    place.put(
        "calendars/holidays.txt",
        "2026-12-25 # Christmas\n\n2027-01-01..2027-01-02\n",
    );
    place.put("calendars/bad.txt", "2026-12-25\nsoon\n");
    let folder = place.path("calendars");
    let days = read_calendar(&folder, "holidays").unwrap().unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    assert!(days.contains(day("2027-01-02")) && !days.contains(day("2026-12-26")));
    for none in ["other", "../tasks", "Holidays", ""] {
        assert!(read_calendar(&folder, none).unwrap().is_none(), "{none}");
    }
    assert!(
        read_calendar(&place.path("nowhere"), "holidays")
            .unwrap()
            .is_none()
    );
    let told = read_calendar(&folder, "bad").unwrap_err().to_string();
    assert!(
        told.starts_with("calendars/bad.txt:2: “soon” is not a day"),
        "{told}"
    );
}
