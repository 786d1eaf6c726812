use super::{Place, name_of};
use crate::catalogue::Found;
use crate::domain::task::Entry;
use std::os::unix::ffi::OsStrExt;

#[test]
fn a_scan_lists_everything_and_hides_nothing() {
    let place = Place::new();
    place.put("tasks/good/main.py", "print(1)");
    place.put("tasks/single.py", "print(1)");
    place.put("tasks/broken/task.toml", "= 3");
    place.put("tasks/broken/main.py", "");
    place.put("tasks/Bad Name/main.py", "");
    place.put("tasks/README.md", "not a task");
    place.put("tasks/.hidden/main.py", "");
    place.put("tasks/__pycache__/x.pyc", "");
    std::fs::create_dir(place.path("tasks/empty")).unwrap();
    let odd = std::ffi::OsStr::from_bytes(b"od\xff.py");
    std::fs::write(place.path("tasks").join(odd), "").unwrap();

    let found = place.catalogue().scan().unwrap();
    let names: Vec<_> = found.iter().map(name_of).collect();
    assert_eq!(
        names,
        [
            "Bad Name",
            "broken",
            "empty",
            "good",
            "od\u{fffd}.py",
            "single.py"
        ]
    );
    let good = found.iter().filter(|found| matches!(found, Found::Task(_)));
    assert_eq!(good.count(), 2);
    for found in &found {
        if let Found::NotATask { problems, .. } = found {
            assert!(!problems.is_empty());
        }
    }
}

#[test]
fn without_tasks_the_folder_is_named() {
    let place = Place::new();
    std::fs::remove_dir(place.path("tasks")).unwrap();
    let fault = place.catalogue().scan().unwrap_err().to_string();
    assert!(
        fault.starts_with("there is no folder ") && fault.contains("tasks for tasks; make it"),
        "{fault}"
    );
}

#[test]
fn an_unknown_task_has_neighbours() {
    let place = Place::new();
    place.put("tasks/report/main.py", "");
    assert_eq!(
        place.faults("reprot"),
        "there is no task “reprot”: did you mean report?"
    );
    assert_eq!(place.faults("zzz"), "there is no task “zzz”");
}

#[test]
fn a_folder_and_a_file_of_one_name_are_both_refused() {
    let place = Place::new();
    place.put("tasks/twin/main.py", "");
    place.put("tasks/twin.py", "");
    let found = place.catalogue().scan().unwrap();
    assert!(
        found
            .iter()
            .all(|found| matches!(found, Found::NotATask { .. }))
    );
    assert_eq!(found.len(), 2);
    assert!(place.faults("twin").contains("rename one of them"));
}

#[test]
fn a_link_is_no_task() {
    let place = Place::new();
    place.put("elsewhere/main.py", "");
    std::os::unix::fs::symlink(place.path("elsewhere"), place.path("tasks/link")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", place.path("tasks/pass.py")).unwrap();
    assert!(place.faults("link").contains("is a link"));
    assert!(place.faults("pass").contains("is a link"));
}

#[test]
fn the_entry_is_found_by_name() {
    for (files, entry) in [
        (
            &["main.py", "task.py", "x.py"][..],
            Entry::Script("main.py".into()),
        ),
        (&["task.py", "job.py"], Entry::Script("task.py".into())),
        (
            &["job.py", "other.py", "__main__.py"],
            Entry::Script("job.py".into()),
        ),
        (&["__main__.py", "a.py"], Entry::Package("job".into())),
        (&["only.py", "data.csv"], Entry::Script("only.py".into())),
    ] {
        let place = Place::new();
        for file in files {
            place.put(&format!("tasks/job/{file}"), "");
        }
        assert_eq!(place.task("job").entry, entry, "{files:?}");
    }
}

#[test]
fn an_unclear_entry_names_the_candidates() {
    let place = Place::new();
    place.put("tasks/job/a.py", "");
    place.put("tasks/job/b.py", "");
    assert_eq!(
        place.faults("job"),
        "tasks/job: which script to run is not clear: a.py, b.py (name one with `entry` in task.toml, or call it main.py)"
    );
    std::fs::remove_dir_all(place.path("tasks/job")).unwrap();
    place.put("tasks/job/notes.txt", "");
    assert!(place.faults("job").contains("there is no script to run"));
}

#[test]
fn a_named_entry_must_be_a_script_of_the_folder() {
    let place = Place::new();
    place.put("tasks/job/report.py", "");
    place.put("tasks/job/run.sh", "");
    place.put("tasks/job/pkg/__main__.py", "");
    std::os::unix::fs::symlink("/etc/hostname", place.path("tasks/job/out.py")).unwrap();
    for (entry, said) in [
        (
            "reprot.py",
            "tasks/job/task.toml:2:1: `entry`: there is no file reprot.py in this folder (did you mean `report.py`?)",
        ),
        ("../x.py", "does not name a file of this folder"),
        ("/etc/x.py", "does not name a file of this folder"),
        ("run.sh", "use `command` for other programs"),
        ("pkg", "command = [\\\"python\\\", \\\"-m\\\", \\\"pkg\\\"]"),
        ("out.py", "leads out of its folder"),
        ("-c.py", "would be taken for an option"),
    ] {
        place.put(
            "tasks/job/task.toml",
            format!("# first\nentry = '{entry}'\n"),
        );
        let faults = place.faults("job");
        assert!(
            faults.contains(&said.replace("\\\"", "\"")),
            "{entry}: {faults}"
        );
        assert_eq!(faults.lines().count(), 1, "{faults}");
        assert!(faults.starts_with("tasks/job/task.toml:2:"), "{faults}");
    }
}

#[test]
fn an_ignored_entry_is_told() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    for rules in [".runbayignore", ".gitignore"] {
        place.put(&format!("tasks/job/{rules}"), "*.py\n");
        assert!(place.faults("job").contains("an ignore file leaves it out"));
        place.put(&format!("tasks/job/{rules}"), "other.py\n");
        assert!(place.load("job").is_ok(), "{rules}");
    }
    place.put("tasks/deep/task.toml", "entry = 'src/main.py'\n");
    place.put("tasks/deep/src/main.py", "");
    assert!(place.load("deep").is_ok());
    place.put("tasks/deep/src/.gitignore", "main.py\n");
    assert!(
        place
            .faults("deep")
            .contains("an ignore file leaves it out")
    );
}

#[test]
fn everything_wrong_is_told_at_once_in_order() {
    let place = Place::new();
    place.put("tasks/job/a.py", "");
    place.put("tasks/job/b.py", "");
    place.put(
        "tasks/job/requirements.txt",
        "-r base.txt\nok==1\ngit+https://x/y\n",
    );
    place.put("tasks/job/task.toml", "timout = 3\nmemory = '1M'\n");
    let faults = place.faults("job");
    let starts: Vec<_> = faults
        .lines()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        starts,
        [
            "tasks/job",
            "tasks/job/requirements.txt:1:1",
            "tasks/job/requirements.txt:3:1",
            "tasks/job/task.toml:1:1",
            "tasks/job/task.toml:2:1",
        ],
        "{faults}"
    );
}

#[test]
fn what_a_manifest_refers_to_must_exist() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    place.put("global_envs/data/requirements.txt", "pandas");
    place.put("images/ml-cpu/template.toml", "");
    for (line, said) in [
        ("environment = 'shared:dta'", "did you mean `data`?"),
        ("environment = 'ml_cpu'", "did you mean `ml-cpu`?"),
        ("requirements = 'reqs.txt'", "there is no file reqs.txt"),
        (
            "requirements = '../reqs.txt'",
            "does not name a file of this folder",
        ),
        (
            "requirements = ['a', 'b @ https://u:p@x/y']",
            "packages from a URL are not allowed",
        ),
    ] {
        place.put("tasks/job/task.toml", line);
        let faults = place.faults("job");
        assert!(faults.contains(said), "{line}: {faults}");
        assert!(faults.starts_with("tasks/job/task.toml:1:"), "{faults}");
        assert_eq!(faults.lines().count(), 1, "{faults}");
        assert!(!faults.contains("u:p"), "a password was repeated");
    }
    place.put("tasks/job/task.toml", "environment = 'ml-cpu'");
    place.task("job");
}

#[test]
fn templates_are_read_and_checked() {
    let place = Place::new();
    place.put("images/data/template.toml", "description = 'Data'\npython = '3.11'\npackages = ['libpq5', 'g++']\nrequirements = ['pandas']\n");
    place.put("images/not-one/Dockerfile", "");
    let all = place.catalogue().templates().unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].packages, ["g++", "libpq5"]);
    assert_eq!(all[0].requirements[0].origin, "template.toml:4");
    assert!(
        place
            .catalogue()
            .template("dta")
            .unwrap_err()
            .to_string()
            .contains("did you mean data")
    );
    assert!(place.catalogue().template("../data").is_err());
    place.put(
        "images/data/template.toml",
        "packges = []\npackages = ['libpq5; rm -rf /', '--force']\nrequirements = ['-r x']\n",
    );
    let faults = place.catalogue().template("data").unwrap_err().to_string();
    assert_eq!(faults.lines().count(), 4, "{faults}");
    assert!(faults.contains(
        "images/data/template.toml:1:1: unknown key `packges` (did you mean `packages`?)"
    ));
}

#[test]
fn scripts_in_other_encodings_run() {
    let place = Place::new();
    let latin = b"# -*- coding: latin-1 -*-\nprint('\xe9')\n";
    place.put("tasks/job/main.py", latin);
    place.put("tasks/one.py", latin);
    place.task("job");
    place.task("one");
    place.put(
        "tasks/one.py",
        [&latin[..], b"# /// script\n# ///\n"].concat(),
    );
    assert!(
        place
            .faults("one")
            .contains("tasks/one.py:2: this line is not UTF-8")
    );
}

#[test]
fn a_folder_called_like_a_script_is_no_task() {
    let place = Place::new();
    place.put("tasks/x.py/main.py", "");
    place.put("tasks/x/main.py", "");
    place.task("x");
    let found = place.catalogue().scan().unwrap();
    assert!(
        matches!(&found[1], Found::NotATask { problems, .. } if problems[0].message.contains("its name"))
    );
}
