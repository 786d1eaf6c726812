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
    let manifest = "secrets = [{ name = 'TOKEN', env = 'TOKEN' }]";
    home.task_file(name, "task.toml", manifest);
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
        said.exits(65)
            .tells("runbay secret set TOKEN --grant needs")
            .tells("--secret");
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
        // A core file would hold all memory.
        for pid in crate::home::processes(&["run", "holds"]) {
            let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
            let core = limits.lines().find(|l| l.starts_with("Max core")).unwrap();
            let core: Vec<&str> = core.split_whitespace().collect();
            assert_eq!(core[4..6], ["0", "0"], "{core:?}");
        }
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

fn keep(home: &Home, args: &[&str], value: &str) {
    let file = home.write("value", value);
    let file = file.display().to_string();
    let set = ["secret", "set", "TOKEN", "--file", &file];
    home.runbay(&[&set, args].concat()).exits(0);
    fs::remove_file(&file).unwrap();
}

#[test]
fn a_kept_secret_is_given_to_tasks_that_may_have_it() {
    home(|home| {
        let script = "
import os
print(len(open(os.environ['TOKEN_FILE']).read()), 'TOKEN' in os.environ)
print(open(os.environ['TOKEN_FILE']).read())
";
        home.task("kept", script);
        home.task_file("kept", "task.toml", "secrets = [\"TOKEN\"]");
        keep(home, &[], CANARY);
        let refused = home.runbay(&["run", "kept"]);
        refused.exits(65).tells("runbay secret grant TOKEN kept");
        assert!(home.last("kept").is_none());
        home.runbay(&["secret", "grant", "TOKEN", "kept"]).exits(0);
        let said = home.runbay(&["run", "kept"]);
        // A file alone, unless the task asks for a variable.
        assert_eq!(said.exits(0).out, "19 False\n***\n");
        let run = home.last("kept").unwrap();
        let listed = home.runbay(&["secret", "ls", "--json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed.exits(0).out).unwrap();
        assert_eq!(listed[0]["last_run"], run.id.to_string());
        assert_eq!(listed[0]["tasks"][0]["granted"], true);
        let told = home.runbay(&["secret", "runs", "TOKEN"]);
        assert!(told.exits(0).out.contains(&run.id.short()), "{told}");
        home.runbay(&["secret", "check"]).exits(0);
        home.runbay(&["secret", "rotate"]).exits(0);
        home.runbay(&["run", "kept"]).exits(0).prints("19 False");
        home.runbay(&["secret", "rm", "TOKEN"]).exits(0);
        assert_eq!(
            holding(home.path(), CANARY.as_bytes()),
            Vec::<String>::new()
        );
    });
}

/// Every attempt gets the value that the first one got, whoever drives it.
#[test]
fn a_retry_gets_the_value_that_the_run_began_with() {
    home(|home| {
        let script = "
import os, sys, time
print('has', len(os.environ['TOKEN']), os.environ['TOKEN'], flush=True)
while not os.environ['RUNBAY_ATTEMPT'] == '2':
    time.sleep(0.05)
";
        home.task("again", script);
        let manifest = "timeout = '3s'\nretries = { max = 1, delay = '0s', on = ['timed_out'] }\nsecrets = [{ name = 'TOKEN', env = 'TOKEN' }]";
        home.task_file("again", "task.toml", manifest);
        keep(home, &["--grant", "again"], CANARY);
        let child = home.spawn(&["run", "--keep", "again"]);
        home.until_printed("again", "has 19 ***");
        keep(home, &[], "another value, which is longer");
        child.signal(Signal::KILL);
        child.end();
        let run = home.until("again", |run| run.state == RunState::Finished);
        assert_eq!(run.outcome, Some(Outcome::Succeeded), "{run:?}");
        let log = home.log(&run);
        assert!(log.iter().any(|l| l.text == "has 19 ***"), "{log:?}");
        assert_eq!(
            holding(&home.data(), CANARY.as_bytes()),
            Vec::<String>::new()
        );
    });
}

/// What went wrong, and what the script left as its result, are kept in words.
#[test]
fn results_and_reasons_are_masked_too() {
    home(|home| {
        let script = "
import json, os
json.dump({'token': os.environ['TOKEN'], 'n': [1, os.environ['TOKEN']]}, open(os.environ['RUNBAY_RESULT'], 'w'))
";
        task(home, "tells", script);
        run(home, "tells").end().exits(0);
        let kept = home.last("tells").unwrap().result.unwrap();
        assert_eq!(kept, serde_json::json!({ "token": "***", "n": [1, "***"] }));
    });
}

#[test]
fn variables_reach_the_script_and_the_nearer_wins() {
    home(|home| {
        let script = "import os; print(os.environ['REGION'], os.environ['MODE'])";
        home.task("told", script);
        let manifest = "tags = ['t']\n[env]\nMODE = 'slow'";
        home.task_file("told", "task.toml", manifest);
        for set in [
            &["REGION=eu"][..],
            &["REGION=us", "--tag", "t"],
            &["MODE=fast"],
        ] {
            home.runbay(&[&["var", "set"], set].concat()).exits(0);
        }
        let said = home.runbay(&["run", "told"]);
        assert_eq!(said.exits(0).out, "us slow\n");
        home.runbay(&["var", "set", "MODE=own", "--task", "told"])
            .exits(0);
        let said = home.runbay(&["run", "told"]);
        assert_eq!(said.exits(0).out, "us own\n");
        let shown = home.runbay(&["var", "ls", "--task", "told"]);
        let row = "own    task told  slow (task.toml), fast (global)";
        assert!(shown.exits(0).out.contains(row), "{shown}");
        home.runbay(&["var", "rm", "MODE", "--task", "told"])
            .exits(0);
        home.runbay(&["var", "set", "PATH=/x"])
            .exits(65)
            .tells("reserved");
        home.runbay(&["var", "rm", "MODE", "--task", "told"])
            .exits(66);
    });
}
