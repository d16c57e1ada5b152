//! A container: a program with its own mounts and its own PID namespace, in the
//! pod's shared namespaces.

use std::convert::Infallible;

use nix::sched::CloneFlags;
use nix::unistd::Pid;
use podkit::runtime::{ContainerSpec, Sandbox, StepError};

use crate::{join, mounts, privileges, program, report, root};

/// Runs in the node. Returns when the container's program has been exec'ed.
pub fn start(sandbox: &Sandbox, spec: &ContainerSpec) -> Result<Pid, StepError> {
    // What a container has for itself. It is made by the node, so it belongs to
    // the node's user namespace: root of the pod's can look, but not change it.
    start_in(CloneFlags::from_iter([CloneFlags::CLONE_NEWPID, CloneFlags::CLONE_NEWNS]), sandbox, spec)
}

/// The same with these new namespaces.
pub fn start_in(own: CloneFlags, sandbox: &Sandbox, spec: &ContainerSpec) -> Result<Pid, StepError> {
    report::child(own, || become_container(sandbox, spec), |_| Ok(()))
}

/// Runs in the child, PID 1 of its namespace.
fn become_container(sandbox: &Sandbox, spec: &ContainerSpec) -> Result<Infallible, StepError> {
    spec.place.take()?;
    privileges::hide()?;
    join::shared(sandbox)?;
    for op in mounts::plan(spec) {
        root::perform(&op, &spec.scratch)?;
    }
    root::enter(&spec.scratch)?;
    // The last step that the node's root is needed for is behind us.
    join::user(sandbox)?;
    let output = [None, Some(&spec.stdout), Some(&spec.stderr)];
    privileges::hand_over(&spec.privileges, output)?;
    privileges::give_up(&spec.privileges)?;
    program::run(&spec.argv, &spec.env, &spec.cwd, output)
}
