//! What the outside can count: each script, as it begins, tells the test over
//! the network.

use crate::home::Home;
use runbay::domain::log::Stream;
use runbay::domain::run::{Outcome, Run};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many lines each script prints.
pub(crate) const LINES: usize = 200;

/// Counts how often the script of each run began.
pub(crate) struct Witness {
    port: u16,
    seen: Arc<Mutex<HashMap<String, u32>>>,
}

impl Witness {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(HashMap::new()));
        let counts = seen.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let mut run = String::new();
                BufReader::new(&connection).read_line(&mut run).unwrap();
                *counts
                    .lock()
                    .unwrap()
                    .entry(run.trim().to_owned())
                    .or_insert(0) += 1;
                // One that was killed by now waits for no answer.
                let _ = connection.write_all(b"seen");
            }
        });
        Self { port, seen }
    }

    pub(crate) fn count(&self, run: &Run) -> u32 {
        let seen = self.seen.lock().unwrap();
        seen.get(&run.id.to_string()).copied().unwrap_or(0)
    }

    /// A task whose script tells of its begin, then prints its lines over half a
    /// second. Another `salt` is another version of the code.
    pub(crate) fn task(&self, home: &Home, name: &str, salt: usize) {
        let rest =
            format!("for n in range({LINES}):\n    print(n, flush=True)\n    time.sleep(0.0025)");
        self.task_that(home, name, salt, &rest);
    }

    /// A task whose script tells of its begin, then does this.
    pub(crate) fn task_that(&self, home: &Home, name: &str, salt: usize, rest: &str) {
        let script = format!(
            r#"# version {salt}
import os, socket, time
route = next(l.split() for l in open("/proc/net/route") if l.split()[1] == "00000000")
gateway = socket.inet_ntoa(bytes.fromhex(route[2])[::-1])
with socket.create_connection((gateway, {port}), 20) as witness:
    witness.sendall(os.environ["RUNBAY_RUN_ID"].encode() + b"\n")
    witness.recv(4)
{rest}
"#,
            port = self.port
        );
        home.task(name, &script);
    }

    /// Fails the test unless the run ended as it must.
    pub(crate) fn check(&self, home: &Home, run: &Run) {
        let log = home.log(run);
        let tell = || {
            let lines: Vec<_> = log.iter().filter(|l| l.stream != Stream::Stdout).collect();
            format!("{run:?}\n{lines:?}")
        };
        let printed: Vec<_> = log.iter().filter(|l| l.stream == Stream::Stdout).collect();
        for (at, line) in printed.iter().enumerate() {
            assert_eq!(
                line.text,
                at.to_string(),
                "a line is missing or there twice: {}",
                tell()
            );
        }
        let count = self.count(run);
        match run.outcome {
            Some(Outcome::Succeeded) => {
                assert_eq!((count, printed.len()), (1, LINES), "{}", tell());
            }
            Some(Outcome::Cancelled) => {
                assert!(!kept(run), "{}", tell());
                assert!(count <= 1, "began {count} times: {}", tell());
                assert!(count == 1 || printed.is_empty(), "{}", tell());
            }
            _ => panic!("{}", tell()),
        }
        let attempts = home.wait(home.store.attempts(run.id)).unwrap();
        assert!(attempts.len() <= 1, "{attempts:?}");
    }
}

fn kept(run: &Run) -> bool {
    run.on_disconnect == runbay::domain::run::OnDisconnect::Continue
}

/// Numbers that look random, the same for the same seed (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A moment within `span`.
    pub(crate) fn moment(&mut self, span: Duration) -> Duration {
        span.mul_f64((self.roll() % 10_000) as f64 / 10_000.0)
    }
}

/// The seed, told so that a failure can be repeated as far as time allows.
#[expect(clippy::print_stdout, reason = "it is shown when the test fails")]
pub(crate) fn seed() -> u64 {
    let given = std::env::var("RUNBAY_TESTS_SEED")
        .ok()
        .map(|text| text.parse().unwrap());
    let seed = given.unwrap_or_else(|| u64::from(std::process::id()) ^ 0x5EED << 32);
    println!("RUNBAY_TESTS_SEED={seed}");
    seed
}

/// How many kills: `RUNBAY_TESTS_KILLS`, or as many as a test has time for.
pub(crate) fn kills(usual: usize) -> usize {
    std::env::var("RUNBAY_TESTS_KILLS").map_or(usual, |text| text.parse().unwrap())
}
