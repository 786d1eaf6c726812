//! The commands that need no engine, through the real binary.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, to which the exemption for tests does not reach"
)]

mod access;

mod schedules;
mod versions;

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A home folder with one good task and one that is none.
struct Home(TempDir);

/// What a command said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.write("tasks/report/main.py", "print('report')\n");
        home.write(
            "tasks/report/task.toml",
            "description = \"Tells \\u001b]0;all\"\ntags = [\"daily\"]\nsecrets = [\"TOKEN\"]\n\
             [params.day]\ntype = \"date\"\nrequired = true\nhelp = \"Which day\"\n",
        );
        home.write("tasks/report/requirements.txt", "# why\nnumpy>=2\n");
        home
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn say(&self, args: &[&str]) -> Said {
        self.say_with(args, "")
    }

    /// With this on standard input.
    fn say_with(&self, args: &[&str], input: &str) -> Said {
        let mut command = Command::cargo_bin("runbay").unwrap();
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RUNBAY_")) {
            command.env_remove(name);
        }
        let output = command
            // No engine: whoever asks for one fails.
            .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
            .current_dir(self.path())
            .args(args)
            .write_stdin(input)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    fn good(&self, args: &[&str]) -> String {
        let said = self.say(args);
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        said.out
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.good(args)).unwrap()
    }
}

#[test]
fn ls_lists_tasks_and_what_is_none() {
    let home = Home::new();
    home.write("tasks/Wrong/main.py", "");
    home.write("tasks/typo/main.py", "");
    home.write("tasks/typo/task.toml", "timout = 3\n");
    let out = home.good(&["ls"]);
    assert!(out.contains("report"), "{out}");
    assert!(out.contains("requirements.txt"), "{out}");
    assert!(out.contains("tasks/Wrong"), "{out}");
    assert!(out.contains("tasks/typo/task.toml:1:1"), "{out}");
    assert!(!out.contains('\x1b'), "what a task says of itself is inert");

    let listing = home.json(&["ls", "--json"]);
    assert_eq!(listing["tasks"][0]["name"], "report");
    assert_eq!(listing["tasks"][0]["python"], "3.11");
    assert_eq!(listing["tasks"][0]["last_run"], Value::Null);
    assert_eq!(listing["not_tasks"].as_array().unwrap().len(), 2);

    let tagged = home.json(&["ls", "--json", "--tag", "nightly"]);
    assert_eq!(tagged["tasks"].as_array().unwrap().len(), 0);
    let tagged = home.json(&["ls", "--json", "--tag", "daily"]);
    assert_eq!(tagged["tasks"].as_array().unwrap().len(), 1);
}

#[test]
fn check_tells_every_mistake_with_its_place() {
    let home = Home::new();
    assert!(home.good(&["check"]).contains("1 task, all good"));
    assert!(!home.path().join("data").exists(), "check writes nothing");

    home.write("tasks/typo/main.py", "");
    home.write("tasks/typo/task.toml", "\ntimout = 3\npids = 1\n");
    let said = home.say(&["check"]);
    assert_eq!(said.code, 65);
    assert!(
        said.out.contains("tasks/typo/task.toml:2:1: "),
        "{}",
        said.out
    );
    assert!(said.out.contains("`timeout`"), "{}", said.out);
    assert!(said.out.contains("tasks/typo/task.toml:3:"), "{}", said.out);
    assert!(
        said.out.contains("2 tasks, 2 problems in 1"),
        "{}",
        said.out
    );

    assert_eq!(home.say(&["check", "report"]).code, 0);
    let unknown = home.say(&["check", "reprot"]);
    assert_eq!(unknown.code, 66);
    assert!(unknown.err.contains("report"), "{}", unknown.err);
}

#[test]
fn check_holds_requirements_to_the_policy() {
    let home = Home::new();
    home.write(
        "runbay.toml",
        "[build]\npolicy = \"curated\"\nallow = [\"pandas\"]\n",
    );
    let said = home.say(&["check", "--json"]);
    assert_eq!(said.code, 65);
    let checked: Value = serde_json::from_str(&said.out).unwrap();
    let problem = &checked["tasks"][0]["problems"][0];
    assert_eq!(problem["file"], "tasks/report/requirements.txt");
    assert_eq!(problem["line"], 2);
    assert!(problem["message"].as_str().unwrap().contains("numpy"));
}

#[test]
fn check_refuses_links_out_of_a_task() {
    let home = Home::new();
    let link = home.path().join("tasks/report/passwd");
    std::os::unix::fs::symlink("/etc/passwd", link).unwrap();
    let said = home.say(&["check"]);
    assert_eq!(said.code, 65);
    assert!(said.out.contains("tasks/report/passwd: "), "{}", said.out);
}

#[test]
fn new_begins_tasks_that_check_finds_good() {
    let home = Home::new();
    for template in ["script", "pep723", "report", "params"] {
        let name = format!("my-{template}");
        let said = home.say(&["new", &name, "--template", template]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(
            said.err.contains(&format!("runbay run {name}")),
            "{}",
            said.err
        );
        assert!(home.path().join(said.out.trim()).exists(), "{}", said.out);
    }
    assert!(home.good(&["check"]).contains("5 tasks, all good"));
    let again = home.say(&["new", "my-script"]);
    assert_eq!(again.code, 75);
    assert!(again.err.contains("tasks/my-script"), "{}", again.err);
    assert_eq!(home.say(&["new", "Not-A-Name"]).code, 2);
}

#[test]
fn show_tells_of_a_task_before_it_ever_ran() {
    let home = Home::new();
    let out = home.good(&["show", "report"]);
    for part in [
        "TOKEN",
        "numpy>=2",
        "requirements.txt:2",
        "date",
        "required",
        "Which day",
    ] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    let shown = home.json(&["show", "report", "--json"]);
    assert_eq!(shown["kind"], "task");
    assert_eq!(shown["task"]["environment"]["lock"], Value::Null);
    assert_eq!(shown["task"]["params"]["day"]["required"], true);

    let unknown = home.say(&["show", "reprot"]);
    assert_eq!(unknown.code, 66);
    assert!(unknown.err.contains("report"), "{}", unknown.err);
    assert_eq!(home.say(&["show", "last"]).code, 66);
}

#[test]
fn what_needs_an_engine_says_so() {
    let home = Home::new();
    for args in [&["build"][..], &["env", "validate", "report"]] {
        let said = home.say(args);
        assert_eq!(said.code, 69, "{args:?}: {}", said.err);
        assert!(
            said.err.contains("/nonexistent/docker.sock"),
            "{}",
            said.err
        );
    }
    let version = home.json(&["version", "--json"]);
    assert_eq!(version["runbay"], env!("CARGO_PKG_VERSION"));
    assert_eq!(version["engine"], Value::Null);
}

#[test]
fn environments_are_asked_for_by_names_that_exist() {
    let home = Home::new();
    assert_eq!(home.json(&["env", "ls", "--json"]), serde_json::json!([]));
    let unresolved = home.say(&["env", "show", "report"]);
    assert_eq!(unresolved.code, 66);
    assert!(
        unresolved.err.contains("runbay build report"),
        "{}",
        unresolved.err
    );
    assert_eq!(home.say(&["env", "diff", "abcdef"]).code, 66);
}

#[test]
fn freeze_takes_the_virtual_environment_of_a_task_without_requirements() {
    let home = Home::new();
    home.write("tasks/old/main.py", "");
    home.write("tasks/old/.venv/pyvenv.cfg", "version = 3.11.2\n");
    let site = "tasks/old/.venv/lib/python3.11/site-packages";
    home.write(
        &format!("{site}/foo-1.2.dist-info/METADATA"),
        "Name: foo\nVersion: 1.2\n\n",
    );
    assert_eq!(home.good(&["env", "freeze", "old"]), "foo==1.2\n");
    let file = home.path().join("tasks/old/requirements.txt");
    assert!(!file.exists(), "freeze writes only when told to");
    home.good(&["env", "freeze", "old", "--write"]);
    assert_eq!(fs::read_to_string(file).unwrap(), "foo==1.2\n");
}

#[test]
fn schema_and_completions_are_printed() {
    let home = Home::new();
    let schema = home.json(&["schema"]);
    assert!(schema["properties"]["timeout"].is_object());
    for shell in ["bash", "zsh", "fish"] {
        assert!(home.good(&["completions", shell]).contains("runbay"));
    }
}
