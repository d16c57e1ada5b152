//! Chapter 4: probes.
//!
//! The kubelet looks at containers to learn what no exit code tells: whether a program still
//! works, and whether it can be sent work. In the order in which to read it:
//!
//! - [`count()`]: what an answer counts for (task 4.1)
//! - [`gate`]: when a container has started, and who may be asked (task 4.2)
//! - [`due`]: when it is looked at (task 4.3)
//! - [`plan()`]: who is killed (task 4.4)
//! - [`exec()`], [`ask`], [`http`]: the questions, and what their answers mean (tasks 4.5 to 4.8)
//!
//! Given: [`settings`] reads the manifest's numbers, [`status()`] tells what came of it.

pub mod ask;
pub mod count;
pub mod due;
pub mod exec;
pub mod gate;
pub mod http;
pub mod plan;
pub mod settings;
pub mod status;

pub use ask::ask;
pub use count::count;
pub use exec::exec;
pub use plan::plan;
pub use status::status;

use podkit::Runner;
use podkit::runner::Probes;

/// The runner as of chapter 4: it looks at its containers.
pub fn runner() -> Runner {
    let probes = Probes { count, ask, exec };
    Runner { name: "probes", plan: Some(plan), status: Some(status), probes: Some(probes), ..lifecycle::runner() }
}
