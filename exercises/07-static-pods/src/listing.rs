//! The manifest directory: which of its entries are manifests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use podkit::runner::Listing;

/// The files to read, sorted by name, and each entry that is passed over, with the reason.
///
/// - A name that begins with a dot is passed over in silence: editors keep their own files there.
/// - Directories are not entered (reason `a directory`).
/// - Only regular files are read (reason `not a regular file`): reading a FIFO would never end.
/// - A symbolic link counts as what it leads to. If that cannot be found out, the error is the reason.
///
/// The extension of a name means nothing.
pub fn listing(dir: &Path) -> io::Result<Listing> {
    // ANCHOR: task_7_1
    todo!("task 7.1: Which files are manifests")
    // ANCHOR_END: task_7_1
}

/// Does its name begin with a dot? Given.
pub fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}
