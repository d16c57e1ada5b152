//! The node without a pod: one piece of work as its root, on the machine's files.
//!
//! In the node files may belong to any of its users, not only to who has started the runner.

use std::io::{self, Write};

use nix::sys::signal::{SigSet, SigmaskHow, sigprocmask};
use nix::unistd::{chdir, chroot};

use super::{cannot, outside, reap};
use crate::runtime::{Entered, HOST, Node, Runtime};
use crate::sys;

/// Does `work` in a process of its own, and then `after`, whatever has ended that process but the end of the node itself.
/// Both see the machine's files as their own. Returns the exit status of the program, in both processes: what `work` has
/// returned, or 128 and the signal that has ended it.
///
/// Must run single-threaded.
pub fn as_root(runtime: Runtime, work: impl FnOnce(Node) -> u8, after: impl FnOnce()) -> u8 {
    let signals = match reap::block_signals() {
        Ok(signals) => signals,
        Err(errno) => return cannot("waiting for signals", &errno),
    };
    let node = match (runtime.enter_node)() {
        Ok(Entered::Outside(node)) => return outside::watch(node, &signals),
        Ok(Entered::Node(node)) => node,
        Err(error) => return cannot("entering the node", &error),
    };
    if let Err(errno) = chroot(HOST).and_then(|()| chdir("/")) {
        return cannot("changing to the machine's root", &errno);
    }
    // PID 1 passes over every signal that it has no handler for: so Ctrl-C would not end the work.
    match sys::clone(nix::sched::CloneFlags::empty()) {
        Err(errno) => cannot("starting a process", &errno),
        Ok(None) => {
            let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None);
            let status = work(node);
            let _ = io::stdout().flush();
            sys::exit_now(i32::from(status))
        }
        Ok(Some(child)) => {
            let exit = outside::until_end(child, &signals);
            after();
            u8::try_from(exit.code()).unwrap_or(u8::MAX)
        }
    }
}
