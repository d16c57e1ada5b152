//! Is a container that has ended started again?

use podkit::engine::Observed;
use podkit::pod::{Container, Pod};

use crate::policy::{RestartPolicy, restart_policy};

/// By policy and exit code: Always restarts whatever the exit code, OnFailure
/// unless it was 0, Never not at all. [`restart_policy`] gives the policy.
pub fn may_restart(pod: &Pod, container: &Container, exit_code: i32) -> bool {
    // ANCHOR: task_3_2
    todo!("task 3.2: Restart or not")
    // ANCHOR_END: task_3_2
}

/// Is the pod to end? Then nothing is started any more. Given.
pub fn is_ending(seen: &Observed) -> bool {
    seen.deletion.is_some() || seen.failed.is_some()
}
