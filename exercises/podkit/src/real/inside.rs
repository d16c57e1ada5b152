//! The node: sets the table, runs the loop, turns the final phase into an exit status.

use std::cell::RefCell;
use std::rc::Rc;

use nix::sys::signal::Signal;
use nix::sys::signalfd::SignalFd;
use nix::unistd::{Pid, setpgid};

use super::poddir::PodDir;
use super::tell::Tell;
use super::world::RealWorld;
use super::{Options, cannot};
use crate::engine;
use crate::pod::{Phase, Pod};
use crate::runner::Runner;
use crate::runtime::{Node, Runtime};

/// Runs the pod; when this returns, the node's PID 1 exits and the kernel
/// ends whatever is left in its PID namespace.
pub fn run(runner: &Runner, runtime: Runtime, node: Node, pod: Pod, options: Options, signals: SignalFd) -> u8 {
    // A group of its own: Ctrl-C reaches the outside process alone, which passes it on.
    // It cannot fail for a process that leads no session.
    let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
    let dir = match PodDir::create(&pod) {
        Ok(dir) => dir,
        Err(error) => return cannot("making the pod's directory", &error),
    };
    let tell = Rc::new(RefCell::new(Tell::new(options.format, &pod)));
    let mut world = RealWorld::new((runtime, runner.probes), node, dir, signals, options, tell.clone());
    let mut publish = tell;
    let ended = engine::run(runner, pod, &mut world, &mut publish);
    match (ended, world.asked_to_end()) {
        (Err(error), _) => cannot("running the pod", &error),
        (Ok(_), Some(signal)) => 128 + asked(signal),
        (Ok(status), None) => u8::from(status.phase != Phase::Succeeded),
    }
}

fn asked(signal: Signal) -> u8 {
    u8::try_from(signal as i32).unwrap_or_default()
}
