//! Chapter 7: pods out of a directory.
//!
//! - [`listing`]: which files are manifests (task 7.1)
//! - [`identity`]: who a static pod is (tasks 7.2 and 7.3)
//! - [`sync()`]: what to start and what to end (task 7.4)
//! - [`news`]: what a change of a file means (task 7.5)
//! - [`mirror()`]: what the API is shown (task 7.6)

pub mod identity;
pub mod listing;
pub mod mirror;
pub mod news;
pub mod sync;

pub use mirror::mirror;
pub use sync::sync;

use podkit::Runner;
use podkit::runner::StaticPods;

/// The runner as of chapter 7: a kubelet for one directory.
pub fn runner() -> Runner {
    let static_pods = StaticPods {
        listing: listing::listing,
        identity: identity::static_pod,
        sync,
        events: news::events,
        update: news::update,
        mirror,
    };
    Runner { name: "static_pods", static_pods: Some(static_pods), ..pause::runner() }
}
