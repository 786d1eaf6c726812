use crate::catalogue::{manifest_schema, parse_manifest};
use crate::domain::manifest::{Manifest, Requirements};
use proptest::prelude::*;
use serde_json::json;
use std::path::Path;

fn faults(text: &str) -> String {
    let problems = parse_manifest(text, Path::new("tasks/x/task.toml")).unwrap_err();
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn good(text: &str) -> Manifest {
    parse_manifest(text, Path::new("task.toml")).unwrap_or_else(|faults| panic!("{faults:?}"))
}

#[test]
fn a_full_manifest_is_read() {
    let manifest = good(
        r#"
        description = "Monthly report"
        tags = ["report"]
        enabled = false
        entry = "main.py"
        args = ["--fast"]
        python = "3.11"
        requirements = ["pandas>=2"]
        environment = "data"
        timeout = "30m"
        env = { TZ = "UTC" }
        secrets = ["DB_URL"]
        network = "none"
        memory = "512M"
        cpus = 2
        pids = 64
        scratch = "1G"
        artifacts = ["out/*.csv", "**/*.png"]
        [params.day]
        type = "date"
        default = 2026-01-31
        [params.count]
        type = "int"
        min = 1
        max = 9
        default = 3
        "#,
    );
    assert_eq!(
        manifest.requirements,
        Some(Requirements::List(vec!["pandas>=2".into()]))
    );
    assert_eq!(manifest.cpus, Some(2.0));
    assert_eq!(manifest.params["day"].default, Some(json!("2026-01-31")));
}

const FAULTS: &[(&str, &str)] = &[
    (
        "timout = 3",
        "tasks/x/task.toml:1:1: unknown key `timout` (did you mean `timeout`?)",
    ),
    (
        "[[schedules]]\ncron = ''",
        "tasks/x/task.toml:2:1: unknown key `cron` (every form of a rule is written as `when`",
    ),
    (
        "[params.x]\ndefalt = 1",
        "tasks/x/task.toml:2:1: unknown key `defalt` (did you mean `default`?)",
    ),
    (
        "[params.x]\ntype = 'number'",
        "tasks/x/task.toml:2:8: `type`: unknown variant `number`",
    ),
    (
        "params = { x = 3 }",
        "parameter x must be a table (such as [params.x])",
    ),
    (
        "cpus = 'two'",
        "tasks/x/task.toml:1:8: `cpus`: invalid type: string \"two\", expected a number",
    ),
    (
        "a = 1\na = 2",
        "tasks/x/task.toml:2:1: not TOML: duplicate key",
    ),
    (
        "tags = 'x'",
        "`tags`: invalid type: string \"x\", expected a list",
    ),
    ("memory = '15M'", "`memory` is 15 MiB: give at least 16 MiB"),
    ("memory = '5X'", "“5X” is not a size"),
    ("cpus = 0", "`cpus` must be from 0.01 to 1024"),
    ("cpus = nan", "`cpus` must be"),
    ("pids = 7", "`pids` must be from 8"),
    ("timeout = 0", "`timeout` must be more than 0"),
    ("python = '2.7'", "“2.7” is not a Python version"),
    (
        "entry = 'a.py'\ncommand = ['b']",
        ":2:1: `command` and `entry` cannot both",
    ),
    ("command = []", "must begin with the program"),
    (
        "args = [\n'a',\n\"\\u0000\"]",
        ":3:1: an argument cannot hold a NUL",
    ),
    ("[env]\nPYTHONPATH = 'x'", ":2:1: PYTHONPATH is reserved"),
    ("env = { https_proxy = 'x' }", "https_proxy is reserved"),
    ("env = { 'a b' = 'x' }", "not the name of a variable"),
    (
        "secrets = ['A', 'lower']",
        ":1:17: “lower” is not the name of a secret",
    ),
    ("secrets = ['RUNBAY_X']", "is reserved"),
    ("secrets = ['A', 'A']", "named twice"),
    (
        "secrets = [{ name = 'A', env = 'B' }]\nenv = { B = '1' }",
        "both a secret and a variable",
    ),
    ("[params.'a-b']", "“a-b” is not a parameter name"),
    (
        "[params.x]\ntype='int'\nmin = 9\nmax = 3",
        ":4:1: parameter x: `max` is less than `min`",
    ),
    (
        "[params.x]\ntype='int'\ndefault = 'a'",
        ":3:1: parameter x: `default`: “a” is not a whole number",
    ),
    ("[params.x]\ntype='choice'", "a choice needs `choices`"),
    ("[params.x]\npattern = '('", "not a regular expression"),
    (
        "[params.x]\npattern = '(((a{99}){99}){99})'",
        "`pattern` is too large",
    ),
    (
        "[params.x]\nrequired = true\ndefault = 'a'",
        ":2:1: parameter x: `required` has no meaning",
    ),
    (
        "artifacts = ['../x']",
        "does not name a file of this folder",
    ),
    ("artifacts = ['/x']", "does not name a file of this folder"),
    ("artifacts = ['a[']", "not a glob pattern"),
    ("environment = 'Not One'", "does not name an environment"),
    (
        "requirements = 3",
        "`requirements`: a file name, or a list of requirements",
    ),
];

#[test]
fn every_fault_has_its_place_and_remedy() {
    for (text, said) in FAULTS {
        let faults = faults(text);
        assert!(faults.contains(said), "{text}\n→ {faults}");
        assert_eq!(faults.lines().count(), 1, "{text}\n→ {faults}");
    }
}

#[test]
fn all_faults_come_together_in_order() {
    let text =
        "cpus = 0\ntimout = 1\n[params.x]\ntype = 'int'\nmim = 1\nmin = 'a'\n[env]\nPATH = ''\n";
    let lines: Vec<_> = faults(text)
        .lines()
        .map(|l| l[18..l.len()].to_owned())
        .collect();
    let starts: Vec<_> = lines.iter().map(|l| l.split(':').next().unwrap()).collect();
    assert_eq!(starts, ["1", "2", "5", "8"], "{lines:?}");
}

#[test]
fn deep_nesting_is_refused_without_harm() {
    let text = format!("args = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(faults(&text).contains("not TOML"));
}

#[test]
fn the_schema_serves_editors() {
    let schema = manifest_schema();
    assert_eq!(schema["title"], "Runbay task manifest");
    assert_eq!(schema["additionalProperties"], false);
    assert!(
        schema["properties"]["timeout"]["description"]
            .as_str()
            .unwrap()
            .contains("stopped")
    );
    for key in ["entry", "params", "network", "artifacts"] {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
}

fn toml_like() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[a-z]{1,9} = [0-9a-z'\"\\[\\]{}.-]{0,12}",
        "\\[params\\.[a-z]{1,3}\\]",
        "(type|min|max|default|pattern|choices) = ('[a-z(\\[*]{0,6}'|[0-9-]{1,4}|\\['a'\\])",
        "(timeout|memory|cpus|pids|entry|secrets|env|artifacts) = ('[^'\\n]{0,6}'|[0-9]{1,3}|\\['[a-zA-Z/.]{0,5}'\\])",
        "\\PC{0,20}",
    ];
    proptest::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_within_itself(text in toml_like()) {
        if let Err(problems) = parse_manifest(&text, Path::new("x")) {
            prop_assert!(!problems.is_empty());
            let lines = text.lines().count().max(1);
            for problem in problems {
                let line = problem.line.expect("a manifest's fault has a line");
                prop_assert!(line >= 1 && line as usize <= lines, "{problem}");
                prop_assert!(problem.column.is_some_and(|column| column >= 1));
            }
        }
    }

    #[test]
    fn a_manifest_reads_back(cpus in 1u32..64, pids in 8u32..999, tag in "[a-z]{1,8}") {
        let manifest = Manifest {
            cpus: Some(f64::from(cpus)),
            pids: Some(pids),
            tags: vec![tag],
            ..Manifest::default()
        };
        let text = toml::to_string(&manifest).unwrap();
        prop_assert_eq!(parse_manifest(&text, Path::new("x")).unwrap(), manifest);
    }
}
