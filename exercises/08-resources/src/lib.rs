//! Chapter 8: cpu and memory.
//!
//! - [`quantity`]: `500m` and `1Gi` (tasks 8.1 and 8.2)

pub mod quantity;

use podkit::Runner;

/// The runner as of chapter 8: what a pod may use.
pub fn runner() -> Runner {
    Runner { name: "resources", ..static_pods::runner() }
}
