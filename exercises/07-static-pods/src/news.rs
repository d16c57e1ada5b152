//! A file has changed: what the kernel is to tell, and what it means.

use nix::sys::inotify::AddWatchFlags;
use podkit::engine::{News, Store};

/// What inotify is to tell of the directory (inotify(7)):
///
/// - a file that was open for writing has been closed;
/// - a file has been moved into the directory, or out of it;
/// - a file has been made, or deleted. (To make a link is all there is to it: nothing is written or closed.)
pub fn events() -> AddWatchFlags {
    // ANCHOR: task_7_5
    // As if files were only ever written, until you have written it.
    AddWatchFlags::IN_CLOSE_WRITE
    // ANCHOR_END: task_7_5
}

/// What the news does to the pods that are wanted.
///
/// - A listing takes the place of all that was known.
/// - A good file has its new pod, and no other.
/// - A broken file keeps the pod it had, until the next listing.
/// - A file that is gone has none.
pub fn update(store: &mut Store, news: News) {
    // ANCHOR: task_7_5_b
    // Listens to the listing alone, until you have written it.
    if let News::Listing(listed) = news {
        *store = listed;
    }
    // ANCHOR_END: task_7_5_b
}
