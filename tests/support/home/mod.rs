//! A home folder of its own for each test: tasks, settings and data, driven
//! through the real binary on the real engine.
//!
//! A home is an instance of its own on the engine, so tests do not see each
//! other, whether they are threads of one process or processes. What takes long
//! and is the same for all, the base image and the environment without
//! packages, is made once ([`seed`]) and known to every home from its start.

mod child;
mod disk;
mod seed;
mod sweep;

pub(crate) use child::{Child, Said, processes, send, until_gone};
pub(crate) use disk::Disk;
pub(crate) use seed::remove as remove_seed;

use runbay::domain::ids::{AttemptId, TaskName};
use runbay::domain::log::Line;
use runbay::domain::run::{Attempt, Run};
use runbay::engine::Engine;
use runbay::logs::{Reader, path_of};
use runbay::store::Store;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What a test may wait for at most.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A home folder and what it is looked at with.
pub(crate) struct Home {
    /// Of its own, where the data folder has one. Before the folder it is in,
    /// since fields are dropped in their order.
    disk: Option<Disk>,
    folder: TempDir,
    runtime: tokio::runtime::Runtime,
    /// The engine, to look at and to act on behind Runbay's back.
    pub(crate) engine: Engine,
    /// The database, to look at.
    pub(crate) store: Store,
}

/// Runs a test in a home of its own. At its end nothing may be left that
/// nobody answers for; whatever is there is removed, also when the test failed.
pub(crate) fn home(test: impl FnOnce(&Home)) {
    home_with(None, test);
}

/// As [`home`], with the data folder on a small disk of its own.
pub(crate) fn home_on_disk(mib: u64, test: impl FnOnce(&Home, &Disk)) {
    home_with(Some(mib), |home| {
        let disk = home.disk.as_ref().expect("it was asked for");
        test(home, disk);
    });
}

fn home_with(disk: Option<u64>, test: impl FnOnce(&Home)) {
    if std::env::var("RUNBAY_TESTS_WITHOUT_DOCKER").as_deref() == Ok("1") {
        let name = std::thread::current().name().unwrap_or("?").to_owned();
        // Not `eprintln!`, which is shown for failing tests only.
        let line = format!("left out, since RUNBAY_TESTS_WITHOUT_DOCKER=1: {name}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    }
    let home = Home::new(disk);
    let result = catch_unwind(AssertUnwindSafe(|| {
        test(&home);
        home.assert_at_rest();
    }));
    home.sweep();
    if let Err(panic) = result {
        resume_unwind(panic);
    }
}

impl Home {
    fn new(disk: Option<u64>) -> Self {
        let runtime = runtime();
        let engine = runtime
            .block_on(Engine::connect(None))
            .unwrap_or_else(|error| {
                panic!("{error}\nTo leave these tests out, set RUNBAY_TESTS_WITHOUT_DOCKER=1.")
            });
        let folder = tempfile::Builder::new()
            .prefix("runbay-home-")
            .tempdir()
            .unwrap();
        fs::create_dir(folder.path().join("tasks")).unwrap();
        let disk = disk.map(|mib| Disk::mount(&folder.path().join("data"), mib));
        let store = Store::open(&folder.path().join("data/runbay.db")).unwrap();
        let home = Self {
            disk,
            folder,
            runtime,
            engine,
            store,
        };
        // Most tests are not about the network, and a start without is faster.
        home.settings("[limits]\nnetwork = \"none\"\n");
        seed::plant(&home);
        home
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a future to its end.
    pub(crate) fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Lets `tokio::spawn` work until dropped.
    pub(crate) fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
        self.runtime.enter()
    }

    /// Writes `runbay.toml` anew.
    pub(crate) fn settings(&self, toml: &str) {
        fs::write(self.path().join("runbay.toml"), toml).unwrap();
    }

    /// Writes a file below the home folder.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// A task with this script.
    pub(crate) fn task(&self, name: &str, script: &str) {
        self.write(&format!("tasks/{name}/main.py"), script);
    }

    /// A file of a task besides its script: `task.toml`, `requirements.txt`.
    pub(crate) fn task_file(&self, task: &str, file: &str, text: &str) {
        self.write(&format!("tasks/{task}/{file}"), text);
    }

    /// Copies a task of `tests/tasks/`, or of `tasks/`.
    pub(crate) fn fixture(&self, name: &str) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let from = ["tests/tasks", "tasks"]
            .map(|folder| root.join(folder).join(name))
            .into_iter()
            .find(|path| path.is_dir())
            .unwrap_or_else(|| panic!("there is no fixture {name}"));
        copy(&from, &self.path().join("tasks").join(name));
    }

    /// `runbay` with this home, not yet started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = seed::binary();
        command.arg("--home").arg(self.path()).args(args);
        command
    }

    /// The same without root's rights, which would be stopped by no mode of a file.
    pub(crate) fn unprivileged(&self, args: &[&str]) -> Command {
        let mut command = self.command(args);
        if rustix::process::geteuid().is_root() {
            let given = Command::new("chown")
                .args(["-R", "10001"])
                .arg(self.path())
                .status();
            assert!(given.unwrap().success());
            command.uid(10001).gid(10001);
        }
        command
    }

    /// Starts `runbay` with these arguments.
    pub(crate) fn spawn(&self, args: &[&str]) -> Child {
        Child::spawn(self.command(args))
    }

    /// Runs `runbay` with these arguments to its end.
    pub(crate) fn runbay(&self, args: &[&str]) -> Said {
        self.spawn(args).end()
    }

    /// `runbay run <args>` to its end; what it said, and the row.
    pub(crate) fn run(&self, args: &[&str]) -> (Said, Run) {
        let said = self.runbay(&[&["run"], args].concat());
        let run = self
            .last(args[0])
            .unwrap_or_else(|| panic!("there is no run\n{said}"));
        (said, run)
    }

    /// The last run of a task.
    pub(crate) fn last(&self, task: &str) -> Option<Run> {
        let task: TaskName = task.parse().unwrap();
        self.wait(self.store.last_run(Some(&task))).unwrap()
    }

    /// The attempt of a run, once there is one.
    pub(crate) fn attempt(&self, run: &Run) -> Option<Attempt> {
        self.wait(self.store.attempts(run.id)).unwrap().pop()
    }

    /// Waits until the last run of a task is what `wanted` says, and returns it.
    pub(crate) fn until(&self, task: &str, wanted: impl Fn(&Run) -> bool) -> Run {
        let mut found = None;
        eventually(&format!("a run of {task} comes to where it should"), || {
            found = self.last(task).filter(&wanted);
            found.is_some()
        });
        found.unwrap()
    }

    /// Waits until the script of a task's last run has printed this line.
    pub(crate) fn until_printed(&self, task: &str, line: &str) -> Run {
        self.until(task, |run| self.log(run).iter().any(|l| l.text == line))
    }

    /// The log of a run; empty as long as there is none.
    pub(crate) fn log(&self, run: &Run) -> Vec<Line> {
        let attempt = AttemptId {
            run: run.id,
            number: 1,
        };
        let Ok(mut reader) = Reader::open(&path_of(&self.data(), attempt)) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        loop {
            let page = reader.next(usize::MAX).unwrap();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Asks the engine by its own API, for what ours does not tell or do: the
    /// status and the body of the answer.
    pub(crate) fn docker(&self, method: &str, path: &str) -> (u16, String) {
        let socket = self.engine.address().strip_prefix("unix://").unwrap();
        let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
        write!(stream, "{method} {path} HTTP/1.0\r\nHost: docker\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// Waits until `condition` holds.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).unwrap();
        }
    }
}
