//! Backups of a folder in use, put back elsewhere; the service's own; and what a
//! service does whose database is damaged.

use crate::home::{Child, Home, eventually, home};
use crate::stage::{an_hour_later, container, recorded_name};
use runbay::domain::ids::RunId;
use runbay::store::Store;
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `runbay backup … restore` into an empty folder of its own; what it said.
fn put_back(home: &Home, file: &Path, into: &Path, args: &[&str]) -> crate::home::Said {
    let mut command = restore(home, into, file.to_str().unwrap());
    command.args(args);
    Child::spawn(command).end()
}

fn restore(home: &Home, into: &Path, file: &str) -> Command {
    // The home of the command is that of the test: it is another one here.
    let mut command = Command::new(home.command(&[]).get_program());
    command
        .arg("--home")
        .arg(into)
        .args(["backup", "restore", file])
        .env("NO_COLOR", "1")
        .env_remove("RUNBAY_HOME");
    command
}

/// The names of what is in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn made(home: &Home, name: &str, args: &[&str]) -> PathBuf {
    let file = home.path().join(name);
    let said = home.runbay(&[&["backup", file.to_str().unwrap()], args].concat());
    said.exits(0);
    file
}

#[test]
fn all_that_people_made_comes_back_and_nothing_begins_by_itself() {
    home(|home| {
        home.task("one", "print('hello')");
        home.task_file("one", "task.toml", "[[schedules]]\nwhen = \"* * * * *\"\n");
        std::os::unix::fs::symlink("main.py", home.path().join("tasks/one/again.py")).unwrap();
        home.run(&["one"]).0.exits(0);
        home.runbay(&["pin", "one"]).exits(0);
        let run = home.last("one").unwrap();
        assert!(run.pinned);
        home.runbay(&["var", "set", "COLOUR=blue"]).exits(0);
        let file = made(home, "all.backup", &["--logs"]);
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let again = home.runbay(&["backup", file.to_str().unwrap()]);
        again.exits(75).tells("is there already");
        let checked = home.runbay(&["backup", "check", file.to_str().unwrap()]);
        assert!(checked.exits(0).out.contains("is sound"), "{checked}");

        let elsewhere = tempfile::tempdir().unwrap();
        let said = put_back(home, &file, elsewhere.path(), &[]);
        said.exits(0).tells("all schedules are paused");
        let read = |path: &str| fs::read(elsewhere.path().join(path)).unwrap();
        assert_eq!(read("tasks/one/main.py"), b"print('hello')");
        let all = ["data", "runbay.toml", "tasks"];
        assert_eq!(names(elsewhere.path()), all, "nothing else is left");
        let link = fs::read_link(elsewhere.path().join("tasks/one/again.py")).unwrap();
        assert_eq!(link, Path::new("main.py"));
        assert!(!elsewhere.path().join("keys").exists());
        let log = format!("data/logs/{}-1.log", run.id);
        assert_eq!(read(&log), fs::read(home.path().join(&log)).unwrap());
        let store = Store::open(&elsewhere.path().join("data/runbay.db")).unwrap();
        home.wait(async {
            assert_eq!(store.run(run.id).await.unwrap(), run);
            assert!(store.all_paused().await.unwrap().is_some());
            assert_eq!(store.instance(), home.store.instance());
            assert_eq!(store.check().await.unwrap(), [""; 0]);
        });
        // A second time there is something that would be lost.
        let twice = put_back(home, &file, elsewhere.path(), &[]);
        twice
            .exits(75)
            .tells("holds files, and nothing is overwritten");
        let database = put_back(home, &file, elsewhere.path(), &["--database"]);
        database
            .exits(0)
            .tells("the database that was there is kept");
    });
}

/// As in a container: the data and the templates are outside of the home folder,
/// what is written is on file systems of its own, and the backup comes by a pipe.
#[test]
fn it_comes_by_standard_input_and_leaves_the_templates_of_the_program() {
    home(|home| {
        home.task("one", "print('hello')");
        home.settings("[limits]\npids = 77\n");
        for name in ["data", "mine"] {
            let path = format!("images/{name}/template.toml");
            home.write(&path, "requirements = [\"six\"]\n");
        }
        let file = made(home, "all.backup", &[]);
        let elsewhere = tempfile::tempdir().unwrap();
        let place = |name: &str| elsewhere.path().join(name);
        fs::create_dir_all(place("images/data")).unwrap();
        fs::write(place("images/data/template.toml"), "newer").unwrap();
        let other = std::env::temp_dir().metadata().unwrap();
        let far = tempfile::tempdir_in("/dev/shm").ok();
        let far = far.filter(|far| {
            use std::os::unix::fs::MetadataExt as _;
            far.path().metadata().unwrap().dev() != other.dev()
        });
        let tasks = far.as_ref().map_or(place("tasks"), |far| far.path().into());
        let mut command = restore(home, &place("home"), "-");
        command
            .stdin(fs::File::open(&file).unwrap())
            .env("RUNBAY_DATA_DIR", place("data"))
            .env("RUNBAY_TASKS_DIR", &tasks)
            .env("RUNBAY_IMAGES_DIR", place("images"));
        let said = command.output().unwrap();
        let told = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success(), "{told}");
        assert!(told.contains("the backup has others: mine."), "{told}");
        assert_eq!(names(&place("home")), ["runbay.toml"]);
        assert_eq!(names(&tasks), ["one"]);
        assert_eq!(names(&place("images")), ["data"]);
        let template = fs::read(place("images/data/template.toml")).unwrap();
        assert_eq!(template, b"newer");
        let data = names(&place("data"));
        assert!(data.contains(&"runbay.db".to_owned()), "{data:?}");
        assert!(!data.iter().any(|name| name.starts_with('.')), "{data:?}");
    });
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    home(|home| {
        home.task("one", "print('hello')");
        let file = made(home, "all.backup", &[]);
        let elsewhere = tempfile::tempdir().unwrap();
        let task = elsewhere.path().join("tasks/mine.py");
        fs::create_dir(task.parent().unwrap()).unwrap();
        fs::write(&task, "print('mine')").unwrap();
        let said = put_back(home, &file, elsewhere.path(), &[]);
        said.exits(75).tells("holds files");
        assert_eq!(names(elsewhere.path()), ["tasks"]);
        assert_eq!(names(task.parent().unwrap()), ["mine.py"]);
    });
}

#[test]
fn a_backup_is_of_one_moment_while_runs_go_on() {
    home(|home| {
        home.task(
            "one",
            "import time\nprint('up', flush=True)\ntime.sleep(600)",
        );
        home.runbay(&["run", "-d", "one"]).exits(0);
        let going = home.until_printed("one", "up");
        let file = made(home, "live.backup", &[]);
        home.runbay(&["cancel", "one"]).exits(0);
        home.until("one", |run| run.outcome.is_some());
        let elsewhere = tempfile::tempdir().unwrap();
        put_back(home, &file, elsewhere.path(), &[]).exits(0);
        let store = Store::open(&elsewhere.path().join("data/runbay.db")).unwrap();
        let then = home.wait(store.run(going.id)).unwrap();
        assert_eq!(then.outcome, None, "as it was when the backup was made");
        assert!(!elsewhere.path().join("data/logs").exists());
    });
}

#[test]
fn what_is_cut_short_or_changed_is_refused_before_anything_moves() {
    home(|home| {
        home.task("one", "print('hello')");
        let file = made(home, "whole.backup", &[]);
        let whole = fs::read(&file).unwrap();
        let bad = |name: &str, bytes: &[u8]| home.write(name, bytes);
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x40;
        let cases = [
            bad("short", &whole[..whole.len() - 20]),
            bad("half", &whole[..whole.len() / 2]),
            bad("flipped", &flipped),
            bad("other", b"no backup at all"),
            bad("empty", b""),
            bad("foreign", &zstd::encode_all(&b"words"[..], 1).unwrap()),
        ];
        for file in cases {
            let elsewhere = tempfile::tempdir().unwrap();
            let said = put_back(home, &file, elsewhere.path(), &[]);
            said.exits(65).tells("is no whole backup");
            assert!(!elsewhere.path().join("data/runbay.db").exists(), "{said}");
            assert!(!elsewhere.path().join("tasks").exists(), "{said}");
            let checked = home.runbay(&["backup", "check", file.to_str().unwrap()]);
            checked.exits(65);
        }
    });
}

#[test]
fn secrets_come_back_with_the_key_that_is_kept_apart() {
    home(|home| {
        let mut set = home.command(&["secret", "set", "TOKEN", "--file"]);
        set.arg(home.write("value", "s3cret-value"));
        Child::spawn(set).end().exits(0);
        let said = home.runbay(&["backup", home.path().join("b").to_str().unwrap()]);
        said.exits(0)
            .tells("the key that opens its secrets is not in it");
        let elsewhere = tempfile::tempdir().unwrap();
        let said = put_back(home, &home.path().join("b"), elsewhere.path(), &[]);
        said.exits(0).tells("put your copy of it at");
        let unpacked = zstd::decode_all(fs::File::open(home.path().join("b")).unwrap()).unwrap();
        let has = |text: &[u8]| unpacked.windows(text.len()).any(|part| part == text);
        assert!(!has(b"s3cret-value") && !has(b"runbay-key-1:"));
    });
}

/// As where a task was copied into a volume with the owner it had elsewhere.
#[test]
fn what_cannot_be_read_is_named_and_what_is_left_of_others_passed_over() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;
    home(|home| {
        home.task("one", "print('hello')");
        home.write("tasks/.deleted-0123/main.py", "print('gone')");
        home.write("tasks/.restoring-0123/main.py", "print('half')");
        let file = made(home, "all.backup", &[]);
        let mut unpacked =
            tar::Archive::new(zstd::Decoder::new(fs::File::open(file).unwrap()).unwrap());
        let entries = unpacked.entries().unwrap();
        let paths = entries.map(|entry| entry.unwrap().path().unwrap().into_owned());
        let paths: Vec<_> = paths.filter(|path| path.starts_with("tasks")).collect();
        let own = ["tasks/", "tasks/one/", "tasks/one/main.py"].map(PathBuf::from);
        assert_eq!(paths, own);
        let task = home.path().join("tasks/one");
        set_permissions(&task, Permissions::from_mode(0o000)).unwrap();
        let target = home.path().join("none.backup");
        let command = home.unprivileged(&["backup", target.to_str().unwrap()]);
        let said = Child::spawn(command).end();
        let path = task.display();
        said.exits(74)
            .tells(&format!("since {path} cannot be read by user"));
        assert!(!target.exists());
        set_permissions(&task, Permissions::from_mode(0o755)).unwrap();
    });
}

fn get(at: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {at}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_damaged_database_is_told_of_and_a_backup_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    home(|home| {
        home.task("one", "print('hello')");
        home.run(&["one"]).0.exits(0);
        let file = made(home, "good.backup", &[]);
        // A home of its own, whose database nobody else has open.
        put_back(home, &file, folder.path(), &[]).exits(0);
        let at_home = |args: &[&str]| {
            let mut command = Command::new(home.command(&[]).get_program());
            command.arg("--home").arg(folder.path()).args(args);
            command.env("NO_COLOR", "1");
            command
        };
        let database = folder.path().join("data/runbay.db");
        let mut bytes = fs::read(&database).unwrap();
        for byte in &mut bytes[3 * 4096..9 * 4096] {
            *byte = 0xA5;
        }
        fs::write(&database, &bytes).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = port.local_addr().unwrap().to_string();
        drop(port);
        let served = Child::spawn(at_home(&["-v", "serve", "--bind", &at]));
        eventually("it answers", || TcpStream::connect(&at).is_ok());
        let answer = get(&at, "/api/v1/runs");
        assert!(answer.starts_with("HTTP/1.0 503"), "{answer}");
        let name = database.to_str().unwrap();
        assert!(
            answer.contains(name) && answer.contains("backup restore"),
            "{answer}"
        );
        assert!(get(&at, "/livez").starts_with("HTTP/1.0 200"));
        assert_eq!(fs::read(&database).unwrap(), bytes, "nothing is written");
        // Somebody serves: first that one has to end.
        put_back(home, &file, folder.path(), &["--database"]).exits(75);
        served.signal(Signal::TERM);
        served.end().exits(74).tells("is damaged");
        put_back(home, &file, folder.path(), &["--database"]).exits(0);
        let said = Child::spawn(at_home(&["ps", "--all"])).end();
        assert!(said.exits(0).out.contains("one"), "{said}");
        let kept = fs::read_dir(folder.path().join("data")).unwrap();
        let kept = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert!(kept.into_iter().any(|name| name.contains("before-")));
    });
}

#[test]
fn the_service_keeps_as_many_nights_as_it_is_told() {
    home(|home| {
        home.settings("[backup]\nnightly = 2\n");
        for stamp in ["20250101T030000Z", "20250102T030000Z", "20250103T030000Z"] {
            home.write(&format!("data/backups/runbay-{stamp}.backup"), "old");
        }
        home.write("data/backups/mine.backup", "somebody's");
        let app = runbay::config::Overrides {
            home: Some(home.path().to_owned()),
            ..runbay::config::Overrides::default()
        };
        let config = runbay::config::Config::load(&app).unwrap();
        let app = runbay::service::App::open(config).unwrap();
        let now = chrono::Utc::now();
        home.wait(async {
            use runbay::service::backup;
            assert!(backup::is_due(&app.config, now).unwrap());
            backup::make(&app).await.unwrap();
            assert!(!backup::is_due(&app.config, now).unwrap());
            let tomorrow = now + chrono::TimeDelta::days(1);
            assert!(backup::is_due(&app.config, tomorrow).unwrap());
        });
        let said = home.runbay(&["backup", "ls", "--json"]);
        let all: Value = serde_json::from_str(&said.exits(0).out).unwrap();
        let files: Vec<_> = all.as_array().unwrap().iter().collect();
        assert_eq!(files.len(), 2, "{all}");
        assert!(files[1]["file"].as_str().unwrap().contains("20250103"));
        assert!(home.data().join("backups/mine.backup").exists());
        let newest = files[0]["file"].as_str().unwrap();
        home.runbay(&["backup", "check", newest]).exits(0);
    });
}

/// As after a machine was put back to yesterday: what was made since is on the
/// engine, and only a newer database knows what of it is needed.
#[test]
fn an_old_database_lets_be_what_is_newer_than_itself() {
    home(|home| {
        home.task("one", &format!("print('older') # {}", RunId::new()));
        home.run(&["one"]).0.exits(0);
        let file = made(home, "old.backup", &[]);
        home.task("one", &format!("print('newer') # {}", RunId::new()));
        let (said, newer) = home.run(&["one"]);
        said.exits(0);
        let name = recorded_name(home, &newer);
        let full = home.store.instance().to_string();
        let left = container(home, &name, &full, newer.id);
        an_hour_later(home);

        let elsewhere = tempfile::tempdir().unwrap();
        put_back(home, &file, elsewhere.path(), &[]).exits(0);
        let mut command = Command::new(home.command(&[]).get_program());
        command
            .arg("--home")
            .arg(elsewhere.path())
            .env("NO_COLOR", "1");
        command.args(["prune", "--json", "--keep-runs", "0", "--older-than", "0s"]);
        let said = Child::spawn(command).end();
        let answer: Value = serde_json::from_str(&said.exits(0).out).unwrap();
        let there = home.wait(home.engine.inspect(&left)).unwrap().is_some();
        home.wait(home.engine.remove(&left)).unwrap();
        assert!(there, "{answer}");
        assert!(
            answer["plan"]["notes"].to_string().contains(&name),
            "{answer}"
        );
        let image = newer.image.unwrap();
        let kept = home.wait(home.engine.image(&image.0)).unwrap();
        assert!(kept.is_some(), "{answer}");
        // Whoever knows it decides.
        home.run(&["one"]).0.exits(0).prints("newer");
    });
}
