//! Files about the pod itself.

/// To be written.
pub fn files() {
    // ANCHOR: task_10_4
    // STARTER: // Not yet.
    // ANCHOR_END: task_10_4
}
