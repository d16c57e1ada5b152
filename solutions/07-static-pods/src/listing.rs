//! The manifest directory: which of its entries are manifests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use podkit::runner::Listing;

/// The files to read, sorted by name, and each entry that is passed over, with the reason.
///
/// - A name that begins with a dot is passed over in silence: editors keep their own files there.
/// - Directories are not entered ("a directory").
/// - Only regular files are read ("not a regular file"): a FIFO would never end.
/// - A symbolic link counts as what it leads to; if that cannot be found out, the error is the reason.
pub fn listing(dir: &Path) -> io::Result<Listing> {
    // ANCHOR: task_7_4
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.retain(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")));
    entries.sort();
    let mut listing = Listing::default();
    for path in entries {
        let why = match fs::metadata(&path) {
            Ok(about) if about.is_file() => {
                listing.manifests.push(path);
                continue;
            }
            Ok(about) if about.is_dir() => "a directory".to_owned(),
            Ok(_) => "not a regular file".to_owned(),
            Err(error) => error.to_string(),
        };
        listing.passed_over.push((path, why));
    }
    Ok(listing)
    // ANCHOR_END: task_7_4
}
