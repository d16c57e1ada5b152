//! Whether a path of the machine is what the pod expects.

/// To be written.
pub fn check() {
    // ANCHOR: task_10_2
    // Not yet.
    // ANCHOR_END: task_10_2
}
