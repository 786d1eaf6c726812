//! The `runbay` program: everything is in the library.

fn main() {}
