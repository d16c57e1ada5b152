//! The runner of this chapter, as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    patterns::runner().main()
}
