//! Chapter 6: the process that holds the pod.
//!
//! - [`hold`]: the pause program (tasks 6.1 and 6.2)
//! - [`sandbox`]: what it holds (task 6.3)
//! - [`container`]: programs that see each other (task 6.4)

pub mod container;
pub mod hold;
pub mod sandbox;

use podkit::Runner;
use podkit::runtime::Runtime;

/// The runner as of chapter 6: its pods have a pause that is worth its name.
pub fn runner() -> Runner {
    let before = init::runner();
    let runtime = before.runtime.map(|runtime| Runtime {
        start_sandbox: sandbox::start,
        start_container: container::start,
        shares_processes: true,
        ..runtime
    });
    Runner { name: "pause", runtime, ..before }
}
