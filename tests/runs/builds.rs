//! Environments: made once per request, told when they cannot be made, and made
//! again from their lock when they vanish.

use crate::home::{Child, Home, Said, home};
use runbay::domain::image::ImageKind;
use runbay::domain::log::Stream;
use runbay::domain::run::{Outcome, Run};

/// Says in the home's settings what builds may do.
fn policy(home: &Home, build: &str) {
    home.settings(&format!("[limits]\nnetwork = \"none\"\n[build]\n{build}\n"));
}

/// A task that needs packages and prints what it got.
fn needs(home: &Home, task: &str, package: &str, lines: &str) {
    let script = format!("import importlib.metadata as m\nprint(m.version('{package}'))");
    home.task(task, &script);
    home.task_file(task, "requirements.txt", lines);
}

/// How often a run's log says that packages are being installed.
fn installs(home: &Home, run: &Run) -> usize {
    let log = home.log(run);
    log.iter()
        .filter(|l| l.stream == Stream::Build && l.text.starts_with("installing"))
        .count()
}

/// The run of this task fails for its requirements.
fn fails(home: &Home, task: &str) -> Said {
    let (said, run) = home.run(&[task]);
    said.exits(125);
    assert_eq!(run.outcome, Some(Outcome::BuildFailed), "{said}");
    said
}

#[test]
fn two_tasks_use_two_versions_of_one_package_side_by_side() {
    home(|home| {
        home.fixture("numpy-legacy");
        home.fixture("numpy-modern");
        let (legacy, modern) = (
            home.spawn(&["run", "numpy-legacy"]),
            home.spawn(&["run", "numpy-modern"]),
        );
        legacy
            .end()
            .exits(0)
            .prints("numpy 1.26.4")
            .prints("uint8(1) + 300 = 301");
        let modern = modern.end();
        assert!(modern.exits(0).out.starts_with("numpy 2."), "{modern}");
        modern.prints("float32(3) + 3.0 is a float32");
    });
}

#[test]
fn edited_code_reinstalls_nothing_and_equal_requirements_are_one_environment() {
    home(|home| {
        needs(home, "first", "six", "six==1.16.0\n");
        let (said, first) = home.run(&["first"]);
        said.exits(0).prints("1.16.0").tells("installing 1 package");
        assert_eq!(installs(home, &first), 1);
        home.task("first", "print('edited')");
        let (said, edited) = home.run(&["first"]);
        said.exits(0).prints("edited");
        assert_eq!(
            (installs(home, &edited), edited.environment),
            (0, first.environment.clone())
        );
        assert_ne!(edited.version, first.version);
        // The same request, written otherwise, of another task.
        needs(
            home,
            "second",
            "six",
            "# the same\nSix == 1.16.0  # really\n",
        );
        let (said, second) = home.run(&["second"]);
        said.exits(0).prints("1.16.0");
        assert_eq!(
            (installs(home, &second), second.environment),
            (0, first.environment)
        );
        assert_eq!(second.lock, first.lock);
    });
}

#[test]
fn two_commands_that_need_one_environment_install_it_once() {
    home(|home| {
        let tasks = ["one", "two", "three"];
        for task in tasks {
            needs(home, task, "six", "six==1.16.0\n");
        }
        let commands = tasks.map(|task| home.spawn(&["run", task]));
        for command in commands {
            command.end().exits(0).prints("1.16.0");
        }
        let runs = tasks.map(|task| home.last(task).unwrap());
        let count: usize = runs.iter().map(|run| installs(home, run)).sum();
        assert_eq!(count, 1);
        assert!(
            runs.iter()
                .all(|run| run.environment == runs[0].environment)
        );
    });
}

#[test]
fn a_requirement_that_no_index_has_is_told_with_its_line() {
    home(|home| {
        home.fixture("missing-dep-typo");
        let said = fails(home, "missing-dep-typo");
        said.tells("reqeusts-runbay-no-such-package")
            .tells("requirements.txt:2");
    });
}

#[test]
fn requirements_that_cannot_hold_together_are_told_with_their_lines() {
    home(|home| {
        home.fixture("conflicting-pins");
        let said = fails(home, "conflicting-pins");
        said.tells("requests==2.31.0 (").tells("requirements.txt:1");
        said.tells("urllib3==1.10 (").tells("requirements.txt:2");
    });
}

#[test]
fn a_package_without_wheels_is_refused_with_the_remedy_which_works() {
    home(|home| {
        home.fixture("sdist-only");
        let said = fails(home, "sdist-only");
        said.tells("docopt")
            .tells("sdists = [\"docopt\"]")
            .tells("requirements.txt:1");
        policy(home, "sdists = [\"docopt\"]");
        home.run(&["sdist-only"]).0.exits(0).prints("docopt 0.6.2");
        policy(home, "policy = \"open\"");
        home.run(&["sdist-only"]).0.exits(0).prints("docopt 0.6.2");
    });
}

#[test]
fn a_package_that_needs_a_compiler_is_told_so() {
    home(|home| {
        home.fixture("needs-compiler");
        policy(home, "policy = \"open\"");
        let said = fails(home, "needs-compiler");
        said.tells("has to be compiled")
            .tells("build-essential")
            .tells("requirements.txt:1");
    });
}

#[test]
fn a_curated_environment_holds_listed_packages_only() {
    home(|home| {
        policy(home, "policy = \"curated\"\nallow = [\"requests\"]");
        needs(home, "direct", "six", "six==1.16.0\n");
        fails(home, "direct")
            .tells("[build] allow")
            .tells("six")
            .tells("requirements.txt:1");
        needs(home, "indirect", "requests", "requests==2.31.0\n");
        fails(home, "indirect")
            .tells("urllib3==")
            .tells("[build] allow");
        policy(home, "policy = \"curated\"\nallow = [\"six\"]");
        home.run(&["direct"]).0.exits(0).prints("1.16.0");
    });
}

#[test]
fn a_locked_environment_wants_pins_and_hashes_and_holds_to_them() {
    home(|home| {
        policy(home, "policy = \"locked\"");
        needs(home, "loose", "six", "six==1.16.0\n");
        fails(home, "loose")
            .tells("pinned with == and its hashes")
            .tells("requirements.txt:1");
        let right = "8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254";
        needs(
            home,
            "right",
            "six",
            &format!("six==1.16.0 --hash=sha256:{right}\n"),
        );
        home.run(&["right"]).0.exits(0).prints("1.16.0");
        // Though the package itself is in an environment by now.
        let wrong = right.replace('8', "9");
        needs(
            home,
            "wrong",
            "six",
            &format!("six==1.16.0 --hash=sha256:{wrong}\n"),
        );
        let said = fails(home, "wrong");
        said.tells("no file with a hash that was asked for")
            .tells("requirements.txt:1");
        // What others need is asked for with hashes, too.
        let requests = "58cd2187c01e70e6e26505bca751777aa9f2ee0b7f4300988b709f44e013003f";
        let lines = format!("requests==2.31.0 --hash=sha256:{requests}\n");
        needs(home, "partly", "requests", &lines);
        fails(home, "partly")
            .tells("urllib3==")
            .tells("with their hashes, too");
    });
}

#[test]
fn requirements_of_the_service_are_in_every_environment_and_yield_to_the_task() {
    home(|home| {
        policy(home, "requirements = [\"six==1.15.0\"]");
        home.task(
            "plain",
            "import importlib.metadata as m\nprint(m.version('six'))",
        );
        home.run(&["plain"]).0.exits(0).prints("1.15.0");
        needs(home, "own", "six", "six==1.16.0\n");
        home.run(&["own"]).0.exits(0).prints("1.16.0");
    });
}

#[test]
fn a_task_chooses_its_python() {
    home(|home| {
        home.task("newer", "import sys\nprint('%d.%d' % sys.version_info[:2])");
        home.task_file("newer", "task.toml", "python = \"3.13\"");
        let there = home
            .wait(home.engine.image("runbay/python:3.13"))
            .unwrap()
            .is_some();
        if there {
            home.run(&["newer"]).0.exits(0).prints("3.13");
        } else {
            // Made by `images/setup.sh base 3.13`, as the message says.
            let (said, run) = home.run(&["newer"]);
            said.exits(125).tells("images/setup.sh base 3.13");
            assert_eq!(run.outcome, Some(Outcome::InfraError));
        }
        home.task_file("newer", "task.toml", "python = \"3.99\"");
        let (said, _) = home.run(&["newer"]);
        said.exits(125).tells("3.99");
    });
}

/// So that whatever runs a task again and again does not ask the index as often.
#[test]
fn a_failed_build_is_not_tried_again_at_once() {
    home(|home| {
        home.fixture("missing-dep-typo");
        let asked = |run: &Run| {
            home.log(run)
                .iter()
                .any(|l| l.text.starts_with("resolving"))
        };
        fails(home, "missing-dep-typo");
        assert!(asked(&home.last("missing-dep-typo").unwrap()));
        let again = fails(home, "missing-dep-typo");
        again
            .tells("requirements.txt:2")
            .tells("not tried again within 1m");
        assert!(!asked(&home.last("missing-dep-typo").unwrap()));
        // Corrected requirements are another request.
        needs(home, "missing-dep-typo", "six", "six==1.16.0\n");
        home.run(&["missing-dep-typo"]).0.exits(0);
        // And the time it is remembered is a setting.
        home.fixture("missing-dep-typo");
        let mut command = home.command(&["run", "missing-dep-typo"]);
        command.env("RUNBAY_BUILD_FAILURE_TTL", "1ms");
        Child::spawn(command).end().exits(125);
        assert!(asked(&home.last("missing-dep-typo").unwrap()));
    });
}

#[test]
fn an_index_that_does_not_answer_is_not_the_tasks_fault() {
    home(|home| {
        needs(home, "innocent", "six", "six==1.16.0\n");
        let mut command = home.command(&["run", "innocent"]);
        // Nothing listens there, and the answer is immediate.
        command.env("RUNBAY_BUILD_INDEX_URL", "http://127.0.0.1:9/simple");
        let said = Child::spawn(command).end();
        said.exits(125)
            .tells("the package index could not be reached");
        assert_eq!(
            home.last("innocent").unwrap().outcome,
            Some(Outcome::InfraError)
        );
        // Nor is it remembered.
        home.run(&["innocent"]).0.exits(0).prints("1.16.0");
    });
}

#[test]
fn images_that_vanish_are_made_again_from_the_same_lock() {
    home(|home| {
        needs(home, "lasting", "six", "six\n");
        let (said, first) = home.run(&["lasting"]);
        said.exits(0);
        let remove = |id: &str| {
            let (status, body) = home.docker("DELETE", &format!("/images/{id}?force=1&noprune=1"));
            assert_eq!(status, 200, "{body}");
        };
        remove(&first.image.clone().unwrap().0);
        let (said, second) = home.run(&["lasting"]);
        said.exits(0);
        assert_eq!(
            (installs(home, &second), second.lock.clone()),
            (0, first.lock.clone())
        );
        // Now the environment, too, under the task's image.
        let images = home.wait(home.store.images()).unwrap();
        let environment = images
            .iter()
            .find(|row| row.kind == ImageKind::Environment && row.environment == first.environment)
            .unwrap();
        remove(&second.image.clone().unwrap().0);
        remove(&environment.id.0);
        let (said, third) = home.run(&["lasting"]);
        said.exits(0).prints(first_line(home, &first).as_str());
        assert_eq!((installs(home, &third), third.lock), (1, first.lock));
        assert!(
            !home
                .log(&home.last("lasting").unwrap())
                .iter()
                .any(|l| l.text.starts_with("resolving"))
        );
    });
}

fn first_line(home: &Home, run: &Run) -> String {
    let log = home.log(run);
    log.into_iter()
        .find(|l| l.stream == Stream::Stdout)
        .unwrap()
        .text
}

#[test]
fn a_folder_that_changes_between_runs_is_another_version_each_time() {
    home(|home| {
        home.task("changes", "print(open('data.txt').read())");
        let mut versions = Vec::new();
        for data in ["a", "b", "a"] {
            home.task_file("changes", "data.txt", data);
            let (said, run) = home.run(&["changes"]);
            said.exits(0).prints(data);
            versions.push((run.version.unwrap(), run.image.unwrap()));
        }
        assert_eq!(versions[0], versions[2]);
        assert_ne!(versions[0].0, versions[1].0);
        // What is ignored makes no difference.
        home.write("tasks/changes/.runbayignore", "scratch/\n");
        let (_, before) = home.run(&["changes"]);
        home.write("tasks/changes/scratch/x", "x");
        home.write("tasks/changes/__pycache__/main.cpython-311.pyc", "x");
        let (_, after) = home.run(&["changes"]);
        assert_eq!(before.version, after.version);
    });
}

/// V17: what a package's own files say, and nothing that a build left.
#[test]
fn an_environment_cannot_be_changed_by_a_run_and_tells_no_index() {
    home(|home| {
        let script = "
import os, six, subprocess, sys
try:
    open(six.__file__, 'a')
    print('writable')
except OSError:
    print('read-only')
print([n for n in os.environ if n.startswith(('UV_', 'PIP_INDEX'))])
";
        home.task("looks", script);
        home.task_file("looks", "requirements.txt", "six==1.16.0\n");
        home.runbay(&["run", "-q", "looks"])
            .exits(0)
            .prints("read-only")
            .prints("[]");
    });
}
