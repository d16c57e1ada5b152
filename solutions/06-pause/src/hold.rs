//! The pause program: what the first process of a pod does all day.

use std::convert::Infallible;

use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use podkit::runtime::StepError;
use podkit::sys;

/// Holds the pod's namespaces until somebody asks for the end (SIGTERM, SIGINT): then the exit
/// status is 0. Collects every child that ends meanwhile.
///
/// For PID 1 the kernel has no default actions: a signal that PID 1 does not ask for never
/// arrives. So pause asks for the three it lives by: blocks them ([`SigSet::thread_block`]), and then
/// waits for the next one ([`SigSet::wait`]) without end.
pub fn hold() -> Result<Infallible, StepError> {
    // ANCHOR: task_6_1
    let mut set = SigSet::empty();
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGCHLD] {
        set.add(signal);
    }
    set.thread_block().map_err(|errno| StepError::new("block", "signals", errno))?;
    loop {
        // Those that ended before the first look are collected, too.
        collect();
        match set.wait() {
            Ok(Signal::SIGTERM | Signal::SIGINT) => sys::exit_now(0),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(StepError::new("wait for", "a signal", errno)),
        }
    }
    // ANCHOR_END: task_6_1
}

/// Collects all children that have ended, without waiting for others: signals of one kind do not
/// queue, so one SIGCHLD may stand for many children.
fn collect() {
    // ANCHOR: task_6_2
    loop {
        match waitpid(Pid::from_raw(-1), Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return,
            Err(Errno::EINTR) | Ok(_) => {}
            Err(_) => return,
        }
    }
    // ANCHOR_END: task_6_2
}
