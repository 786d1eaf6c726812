//! Secrets in a service: set while it runs, held through its death, and nowhere
//! to be found afterwards.

use crate::home::{Child, Home, home};
use crate::served::{Served, until};
use runbay::domain::run::{Outcome, RunState};
use serde_json::json;
use std::fs;
use std::path::Path;

const CANARY: &str = "c4nary-of-a-service-90d2f1";
const SCRIPT: &str = "
import base64, os, time
token = os.environ['TOKEN']
print('before', token, flush=True)
time.sleep(3)
print('after', token, base64.b64encode(token.encode()).decode(), flush=True)
";

fn task(home: &Home) {
    home.task("holds", SCRIPT);
    let manifest = "secrets = [{ name = 'TOKEN', env = 'TOKEN' }]";
    home.task_file("holds", "task.toml", manifest);
}

fn put(home: &Home, value: &str) {
    let file = home.write("value", value).display().to_string();
    let set = [
        "secret", "set", "TOKEN", "--grant", "holds", "--file", &file,
    ];
    home.runbay(&set).exits(0);
    fs::remove_file(&file).unwrap();
}

fn holding(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => holding(&path, found),
            // A socket holds nothing.
            false => {
                let bytes = fs::read(&path).unwrap_or_default();
                if memchr::memmem::find(&bytes, CANARY.as_bytes()).is_some() {
                    found.push(path.display().to_string());
                }
            }
        }
    }
}

/// Kills the service while a run is going on, changes the value and the master
/// key, and starts it again: the run has what it had, and its log shows nothing.
#[test]
fn a_run_keeps_its_secret_through_the_death_of_the_service() {
    home(|home| {
        task(home);
        let served = Served::start(home);
        put(home, CANARY);
        let began = home.docker("GET", "/info");
        assert_eq!(began.0, 200);
        let since = chrono::Utc::now().timestamp() - 1;
        let run = served.launch("holds");
        home.until_printed("holds", "before ***");
        served.kill();
        put(home, "another-value-of-it");
        home.runbay(&["secret", "rotate"]).exits(0);
        let served = Served::start(home);
        let run = until(home, &run, |run| run.state == RunState::Finished);
        assert_eq!(run.outcome, Some(Outcome::Succeeded), "{run:?}");
        let log: Vec<String> = home.log(&run).into_iter().map(|line| line.text).collect();
        assert!(
            log.iter().any(|line| line.starts_with("after *** ***")),
            "{log:?}"
        );
        // What the engine tells and keeps, and what the service answers and keeps.
        let image = run.image.clone().unwrap();
        let events = format!(
            "/events?since={since}&until={}",
            chrono::Utc::now().timestamp()
        );
        for path in [
            events,
            format!("/images/{image}/json"),
            format!("/images/{image}/history"),
        ] {
            let (status, told) = home.docker("GET", &path);
            assert_eq!(status, 200, "{path}: {told}");
            assert!(!told.contains(CANARY), "{path}: {told}");
        }
        for path in [
            "/api/v1/secrets",
            "/api/v1/secrets/TOKEN/runs",
            "/api/v1/secret-key",
            "/api/v1/audit",
            &format!("/api/v1/runs/{}", run.id),
            &format!("/api/v1/runs/{}/log", run.id),
        ] {
            let told = served.ask("GET", path, None).json(200).to_string();
            assert!(!told.contains(CANARY), "{path}: {told}");
        }
        let said = served.stop();
        assert!(!format!("{said}").contains(CANARY));
        let mut found = Vec::new();
        holding(home.path(), &mut found);
        assert_eq!(found, Vec::<String>::new());
    });
}

/// A process that holds the key leaves no core file when it breaks, although
/// whoever started it allows them: one beside it that holds nothing leaves one.
#[test]
fn what_holds_the_key_is_never_dumped() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};
    use rustix::process::{dumpable_behavior, getrlimit, setrlimit};
    home(|home| {
        task(home);
        put(home, CANARY);
        let most = getrlimit(Resource::Core).maximum;
        let cores = Rlimit {
            current: most,
            maximum: most,
        };
        setrlimit(Resource::Core, cores).unwrap();
        let mut sleep = std::process::Command::new("sleep");
        sleep.arg("600").current_dir(home.path());
        let sleep = Child::spawn(sleep);
        sleep.signal(Signal::ABORT);
        assert!(
            sleep.end().dumped,
            "this machine makes no core files: ulimit -Hc"
        );
        let served = Served::start(home);
        let set = served.ask("GET", "/api/v1/secret-key", None).json(200);
        assert_eq!(set["problems"], json!([]), "it holds the key: {set}");
        let limits = fs::read_to_string(format!("/proc/{}/limits", served.pid())).unwrap();
        let cores_of = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<&str> = cores_of.unwrap().split_whitespace().collect();
        assert_eq!(words[4..6], ["0", "0"], "{limits}");
        let said = served.abort();
        assert_eq!(said.code, 134, "{said}");
        assert!(!said.dumped, "{said}");
        // What each of our processes does first, done here: the kernel agrees.
        runbay::boot::without_core_files();
        let now = dumpable_behavior().unwrap();
        assert_eq!(now, DumpableBehavior::NotDumpable);
    });
}

#[test]
fn with_another_key_the_service_does_not_start_and_changes_nothing() {
    home(|home| {
        task(home);
        put(home, CANARY);
        let key = home.path().join("keys/runbay.key");
        let right = fs::read(&key).unwrap();
        fs::remove_file(&key).unwrap();
        let said = home.runbay(&["serve", "--bind", "127.0.0.1:0"]);
        said.exits(78).tells("keys/runbay.key").tells("put it back");
        assert!(!key.exists());
        let wrong = "runbay-key-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
        home.write("keys/runbay.key", wrong);
        let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
        fs::set_permissions(&key, mode).unwrap();
        let said = home.runbay(&["serve", "--bind", "127.0.0.1:0"]);
        said.exits(78).tells("nothing was changed");
        assert_eq!(fs::read_to_string(&key).unwrap(), wrong);
        fs::write(&key, right).unwrap();
        let served = Served::start(home);
        let found = served.ask("GET", "/api/v1/secret-key", None).json(200);
        assert_eq!(found["problems"], json!([]), "{found}");
        served.stop().exits(0);
    });
}
