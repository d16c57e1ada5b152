//! The real world: a pod as processes of this machine.
//!
//! [`run`] splits into the two processes that [`crate::runtime`] describes. The
//! outside one ([`outside`]) passes signals in and the exit status out. The
//! node ([`inside`]) runs the loop over a [`world`], which is single-threaded:
//! namespaces may only be entered by a process with one thread.

mod api;
mod background;
mod capture;
mod cgroup;
mod files;
mod hooks;
mod http_get;
mod inside;
mod kubelet;
mod limits;
mod logs;
mod look;
mod machine;
mod node;
mod outside;
mod poddir;
mod program;
mod reap;
mod tell;
mod unshare;
mod volumes;
mod work;
mod world;

use crate::environment::NodeFacts;
use crate::image::Images;
use crate::objects::Objects;
use crate::pod::Pod;
use crate::resources::asks;
use crate::runner::{Runner, StaticPods};
use crate::runtime::{Entered, Runtime};

pub use api::mirrors;
pub use background::Background;
pub use kubelet::Config;
pub use limits::Wanted;
pub use tell::Format;
pub use unshare::unshare;
pub use work::as_root;

/// How to run a pod.
pub struct Options {
    /// The pod's clock runs this many times as fast as the wall's.
    pub speed: f64,
    pub format: Format,
    /// The image of each container, by container name.
    pub images: Images,
    /// A program of the machine to run in the place of pause, and its arguments.
    pub infra: Option<Vec<String>>,
    pub facts: NodeFacts,
    /// What the pod may refer to.
    pub objects: Objects,
    pub limits: Wanted,
}

/// Runs a pod to its end. Returns the exit status of the program, in both
/// processes: the caller exits with it.
///
/// Must run single-threaded.
pub fn run(runner: &Runner, runtime: Runtime, pod: Pod, mut options: Options) -> u8 {
    let asks = asks(&pod);
    let given = match options.limits.take(asks) {
        Err(why) if options.limits.strict && asks => {
            return cannot(&format!("pod {:?} asks for resources", pod.metadata.name), &why);
        }
        given => given,
    };
    options.limits.given = given;
    // From here on signals wait in line: none is lost while the node comes up.
    let signals = match reap::block_signals() {
        Ok(signals) => signals,
        Err(errno) => return cannot("waiting for signals", &errno),
    };
    match (runtime.enter_node)() {
        Ok(Entered::Outside(node)) => options.limits.watch(node, &signals),
        Ok(Entered::Node(node)) => inside::run(runner, runtime, node, pod, options, signals),
        Err(error) => cannot("entering the node", &error),
    }
}

/// Runs the pods of a directory until a signal asks for the end.
///
/// Must run single-threaded.
pub fn kubelet(runner: &Runner, (runtime, parts): (Runtime, StaticPods), mut config: Config) -> u8 {
    let given = match config.limits.take(true) {
        Err(why) if config.limits.strict => return cannot("--strict", &why),
        given => given,
    };
    config.limits.given = given;
    let signals = match reap::block_signals() {
        Ok(signals) => signals,
        Err(errno) => return cannot("waiting for signals", &errno),
    };
    match (runtime.enter_node)() {
        Ok(Entered::Outside(node)) => config.limits.watch(node, &signals),
        Ok(Entered::Node(node)) => kubelet::run(runner, (runtime, parts), node, config, signals),
        Err(error) => cannot("entering the node", &error),
    }
}

/// Runs what commands ask for, until nothing is left of it. `config.state` must be locked by the caller (one node is
/// enough), and a cgroup for it taken before: that may start the program once more.
///
/// Must run single-threaded.
pub fn background(runner: &Runner, runtime: Runtime, config: Background) -> u8 {
    let signals = match reap::block_signals() {
        Ok(signals) => signals,
        Err(errno) => return cannot("waiting for signals", &errno),
    };
    match (runtime.enter_node)() {
        Ok(Entered::Outside(node)) => config.limits.watch(node, &signals),
        Ok(Entered::Node(node)) => background::run(runner, runtime, node, config, signals),
        Err(error) => cannot("entering the node", &error),
    }
}

/// The runner cannot do it, on this machine or in this state.
fn cannot(doing: &str, error: &dyn std::fmt::Display) -> u8 {
    eprintln!("{doing}: {error}");
    crate::cli::REFUSED
}
