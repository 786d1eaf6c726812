use super::Place;
use crate::catalogue::{CatalogueError, Tree, snapshot, write_tar};
use proptest::prelude::*;
use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, SystemTime};

fn tree(place: &Place) -> Result<Tree, CatalogueError> {
    snapshot(&place.task("job"))
}

fn paths(tree: &Tree) -> Vec<&str> {
    tree.files.iter().map(|file| file.path.as_str()).collect()
}

fn refused(place: &Place) -> String {
    tree(place).unwrap_err().to_string()
}

#[test]
fn what_a_run_does_not_need_stays_out() {
    let place = Place::new();
    for file in [
        "main.py",
        "task.toml",
        "lib/a.py",
        "lib/a.pyc",
        "lib/__pycache__/a.cpython-311.pyc",
        ".git/config",
        ".venv/pyvenv.cfg",
        ".venv/bin/python",
        "tools/myenv/pyvenv.cfg",
        "tools/x.py",
        "data/big.csv",
        "data/keep.csv",
        "secret.key",
        ".env",
    ] {
        place.put(&format!("tasks/job/{file}"), "");
    }
    place.put("tasks/job/.gitignore", "*.key\ndata/*\n");
    place.put("tasks/job/.runbayignore", "!data/keep.csv\n");
    // None of these speak for the task.
    place.put("tasks/.gitignore", "lib\n");
    place.put(".ignore", "lib\n");
    place.put("tasks/job/.ignore", "lib\n");
    let tree = tree(&place).unwrap();
    assert_eq!(
        paths(&tree),
        [
            ".env",
            ".gitignore",
            ".ignore",
            ".runbayignore",
            "data/keep.csv",
            "lib/a.py",
            "main.py",
            "task.toml",
            "tools/x.py",
        ]
    );
}

#[test]
fn links_stay_inside() {
    let place = Place::new();
    place.put("tasks/job/main.py", "abc");
    place.put("outside.txt", "secret");
    let link = place.path("tasks/job/link");
    let with = |target: &str| {
        let _ = fs::remove_file(&link);
        symlink(target, &link).unwrap();
    };
    with("main.py");
    let inside = tree(&place).unwrap();
    assert_eq!(inside.files[0].digest, inside.files[1].digest);
    for (target, said) in [
        (
            "../../outside.txt",
            "link: is a link that leads out of the folder",
        ),
        ("/etc/passwd", "leads out of the folder"),
        ("/", "leads out of the folder"),
        ("..", "leads out of the folder"),
        (".", "is a link to a folder"),
        ("gone", "is a link to nothing"),
        ("link", "is a link to nothing"),
    ] {
        with(target);
        assert!(
            refused(&place).contains(said),
            "{target}: {}",
            refused(&place)
        );
    }
    let absolute = place.path("tasks/job/main.py");
    with(absolute.to_str().unwrap());
    assert!(refused(&place).contains("leads out of the folder"));
    place.put("tasks/job/.runbayignore", "/link\n");
    tree(&place).unwrap();
}

#[test]
fn only_regular_files_with_utf8_names() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    let fifo = place.path("tasks/job/pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    assert!(refused(&place).starts_with("pipe: is not a file but a pipe"));
    fs::remove_file(&fifo).unwrap();
    let odd = place
        .path("tasks/job")
        .join(std::ffi::OsStr::from_bytes(b"a\xffb"));
    fs::write(&odd, "").unwrap();
    assert_eq!(
        refused(&place),
        "a\u{fffd}b: its name is not UTF-8: rename it"
    );
}

#[test]
fn a_huge_file_is_refused_unread() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    let big = File::create(place.path("tasks/job/big.bin")).unwrap();
    big.set_len(2 << 30).unwrap();
    let fault = refused(&place);
    assert_eq!(
        fault,
        "job holds more than 1 GiB of files: name what a run does not need in .runbayignore"
    );
    place.put("tasks/job/.runbayignore", "*.bin\n");
    assert_eq!(tree(&place).unwrap().files.len(), 2);
}

#[test]
fn too_many_files_are_refused() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    for at in 0..20_000 {
        File::create(place.path(&format!("tasks/job/{at}"))).unwrap();
    }
    assert!(refused(&place).contains("more than 20000 files and folders"));
}

#[test]
fn a_malformed_ignore_file_is_told() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    place.put("tasks/job/.runbayignore", "ok\na{b\n");
    assert!(
        refused(&place).contains("ignore file"),
        "{}",
        refused(&place)
    );
}

#[test]
fn the_digest_sees_content_mode_and_name() {
    let place = Place::new();
    let main = place.put("tasks/job/main.py", "a");
    let digest = || tree(&place).unwrap().digest;
    let first = digest();
    fs::write(&main, "b").unwrap();
    let second = digest();
    fs::set_permissions(&main, Permissions::from_mode(0o755)).unwrap();
    let third = digest();
    fs::rename(&main, place.path("tasks/job/task.py")).unwrap();
    let fourth = digest();
    fs::write(place.path("tasks/job/task.toml"), "timeout = 3").unwrap();
    let all = [first, second, third, fourth, digest()];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one), "{at}");
    }
}

#[test]
fn an_archive_is_normal_and_whole() {
    let place = Place::new();
    place.put("tasks/job/main.py", "print(1)");
    let deep = format!("tasks/job/{}/x.py", ["name"; 40].join("/"));
    let run = place.put(&deep, "x");
    fs::set_permissions(&run, Permissions::from_mode(0o700)).unwrap();
    let tree = tree(&place).unwrap();
    let write = || {
        let mut bytes = Vec::new();
        write_tar(&tree, "opt/task", 10001, 10002, &mut bytes).unwrap();
        bytes
    };
    let bytes = write();
    File::options()
        .write(true)
        .open(&run)
        .unwrap()
        .set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(5))
        .unwrap();
    assert_eq!(bytes, write());

    let mut archive = tar::Archive::new(&bytes[..]);
    let mut seen = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header();
        assert_eq!(header.mtime().unwrap(), 0);
        assert_eq!(
            (header.uid().unwrap(), header.gid().unwrap()),
            (10001, 10002)
        );
        let mode = header.mode().unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let folder = path.ends_with('/');
        assert_eq!(
            mode,
            if folder || path.ends_with("x.py") {
                0o755
            } else {
                0o644
            },
            "{path}"
        );
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        seen.push((path, content));
    }
    assert_eq!(seen[0].0, "opt/");
    assert_eq!(seen[1].0, "opt/task/");
    assert_eq!(seen.len(), 2 + 40 + 2);
    assert!(seen.contains(&("opt/task/main.py".to_owned(), "print(1)".to_owned())));
    assert!(
        seen.last().unwrap().0.ends_with("name/x.py"),
        "{:?}",
        seen.last()
    );
}

#[test]
fn an_archive_of_changed_files_is_refused() {
    let place = Place::new();
    let main = place.put("tasks/job/main.py", "print(1)");
    let tree = tree(&place).unwrap();
    let write = || write_tar(&tree, "", 0, 0, &mut std::io::sink());
    write().unwrap();
    for content in ["print(2)", "print(1)longer", "short", ""] {
        fs::write(&main, content).unwrap();
        let fault = write().unwrap_err();
        assert!(
            matches!(fault, CatalogueError::ChangedDuringRead { .. }),
            "{content}: {fault}"
        );
    }
    fs::remove_file(&main).unwrap();
    assert!(matches!(
        write(),
        Err(CatalogueError::ChangedDuringRead { .. })
    ));
    place.put("other", "print(1)");
    symlink(place.path("other"), &main).unwrap();
    assert!(write().is_err(), "a file that became a link was followed");
}

#[test]
fn a_single_file_is_a_tree_of_one() {
    let place = Place::new();
    place.put("tasks/one.py", "print(1)");
    place.put("tasks/other.txt", "");
    let tree = snapshot(&place.task("one")).unwrap();
    assert_eq!(paths(&tree), ["one.py"]);
    assert_eq!(tree.bytes, 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_digest_ignores_order_and_time(
        files in proptest::collection::btree_map("[a-zA-Z]{1,3}(/[a-z]{4,5})?", "[a-z]{0,9}", 1..8),
        seconds in 0u64..2_000_000_000,
    ) {
        let (one, other) = (Place::new(), Place::new());
        for place in [&one, &other] {
            place.put("tasks/job/main.py", "");
        }
        for (path, content) in &files {
            one.put(&format!("tasks/job/{path}.txt"), content);
        }
        for (path, content) in files.iter().rev() {
            let path = other.put(&format!("tasks/job/{path}.txt"), content);
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        }
        prop_assert_eq!(tree(&one).unwrap().digest, tree(&other).unwrap().digest);
    }
}
