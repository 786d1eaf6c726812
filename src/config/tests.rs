mod deployed;

use super::file::File;
use super::*;
use crate::domain::manifest::Network;
use crate::domain::size::{Bytes, GIB, Span};
use proptest::prelude::*;
use std::time::Duration;
use tempfile::TempDir;

/// A home folder with this `runbay.toml`.
fn home(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), text).unwrap();
    folder
}

fn load(folder: &Path, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = variables
        .iter()
        .map(|(name, value)| (name.into(), value.into()));
    Config::assemble(&Overrides::default(), None, (environment.collect(), folder))
}

/// The message for this file, without the folder's name.
fn complaint(text: &str) -> String {
    let folder = home(text);
    let path = fs::canonicalize(folder.path()).unwrap();
    let error = load(&path, &[]).unwrap_err().to_string();
    error.replace(&format!("{}/", path.display()), "")
}

#[test]
fn an_empty_file_sets_nothing() {
    let folder = home("");
    let path = fs::canonicalize(folder.path()).unwrap();
    let config = load(&path, &[]).unwrap();
    assert_eq!(config.home, path);
    assert_eq!(config.database(), path.join("data/runbay.db"));
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.build, Build::default());
    assert_eq!(config.python.to_string(), "3.11");
    assert_eq!(
        config.base_references("3.13".parse().unwrap()),
        ["runbay/python:3.13", "python:3.13-slim"]
    );
    assert_eq!((config.docker_host, config.extra_ca), (None, None));
}

#[test]
fn the_example_shows_the_defaults_and_every_setting() {
    assert_eq!(toml::from_str::<File>(EXAMPLE).unwrap(), File::default());
    let setting = |line: &&str| line.starts_with('#') && !line.starts_with("# ") && line.len() > 1;
    let shown = |line: &str| line[1..].to_owned();
    let lines = |keep: &dyn Fn(&&str) -> bool| {
        let lines: Vec<String> = EXAMPLE.lines().filter(keep).map(shown).collect();
        lines.join("\n")
    };
    // With every lone “#” taken away it still says what holds without it.
    let mut uncommented: File = toml::from_str(&lines(&setting)).unwrap();
    assert_eq!(uncommented.python.len(), 1);
    let python = file::refine(uncommented.clone()).unwrap().python;
    assert_eq!(python.to_string(), "3.11");
    uncommented.python.clear();
    assert_eq!(uncommented, File::default());

    // And with the indented examples too it names all there is.
    let example = |line: &&str| setting(line) || line.starts_with("#   ") && line.contains(" = ");
    let everything: toml::Table = lines(&example).parse().unwrap();
    toml::from_str::<File>(&lines(&example)).unwrap();
    let mut named = Vec::new();
    for (key, value) in &everything {
        match value {
            toml::Value::Table(table) => named.extend(table.keys().map(|k| format!("{key}.{k}"))),
            _ => named.push(key.clone()),
        }
    }
    named.retain(|key| key != "python.3.13");
    let mut known: Vec<&str> = layers::keys().collect();
    named.sort();
    known.sort_unstable();
    assert_eq!(named, known);
}

#[test]
fn every_key_of_the_file_can_be_made_by_a_variable() {
    // serde lists the keys of a table when it is asked for one it does not have.
    let keys = |text: &str, table: &str| -> Vec<String> {
        let error = toml::from_str::<File>(text).unwrap_err();
        let known = error.message().split('`').skip(3).step_by(2);
        known.map(|key| format!("{table}{key}")).collect()
    };
    let mut all = keys("zzz = 1", "");
    let tables = [
        "limits", "build", "queue", "server", "log", "metrics", "keep", "backup", "secrets",
        "notify", "mail",
    ];
    all.retain(|key| key != "python" && !tables.contains(&key.as_str()));
    all.push("python.default".into());
    for table in tables {
        let text = format!("[{table}]\nzzz = 1");
        all.extend(keys(&text, &format!("{table}.")));
    }
    let mut known: Vec<&str> = layers::keys().collect();
    all.sort();
    known.sort_unstable();
    assert_eq!(all, known);
}

#[test]
fn later_sources_win() {
    let folder = home(
        "data_dir = 'from-file'\ndocker_host = 'unix:///file.sock'\n\
         [python]\ndefault = '3.12'\n'3.12' = 'my/python:3.12'\n\
         [limits]\nmemory = '1G'\npids = 99\n[build]\nsdists = ['One']",
    );
    let here = folder.path().join("elsewhere");
    fs::create_dir(&here).unwrap();
    let variables = [
        ("RUNBAY_DATA_DIR", "from-variable"),
        ("RUNBAY_LIMITS_MEMORY", "2G"),
        ("RUNBAY_LIMITS_CPUS", "0.5"),
        ("RUNBAY_LIMITS_TIMEOUT", "90"),
        ("RUNBAY_LIMITS_NETWORK", "none"),
        ("RUNBAY_BUILD_SDISTS", "Two_Words, three,,three"),
        ("RUNBAY_BUILD_REQUIREMENTS", "numpy>=1,<3\nsix"),
        ("RUNBAY_DOCKER_HOST", ""),
        ("RUNBAY_TESTS_ANYTHING", "x"),
        ("RUNBAY_LOG", "debug"),
        ("HOME", "/nowhere"),
    ];
    let config = load(&here, &variables).unwrap();
    assert_eq!(config.data_dir, here.join("from-variable"));
    assert_eq!(config.docker_host.as_deref(), Some("unix:///file.sock"));
    let limits = config.limits;
    assert_eq!(
        (limits.memory, limits.pids, limits.cpus),
        (Bytes(2 * GIB), 99, 0.5)
    );
    assert_eq!(limits.timeout, Span(Duration::from_secs(90)));
    assert_eq!(limits.network, Network::None);
    assert_eq!(config.build.sdists, ["three", "two-words"]);
    assert_eq!(config.build.requirements, ["numpy>=1,<3", "six"]);
    assert_eq!(config.base_references(config.python), ["my/python:3.12"]);

    let flags = Overrides {
        home: Some(folder.path().to_owned()),
        data_dir: Some("from-flag".into()),
        docker_host: Some("tcp://host:2375".into()),
        bind: Some("[::]:7001".parse().unwrap()),
        expose: true,
    };
    let variables = [
        ("RUNBAY_DATA_DIR", "x"),
        ("RUNBAY_HOME", "/nowhere"),
        ("RUNBAY_SERVER_BIND", "127.0.0.1:1"),
        ("RUNBAY_SERVER_EXPOSE", "false"),
        ("RUNBAY_SERVER_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
    ];
    let variables = variables.map(|(name, value)| (name.into(), value.into()));
    let config = Config::assemble(&flags, None, (variables.into(), &here)).unwrap();
    assert_eq!(config.data_dir, here.join("from-flag"));
    assert_eq!(config.docker_host.as_deref(), Some("tcp://host:2375"));
    assert_eq!(config.limits.memory, Bytes(GIB));
    assert_eq!(config.server.bind.to_string(), "[::]:7001");
    assert!(config.server.expose);
    assert_eq!(config.server.trusted_proxies.len(), 2);
    let neither = load(&here, &[("RUNBAY_SERVER_EXPOSE", "maybe")]).unwrap_err();
    assert!(neither.to_string().contains("neither true nor false"));
}

#[test]
fn home_is_the_nearest_folder_with_settings_or_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(folder.path()).unwrap();
    fs::create_dir_all(root.join("a/tasks/report/src")).unwrap();
    let found = |here: &str| load(&root.join(here), &[]).map(|config| config.home);
    assert_eq!(found("a/tasks/report/src").unwrap(), root.join("a"));
    fs::write(root.join(FILE), "").unwrap();
    assert_eq!(found("a").unwrap(), root.join("a"));
    assert_eq!(found("").unwrap(), root);

    let told = load(&root.join("a"), &[("RUNBAY_HOME", "..")]).unwrap();
    assert_eq!(told.home, root);
    let wrong = load(&root, &[("RUNBAY_HOME", "missing")])
        .unwrap_err()
        .to_string();
    assert!(wrong.starts_with("RUNBAY_HOME: "), "{wrong}");
}

#[test]
fn without_a_home_it_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let error = load(folder.path(), &[]);
    let text = error.unwrap_err().to_string();
    assert!(text.contains("--home") && text.contains("tasks/"), "{text}");
}

#[test]
fn mistakes_in_the_file_are_told_with_their_place() {
    let mistakes = [
        "tasks_dri = 'x'",
        "\n[limits]\n  memry = '1G'",
        "memory = '1G'",
        "anything = 1",
        "a = [",
        "[limits]\nmemory = '1X'",
        "[limits]\nmemory = '1K'",
        "[limits]\ncpus = nan",
        "[limits]\npids = 1",
        "[limits]\ntimeout = {}",
        "[build]\npolicy = 'whels'",
        "[build]\npolicy = 'curated'",
        "[build]\nallow = ['a b']",
        "[build]\nrequirements = ['not a requirement']",
        "[python]\ndefault = 'three'",
        "[python]\n'2.7' = 'x'",
        "docker_host = 'ssh://x'",
        "[server]\nbind = 'localhost'",
        "[server]\nexternal_url = 'runbay.example.org'",
        "[server]\nexternal_url = 'https://a'\ninsecure_http = true",
        "[server]\nallowed_hosts = ['http://a']",
        "[server]\ntrusted_proxies = ['10.0.0.0/64']",
        "extra_ca = '/nowhere.pem'",
        "data_dir = ''",
        "# ü\ntasks_dir = 'ü'; x",
    ];
    let told = mistakes.map(|text| format!("{text}\n  => {}\n", complaint(text)));
    insta::assert_snapshot!(told.join("\n"));
    let inside = complaint("data_dir = 'tasks/data'");
    assert!(inside.starts_with("runbay.toml:1:12: data_dir: is inside "));
}

#[test]
fn mistakes_in_variables_are_told_with_their_name() {
    let folder = home("[limits]\nmemory = '1G'");
    for (name, value, expected) in [
        (
            "RUNBAY_LIMIT_MEMORY",
            "1G",
            "there is no such setting: did you mean RUNBAY_LIMITS_MEMORY?",
        ),
        (
            "RUNBAY_HOEM",
            "/",
            "there is no such setting: did you mean RUNBAY_HOME?",
        ),
        (
            "RUNBAY_WHATEVER_THIS_IS",
            "1",
            "there is no such setting: unset it",
        ),
        (
            "RUNBAY_LIMITS_MEMORY",
            "lots",
            "“lots” is not a size: write bytes, or a number with K, M, G or T, such as 512M",
        ),
        (
            "RUNBAY_LIMITS_MEMORY",
            "1",
            "1 B is too little: the least is 16 MiB",
        ),
        ("RUNBAY_LIMITS_PIDS", "many", "“many” is not a number"),
        (
            "RUNBAY_LIMITS_NETWORK",
            "non",
            "there is no choice “non”: did you mean “none”?",
        ),
        (
            "RUNBAY_PYTHON_DEFAULT",
            "3.x",
            "“3.x” is not a Python version: write it as \"3.13\"",
        ),
    ] {
        let error = load(folder.path(), &[(name, value)]).unwrap_err();
        assert_eq!(error.to_string(), format!("{name}: {expected}"));
    }
}

#[test]
fn an_index_may_be_secret_and_stays_so() {
    let folder = home("");
    let secret = "https://me:hunter2@packages.example.org/simple";
    let path = folder.path().join("index");
    fs::write(&path, format!("{secret}\n")).unwrap();
    let variable = ("RUNBAY_BUILD_INDEX_URL_FILE", path.to_str().unwrap());
    let config = load(folder.path(), &[variable]).unwrap();
    let index = config.build.index_url.as_ref().unwrap();
    assert_eq!(index.secret(), secret);
    assert_eq!(index.to_string(), "https://***@packages.example.org/simple");
    assert!(!format!("{config:?}").contains("hunter2"));

    let both = load(
        folder.path(),
        &[variable, ("RUNBAY_BUILD_INDEX_URL", secret)],
    );
    let both = both.unwrap_err().to_string();
    assert!(both.contains("RUNBAY_BUILD_INDEX_URL is set too"), "{both}");
    for wrong in [
        "hunter2",
        "https://me:hunter2@/x",
        "file:///hunter2",
        "https://x/ hunter2",
    ] {
        let error = load(folder.path(), &[("RUNBAY_BUILD_INDEX_URL", wrong)]).unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
}

#[test]
fn certificates_of_the_system_are_taken_when_they_are_some() {
    let folder = home("");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(path("good.pem"), pem).unwrap();
    fs::write(path("bad.pem"), "hello").unwrap();
    let with = |variables: &[(&str, &str)]| load(folder.path(), variables);
    let good = with(&[("SSL_CERT_FILE", &path("good.pem"))]).unwrap();
    assert_eq!(good.extra_ca, Some(path("good.pem").into()));
    for name in ["bad.pem", "missing.pem"] {
        assert_eq!(
            with(&[("SSL_CERT_FILE", &path(name))]).unwrap().extra_ca,
            None
        );
        let told = with(&[("RUNBAY_EXTRA_CA", name)]).unwrap_err().to_string();
        assert!(
            told.starts_with("RUNBAY_EXTRA_CA: ") && told.contains(name),
            "{told}"
        );
    }
    assert!(
        with(&[("RUNBAY_EXTRA_CA", "good.pem")])
            .unwrap()
            .extra_ca
            .is_some()
    );
}

#[test]
fn a_file_that_is_not_text_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), b"# fine\n# \xFF").unwrap();
    let error = load(folder.path(), &[]).unwrap_err().to_string();
    assert!(
        error.ends_with("runbay.toml:2:3: is not UTF-8 text"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_text_makes_it_panic(
        table in prop_oneof!["", "\\[limits\\]\n", "\\[build\\]\n", "\\[python\\]\n"],
        key in "memory|pids|timeout|default|policy|allow|index_url|\\PC{0,8}",
        value in "['\"\\[]\\PC{0,12}['\"\\]]|[0-9.e-]{1,20}|\\PC{0,12}",
    ) {
        let folder = home(&format!("{table}{key} = {value}"));
        if let Err(error) = load(folder.path(), &[("RUNBAY_LIMITS_SCRATCH", &value)]) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn every_setting_is_told_with_its_source_and_without_passwords() {
    let folder = home("tasks_dir = \"t\"\n[limits]\npids = 99\n");
    let index = (
        "RUNBAY_BUILD_INDEX_URL",
        "https://me:hunter2@index.example/simple",
    );
    let config = load(folder.path(), &[index]).unwrap();
    let of = |key: &str| {
        let found = config.settings.iter().find(|setting| setting.key == key);
        let found = found.unwrap_or_else(|| panic!("{key} is not told"));
        (found.value.to_string(), found.source.as_str())
    };
    assert_eq!(of("tasks_dir"), ("\"t\"".to_owned(), FILE));
    assert_eq!(of("limits.pids"), ("99".to_owned(), FILE));
    assert_eq!(of("limits.memory").1, "default");
    assert_eq!(of("build.index_url").1, "RUNBAY_BUILD_INDEX_URL");
    assert!(
        !serde_json::to_string(&config.settings)
            .unwrap()
            .contains("hunter2")
    );
    let told = |key: &&str| *key != "python.default" && key.contains('.');
    for key in layers::keys().filter(told) {
        of(key);
    }
}
