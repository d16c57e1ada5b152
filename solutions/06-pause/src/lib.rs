//! Chapter 6: the process that holds the pod.
//!
//! - [`sandbox`]: what it holds (task 6.1)
//! - [`hold`]: the pause program (tasks 6.2 and 6.4)
//! - [`container`]: programs that see each other (task 6.3)
//! - [`infra`]: another program in its place (task 6.5)

pub mod container;
pub mod hold;
pub mod infra;
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
