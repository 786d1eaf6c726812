use super::{Place, name_of, texts};
use crate::catalogue::{Found, choose_python, project, requirement_candidates, venvs};
use crate::domain::manifest::PythonVersion;
use crate::domain::task::{Entry, RequirementSource};
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
        fault.starts_with("cannot list ") && fault.ends_with("tasks"),
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
    place.put("tasks/job/.runbayignore", "*.py\n");
    assert!(place.faults("job").contains("an ignore file leaves it out"));
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

const BLOCK: &str =
    "# /// script\n# requires-python = '>=3.12'\n# dependencies = ['Rich>=13']\n# ///\n";

#[test]
fn the_first_source_of_requirements_wins() {
    let place = Place::new();
    let source = |place: &Place| {
        let task = place.task("job");
        let texts = texts(&task).join(" ");
        let source = task.requirements.source;
        (
            source.map(|source| source.to_string()).unwrap_or_default(),
            texts,
        )
    };
    let is = |from: &str, what: &str| (from.to_owned(), what.to_owned());
    place.put("tasks/job/main.py", "");
    assert_eq!(source(&place), is("", ""));
    place.put("tasks/job/deps.txt", "deps");
    assert_eq!(source(&place), is("deps.txt", "deps"));
    place.put("tasks/job/requirements-dev.txt", "dev");
    assert!(
        place
            .faults("job")
            .contains("not clear: deps.txt, requirements-dev.txt")
    );
    place.put("tasks/job/requirements.txt", "Plain_Name == 1.0 # why");
    assert_eq!(source(&place), is("requirements.txt", "plain-name==1.0"));
    place.put(
        "tasks/job/pyproject.toml",
        "[tool.ruff]\nline-length = 100\n",
    );
    assert_eq!(source(&place), is("requirements.txt", "plain-name==1.0"));
    place.put(
        "tasks/job/pyproject.toml",
        "[project]\nname='x'\ndependencies=['proj']\nrequires-python='>=3.9'\n",
    );
    assert_eq!(source(&place), is("pyproject.toml", "proj"));
    assert_eq!(
        place.task("job").requirements.requires_python.as_deref(),
        Some(">=3.9")
    );
    place.put("tasks/job/main.py", BLOCK);
    assert_eq!(source(&place), is("main.py (PEP 723)", "rich>=13"));
    assert_eq!(
        place.task("job").requirements.requires_python.as_deref(),
        Some(">=3.12")
    );
    place.put("tasks/job/task.toml", "environment = 'shared:data'");
    place.put("global_envs/data/requirements.txt", "pandas");
    assert_eq!(source(&place), is("global_envs/data", "pandas"));
    place.put("tasks/job/task.toml", "requirements = ['b', 'a>1']");
    assert_eq!(source(&place), is("task.toml", "a>1 b"));
    place.put(
        "tasks/job/task.toml",
        "requirements = 'requirements-dev.txt'",
    );
    assert_eq!(source(&place), is("requirements-dev.txt", "dev"));
    place.put(
        "tasks/job/task.toml",
        "requirements = []\nenvironment = 'shared:data'",
    );
    assert!(place.faults("job").contains("cannot both say"));
}

#[test]
fn every_candidate_is_listed_in_order() {
    let place = Place::new();
    for file in [
        "deps.txt",
        "requirements-dev.txt",
        "requirements.txt",
        "pyproject.toml",
    ] {
        place.put(&format!("tasks/job/{file}"), "");
    }
    place.put("tasks/job/main.py", BLOCK);
    place.put("tasks/job/task.toml", "requirements = []");
    let all: Vec<_> = requirement_candidates(&place.path("tasks/job"))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        all,
        [
            "task.toml",
            "main.py (PEP 723)",
            "pyproject.toml",
            "requirements.txt",
            "deps.txt",
            "requirements-dev.txt"
        ]
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
fn sources_that_would_be_overlooked_are_refused() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    for (project, said) in [
        (
            "[project]\ndynamic = ['dependencies']",
            ":2:1: dynamic dependencies",
        ),
        ("[tool.poetry.dependencies]\nx = '1'", "Poetry"),
        (
            "[project]\ndependencies = []\n[tool.uv.sources]\nx = { git = 'y' }",
            "`sources` of [tool.uv]",
        ),
        (
            "[project]\ndependencies = ['a', '-e .']",
            ":2:22: the option `-e` is not allowed",
        ),
        ("[project]\ndependencies = 'a'", "must be a list of texts"),
    ] {
        place.put("tasks/job/pyproject.toml", project);
        let faults = place.faults("job");
        assert!(faults.contains(said), "{project}: {faults}");
    }
    place.put("tasks/job/pyproject.toml", "");
    place.put(
        "tasks/job/main.py",
        "# /// script\n# [tool.runbay]\n# timeout = 3\n# ///\n",
    );
    assert!(place.faults("job").contains("tasks/job/main.py:2:"));
}

#[test]
fn a_single_file_holds_everything_in_its_block() {
    let place = Place::new();
    let script = "#!/usr/bin/env python\n# /// script\n# dependencies = ['rich']\n# [tool.runbay]\n# timeout = '5m'\n# python = '3.13'\n# ///\nprint()\n";
    place.put("tasks/one.py", script);
    place.put("tasks/requirements.txt", "not-mine");
    place.put("tasks/.python-version", "3.9");
    let task = place.task("one");
    assert!(task.single_file);
    assert_eq!(task.entry, Entry::Script("one.py".into()));
    assert_eq!(texts(&task), ["rich"]);
    assert_eq!(
        task.requirements.source,
        Some(RequirementSource::Pep723("one.py".into()))
    );
    assert_eq!(task.manifest.timeout.unwrap().0.as_secs(), 300);
    assert_eq!(task.requirements.python.unwrap().to_string(), "3.13");

    place.put(
        "tasks/one.py",
        script
            .replace("timeout", "timout")
            .replace("rich'", "rich', 'a=1'"),
    );
    assert_eq!(
        place.faults("one"),
        "tasks/one.py:3:27: “a=1” is not a requirement: no such comparison operator \"=\", must be one of ~= == != <= >= < > === (write `==` for an exact version)\n\
         tasks/one.py:5:3: unknown key `timout` (did you mean `timeout`?)"
    );
    place.put(
        "tasks/one.py",
        "# /// script\n# dependencies = []\nprint()\n",
    );
    assert!(place.faults("one").starts_with("tasks/one.py:1: "));
}

#[test]
fn python_is_chosen_from_what_is_said() {
    let place = Place::new();
    let v = |text: &str| text.parse::<PythonVersion>().unwrap();
    let (have, default) = ([v("3.11"), v("3.13"), v("3.9")], v("3.11"));
    place.put("tasks/job/main.py", "");
    let choose = |place: &Place| choose_python(&place.task("job").requirements, &have, default);
    assert_eq!(choose(&place), Ok(v("3.11")));
    place.put(
        "tasks/job/pyproject.toml",
        "[project]\nrequires-python = '>=3.10, !=3.13.*'",
    );
    assert_eq!(choose(&place), Ok(v("3.11")));
    place.put(
        "tasks/job/pyproject.toml",
        "[project]\nrequires-python = '>=3.12'",
    );
    assert_eq!(
        choose(&place),
        Ok(v("3.13")),
        "the newest, as the default will not do"
    );
    place.put(
        "tasks/job/pyproject.toml",
        "[project]\nrequires-python = '>=3.11.4'",
    );
    assert_eq!(choose(&place), Ok(v("3.11")), "the default, as it will do");
    place.put("tasks/job/.python-version", "# pyenv\n3.11.9\n");
    assert_eq!(choose(&place), Ok(v("3.11")));
    place.put("tasks/job/task.toml", "python = '3.9'");
    assert!(
        choose(&place)
            .unwrap_err()
            .contains("requires-python is >=3.11.4")
    );
    place.put("tasks/job/pyproject.toml", "");
    place.put("tasks/job/task.toml", "python = '3.8'");
    assert_eq!(choose(&place), Ok(v("3.8")), "an image may still be pulled");
    place.put("tasks/job/task.toml", "");
    place.put("tasks/job/.python-version", "pypy3.9");
    assert!(
        place
            .faults("job")
            .starts_with("tasks/job/.python-version:1:1: “pypy3.9”")
    );
}

#[test]
fn venvs_and_projects_are_listed() {
    let place = Place::new();
    place.put(
        "tasks/job/.venv/pyvenv.cfg",
        "home = /usr\nversion = 3.11.2\n",
    );
    let site = "tasks/job/.venv/lib/python3.11/site-packages";
    place.put(
        &format!("{site}/rich-13.0.dist-info/METADATA"),
        "Metadata-Version: 2.1\nName: rich\nVersion: 13.0\n\nName: no\n",
    );
    place.put(&format!("{site}/broken-1.dist-info/METADATA"), "\n");
    place.put("tasks/job/env/settings.cfg", "not a venv");
    place.put("tasks/job/__main__.py", "12345");
    let found = venvs(&place.path("tasks/job"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].python.as_deref(), Some("3.11.2"));
    assert_eq!(found[0].packages, [("rich".to_owned(), "13.0".to_owned())]);
    let project = project(&place.path("tasks/job")).unwrap();
    assert_eq!(
        (project.files, project.bytes, project.package),
        (2, 15, true)
    );
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
