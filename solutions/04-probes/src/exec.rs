//! What the end of a probe's command means.

use podkit::engine::{Answer, Exit};

/// Exit code 0 is a success, any other a failure, with the command's output as its message (no
/// output: `exit code N`). `None`: its time was over, a failure too.
pub fn exec(exit: Option<Exit>, output: &str) -> Answer {
    // ANCHOR: task_4_5
    match exit {
        Some(exit) if exit.code() == 0 => Answer::Success,
        Some(exit) if output.is_empty() => Answer::Failure(format!("exit code {}", exit.code())),
        Some(_) => Answer::Failure(output.to_owned()),
        None => Answer::Failure("timeout: the command was still running".into()),
    }
    // ANCHOR_END: task_4_5
}
