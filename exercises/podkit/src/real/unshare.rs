//! The node without a pod: one command in it, to look around.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::mount::{MsFlags, mount};
use nix::sys::signalfd::SignalFd;
use nix::unistd::{Pid, chroot};

use super::{cannot, outside, reap};
use crate::runtime::{Entered, HOST, Runtime};

/// Runs a command as root of the node, in the machine's own root directory
/// with the node's /proc over it. Returns its exit status.
///
/// Must run single-threaded.
pub fn unshare(runtime: Runtime, command: &[String]) -> u8 {
    let signals = match reap::block_signals() {
        Ok(signals) => signals,
        Err(errno) => return cannot("waiting for signals", &errno),
    };
    let cwd = std::env::current_dir().unwrap_or_else(|_| "/".into());
    match (runtime.enter_node)() {
        Ok(Entered::Outside(node)) => outside::watch(node, &signals),
        Ok(Entered::Node(_)) => inside(command, &cwd, &signals),
        Err(error) => cannot("entering the node", &error),
    }
}

/// PID 1 of the node: starts the command, passes signals on, collects orphans.
fn inside(command: &[String], cwd: &Path, signals: &SignalFd) -> u8 {
    let Some((program, args)) = command.split_first() else { return crate::cli::REFUSED };
    let none = None::<&str>;
    let proc = format!("{HOST}/proc");
    if let Err(errno) = mount(Some("/proc"), proc.as_str(), none, MsFlags::MS_BIND, none) {
        return cannot("showing the node's /proc", &errno);
    }
    if let Err(errno) = chroot(HOST) {
        return cannot("changing to the machine's root", &errno);
    }
    match Command::new(program).arg0(program).args(args).current_dir(cwd).spawn() {
        Ok(child) => outside::watch(Pid::from_raw(child.id().cast_signed()), signals),
        Err(error) => cannot(&format!("starting {program}"), &error),
    }
}
