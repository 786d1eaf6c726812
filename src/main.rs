//! The `runbay` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    runbay::cli::main()
}
