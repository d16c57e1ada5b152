//! The node: sets the table, runs the loop, turns the final phase into an exit status.

use std::cell::RefCell;
use std::rc::Rc;

use nix::sys::signal::Signal;
use nix::sys::signalfd::SignalFd;
use nix::unistd::{Pid, setpgid};

use super::node::{NodeLoop, PodRun};
use super::poddir::PodDir;
use super::tell::Tell;
use super::world::{Ground, RealWorld};
use super::{Options, cannot};
use crate::engine::{Engine, World};
use crate::pod::{Phase, Pod};
use crate::runner::Runner;
use crate::runtime::{Node, Runtime};
use crate::time::Clock;

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
    let clock = Clock::start(options.speed);
    let ground = Ground {
        runtime,
        probes: runner.probes,
        node,
        clock,
        infra: options.infra,
        images: runner.images,
        env: runner.env,
        volumes: runner.volumes,
        security: runner.security,
        facts: Rc::new(options.facts),
        objects: Rc::new(RefCell::new(options.objects)),
        limits: options.limits.limits(),
    };
    let limits = ground.limits.clone();
    let world = RealWorld::new(ground, dir, options.images, tell.clone());
    let mut node = NodeLoop::new(clock, signals);
    let mut run = PodRun::new(Engine::new(runner, pod, world.now()), world, tell);
    run.admit(&limits, &[]);
    node.pods.push(run);
    match to_the_end(&mut node) {
        Err(error) => cannot("running the pod", &error),
        Ok(phase) => node.asked_to_end().map_or(u8::from(phase != Phase::Succeeded), |signal| 128 + asked(signal)),
    }
}

/// Runs the node's one pod until it is over. Returns its final phase.
fn to_the_end(node: &mut NodeLoop) -> Result<Phase, String> {
    loop {
        let wake = node.turn()?;
        if let Some(over) = node.pods.iter().find(|pod| pod.engine.is_over()) {
            return Ok(over.engine.pod().status.as_ref().map_or(Phase::Unknown, |status| status.phase));
        }
        node.wait(wake, &[]);
    }
}

fn asked(signal: Signal) -> u8 {
    u8::try_from(signal as i32).unwrap_or_default()
}
