//! Any text is read or refused at a line that exists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use runbay::catalogue::parse_manifest;
use std::path::Path;

fuzz_target!(|text: &str| {
    let Err(problems) = parse_manifest(text, Path::new("task.toml")) else {
        return;
    };
    let lines = text.lines().count().max(1);
    assert!(!problems.is_empty());
    for problem in problems {
        let line = problem.line.expect("a manifest's fault has a line");
        assert!(line >= 1 && line as usize <= lines, "{problem}");
    }
});
