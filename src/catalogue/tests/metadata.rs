use super::{Place, texts};
use crate::catalogue::{BadBlock, script_block, write_block};
use crate::domain::task::RequirementSource;
use proptest::prelude::*;

#[test]
fn a_block_is_found_as_the_standard_says() {
    let block = script_block("x = 1\n# /// script\n# a = 1\n#\n# b = 2\n# ///\nprint()\n");
    let block = block.unwrap().unwrap();
    assert_eq!(block.toml, "a = 1\n\nb = 2\n");
    assert_eq!(block.first_line, 3);
    // The last closing line of the comment counts.
    let block = script_block("# /// script\n# x = '''\n# ///\n# '''\n# ///\n").unwrap();
    assert_eq!(block.unwrap().toml, "x = '''\n///\n'''\n");
    // Other blocks are passed over, with what looks like ours in them.
    let other = "# /// other\n# /// script\n# ///\n# ///\n";
    assert_eq!(script_block(other), Ok(None));
    for none in [
        "",
        "#/// script\n# ///\n",
        "# /// script \n# ///\n",
        " # /// script\n # ///\n",
    ] {
        assert_eq!(script_block(none), Ok(None), "{none:?}");
    }
    assert_eq!(
        script_block("\n# /// script\n# a = 1\nx\n# ///\n"),
        Err(BadBlock::Open(2))
    );
    let twice = "# /// script\n# ///\n\n# /// script\n# ///\n";
    assert_eq!(script_block(twice), Err(BadBlock::Second(4, 1)));
}

#[test]
fn windows_line_ends_are_read() {
    let block = script_block("# /// script\r\n# a = 1\r\n# ///\r\n")
        .unwrap()
        .unwrap();
    assert_eq!(block.toml, "a = 1\n");
}

#[test]
fn metadata_keys_are_checked() {
    let place = Place::new();
    place.put("tasks/x.py", "# /// script\n# dependancies = ['a']\n# requires-python = 'new'\n# [tool.uv]\n# index-url = 'https://x'\n# ///\n");
    let faults = place.faults("x");
    assert!(faults.contains("tasks/x.py:2:3: unknown key `dependancies` of script metadata (did you mean `dependencies`?)"), "{faults}");
    assert!(
        faults.contains("tasks/x.py:3:3: `requires-python`: “new” is not a version range"),
        "{faults}"
    );
    assert!(
        faults.contains("tasks/x.py:5:3: `index-url` of [tool.uv] is not allowed"),
        "{faults}"
    );
}

const LOCK: &str = r#"
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "job"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "click" },
    { name = "uvicorn", extra = ["standard"] },
]
[package.dev-dependencies]
dev = [{ name = "pytest" }]

[[package]]
name = "click"
version = "8.1.7"
source = { registry = "https://index.example/simple" }
dependencies = [{ name = "colorama", marker = "sys_platform == 'win32'" }]
sdist = { url = "https://x/click.tar.gz", hash = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", size = 1 }
wheels = [{ url = "https://x/click.whl", hash = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", size = 1 }]

[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://index.example/simple" }

[[package]]
name = "httptools"
version = "0.6.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "pytest"
version = "8.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "uvicorn"
version = "0.30.0"
source = { registry = "https://index.example/simple" }
[package.optional-dependencies]
standard = [{ name = "httptools" }]
"#;

#[test]
fn a_lock_gives_the_pins_of_a_run() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    place.put(
        "tasks/job/pyproject.toml",
        "[project]\ndependencies = ['click>=8', 'uvicorn[standard]']\n[tool.uv.sources]\n",
    );
    place.put("tasks/job/uv.lock", LOCK);
    let task = place.task("job");
    assert_eq!(task.requirements.source, Some(RequirementSource::UvLock));
    assert_eq!(
        texts(&task),
        [
            "click==8.1.7",
            "colorama==0.4.6 ; sys_platform == 'win32'",
            "httptools==0.6.0",
            "uvicorn==0.30.0"
        ]
    );
    assert_eq!(task.requirements.lines[0].hashes.len(), 2);

    place.put(
        "tasks/job/pyproject.toml",
        "[project]\ndependencies = ['click>=9']",
    );
    assert!(
        place
            .faults("job")
            .contains("is older than pyproject.toml: it does not answer `click>=9`")
    );
    place.put(
        "tasks/job/pyproject.toml",
        "[project]\ndependencies = ['click']",
    );
    for (from, to, said) in [
        ("version = 1\n", "version = 2\n", "has format 2"),
        (
            "registry = \"https://index.example/simple\" }\n\n[[package]]\nname = \"httptools\"",
            "git = \"https://x\" }\n\n[[package]]\nname = \"httptools\"",
            "colorama does not come from an index",
        ),
        (
            "name = \"colorama\"\n",
            "name = \"other\"\n",
            "colorama is needed and not locked",
        ),
        (
            "virtual = \".\"",
            "virtual = \"../x\"",
            "does not lock the project",
        ),
        ("[[package]]", "[[package", "uv.lock:6:"),
    ] {
        assert!(LOCK.contains(from));
        place.put("tasks/job/uv.lock", LOCK.replacen(from, to, 1));
        let faults = place.faults("job");
        assert!(faults.contains(said), "{to}: {faults}");
    }
}

proptest! {
    #[test]
    fn a_written_block_reads_back(
        before in "(x = [0-9]{1,3}\n){0,3}",
        toml in "([ -~é]{0,20}\n){0,6}",
        after in "(y = [0-9]{1,3}\n){0,3}",
    ) {
        let source = format!("{before}{}{after}", write_block(&toml));
        let block = script_block(&source).unwrap().expect("it was just written");
        prop_assert_eq!(&block.toml, &toml);
        prop_assert_eq!(&source[..block.span.start], before);
        prop_assert_eq!(&source[block.span.end..], after);
    }

    #[test]
    fn any_source_is_read_or_refused(source in "((# ///|# /// script|# [a-z]{0,5} = 1|#|x = 1|\\PC{0,9})\r?\n){0,9}") {
        if let Ok(Some(block)) = script_block(&source) {
            prop_assert!(source[block.span].starts_with("# /// script"));
        }
    }
}
