//! Whether a path of the machine is what the pod expects.

/// To be written.
pub fn check() {
    // ANCHOR: task_10_2
    // STARTER: // Not yet.
    // ANCHOR_END: task_10_2
}
