//! `unshare`: a command in the node, to see what is in there.

use std::process::ExitCode;

use super::refuse;
use crate::real;
use crate::runner::Runner;

/// Exit status: the command's.
pub fn unshare(runner: &Runner, command: &[String]) -> ExitCode {
    match runner.runtime {
        Some(runtime) => ExitCode::from(real::unshare(runtime, command)),
        None => refuse("unshare: namespaces come in chapter 2"),
    }
}
