//! What a run leaves behind: files and a result.

use crate::home::{Home, home};
use runbay::domain::run::{Outcome, Run};
use std::path::PathBuf;

/// The paths of a run's artifacts, and that the files are there as the rows say.
fn kept(home: &Home, run: &Run) -> Vec<String> {
    let rows = home.wait(home.store.artifacts(run.id)).unwrap();
    for row in &rows {
        let bytes = std::fs::read(folder(home, run).join(&row.path)).unwrap();
        assert_eq!(bytes.len() as u64, row.bytes, "{}", row.path);
        assert_eq!(
            runbay::domain::ids::Digest::of(&bytes),
            row.digest,
            "{}",
            row.path
        );
    }
    rows.into_iter().map(|row| row.path).collect()
}

fn folder(home: &Home, run: &Run) -> PathBuf {
    home.data().join("artifacts").join(run.id.to_string())
}

#[test]
fn files_named_by_folder_and_by_pattern_are_kept_and_links_are_not() {
    home(|home| {
        home.fixture("writes-artifacts");
        let (said, run) = home.run(&["writes-artifacts"]);
        said.exits(0).prints("written").tells("5 files kept in");
        let expected = [
            "deep/er/table.csv",
            "empty",
            "name with space.txt",
            "report.html",
            "result.json",
        ];
        assert_eq!(kept(home, &run), expected);
        assert_eq!(
            run.result,
            Some(serde_json::json!({ "rows": 1, "ok": true }))
        );
        assert!(!folder(home, &run).join("link-outside").exists());
    });
}

#[test]
fn a_pattern_keeps_what_the_script_made_or_changed_and_no_code() {
    home(|home| {
        let script = "
import os
from pathlib import Path
Path('changed.txt').write_text('after')
Path('made.txt').write_text('new')
Path('deep/down').mkdir(parents=True)
Path('deep/down/made.txt').write_text('new')
os.symlink('/etc/passwd', 'link.txt')
";
        home.task("patterns", script);
        home.task_file("patterns", "task.toml", "artifacts = [\"*.txt\"]");
        home.task_file("patterns", "same.txt", "as it was");
        home.task_file("patterns", "changed.txt", "before");
        let (said, run) = home.run(&["patterns"]);
        said.exits(0);
        assert_eq!(
            kept(home, &run),
            ["changed.txt", "deep/down/made.txt", "made.txt"]
        );
        let changed = folder(home, &run).join("changed.txt");
        assert_eq!(std::fs::read_to_string(changed).unwrap(), "after");
        assert!(!folder(home, &run).join("link.txt").exists());
    });
}

#[test]
fn a_hundred_files_are_kept_also_from_a_run_that_failed() {
    home(|home| {
        let script = "
import os
for n in range(100):
    with open(f\"{os.environ['RUNBAY_ARTIFACTS']}/{n:03}.bin\", 'wb') as file:
        file.write(bytes([n]) * n * 100)
raise SystemExit(7)
";
        home.task("many", script);
        let (said, run) = home.run(&["many"]);
        said.exits(7).tells("100 files kept");
        let expected: Vec<_> = (0..100).map(|n| format!("{n:03}.bin")).collect();
        assert_eq!(kept(home, &run), expected);
    });
}

#[test]
fn more_than_the_limit_is_told_and_fails_nothing() {
    home(|home| {
        let script = "
import os
for n in range(8):
    with open(f\"{os.environ['RUNBAY_ARTIFACTS']}/{n}\", 'wb') as file:
        file.write(bytes(1 << 20))
";
        home.task("much", script);
        home.task_file("much", "task.toml", "scratch = \"3M\"");
        let (said, run) = home.run(&["much"]);
        said.exits(0).tells("could not be kept").tells("3 MiB");
        assert_eq!(run.outcome, Some(Outcome::Succeeded));
        // The rows tell what the folder holds, no more and no less.
        let rows = kept(home, &run);
        let files = std::fs::read_dir(folder(home, &run)).map_or(0, Iterator::count);
        assert_eq!(rows.len(), files);
    });
}

#[test]
fn a_run_that_leaves_nothing_has_no_folder() {
    home(|home| {
        home.fixture("noop");
        let (_, run) = home.run(&["noop"]);
        assert_eq!((run.result.as_ref(), kept(home, &run).len()), (None, 0));
        assert!(!folder(home, &run).exists());
    });
}

#[test]
fn a_result_that_is_no_json_is_told_and_kept_as_a_file() {
    home(|home| {
        home.task(
            "broken",
            "import os\nopen(os.environ['RUNBAY_RESULT'], 'w').write('{oops')",
        );
        let (said, run) = home.run(&["broken"]);
        said.exits(0)
            .tells("not taken as the result")
            .tells("line 1");
        assert_eq!(
            (run.outcome, run.result.as_ref()),
            (Some(Outcome::Succeeded), None)
        );
        assert_eq!(kept(home, &run), ["result.json"]);
    });
}

#[test]
fn a_result_that_is_too_large_is_told_and_kept_as_a_file() {
    home(|home| {
        let script =
            "import json, os\njson.dump('x' * 300_000, open(os.environ['RUNBAY_RESULT'], 'w'))";
        home.task("large", script);
        let (said, run) = home.run(&["large"]);
        said.exits(0).tells("larger than 256 KiB");
        assert_eq!(run.result, None);
        assert_eq!(kept(home, &run), ["result.json"]);
    });
}

/// As unpacking an archive or copying a folder over it does.
#[test]
fn files_of_a_folder_that_says_it_is_old_are_kept() {
    home(|home| {
        let script = "
import os
folder = os.environ['RUNBAY_ARTIFACTS']
open(folder + '/report', 'w').close()
os.utime(folder, (0, 0))
";
        home.task("unpacks", script);
        let (said, run) = home.run(&["unpacks"]);
        said.exits(0);
        assert_eq!(kept(home, &run), ["report"]);
    });
}
