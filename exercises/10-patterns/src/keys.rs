//! Files from a ConfigMap or Secret.

/// To be written.
pub fn files() {
    // ANCHOR: task_10_3
    // Not yet.
    // ANCHOR_END: task_10_3
}
