//! `runbay versions` and `runbay restore`, without a service.

use super::Home;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

#[test]
fn a_version_is_listed_compared_and_brought_back() {
    let home = Home::new();
    home.write("tasks/job/main.py", "print(1)\n");
    let said = home.say(&["versions", "job"]);
    assert!(said.err.contains("no version of job"), "{}", said.err);
    let kept = keep(&home, "job");
    home.write("tasks/job/main.py", "print(2)\n");
    let shown = home.good(&["versions", "job", &kept[..6]]);
    assert!(
        shown.contains("-print(2)") && shown.contains("+print(1)"),
        "{shown}"
    );
    let said = home.say(&["restore", "job", &kept]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("runbay restore job "), "{}", said.err);
    let text = fs::read_to_string(home.path().join("tasks/job/main.py")).unwrap();
    assert_eq!(text, "print(1)\n");
    let listed = home.json(&["versions", "job", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    assert!(
        home.good(&["versions", "job"])
            .contains("in the folder now")
    );
    assert_eq!(home.say(&["restore", "job", "ffff"]).code, 66);
    let old = ["restore", "job", &kept, "--over", "abcd"];
    assert_eq!(home.say(&old).code, 75);
}

/// Keeps the present code of a task as a version, as any change of it does; its
/// digest. The folder is as it was then.
fn keep(home: &Home, task: &str) -> String {
    let manifest = home.path().join("tasks").join(task).join("task.toml");
    let before = fs::read(&manifest).ok();
    home.good(&["schedule", "set", task, "06:00"]);
    match before {
        Some(before) => fs::write(&manifest, before).unwrap(),
        None => fs::remove_file(&manifest).unwrap(),
    }
    let versions = home.json(&["versions", task, "--json"]);
    versions[0]["digest"].as_str().unwrap().to_owned()
}

/// What the scripts of a task say, each text once.
fn texts(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut all: Vec<String> = entries
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn killed_at_any_moment_it_leaves_one_version_or_the_other() {
    const FILES: usize = 200;
    let home = Home::new();
    let write = |text: &str| {
        home.write("tasks/job/main.py", text);
        (1..FILES).for_each(|n| home.write(&format!("tasks/job/part_{n}.py"), text));
    };
    write("OLD\n");
    let old = keep(&home, "job");
    write("NEW\n");
    let folder = home.path().join("tasks/job");
    let begun = Instant::now();
    assert_eq!(home.say(&["restore", "job", &old]).code, 0);
    let whole = begun.elapsed();
    assert_eq!(texts(&folder), ["OLD\n"]);
    let all = home.json(&["versions", "job", "--json"]);
    let all = all.as_array().unwrap().iter();
    let mut digests = all.map(|version| version["digest"].as_str().unwrap());
    let new = digests.find(|digest| *digest != old).unwrap().to_owned();
    let (mut went, mut stayed) = (0, 0);
    for turn in 0..60_u32 {
        let was = texts(&folder);
        let to = if was == ["OLD\n"] { &new } else { &old };
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("runbay"))
            .args(["restore", "job", to])
            .current_dir(home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Any moment will do, from the first to after the last.
        std::thread::sleep(whole * turn / 50);
        child.kill().unwrap();
        child.wait().unwrap();
        let now = texts(&folder);
        assert!(now == ["OLD\n"] || now == ["NEW\n"], "torn: {now:?}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), FILES);
        match now == was {
            true => stayed += 1,
            false => went += 1,
        }
    }
    assert!(
        went > 0 && stayed > 0,
        "{went} went through, {stayed} did not"
    );
    // Both are kept, whatever happened.
    for version in [&old, &new] {
        assert_eq!(home.say(&["restore", "job", version]).code, 0);
    }
}
