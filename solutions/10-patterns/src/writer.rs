//! All files at once.

/// To be written.
pub fn write() {
    // ANCHOR: task_10_5
    // STARTER: // Not yet.
    // ANCHOR_END: task_10_5
}
