//! Chapter 3: the life of a pod.

use podkit::Runner;

/// The runner as of chapter 3: it restarts containers and ends pods.
pub fn runner() -> Runner {
    Runner { name: "lifecycle", ..namespaces::runner() }
}
