//! What a run is given: parameters, files and arguments.

use crate::home::home;
use serde_json::{Value, json};

#[test]
fn parameters_come_typed_and_as_text_and_arguments_follow() {
    home(|home| {
        home.fixture("reads-params");
        let given = [
            "-p",
            "count=7",
            "-p",
            "ratio=1.5",
            "-p",
            "flag=yes",
            "-p",
            "level=high",
        ];
        let rest = [
            "-p",
            "text=a b\"c",
            "-p",
            "day=2026-01-31",
            "--",
            "--more",
            "a b",
        ];
        let (said, run) = home.run(&[&["reads-params"], &given[..], &rest[..]].concat());
        let lines: Vec<_> = said.exits(0).out.lines().collect();
        let params: Value = serde_json::from_str(lines[0].strip_prefix("json ").unwrap()).unwrap();
        let expected = json!({ "count": 7, "ratio": 1.5, "flag": true, "level": "high",
            "text": "a b\"c", "day": "2026-01-31" });
        assert_eq!(params, expected);
        said.prints("env PARAM_COUNT \"7\"")
            .prints("env PARAM_FLAG \"true\"");
        said.prints("env PARAM_TEXT \"a b\\\"c\"")
            .prints("env PARAM_DAY \"2026-01-31\"");
        said.prints("argv [\"--fixed\", \"--more\", \"a b\"]");
        assert_eq!(run.params.get("count"), Some(&json!(7)));
    });
}

#[test]
fn defaults_count_and_what_has_none_is_absent() {
    home(|home| {
        home.fixture("reads-params");
        let (said, _) = home.run(&["reads-params"]);
        said.exits(0)
            .prints("env PARAM_RATIO \"0.5\"")
            .prints("argv [\"--fixed\"]");
        assert!(!said.out.contains("PARAM_DAY"), "{said}");
    });
}

#[test]
fn a_file_is_read_where_the_parameter_says_and_cannot_be_changed() {
    home(|home| {
        let script = "
import os
path = os.environ['PARAM_DATA']
print(path, repr(open(path).read()))
for change in (lambda: open(path, 'w'), lambda: os.remove(path)):
    try:
        change()
        print('changed')
    except PermissionError:
        print('refused')
";
        home.task("reads-file", script);
        home.task_file(
            "reads-file",
            "task.toml",
            "[params.data]\ntype = \"file\"\nrequired = true\n",
        );
        let file = home.write("my input.csv", "a,b\n1,2\n");
        let given = format!("data={}", file.display());
        let (said, _) = home.run(&["reads-file", "-p", &given]);
        assert_eq!(
            said.exits(0).out,
            "/inputs/data/my input.csv 'a,b\\n1,2\\n'\nrefused\nrefused\n"
        );
        let (said, _) = home.run(&["reads-file", "-p", &given]);
        said.exits(0);
        let gone = home.runbay(&["run", "reads-file", "-p", "data=/no/such/file"]);
        gone.tells("/no/such/file");
        assert_ne!(gone.code, 0);
    });
}

#[test]
fn wrong_parameters_are_all_told_and_nothing_runs() {
    home(|home| {
        home.fixture("reads-params");
        let given = [
            "-p",
            "cuont=1",
            "-p",
            "ratio=much",
            "-p",
            "level=medium",
            "-p",
            "day=tomorrow",
        ];
        let said = home.runbay(&[&["run", "reads-params"], &given[..]].concat());
        said.exits(65)
            .tells("cuont")
            .tells("count")
            .tells("ratio")
            .tells("low")
            .tells("day");
        home.runbay(&["run", "reads-params", "-p", "count=10"])
            .exits(65)
            .tells("9");
        home.runbay(&["run", "reads-params", "-p", "text=no!"])
            .exits(65)
            .tells("text");
        let twice = ["run", "reads-params", "-p", "count=1", "-p", "count=2"];
        home.runbay(&twice).exits(65).tells("given twice");
        assert!(home.last("reads-params").is_none());
    });
}

#[test]
fn a_rerun_repeats_parameters_and_arguments() {
    home(|home| {
        home.fixture("reads-params");
        let (first, run) = home.run(&["reads-params", "-p", "count=3", "--", "x"]);
        let again = home.runbay(&["rerun", &run.id.short()]);
        assert_eq!(again.exits(0).out, first.out);
        assert_eq!(home.last("reads-params").unwrap().rerun_of, Some(run.id));
        // The very image, though the code is another by now.
        home.task("reads-params", "print('other code')");
        let same = home.runbay(&["rerun", &run.id.to_string(), "--same-image"]);
        assert_eq!(same.exits(0).out, first.out);
        home.runbay(&["rerun", "reads-params"])
            .exits(0)
            .prints("other code");
    });
}
