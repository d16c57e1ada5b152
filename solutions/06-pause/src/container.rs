//! A container of a pod that may share its processes.

use std::fs::File;

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::unistd::Pid;
use podkit::runtime::{ContainerSpec, Sandbox, StepError};

/// Runs in the node. Returns when the container's program has been exec'ed.
///
/// A process stays in the PID namespace it was born in; setns only says where its children are
/// born. So for a pod that shares its processes the node joins pause's, for the length of
/// one clone, and comes back. (Chapter 2's exec does the same.)
pub fn start(sandbox: &Sandbox, spec: &ContainerSpec) -> Result<Pid, StepError> {
    // ANCHOR: task_6_4
    let mounts = CloneFlags::CLONE_NEWNS;
    if !sandbox.shares_processes {
        return namespaces::container::start_in(mounts.union(CloneFlags::CLONE_NEWPID), sandbox, spec);
    }
    let own = File::open("/proc/self/ns/pid").map_err(|error| {
        StepError::new("open", "/proc/self/ns/pid", Errno::from_raw(error.raw_os_error().unwrap_or_default()))
    })?;
    setns(&sandbox.pidfd, CloneFlags::CLONE_NEWPID)
        .map_err(|errno| StepError::new("setns", "pid of the pod", errno))?;
    let started = namespaces::container::start_in(mounts, sandbox, spec);
    setns(&own, CloneFlags::CLONE_NEWPID).map_err(|errno| StepError::new("setns", "pid of the node", errno))?;
    started
    // ANCHOR_END: task_6_4
}
