//! The process outside: the command that was typed.

use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::signalfd::SignalFd;
use nix::unistd::Pid;

use super::reap;
use crate::engine::Exit;

/// Passes signals on to the node until the node ends. Returns its exit status.
pub fn watch(node: Pid, signals: &SignalFd) -> u8 {
    status(until_end(node, signals))
}

/// The same for any child; says how it has ended.
pub fn until_end(node: Pid, signals: &SignalFd) -> Exit {
    loop {
        let mut ready = [PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        // An interrupted wait only means another look.
        let _ = poll(&mut ready, PollTimeout::NONE);
        while let Some(signal) = reap::next(signals) {
            if signal != Signal::SIGCHLD {
                // A node that is gone cannot be told; its end is read below.
                let _ = kill(node, signal);
            }
        }
        while let Some((pid, exit)) = reap::ended_child() {
            if pid == node {
                return exit;
            }
        }
    }
}

fn status(exit: Exit) -> u8 {
    if let Exit::Signal(signal) = exit {
        eprintln!("the node was killed by signal {signal}, and every process of the pod with it");
    }
    u8::try_from(exit.code()).unwrap_or(u8::MAX)
}
