//! The pause program: what the first process of a pod does all day.

use std::convert::Infallible;

use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use podkit::runtime::StepError;
use podkit::sys;

/// Holds the pod's namespaces until somebody asks for the end (SIGTERM, SIGINT): then the exit
/// status is 0. Collects the children that end meanwhile ([`collect`]).
///
/// A PID 1 gets no signal that it does not ask for: for it the kernel has no default actions. So
/// pause asks for the three that it lives by. It blocks them ([`SigSet::thread_block`]): a blocked
/// signal is kept, also for PID 1. Then it waits for the next one ([`SigSet::wait`]), again and again.
pub fn hold() -> Result<Infallible, StepError> {
    // ANCHOR: task_6_2
    // As in chapter 2, until you have written it.
    loop {
        nix::unistd::pause();
    }
    // ANCHOR_END: task_6_2
}

/// Collects all children that have ended, without waiting for the others.
///
/// A signal that is waiting already is not kept a second time, so one SIGCHLD may stand for many children.
fn collect() {
    // ANCHOR: task_6_4
    // Nobody is collected, until you have written it.
    // ANCHOR_END: task_6_4
}
