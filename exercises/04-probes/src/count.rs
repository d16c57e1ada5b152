//! What an answer counts for.

use podkit::engine::{Answer, ProbeKind, Probing};
use podkit::pod::Probe;
use podkit::time::Time;

use crate::settings::{failure_threshold, success_threshold};

/// The memory of a probe after one more answer.
///
/// - An [`Answer::Error`] counts as nothing: the memory stays as it is.
/// - A warning is a success.
/// - The same answer as the newest is one more in a row; any other is the first of a new row.
/// - A row that is long enough (as many failures as [`failure_threshold`] says, as many successes as
///   [`success_threshold`]) becomes the `result`, with the time `now`.
/// - A result that is a failure puts a startup or liveness probe `on_hold`, since the container is
///   going to be killed, and `in_a_row` begins at 0 again.
pub fn count(kind: ProbeKind, probe: &Probe, before: &Probing, answer: &Answer, now: Time) -> Probing {
    // ANCHOR: task_4_1
    todo!("task 4.1: What an answer counts for")
    // ANCHOR_END: task_4_1
}
