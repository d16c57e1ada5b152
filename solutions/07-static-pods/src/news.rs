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
    // STARTER: // As if files were only ever written, until you have written it.
    // STARTER: AddWatchFlags::IN_CLOSE_WRITE
    AddWatchFlags::IN_CLOSE_WRITE
        | AddWatchFlags::IN_MOVED_TO
        | AddWatchFlags::IN_MOVED_FROM
        | AddWatchFlags::IN_CREATE
        | AddWatchFlags::IN_DELETE
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
    // STARTER: // Listens to the listing alone, until you have written it.
    // STARTER: if let News::Listing(listed) = news {
    // STARTER:     *store = listed;
    // STARTER: }
    match news {
        News::Listing(listed) => *store = listed,
        News::Good(file, pod) => {
            store.insert(file, *pod);
        }
        News::Broken(_) => {}
        News::Gone(file) => {
            store.remove(&file);
        }
    }
    // ANCHOR_END: task_7_5_b
}
