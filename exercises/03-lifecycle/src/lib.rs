//! Chapter 3: the life of a pod.
//!
//! Two pure functions. [`status()`] says what is: the pod and what has been observed
//! of it, to a PodStatus. [`plan()`] says what to do next: the same and the time, to
//! a list of actions. Neither starts a process, sends a signal or reads a clock;
//! podkit's loop does, in the real world and in the simulator alike.
//!
//! In the order in which to read it:
//!
//! - [`state`]: a container's state, and its last one (task 3.1)
//! - [`restart`]: is a container that has ended started again? (task 3.2)
//! - [`phase`]: the pod in one word (task 3.3)
//! - [`conditions`]: the pod in five questions (task 3.4)
//! - [`message`]: a container's last words (task 3.5)
//! - [`plan()`] and [`start`]: what to start, and in which order (task 3.6)
//! - [`backoff`]: when a restart is due (task 3.7)
//! - [`stop`]: how a container is ended (task 3.8)
//!
//! The rest is given: [`status()`] puts the answers together, [`policy`] reads the
//! manifest's words and times.
//!
//! Deliberately missing: probes (chapter 4), init containers and sidecars (chapter 5).
//! They wrap what is here. Image pulls too: the images are on this machine already.

pub mod backoff;
pub mod conditions;
pub mod message;
pub mod phase;
pub mod plan;
pub mod policy;
pub mod restart;
pub mod start;
pub mod state;
pub mod status;
pub mod stop;

pub use plan::plan;
pub use status::status;

use podkit::Runner;

/// The runner as of chapter 3: it restarts containers, ends pods, says how they are.
pub fn runner() -> Runner {
    Runner { name: "lifecycle", plan: Some(plan), status: Some(status), ..namespaces::runner() }
}
