//! Chapter 2: programs in namespaces.
//!
//! In the order in which to read it, and in which it happens:
//!
//! - [`node`]: the runner splits in two; the inner half is root of a user namespace
//! - [`idmap`]: which ids exist there
//! - [`report`]: how a child tells its parent what failed
//! - [`sandbox`]: the process that holds what a pod's containers share
//! - [`container`]: a program with its own mounts and processes, in that pod
//! - [`join`], [`mounts`], [`root`], [`privileges`]: its steps, in order
//! - [`base`]: the machine's own programs as an image; [`program`]: the exec
//! - [`exec`]: one more program in a running container
//!
//! Deliberately missing: pause that reaps and a shared PID namespace (a later chapter),
//! users and capabilities of the manifest's choice, limits (a later chapter), any
//! network but loopback (a later chapter).

pub mod base;
pub mod container;
pub mod exec;
pub mod idmap;
pub mod join;
pub mod mounts;
pub mod node;
pub mod privileges;
pub mod program;
pub mod report;
pub mod root;
pub mod sandbox;

use podkit::Runner;
use podkit::runtime::Runtime;

/// The runner as of chapter 2: it starts every container of a pod once.
pub fn runner() -> Runner {
    let runtime = Runtime {
        enter_node: node::enter,
        start_sandbox: sandbox::start,
        start_container: container::start,
        shares_processes: false,
        exec: exec::start,
    };
    Runner { name: "namespaces", runtime: Some(runtime), ..grouping::runner() }
}
