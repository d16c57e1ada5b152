//! Many pods: the files they come from, what is known of each, and what can be ordered.

use std::collections::BTreeMap;
use std::path::PathBuf;

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

/// The pods that the directory's files stand for, by file.
pub type Store = BTreeMap<PathBuf, Pod>;

// ANCHOR: news
/// What has become known of the directory.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The full listing: every file that could be read, with its pod.
    Listing(Store),
    /// This file has changed, and this is its pod now.
    Good(PathBuf, Box<Pod>),
    /// This file has changed, and holds no pod that can be read.
    Broken(PathBuf),
    /// This file is not there any more.
    Gone(PathBuf),
}
// ANCHOR_END: news
