//! Any source is read or refused; a block written anew reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use runbay::catalogue::{script_block, write_block};

fuzz_target!(|source: &str| {
    let Ok(Some(block)) = script_block(source) else {
        return;
    };
    assert!(source[block.span.clone()].starts_with("# /// script"));
    let again = script_block(&write_block(&block.toml));
    let again = again.expect("one block").expect("it was just written");
    assert_eq!(again.toml, block.toml);
});
