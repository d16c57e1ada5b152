//! A sidecar that ships a log.

/// To be written.
pub fn ship() {
    // ANCHOR: task_10_6
    // STARTER: // Not yet.
    // ANCHOR_END: task_10_6
}
