//! Any bytes are read or refused; what is accepted reads back as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use runbay::catalogue::parse_requirements;
use std::path::Path;

fuzz_target!(|bytes: &[u8]| {
    let file = Path::new("requirements.txt");
    let Ok(accepted) = parse_requirements(bytes, file) else {
        return;
    };
    let lines: Vec<String> = accepted.iter().map(|one| one.line()).collect();
    let again = parse_requirements(lines.join("\n").as_bytes(), file);
    let again = again.expect("an accepted line is accepted again");
    let again: Vec<String> = again.iter().map(|one| one.line()).collect();
    assert_eq!(lines, again);
});
