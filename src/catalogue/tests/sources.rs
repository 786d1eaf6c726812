//! Where the requirements and the Python release of a task come from.

use super::{Place, texts};
use crate::catalogue::{choose_python, project, requirement_candidates, venvs};
use crate::domain::manifest::PythonVersion;
use crate::domain::task::{Entry, RequirementSource};

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
