//! Signals as something to read, and children as something to collect.

use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::engine::Exit;
use crate::sys;

/// The signals that ask for an end.
pub const ENDING: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// Blocks what is to be read here instead: a blocked signal waits, even for a
/// PID 1, which would otherwise never see one that it has no handler for.
pub fn block_signals() -> Result<SignalFd, Errno> {
    sys::notice_children()?;
    let mut mask = SigSet::empty();
    ENDING.into_iter().for_each(|signal| mask.add(signal));
    mask.add(Signal::SIGCHLD);
    mask.thread_block()?;
    SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
}

/// The next signal that has come.
pub fn next(signals: &SignalFd) -> Option<Signal> {
    let info = signals.read_signal().ok().flatten()?;
    Signal::try_from(info.ssi_signo as i32).ok()
}

/// The next child that has ended, orphans of the PID namespace among them.
pub fn ended_child() -> Option<(Pid, Exit)> {
    loop {
        match waitpid(Pid::from_raw(-1), Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, code)) => return Some((pid, Exit::Code(code))),
            Ok(WaitStatus::Signaled(pid, signal, _)) => return Some((pid, Exit::Signal(signal as i32))),
            Ok(WaitStatus::StillAlive) => return None,
            // Stopped and continued are not asked for; a real-time signal number is no
            // nix Signal, but the child is collected all the same.
            Ok(_) | Err(Errno::EINTR | Errno::EINVAL) => {}
            Err(_) => return None,
        }
    }
}
