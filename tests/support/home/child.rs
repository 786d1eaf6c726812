//! A running `runbay`, and what one said.

use super::{PATIENCE, eventually};
use std::fmt;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a command said, and its exit code.
#[derive(Debug)]
pub(crate) struct Said {
    /// Its exit code; 128 and the number for a signal.
    pub(crate) code: i32,
    /// Its standard output.
    pub(crate) out: String,
    /// Its standard error.
    pub(crate) err: String,
    /// Whether its memory went into a core file.
    pub(crate) dumped: bool,
    /// How long it took.
    pub(crate) took: Duration,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, out, err, .. } = self;
        let end = |text: &str| text.chars().rev().take(4000).collect::<Vec<_>>();
        let [out, err] = [out, err].map(|t| end(t).into_iter().rev().collect::<String>());
        write!(f, "exit code {code}\n--- stdout\n{out}\n--- stderr\n{err}")
    }
}

impl Said {
    /// Fails the test unless the exit code is this one.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Fails the test unless standard error has this text.
    #[track_caller]
    pub(crate) fn tells(&self, text: &str) -> &Self {
        assert!(self.err.contains(text), "it does not tell “{text}”: {self}");
        self
    }

    /// Fails the test unless standard output has this line.
    #[track_caller]
    pub(crate) fn prints(&self, line: &str) -> &Self {
        assert!(
            self.out.lines().any(|l| l == line),
            "it does not print “{line}”: {self}"
        );
        self
    }
}

/// A `runbay` on its way. Its output is read as it comes. Ends with its value.
pub(crate) struct Child {
    process: std::process::Child,
    out: Pipe,
    err: Pipe,
    begun: Instant,
}

impl Child {
    pub(crate) fn spawn(mut command: Command) -> Self {
        let begun = Instant::now();
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = Pipe::drain(process.stdout.take().unwrap());
        let err = Pipe::drain(process.stderr.take().unwrap());
        Self {
            process,
            out,
            err,
            begun,
        }
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        send(self.pid(), signal);
    }

    /// Whether it runs no more.
    pub(crate) fn is_over(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    /// Its standard error up to now.
    pub(crate) fn told(&self) -> String {
        self.err.so_far()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Said {
        let mut status = None;
        while status.is_none() && self.begun.elapsed() < PATIENCE {
            status = self.process.try_wait().unwrap();
            std::thread::sleep(Duration::from_millis(2));
        }
        let took = self.begun.elapsed();
        if status.is_none() {
            self.process.kill().unwrap();
        }
        let [out, err] = [&mut self.out, &mut self.err].map(|pipe| {
            pipe.thread.take().unwrap().join().unwrap();
            pipe.so_far()
        });
        let code = status.map_or(-1, |s| {
            s.code().unwrap_or_else(|| 128 + s.signal().unwrap())
        });
        let said = Said {
            code,
            out,
            err,
            dumped: status.is_some_and(|status| status.core_dumped()),
            took,
        };
        assert!(status.is_some(), "it took more than {PATIENCE:?}: {said}");
        said
    }

    /// The most memory it had resident, bytes; none once it is over.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib * 1024)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Over already, unless the test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What comes out of one of its pipes.
struct Pipe {
    all: Arc<Mutex<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
}

impl Pipe {
    /// Reads it on a thread of its own, to its end.
    fn drain(mut from: impl Read + Send + 'static) -> Self {
        let all = Arc::new(Mutex::new(Vec::new()));
        let into = all.clone();
        let thread = std::thread::spawn(move || {
            let mut part = vec![0; 64 << 10];
            loop {
                match from.read(&mut part).unwrap() {
                    0 => return,
                    read => into.lock().unwrap().extend_from_slice(&part[..read]),
                }
            }
        });
        let thread = Some(thread);
        Self { all, thread }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.all.lock().unwrap()).into_owned()
    }
}

/// Sends a signal to a process that may be gone.
pub(crate) fn send(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    // Gone is as good.
    let _ = rustix::process::kill_process(pid, signal);
}

/// The processes that have all of these words among their arguments.
pub(crate) fn processes(words: &[&str]) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else {
            continue;
        };
        // A process may end while it is looked at; a dead one has no arguments.
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else {
            continue;
        };
        let args: Vec<&[u8]> = line.split(|b| *b == 0).collect();
        if words.iter().all(|word| args.contains(&word.as_bytes())) {
            found.push(pid);
        }
    }
    found
}

/// Waits until no process has these words among its arguments.
pub(crate) fn until_gone(words: &[&str]) {
    eventually(&format!("the processes {words:?} end"), || {
        processes(words).is_empty()
    });
}
