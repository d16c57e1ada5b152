//! What happens in a directory, in the order in which it happens: inotify.

use std::path::Path;

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use crate::report::{Failure, Result};

/// A directory that is watched.
pub struct Watch(Inotify);

impl Watch {
    /// From now on.
    pub fn new(dir: &Path) -> Result<Watch> {
        let failed = |errno: nix::errno::Errno| Failure::grader(format!("watching {}: {errno}", dir.display()));
        let watch = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC).map_err(failed)?;
        let events = AddWatchFlags::IN_CREATE | AddWatchFlags::IN_DELETE | AddWatchFlags::IN_MOVE;
        watch.add_watch(dir, events).map_err(failed)?;
        Ok(Watch(watch))
    }

    /// What has happened since: `create NAME`, `delete NAME`, `from NAME` and `to NAME` of a rename.
    pub fn events(&self) -> Vec<String> {
        let mut all = Vec::new();
        while let Ok(events) = self.0.read_events() {
            for event in events {
                let words = [
                    (AddWatchFlags::IN_CREATE, "create"),
                    (AddWatchFlags::IN_DELETE, "delete"),
                    (AddWatchFlags::IN_MOVED_FROM, "from"),
                    (AddWatchFlags::IN_MOVED_TO, "to"),
                ];
                let word = words.iter().find(|(flag, _)| event.mask.contains(*flag));
                if let (Some((_, word)), Some(name)) = (word, event.name) {
                    all.push(format!("{word} {}", name.to_string_lossy()));
                }
            }
        }
        all
    }
}
