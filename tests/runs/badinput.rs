//! What cannot run is refused with its place and a remedy, and no run is made.

use crate::home::{Home, home};
use std::fs::File;
use std::time::Duration;

/// `runbay run` refuses this task as invalid and makes no run of it.
fn refused(home: &Home, task: &str) -> crate::home::Said {
    let said = home.runbay(&["run", task]);
    said.exits(65);
    assert!(home.last(task).is_none(), "there is a run: {said}");
    said
}

#[test]
fn an_unknown_task_is_answered_with_a_similar_one() {
    home(|home| {
        home.task("report-daily", "");
        let said = home.runbay(&["run", "report-dayli"]);
        assert_ne!(said.code, 0);
        said.tells("report-dayli")
            .tells("did you mean report-daily?");
        home.runbay(&["run", "../report-daily"])
            .exits(2)
            .tells("is not a task name");
    });
}

#[test]
fn every_mistake_of_a_manifest_is_told_with_its_line() {
    home(|home| {
        home.fixture("bad-manifest");
        let said = refused(home, "bad-manifest");
        for (line, text) in [(2, "timout"), (2, "`timeout`"), (3, "lots"), (4, "cpus")] {
            let place = format!("tasks/bad-manifest/task.toml:{line}");
            let told = said
                .err
                .lines()
                .any(|l| l.contains(&place) && l.contains(text));
            assert!(told, "not told: {place} {text}: {said}");
        }
    });
}

#[test]
fn a_folder_without_one_clear_entry_is_refused_by_name() {
    home(|home| {
        home.fixture("no-entry");
        home.fixture("two-entries");
        refused(home, "no-entry").tells("main.py");
        refused(home, "two-entries")
            .tells("first.py")
            .tells("second.py");
    });
}

#[test]
fn a_disabled_task_does_not_run() {
    home(|home| {
        home.task("off", "");
        home.task_file("off", "task.toml", "enabled = false");
        home.runbay(&["run", "off"])
            .exits(75)
            .tells("enabled = false");
        assert!(home.last("off").is_none());
    });
}

/// V16: in a requirements file such lines would override what the installer is
/// told on its command line.
#[test]
fn lines_that_would_change_the_installer_are_refused_with_their_place() {
    home(|home| {
        let lines = [
            "--no-binary=:all:",
            "--index-url https://example.org/simple",
            "--extra-index-url=https://example.org/simple",
            "--trusted-host example.org",
            "-e .",
            "-r other.txt",
            "git+https://example.org/x.git",
            "https://example.org/x-1.0-py3-none-any.whl",
            "./local",
            "x @ file:///etc/passwd",
            "six==${VERSION}",
        ];
        home.task("options", "");
        let text = format!("six\n{}\n", lines.join("\n"));
        home.task_file("options", "requirements.txt", &text);
        let said = refused(home, "options");
        for (at, line) in lines.iter().enumerate() {
            let place = format!("tasks/options/requirements.txt:{}:", at + 2);
            assert!(said.err.contains(&place), "{line} is not refused: {said}");
        }
        assert!(!said.err.contains("requirements.txt:1:"), "{said}");
    });
}

#[test]
fn a_mistake_in_the_settings_is_told_with_its_place() {
    home(|home| {
        home.task("plain", "");
        home.settings("[limits]\nmemroy = \"1G\"\n");
        refused(home, "plain")
            .tells("runbay.toml")
            .tells("2")
            .tells("memory");
        home.settings("");
        let mut command = home.command(&["run", "plain"]);
        command.env("RUNBAY_LIMITS_MEMROY", "1G");
        let said = crate::home::Child::spawn(command).end();
        said.exits(65)
            .tells("RUNBAY_LIMITS_MEMROY")
            .tells("RUNBAY_LIMITS_MEMORY");
    });
}

#[test]
fn a_hundred_thousand_files_end_fast_with_a_clear_error() {
    home(|home| {
        home.task("crowd", "print('never')");
        let folder = home.path().join("tasks/crowd/data");
        std::fs::create_dir(&folder).unwrap();
        for n in 0..100_000 {
            File::create(folder.join(n.to_string())).unwrap();
        }
        let (said, run) = home.run(&["crowd"]);
        said.tells("holds more than").tells(".runbayignore");
        assert_eq!(run.outcome, Some(runbay::domain::run::Outcome::BuildFailed));
        assert!(said.took < Duration::from_secs(10), "{:?}", said.took);
        // Left out, they do no harm.
        home.task_file("crowd", ".runbayignore", "data/\n");
        home.run(&["crowd"]).0.exits(0).prints("never");
    });
}

#[test]
fn a_huge_file_ends_fast_with_a_clear_error() {
    home(|home| {
        home.task("huge", "");
        let file = File::create(home.path().join("tasks/huge/data.bin")).unwrap();
        file.set_len(2 << 30).unwrap();
        let (said, run) = home.run(&["huge"]);
        said.tells("holds more than").tells("1 GiB");
        assert_eq!(run.outcome, Some(runbay::domain::run::Outcome::BuildFailed));
        assert!(said.took < Duration::from_secs(5), "{:?}", said.took);
    });
}

#[test]
fn a_link_out_of_the_folder_is_not_copied() {
    home(|home| {
        home.task("links", "print(open('leak').read())");
        std::os::unix::fs::symlink("/etc/passwd", home.path().join("tasks/links/leak")).unwrap();
        let said = home.runbay(&["run", "links"]);
        assert_ne!(said.code, 0, "{said}");
        said.tells("leak");
        assert!(!said.out.contains("root:"), "{said}");
    });
}

#[test]
fn a_run_that_nobody_knows_is_told() {
    home(|home| {
        for args in [
            ["logs", "deadbeef"],
            ["cancel", "deadbeef"],
            ["rerun", "nothing"],
        ] {
            home.runbay(&args).exits(66).tells(args[1]);
        }
        home.runbay(&["logs"])
            .exits(66)
            .tells("there is no run yet");
    });
}
