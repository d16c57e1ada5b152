//! Many pods: what is known of each, and what can be ordered.

use crate::pod::Pod;

// ANCHOR: known
/// A pod that the node has, whether it runs, ends or has ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub uid: String,
    /// `NAMESPACE/NAME`.
    pub full_name: String,
    /// It has been told to end.
    pub is_ending: bool,
}

/// One thing to do with a pod as a whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    Start(Box<Pod>),
    /// End the pod with this uid, with its full grace period.
    End(String),
}
// ANCHOR_END: known
