//! What the end of a probe's command means.

use podkit::engine::{Answer, Exit};

/// Exit code 0 is a success, any other a failure, with the command's output as its message (no
/// output: `exit code N`). `None`: its time was over, a failure too.
pub fn exec(exit: Option<Exit>, output: &str) -> Answer {
    // ANCHOR: task_4_5
    todo!("task 4.5: A command")
    // ANCHOR_END: task_4_5
}
