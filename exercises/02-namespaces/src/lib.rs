//! Chapter 2: programs in namespaces.

use podkit::Runner;

/// The runner as of chapter 2: it starts every container of a pod once.
pub fn runner() -> Runner {
    Runner { name: "namespaces", ..grouping::runner() }
}
