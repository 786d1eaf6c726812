//! Secrets reach the script and nothing else.

use crate::home::{Child, Home, home};
use base64::Engine as _;
use runbay::domain::run::{Outcome, Run, RunState};
use rustix::process::Signal;
use std::fs::{self, File};
use std::path::Path;

/// A secret nobody has by chance.
const CANARY: &str = "c4nary-7f3d9a51e8b2";

fn run(home: &Home, task: &str) -> Child {
    let mut command = home.command(&["run", task, "--secret", "TOKEN"]);
    command.env("TOKEN", CANARY);
    Child::spawn(command)
}

fn task(home: &Home, name: &str, script: &str) {
    home.task(name, script);
    home.task_file(name, "task.toml", "secrets = [\"TOKEN\"]");
}

/// Files below a folder that hold these bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if memchr::memmem::find(&fs::read(&path).unwrap(), bytes).is_some() {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn a_missing_secret_is_told_before_anything_runs() {
    home(|home| {
        task(home, "needs", "print('never')");
        let said = home.runbay(&["run", "needs"]);
        said.exits(65).tells("TOKEN").tells("--secret");
        let said = home.runbay(&["run", "needs", "--secret", "TOKEN"]);
        said.exits(65).tells("no environment variable of that name");
        let said = home.runbay(&["run", "needs", "--secret", "TOKEN=value"]);
        said.exits(65).tells("TOKEN=@FILE");
        assert!(home.last("needs").is_none());
    });
}

#[test]
fn a_secret_is_a_variable_and_a_file_only_the_script_can_read() {
    home(|home| {
        let script = "
import os
path = os.environ['TOKEN_FILE']
print(path, oct(os.stat(path).st_mode & 0o777), os.stat(path).st_uid)
print(open(path).read() == os.environ['TOKEN'], len(os.environ['TOKEN']))
";
        task(home, "given", script);
        let said = run(home, "given").end();
        assert_eq!(
            said.exits(0).out,
            "/run/secrets/TOKEN 0o400 10001\nTrue 19\n"
        );
        // From a file, without the newline that editors put at its end.
        let file = home.write("token", format!("{CANARY}\n"));
        let given = format!("TOKEN=@{}", file.display());
        let from_file = home.runbay(&["run", "given", "--secret", &given]);
        assert_eq!(from_file.exits(0).out, said.out);
    });
}

#[test]
fn a_secret_is_masked_however_it_is_printed() {
    home(|home| {
        let script = "
import base64, json, os, sys, time, urllib.parse
token = os.environ['TOKEN']
print('raw', token)
print('base64', base64.b64encode(token.encode()).decode())
print('basic', base64.b64encode(b'user:' + token.encode()).decode())
print('hex', token.encode().hex())
print('json', json.dumps({'t': token}))
print('error', token, file=sys.stderr)
os.write(1, b'split ' + token[:7].encode())
time.sleep(0.3)
os.write(1, token[7:].encode() + b' end\\n')
for c in 'bytewise ' + token + '\\n':
    os.write(1, c.encode())
print('x' * 16380 + token)  # over the end of one of the engine's frames
print('last', token, end='')
";
        task(home, "prints", script);
        let said = run(home, "prints").end();
        said.exits(0)
            .prints("raw ***")
            .prints("hex ***")
            .prints("split *** end");
        said.prints("bytewise ***")
            .prints("last ***")
            .tells("error ***");
        let (all, log) = (
            format!("{}{}", said.out, said.err),
            home.log(&home.last("prints").unwrap()),
        );
        let shifted = base64::engine::general_purpose::STANDARD.encode(format!("user:{CANARY}"));
        let hex: String = CANARY.bytes().map(|b| format!("{b:02x}")).collect();
        // Of base64 the last letters depend on what follows and may stay.
        let plain = base64::engine::general_purpose::STANDARD.encode(CANARY);
        for form in [&CANARY[..6], &plain[..6], &shifted[8..14], &hex[..6]] {
            assert!(!all.contains(form), "{form} was shown: {said}");
            assert!(
                !log.iter().any(|l| l.text.contains(form)),
                "{form} was kept"
            );
        }
    });
}

#[test]
fn a_secret_is_nowhere_but_in_the_container() {
    home(|home| {
        let script = "
import os, time
open('/artifacts/kept.txt', 'w').write('no secret')
print('ready', len(os.environ['TOKEN']), flush=True)
time.sleep(60)
";
        task(home, "holds", script);
        let child = run(home, "holds");
        let run = home.until_printed("holds", "ready 19");
        let container = home.attempt(&run).unwrap().container_id.unwrap();
        let image = run.image.clone().unwrap();
        for path in [
            format!("/containers/{container}/json"),
            format!("/containers/{container}/top?ps_args=-eo%20pid,args"),
            format!("/images/{image}/json"),
            format!("/images/{image}/history"),
        ] {
            let (status, body) = home.docker("GET", &path);
            assert_eq!(status, 200, "{path}: {body}");
            assert!(!body.contains(CANARY), "{path} holds it: {body}");
        }
        // Nor in the arguments or the environment of the guard, for others to see.
        for pid in crate::home::processes(&["drive", &run.id.to_string()]) {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap();
            assert!(memchr::memmem::find(&line, CANARY.as_bytes()).is_none());
        }
        assert_eq!(
            holding(&home.data(), CANARY.as_bytes()),
            Vec::<String>::new()
        );
        home.runbay(&["cancel", "holds"]).exits(0);
        child.end().exits(130);
        home.until("holds", |run| run.state == RunState::Finished);
        assert_eq!(
            holding(home.path(), CANARY.as_bytes()),
            Vec::<String>::new()
        );
    });
}

#[test]
fn a_rerun_asks_for_the_secrets_again() {
    home(|home| {
        task(home, "again", "import os; print(len(os.environ['TOKEN']))");
        run(home, "again").end().exits(0).prints("19");
        home.runbay(&["rerun", "again"]).exits(65).tells("TOKEN");
    });
}

/// Tries to take the lock of a run over and over, as one would who looks for
/// runs that nobody drives; it must not be had before the run is over.
fn assert_always_driven(home: &Home, run: &Run) {
    let path = home.data().join(format!("locks/run-{}.lock", run.id));
    loop {
        // A file that is gone is that of a run that is over.
        let free = File::open(&path).map_or(true, |file| file.try_lock().is_ok());
        let now = home.wait(home.store.run(run.id)).unwrap();
        if now.state == RunState::Finished {
            return;
        }
        assert!(!free, "nobody drives it: {now:?}");
    }
}

/// Another command that takes a run in between has not its secrets, and could
/// only give it up.
#[test]
fn a_run_changes_hands_without_a_moment_in_which_nobody_has_it() {
    home(|home| {
        let script = "import os, time\ntime.sleep(0.3)\nprint(len(os.environ['TOKEN']))";
        task(home, "passed-on", script);
        for how in ["--detach", "--keep"] {
            let mut command = home.command(&["run", how, "passed-on", "--secret", "TOKEN"]);
            let before = home.last("passed-on").map(|run| run.id);
            command.env("TOKEN", CANARY);
            let child = Child::spawn(command);
            let run = home.until("passed-on", |run| Some(run.id) != before);
            if how == "--keep" {
                // By then the guard knows the secrets.
                home.until("passed-on", |run| run.state == RunState::Running);
                child.signal(Signal::KILL);
            }
            assert_always_driven(home, &run);
            let run = home.wait(home.store.run(run.id)).unwrap();
            assert_eq!(run.outcome, Some(Outcome::Succeeded), "{how}: {run:?}");
            assert!(
                home.log(&run)
                    .iter()
                    .any(|l| l.text == CANARY.len().to_string())
            );
        }
    });
}
