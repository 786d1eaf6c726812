use crate::catalogue::parse_requirements;
use proptest::prelude::*;
use std::path::Path;

fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<String>, String> {
    let file = Path::new("tasks/x/requirements.txt");
    match parse_requirements(bytes.as_ref(), file) {
        Ok(lines) => Ok(lines.iter().map(|line| line.line()).collect()),
        Err(problems) => {
            let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
            Err(lines.join("\n"))
        }
    }
}

#[test]
fn lines_are_read_as_the_installer_reads_them() {
    let hash = "a".repeat(64);
    let text = format!(
        "\u{feff}# top\r\nFlask_Login >= 2, < 3 # why\r\n\r\nrequests[security,socks]==2.31.0 ; python_version >= '3.8' \\\r\n    --hash=sha256:{hash} \\\r\n    --hash sha256:{hash}\r\nzope.interface\nabc#d\n"
    );
    let fault = read(text.replace("abc#d\n", "")).unwrap();
    assert_eq!(
        fault,
        [
            "flask-login>=2,<3".to_owned(),
            format!(
                "requests[security,socks]==2.31.0 ; python_full_version >= '3.8' --hash=sha256:{hash}"
            ),
            "zope-interface".to_owned(),
        ]
    );
    assert!(
        read(text)
            .unwrap_err()
            .contains(":8:1: “abc#d” is not a requirement")
    );
}

const REFUSED: &[(&str, &str)] = &[
    (
        "-r base.txt",
        "the option `-r` is not allowed (write its lines here)",
    ),
    ("-rbase.txt", "`-r`"),
    ("--requirement=base.txt", "`--requirement`"),
    ("-c c.txt", "`-c`"),
    ("-e .", "`-e`"),
    ("-egit+https://x/y", "`-e`"),
    ("--editable .", "`--editable`"),
    ("-i https://u:p@x", "`-i`"),
    ("-ihttps://u:p@x", "`-i`"),
    (
        "--index-url https://u:p@x",
        "`--index-url` is not allowed (remove it: the index",
    ),
    ("--extra-index-url=https://u:p@x", "`--extra-index-url`"),
    ("--pypi-url x", "`--pypi-url`"),
    ("-f dir", "`-f`"),
    ("--find-links dir", "`--find-links`"),
    ("--no-index", "`--no-index`"),
    ("--no-binary=:all:", "`--no-binary`"),
    ("--no-binary :all:", "`--no-binary`"),
    ("--only-binary=:none:", "`--only-binary`"),
    ("--prefer-binary", "`--prefer-binary`"),
    ("--require-hashes", "`--require-hashes`"),
    ("--trusted-host x", "`--trusted-host`"),
    ("--pre", "`--pre`"),
    ("--use-feature=x", "`--use-feature`"),
    (
        "--no-bin :all:",
        "unknown option `--no-bin` (`--no-binary` is not allowed either",
    ),
    ("-", "unknown option `-`"),
    ("a --no-binary", "`--no-binary`"),
    ("a==1 --global-option=x", "`--global-option`"),
    ("a==1 --config-settings x=y", "`--config-settings`"),
    ("a==1 --hash=md5:00", "another kind than sha256"),
    ("a==1 --hash=sha256:00", "64 hex digits"),
    ("a==1 --hash", "another kind than sha256"),
    ("https://u:p@x/a.whl", "packages from a URL are not allowed"),
    ("a @ https://u:p@x/a.whl", "from a URL"),
    ("a@https://u:p@x/a.whl", "from a URL"),
    ("a @ file:///x", "from a URL"),
    ("a @ ./x", "from a URL"),
    ("file:x", "from a URL"),
    ("git+https://u:p@x/y", "from version control"),
    ("git+ssh://git@x/y", "from version control"),
    ("a @ hg+https://x/y", "from version control"),
    (".", "from a path"),
    ("./a", "from a path"),
    ("../a", "from a path"),
    ("/abs/a", "from a path"),
    ("~/a", "from a path"),
    ("a/b", "from a path"),
    ("C:\\a", "from a path"),
    ("a-1.0-py3-none-any.whl", "from a path"),
    ("a.tar.gz", "from a path"),
    ("a==${VERSION}", "environment variables are not expanded"),
    ("${PKG}", "environment variables"),
    ("a=1", "write `==` for an exact version"),
    ("a==1==2", "is not a requirement"),
    ("a b", "is not a requirement"),
    ("a >= banana", "is not a requirement"),
    ("a ; banana", "is not a requirement"),
    (
        "a ; python_version < '3' and python_version > '4'",
        "its marker is never true",
    ),
    ("a\u{b}b", "control character"),
    ("a\rb", "control character"),
    ("é", "is not a requirement"),
];

#[test]
fn everything_that_leads_elsewhere_is_refused() {
    for (line, said) in REFUSED {
        let fault = read(format!("ok\n{line}\n")).expect_err(line);
        assert!(
            fault.starts_with("tasks/x/requirements.txt:2:1: "),
            "{line}: {fault}"
        );
        assert!(fault.contains(said), "{line}: {fault}");
        assert!(!fault.contains("u:p"), "a password was repeated: {fault}");
        assert_eq!(fault.lines().count(), 1, "{fault}");
    }
}

#[test]
fn a_continuation_hides_nothing() {
    let fault = read("a \\\n  --no-binary=:all:\n").unwrap_err();
    assert!(fault.contains(":1:1: the option `--no-binary`"), "{fault}");
    assert!(
        read("--no-\\\nbinary=:all:\n")
            .unwrap_err()
            .contains("`--no-binary`")
    );
    assert!(read("# note \\\n-r x\n").unwrap_err().contains(":2:1:"));
    assert_eq!(read("a\\").unwrap(), ["a"]);
}

#[test]
fn files_that_are_not_text_name_the_line() {
    assert!(
        read(b"a\nb\xff\n")
            .unwrap_err()
            .contains(":2: this line is not UTF-8")
    );
    assert!(
        read(b"a\n\nb\0\n")
            .unwrap_err()
            .contains(":3: this line holds a NUL")
    );
    assert!(read(b"\xff\xfea\0").unwrap_err().contains(":1: is UTF-16"));
}

#[test]
fn contradicting_pins_name_both_lines() {
    let fault = read("A==1\nb\na==2\n").unwrap_err();
    assert_eq!(
        fault,
        "tasks/x/requirements.txt:3:1: a is pinned to 2 here and to 1 at requirements.txt:1 (keep one of them)"
    );
    let both = "a==1 ; python_version < '3.10'\na==2 ; python_version >= '3.10'\n";
    assert_eq!(read(both).unwrap().len(), 2);
    assert_eq!(read("a==1\nA == 1\na>=1\n").unwrap(), ["a==1", "a>=1"]);
    assert_eq!(read("a==1\na==1.0\n").unwrap().len(), 2);
}

#[test]
fn deep_and_long_lines_are_refused_without_harm() {
    let deep = format!("a ; {}os_name == 'x'", "(".repeat(50_000));
    assert!(read(deep).is_err());
    let long = format!("a ; {}", "os_name == 'x' or ".repeat(10_000));
    assert!(read(long).is_err());
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Za-z][A-Za-z0-9._-]{0,8}(\\[[a-z]{1,4}(,[a-z]{1,4})?\\])? ?(==|>=|<|~=|!=|===)? ?[0-9]{1,3}(\\.[0-9]{1,2}){0,3}(\\.\\*|rc1|\\.post2|\\+local)?( ?, ?<[0-9]{1,2})?( ; (python_version|sys_platform|os_name|extra) (<|>=|==|!=|in) ['\"](3\\.[0-9]{1,2}|linux|win32|x)['\"]( (and|or) python_version < '3\\.1[0-9]')?)?",
        1 => "[A-Za-z][A-Za-z0-9_-]{0,8} --hash=sha256:[0-9a-fA-F]{64}",
        1 => "\\PC{0,30}",
        1 => "[-a-z@;/\\\\#$\\{\\}\\[\\]()=<>~!,' \\t]{0,24}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn accepted_lines_read_back_as_themselves(lines in proptest::collection::vec(line(), 0..5)) {
        let text = lines.join("\n");
        let file = Path::new("r.txt");
        match parse_requirements(text.as_bytes(), file) {
            Ok(accepted) => {
                let again: Vec<_> = accepted.iter().map(|one| one.line()).collect();
                let read = parse_requirements(again.join("\n").as_bytes(), file);
                let read = read.map_err(|faults| TestCaseError::fail(format!("{again:?}: {faults:?}")))?;
                let read: Vec<_> = read.iter().map(|one| one.line()).collect();
                prop_assert_eq!(again, read);
            }
            Err(problems) => {
                let count = text.split('\n').count();
                for problem in problems {
                    let line = problem.line.expect("a refused line has a number");
                    prop_assert!((1..=count).contains(&(line as usize)), "{}", problem);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse_requirements(&bytes, Path::new("r.txt"));
    }

    #[test]
    fn no_accepted_line_leads_elsewhere(line in line()) {
        if let Ok(lines) = parse_requirements(line.as_bytes(), Path::new("r.txt")) {
            for one in lines {
                prop_assert!(!one.text.contains("://") && !one.text.contains(" @ "));
                prop_assert!(!one.text.starts_with('-') && !one.text.contains("--"));
            }
        }
    }
}

#[test]
fn old_spellings_of_markers_are_normalised_at_once() {
    let text = "a ; sys.platform != 'w' and sys_platform != 'x'";
    let once = read(text).unwrap();
    assert_eq!(once, read(once.join("\n")).unwrap());
}

#[test]
fn names_the_library_stumbles_over_are_refused() {
    for line in [
        "a- 0",
        "a_",
        "a.[x]",
        "a[b-]",
        "a[b, c_]>1",
        "a-;os_name=='x'",
        "a[b-",
        "a[b. 'x'",
        "a[b `c-]",
        "a ; os_name == 'x'r.bz2ܜ",
        "a ; os_name == 'é'",
    ] {
        assert!(read(line).is_err(), "{line}");
    }
}
