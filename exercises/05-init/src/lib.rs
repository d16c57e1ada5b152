//! Chapter 5: what runs before, and beside.
//!
//! Init containers run one after another before the regular containers, each to its end. Sidecars
//! are init containers that run on. In the order in which to read it:
//!
//! - [`stage`]: whose turn it is (task 5.1), and when a sidecar is up (task 5.2)
//! - [`view`]: the pod as chapters 3 and 4 are to see it (task 5.2)
//! - [`finish`]: when the pod is done, and in which order it ends (tasks 5.3 and 5.4)
//! - [`sandbox`]: a new sandbox, and everything begins anew (task 5.5)
//! - [`phase`]: the pod in one word, with init containers (task 5.6)
//! - [`ready`]: who is ready, and is the pod initialized? (task 5.7)
//!
//! Given: [`plan()`] and [`status()`] put the answers together.

pub mod finish;
pub mod phase;
pub mod plan;
pub mod ready;
pub mod sandbox;
pub mod stage;
pub mod status;
pub mod view;

pub use plan::plan;
pub use status::status;

use podkit::Runner;

/// The runner as of chapter 5: init containers and sidecars run in their order.
pub fn runner() -> Runner {
    Runner { name: "init", plan: Some(plan), status: Some(status), init: true, ..probes::runner() }
}
