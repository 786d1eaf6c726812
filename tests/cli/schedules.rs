//! `runbay schedule`, without a service.

use super::Home;
use std::fs;

#[test]
fn a_schedule_is_set_seen_paused_and_removed() {
    let home = Home::new();
    home.write("tasks/job/main.py", "");
    let out = home.good(&[
        "schedule",
        "set",
        "job",
        "02:30",
        "--timezone",
        "Europe/Berlin",
    ]);
    assert!(
        out.starts_with("job 30 2 * * *: Every day at 02:30 (Europe/Berlin)"),
        "{out}"
    );
    home.good(&["schedule", "set", "job", "30 2 * * *", "--overlap", "queue"]);
    let text = fs::read_to_string(home.path().join("tasks/job/task.toml")).unwrap();
    assert_eq!(
        text,
        "[[schedules]]\nwhen = \"30 2 * * *\"\ntimezone = \"Europe/Berlin\"\noverlap = \"queue\"\n",
        "the other form is the same schedule, and what was not said stays"
    );
    assert!(home.good(&["schedule", "pause", "job"]).is_empty());
    let listed = home.json(&["schedule", "ls", "--json"]);
    assert_eq!(listed["schedules"][0]["key"], "30 2 * * *");
    assert!(listed["schedules"][0]["paused_at"].is_string());
    assert!(home.good(&["schedule", "ls"]).contains("paused"));
    home.good(&["schedule", "resume", "job", "02:30"]);
    let next = home.json(&["schedule", "next", "job", "-n", "3", "--json"]);
    assert_eq!(next[0]["preview"]["next"].as_array().unwrap().len(), 3);
    let checked = home.json(&["check", "job", "--json"]);
    assert_eq!(checked["ok"], true, "a note is no problem");
    let note = checked["tasks"][0]["notes"][0]["message"].as_str().unwrap();
    assert!(note.contains("02:30 does not exist on"), "{note}");
    home.good(&["schedule", "rm", "job"]);
    assert_eq!(
        fs::read_to_string(home.path().join("tasks/job/task.toml")).unwrap(),
        ""
    );
}

#[test]
fn mistakes_are_named_and_change_nothing() {
    let home = Home::new();
    home.write("tasks/job/main.py", "");
    for (args, code, says) in [
        (
            &["set", "job", "60 * * * *"][..],
            65,
            "minute: “60” is not from 0 to 59: did you mean `0 * * * *`?",
        ),
        (
            &["set", "job", "06:00", "--timezone", "Berlin"],
            65,
            "did you mean `Europe/Berlin`?",
        ),
        (
            &["set", "job", "06:00", "--exclude", "xmas"],
            65,
            "there is no calendar “xmas”",
        ),
        (&["set", "jb", "06:00"], 66, "did you mean job?"),
        (&["rm", "job"], 66, "job has no schedules"),
        (&["pause"], 2, "required"),
        (&["next", "--when", "0 0 30 2 *"], 65, "never fires"),
    ] {
        let said = home.say(&[&["schedule"], args].concat());
        assert_eq!(said.code, code, "{args:?}: {}", said.err);
        assert!(said.err.contains(says), "{args:?}: {}", said.err);
    }
    assert!(!home.path().join("tasks/job/task.toml").exists());
}
