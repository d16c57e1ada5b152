//! Chapter 7: pods out of a directory.
//!
//! - [`identity`]: who a static pod is, and its mirror (tasks 7.1 and 7.2)
//! - [`sync()`]: what to start and what to end (task 7.3)
//! - [`listing`]: which files are manifests (task 7.4)

pub mod identity;
pub mod listing;
pub mod sync;

pub use sync::sync;

use podkit::Runner;
use podkit::runner::StaticPods;

/// The runner as of chapter 7: a kubelet for one directory.
pub fn runner() -> Runner {
    let static_pods =
        StaticPods { listing: listing::listing, identity: identity::static_pod, mirror: identity::mirror, sync };
    Runner { name: "static_pods", static_pods: Some(static_pods), ..pause::runner() }
}
