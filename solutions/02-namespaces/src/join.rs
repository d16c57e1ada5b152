//! Into the pod: a container takes its place in the namespaces that pause holds.

use nix::sched::{CloneFlags, setns};
use podkit::runtime::{Sandbox, StepError};

use crate::node::step;

/// Runs in the container's process, which is root of the node: joins what the
/// pod's containers share, all but the user namespace.
pub fn shared(sandbox: &Sandbox) -> Result<(), StepError> {
    // ANCHOR: task_2_5
    // STARTER: Ok(())
    // A pidfd stands for all namespaces of its process; the flags choose.
    let shared = [CloneFlags::CLONE_NEWNET, CloneFlags::CLONE_NEWIPC, CloneFlags::CLONE_NEWUTS];
    setns(&sandbox.pidfd, CloneFlags::from_iter(shared)).map_err(step("setns", "net, ipc and uts of the pod"))
    // ANCHOR_END: task_2_5
}

/// Runs in the container's process when its root is in place. From here on it
/// is root of the pod, no longer of the node, and cannot go back.
pub fn user(sandbox: &Sandbox) -> Result<(), StepError> {
    // ANCHOR: task_2_5_b
    // STARTER: Ok(())
    setns(&sandbox.pidfd, CloneFlags::CLONE_NEWUSER).map_err(step("setns", "user of the pod"))
    // ANCHOR_END: task_2_5_b
}
