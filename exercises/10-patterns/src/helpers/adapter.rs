//! An adapter to one format.

/// To be written.
pub fn translate() {
    // ANCHOR: task_10_8
    // Not yet.
    // ANCHOR_END: task_10_8
}
