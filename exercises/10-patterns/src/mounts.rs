//! What of which volume a container sees, and where.

/// To be written.
pub fn of_container() {
    // ANCHOR: task_10_1
    // Not yet.
    // ANCHOR_END: task_10_1
}
