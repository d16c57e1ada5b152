//! One more program in a running container.

use std::convert::Infallible;
use std::fs::File;

use nix::sched::{CloneFlags, setns};
use nix::unistd::Pid;
use podkit::runtime::{ExecSpec, Sandbox, StepError};
use podkit::sys;

use crate::idmap::errno;
use crate::node::step;
use crate::{privileges, program, report};

/// Runs in the node. Returns when the program has been exec'ed.
pub fn start(_pod: &Sandbox, container: Pid, spec: &ExecSpec) -> Result<Pid, StepError> {
    let pidfd = sys::pidfd_open(container).map_err(step("open a pidfd of", "the container"))?;
    // setns never moves a process to another PID namespace, only its future
    // children. So it is the node that joins, for the length of one clone.
    let own =
        File::open("/proc/self/ns/pid").map_err(|error| StepError::new("open", "/proc/self/ns/pid", errno(&error)))?;
    setns(&pidfd, CloneFlags::CLONE_NEWPID).map_err(step("setns", "pid of the container"))?;
    let started = report::child(CloneFlags::empty(), || become_program(&pidfd, spec), |_| Ok(()));
    setns(&own, CloneFlags::CLONE_NEWPID).map_err(step("setns", "pid of the node"))?;
    started
}

/// Runs in the child. All other namespaces in one call: the kernel enters the
/// user namespace first, and judges the rest by what the caller was before.
fn become_program(container: &impl std::os::fd::AsFd, spec: &ExecSpec) -> Result<Infallible, StepError> {
    let flags = CloneFlags::from_iter([
        CloneFlags::CLONE_NEWUSER,
        CloneFlags::CLONE_NEWNS,
        CloneFlags::CLONE_NEWNET,
        CloneFlags::CLONE_NEWIPC,
        CloneFlags::CLONE_NEWUTS,
    ]);
    privileges::hide()?;
    setns(container, flags).map_err(step("setns", "into the container"))?;
    let fds = [spec.stdin.as_ref(), Some(&spec.stdout), Some(&spec.stderr)];
    privileges::hand_over(&spec.privileges, fds)?;
    privileges::give_up(&spec.privileges)?;
    if let Some(terminal) = spec.stdin.as_ref().filter(|_| spec.is_terminal) {
        // It leads a session since it gave up its privileges, and a session has one terminal that it gets signals from.
        sys::terminal::take(terminal).map_err(step("take", "the terminal"))?;
    }
    program::run(&spec.argv, &spec.env, &spec.cwd, fds)
}
