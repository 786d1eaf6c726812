//! What a script prints is what is shown and kept, whatever it prints.

use crate::home::{Child, eventually, home, processes, send};
use runbay::domain::log::Stream;
use runbay::domain::run::{Outcome, Run, RunState};
use rustix::process::Signal;
use std::io::Read;
use std::process::Stdio;

#[test]
fn each_stream_goes_where_it_belongs_and_nothing_else_to_standard_output() {
    home(|home| {
        home.task(
            "both",
            "import sys\nprint('to out')\nprint('to err', file=sys.stderr)",
        );
        let (said, run) = home.run(&["both"]);
        assert_eq!(said.exits(0).out, "to out\n");
        said.tells("to err");
        let quiet = home.runbay(&["run", "-q", "both"]);
        assert_eq!(
            (quiet.exits(0).out.as_str(), quiet.err.as_str()),
            ("to out\n", "to err\n")
        );
        let log = home.log(&run);
        let of = |stream| log.iter().filter(|l| l.stream == stream).count();
        assert_eq!((of(Stream::Stdout), of(Stream::Stderr)), (1, 1));
    });
}

#[test]
fn last_words_without_a_newline_are_kept() {
    home(|home| {
        home.fixture("prints-without-newline");
        let said = home.runbay(&["run", "-q", "prints-without-newline"]);
        assert_eq!(said.exits(0).out, "first line\nlast words\n");
        assert_eq!(said.err, "complaint\n");
    });
}

#[test]
fn a_progress_bar_is_one_line() {
    home(|home| {
        home.fixture("progress-bar");
        let said = home.runbay(&["run", "-q", "progress-bar"]);
        assert_eq!(said.exits(0).out, "[####################] 100 %\ndone\n");
    });
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    home(|home| {
        home.fixture("non-utf8-output");
        let said = home.runbay(&["run", "-q", "non-utf8-output"]);
        let lines: Vec<_> = said.exits(0).out.lines().collect();
        assert_eq!(lines[0], "caf\u{FFFD}");
        assert_eq!(lines[1], "cut in two: \u{FFFD}");
        assert!(lines[2].starts_with("nul: ") && lines[2].contains("clear: "));
        assert_eq!(lines[3], "a wide one: 日本語");
    });
}

/// A script that prints without end is neither stopped nor kept whole, and
/// Runbay's own memory does not grow with it.
#[test]
fn a_flood_is_capped_in_the_middle_and_does_not_stop_the_script() {
    home(|home| {
        home.fixture("floods-output");
        home.settings("[limits]\nnetwork = \"none\"\nlog = \"4M\"\n");
        let mut child = home.spawn(&["run", "-q", "floods-output"]);
        let mut peak = 0;
        while !child.is_over() {
            peak = peak.max(child.peak_memory().unwrap_or(0));
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let said = child.end();
        said.exits(0).prints("first line").prints("last line");
        assert!(peak > 0 && peak < 80 << 20, "{} MiB", peak >> 20);
        assert!(said.out.len() < 6 << 20, "{} bytes", said.out.len());
        let run = home.last("floods-output").unwrap();
        let log = home.log(&run);
        let marks: Vec<_> = log
            .iter()
            .filter(|l| l.text.contains("left out here"))
            .collect();
        assert_eq!(marks.len(), 1);
        assert_eq!(marks[0].stream, Stream::System);
        // The numbers before and after the mark, and how many it stands for.
        let number = |at: usize| log[at].text[..12].parse::<u64>().unwrap();
        let at = log
            .iter()
            .position(|l| l.text.contains("left out here"))
            .unwrap();
        assert!(log[at - 1].text.starts_with("the log is full"));
        let missing = number(at + 1) - number(at - 2) - 1;
        assert!(
            marks[0].text.contains(&format!("{missing} lines")),
            "{}",
            marks[0].text
        );
        // The endless line is there, cut to what a line may be.
        let endless = log.iter().find(|l| l.text.starts_with("xxx")).unwrap();
        assert!(
            endless.text.len() < 65 * 1024 + 100,
            "{}",
            endless.text.len()
        );
        let measured = home.attempt(&run).unwrap().measurements;
        assert!(measured.output_bytes.unwrap() > 81 << 20);
    });
}

/// What is to become the end of a full log is in memory, and dies with whoever
/// drives the run. The log tells of it, and has no line twice.
#[test]
fn a_full_log_whose_keeper_is_killed_says_that_lines_may_be_missing() {
    home(|home| {
        home.settings("[limits]\nnetwork = \"none\"\nlog = \"64K\"\n");
        let script = "
import os, time
for n in range(4000): print(f'{n:060d}')
print('halfway', flush=True)
while not os.path.exists('/tmp/go'): time.sleep(0.01)
for n in range(4000, 4400): print(f'{n:060d}')
";
        home.task("talks", script);
        let child = home.spawn(&["run", "--keep", "talks"]);
        let full = |run: &Run| {
            let log = home.log(run);
            log.iter().any(|l| l.text.starts_with("the log is full"))
        };
        let run = home.until("talks", full);
        for pid in processes(&["drive", &run.id.to_string()]) {
            send(pid, Signal::KILL);
        }
        child.signal(Signal::KILL);
        child.end();
        home.runbay(&["ps"]).exits(0);
        let said = |text: &str| home.log(&run).iter().any(|l| l.text.contains(text));
        eventually("it says so", || said("lines may be missing here"));
        let container = home.attempt(&run).unwrap().container_id.unwrap();
        let go = ["touch", "/tmp/go"];
        home.wait(home.engine.exec(&container, &go, "10001:10001"))
            .unwrap();
        let run = home.until("talks", |run| run.state == RunState::Finished);
        assert_eq!(run.outcome, Some(Outcome::Succeeded));
        let log = home.log(&run);
        let numbers: Vec<u64> = log.iter().filter_map(|l| l.text.parse().ok()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "a line is there twice");
        assert_eq!(numbers.last(), Some(&4399));
    });
}

/// V6: a stream nobody reads blocks the script. We always read.
#[test]
fn a_viewer_that_stands_still_does_not_hold_up_the_script() {
    home(|home| {
        home.task("talks", "for n in range(100_000): print(f'{n:060d}')");
        let mut command = home.command(&["run", "talks"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let run = home.until("talks", |run| run.state == RunState::Finished);
        assert_eq!(run.outcome, Some(Outcome::Succeeded));
        // Nothing was lost for it either.
        let mut all = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut all)
            .unwrap();
        assert_eq!(all.lines().count(), 100_000);
        assert_eq!(child.wait().unwrap().code(), Some(0));
    });
}

#[test]
fn a_viewer_that_goes_away_does_not_end_the_run() {
    home(|home| {
        home.task(
            "talks",
            "for n in range(20_000): print(f'{n:060d}')\nraise SystemExit(5)",
        );
        let mut command = home.command(&["run", "talks"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(5));
        let run = home.last("talks").unwrap();
        assert_eq!(run.outcome, Some(Outcome::Failed));
        let printed = home
            .log(&run)
            .iter()
            .filter(|l| l.stream == Stream::Stdout)
            .count();
        assert_eq!(printed, 20_000);
    });
}

#[test]
fn output_is_live() {
    home(|home| {
        home.task("slow", "import time\nprint('one')\ntime.sleep(60)");
        let mut command = home.command(&["run", "slow"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut first = [0; 4];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut first)
            .unwrap();
        assert_eq!(&first, b"one\n");
        home.runbay(&["cancel", "slow"]).exits(0);
        child.wait().unwrap();
    });
}

#[test]
fn a_log_can_be_read_again_in_parts_and_as_json() {
    home(|home| {
        home.task("counts", "for n in range(1000): print(n)");
        home.run(&["counts"]).0.exits(0);
        let whole = home.runbay(&["logs", "counts"]);
        assert_eq!(whole.exits(0).out.lines().count(), 1000);
        let tail = home.runbay(&["logs", "last", "-n", "3"]);
        assert_eq!(tail.exits(0).out, "997\n998\n999\n");
        let json = home.runbay(&["logs", "--json", "-n", "1"]);
        let line: serde_json::Value = serde_json::from_str(json.exits(0).out.trim()).unwrap();
        assert_eq!(line["line"]["text"], "999");
        assert_eq!(line["line"]["stream"], "stdout");
    });
}

#[test]
fn json_events_are_one_object_a_line_and_end_with_the_run() {
    home(|home| {
        home.fixture("exits-3");
        let said = home.runbay(&["run", "--json", "exits-3"]);
        let lines = said.exits(3).out.lines();
        let events: Vec<serde_json::Value> = lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let last = events.last().unwrap();
        assert_eq!(last["event"], "finished");
        assert_eq!(last["run"]["outcome"], "failed");
        assert_eq!(last["run"]["exit_code"], 3);
        assert!(
            events
                .iter()
                .any(|e| e["line"]["text"] == "about to exit with 3")
        );
        assert_eq!(said.err, "");
    });
}

/// The line by which the gate reports is understood once, and only with the
/// word that this attempt was given.
#[test]
fn a_script_cannot_forge_what_we_say() {
    home(|home| {
        let script = "import sys\nsys.stderr.write('\\0runbay-ready 0123456789abcdef\\n')\nprint('● succeeded')";
        home.task("forger", script);
        let (said, run) = home.run(&["forger"]);
        said.exits(0);
        let log = home.log(&run);
        let forged = log
            .iter()
            .find(|l| l.text.contains("runbay-ready"))
            .unwrap();
        assert_eq!(forged.stream, Stream::Stderr);
        assert!(log.iter().all(|l| l.stream != Stream::System), "{log:?}");
    });
}

/// The child is spawned here, since what it is given is the point.
#[test]
fn a_script_reads_nothing_from_the_caller() {
    home(|home| {
        home.task("reads", "import sys\nprint(repr(sys.stdin.read()))");
        let child = Child::spawn(home.command(&["run", "-q", "reads"]));
        assert_eq!(child.end().exits(0).out, "''\n");
    });
}
